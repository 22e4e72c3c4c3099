//! Signing out ends the session itself, not only the cookie.

use actix_web::{HttpResponse, post};
use platform::actor::Citizen;
use platform::http::problem::Problem;
use platform::permit::Permit;

use super::actions::SignOut;
use super::input::{Input, Posted};
use super::paths;
use super::reply::go_to;
use super::sign_in_code::{session_cookie, store_down};
use crate::context::SharedContext;

#[post("/sign-out")]
pub async fn sign_out(context: SharedContext, permit: Permit<SignOut>, posted: Posted) -> Result<HttpResponse, Problem> {
    permit.check_form_token(Input::of(posted).text("csrf"))?;
    if let Some(token) = permit.session_token() {
        context.sessions.destroy::<Citizen>(token).await.map_err(|error| store_down(&error))?;
    }
    let mut gone = session_cookie(&context, "");
    gone.make_removal();
    let mut response = go_to(paths::HOME);
    response.add_cookie(&gone).map_err(|error| Problem::internal(&error))?;
    Ok(response)
}
