//! 提交回执 for the counter: the page that the console prints. The secret is in the answer to filing and nowhere else, so that the console sends it
//! back in a body, never in an address: addresses are logged.

use actix_web::{HttpResponse, get, post, web};
use platform::crypto;
use platform::http::problem::Problem;
use platform::limit::FOLLOW_OF_CASE;
use platform::permit::{Action, Permit};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::limits::go_on;
use super::own_cases::{self, Opened};
use super::receipt_facts::print_page;
use super::reply::own_page;
use crate::cases::actions::ReadCase;
use crate::cases::draft::visible;
use crate::cases::file::secret_index_of;
use crate::cases::store;
use crate::context::{Context, SharedContext};

#[derive(Debug, Deserialize, ToSchema)]
pub struct ReceiptSecret {
    /// As in the answer to filing.
    pub secret: String,
}

/// The receipt as a page for A5 paper, without the secret.
#[utoipa::path(operation_id = "get_receipt", tag = "cases",
    responses((status = 200, content_type = "text/html", body = String), (status = 404, body = Problem)))]
#[get("/api/v1/cases/{case_id}/receipt")]
pub async fn get_receipt(context: SharedContext, permit: Permit<ReadCase>, path: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    let opened = open_filed(&context, &permit, *path).await?;
    own_page(&print_page(&context, &opened, None)?)
}

/// The receipt with the secret on it, right after filing.
#[utoipa::path(operation_id = "print_receipt", tag = "cases", request_body = ReceiptSecret,
    responses((status = 200, content_type = "text/html", body = String), (status = 404, body = Problem), (status = 422, body = Problem), (status = 429, body = Problem)))]
#[post("/api/v1/cases/{case_id}/receipt")]
pub async fn print_receipt(
    context: SharedContext,
    permit: Permit<ReadCase>,
    path: web::Path<Uuid>,
    body: web::Json<ReceiptSecret>,
) -> Result<HttpResponse, Problem> {
    let opened = open_filed(&context, &permit, *path).await?;
    let case_no = opened.case.case_no.clone().unwrap_or_default();
    // Otherwise an officer could find the secret out by trying.
    go_on(context.limits.hit("receipt_of", &case_no, FOLLOW_OF_CASE).await)?;
    let index = secret_index_of(&context, &case_no, &body.secret);
    if !crypto::equal_in_constant_time(&index, opened.case.secret_index.as_deref().unwrap_or_default()) {
        return Err(Problem::invalid_field("secret", "查询密码和这个办件对不上；它只在收件的时候给出一次"));
    }
    own_page(&print_page(&context, &opened, Some(body.into_inner().secret.trim().to_uppercase()))?)
}

async fn open_filed<A: Action>(context: &Context, permit: &Permit<A>, case_id: Uuid) -> Result<Opened, Problem> {
    let tenant_id = permit.staff()?.tenant_id;
    let case = context.db.tenant(tenant_id, move |tx| store::get(tx, case_id)).await?;
    visible(permit, &case)?;
    own_cases::open(context, case).await
}
