//! The file that one tenant keeps of a case.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::route::RouteStep;
use super::words::{Bucket, Channel, Custody, Outcome, State};
use crate::catalogue::matter::StepKind;
use crate::clock::limit::Limit;

/// Everything this tenant knows of a case. Fields that decide who may act are columns; the rest travels in [`Body`].
#[derive(Debug, Clone, PartialEq)]
pub struct CaseFile {
    pub tenant_id: i64,
    pub case_id: Uuid,
    /// Given at filing; drafts have none.
    pub case_no: Option<String>,
    pub origin_tenant_id: i64,
    pub basic_code: String,
    pub matter_version: i32,
    pub channel: Channel,
    pub state: State,
    pub outcome: Option<Outcome>,
    pub custody: Custody,
    /// Rises by one with every hand-over between tenants; a message with a lower one is old news.
    pub epoch: i32,
    /// Index into the route of the step that is to be done next (or was done last, when closed).
    pub step_index: usize,
    pub applicant_masked: String,
    pub applicant_index: Vec<u8>,
    pub citizen_id: Uuid,
    /// Applicant, members and form, sealed for this tenant and this row.
    pub sealed: Vec<u8>,
    /// Keyed digest of the secret on the receipt; only the origin has it.
    pub secret_index: Option<Vec<u8>>,
    pub step_due_at: Option<DateTime<Utc>>,
    pub promise_due_at: Option<DateTime<Utc>>,
    pub filed_at: Option<DateTime<Utc>>,
    pub body: Body,
    pub chain_head: Vec<u8>,
    pub event_count: i32,
    /// Rises with every change of this file; what a page was made from.
    pub version: i32,
    pub created_at: DateTime<Utc>,
}

/// The part of a case that travels with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Body {
    pub matter_name: String,
    pub matter_short_name: String,
    pub situations: Vec<String>,
    pub situation_words: String,
    pub applicant_kind: String,
    pub instant: bool,
    pub route: Vec<RouteStep>,
    /// 承诺时限 of the chosen situations.
    pub promised: Limit,
    pub by_proxy: bool,
    pub agent: Option<Agent>,
    /// Post that put the draft together; nobody else sees a draft.
    pub created_by: Option<i64>,
    /// Tenants that had the case before this one, in order.
    pub hops: Vec<i64>,
    pub stations: Vec<Station>,
    pub step_started_at: Option<DateTime<Utc>>,
    pub received_at: Option<DateTime<Utc>>,
    pub accepted_at: Option<DateTime<Utc>>,
    pub decided_at: Option<DateTime<Utc>>,
    pub closed_at: Option<DateTime<Utc>>,
    pub correction: Option<Correction>,
    pub opinions: Vec<Opinion>,
    pub decision: Option<Decision>,
    /// Reasons of a non-acceptance, a return or a withdrawal.
    pub closing_reasons: Option<String>,
    pub withdrawal_asked: Option<String>,
    pub archive: Option<Archive>,
    /// Counts the custodians' acts, whichever tenant they were done in; news with a lower number is old.
    pub news_no: i64,
}

/// 代办员: files and fetches for the applicant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Agent {
    pub name: String,
    /// On what authority, e.g. 村委会受托.
    pub basis: String,
}

/// A stay of the case with one holder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Station {
    pub tenant_id: i64,
    pub name: String,
    pub step_index: usize,
    pub arrived_at: DateTime<Utc>,
    pub left_at: Option<DateTime<Utc>>,
    pub detail: String,
}

