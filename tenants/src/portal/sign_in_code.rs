//! Signing in, second page: the code. The right one makes a session; identity number and telephone together are the citizen, so that a
//! neighbour who knows the number but has another telephone is somebody else and sees nothing.

use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use platform::actor::Citizen;
use platform::http::problem::Problem;
use platform::permit::{CITIZEN_COOKIE, Permit};
use platform::session::{CITIZEN_IDLE, SessionError};
use serde::Deserialize;

use super::actions::SignIn;
use super::citizens::{self, Profile};
use super::forms::FieldError;
use super::input::{Input, Posted};
use super::pages_sign_in::SignInPage;
use super::paths;
use super::reply::{go_to, own_page_with};
use super::sign_in::{TICKET, code_page, code_subject, empty_page, send_code};
use super::ticket;
use super::visitor::{self, way_back};
use crate::cases::submit::citizen_id_of;
use crate::context::{Context, SharedContext};
use crate::people::person_name::PersonName;

#[derive(Deserialize)]
pub struct BackQuery {
    #[serde(default)]
    back: String,
}

/// There is no such page by itself; whoever reloads begins again.
#[get("/sign-in/code")]
pub async fn begin_again(_permit: Permit<SignIn>, query: web::Query<BackQuery>) -> HttpResponse {
    go_to(&paths::sign_in(way_back(&query.back)))
}

#[post("/sign-in/code")]
pub async fn confirm_code(
    context: SharedContext,
    permit: Permit<SignIn>,
    request: HttpRequest,
    posted: Posted,
) -> Result<HttpResponse, Problem> {
    let input = Input::of(posted);
    let back = way_back(input.text("back"));
    let chrome = visitor::chrome(&context, &request, &permit).await?;
    let Some(profile) = ticket::read::<Profile>(&context.keys, TICKET, input.text("ticket"), context.now()) else {
        let over = vec![FieldError::new("", "页面放得太久，请再填一次")];
        return own_page_with(StatusCode::UNPROCESSABLE_ENTITY, &SignInPage { errors: over, ..empty_page(chrome, back) });
    };
    if input.has("again") {
        let told = send_code(&context, &request, &profile).await?;
        return own_page_with(StatusCode::OK, &code_page(&context, chrome, back, &profile, told)?);
    }
    let code: String = crate::divisions::case_number::half_width(input.text("code")).chars().filter(|one| !one.is_whitespace()).collect();
    if !context.codes.confirm(&code_subject(&profile), &code).await.map_err(|error| unavailable(&error))? {
        let wrong = vec![FieldError::new("code", "验证码不对或者过期了，请看看最近一条短信，或者再发一次")];
        return own_page_with(StatusCode::UNPROCESSABLE_ENTITY, &code_page(&context, chrome, back, &profile, wrong)?);
    }
    let citizen_id = citizen_id_of(&context.keys, &profile.identity_number, &profile.telephone);
    let name_masked = PersonName::parse(&profile.name).map(|name| name.masked()).unwrap_or_default();
    if !citizens::welcome(&context, citizen_id, profile).await? {
        tracing::info!("a sign-in was refused: another name is known");
        let refused = vec![FieldError::new("", "姓名、身份证号和手机号对不上，请核对以后再试。还是不行的话，请带身份证到窗口更正")];
        return own_page_with(StatusCode::UNPROCESSABLE_ENTITY, &SignInPage { errors: refused, ..empty_page(chrome, back) });
    }
    begin_session(&context, &permit, Citizen { citizen_id, name_masked }, back).await
}

async fn begin_session(context: &Context, permit: &Permit<SignIn>, citizen: Citizen, back: &str) -> Result<HttpResponse, Problem> {
    // Somebody else's session in this browser ends here, it is not only forgotten.
    if let Some(former) = permit.session_token() {
        context.sessions.destroy::<Citizen>(former).await.map_err(|error| store_down(&error))?;
    }
    let token = context.sessions.create(&citizen, CITIZEN_IDLE).await.map_err(|error| store_down(&error))?;
    let mut response = go_to(back);
    response.add_cookie(&session_cookie(context, token.as_str())).map_err(|error| Problem::internal(&error))?;
    Ok(response)
}

/// The citizen's cookie; Lax, so that a link in a letter finds its reader signed in.
pub fn session_cookie<'c>(context: &Context, token: &str) -> Cookie<'c> {
    Cookie::build(CITIZEN_COOKIE, token.to_owned())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(context.public_url.starts_with("https://"))
        .finish()
}

pub fn store_down(error: &SessionError) -> Problem {
    unavailable(error)
}

fn unavailable(error: &dyn std::fmt::Display) -> Problem {
    tracing::warn!(%error, "the session store cannot be reached");
    Problem::unavailable()
}
