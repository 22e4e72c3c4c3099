//! What tenants tell each other about a case. Written to the outbox in the sender's transaction; what a message does on arrival is decided
//! by the `exchange` slice.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::case::{Body, CaseFile};
use super::words::{Channel, Custody, Outcome, State};

/// Kinds of message, as the outbox names them.
pub const HANDOVER: &str = "handover";
pub const TAKEN: &str = "taken";
pub const NEWS: &str = "news";
pub const WITHDRAWAL_REQUEST: &str = "withdrawal_request";
pub const WITHDRAWAL_REFUSED: &str = "withdrawal_refused";

/// A message that an act gives rise to; `store.rs` fills in what only the saved file knows (chain head, materials, seal).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    pub receiver_id: i64,
    pub content: OutgoingContent,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutgoingContent {
    /// Custody travels with it.
    Handover,
    /// What has become of the case; custody stays where it is.
    News,
    Taken {
        epoch: i32,
    },
    WithdrawalRequest {
        reasons: String,
    },
    WithdrawalRefused {
        reasons: String,
    },
}

impl Outgoing {
    pub fn handover(receiver_id: i64) -> Outgoing {
        Outgoing { receiver_id, content: OutgoingContent::Handover }
    }

    pub fn news(receiver_id: i64) -> Outgoing {
        Outgoing { receiver_id, content: OutgoingContent::News }
    }

    pub fn taken(receiver_id: i64, epoch: i32) -> Outgoing {
        Outgoing { receiver_id, content: OutgoingContent::Taken { epoch } }
    }

    pub fn withdrawal_request(receiver_id: i64, reasons: &str) -> Outgoing {
        Outgoing { receiver_id, content: OutgoingContent::WithdrawalRequest { reasons: reasons.to_owned() } }
    }

    pub fn withdrawal_refused(receiver_id: i64, reasons: &str) -> Outgoing {
        Outgoing { receiver_id, content: OutgoingContent::WithdrawalRefused { reasons: reasons.to_owned() } }
    }
}

/// A case under way between two tenants.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Envelope {
    pub case_id: Uuid,
    pub epoch: i32,
    pub case_no: Option<String>,
    pub origin_tenant_id: i64,
    pub basic_code: String,
    pub matter_version: i32,
    pub channel: Channel,
    pub state: State,
    pub outcome: Option<Outcome>,
    pub step_index: usize,
    pub applicant_masked: String,
    #[serde(with = "hex::serde")]
    pub applicant_index: Vec<u8>,
    pub citizen_id: Uuid,
    /// Sealed for the receiver and this case: nobody else can open it, not even the sender's own tables.
    #[serde(with = "hex::serde")]
    pub sealed: Vec<u8>,
    pub promise_due_at: Option<DateTime<Utc>>,
    pub filed_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub body: Body,
    pub materials: Vec<EnvelopeMaterial>,
    /// Head of the sender's chain of events after the hand-over was recorded.
    #[serde(with = "hex::serde")]
    pub chain_head: Vec<u8>,
}

/// A paper by its content; the bytes are fetched by hash before the case is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvelopeMaterial {
    pub material_code: String,
    pub version_no: i32,
    pub file_name: String,
    pub media_type: String,
    pub size_bytes: i64,
    pub pages: i32,
    pub sha256: String,
    pub original_seen: bool,
    pub added_by: String,
    pub added_in: i64,
    pub added_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Taken {
    pub epoch: i32,
    #[serde(with = "hex::serde")]
    pub chain_head: Vec<u8>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reasons {
    pub reasons: String,
}

/// Where a case is and what has become of it, for the tenants that had it before.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct News<'a> {
    pub state: State,
    pub outcome: Option<Outcome>,
    pub step_index: usize,
    pub closed: bool,
    pub promise_due_at: Option<DateTime<Utc>>,
    pub step_due_at: Option<DateTime<Utc>>,
    /// Borrowed where it is sent: it is large, and told at every act.
    pub body: Cow<'a, Body>,
}

impl Envelope {
    pub fn of(case: &CaseFile, sealed_for_receiver: Vec<u8>, materials: Vec<EnvelopeMaterial>) -> Envelope {
        Envelope {
            case_id: case.case_id,
            epoch: case.epoch,
            case_no: case.case_no.clone(),
            origin_tenant_id: case.origin_tenant_id,
            basic_code: case.basic_code.clone(),
            matter_version: case.matter_version,
            channel: case.channel,
            state: case.state,
            outcome: case.outcome,
            step_index: case.step_index,
            applicant_masked: case.applicant_masked.clone(),
            applicant_index: case.applicant_index.clone(),
            citizen_id: case.citizen_id,
            sealed: sealed_for_receiver,
            promise_due_at: case.promise_due_at,
            filed_at: case.filed_at,
            created_at: case.created_at,
            body: case.body.clone(),
            materials,
            chain_head: case.chain_head.clone(),
        }
    }

    /// The receiver's file: what came, on top of what only the receiver has (its own chain, version and secret).
    pub fn into_file(self, tenant_id: i64, known: Option<&CaseFile>) -> CaseFile {
        let mut body = self.body;
        if let Some(known) = known {
            keep_open_request(&mut body, self.outcome, known.body.withdrawal_asked.clone());
        }
        CaseFile {
            tenant_id,
            case_id: self.case_id,
            case_no: self.case_no,
            origin_tenant_id: self.origin_tenant_id,
            basic_code: self.basic_code,
            matter_version: self.matter_version,
            channel: self.channel,
            state: self.state,
            outcome: self.outcome,
            custody: Custody::Held,
            epoch: self.epoch,
            step_index: self.step_index,
            applicant_masked: self.applicant_masked,
            applicant_index: self.applicant_index,
            citizen_id: self.citizen_id,
            sealed: self.sealed,
            secret_index: known.and_then(|known| known.secret_index.clone()),
            step_due_at: None,
            promise_due_at: self.promise_due_at,
            filed_at: self.filed_at,
            body,
            chain_head: known.map_or_else(Vec::new, |known| known.chain_head.clone()),
            event_count: known.map_or(0, |known| known.event_count),
            version: known.map_or(0, |known| known.version),
            created_at: self.created_at,
        }
    }
}

impl News<'_> {
    pub fn of(case: &CaseFile) -> News<'_> {
        News {
            state: case.state,
            outcome: case.outcome,
            step_index: case.step_index,
            closed: case.custody == Custody::Closed,
            promise_due_at: case.promise_due_at,
            step_due_at: case.step_due_at,
            body: Cow::Borrowed(&case.body),
        }
    }

    /// Overwrites what the copy shows; who may act is not news.
    pub fn tell(self, case: &mut CaseFile) {
        let asked = case.body.withdrawal_asked.take();
        case.state = self.state;
        case.outcome = self.outcome;
        case.step_index = self.step_index;
        case.promise_due_at = self.promise_due_at;
        case.step_due_at = self.step_due_at;
        case.body = self.body.into_owned();
        keep_open_request(&mut case.body, self.outcome, asked);
    }
}

/// A request to withdraw that was made here stays open until it is answered: by the withdrawal itself, or by a refusal that is still on its way
/// when the decision is already known. The sender need not have heard of it.
fn keep_open_request(body: &mut Body, outcome: Option<Outcome>, asked_here: Option<String>) {
    if outcome != Some(Outcome::Withdrawn) && body.withdrawal_asked.is_none() {
        body.withdrawal_asked = asked_here;
    }
}
