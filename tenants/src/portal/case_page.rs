//! The page of a case from its file: in whose hands it is, what comes next, what is asked of the applicant. Pure words; no permission is decided here.

use chrono::{DateTime, Datelike, Utc};
use uuid::Uuid;

use super::chrome::{Chrome, Fact};
use super::components::{LightLevel, LightView, TimelineEntry};
use super::forms::Notice;
use super::materials::may_follow;
use super::own_cases::Opened;
use super::pages_case::{CasePage, CorrectionView, Deadline, DecisionView, WantedMaterial};
use super::upload::size_words;
use crate::cases::case::{CaseFile, CorrectionItem};
use crate::cases::deadlines;
use crate::cases::papers;
use crate::cases::relay::{APPLICANT_LEVEL, StopState};
use crate::cases::view::{self, Sources, TimelineStop, moment_words};
use crate::cases::words::{Custody, Outcome, State};
use crate::catalogue::matter::{Matter, StepKind};
use crate::clock::china_time::{date_in_china, in_china};
use crate::clock::light::{self, Light};
use crate::clock::words::{date_words, range_words};
use crate::context::Context;
use crate::people::person_name::PersonName;
use crate::people::telephone::Telephone;

/// `own`: signed in as the applicant, who may act; otherwise the page only shows.
pub fn page(context: &Context, chrome: Chrome, opened: &Opened, own: bool) -> CasePage {
    let Opened { case, private, materials, matter } = opened;
    let now = context.now();
    let view = view::build(context, &Sources { case, private, materials, matter, now });
    let waits_for_applicant = case.state == State::Correcting;
    let closed = case.custody == Custody::Closed;
    CasePage {
        chrome,
        case_id: case.case_id.to_string(),
        version: i64::from(case.version),
        case_no: case.case_no.clone().unwrap_or_default(),
        matter_name: case.body.matter_short_name.clone(),
        applicant_name: PersonName::parse(&private.applicant.name).map_or(case.applicant_masked.clone(), |name| name.masked()),
        notice: asked_to_withdraw(case),
        says: says(case),
        deadlines: running_deadlines(case, &view.lights.step, &view.lights.whole),
        decision: decision(case, matter, now),
        correction: waits_for_applicant.then(|| correction(opened, now, own)).flatten(),
        next: next(case, &private.applicant.telephone),
        nothing_to_do: !closed && !waits_for_applicant && !can_be_fetched(case),
        may_follow: if closed || case.outcome.is_some() { Vec::new() } else { later_materials(opened, own) },
        timeline: timeline(case, &view.timeline, view.relay.stops.iter().any(|stop| stop.late.is_some()), now),
        days_not_counted: days_not_counted(context, case, now),
        may_withdraw: own && may_withdraw(case),
        has_receipt: own && case.case_no.is_some(),
        more: Vec::new(),
        relay: view.relay,
    }
}

pub fn may_withdraw(case: &CaseFile) -> bool {
    case.custody != Custody::Closed && case.outcome.is_none() && case.state != State::Draft && case.body.withdrawal_asked.is_none()
}

/// Where the case is, a line each: "现在在县残联手里，" "正在审核残疾类别和等级。"
pub fn says(case: &CaseFile) -> Vec<String> {
    let lines: Vec<String> = match (case.custody, case.state) {
        (Custody::Closed, _) => vec![ending(case).to_owned()],
        (_, State::Correcting) => {
            let count = case.body.correction.as_ref().map_or(0, |correction| correction.items.len());
            vec!["现在在您手里：".to_owned(), format!("请补 {count} 份材料。")]
        }
        (Custody::InTransit, _) => {
            let sender = case.body.stations.last().map_or(case.body.route[0].tenant_name.as_str(), |station| station.name.as_str());
            vec![format!("{sender}已经交出，"), format!("{}还没有签收。", case.step().holder())]
        }
        _ if can_be_fetched(case) => vec![format!("结果到了{}，", case.step().department_name), "可以领取。".to_owned()],
        _ if case.outcome.is_some() => vec!["已经有决定，".to_owned(), format!("现在在{}手里，正在送回来。", case.step().holder())],
        _ => vec![format!("现在在{}手里，", case.step().holder()), format!("正在办“{}”。", case.step().name)],
    };
    lines
}

/// The same in one line, for lists.
pub fn says_shortly(case: &CaseFile) -> String {
    match case.state {
        State::Correcting => {
            let count = case.body.correction.as_ref().map_or(0, |correction| correction.items.len());
            format!("请您补 {count} 份材料")
        }
        _ => says(case).concat().trim_end_matches('。').to_owned(),
    }
}

