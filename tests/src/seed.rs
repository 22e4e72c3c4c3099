//! Desks as they look on an ordinary Monday: cases of several matters, from several places, some nearly due and one late.
//!
//! Everything goes through the interface, on the days on which people would have done it; afterwards the clock stands at [`MORNING`].

use chrono::{DateTime, Duration, Utc};
use serde_json::{Map, Value, json};
use tenants::people::identity_number::IdentityNumber;
use tenants::people::person_name::PersonName;
use tenants::people::telephone::Telephone;

use crate::house::{House, MORNING};
use crate::person::Person;
use crate::relay::{ALLOWANCE, PNG, TOWN, VILLAGE, id, missing};

const RELIEF: &str = "370511008000";
const LIVING: &str = "370511001000";
/// The village that the agent serves besides.
const NEIGHBOUR: i64 = 370_522_104_203;
/// A village whose people come to the town's window.
const FARTHER: i64 = 370_522_104_210;

/// Seeds of the applicants; the step gives them family names of all kinds.
const SEEDS_FROM: u64 = 9_100;
const SEED_STEP: u64 = 7;

/// Where a case of the plan comes in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Village,
    Neighbour,
    Window,
}

struct Planned {
    /// Days before [`MORNING`].
    days_before: i64,
    at: At,
    matter: &'static str,
    situations: &'static [&'static str],
    accepted: bool,
}

const fn planned(days_before: i64, at: At, matter: &'static str, situations: &'static [&'static str], accepted: bool) -> Planned {
    Planned { days_before, at, matter, situations, accepted }
}

const PLAN: &[Planned] = &[
    planned(7, At::Village, ALLOWANCE, &["S1"], true),
    planned(6, At::Neighbour, LIVING, &["S2"], true),
    planned(5, At::Window, RELIEF, &["S3"], true),
    planned(5, At::Neighbour, ALLOWANCE, &["S2"], true),
    planned(4, At::Village, LIVING, &[], true),
    planned(4, At::Window, ALLOWANCE, &["S3"], true),
    planned(3, At::Neighbour, RELIEF, &["S2"], true),
    planned(3, At::Window, LIVING, &["S2"], true),
    planned(3, At::Village, ALLOWANCE, &["S1"], true),
    planned(3, At::Window, RELIEF, &["S5"], true),
    planned(0, At::Village, RELIEF, &["S2"], true),
    planned(0, At::Neighbour, ALLOWANCE, &["S3"], true),
    planned(0, At::Village, LIVING, &["S1"], false),
    planned(0, At::Neighbour, RELIEF, &["S1"], false),
    planned(0, At::Window, RELIEF, &["S3"], false),
    planned(0, At::Window, ALLOWANCE, &["S2"], false),
    planned(0, At::Village, ALLOWANCE, &["S1"], false),
];

/// Fills the desks of 前梁村, 林家屋子村 and 汀罗镇.
pub async fn fill_desks(house: &House) {
    let morning: DateTime<Utc> = MORNING.parse().expect("a time");
    let mut days: Vec<i64> = PLAN.iter().map(|planned| planned.days_before).collect();
    days.dedup();
    for days_before in days {
        house.clock.set(morning - Duration::days(days_before));
        let agent = house.staff("qianliang.agent").await;
        let window = house.staff("tingluo.window").await;
        for (index, planned) in PLAN.iter().enumerate().filter(|(_, planned)| planned.days_before == days_before) {
            file(house, &agent, &window, planned, SEEDS_FROM + index as u64 * SEED_STEP).await;
        }
    }
    house.clock.set(morning);
}

async fn file(house: &House, agent: &Person, window: &Person, planned: &Planned, seed: u64) {
    let filer = if planned.at == At::Window { window } else { agent };
    if planned.at != At::Window {
        hold_post(agent, if planned.at == At::Village { VILLAGE } else { NEIGHBOUR }).await;
    }
    let submission = submission(filer, planned, seed).await;
    let mut case = filer.create_case(&format!("seed-{seed}"), &submission).await.expect(201);
    for material in missing(&case) {
        case = filer.upload(&case, &material, "image/png", PNG.to_vec()).await.expect(200);
    }
    let case = filer.act(id(&case), "file", json!({})).await.expect(200);
    if planned.at != At::Window {
        filer.act(id(&case), "hand_on", json!({})).await.expect(200);
        house.settle().await;
    }
    if planned.accepted {
        window.act(id(&case), "accept", json!({})).await.expect(200);
        house.settle().await;
    }
}

async fn hold_post(agent: &Person, tenant_id: i64) {
    let posts = agent.me["posts"].as_array().cloned().unwrap_or_default();
    let post = posts.iter().find(|post| post["tenant_id"] == tenant_id).expect("the agent has a post there");
    agent.put("/api/v1/session/post", &json!({"tenant_id": tenant_id, "post_id": post["id"]})).await.expect(200);
}

async fn submission(filer: &Person, planned: &Planned, seed: u64) -> Value {
    let (place, division_id) = match planned.at {
        At::Village => (VILLAGE, VILLAGE),
        At::Neighbour => (NEIGHBOUR, NEIGHBOUR),
        At::Window => (TOWN, FARTHER),
    };
    let guide = filer.get(&format!("/api/v1/matters/{}?place={place}", planned.matter)).await.expect(200);
    let matter = &guide["matter"];
    let kind = matter["applicant_kinds"][0].as_str().unwrap_or("person");
    let members = if kind == "household" { json!([member(seed)]) } else { json!([]) };
    json!({
        "basic_code": planned.matter,
        "situations": planned.situations,
        "applicant": {
            "kind": kind,
            "name": PersonName::new_synthetic(seed).as_str(),
            "identity_number": IdentityNumber::new_synthetic(seed).as_str(),
            "telephone": Telephone::new_synthetic(seed).as_str(),
            "address": "",
            "division_id": division_id,
        },
        "members": members,
        "form": answers(matter, planned.situations),
    })
}

fn member(seed: u64) -> Value {
    let seed = seed + 5_000;
    json!({"name": PersonName::new_synthetic(seed).as_str(), "identity_number": IdentityNumber::new_synthetic(seed).as_str(), "relation": "配偶"})
}

/// An answer of the right kind to every question that must be answered.
fn answers(matter: &Value, situations: &[&str]) -> Value {
    let mut answers = Map::new();
    for field in matter["fields"].as_array().into_iter().flatten() {
        let when = field["when"].as_array().cloned().unwrap_or_default();
        let asked = when.is_empty() || when.iter().any(|code| situations.iter().any(|situation| code == situation));
        if !asked || field["required"] != true {
            continue;
        }
        let answer = match field["kind"].as_str().unwrap_or_default() {
            "choice" => field["choices"][0].clone(),
            "date" => json!("1958-03-12"),
            "money" => json!("1860.50"),
            "number" => json!("2"),
            _ => json!("样例"),
        };
        answers.insert(field["code"].as_str().unwrap_or_default().to_owned(), answer);
    }
    Value::Object(answers)
}
