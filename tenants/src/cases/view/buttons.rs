//! The buttons of a case: what could be done next, by whom, and why a button does not work.

use chrono::{DateTime, Utc};
use platform::permit::{Action, Permit};

use super::super::act::why_not;
use super::super::case::CaseFile;
use super::super::papers;
use super::super::words::{Custody, State};
use super::{ActionView, Sources};
use crate::catalogue::matter::StepKind;

pub(super) fn actions<A: Action>(permit: &Permit<A>, sources: &Sources<'_>) -> Vec<ActionView> {
    let case = sources.case;
    let mut views: Vec<ActionView> = candidates(case)
        .into_iter()
        .map(|(action, label, primary, fields)| {
            let mut why = why_not(permit, case, action, sources.now);
            let mut way_out = None;
            if action == "case.file" && why.is_none() {
                let missing = papers::missing(case, sources.matter, sources.materials);
                if !missing.is_empty() {
                    why = Some(format!("还缺 {} 份必要材料：{}", missing.len(), missing.join("、")));
                    way_out = Some("在左边的材料里拍照或选文件补上".to_owned());
                }
            }
            if action == "case.supply_correction" && why.is_none() {
                let missing = papers::missing_of_correction(case, sources.matter, sources.materials);
                if !missing.is_empty() {
                    why = Some(format!("要补的还缺：{}", missing.join("、")));
                    way_out = Some("在左边的材料里补上新的一版".to_owned());
                }
            }
            let basis = basis_words(case);
            ActionView { action: &action["case.".len()..], label, primary, allowed: why.is_none(), why, way_out, basis, fields }
        })
        .collect();
    // One obvious button: where the act is somebody else's, the page says whose, and offers nothing solid.
    if let Some(first) = views.iter_mut().find(|view| view.primary) {
        first.primary = true;
    }
    views
}

type Candidate = (&'static str, String, bool, Vec<&'static str>);

/// What could be done next by whoever is the right one, in the order of importance.
fn candidates(case: &CaseFile) -> Vec<Candidate> {
    let mut list: Vec<Candidate> = Vec::new();
    if case.custody == Custody::Closed {
        return list;
    }
    if case.state == State::Draft {
        list.push(("case.file", "收件，出回执".to_owned(), true, vec![]));
        return list;
    }
    if case.custody != Custody::Held {
        if case.is_origin() && case.outcome.is_none() {
            list.push(("case.withdraw", "申请撤回".to_owned(), false, vec!["reasons"]));
        }
        return list;
    }
    if case.state == State::Correcting {
        if case.is_origin() {
            let asker = case
                .body
                .correction
                .as_ref()
                .map(|correction| case.body.route[correction.asked_by_step].holder().to_owned())
                .unwrap_or_default();
            let back =
                if case.waits_for_correction_asked_here() { "补正收齐".to_owned() } else { format!("补正交齐，送回{asker}") };
            list.push(("case.supply_correction", back, true, vec![]));
            list.push(("case.withdraw", "撤回申请".to_owned(), false, vec!["reasons"]));
        }
        return list;
    }
    let next = next_words(case);
    match case.step().kind {
        StepKind::Receive => list.push(("case.hand_on", next, true, vec!["note"])),
        StepKind::Review if case.body.accepted_at.is_none() => list.push(("case.hand_on", format!("通过，{next}"), true, vec!["note"])),
        StepKind::Accept if case.decide_at_once_step().is_some() => {
            list.push(("case.decide_at_once", "当场办结".to_owned(), true, vec!["outcome", "opinion", "result_number"]));
            list.push(("case.accept", "受理，稍后办".to_owned(), false, vec![]));
        }
        StepKind::Accept => list.push(("case.accept", "受理".to_owned(), true, vec![])),
        StepKind::Review => list.push(("case.review", format!("通过，{next}"), true, vec!["opinion"])),
        StepKind::Decide => list.push(("case.decide", "作出决定".to_owned(), true, vec!["outcome", "opinion", "result_number"])),
        StepKind::Deliver => list.push((
            "case.deliver",
            if case.step_index + 1 == case.body.route.len() { "送达，办结".to_owned() } else { format!("已告知，{next}") },
            true,
            vec!["note"],
        )),
    }
    let by_an_organ = case.step().level != platform::tenant::LEVEL_VILLAGE;
    if by_an_organ && matches!(case.step().kind, StepKind::Accept | StepKind::Review) {
        list.push(("case.ask_correction", "一次性告知补正".to_owned(), false, vec!["items"]));
        if case.step().kind == StepKind::Accept {
            list.push(("case.refuse_acceptance", "不予受理".to_owned(), false, vec!["reasons"]));
        }
        list.push(("case.send_back", "退件".to_owned(), false, vec!["reasons"]));
    }
    if case.is_origin() && case.outcome.is_none() {
        list.push(("case.withdraw", "撤回申请".to_owned(), false, vec!["reasons"]));
    }
    list
}

/// The one next act of a row in the list, if it is this post's.
pub fn next_action<A: Action>(permit: &Permit<A>, case: &CaseFile, now: DateTime<Utc>) -> Option<(&'static str, String)> {
    let (action, label, _, _) = candidates(case).into_iter().find(|(_, _, primary, _)| *primary)?;
    why_not(permit, case, action, now).is_none().then(|| (&action["case.".len()..], label))
}

fn next_words(case: &CaseFile) -> String {
    match case.body.route.get(case.step_index + 1) {
        None => "办结".to_owned(),
        Some(next) if next.tenant_id != case.tenant_id => format!("移交{}", next.holder()),
        Some(next) if next.holder() != case.step().holder() || next.department_code != case.step().department_code => {
            format!("转{}", next.department_short)
        }
        Some(next) => format!("转“{}”", next.name),
    }
}

fn basis_words(case: &CaseFile) -> Vec<String> {
    let step = case.step();
    let mut words = vec![format!("{}　{}", step.department_name, step.name)];
    if step.power_owner_id != step.tenant_id {
        words.push("上级机关的权力，凭委托办理".to_owned());
    }
    words
}
