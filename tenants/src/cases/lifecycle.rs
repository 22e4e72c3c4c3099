//! What may happen to a case, as pure rules: a file and an act in, the changed file and its [`Effects`] out, or a [`Refusal`] and nothing changed.
//!
//! Promises, tried with random histories in `lifecycle_properties.rs`:
//! - only the tenant that holds a case changes it; handing on gives custody up before anybody else can take it;
//! - the epoch rises with every hand-over and never falls;
//! - what is closed stays closed, and an outcome once set never changes.
//!
//! [`between`] holds what messages of other tenants do, `moves` the steps that all of them are made of.
//!
//! Deliberately absent: time limits (`deadlines.rs` sets them after every act), permission (the permit), storage (`store.rs`).

pub mod between;
mod moves;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use platform::actor::Actor;
use platform::audit::Entry;

use self::moves::{advance, arrive, depart, end_without_decision};
use super::case::{Archive, CaseFile, Correction, CorrectionItem, Decision, Opinion};
use super::envelope::{Outgoing, OutgoingContent};
use super::event::{EventDraft, EventKind};
use super::words::{Channel, Custody, Outcome, State};
use crate::catalogue::matter::StepKind;

/// A correction is asked once for everything (行政许可法 §32).
pub const CORRECTIONS_ALLOWED: u32 = 1;

/// Who does it, as the record names them: staff by name and post, citizens as 申请人.
#[derive(Debug, Clone)]
pub struct Doer {
    pub name: String,
    pub at: DateTime<Utc>,
}

impl Doer {
    pub fn of(actor: &Actor, at: DateTime<Utc>) -> Doer {
        let name = match actor {
            Actor::Staff(staff) => staff.name.clone(),
            Actor::Citizen(_) => "申请人".to_owned(),
            Actor::Public => "系统".to_owned(),
        };
        Doer { name, at }
    }

    pub fn system(at: DateTime<Utc>) -> Doer {
        Doer { name: "系统".to_owned(), at }
    }
}

/// Letters to the applicant that an act gives rise to; written later by a job, from the file as it then is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Letter {
    Filed,
    Accepted,
    NotAccepted,
    CorrectionAsked,
    Decided,
    ReadyToCollect,
}

impl Letter {
    pub fn as_str(self) -> &'static str {
        match self {
            Letter::Filed => "filed",
            Letter::Accepted => "accepted",
            Letter::NotAccepted => "not_accepted",
            Letter::CorrectionAsked => "correction_asked",
            Letter::Decided => "decided",
            Letter::ReadyToCollect => "ready_to_collect",
        }
    }

    pub fn parse(text: &str) -> Option<Letter> {
        [Letter::Filed, Letter::Accepted, Letter::NotAccepted, Letter::CorrectionAsked, Letter::Decided, Letter::ReadyToCollect]
            .into_iter()
            .find(|letter| letter.as_str() == text)
    }
}

/// What has to be written besides the file itself.
#[derive(Debug, Default)]
pub struct Effects {
    pub events: Vec<EventDraft>,
    pub outgoing: Vec<Outgoing>,
    pub letters: Vec<Letter>,
    /// The case has ended at its origin; a job puts the archive package together.
    pub archive: bool,
    /// The act's entry in the audit record; put in by whoever knows on which basis it was allowed.
    pub entry: Option<Entry>,
}

