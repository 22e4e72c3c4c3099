//! 一次性告知 and 补正: one notice that lists everything, and its answer.

use actix_web::{post, web};
use platform::http::problem::{FieldError, Problem};
use platform::permit::Permit;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::act::{VersionOnly, act_in, check_text};
use super::actions::{AskCorrection, SupplyCorrection};
use super::case::CorrectionItem;
use super::file::matter_of;
use super::lifecycle;
use super::papers;
use super::store;
use super::view::CaseView;
use crate::catalogue::matter::{Matter, Necessity};
use crate::context::SharedContext;

/// Lines that one notice may have.
pub const NOTICE_ITEMS_MAX: usize = 30;

#[derive(Debug, Deserialize, ToSchema)]
pub struct Notice {
    pub version: i32,
    /// Everything that is missing or wrong. `material_code` may be empty where it is not about a paper.
    #[serde(default)]
    pub items: Vec<CorrectionItem>,
}

#[utoipa::path(operation_id = "ask_correction", tag = "cases", request_body = Notice,
    responses((status = 200, body = CaseView), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/api/v1/cases/{case_id}/actions/ask_correction")]
pub async fn ask_correction(
    context: SharedContext,
    permit: Permit<AskCorrection>,
    path: web::Path<Uuid>,
    body: web::Json<Notice>,
) -> Result<web::Json<CaseView>, Problem> {
    let case_id = path.into_inner();
    let Notice { version, items } = body.into_inner();
    let matter = matter_of(&context, &permit, case_id).await?;
    check_items(&matter, &items)?;
    let acted = act_in(&context, permit, case_id, version, move |tx, case, doer, _| {
        let here = store::list_materials(tx, case.case_id)?;
        Ok(lifecycle::ask_correction(case, doer, items, papers::newest_versions(&here))?)
    })
    .await?;
    Ok(web::Json(acted.answer(&context).await?))
}

#[utoipa::path(operation_id = "supply_correction", tag = "cases", request_body = VersionOnly,
    responses((status = 200, body = CaseView), (status = 404, body = Problem), (status = 409, body = Problem)))]
#[post("/api/v1/cases/{case_id}/actions/supply_correction")]
pub async fn supply_correction(
    context: SharedContext,
    permit: Permit<SupplyCorrection>,
    path: web::Path<Uuid>,
    body: web::Json<VersionOnly>,
) -> Result<web::Json<CaseView>, Problem> {
    let case_id = path.into_inner();
    let matter = matter_of(&context, &permit, case_id).await?;
    let acted = act_in(&context, permit, case_id, body.version, move |tx, case, doer, _| {
        let here = store::list_materials(tx, case.case_id)?;
        let missing = papers::missing_of_correction(case, &matter, &here);
        Ok(lifecycle::supply_correction(case, doer, missing)?)
    })
    .await?;
    Ok(web::Json(acted.answer(&context).await?))
}

fn check_items(matter: &Matter, items: &[CorrectionItem]) -> Result<(), Problem> {
    if items.len() > NOTICE_ITEMS_MAX {
        return Err(Problem::invalid_field("items", format!("一份告知最多列 {NOTICE_ITEMS_MAX} 项")));
    }
    let mut errors = Vec::new();
    for (index, item) in items.iter().enumerate() {
        check_text(&format!("items.{index}.message"), &item.message)?;
        if item.material_code.is_empty() {
            continue;
        }
        let message = match matter.find_material(&item.material_code) {
            None => "这个事项没有这份材料，请从材料清单里选".to_owned(),
            Some(material) if material.necessity == Necessity::Internal => format!("“{}”由部门之间核验，不能向申请人要", material.name),
            Some(_) => continue,
        };
        errors.push(FieldError { field: format!("items.{index}.material_code"), message });
    }
    if errors.is_empty() { Ok(()) } else { Err(Problem::invalid(errors)) }
}
