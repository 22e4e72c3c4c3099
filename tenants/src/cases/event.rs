//! What happened to a case, as a chain: each event holds the hash of the one before it, over bytes that are stored as they were hashed.
//!
//! Personal data enters only as salted commitments, so that it can be erased without breaking the chain; the salts stand beside the event.
//! The head stored with the file makes a cut-off end visible.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use platform::crypto;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::case::CaseFile;
use super::lifecycle::Doer;
use super::words::State;

/// Hash before the first event.
pub const GENESIS: [u8; 32] = [0; 32];
/// Version of the canonical form below; a new form gets a new number and both can be verified.
pub const CANONICAL_VERSION: u8 = 1;

macro_rules! event_kinds {
    ($($variant:ident = $stored:literal, $label:literal;)+) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum EventKind { $($variant,)+ }

        impl EventKind {
            pub fn as_str(self) -> &'static str {
                match self { $(EventKind::$variant => $stored,)+ }
            }

            /// What the stored name means to people; unknown names are shown as they are.
            pub fn label_of(stored: &str) -> &str {
                match stored { $($stored => $label,)+ other => other }
            }
        }
    };
}

event_kinds! {
    AgentReceipt = "agent_receipt", "代办收件";
    OrganReceipt = "organ_receipt", "收件";
    MaterialAdded = "material_added", "收下材料";
    StepPassed = "step_passed", "办完一步";
    Taken = "taken", "签收";
    Acknowledged = "acknowledged", "对方签收";
    Acceptance = "acceptance", "受理";
    NonAcceptance = "non_acceptance", "不予受理";
    OneTimeNotice = "one_time_notice", "一次性告知补正";
    CorrectionSupplied = "correction_supplied", "补正";
    Decision = "decision", "决定";
    Delivered = "delivered", "送达";
    Completed = "completed", "办结";
    Returned = "returned", "退件";
    WithdrawalAsked = "withdrawal_asked", "申请撤回";
    WithdrawalRefused = "withdrawal_refused", "未能撤回";
    Withdrawn = "withdrawn", "撤回";
    HandedOver = "handed_over", "交出";
    Archived = "archived", "归档";
}

/// An event before it has a place in the chain.
#[derive(Debug, Clone)]
pub struct EventDraft {
    pub kind: EventKind,
    pub at: DateTime<Utc>,
    pub actor: String,
    pub state: State,
    pub step: String,
    pub detail: String,
    pub facts: BTreeMap<&'static str, String>,
    pub private: Vec<(&'static str, Vec<u8>)>,
}

impl EventDraft {
    pub fn of(kind: EventKind, case: &CaseFile, doer: &Doer, detail: String) -> EventDraft {
        EventDraft {
            kind,
            at: doer.at,
            actor: doer.name.clone(),
            state: case.state,
            step: case.step().name.clone(),
            detail,
            facts: BTreeMap::new(),
            private: Vec::new(),
        }
    }

    /// A fact without personal data.
    pub fn with_fact(mut self, name: &'static str, value: String) -> EventDraft {
        self.facts.insert(name, value);
        self
    }

    /// Something private: only its salted commitment enters the chain.
    pub fn with_commitment(mut self, name: &'static str, bytes: &[u8]) -> EventDraft {
        self.private.push((name, bytes.to_vec()));
        self
    }
}

/// The canonical form: field order is the order below, maps are sorted by key, times are UTC with microseconds (what the database keeps).
#[derive(Debug, Serialize, Deserialize)]
pub struct Canonical {
    pub v: u8,
    pub tenant_id: i64,
    pub case_id: Uuid,
    pub seq: i32,
    pub at: String,
    pub kind: String,
    pub actor: String,
    pub state: String,
    pub step: String,
    pub detail: String,
    pub facts: BTreeMap<String, String>,
    pub commitments: BTreeMap<String, String>,
    pub prev: String,
}

/// An event in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct ChainedEvent {
    pub seq: i32,
    pub at: DateTime<Utc>,
    pub kind: &'static str,
    pub canonical: Vec<u8>,
    pub salts: serde_json::Value,
    pub hash: Vec<u8>,
}

/// Puts drafts at the end of a file's chain and moves its head.
pub fn chain(case: &mut CaseFile, drafts: &[EventDraft]) -> Vec<ChainedEvent> {
    let mut chained = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let prev = head_of(case);
        let mut salts = BTreeMap::new();
        let mut commitments = BTreeMap::new();
        for (name, bytes) in &draft.private {
            let salt: [u8; 16] = rand::random();
            salts.insert((*name).to_owned(), hex::encode(salt));
            commitments.insert((*name).to_owned(), hex::encode(crypto::commitment(&salt, bytes)));
        }
        let seq = case.event_count + 1;
        let canonical = Canonical {
            v: CANONICAL_VERSION,
            tenant_id: case.tenant_id,
            case_id: case.case_id,
            seq,
            at: draft.at.to_rfc3339_opts(SecondsFormat::Micros, true),
            kind: draft.kind.as_str().to_owned(),
            actor: draft.actor.clone(),
            state: draft.state.as_str().to_owned(),
            step: draft.step.clone(),
            detail: draft.detail.clone(),
            facts: draft.facts.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
            commitments,
            prev: hex::encode(prev),
        };
        let bytes = serde_json::to_vec(&canonical).expect("strings and numbers always serialise");
        let hash = hash_of(&prev, &bytes);
        case.event_count = seq;
        case.chain_head = hash.to_vec();
        let salts = serde_json::to_value(salts).expect("strings always serialise");
        chained.push(ChainedEvent { seq, at: draft.at, kind: draft.kind.as_str(), canonical: bytes, salts, hash: hash.to_vec() });
    }
    chained
}

/// SM3 over the former hash and the stored bytes.
pub fn hash_of(prev: &[u8], canonical: &[u8]) -> [u8; 32] {
    crypto::sm3(&[prev, canonical])
}

fn head_of(case: &CaseFile) -> [u8; 32] {
    case.chain_head.as_slice().try_into().unwrap_or(GENESIS)
}

/// What is wrong with a chain, and where first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The event's bytes, order or hash are not what was recorded.
    Altered { seq: i32 },
    /// Events are missing at the end, or the file's head was changed.
    Head { expected_events: i32, found_events: i32 },
}

/// Stored form of an event, for [`verify`].
pub struct StoredEvent {
    pub seq: i32,
    pub kind: String,
    pub at: DateTime<Utc>,
    pub canonical: Vec<u8>,
    pub hash: Vec<u8>,
}

/// Checks a file's whole chain and names the first altered record.
pub fn verify(events: &[StoredEvent], head: &[u8], event_count: i32) -> Result<(), Fault> {
    let mut prev: Vec<u8> = GENESIS.to_vec();
    for (index, event) in events.iter().enumerate() {
        let seq = i32::try_from(index).unwrap_or(i32::MAX).saturating_add(1);
        let named_right = serde_json::from_slice::<Canonical>(&event.canonical).is_ok_and(|canonical| {
            canonical.seq == seq
                && canonical.kind == event.kind
                && canonical.prev == hex::encode(&prev)
                && canonical.at == event.at.to_rfc3339_opts(SecondsFormat::Micros, true)
        });
        if event.seq != seq || !named_right || hash_of(&prev, &event.canonical).as_slice() != event.hash.as_slice() {
            return Err(Fault::Altered { seq });
        }
        prev.clone_from(&event.hash);
    }
    let found = i32::try_from(events.len()).unwrap_or(i32::MAX);
    if found != event_count || (found > 0 && prev != head) {
        return Err(Fault::Head { expected_events: event_count, found_events: found });
    }
    Ok(())
}
