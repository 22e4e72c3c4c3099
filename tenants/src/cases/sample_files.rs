//! Files for tests of the pure rules: the routes of the sample's matters, without database and catalogue.

use uuid::Uuid;

use super::case::{Body, CaseFile};
use super::lifecycle::{self, Doer, Effects};
use super::route::RouteStep;
use super::words::{Channel, Custody, State};
use crate::catalogue::matter::{StepKind, StepMethod, StepRole};
use crate::clock::limit::Limit;

pub const VILLAGE: i64 = 370_522_104_202;
pub const TOWN: i64 = 370_522_104_000;
pub const COUNTY: i64 = 370_522_000_000;

/// A way to go: who does which kind of step.
pub struct SampleRoute {
    pub name: &'static str,
    pub instant: bool,
    steps: &'static [(i64, StepKind, &'static str)],
}

use StepKind::{Accept, Decide, Deliver, Receive, Review};

/// The ways that the sample's matters take; the first is the main one.
pub const ROUTES: &[SampleRoute] = &[
    SampleRoute {
        name: "残疾人两项补贴，村里申请",
        instant: false,
        steps: &[
            (VILLAGE, Receive, "station"),
            (TOWN, Accept, "center"),
            (TOWN, Review, "civil"),
            (COUNTY, Review, "federation"),
            (COUNTY, Review, "civil"),
            (COUNTY, Decide, "civil"),
            (TOWN, Deliver, "center"),
            (VILLAGE, Deliver, "station"),
        ],
    },
    SampleRoute {
        name: "残疾人两项补贴，镇里窗口申请",
        instant: false,
        steps: &[
            (TOWN, Accept, "center"),
            (TOWN, Review, "civil"),
            (COUNTY, Review, "federation"),
            (COUNTY, Review, "civil"),
            (COUNTY, Decide, "civil"),
            (TOWN, Deliver, "center"),
        ],
    },
    SampleRoute {
        name: "农村宅基地，受理之前村里两步",
        instant: false,
        steps: &[
            (VILLAGE, Review, "committee"),
            (VILLAGE, Review, "committee"),
            (TOWN, Accept, "center"),
            (TOWN, Review, "farm"),
            (TOWN, Review, "farm"),
            (COUNTY, Review, "land"),
            (TOWN, Review, "farm"),
            (TOWN, Decide, "government"),
            (TOWN, Deliver, "center"),
            (TOWN, Deliver, "farm"),
            (VILLAGE, Deliver, "committee"),
        ],
    },
    SampleRoute {
        name: "临时救助，镇里决定",
        instant: false,
        steps: &[
            (VILLAGE, Receive, "station"),
            (TOWN, Accept, "center"),
            (TOWN, Review, "civil"),
            (TOWN, Decide, "government"),
            (TOWN, Deliver, "finance"),
            (VILLAGE, Deliver, "station"),
        ],
    },
    SampleRoute {
        name: "生育登记，镇里即办",
        instant: true,
        steps: &[(TOWN, Accept, "health"), (TOWN, Decide, "health"), (TOWN, Deliver, "health")],
    },
    SampleRoute {
        name: "个体工商户，不出县",
        instant: true,
        steps: &[(COUNTY, Accept, "approval"), (COUNTY, Decide, "signing"), (COUNTY, Deliver, "approval"), (COUNTY, Deliver, "approval")],
    },
];

/// A draft of such a case, at its origin.
pub fn start(route: &SampleRoute) -> CaseFile {
    let steps: Vec<RouteStep> = route.steps.iter().enumerate().map(|(index, step)| route_step(index, step)).collect();
    let origin = steps[0].tenant_id;
    let created_at = "2026-09-21T00:50:00Z".parse().expect("a time");
    CaseFile {
        tenant_id: origin,
        case_id: Uuid::from_u128(1),
        case_no: None,
        origin_tenant_id: origin,
        basic_code: "370511014000".to_owned(),
        matter_version: 1,
        channel: if origin == VILLAGE { Channel::Village } else { Channel::Window },
        state: State::Draft,
        outcome: None,
        custody: Custody::Held,
        epoch: 0,
        step_index: 0,
        applicant_masked: "张*".to_owned(),
        applicant_index: vec![1],
        citizen_id: Uuid::from_u128(2),
        sealed: vec![7; 40],
        secret_index: None,
        step_due_at: None,
        promise_due_at: None,
        filed_at: None,
        body: body(route, steps),
        chain_head: Vec::new(),
        event_count: 0,
        version: 1,
        created_at,
    }
}

/// Files the draft.
pub fn filed(mut draft: CaseFile, doer: &Doer) -> (CaseFile, Effects) {
    let effects = lifecycle::file(&mut draft, "370522104202202600001".to_owned(), vec![1], Vec::new(), doer).expect("a draft can be filed");
    (draft, effects)
}

fn route_step(index: usize, (tenant_id, kind, department): &(i64, StepKind, &str)) -> RouteStep {
    let (name, short, level) = match *tenant_id {
        VILLAGE => ("前梁村", "村", 6),
        TOWN => ("汀罗镇", "镇", 5),
        _ => ("利津县", "县", 4),
    };
    RouteStep {
        code: index.to_string(),
        name: format!("第 {index} 步"),
        kind: *kind,
        method: StepMethod::Paper,
        tenant_id: *tenant_id,
        tenant_name: name.to_owned(),
        tenant_short: short.to_owned(),
        level,
        department_code: (*department).to_owned(),
        department_name: format!("{name}{department}"),
        department_short: format!("{short}{department}"),
        role: StepRole::Reviewer,
        half_days: 2,
        counted: true,
        power_owner_id: *tenant_id,
        place_text: name.to_owned(),
        asks: None,
    }
}

fn body(route: &SampleRoute, steps: Vec<RouteStep>) -> Body {
    Body {
        matter_name: route.name.to_owned(),
        matter_short_name: route.name.to_owned(),
        situations: Vec::new(),
        situation_words: String::new(),
        applicant_kind: "person".to_owned(),
        instant: route.instant,
        route: steps,
        promised: Limit::WorkingDays(10),
        by_proxy: false,
        agent: None,
        created_by: Some(1),
        hops: Vec::new(),
        stations: Vec::new(),
        step_started_at: None,
        received_at: None,
        accepted_at: None,
        decided_at: None,
        closed_at: None,
        correction: None,
        opinions: Vec::new(),
        decision: None,
        closing_reasons: None,
        withdrawal_asked: None,
        archive: None,
        news_no: 0,
    }
}