pub fn light_view(light: &Light) -> LightView {
    let level = match light.level {
        light::LightLevel::None => LightLevel::None,
        light::LightLevel::Fine => LightLevel::Fine,
        light::LightLevel::Near => LightLevel::Near,
        light::LightLevel::Late => LightLevel::Late,
        light::LightLevel::Paused => LightLevel::Paused,
        light::LightLevel::Done => LightLevel::Done,
    };
    LightView { level, spent_share: light.spent_share, words: light.words.clone() }
}

/// Whether the correction can be given in now: the case is at its origin, where the applicant stands.
pub fn takes_papers(case: &CaseFile, matter: &Matter, material_code: &str) -> bool {
    case.custody == Custody::Held && papers::may_add(case, matter, material_code).is_ok()
}

fn ending(case: &CaseFile) -> &'static str {
    match case.outcome {
        Some(Outcome::Granted) => "办完了，通过了。",
        Some(Outcome::Refused) => "办完了，没有通过。",
        Some(Outcome::NotAccepted) => "没有受理。",
        Some(Outcome::Returned) => "退回来了，没有作决定。",
        Some(Outcome::Withdrawn) => "已经撤回，不再办了。",
        None => "已经了结。",
    }
}

/// The result lies at the counter where the case was filed.
fn can_be_fetched(case: &CaseFile) -> bool {
    case.custody == Custody::Held && case.is_origin() && case.outcome.is_some() && case.step().kind == StepKind::Deliver
}

fn asked_to_withdraw(case: &CaseFile) -> Option<Notice> {
    let asked = case.body.withdrawal_asked.is_some() && case.outcome.is_none();
    asked.then(|| Notice {
        title: "已经申请撤回。".to_owned(),
        text: format!("办件在{}手里，要等那里答复。", case.step().holder()),
        link: None,
    })
}

fn running_deadlines(case: &CaseFile, step: &Light, whole: &Light) -> Vec<Deadline> {
    if case.state == State::Correcting {
        return Vec::new();
    }
    [("这一站最迟", step), ("全程最迟", whole)]
        .into_iter()
        .filter_map(|(label, light)| {
            let due_words = light.due_words.clone()?;
            Some(Deadline { label: label.to_owned(), due_words, light: light_view(light) })
        })
        .collect()
}

fn decision(case: &CaseFile, matter: &Matter, now: DateTime<Utc>) -> Option<DecisionView> {
    let remedies = || vec![Fact::new("复议", matter.remedies.review.clone()), Fact::new("诉讼", matter.remedies.suit.clone())];
    let year = in_china(now).year();
    if let Some(decision) = &case.body.decision {
        let granted = decision.outcome == Outcome::Granted;
        let mut facts = vec![Fact::new("结果", decision.result_name.clone())];
        facts.extend(decision.result_number.as_ref().map(|number| Fact::new("文号", number.clone())));
        facts.push(Fact::new("日期", date_words(date_in_china(decision.decided_at), year)));
        return Some(DecisionView {
            title: if granted { "通过了" } else { "没有通过" }.to_owned(),
            text: decision.opinion.clone(),
            facts,
            remedies: if granted { Vec::new() } else { remedies() },
        });
    }
    let title = match case.outcome? {
        Outcome::NotAccepted => "不予受理",
        Outcome::Returned => "退件",
        Outcome::Withdrawn => "撤回了",
        Outcome::Granted | Outcome::Refused => return None,
    };
    let withdrawn = case.outcome == Some(Outcome::Withdrawn);
    Some(DecisionView {
        title: title.to_owned(),
        text: case.body.closing_reasons.clone().unwrap_or_default(),
        facts: case.body.decided_at.map(|at| Fact::new("日期", date_words(date_in_china(at), year))).into_iter().collect(),
        remedies: if withdrawn { Vec::new() } else { remedies() },
    })
}

fn correction(opened: &Opened, now: DateTime<Utc>, own: bool) -> Option<CorrectionView> {
    let Opened { case, materials, matter, .. } = opened;
    let correction = case.body.correction.as_ref()?;
    let here_for = |item: &CorrectionItem| -> Vec<String> {
        materials
            .iter()
            .filter(|material| material.material_code == item.material_code && material.added_at >= correction.asked_at)
            .map(|material| format!("{}，{}", material.file_name, size_words(material.size_bytes)))
            .collect()
    };
    let items = correction.items.iter().map(|item| WantedMaterial {
        code: item.material_code.clone(),
        name: matter.find_material(&item.material_code).map_or_else(|| "说明".to_owned(), |material| material.name.clone()),
        message: item.message.clone(),
        received: here_for(item),
        error: None,
        may_upload: own && takes_papers(case, matter, &item.material_code),
    });
    let asker = case.body.route.get(correction.asked_by_step).map(|step| step.holder().to_owned()).unwrap_or_default();
    Some(CorrectionView {
        asked_at_words: format!("{asker} {} ", moment_words(correction.asked_at, now)),
        due_words: None,
        items: items.collect(),
        complete: own && case.custody == Custody::Held && papers::missing_of_correction(case, matter, materials).is_empty(),
        idempotency_key: Uuid::new_v4().to_string(),
    })
}

