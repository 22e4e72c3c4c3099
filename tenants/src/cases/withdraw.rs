//! 撤回 by the applicant's side, 退件 by the office's.

use actix_web::{post, web};
use platform::http::problem::Problem;
use platform::permit::Permit;
use uuid::Uuid;

use super::act::{WithReasons, act, check_text};
use super::actions::{SendBackCase, WithdrawCase};
use super::lifecycle;
use super::view::CaseView;
use crate::context::SharedContext;

/// Where the case is elsewhere, this is a request to whoever holds it.
#[utoipa::path(operation_id = "withdraw_case", tag = "cases", request_body = WithReasons,
    responses((status = 200, body = CaseView), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/api/v1/cases/{case_id}/actions/withdraw")]
pub async fn withdraw_case(
    context: SharedContext,
    permit: Permit<WithdrawCase>,
    path: web::Path<Uuid>,
    body: web::Json<WithReasons>,
) -> Result<web::Json<CaseView>, Problem> {
    let WithReasons { version, reasons } = body.into_inner();
    check_text("reasons", &reasons)?;
    let acted = act(&context, permit, path.into_inner(), version, move |case, doer| lifecycle::withdraw(case, doer, &reasons)).await?;
    Ok(web::Json(acted.answer(&context).await?))
}

#[utoipa::path(operation_id = "send_back_case", tag = "cases", request_body = WithReasons,
    responses((status = 200, body = CaseView), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/api/v1/cases/{case_id}/actions/send_back")]
pub async fn send_back_case(
    context: SharedContext,
    permit: Permit<SendBackCase>,
    path: web::Path<Uuid>,
    body: web::Json<WithReasons>,
) -> Result<web::Json<CaseView>, Problem> {
    let WithReasons { version, reasons } = body.into_inner();
    check_text("reasons", &reasons)?;
    let acted = act(&context, permit, path.into_inner(), version, move |case, doer| lifecycle::send_back(case, doer, &reasons)).await?;
    Ok(web::Json(acted.answer(&context).await?))
}
