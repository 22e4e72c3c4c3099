//! 收件: a draft becomes a case with a number, a receipt and the secret by which its progress can be followed.

use actix_web::{post, web};
use chrono::Datelike;
use platform::crypto;
use platform::db::TenantTx;
use platform::http::problem::Problem;
use platform::permit::Permit;
use uuid::Uuid;

use super::act::{VersionOnly, act_in};
use super::actions::FileCase;
use super::case::CaseFile;
use super::lifecycle::{self, Doer, Effects};
use super::papers;
use super::store;
use super::view::CaseView;
use crate::catalogue::matter::Matter;
use crate::clock::china_time::in_china;
use crate::context::{Context, SharedContext};
use crate::divisions::case_number::CaseNumber;
use crate::divisions::code::DivisionCode;

/// Characters of the secret on the receipt; with the tries allowed for one number it cannot be guessed.
pub const RECEIPT_SECRET_CHARACTERS: usize = 8;

#[utoipa::path(operation_id = "file_case", tag = "cases", request_body = VersionOnly,
    responses((status = 200, body = CaseView), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/api/v1/cases/{case_id}/actions/file")]
pub async fn file_case(
    context: SharedContext,
    permit: Permit<FileCase>,
    path: web::Path<Uuid>,
    body: web::Json<VersionOnly>,
) -> Result<web::Json<CaseView>, Problem> {
    let case_id = path.into_inner();
    let secret = crypto::random_secret(RECEIPT_SECRET_CHARACTERS);
    let (shared, given) = (context.clone(), secret.clone());
    let acted = act_in(&context, permit, case_id, body.version, move |tx, case, doer, _| {
        let matter = shared.directory.get_version_in(tx.conn, &case.basic_code, case.matter_version)?;
        file_in(tx, &shared, case, &matter, &given, doer)
    })
    .await?;
    let mut view = acted.answer(&context).await?;
    view.receipt_secret = Some(secret);
    Ok(web::Json(view))
}

/// Files a draft inside the caller's transaction; the portal files its citizens' drafts by the same rule.
pub fn file_in(
    tx: &mut TenantTx<'_>,
    context: &Context,
    case: &mut CaseFile,
    matter: &Matter,
    secret: &str,
    doer: &Doer,
) -> Result<Effects, Problem> {
    let here = store::list_materials(tx, case.case_id)?;
    let missing = papers::missing(case, matter, &here);
    let year = in_china(doer.at).year();
    // A refused filing must not use up a number: the counter is asked for only when nothing is missing.
    let number = if missing.is_empty() && case.case_no.is_none() {
        let sequence = u32::try_from(store::next_number(tx, year)?).unwrap_or_default();
        let origin = DivisionCode::new(case.tenant_id).map_err(|error| Problem::internal(&error))?;
        CaseNumber::new(origin, year, sequence).map_err(|error| Problem::internal(&error))?.digits()
    } else {
        String::new()
    };
    let secret_index = secret_index_of(context, &number, secret);
    Ok(lifecycle::file(case, number, secret_index, missing, doer)?)
}

/// The stored form of a receipt's secret: keyed, and bound to its number.
pub fn secret_index_of(context: &Context, case_no: &str, secret: &str) -> Vec<u8> {
    context.keys.index("receipt", &format!("{case_no}|{}", secret.trim().to_uppercase())).to_vec()
}

/// The matter of a case, read before the act's transaction.
pub async fn matter_of<A: platform::permit::Action>(
    context: &Context,
    permit: &Permit<A>,
    case_id: Uuid,
) -> Result<std::sync::Arc<Matter>, Problem> {
    let tenant_id = permit.staff()?.tenant_id;
    let case = context.db.tenant(tenant_id, move |tx| store::get(tx, case_id)).await?;
    super::draft::visible(permit, &case)?;
    context.directory.get_version(&case.basic_code, case.matter_version).await
}