fn next(case: &CaseFile, telephone: &str) -> Vec<String> {
    if case.custody == Custody::Closed {
        return Vec::new();
    }
    let mut words = Vec::new();
    if case.state == State::Correcting {
        let asker = case.body.correction.as_ref().and_then(|correction| case.body.route.get(correction.asked_by_step));
        let asker = asker.map(|step| step.holder().to_owned()).unwrap_or_default();
        words.push(match case.custody {
            Custody::Held => format!("您交回以后，{asker}接着办。也可以到{}补。", case.body.route[0].department_name),
            _ => "补正通知正在送来，送到以后就可以在这里补。".to_owned(),
        });
    } else if can_be_fetched(case) {
        words.push(format!("请到{}领取，带上身份证件；也可以请代办员代领。", case.step().department_name));
    } else if let Some(following) = case.body.route.get(case.step_index + 1) {
        let step = case.step();
        words.push(match following.holder() == step.holder() {
            true => format!("“{}”办完，{}接着办“{}”。", step.name, step.holder(), following.name),
            false => format!("“{}”办完，转给{}办“{}”。", step.name, following.holder(), following.name),
        });
    }
    if let Some(telephone) = Telephone::parse(telephone).ok().filter(Telephone::is_mobile) {
        words.push(format!("有变化会发短信给尾号 {} 的手机。", telephone.tail()));
    }
    words
}

fn later_materials(opened: &Opened, own: bool) -> Vec<WantedMaterial> {
    let Opened { case, matter, .. } = opened;
    may_follow(opened)
        .into_iter()
        .map(|material| WantedMaterial {
            may_upload: own && takes_papers(case, matter, &material.code),
            code: material.code,
            name: material.name,
            message: material.source_text,
            received: Vec::new(),
            error: None,
        })
        .collect()
}

fn timeline(case: &CaseFile, stops: &[TimelineStop], late: bool, now: DateTime<Utc>) -> Vec<TimelineEntry> {
    let correction = case.body.correction.as_ref().filter(|_| case.state == State::Correcting && case.custody != Custody::Closed);
    let mut entries = Vec::with_capacity(stops.len() + 1);
    for stop in stops {
        let state = match stop.state.as_str() {
            "done" => StopState::Done,
            "coming" => StopState::Coming,
            "next" => StopState::Next,
            _ => StopState::Now,
        };
        let holds = matches!(state, StopState::Now | StopState::Coming);
        let due = stop.due_words.as_ref().map(|words| format!("最迟 {words}")).unwrap_or_default();
        entries.push(TimelineEntry {
            place: stop.place.clone(),
            level: stop.level,
            // While the applicant has it, the one who asked has done their part for now.
            state: if holds && correction.is_some() { StopState::Done } else { state },
            when: if state == StopState::Coming { due } else { stop.at_words.clone().unwrap_or(due) },
            detail: if state == StopState::Coming { format!("还没有签收。{}", stop.detail) } else { stop.detail.clone() },
            late: late && holds,
            paused: false,
        });
        if let Some(correction) = correction.filter(|_| holds) {
            entries.push(TimelineEntry {
                place: "您手里".to_owned(),
                level: APPLICANT_LEVEL,
                state: StopState::Now,
                when: moment_words(correction.asked_at, now),
                detail: "补齐以后交回去。".to_owned(),
                late: false,
                paused: false,
            });
            entries.push(TimelineEntry {
                place: stop.place.clone(),
                level: stop.level,
                state: StopState::Next,
                when: String::new(),
                detail: "收到以后接着办。".to_owned(),
                late: false,
                paused: false,
            });
        }
    }
    entries
}

/// The days that the promise leaves out, each kind once; weekends need no explaining by date.
fn days_not_counted(context: &Context, case: &CaseFile, now: DateTime<Utc>) -> Vec<Fact> {
    if case.outcome.is_some() {
        return Vec::new();
    }
    let Some(due) = deadlines::promise_due(case, &context.calendar) else { return Vec::new() };
    let year = in_china(now).year();
    let is_weekend = |words: &str| words.starts_with("周末");
    let is_told = |line: &&crate::clock::due::Line| (!line.counted && !is_weekend(&line.words)) || line.words.starts_with("调休");
    let mut facts: Vec<Fact> =
        due.derivation.iter().filter(is_told).map(|line| Fact::new(range_words(line.from, line.until, year), line.words.clone())).collect();
    if due.derivation.iter().any(|line| is_weekend(&line.words)) {
        facts.push(Fact::new("周六、周日", "周末，不算"));
    }
    facts.extend(due.note().map(|words| Fact::new("说明", words)));
    facts
}
