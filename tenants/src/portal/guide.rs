//! 办事指南: everything the catalogue knows of a matter, at the chosen place.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, get, web};
use platform::http::problem::Problem;
use platform::permit::Permit;
use platform::tenant::{LEVEL_VILLAGE, Tenant};

use super::chrome::{Chrome, Fact, Link};
use super::pages_guide::{Condition, GuideBasis, GuideLeg, GuideMaterial, GuidePage, GuideQuestion, PromiseFact};
use super::reply::{go_to, public_page};
use super::ways::promise_words;
use super::{paths, visitor};
use crate::cases::papers::SYSTEM_MADE;
use crate::cases::relay::Relay;
use crate::cases::route::{self, RouteStep, RouteStop};
use crate::catalogue::actions::ReadGuide;
use crate::catalogue::api::route_of;
use crate::catalogue::directory::Offered;
use crate::catalogue::matter::{LimitStart, Material, Matter, Necessity, Origin, StepKind};
use crate::clock::limit::{Limit, LimitUnit};
use crate::context::SharedContext;

#[get("/matters/{basic_code}")]
pub async fn show_guide(
    context: SharedContext,
    permit: Permit<ReadGuide>,
    request: HttpRequest,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let chrome = visitor::chrome(&context, &request, &permit).await?;
    let chain = visitor::place(&context, &request).await?;
    if chain.is_empty() {
        return Ok(go_to(&paths::places(&chrome.here)));
    }
    let offered = context.directory.find_offered(&chain, &path).await?.ok_or_else(Problem::not_found)?;
    let steps = route_of(&context, &offered.matter, &chain, &[]).await?;
    public_page(&guide(chrome, &offered, &steps, &chain))
}

fn guide(chrome: Chrome, offered: &Offered, steps: &[RouteStep], chain: &[Arc<Tenant>]) -> GuidePage {
    let matter = offered.matter.as_ref();
    let stops = route::stops(steps);
    let village = chain.first().filter(|tenant| tenant.level == LEVEL_VILLAGE && matter.origins.contains(&Origin::Village));
    let agent_place = village.filter(|_| matter.proxy.agent_may_file).map(|tenant| tenant.short_name.clone());
    GuidePage {
        chrome,
        basic_code: matter.basic_code.clone(),
        name: matter.name.clone(),
        short_name: matter.short_name.clone(),
        summary: matter.summary.clone(),
        crumbs: vec![link("首页", paths::HOME), link("全部事项", paths::MATTERS)],
        promise: promise(matter),
        conditions: conditions(matter),
        conditions_note: conditions_note(matter),
        materials: matter
            .materials
            .iter()
            .filter(|material| material.necessity != Necessity::Internal)
            .map(|one| asked(matter, one))
            .collect(),
        spared: matter.materials.iter().filter(|material| material.necessity == Necessity::Internal).map(spared).collect(),
        route: marked_route(&stops, steps),
        legs: stops.iter().map(|stop| leg(stop, &steps[stop.first_step..=stop.last_step])).collect(),
        results: matter.results.iter().map(|result| result.name.clone()).collect(),
        where_to: where_to(matter, steps, agent_place.as_deref()),
        bases: matter
            .legal_bases
            .iter()
            .map(|basis| GuideBasis {
                title: basis.title.clone(),
                number: [&basis.document_number, &basis.article].into_iter().flatten().cloned().collect::<Vec<_>>().join("，"),
            })
            .collect(),
        questions: matter
            .questions
            .iter()
            .map(|item| GuideQuestion { question: item.question.clone(), answer: item.answer.clone() })
            .collect(),
        contacts: vec![
            Fact::new("咨询", "打 12345，或者到就近的便民服务站、服务中心问"),
            Fact::new("投诉", "打 12345"),
            Fact::new("复议", matter.remedies.review.clone()),
            Fact::new("诉讼", matter.remedies.suit.clone()),
        ],
        online: matter.origins.contains(&Origin::Online),
        online_note: Some("要用手机号登录；填了一半可以存着，回头再填".to_owned()),
        agent_place,
        suspended: (!offered.open).then(|| "指南可以照看，恢复以后再申请。已经递交的照常办。".to_owned()),
    }
}

fn promise(matter: &Matter) -> Vec<PromiseFact> {
    let fact = |label: &str, fact: String, condition: &str| PromiseFact { label: label.to_owned(), fact, condition: condition.to_owned() };
    let unit = matter.limits.promised.last().map_or(LimitUnit::Immediate, |promised| promised.unit);
    let starts = match (unit, matter.limits.statutory.starts) {
        (LimitUnit::Immediate, _) => "材料齐全，您等着就办完",
        (LimitUnit::Hour, _) => "从受理的时候算起",
        (_, LimitStart::Acceptance | LimitStart::Receipt) => "从受理的第二天算起",
    };
    let online = matter.origins.contains(&Origin::Online);
    let trips = match (matter.visits, online, matter.proxy.agent_may_file) {
        (0, ..) => ("不用跑".to_owned(), "网上办，或者请人代办"),
        (visits, true, true) => (format!("最多 {visits} 次"), "网上办或请代办员办，不用跑"),
        (visits, true, false) => (format!("最多 {visits} 次"), "网上办，不用跑"),
        (visits, false, true) => (format!("最多 {visits} 次"), "请代办员办，不用跑"),
        (visits, false, false) => (format!("最多 {visits} 次"), "到窗口办"),
    };
    let brought = matter.materials.iter().filter(|material| is_brought(material)).count();
    let (papers, papers_note) = match brought {
        0 => ("不用带".to_owned(), "需要的都由部门自己查"),
        count => (format!("{count} 样"), "有电子证照的，照下面写的不用带"),
    };
    vec![
        fact("多久", promise_words(matter), starts),
        fact("多少钱", matter.fee.text.clone(), if matter.fee.charged { "按公布的标准收，开票据" } else { "谁收都不对，请打 12345" }),
        fact("跑几次", trips.0, trips.1),
        fact("带几样", papers, papers_note),
    ]
}

