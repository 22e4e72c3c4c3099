//! The moves that acts are made of: to the next step, to the next tenant, to the end. Used by the rules of [`super`] and nobody else.

use chrono::{DateTime, Utc};

use super::super::case::{CaseFile, Station};
use super::super::envelope::Outgoing;
use super::super::event::{EventDraft, EventKind};
use super::super::words::{Custody, Outcome, State};
use super::{Doer, Effects, Letter, Refusal};
use crate::catalogue::matter::StepKind;

pub(super) fn end_without_decision(
    case: &mut CaseFile,
    doer: &Doer,
    outcome: Outcome,
    kind: EventKind,
    reasons: &str,
    effects: &mut Effects,
) -> Result<(), Refusal> {
    if reasons.trim().is_empty() {
        return Err(Refusal::ReasonsMissing);
    }
    case.outcome = Some(outcome);
    case.state = match outcome {
        Outcome::NotAccepted => State::NotAccepted,
        Outcome::Returned => State::Returned,
        _ => State::Withdrawn,
    };
    case.body.closing_reasons = Some(reasons.trim().to_owned());
    case.body.decided_at = Some(doer.at);
    case.body.withdrawal_asked = None;
    effects.events.push(EventDraft::of(kind, case, doer, reasons.trim().to_owned()));
    if case.is_origin() {
        close(case, doer, effects);
        return Ok(());
    }
    // Home along the hops: the first delivering step ahead that belongs to a tenant which had the case before.
    let ahead = case.body.route.iter().enumerate().skip(case.step_index + 1);
    let home = ahead
        .filter(|(_, step)| {
            step.kind == StepKind::Deliver
                && step.tenant_id != case.tenant_id
                && (case.body.hops.contains(&step.tenant_id) || step.tenant_id == case.origin_tenant_id)
        })
        .map(|(index, _)| index)
        .next();
    case.step_index = home.unwrap_or(case.body.route.len() - 1);
    let next = case.step().tenant_id;
    depart(case, next, doer.at, effects);
    Ok(())
}

/// The step is done; the next one is the same tenant's, or the case departs, or that was the last.
pub(super) fn advance(case: &mut CaseFile, doer: &Doer, effects: &mut Effects) {
    let Some(next) = case.body.route.get(case.step_index + 1).cloned() else {
        close(case, doer, effects);
        return;
    };
    let changes_holder = next.holder() != case.step().holder();
    let told_before = case.step().kind == StepKind::Deliver;
    case.step_index += 1;
    if next.tenant_id != case.tenant_id {
        depart(case, next.tenant_id, doer.at, effects);
        return;
    }
    case.body.step_started_at = Some(doer.at);
    if changes_holder {
        leave(case, doer.at);
        arrive(case, doer.at, "转入");
    }
    // A result that lies at its origin can be fetched.
    if next.kind == StepKind::Deliver && case.is_origin() && case.body.decision.is_some() && !told_before {
        effects.letters.push(Letter::ReadyToCollect);
    }
}

pub(super) fn depart(case: &mut CaseFile, receiver_id: i64, at: DateTime<Utc>, effects: &mut Effects) {
    case.custody = Custody::InTransit;
    case.epoch += 1;
    leave(case, at);
    effects.outgoing.push(Outgoing::handover(receiver_id));
}

fn close(case: &mut CaseFile, doer: &Doer, effects: &mut Effects) {
    case.custody = Custody::Closed;
    if matches!(case.outcome, Some(Outcome::Granted | Outcome::Refused)) {
        case.state = State::Completed;
    }
    case.body.closed_at = Some(doer.at);
    leave(case, doer.at);
    effects.events.push(EventDraft::of(EventKind::Completed, case, doer, case.state.label().to_owned()));
    effects.archive = true;
}

pub(super) fn arrive(case: &mut CaseFile, at: DateTime<Utc>, detail: &str) {
    let (name, step_index) = (station_name(case), case.step_index);
    case.body.stations.push(Station {
        tenant_id: case.tenant_id,
        name,
        step_index,
        arrived_at: at,
        left_at: None,
        detail: detail.to_owned(),
    });
}

fn leave(case: &mut CaseFile, at: DateTime<Utc>) {
    if let Some(station) = case.body.stations.last_mut() {
        station.left_at.get_or_insert(at);
    }
}

fn station_name(case: &CaseFile) -> String {
    if case.state == State::Correcting { "申请人".to_owned() } else { case.step().holder().to_owned() }
}
