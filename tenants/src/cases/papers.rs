//! The papers of a case: which are needed, which are here, and taking one in.
//!
//! A paper counts as received only when its bytes are in the store under their own hash and the row says so; the bytes go first, so a crash
//! leaves at most an object that nothing points to.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use platform::db::TenantTx;
use platform::http::problem::Problem;
use uuid::Uuid;

use super::case::CaseFile;
use super::envelope::EnvelopeMaterial;
use super::event::{EventDraft, EventKind};
use super::lifecycle::{Doer, Effects, Refusal};
use super::store;
use super::words::{Custody, State};
use crate::catalogue::choose::{MaterialNeed, Need, material_needs};
use crate::catalogue::matter::Matter;
use crate::materials::inspect::Inspected;

/// Versions of one paper that a case may hold; more is a mistake at the scanner.
pub const VERSIONS_MAX: i32 = 30;
/// Papers of this source are made from the application itself and need no scan.
pub const SYSTEM_MADE: &str = "系统生成";

/// Where the bytes of a paper lie: per tenant, by content.
pub fn blob_key(tenant_id: i64, sha256: &str) -> String {
    format!("{tenant_id}/{sha256}")
}

pub fn needs(case: &CaseFile, matter: &Matter) -> Vec<MaterialNeed> {
    material_needs(matter, &case.body.situations, case.body.by_proxy)
}

pub fn is_system_made(need: &MaterialNeed) -> bool {
    need.material.source.starts_with(SYSTEM_MADE)
}

/// Names of the papers without which the case cannot be filed.
pub fn missing(case: &CaseFile, matter: &Matter, here: &[EnvelopeMaterial]) -> Vec<String> {
    needs(case, matter)
        .iter()
        .filter(|need| need.needed == Need::Required && !is_system_made(need))
        .filter(|need| !here.iter().any(|material| material.material_code == need.material.code))
        .map(|need| need.material.name.clone())
        .collect()
}

/// The newest version of each paper, by its code.
pub fn newest_versions(here: &[EnvelopeMaterial]) -> BTreeMap<String, i32> {
    let mut newest = BTreeMap::new();
    for material in here {
        let version_no = newest.entry(material.material_code.clone()).or_default();
        *version_no = material.version_no.max(*version_no);
    }
    newest
}

/// Names of what the notice asked for and is not here in a version newer than those that the notice was about.
pub fn missing_of_correction(case: &CaseFile, matter: &Matter, here: &[EnvelopeMaterial]) -> Vec<String> {
    let Some(correction) = &case.body.correction else { return Vec::new() };
    correction
        .items
        .iter()
        .filter(|item| !item.material_code.is_empty())
        .filter(|item| {
            let known = correction.versions_before.get(&item.material_code).copied().unwrap_or_default();
            !here.iter().any(|material| material.material_code == item.material_code && material.version_no > known)
        })
        .map(|item| matter.find_material(&item.material_code).map_or_else(|| item.material_code.clone(), |material| material.name.clone()))
        .collect()
}

/// A paper as it came in.
pub struct Incoming {
    pub material_code: String,
    pub file_name: String,
    pub original_seen: bool,
    pub inspected: Inspected,
    pub sha256: String,
    pub size_bytes: i64,
}

/// Whether a paper may be added now; asked before the bytes are stored, and again in the transaction.
pub fn may_add(case: &CaseFile, matter: &Matter, material_code: &str) -> Result<(), Problem> {
    let Some(need) = needs(case, matter).into_iter().find(|need| need.material.code == material_code) else {
        return Err(Problem::invalid_field("material_code", "这个事项没有这份材料，请从材料清单里选"));
    };
    if need.needed == Need::Internal {
        return Err(Problem::invalid_field("material_code", format!("“{}”由部门之间核验，不向申请人收", need.material.name)));
    }
    Ok(takes_papers(case)?)
}

/// Whether the case, where it is and as it stands, takes papers at all.
pub fn takes_papers(case: &CaseFile) -> Result<(), Refusal> {
    match case.custody {
        Custody::Held => {}
        Custody::Closed => return Err(Refusal::Closed),
        Custody::InTransit | Custody::Away => return Err(Refusal::NotHeld),
    }
    if !matches!(case.state, State::Draft | State::Received | State::Correcting | State::Accepted) {
        return Err(Refusal::WrongState { state: case.state.label(), act: "收材料" });
    }
    Ok(())
}

/// Records a paper whose bytes are stored. The case must be unchanged since `version`.
pub fn record(tx: &mut TenantTx<'_>, case: &mut CaseFile, incoming: &Incoming, by: &Doer, at: DateTime<Utc>) -> Result<Effects, Problem> {
    let here = store::list_materials(tx, case.case_id)?;
    let version_no = 1 + here
        .iter()
        .filter(|material| material.material_code == incoming.material_code)
        .map(|material| material.version_no)
        .max()
        .unwrap_or(0);
    if version_no > VERSIONS_MAX {
        return Err(Problem::invalid_field("material_code", format!("同一份材料最多传 {VERSIONS_MAX} 次")));
    }
    let row = EnvelopeMaterial {
        material_code: incoming.material_code.clone(),
        version_no,
        file_name: incoming.file_name.clone(),
        media_type: incoming.inspected.media_type.to_owned(),
        size_bytes: incoming.size_bytes,
        pages: incoming.inspected.pages,
        sha256: incoming.sha256.clone(),
        original_seen: incoming.original_seen,
        added_by: by.name.clone(),
        added_in: tx.tenant_id,
        added_at: at,
    };
    store::insert_materials(tx, case.case_id, std::slice::from_ref(&row))?;
    let mut effects = Effects::default();
    // A draft has no history yet; its papers enter the chain with the filing.
    if case.state != State::Draft {
        let draft = EventDraft::of(EventKind::MaterialAdded, case, by, format!("材料 {} 第 {version_no} 版", row.material_code));
        effects.events.push(draft.with_fact("sha256", row.sha256.clone()));
    }
    Ok(effects)
}

/// Takes a paper out of a draft again. What was filed stays in the file for ever, so this is for drafts only; the bytes stay in the store, where
/// another paper may be the same content.
pub fn remove(tx: &mut TenantTx<'_>, case: &CaseFile, material_code: &str, version_no: i32) -> Result<Effects, Problem> {
    if case.state != State::Draft {
        return Err(Refusal::WrongState { state: case.state.label(), act: "去掉材料" }.into());
    }
    if store::delete_material(tx, case.case_id, material_code, version_no)? { Ok(Effects::default()) } else { Err(Problem::not_found()) }
}

/// One version of a paper, if this tenant's file has it.
pub fn find_version(
    tx: &mut TenantTx<'_>,
    case_id: Uuid,
    material_code: &str,
    version_no: i32,
) -> Result<Option<EnvelopeMaterial>, Problem> {
    Ok(store::list_materials(tx, case_id)?
        .into_iter()
        .find(|material| material.material_code == material_code && material.version_no == version_no))
}
