//! A problem as a page, for people. Programs keep getting problem+json: the API, and whoever does not ask for HTML.

use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{Error, FromRequest, HttpRequest, HttpResponse, ResponseError};
use platform::http::problem::Problem;
use platform::permit::Permit;

use super::actions::ReadProblem;
use super::chrome::{Chrome, Link};
use super::pages_error::ErrorPage;
use super::reply::{go_to, own_page_with};
use super::{paths, visitor};
use crate::context::{Context, SharedContext};

/// Addresses that belong to programs, or to the console, which shows problems itself.
const FOR_PROGRAMS: [&str; 3] = ["/api/", "/console", "/health/"];

/// Middleware.
pub async fn as_pages(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let for_people = is_for_people(&request);
    let response = next.call(request).await?;
    let problem = response.response().extensions().get::<Problem>().cloned();
    let Some(problem) = problem.filter(|_| for_people) else { return Ok(response.map_into_left_body()) };
    let (request, _) = response.into_parts();
    let page = page_of(&request, &problem).await.unwrap_or_else(|failed| failed.error_response());
    Ok(ServiceResponse::new(request, page).map_into_right_body())
}

fn is_for_people(request: &ServiceRequest) -> bool {
    let accepts = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepts.contains("text/html") && !FOR_PROGRAMS.iter().any(|prefix| request.path().starts_with(prefix))
}

async fn page_of(request: &HttpRequest, problem: &Problem) -> Result<HttpResponse, Problem> {
    if problem.status == StatusCode::UNAUTHORIZED.as_u16() {
        return Ok(go_to(&paths::sign_in(&came_from(request))));
    }
    let context = request.app_data::<SharedContext>().ok_or_else(|| problem.clone())?;
    let chrome = chrome(context, request).await?;
    let page = error_page(chrome, request.path(), problem);
    let mut response = own_page_with(StatusCode::from_u16(page.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), &page)?;
    if let Some(seconds) = problem.retry_after_seconds {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    Ok(response)
}

/// With the session where it can be read; an error page must not fail because of it.
async fn chrome(context: &Context, request: &HttpRequest) -> Result<Chrome, Problem> {
    let mut chrome = match Permit::<ReadProblem>::from_request(request, &mut Payload::None).await {
        Ok(permit) => visitor::chrome(context, request, &permit).await?,
        Err(_) => visitor::chrome_of_nobody(context, request).await?,
    };
    chrome.here = came_from(request);
    Ok(chrome)
}

/// The page to go back to: this one, or the one whose form was posted.
fn came_from(request: &HttpRequest) -> String {
    if request.method() == Method::GET {
        return request.uri().path_and_query().map_or_else(|| paths::HOME.to_owned(), ToString::to_string);
    }
    let referrer = request.headers().get(header::REFERER).and_then(|value| value.to_str().ok());
    let inside = referrer.and_then(|address| url::Url::parse(address).ok()).map(|address| {
        let query = address.query().map(|query| format!("?{query}")).unwrap_or_default();
        format!("{}{query}", address.path())
    });
    inside.filter(|path| paths::is_inside(path)).unwrap_or_else(|| paths::MY.to_owned())
}

fn error_page(chrome: Chrome, path: &str, problem: &Problem) -> ErrorPage {
    match (problem.status, problem.code) {
        (403, "csrf" | "cross_site") => ErrorPage::form_expired(chrome),
        (403, _) => ErrorPage::forbidden(chrome),
        (404, _) => ErrorPage::not_found(chrome),
        (409, "stale_version") => ErrorPage::changed_meanwhile(chrome, &case_address(path)),
        (429, _) => ErrorPage::too_many(chrome, &wait_words(problem.retry_after_seconds.unwrap_or(60))),
        (500, _) => ErrorPage::server_error(chrome, None),
        (status, _) => {
            let back = Link { words: "回到刚才的地方".to_owned(), address: case_address(path) };
            ErrorPage::of_problem(chrome, status, problem.title, problem.detail.clone(), back)
        }
    }
}

/// The page of the case or draft that an address is about, else the front page.
fn case_address(path: &str) -> String {
    let mut parts = path.trim_start_matches('/').split('/');
    match (parts.next(), parts.next()) {
        (Some("cases"), Some(case_id)) => paths::case(case_id),
        (Some("drafts"), Some(case_id)) => paths::draft_materials(case_id),
        _ => paths::HOME.to_owned(),
    }
}

fn wait_words(seconds: u64) -> String {
    if seconds < 60 { format!("{seconds} 秒") } else { format!("{} 分钟", seconds.div_ceil(60)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_is_the_page_of_the_case() {
        assert_eq!(case_address("/cases/17/withdraw"), "/cases/17");
        assert_eq!(case_address("/drafts/17/submit"), "/drafts/17/materials");
        assert_eq!(case_address("/follow"), "/");
        assert_eq!(wait_words(61), "2 分钟");
    }
}
