//! 送达: the result is told and handed over, station by station, until the applicant has it.

use actix_web::{post, web};
use platform::http::problem::Problem;
use platform::permit::Permit;
use uuid::Uuid;

use super::act::{VersionOnly, act, check_text};
use super::actions::DeliverCase;
use super::lifecycle;
use super::view::CaseView;
use crate::context::SharedContext;

#[utoipa::path(operation_id = "deliver_case", tag = "cases", request_body = VersionOnly,
    responses((status = 200, body = CaseView), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/api/v1/cases/{case_id}/actions/deliver")]
pub async fn deliver_case(
    context: SharedContext,
    permit: Permit<DeliverCase>,
    path: web::Path<Uuid>,
    body: web::Json<VersionOnly>,
) -> Result<web::Json<CaseView>, Problem> {
    let VersionOnly { version, note } = body.into_inner();
    check_text("note", &note)?;
    let acted = act(&context, permit, path.into_inner(), version, move |case, doer| lifecycle::deliver(case, doer, &note)).await?;
    Ok(web::Json(acted.answer(&context).await?))
}
