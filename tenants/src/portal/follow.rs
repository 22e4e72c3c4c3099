//! 办到哪儿了, without an account: number and secret of the receipt. A wrong number and a wrong secret are answered alike, after the same work,
//! and both are counted before anything is looked up.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use platform::crypto::equal_in_constant_time;
use platform::http::problem::Problem;
use platform::limit::{FOLLOW_FROM_ADDRESS, FOLLOW_OF_CASE};
use platform::permit::Permit;
use serde::Deserialize;

use super::forms::FieldError;
use super::input::{Input, Posted};
use super::limits::{address_of, go_on};
use super::pages_case::FollowPage;
use super::reply::{own_page, own_page_with};
use super::{case_page, own_cases, visitor};
use crate::cases::actions::FollowCase;
use crate::cases::case::CaseFile;
use crate::cases::file::secret_index_of;
use crate::cases::store;
use crate::context::{Context, SharedContext};
use crate::divisions::case_number::{CaseNumber, half_width};

/// Longest secret that is looked at, in characters; ours have eight, people write spaces between them.
pub const SECRET_MAX_CHARACTERS: usize = 30;
const MISMATCH: &str = "编号和密码对不上，请看着回执再填一次";

#[derive(Deserialize)]
pub struct FollowQuery {
    /// From the front page, or from the QR code of a receipt.
    #[serde(default)]
    case_no: String,
}

#[get("/follow")]
pub async fn ask_for_receipt(
    context: SharedContext,
    permit: Permit<FollowCase>,
    request: HttpRequest,
    query: web::Query<FollowQuery>,
) -> Result<HttpResponse, Problem> {
    let case_no = query.into_inner().case_no;
    let errors = match (case_no.is_empty(), CaseNumber::parse(&case_no)) {
        (false, Err(error)) => vec![FieldError::new("case_no", error.to_string())],
        _ => Vec::new(),
    };
    let chrome = visitor::chrome(&context, &request, &permit).await?;
    own_page(&FollowPage { chrome, case_no, secret: String::new(), errors })
}

#[post("/follow")]
pub async fn follow_case(
    context: SharedContext,
    permit: Permit<FollowCase>,
    request: HttpRequest,
    posted: Posted,
) -> Result<HttpResponse, Problem> {
    let input = Input::of(posted);
    if permit.citizen().is_ok() {
        permit.check_form_token(input.text("csrf"))?;
    }
    let case_no = input.text("case_no").to_owned();
    let secret: String = half_width(input.text("secret")).chars().filter(char::is_ascii_alphanumeric).take(SECRET_MAX_CHARACTERS).collect();
    go_on(context.limits.hit("follow_from", &address_of(&request), FOLLOW_FROM_ADDRESS).await)?;
    let error = match CaseNumber::parse(&case_no) {
        // The check digit tells slips of the pen apart before anything is looked up; it says nothing about which numbers exist.
        Err(error) => FieldError::new("case_no", error.to_string()),
        Ok(number) => {
            go_on(context.limits.hit("follow_of", &number.digits(), FOLLOW_OF_CASE).await)?;
            match find(&context, number, &secret).await? {
                Some(case) => {
                    let opened = own_cases::open(&context, case).await?;
                    let chrome = visitor::chrome(&context, &request, &permit).await?;
                    return own_page(&case_page::page(&context, chrome, &opened, false));
                }
                None => FieldError::new("secret", MISMATCH),
            }
        }
    };
    let chrome = visitor::chrome(&context, &request, &permit).await?;
    // The secret is not written into the page again: over somebody's shoulder it could be read there.
    let page = FollowPage { chrome, case_no, secret: String::new(), errors: vec![error] };
    own_page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

async fn find(context: &Context, number: CaseNumber, secret: &str) -> Result<Option<CaseFile>, Problem> {
    let digits = number.digits();
    let index = secret_index_of(context, &digits, secret);
    let case = context.db.tenant(number.origin().value(), move |tx| store::find_by_number(tx, &digits)).await?;
    let known = case.as_ref().and_then(|case| case.secret_index.clone()).unwrap_or_else(|| vec![0; index.len()]);
    Ok(case.filter(|_| equal_in_constant_time(&index, &known)))
}
