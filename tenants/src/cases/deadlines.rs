//! The dates of a case: set after every act from what the case then is, and shown from the same source.
//!
//! The promise runs from acceptance to decision; each step has a budget of its own. A step's clock starts when the case arrives at it and, in
//! transit, runs on the sender's account.

use chrono::{DateTime, Utc};

use super::case::CaseFile;
use super::words::{Custody, State};
use crate::clock::calendar::WorkingCalendar;
use crate::clock::due::{Due, due};
use crate::clock::light::{Light, late_words_short, light};
use crate::clock::limit::Limit;

/// Sets the stored due dates; to be called before a changed file is saved.
pub fn schedule(case: &mut CaseFile, calendar: &WorkingCalendar) {
    case.step_due_at = step_due(case, calendar).map(|due| due.at);
    case.promise_due_at = promise_due(case, calendar).map(|due| due.at);
}

/// When the step under way is due; nothing while the applicant has the word or the case is closed.
pub fn step_due(case: &CaseFile, calendar: &WorkingCalendar) -> Option<Due> {
    if matches!(case.state, State::Draft | State::Correcting) || case.custody == Custody::Closed {
        return None;
    }
    let started_at = case.body.step_started_at?;
    let half_days = case.step().half_days;
    (half_days > 0).then(|| due(Limit::HalfWorkingDays(half_days), started_at, calendar, &[]))
}

/// When the decision is promised. Known from acceptance on, and kept after the decision for the record.
pub fn promise_due(case: &CaseFile, calendar: &WorkingCalendar) -> Option<Due> {
    let accepted_at = case.body.accepted_at?;
    Some(due(case.body.promised, accepted_at, calendar, &[]))
}

/// Lights of the step and of the whole.
pub fn lights(case: &CaseFile, calendar: &WorkingCalendar, now: DateTime<Utc>) -> (Light, Light) {
    if case.custody == Custody::Closed {
        return (Light::done(case.state.label()), Light::done(case.state.label()));
    }
    let step = match (step_due(case, calendar), case.body.step_started_at) {
        (Some(due), Some(started_at)) => light(now, started_at, &due, calendar),
        _ => Light::none(),
    };
    let whole = match (promise_due(case, calendar), case.body.accepted_at, case.outcome) {
        (Some(_), Some(_), Some(_)) => Light::done("已作出决定"),
        (Some(due), Some(accepted_at), None) => light(now, accepted_at, &due, calendar),
        _ => Light::none(),
    };
    (step, whole)
}

/// 超 1 天, for the brick.
pub fn late_mark(case: &CaseFile, calendar: &WorkingCalendar, now: DateTime<Utc>) -> Option<String> {
    step_due(case, calendar).and_then(|due| late_words_short(now, &due, calendar))
}
