//! Cross-site requests are refused before anything else: a state-changing request must come from our own pages.
//!
//! Browsers say where a request comes from (`Sec-Fetch-Site`, `Origin`); programs say neither and carry no cookies of a browser. The tokens
//! against forgery (header for the API, hidden field for forms) are checked besides.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{Error, ResponseError};

use super::problem::Problem;

/// Middleware. The refusal is an answer like any other, so that what surrounds this can show it in its own way.
pub async fn refuse_cross_site(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    if request.method().is_safe() || same_site(&request) {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    let problem = Problem::new(StatusCode::FORBIDDEN, "cross_site", "请求来自别的网站", "请从本网站的页面操作。");
    Ok(request.into_response(problem.error_response()).map_into_right_body())
}

fn same_site(request: &ServiceRequest) -> bool {
    if let Some(site) = request.headers().get("sec-fetch-site") {
        return matches!(site.as_bytes(), b"same-origin" | b"none");
    }
    match request.headers().get(header::ORIGIN).and_then(|value| value.to_str().ok()) {
        None => true,
        Some(origin) => {
            let host = request.connection_info().host().to_owned();
            origin.split_once("://").is_some_and(|(_, origin_host)| origin_host == host)
        }
    }
}