/// Why an act is not possible; the state is unchanged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("这个办件现在不在本单位手里，要等它回来才能操作")]
    NotHeld,
    #[error("这个办件已经了结，不能再改动")]
    Closed,
    #[error("现在这一步是“{step}”，不能做“{act}”")]
    WrongStep { step: String, act: &'static str },
    #[error("这个办件现在是“{state}”，不能做“{act}”")]
    WrongState { state: &'static str, act: &'static str },
    #[error("还缺 {} 份必要材料：{}", missing.len(), missing.join("、"))]
    MissingMaterials { missing: Vec<String> },
    #[error("已经告知过一次补正。一次性告知应当列全，不能再要求补正；确实不符合条件的，可以作出不予受理或者退件")]
    CorrectedOnceAlready,
    #[error("补正告知要列出至少一项")]
    NothingToCorrect,
    #[error("请写明理由。不予受理、退件、不予决定都要说明理由")]
    ReasonsMissing,
    #[error("这个事项不是即办件，不能当场办结")]
    NotInstant,
    #[error("这个事项由另一个岗位作出决定，请先受理")]
    DecidedElsewhere,
    #[error("已经作出决定，不能再撤回")]
    DecidedAlready,
    #[error("这份移交单已经过期：办件的移交次数已到第 {known} 次，收到的是第 {given} 次")]
    OldEpoch { known: i32, given: i32 },
}

type Act = Result<Effects, Refusal>;

// -- Filing -----------------------------------------------------------------------------------------------------------------------------------

/// 收件. A draft becomes a case: it has a number and a receipt, and its papers are here.
pub fn file(case: &mut CaseFile, number: String, secret_index: Vec<u8>, missing: Vec<String>, doer: &Doer) -> Act {
    if case.state != State::Draft {
        return Err(Refusal::WrongState { state: case.state.label(), act: "收件" });
    }
    if !missing.is_empty() {
        return Err(Refusal::MissingMaterials { missing });
    }
    case.case_no = Some(number.clone());
    case.secret_index = Some(secret_index);
    case.state = State::Received;
    case.filed_at = Some(doer.at);
    case.body.step_started_at = Some(doer.at);
    arrive(case, doer.at, "收件");
    // Receipt by an agent is not receipt by the organ: the clock of the law (§32) starts with the second.
    let kind = match case.channel {
        Channel::Village => EventKind::AgentReceipt,
        Channel::Window | Channel::Online => {
            case.body.received_at = Some(doer.at);
            EventKind::OrganReceipt
        }
    };
    let mut effects = Effects { letters: vec![Letter::Filed], ..Effects::default() };
    effects.events.push(EventDraft::of(kind, case, doer, format!("办件编号 {number}")).with_commitment("application", &case.sealed));
    Ok(effects)
}

// -- Working --------------------------------------------------------------------------------------------------------------------------------

/// 移交. The village station is done with its part and hands the case to the next tenant.
pub fn hand_on(case: &mut CaseFile, doer: &Doer, note: &str) -> Act {
    holds(case)?;
    let step = case.step();
    let may = step.kind == StepKind::Receive || (step.kind == StepKind::Review && case.body.accepted_at.is_none());
    if !may || case.state != State::Received {
        return Err(wrong_step(case, "移交"));
    }
    let mut effects = Effects::default();
    if !note.trim().is_empty() {
        add_opinion(case, doer, note);
    }
    let step_name = case.step().name.clone();
    effects.events.push(EventDraft::of(EventKind::StepPassed, case, doer, step_name));
    advance(case, doer, &mut effects);
    Ok(effects)
}

/// 受理.
pub fn accept(case: &mut CaseFile, doer: &Doer) -> Act {
    holds(case)?;
    at_step(case, StepKind::Accept, "受理")?;
    in_state(case, State::Received, "受理")?;
    let mut effects = Effects::default();
    mark_accepted(case, doer, &mut effects);
    advance(case, doer, &mut effects);
    Ok(effects)
}

/// 不予受理, with reasons in writing (§32).
pub fn refuse_acceptance(case: &mut CaseFile, doer: &Doer, reasons: &str) -> Act {
    holds(case)?;
    at_step(case, StepKind::Accept, "不予受理")?;
    in_state(case, State::Received, "不予受理")?;
    let mut effects = Effects { letters: vec![Letter::NotAccepted], ..Effects::default() };
    end_without_decision(case, doer, Outcome::NotAccepted, EventKind::NonAcceptance, reasons, &mut effects)?;
    Ok(effects)
}