/// 一次性告知: one notice that lists everything.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Correction {
    pub asked_by_tenant: i64,
    pub asked_by_step: usize,
    /// State to return to when the correction has come in.
    pub resume_state: State,
    pub items: Vec<CorrectionItem>,
    /// Newest version of each paper that the notice was about; what comes later answers it, whatever the clocks of two servers say.
    #[serde(default)]
    pub versions_before: std::collections::BTreeMap<String, i32>,
    pub asked_at: DateTime<Utc>,
    pub supplied_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CorrectionItem {
    pub material_code: String,
    pub message: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Opinion {
    pub step_name: String,
    pub holder: String,
    pub by: String,
    pub at: DateTime<Utc>,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    pub outcome: Outcome,
    /// Grounds of a grant, reasons of a refusal (行政许可法 §38).
    pub opinion: String,
    pub result_name: String,
    pub result_number: Option<String>,
    pub decided_at: DateTime<Utc>,
    pub decided_by: String,
    /// The delegation that the deciding tenant acted under, if the power was not its own.
    pub delegation: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Archive {
    pub key: String,
    pub sha256: String,
    pub archived_at: DateTime<Utc>,
}

/// Who the case is about; sealed at rest, shown masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Private {
    pub applicant: Applicant,
    pub members: Vec<Member>,
    /// Field code → value.
    pub form: std::collections::BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applicant {
    pub kind: String,
    pub name: String,
    pub identity_number: String,
    pub telephone: String,
    pub email: Option<String>,
    pub address: String,
    pub division_id: i64,
}

/// A member of the applying household.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub name: String,
    pub identity_number: String,
    pub relation: String,
}

impl CaseFile {
    /// The step that is to be done next. The route is never empty: `route::plan` refuses a matter without steps.
    pub fn step(&self) -> &RouteStep {
        &self.body.route[self.step_index.min(self.body.route.len() - 1)]
    }

    /// The step at which an instant case can be decided now, in one act with its acceptance: every step up to it is done by the same post.
    pub fn decide_at_once_step(&self) -> Option<usize> {
        let here = self.step();
        let decide_index = self.body.route.iter().position(|step| step.kind == StepKind::Decide)?;
        let same_post =
            |step: &RouteStep| step.tenant_id == here.tenant_id && step.department_code == here.department_code && step.role == here.role;
        let up_to_decision = self.body.route.get(self.step_index..=decide_index)?;
        (self.body.instant && here.kind == StepKind::Accept && up_to_decision.iter().all(same_post)).then_some(decide_index)
    }

    pub fn is_origin(&self) -> bool {
        self.tenant_id == self.origin_tenant_id
    }

    /// Whether this tenant waits for the applicant's correction, having asked for it.
    pub fn waits_for_correction_asked_here(&self) -> bool {
        self.state == State::Correcting
            && self.body.correction.as_ref().is_some_and(|correction| correction.asked_by_tenant == self.tenant_id)
    }

    /// The tenant that has the case, or will have it when the message on its way arrives.
    pub fn holder_tenant_id(&self) -> i64 {
        match (&self.body.correction, self.state) {
            (Some(_), State::Correcting) => self.origin_tenant_id,
            _ => self.step().tenant_id,
        }
    }

    pub fn bucket(&self) -> Bucket {
        match (self.custody, self.state) {
            (Custody::Closed, _) => Bucket::Closed,
            (_, State::Draft) => Bucket::Draft,
            (_, State::Correcting) if self.custody == Custody::Held || self.waits_for_correction_asked_here() => Bucket::Correcting,
            (Custody::InTransit | Custody::Away, _) => Bucket::Elsewhere,
            (Custody::Held, _) => match self.step().kind {
                StepKind::Receive => Bucket::ToHandOn,
                StepKind::Accept if self.channel == Channel::Online => Bucket::PreReview,
                StepKind::Accept => Bucket::ToAccept,
                StepKind::Review | StepKind::Decide if self.body.accepted_at.is_none() => Bucket::ToHandOn,
                StepKind::Review | StepKind::Decide => Bucket::ToComplete,
                StepKind::Deliver => Bucket::ToDeliver,
            },
        }
    }

    /// What lists are ordered by: what turns red first, then what came first.
    pub fn sort_at(&self) -> DateTime<Utc> {
        self.step_due_at.or(self.promise_due_at).or(self.filed_at).unwrap_or(self.created_at)
    }

    /// Department whose desk the file lies on.
    pub fn department_code(&self) -> &str {
        if self.custody == Custody::Held && self.state != State::Correcting { &self.step().department_code } else { "" }
    }

    /// Every other tenant that has a file of this case.
    pub fn other_parties(&self) -> Vec<i64> {
        let mut parties: Vec<i64> = std::iter::once(self.origin_tenant_id)
            .chain(self.body.hops.iter().copied())
            .filter(|tenant_id| *tenant_id != self.tenant_id)
            .collect();
        parties.sort_unstable();
        parties.dedup();
        parties
    }
}
