//! The frame of every act on a case: load, check version and authority, apply the pure rule, set the dates, save, record. One transaction.

use chrono::{DateTime, Utc};
use platform::actor::{Actor, Staff};
use platform::audit;
use platform::db::TenantTx;
use platform::http::problem::Problem;
use platform::permit::{Action, Basis, Permit};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::case::CaseFile;
use super::deadlines;
use super::draft;
use super::envelope::EnvelopeMaterial;
use super::lifecycle::{Doer, Effects, Refusal};
use super::store;
use super::view::CaseView;
use super::words::{Custody, State};
use crate::catalogue::matter::StepRole;
use crate::context::{Context, SharedContext};

/// Longest opinion, reason or note, in characters.
pub const TEXT_MAX_CHARACTERS: usize = 2_000;

/// Body of acts that need no more than the version that the page was made from.
#[derive(Debug, Deserialize, ToSchema)]
pub struct VersionOnly {
    pub version: i32,
    #[serde(default)]
    pub note: String,
}

/// Body of acts that need reasons.
#[derive(Debug, Deserialize, ToSchema)]
pub struct WithReasons {
    pub version: i32,
    #[serde(default)]
    pub reasons: String,
}

/// A case after an act, with what its answer needs.
pub struct Acted<A: Action> {
    pub case: CaseFile,
    pub materials: Vec<EnvelopeMaterial>,
    pub permit: Permit<A>,
}

impl<A: Action> Acted<A> {
    /// The view of the case with the buttons of the one who acted.
    pub async fn answer(&self, context: &Context) -> Result<CaseView, Problem> {
        draft::answer(context, &self.permit, &self.case, &self.materials).await
    }
}

/// Does a staff act whose rule needs nothing but the file.
pub async fn act<A: Action>(
    context: &SharedContext,
    permit: Permit<A>,
    case_id: Uuid,
    version: i32,
    rule: impl FnOnce(&mut CaseFile, &Doer) -> Result<Effects, Refusal> + Send + 'static,
) -> Result<Acted<A>, Problem> {
    act_in(context, permit, case_id, version, move |_, case, doer, _| Ok(rule(case, doer)?)).await
}

