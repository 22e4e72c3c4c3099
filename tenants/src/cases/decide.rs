//! 决定, and 即办 where acceptance and decision are one act at the window.

use actix_web::{post, web};
use platform::db::TenantTx;
use platform::http::problem::Problem;
use platform::permit::{Action, Basis, Permit};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::act::{act_in, check_text};
use super::actions::{DecideAtOnce, DecideCase};
use super::case::CaseFile;
use super::lifecycle::{self, DecisionInput, Doer, Effects, Refusal};
use super::view::CaseView;
use super::words::Outcome;
use crate::catalogue::matter::Matter;
use crate::context::SharedContext;

pub const RESULT_NUMBER_MAX_CHARACTERS: usize = 60;

#[derive(Debug, Deserialize, ToSchema)]
pub struct DecisionRequest {
    pub version: i32,
    /// `granted` or `refused`.
    pub outcome: String,
    /// Grounds; for a refusal the reasons that the applicant is told.
    #[serde(default)]
    pub opinion: String,
    /// Number of the document that is issued, if it has one.
    #[serde(default)]
    pub result_number: Option<String>,
}

#[utoipa::path(operation_id = "decide_case", tag = "cases", request_body = DecisionRequest,
    responses((status = 200, body = CaseView), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/api/v1/cases/{case_id}/actions/decide")]
pub async fn decide_case(
    context: SharedContext,
    permit: Permit<DecideCase>,
    path: web::Path<Uuid>,
    body: web::Json<DecisionRequest>,
) -> Result<web::Json<CaseView>, Problem> {
    decide_by(context, permit, path.into_inner(), body.into_inner(), lifecycle::decide).await
}

#[utoipa::path(operation_id = "decide_at_once", tag = "cases", request_body = DecisionRequest,
    responses((status = 200, body = CaseView), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/api/v1/cases/{case_id}/actions/decide_at_once")]
pub async fn decide_at_once(
    context: SharedContext,
    permit: Permit<DecideAtOnce>,
    path: web::Path<Uuid>,
    body: web::Json<DecisionRequest>,
) -> Result<web::Json<CaseView>, Problem> {
    decide_by(context, permit, path.into_inner(), body.into_inner(), lifecycle::decide_at_once).await
}

async fn decide_by<A: Action>(
    context: SharedContext,
    permit: Permit<A>,
    case_id: Uuid,
    request: DecisionRequest,
    rule: fn(&mut CaseFile, &Doer, DecisionInput) -> Result<Effects, Refusal>,
) -> Result<web::Json<CaseView>, Problem> {
    let outcome = check(&request)?;
    let version = request.version;
    // Authority may have changed since the permit was read; a decision asks again inside its own transaction.
    let (current, shared) = (permit.policy_check(), context.clone());
    let acted = act_in(&context, permit, case_id, version, move |tx: &mut TenantTx<'_>, case, doer, basis| {
        current(tx)?;
        let matter = shared.directory.get_version_in(tx.conn, &case.basic_code, case.matter_version)?;
        Ok(rule(case, doer, input_of(request, outcome, &matter, basis))?)
    })
    .await?;
    Ok(web::Json(acted.answer(&context).await?))
}

fn check(request: &DecisionRequest) -> Result<Outcome, Problem> {
    check_text("opinion", &request.opinion)?;
    if request.result_number.as_deref().is_some_and(|number| number.chars().count() > RESULT_NUMBER_MAX_CHARACTERS) {
        return Err(Problem::invalid_field("result_number", format!("文号最多 {RESULT_NUMBER_MAX_CHARACTERS} 个字")));
    }
    match request.outcome.as_str() {
        "granted" => Ok(Outcome::Granted),
        "refused" if request.opinion.trim().is_empty() => Err(Problem::invalid_field("opinion", "不予决定要说明理由，申请人会看到")),
        "refused" => Ok(Outcome::Refused),
        _ => Err(Problem::invalid_field("outcome", "请选准予或者不予")),
    }
}

fn input_of(request: DecisionRequest, outcome: Outcome, matter: &Matter, basis: &Basis) -> DecisionInput {
    let result_name = matter.results.first().map_or_else(|| "决定书".to_owned(), |result| result.name.clone());
    let delegation = match basis {
        Basis::Delegation { delegation_id, .. } => Some(format!("委托第 {delegation_id} 号")),
        Basis::Role { .. } => None,
    };
    let result_number = request.result_number.map(|number| number.trim().to_owned()).filter(|number| !number.is_empty());
    DecisionInput { outcome, opinion: request.opinion, result_name, result_number, delegation }
}
