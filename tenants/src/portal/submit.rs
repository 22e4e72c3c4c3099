//! 网上申请, last step: the draft is filed, by the same rule as at a counter. Sending it twice files it once and gives the same receipt.

use actix_web::cookie::time::Duration as CookieDuration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::{HttpResponse, get, post, web};
use chrono::Duration;
use platform::crypto;
use platform::http::problem::Problem;
use platform::permit::Permit;
use uuid::Uuid;

use super::input::{Input, Posted};
use super::own_cases::{act_on_own, get_own};
use super::paths;
use super::receipt::{RECEIPT_COOKIE, ticket_of};
use super::reply::go_to;
use super::ticket;
use crate::cases::actions::FileOwnCase;
use crate::cases::case::CaseFile;
use crate::cases::file::{RECEIPT_SECRET_CHARACTERS, file_in, secret_index_of};
use crate::cases::words::State;
use crate::context::{Context, SharedContext};

/// The secret can be looked at again, and printed, for this long after filing; then only its digest is left.
pub const SECRET_SHOWN_MINUTES: i64 = 30;
/// A key of a page of ours is a UUID; what is shorter could be guessed, and with it the secret.
const KEY_MIN_CHARACTERS: usize = 32;
const SECRET_PURPOSE: &str = "receipt-secret";

/// There is no such page by itself.
#[get("/drafts/{case_id}/submit")]
pub async fn back_to_check(_permit: Permit<FileOwnCase>, path: web::Path<Uuid>) -> HttpResponse {
    go_to(&paths::draft_check(&path.to_string()))
}

#[post("/drafts/{case_id}/submit")]
pub async fn submit_draft(
    context: SharedContext,
    permit: Permit<FileOwnCase>,
    path: web::Path<Uuid>,
    posted: Posted,
) -> Result<HttpResponse, Problem> {
    let input = Input::of(posted);
    permit.check_form_token(input.text("csrf"))?;
    let version = input.version()?;
    let case = get_own(&context, permit.citizen()?, *path).await?;
    let secret = secret_of(&context, case.case_id, input.text("idempotency_key"));
    if case.state != State::Draft {
        return receipt(&context, &case, &secret);
    }
    let matter = context.directory.get_version(&case.basic_code, case.matter_version).await?;
    let (shared, given) = (context.clone(), secret.clone());
    let filed = act_on_own(&context, &permit, &case, version, move |tx, case, doer| {
        if case.state != State::Draft {
            return Err(Problem::stale_version());
        }
        file_in(tx, &shared, case, &matter, &given, doer)
    })
    .await;
    match filed {
        Ok(case) => receipt(&context, &case, &secret),
        // The page that led here says what is missing.
        Err(problem) if problem.code == "missing_materials" => Ok(go_to(&paths::draft_check(&case.case_id.to_string()))),
        Err(problem) if problem.code == "stale_version" => {
            // The same form a moment ago? Then this is its answer too.
            let now = get_own(&context, permit.citizen()?, case.case_id).await?;
            if now.state == State::Draft { Err(problem) } else { receipt(&context, &now, &secret) }
        }
        Err(problem) => Err(problem),
    }
}

/// The way to the receipt; with the secret, if this sending made it.
fn receipt(context: &Context, case: &CaseFile, secret: &str) -> Result<HttpResponse, Problem> {
    let case_id = case.case_id.to_string();
    let address = paths::case_receipt(&case_id);
    let mut response = go_to(&address);
    let index = secret_index_of(context, case.case_no.as_deref().unwrap_or_default(), secret);
    if !crypto::equal_in_constant_time(&index, case.secret_index.as_deref().unwrap_or_default()) {
        return Ok(response);
    }
    let life = Duration::minutes(SECRET_SHOWN_MINUTES);
    let sealed = ticket::write(&context.keys, ticket_of(&case.case_id), &secret, context.now(), life);
    let cookie = Cookie::build(RECEIPT_COOKIE, sealed.map_err(|error| Problem::internal(&error))?)
        .path(address)
        .max_age(CookieDuration::minutes(SECRET_SHOWN_MINUTES))
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(context.public_url.starts_with("https://"))
        .finish();
    response.add_cookie(&cookie).map_err(|error| Problem::internal(&error))?;
    Ok(response)
}

/// Made from the key of the page, so that a second sending of the same page, whose first answer was lost, tells the same secret. It is stored
/// nowhere; without the key of the page it cannot be made again.
fn secret_of(context: &Context, case_id: Uuid, idempotency_key: &str) -> String {
    if idempotency_key.len() < KEY_MIN_CHARACTERS {
        return crypto::random_secret(RECEIPT_SECRET_CHARACTERS);
    }
    let digest = crypto::hmac_sm3(&context.keys.key_for(SECRET_PURPOSE), &[case_id.as_bytes(), idempotency_key.as_bytes()]);
    crypto::secret_of_digest(&digest, RECEIPT_SECRET_CHARACTERS)
}