/// Whether everybody who applies in person has to bring it.
fn is_brought(material: &Material) -> bool {
    material.necessity == Necessity::Required && material.when.is_empty() && !material.by_proxy && !material.source.starts_with(SYSTEM_MADE)
}

fn conditions(matter: &Matter) -> Vec<Condition> {
    let stated: Vec<Condition> =
        matter.conditions.iter().map(|one| Condition { title: one.title.clone(), text: one.text.clone() }).collect();
    if !stated.is_empty() {
        return stated;
    }
    let situations = matter.situations.iter();
    situations.map(|one| Condition { title: one.title.clone(), text: one.hint.clone().unwrap_or_default() }).collect()
}

/// Unless the matter says it itself.
fn conditions_note(matter: &Matter) -> Option<String> {
    let said = matter.conditions.iter().any(|condition| condition.text.contains("拿不准"));
    (!said).then(|| "拿不准就先申请，不符合也会写明理由。".to_owned())
}

fn asked(matter: &Matter, material: &Material) -> GuideMaterial {
    let titles: Vec<&str> =
        material.when.iter().filter_map(|code| matter.find_situation(code)).map(|situation| situation.title.as_str()).collect();
    let when_needed = if material.by_proxy {
        "只在请人代办时".to_owned()
    } else if material.necessity == Necessity::Tolerant {
        "可以先办后补".to_owned()
    } else if titles.is_empty() {
        "申请时".to_owned()
    } else {
        format!("只在“{}”时", titles.join("”“"))
    };
    GuideMaterial { name: material.name.clone(), what_to_do: material.source_text.clone(), when_needed }
}

fn spared(material: &Material) -> Condition {
    let text = material.source_text.trim_start_matches("不用带").trim_start_matches(['，', '。', ' ']);
    Condition { title: format!("不用带{}。", material.name), text: format!("{text}，哪个窗口都不能向您要。") }
}

/// The route with what the applicant does at its ends and the days between.
fn marked_route(stops: &[RouteStop], steps: &[RouteStep]) -> Relay {
    let last = stops.len().saturating_sub(1);
    let under: Vec<Option<String>> = stops
        .iter()
        .enumerate()
        .map(|(index, stop)| match index {
            0 => Some("您交材料".to_owned()),
            _ if index == last => Some("您收结果".to_owned()),
            _ => days_short(half_days(&steps[stop.first_step..=stop.last_step])),
        })
        .collect();
    let places: Vec<_> = stops.iter().map(|stop| stop.place.clone()).collect();
    Relay::route_with(&places, &under)
}

/// "3 天", "半天"; nothing where no time is set.
fn days_short(half_days: u32) -> Option<String> {
    match half_days {
        0 => None,
        1 => Some("半天".to_owned()),
        odd if odd % 2 == 1 => Some(format!("{} 天半", odd / 2)),
        even => Some(format!("{} 天", even / 2)),
    }
}

/// Only what counts towards the promise, unless nothing here does.
fn half_days(steps: &[RouteStep]) -> u32 {
    let counted: u32 = steps.iter().filter(|step| step.counted).map(|step| step.half_days).sum();
    if counted > 0 { counted } else { steps.iter().map(|step| step.half_days).sum() }
}

fn leg(stop: &RouteStop, steps: &[RouteStep]) -> GuideLeg {
    let counted = steps.iter().any(|step| step.counted);
    let what: Vec<String> = steps
        .iter()
        .map(|step| {
            // The place is told where it says more than the head of the line, and whom is asked in any case.
            let place = (step.place_text != stop.place.name).then(|| step.place_text.clone());
            let asks = step.asks.as_ref().map(|body| format!("问{body}"));
            match [place, asks].into_iter().flatten().collect::<Vec<String>>().join("，") {
                more if more.is_empty() => step.name.clone(),
                more => format!("{}（{more}）", step.name),
            }
        })
        .collect();
    let time = Limit::HalfWorkingDays(half_days(steps)).words();
    GuideLeg {
        place: stop.place.name.clone(),
        what: what.join("、"),
        time_words: if counted { time } else { format!("{time}，不计入") },
        counted,
    }
}

fn where_to(matter: &Matter, steps: &[RouteStep], agent_place: Option<&str>) -> Vec<Fact> {
    let mut facts = Vec::new();
    if let Some(village) = agent_place {
        facts.push(Fact::new("最省事", format!("{village}便民服务站，代办员帮您交。{}", matter.proxy.text)));
    }
    if matter.origins.contains(&Origin::Online) {
        facts.push(Fact::new("网上", "用本页的“网上申请”，随时可以办"));
    }
    if matter.origins.contains(&Origin::Window)
        && let Some(step) = steps.iter().find(|step| step.kind == StepKind::Accept)
    {
        facts.push(Fact::new("窗口", step.department_name.clone()));
    }
    if !matter.proxy.agent_may_file {
        facts.push(Fact::new("请人代办", matter.proxy.text.clone()));
    }
    facts
}

fn link(words: &str, address: &str) -> Link {
    Link { words: words.to_owned(), address: address.to_owned() }
}