/// 一次性告知补正. The word goes to the applicant: by way of the origin, where the applicant is. `versions_before`: the papers that are here.
pub fn ask_correction(case: &mut CaseFile, doer: &Doer, items: Vec<CorrectionItem>, versions_before: BTreeMap<String, i32>) -> Act {
    holds(case)?;
    if !matches!(case.step().kind, StepKind::Accept | StepKind::Review)
        || !matches!(case.state, State::Received | State::Accepted)
        || case.step().level == platform::tenant::LEVEL_VILLAGE
    {
        return Err(wrong_step(case, "告知补正"));
    }
    if case.body.correction.is_some() {
        return Err(Refusal::CorrectedOnceAlready);
    }
    if items.is_empty() || items.iter().any(|item| item.message.trim().is_empty()) {
        return Err(Refusal::NothingToCorrect);
    }
    let words = items.iter().map(|item| item.message.as_str()).collect::<Vec<_>>().join("；");
    case.body.correction = Some(Correction {
        asked_by_tenant: case.tenant_id,
        asked_by_step: case.step_index,
        resume_state: case.state,
        items,
        versions_before,
        asked_at: doer.at,
        supplied_at: None,
    });
    case.state = State::Correcting;
    let mut effects = Effects { letters: vec![Letter::CorrectionAsked], ..Effects::default() };
    effects.events.push(EventDraft::of(EventKind::OneTimeNotice, case, doer, words));
    if !case.is_origin() {
        depart(case, case.origin_tenant_id, doer.at, &mut effects);
    }
    Ok(effects)
}

/// 补正. Everything that was asked has been supplied; the case goes back to who asked.
pub fn supply_correction(case: &mut CaseFile, doer: &Doer, missing: Vec<String>) -> Act {
    holds(case)?;
    in_state(case, State::Correcting, "提交补正")?;
    if !case.is_origin() {
        return Err(Refusal::NotHeld);
    }
    if !missing.is_empty() {
        return Err(Refusal::MissingMaterials { missing });
    }
    let mut effects = Effects::default();
    let Some(correction) = case.body.correction.as_mut() else { return Err(wrong_step(case, "提交补正")) };
    correction.supplied_at = Some(doer.at);
    let (asked_by, step_index, resume_state) = (correction.asked_by_tenant, correction.asked_by_step, correction.resume_state);
    case.step_index = step_index;
    case.state = resume_state;
    effects.events.push(EventDraft::of(EventKind::CorrectionSupplied, case, doer, "补正材料已交齐".to_owned()));
    if asked_by == case.tenant_id {
        case.body.step_started_at = Some(doer.at);
    } else {
        depart(case, asked_by, doer.at, &mut effects);
    }
    Ok(effects)
}

/// 审查 passed with an opinion; the next step is its next holder's.
pub fn review(case: &mut CaseFile, doer: &Doer, opinion: &str) -> Act {
    holds(case)?;
    at_step(case, StepKind::Review, "审查")?;
    in_state(case, State::Accepted, "审查")?;
    let mut effects = Effects::default();
    add_opinion(case, doer, opinion);
    let step_name = case.step().name.clone();
    effects.events.push(EventDraft::of(EventKind::StepPassed, case, doer, step_name).with_commitment("opinion", opinion.as_bytes()));
    advance(case, doer, &mut effects);
    Ok(effects)
}

/// What the decider gives to [`decide`].
#[derive(Debug, Clone)]
pub struct DecisionInput {
    pub outcome: Outcome,
    pub opinion: String,
    pub result_name: String,
    pub result_number: Option<String>,
    pub delegation: Option<String>,
}

/// 决定: grant, or refuse with reasons (§38).
pub fn decide(case: &mut CaseFile, doer: &Doer, input: DecisionInput) -> Act {
    holds(case)?;
    at_step(case, StepKind::Decide, "决定")?;
    in_state(case, State::Accepted, "决定")?;
    check_reasons(&input)?;
    let mut effects = Effects::default();
    mark_decided(case, doer, input, &mut effects);
    advance(case, doer, &mut effects);
    Ok(effects)
}

