//! 审查: a step is passed with an opinion.

use actix_web::{post, web};
use platform::http::problem::Problem;
use platform::permit::Permit;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::act::{act, check_text};
use super::actions::ReviewCase;
use super::lifecycle;
use super::view::CaseView;
use crate::context::SharedContext;

#[derive(Debug, Deserialize, ToSchema)]
pub struct Review {
    pub version: i32,
    #[serde(default)]
    pub opinion: String,
}

#[utoipa::path(operation_id = "review_case", tag = "cases", request_body = Review,
    responses((status = 200, body = CaseView), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/api/v1/cases/{case_id}/actions/review")]
pub async fn review_case(
    context: SharedContext,
    permit: Permit<ReviewCase>,
    path: web::Path<Uuid>,
    body: web::Json<Review>,
) -> Result<web::Json<CaseView>, Problem> {
    let Review { version, opinion } = body.into_inner();
    check_text("opinion", &opinion)?;
    if opinion.trim().is_empty() {
        return Err(Problem::invalid_field("opinion", "请写审查意见，下一步的人要看"));
    }
    let acted = act(&context, permit, path.into_inner(), version, move |case, doer| lifecycle::review(case, doer, &opinion)).await?;
    Ok(web::Json(acted.answer(&context).await?))
}
