//! A case as a page shows it: everything in words, personal data masked, each button with its reason.

pub mod buttons;
pub mod private;

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Utc};
use platform::http::problem::Problem;
use platform::permit::{Action, Permit};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::act::why_not;
use super::actions::PrepareCase;
use super::case::{CaseFile, CorrectionItem, Private};
use super::deadlines;
use super::envelope::EnvelopeMaterial;
use super::papers;
use super::relay::{Marks, Position, Relay};
use super::route::{self, RouteStop};
use super::submit::{ApplicantInput, MemberInput};
use super::words::{Bucket, Channel, Custody, State};
use crate::catalogue::choose::Need;
use crate::catalogue::matter::{Matter, Necessity, StepKind};
use crate::clock::china_time::in_china;
use crate::clock::light::Light;
use crate::clock::limit::Limit;
use crate::clock::words;
use crate::context::Context;
use private::{draft_view, mask_identity, mask_name, masked_applicant, masked_form};

#[derive(Debug, Serialize, ToSchema)]
pub struct CaseView {
    pub id: Uuid,
    pub case_no: Option<String>,
    pub version: i32,
    pub state: State,
    pub state_label: String,
    pub outcome: Option<String>,
    pub outcome_label: Option<String>,
    pub bucket: Bucket,
    pub custody: Custody,
    pub channel: Channel,
    pub matter: MatterRef,
    pub situations: Vec<SituationRef>,
    pub applicant: ApplicantView,
    pub members: Vec<MemberView>,
    pub form: Vec<FormValue>,
    pub agent: Option<AgentView>,
    pub origin: TenantRef,
    pub materials: Vec<MaterialView>,
    pub step: Option<StepView>,
    pub lights: Lights,
    pub relay: Relay,
    pub timeline: Vec<TimelineStop>,
    pub actions: Vec<ActionView>,
    pub correction: Option<CorrectionView>,
    pub decision: Option<DecisionView>,
    pub opinions: Vec<OpinionView>,
    pub closing_reasons: Option<String>,
    pub withdrawal_asked: Option<String>,
    pub archived: bool,
    /// True when this post may add papers now; the page offers the way to add them only then.
    pub may_add_materials: bool,
    /// Only for the maker of a draft, who typed it: the draft as it was given, so that it can be changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draft: Option<DraftView>,
    /// Only in the answer to filing, once; it is stored as a keyed digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt_secret: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct MatterRef {
    pub basic_code: String,
    pub name: String,
    pub short_name: String,
    pub project_type: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SituationRef {
    pub code: String,
    pub title: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ApplicantView {
    pub kind: String,
    pub name: String,
    pub identity_number: String,
    pub telephone: String,
    pub address: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct MemberView {
    pub name: String,
    pub identity_number: String,
    pub relation: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FormValue {
    pub code: String,
    pub label: String,
    /// As it is read.
    pub value: String,
    /// As it was given, but masked where `value` is.
    pub raw: String,
}

/// What [`MatterRef`] and the masked parts of a view leave out.
#[derive(Debug, Serialize, ToSchema)]
pub struct DraftView {
    pub applicant: ApplicantInput,
    pub members: Vec<MemberInput>,
    pub form: BTreeMap<String, String>,
    pub by_proxy: bool,
    pub proxy_basis: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct AgentView {
    pub name: String,
    pub basis: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TenantRef {
    pub tenant_id: i64,
    pub name: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MaterialView {
    pub code: String,
    pub name: String,
    pub necessity: Necessity,
    pub necessity_label: String,
    pub note: String,
    /// `received`, `missing`, `tolerated`, `internal`, `not_needed`, `system_made`
    pub status: String,
    pub files: Vec<FileView>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FileView {
    pub version_no: i32,
    pub file_name: String,
    pub media_type: String,
    pub size_bytes: i64,
    pub pages: i32,
    pub sha256: String,
    pub added_at: DateTime<Utc>,
    pub added_words: String,
    pub added_by: String,
    pub original_seen: bool,
    pub url: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct StepView {
    pub code: String,
    pub name: String,
    pub kind: StepKind,
    pub department_name: String,
    pub opinion_label: String,
    pub budget_words: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Lights {
    pub step: Light,
    pub whole: Light,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TimelineStop {
    pub place: String,
    pub level: u8,
    /// `done`, `now`, `coming`, `next`
    pub state: String,
    pub at_words: Option<String>,
    pub detail: String,
    pub due_words: Option<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ActionView {
    pub action: &'static str,
    pub label: String,
    pub primary: bool,
    pub allowed: bool,
    pub why: Option<String>,
    pub way_out: Option<String>,
    pub basis: Vec<String>,
    /// Names of the inputs that the act takes.
    pub fields: Vec<&'static str>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct CorrectionView {
    pub notice_items: Vec<CorrectionItem>,
    pub asked_at_words: String,
    pub supplied: bool,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DecisionView {
    pub outcome: String,
    pub outcome_label: String,
    pub opinion: String,
    pub result_name: String,
    pub result_number: Option<String>,
    pub decided_at_words: String,
    pub decided_by: String,
    pub delegation: Option<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OpinionView {
    pub step_name: String,
    pub holder: String,
    pub by: String,
    pub at_words: String,
    pub text: String,
}

/// What a view is made from.
pub struct Sources<'a> {
    pub case: &'a CaseFile,
    pub private: &'a Private,
    pub materials: &'a [EnvelopeMaterial],
    pub matter: &'a Matter,
    pub now: DateTime<Utc>,
}

pub fn staff_view<A: Action>(context: &Context, permit: &Permit<A>, sources: &Sources<'_>) -> Result<CaseView, Problem> {
    let mut view = build(context, sources);
    view.actions = buttons::actions(permit, sources);
    let prepares = why_not(permit, sources.case, PrepareCase::NAME, sources.now).is_none();
    view.may_add_materials = prepares && papers::takes_papers(sources.case).is_ok();
    // Whoever else asks for a draft has been told before that it is not there.
    view.draft = (sources.case.state == State::Draft).then(|| draft_view(sources));
    Ok(view)
}

/// Without buttons; for pages that bring their own.
pub fn build(context: &Context, sources: &Sources<'_>) -> CaseView {
    let Sources { case, private, matter, now, .. } = sources;
    let (step_light, whole_light) = deadlines::lights(case, &context.calendar, *now);
    CaseView {
        id: case.case_id,
        case_no: case.case_no.clone(),
        version: case.version,
        state: case.state,
        state_label: state_words(case),
        outcome: case.outcome.map(|outcome| outcome.as_str().to_owned()),
        outcome_label: case.outcome.map(|outcome| outcome.label().to_owned()),
        bucket: case.bucket(),
        custody: case.custody,
        channel: case.channel,
        matter: MatterRef {
            basic_code: case.basic_code.clone(),
            name: case.body.matter_name.clone(),
            short_name: case.body.matter_short_name.clone(),
            project_type: if case.body.instant { "instant" } else { "promised" }.to_owned(),
        },
        situations: case
            .body
            .situations
            .iter()
            .map(|code| SituationRef {
                code: code.clone(),
                title: matter.find_situation(code).map_or_else(|| code.clone(), |situation| situation.title.clone()),
            })
            .collect(),
        applicant: masked_applicant(private),
        members: private
            .members
            .iter()
            .map(|member| MemberView {
                name: mask_name(&member.name),
                identity_number: mask_identity(&member.identity_number),
                relation: member.relation.clone(),
            })
            .collect(),
        form: masked_form(matter, private),
        agent: case.body.agent.as_ref().map(|agent| AgentView { name: agent.name.clone(), basis: agent.basis.clone() }),
        origin: TenantRef { tenant_id: case.origin_tenant_id, name: case.body.route[0].tenant_name.clone() },
        materials: material_views(sources),
        step: (case.custody != Custody::Closed).then(|| step_view(case)),
        lights: Lights { step: step_light, whole: whole_light },
        relay: relay(context, case, *now),
        timeline: timeline(context, case, *now),
        actions: Vec::new(),
        correction: case.body.correction.as_ref().map(|correction| CorrectionView {
            notice_items: correction.items.clone(),
            asked_at_words: moment_words(correction.asked_at, *now),
            supplied: correction.supplied_at.is_some(),
        }),
        decision: case.body.decision.as_ref().map(|decision| DecisionView {
            outcome: decision.outcome.as_str().to_owned(),
            outcome_label: decision.outcome.label().to_owned(),
            opinion: decision.opinion.clone(),
            result_name: decision.result_name.clone(),
            result_number: decision.result_number.clone(),
            decided_at_words: moment_words(decision.decided_at, *now),
            decided_by: decision.decided_by.clone(),
            delegation: decision.delegation.clone(),
        }),
        opinions: case
            .body
            .opinions
            .iter()
            .map(|opinion| OpinionView {
                step_name: opinion.step_name.clone(),
                holder: opinion.holder.clone(),
                by: opinion.by.clone(),
                at_words: moment_words(opinion.at, *now),
                text: opinion.text.clone(),
            })
            .collect(),
        closing_reasons: case.body.closing_reasons.clone(),
        withdrawal_asked: case.body.withdrawal_asked.clone(),
        archived: case.body.archive.is_some(),
        may_add_materials: false,
        draft: None,
        receipt_secret: None,
    }
}

pub fn state_words(case: &CaseFile) -> String {
    match (case.custody, case.state, case.outcome) {
        (Custody::Closed, State::Completed, Some(outcome)) => format!("已办结，{}", outcome.label()),
        (Custody::InTransit, ..) => format!("{}，在途", case.state.label()),
        _ => case.state.label().to_owned(),
    }
}

pub fn relay(context: &Context, case: &CaseFile, now: DateTime<Utc>) -> Relay {
    let stops = route::stops(&case.body.route);
    let places: Vec<_> = stops.iter().map(|stop| stop.place.clone()).collect();
    let at = route::stop_of(&stops, case.step_index);
    let position = match (case.custody, case.state) {
        (Custody::Closed, _) => Position::Closed { at },
        (_, State::Correcting) => {
            let asked_by = case.body.correction.as_ref().map_or(at, |correction| route::stop_of(&stops, correction.asked_by_step));
            Position::WithApplicant { asked_by }
        }
        (Custody::InTransit, _) => Position::InTransit { to: at },
        _ => Position::Held(at),
    };
    let under = stops.iter().enumerate().map(|(index, stop)| under_words(case, stop, index == at, now)).collect();
    let running = case.custody != Custody::Closed && case.state != State::Correcting;
    let late = if running { deadlines::late_mark(case, &context.calendar, now) } else { None };
    let asked = case.step().asks.as_ref().filter(|_| running && case.custody != Custody::InTransit).map(|body| format!("问{body}"));
    Relay::of_case(&places, position, Marks { under, under_applicant: None, late, paused: false, asked })
}

fn under_words(case: &CaseFile, stop: &RouteStop, is_current: bool, now: DateTime<Utc>) -> Option<String> {
    let arrived = case.body.stations.iter().find(|station| (stop.first_step..=stop.last_step).contains(&station.step_index))?;
    let day = in_china(arrived.arrived_at).date_naive();
    if is_current && case.custody != Custody::Closed && day == in_china(now).date_naive() {
        return Some("今天".to_owned());
    }
    Some(format!("{}/{}", day.month(), day.day()))
}

fn timeline(context: &Context, case: &CaseFile, now: DateTime<Utc>) -> Vec<TimelineStop> {
    let stops = route::stops(&case.body.route);
    let at = route::stop_of(&stops, case.step_index);
    let closed = case.custody == Custody::Closed;
    stops
        .iter()
        .enumerate()
        .filter(|(index, _)| !closed || *index <= at)
        .map(|(index, stop)| {
            let steps = &case.body.route[stop.first_step..=stop.last_step];
            let station = case.body.stations.iter().rev().find(|station| (stop.first_step..=stop.last_step).contains(&station.step_index));
            let (state, due_words) = if index < at || closed {
                ("done", None)
            } else if index > at {
                ("next", None)
            } else {
                let due = deadlines::step_due(case, &context.calendar).map(|due| crate::clock::light::due_words(now, &due));
                (if case.custody == Custody::InTransit { "coming" } else { "now" }, due)
            };
            let names = steps.iter().map(|step| step.name.as_str()).collect::<Vec<_>>().join("、");
            let budget: u32 = steps.iter().map(|step| step.half_days).sum();
            let detail = match (state, budget) {
                ("next", 1..) => format!("{names}，{}", Limit::HalfWorkingDays(budget).words()),
                _ => names,
            };
            TimelineStop {
                place: stop.place.name.clone(),
                level: stop.place.level,
                state: state.to_owned(),
                at_words: station.map(|station| moment_words(station.arrived_at, now)),
                detail,
                due_words,
            }
        })
        .collect()
}

fn step_view(case: &CaseFile) -> StepView {
    let step = case.step();
    let opinion_label = match step.kind {
        StepKind::Review => "审查意见",
        StepKind::Decide => "决定理由",
        StepKind::Deliver => "送达情况",
        StepKind::Accept | StepKind::Receive => "说明",
    };
    StepView {
        code: step.code.clone(),
        name: step.name.clone(),
        kind: step.kind,
        department_name: step.department_name.clone(),
        opinion_label: opinion_label.to_owned(),
        budget_words: Limit::HalfWorkingDays(step.half_days).words(),
    }
}

fn material_views(sources: &Sources<'_>) -> Vec<MaterialView> {
    let Sources { case, materials, matter, now, .. } = sources;
    papers::needs(case, matter)
        .iter()
        .map(|need| {
            let files: Vec<FileView> = materials
                .iter()
                .filter(|material| material.material_code == need.material.code)
                .map(|material| FileView {
                    version_no: material.version_no,
                    file_name: material.file_name.clone(),
                    media_type: material.media_type.clone(),
                    size_bytes: material.size_bytes,
                    pages: material.pages,
                    sha256: material.sha256.clone(),
                    added_at: material.added_at,
                    added_words: moment_words(material.added_at, *now),
                    added_by: material.added_by.clone(),
                    original_seen: material.original_seen,
                    url: format!("/api/v1/cases/{}/materials/{}/{}", case.case_id, material.material_code, material.version_no),
                })
                .collect();
            let status = match need.needed {
                Need::Internal => "internal",
                _ if !files.is_empty() => "received",
                Need::Required if papers::is_system_made(need) => "system_made",
                Need::Required => "missing",
                Need::Tolerated => "tolerated",
                Need::NotNeeded => "not_needed",
            };
            MaterialView {
                code: need.material.code.clone(),
                name: need.material.name.clone(),
                necessity: need.material.necessity,
                necessity_label: necessity_label(need.material.necessity).to_owned(),
                note: need.material.source_text.clone(),
                status: status.to_owned(),
                files,
            }
        })
        .collect()
}

fn necessity_label(necessity: Necessity) -> &'static str {
    match necessity {
        Necessity::Required => "必要",
        Necessity::Conditional => "按情形需要",
        Necessity::Tolerant => "可后补",
        Necessity::Internal => "不向申请人要",
    }
}

/// `9月21日 8:50`, with the year when it is another one.
pub fn moment_words(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    words::moment_words(at, in_china(now).year())
}