/// 即办: accepted and decided in one act at the window. Every step up to the decision must be the same post's: whoever accepts does not decide in
/// another's place.
pub fn decide_at_once(case: &mut CaseFile, doer: &Doer, input: DecisionInput) -> Act {
    holds(case)?;
    if !case.body.instant {
        return Err(Refusal::NotInstant);
    }
    at_step(case, StepKind::Accept, "当场办结")?;
    in_state(case, State::Received, "当场办结")?;
    let decide_index = case.decide_at_once_step().ok_or(Refusal::DecidedElsewhere)?;
    check_reasons(&input)?;
    let mut effects = Effects::default();
    mark_accepted(case, doer, &mut effects);
    case.step_index = decide_index;
    mark_decided(case, doer, input, &mut effects);
    advance(case, doer, &mut effects);
    Ok(effects)
}

/// 送达, a station of the way home or its end.
pub fn deliver(case: &mut CaseFile, doer: &Doer, note: &str) -> Act {
    holds(case)?;
    at_step(case, StepKind::Deliver, "送达")?;
    if case.outcome.is_none() {
        return Err(wrong_step(case, "送达"));
    }
    let mut effects = Effects::default();
    let detail = if note.trim().is_empty() { case.step().name.clone() } else { note.trim().to_owned() };
    effects.events.push(EventDraft::of(EventKind::Delivered, case, doer, detail));
    advance(case, doer, &mut effects);
    Ok(effects)
}

/// 退件: sent home without a decision, with reasons.
pub fn send_back(case: &mut CaseFile, doer: &Doer, reasons: &str) -> Act {
    holds(case)?;
    if !matches!(case.step().kind, StepKind::Accept | StepKind::Review) || !matches!(case.state, State::Received | State::Accepted) {
        return Err(wrong_step(case, "退件"));
    }
    let mut effects = Effects::default();
    end_without_decision(case, doer, Outcome::Returned, EventKind::Returned, reasons, &mut effects)?;
    Ok(effects)
}

/// 撤回, asked at the origin. Elsewhere it is a request to whoever holds the case.
pub fn withdraw(case: &mut CaseFile, doer: &Doer, reasons: &str) -> Act {
    if case.custody == Custody::Closed {
        return Err(Refusal::Closed);
    }
    // Only where it was filed can it be withdrawn: that is where the applicant stands.
    if !case.is_origin() {
        return Err(Refusal::NotHeld);
    }
    if case.outcome.is_some() {
        return Err(Refusal::DecidedAlready);
    }
    let mut effects = Effects::default();
    let reasons = if reasons.trim().is_empty() { "申请人撤回" } else { reasons.trim() };
    if case.state == State::Draft {
        return Err(Refusal::WrongState { state: case.state.label(), act: "撤回" });
    }
    if case.custody == Custody::Held {
        end_without_decision(case, doer, Outcome::Withdrawn, EventKind::Withdrawn, reasons, &mut effects)?;
        return Ok(effects);
    }
    if case.body.withdrawal_asked.is_some() {
        return Err(Refusal::WrongState { state: "已经申请撤回，等对方答复", act: "撤回" });
    }
    case.body.withdrawal_asked = Some(reasons.to_owned());
    effects.events.push(EventDraft::of(EventKind::WithdrawalAsked, case, doer, reasons.to_owned()));
    effects.outgoing.push(Outgoing::withdrawal_request(case.holder_tenant_id(), reasons));
    Ok(effects)
}

/// The archive package of a closed case has been stored.
pub fn archive(case: &mut CaseFile, doer: &Doer, archive: Archive) -> Act {
    if case.custody != Custody::Closed || case.body.archive.is_some() {
        return Err(Refusal::WrongState { state: case.state.label(), act: "归档" });
    }
    let mut effects = Effects::default();
    effects.events.push(EventDraft::of(EventKind::Archived, case, doer, format!("归档包 sha256 {}", archive.sha256)));
    case.body.archive = Some(archive);
    Ok(effects)
}

// -- After every act ------------------------------------------------------------------------------------------------------------------------

