//! 受理 and 不予受理.

use actix_web::{post, web};
use platform::http::problem::Problem;
use platform::permit::Permit;
use uuid::Uuid;

use super::act::{VersionOnly, WithReasons, act, check_text};
use super::actions::{AcceptCase, RefuseAcceptance};
use super::lifecycle;
use super::view::CaseView;
use crate::context::SharedContext;

#[utoipa::path(operation_id = "accept_case", tag = "cases", request_body = VersionOnly,
    responses((status = 200, body = CaseView), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/api/v1/cases/{case_id}/actions/accept")]
pub async fn accept_case(
    context: SharedContext,
    permit: Permit<AcceptCase>,
    path: web::Path<Uuid>,
    body: web::Json<VersionOnly>,
) -> Result<web::Json<CaseView>, Problem> {
    let acted = act(&context, permit, path.into_inner(), body.version, lifecycle::accept).await?;
    Ok(web::Json(acted.answer(&context).await?))
}

#[utoipa::path(operation_id = "refuse_acceptance", tag = "cases", request_body = WithReasons,
    responses((status = 200, body = CaseView), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/api/v1/cases/{case_id}/actions/refuse_acceptance")]
pub async fn refuse_acceptance(
    context: SharedContext,
    permit: Permit<RefuseAcceptance>,
    path: web::Path<Uuid>,
    body: web::Json<WithReasons>,
) -> Result<web::Json<CaseView>, Problem> {
    let WithReasons { version, reasons } = body.into_inner();
    check_text("reasons", &reasons)?;
    let acted =
        act(&context, permit, path.into_inner(), version, move |case, doer| lifecycle::refuse_acceptance(case, doer, &reasons)).await?;
    Ok(web::Json(acted.answer(&context).await?))
}
