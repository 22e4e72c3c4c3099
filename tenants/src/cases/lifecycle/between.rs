//! What a message from another tenant does to a file: custody is taken here, and nowhere else.

use super::super::case::CaseFile;
use super::super::envelope::{Envelope, News, Outgoing};
use super::super::event::{EventDraft, EventKind};
use super::super::words::{Custody, Outcome, State};
use super::moves::{arrive, end_without_decision};
use super::{Act, Doer, Effects, Letter, Refusal};
use crate::catalogue::matter::StepKind;

/// A case arrives. `known` is this tenant's file of it, if it had the case before.
pub fn take(
    tenant_id: i64,
    known: Option<&CaseFile>,
    envelope: Envelope,
    sender_id: i64,
    doer: &Doer,
) -> Result<(CaseFile, Effects), Refusal> {
    if let Some(known) = known
        && envelope.epoch <= known.epoch
    {
        return Err(Refusal::OldEpoch { known: known.epoch, given: envelope.epoch });
    }
    let sender_head = envelope.chain_head.clone();
    let mut case = envelope.into_file(tenant_id, known);
    case.custody = Custody::Held;
    if !case.body.hops.contains(&sender_id) {
        case.body.hops.push(sender_id);
    }
    case.body.step_started_at = Some(doer.at);
    let mut effects = Effects::default();
    let first_receipt_by_an_organ =
        case.body.received_at.is_none() && case.state == State::Received && case.step().kind == StepKind::Accept;
    if first_receipt_by_an_organ {
        case.body.received_at = Some(doer.at);
    }
    let detail = if case.state == State::Correcting { "收到补正告知，转告申请人" } else { "签收" };
    arrive(&mut case, doer.at, detail);
    effects.events.push(
        EventDraft::of(EventKind::Taken, &case, doer, detail.to_owned())
            .with_fact("sender", sender_id.to_string())
            .with_fact("sender_head", hex::encode(sender_head)),
    );
    if first_receipt_by_an_organ {
        effects.events.push(EventDraft::of(EventKind::OrganReceipt, &case, doer, "行政机关收件".to_owned()));
    }
    // What was withdrawn, returned or not accepted has no result to fetch.
    if case.is_origin() && case.body.decision.is_some() {
        effects.letters.push(Letter::ReadyToCollect);
    }
    effects.outgoing.push(Outgoing::taken(sender_id, case.epoch));
    // A withdrawal that was asked while the case was on its way is answered by whoever holds it now.
    if let Some(reasons) = case.body.withdrawal_asked.clone()
        && case.outcome.is_none()
        && case.state != State::Correcting
    {
        end_without_decision(&mut case, doer, Outcome::Withdrawn, EventKind::Withdrawn, &reasons, &mut effects)?;
    }
    Ok((case, effects))
}

/// The receiver has signed. Nothing where the signature is for an earlier hand-over: it tells nothing about this one.
pub fn acknowledged(case: &mut CaseFile, receiver_id: i64, epoch: i32, receiver_head: &[u8], doer: &Doer) -> Option<Effects> {
    if case.custody != Custody::InTransit || case.epoch != epoch {
        return None;
    }
    case.custody = Custody::Away;
    let draft = EventDraft::of(EventKind::Acknowledged, case, doer, "对方已签收".to_owned())
        .with_fact("receiver", receiver_id.to_string())
        .with_fact("receiver_head", hex::encode(receiver_head));
    Some(Effects { events: vec![draft], ..Effects::default() })
}

/// News from the tenant that has the case; changes what is shown, never who may act. Nothing where it is no news (any more): the file is as it was.
pub fn hear(case: &mut CaseFile, news: News<'_>) -> Option<Effects> {
    if matches!(case.custody, Custody::Held | Custody::Closed) || news.body.news_no <= case.body.news_no {
        return None;
    }
    if news.closed {
        case.custody = Custody::Closed;
    }
    news.tell(case);
    Some(Effects { archive: case.custody == Custody::Closed, ..Effects::default() })
}

/// A request to withdraw reaches the tenant that was thought to hold the case.
pub fn hear_withdrawal(case: &mut CaseFile, reasons: &str, doer: &Doer) -> Act {
    let mut effects = Effects::default();
    if case.custody == Custody::Closed || case.outcome.is_some() {
        // A withdrawal is its own answer; the request was on its way by two roads.
        if !case.is_origin() && case.outcome != Some(Outcome::Withdrawn) {
            effects.outgoing.push(Outgoing::withdrawal_refused(case.origin_tenant_id, "已经作出决定，不能再撤回"));
        }
        return Ok(effects);
    }
    if case.custody == Custody::Held {
        end_without_decision(case, doer, Outcome::Withdrawn, EventKind::Withdrawn, reasons, &mut effects)?;
        return Ok(effects);
    }
    let next = case.holder_tenant_id();
    if next != case.tenant_id {
        effects.outgoing.push(Outgoing::withdrawal_request(next, reasons));
    }
    Ok(effects)
}

/// The answer to a request to withdraw that came too late. Nothing where no request is open.
pub fn hear_withdrawal_refused(case: &mut CaseFile, reasons: &str, doer: &Doer) -> Option<Effects> {
    case.body.withdrawal_asked.take()?;
    let draft = EventDraft::of(EventKind::WithdrawalRefused, case, doer, reasons.to_owned());
    Some(Effects { events: vec![draft], ..Effects::default() })
}
