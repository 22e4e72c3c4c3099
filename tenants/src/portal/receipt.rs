//! The citizen's receipt, on the screen and for the printer. The secret stands on it for a while after filing, out of a sealed cookie.

use actix_web::{HttpRequest, HttpResponse, get, web};
use platform::http::problem::Problem;
use platform::permit::Permit;
use uuid::Uuid;

use super::own_cases::{get_own, open};
use super::pages_receipt::ReceiptPage;
use super::receipt_facts::{facts, print_page};
use super::reply::own_page;
use super::ticket::{self, Purpose};
use super::visitor;
use crate::cases::actions::ReadOwnCase;
use crate::context::{Context, SharedContext};
use crate::people::telephone::Telephone;

pub const RECEIPT_COOKIE: &str = "zt_receipt";

pub fn ticket_of(case_id: &Uuid) -> Purpose<'_> {
    Purpose { name: "ticket.receipt", of: case_id.as_bytes() }
}

#[get("/cases/{case_id}/receipt")]
pub async fn show_receipt(
    context: SharedContext,
    permit: Permit<ReadOwnCase>,
    request: HttpRequest,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let opened = open(&context, get_own(&context, permit.citizen()?, *path).await?).await?;
    let telephone = Telephone::parse(&opened.private.applicant.telephone).ok().filter(Telephone::is_mobile);
    own_page(&ReceiptPage {
        chrome: visitor::chrome(&context, &request, &permit).await?,
        facts: facts(&context, &opened, secret_in(&context, &request, &path)).ok_or_else(Problem::not_found)?,
        telephone_words: telephone.map(|telephone| format!("尾号 {} ", telephone.tail())),
    })
}

#[get("/cases/{case_id}/receipt/print")]
pub async fn print_receipt(
    context: SharedContext,
    permit: Permit<ReadOwnCase>,
    request: HttpRequest,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let opened = open(&context, get_own(&context, permit.citizen()?, *path).await?).await?;
    own_page(&print_page(&context, &opened, secret_in(&context, &request, &path))?)
}

fn secret_in(context: &Context, request: &HttpRequest, case_id: &Uuid) -> Option<String> {
    let cookie = request.cookie(RECEIPT_COOKIE)?;
    ticket::read(&context.keys, ticket_of(case_id), cookie.value(), context.now())
}