/// The same for rules that also read or write in the transaction, or need the basis on which the act is allowed.
pub async fn act_in<A: Action>(
    context: &SharedContext,
    permit: Permit<A>,
    case_id: Uuid,
    version: i32,
    rule: impl FnOnce(&mut TenantTx<'_>, &mut CaseFile, &Doer, &Basis) -> Result<Effects, Problem> + Send + 'static,
) -> Result<Acted<A>, Problem> {
    let tenant_id = permit.staff()?.tenant_id;
    let shared = context.clone();
    let done = context
        .db
        .tenant(tenant_id, move |tx| {
            let at = shared.now();
            let mut case = store::get(tx, case_id)?;
            draft::visible(&permit, &case)?;
            if case.version != version {
                return Err(Problem::stale_version());
            }
            let basis = authorize(&permit, &case, at)?;
            let was_custodian = case.custody == Custody::Held;
            let mut effects = rule(tx, &mut case, &Doer::of(permit.actor(), at), &basis)?;
            deadlines::schedule(&mut case, &shared.calendar);
            let object = format!("case {case_id}");
            effects.entry = Some(audit::entry(tenant_id, at, permit.actor(), A::NAME, &object, "done", &basis.to_string()));
            let materials = store::save(tx, &shared.keys, Some(version), was_custodian, &mut case, effects, at)?;
            Ok::<_, Problem>(Acted { case, materials, permit })
        })
        .await?;
    context.announcer.announce();
    Ok(done)
}

/// Acts that belong to the step under way: only its department and its kind of post may do them.
const STEP_ACTIONS: &[&str] = &[
    "case.hand_on",
    "case.accept",
    "case.refuse_acceptance",
    "case.ask_correction",
    "case.review",
    "case.decide",
    "case.decide_at_once",
    "case.deliver",
    "case.send_back",
];

/// The three walls before the database's: the draft's maker, the step's post, casbin.
pub fn authorize<A: Action>(permit: &Permit<A>, case: &CaseFile, at: DateTime<Utc>) -> Result<Basis, Problem> {
    may_act(permit, permit.staff()?, case, A::NAME).map_err(Problem::forbidden)?;
    let owner = power_owner(case, A::NAME);
    permit.grants(&case.basic_code, owner, at)
}

/// The same question for any action, in words for a button: nothing when it may be done, else why not.
pub fn why_not<A: Action>(permit: &Permit<A>, case: &CaseFile, action: &'static str, at: DateTime<Utc>) -> Option<String> {
    let Actor::Staff(staff) = permit.actor() else { return Some("请先登录".to_owned()) };
    if let Err(reason) = may_act(permit, staff, case, action) {
        return Some(reason);
    }
    if permit.would_allow(action, &case.basic_code, power_owner(case, action), at) {
        return None;
    }
    Some(if power_owner(case, action) == case.tenant_id {
        format!("{}这个岗位没有这项权限", staff.title)
    } else {
        "这项权力属于上级机关，现在没有有效的委托".to_owned()
    })
}

/// The power used is the step's owner's for acts of the step, and the tenant's own for everything else.
fn power_owner(case: &CaseFile, action: &str) -> i64 {
    // Elsewhere, the step under way is another tenant's; that the case is not here is for the rules to say.
    if case.custody != Custody::Held {
        return case.tenant_id;
    }
    match action {
        "case.review" | "case.decide" => case.step().power_owner_id,
        "case.decide_at_once" => case.decide_at_once_step().map_or(case.tenant_id, |index| case.body.route[index].power_owner_id),
        _ => case.tenant_id,
    }
}

fn may_act<A: Action>(_: &Permit<A>, staff: &Staff, case: &CaseFile, action: &str) -> Result<(), String> {
    if case.state == State::Draft && case.body.created_by != Some(staff.post_id) {
        return Err("草稿只有填写它的人能改".to_owned());
    }
    if !STEP_ACTIONS.contains(&action) || case.custody != Custody::Held {
        return Ok(());
    }
    let step = case.step();
    if step.tenant_id != staff.tenant_id {
        return Err(format!("这一步由{}办理", step.holder()));
    }
    if step.department_code != staff.department_code {
        return Err(format!("这一步由{}办理，您在别的部门", step.department_name));
    }
    // Every step is done by its kind of post; a case is received and prepared by whoever runs the counter.
    if role_name(step.role) != staff.role {
        return Err(format!("这一步由{}的{}办理", step.department_name, role_label(step.role)));
    }
    Ok(())
}

pub fn role_name(role: StepRole) -> &'static str {
    match role {
        StepRole::Agent => "agent",
        StepRole::VillageHead => "village_head",
        StepRole::WindowClerk => "window_clerk",
        StepRole::Reviewer => "reviewer",
        StepRole::Decider => "decider",
    }
}

pub fn role_label(role: StepRole) -> &'static str {
    match role {
        StepRole::Agent => "代办员",
        StepRole::VillageHead => "村集体负责人",
        StepRole::WindowClerk => "窗口人员",
        StepRole::Reviewer => "审查人员",
        StepRole::Decider => "决定人",
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        let code = match &refusal {
            Refusal::NotHeld => "not_held",
            Refusal::Closed => "closed",
            Refusal::WrongStep { .. } => "wrong_step",
            Refusal::WrongState { .. } => "wrong_state",
            Refusal::MissingMaterials { .. } => "missing_materials",
            Refusal::CorrectedOnceAlready => "corrected_once_already",
            Refusal::NothingToCorrect => return Problem::invalid_field("items", refusal.to_string()),
            Refusal::ReasonsMissing => return Problem::invalid_field("reasons", refusal.to_string()),
            Refusal::NotInstant => "not_instant",
            Refusal::DecidedElsewhere => "decided_elsewhere",
            Refusal::DecidedAlready => "decided_already",
            Refusal::OldEpoch { .. } => "old_epoch",
        };
        Problem::conflict(code, refusal.to_string())
    }
}

/// Refuses texts that are longer than a person writes.
pub fn check_text(field: &str, text: &str) -> Result<(), Problem> {
    if text.chars().count() > TEXT_MAX_CHARACTERS {
        return Err(Problem::invalid_field(field, format!("最多写 {TEXT_MAX_CHARACTERS} 个字，请写短一些")));
    }
    Ok(())
}