/// The last part of every act of a custodian: it gets its number, a hand-over is recorded, and whoever had the case before hears of it. Other
/// changes of a file (an acknowledgement, news) are told to nobody.
pub fn tell_the_others(case: &mut CaseFile, was_custodian: bool, mut effects: Effects, at: DateTime<Utc>) -> Effects {
    if case.state == State::Draft || !(was_custodian || case.custody == Custody::Held) {
        return effects;
    }
    case.body.news_no += 1;
    let handed_to: Vec<i64> = effects
        .outgoing
        .iter()
        .filter(|outgoing| outgoing.content == OutgoingContent::Handover)
        .map(|outgoing| outgoing.receiver_id)
        .collect();
    for receiver_id in &handed_to {
        let draft = EventDraft::of(EventKind::HandedOver, case, &Doer::system(at), "交出，等对方签收".to_owned());
        effects.events.push(draft.with_fact("receiver", receiver_id.to_string()));
    }
    let to_tell = case.other_parties().into_iter().filter(|party| !handed_to.contains(party));
    effects.outgoing.extend(to_tell.map(Outgoing::news));
    effects
}

// -- Helpers --------------------------------------------------------------------------------------------------------------------------------

fn holds(case: &CaseFile) -> Result<(), Refusal> {
    match case.custody {
        Custody::Held => Ok(()),
        Custody::Closed => Err(Refusal::Closed),
        Custody::InTransit | Custody::Away => Err(Refusal::NotHeld),
    }
}

fn at_step(case: &CaseFile, kind: StepKind, act: &'static str) -> Result<(), Refusal> {
    if case.step().kind == kind { Ok(()) } else { Err(wrong_step(case, act)) }
}

fn in_state(case: &CaseFile, state: State, act: &'static str) -> Result<(), Refusal> {
    if case.state == state { Ok(()) } else { Err(Refusal::WrongState { state: case.state.label(), act }) }
}

fn wrong_step(case: &CaseFile, act: &'static str) -> Refusal {
    Refusal::WrongStep { step: case.step().name.clone(), act }
}

fn mark_accepted(case: &mut CaseFile, doer: &Doer, effects: &mut Effects) {
    case.state = State::Accepted;
    case.body.accepted_at = Some(doer.at);
    effects.letters.push(Letter::Accepted);
    effects.events.push(EventDraft::of(EventKind::Acceptance, case, doer, "予以受理".to_owned()));
}

fn check_reasons(input: &DecisionInput) -> Result<(), Refusal> {
    let reasons_missing = input.outcome != Outcome::Granted && input.opinion.trim().is_empty();
    if reasons_missing { Err(Refusal::ReasonsMissing) } else { Ok(()) }
}

fn mark_decided(case: &mut CaseFile, doer: &Doer, input: DecisionInput, effects: &mut Effects) {
    let detail = format!("{}：{}", input.outcome.label(), input.result_name);
    case.state = State::Decided;
    case.outcome = Some(input.outcome);
    case.body.decided_at = Some(doer.at);
    let opinion = input.opinion.trim().to_owned();
    let mut draft = EventDraft::of(EventKind::Decision, case, doer, detail).with_commitment("opinion", opinion.as_bytes());
    if let Some(delegation) = &input.delegation {
        draft = draft.with_fact("delegation", delegation.clone());
    }
    effects.events.push(draft);
    effects.letters.push(Letter::Decided);
    case.body.decision = Some(Decision {
        outcome: input.outcome,
        opinion,
        result_name: input.result_name,
        result_number: input.result_number,
        decided_at: doer.at,
        decided_by: format!("{}　{}", case.step().holder(), doer.name),
        delegation: input.delegation,
    });
}

fn add_opinion(case: &mut CaseFile, doer: &Doer, text: &str) {
    let step = case.step();
    let opinion = Opinion {
        step_name: step.name.clone(),
        holder: step.holder().to_owned(),
        by: doer.name.clone(),
        at: doer.at,
        text: text.trim().to_owned(),
    };
    case.body.opinions.push(opinion);
}
