//! Applications for the sample's other matters, and stages of the main one at which a test wants to begin.

use serde_json::{Value, json};
use tenants::people::identity_number::IdentityNumber;
use tenants::people::person_name::PersonName;
use tenants::people::telephone::Telephone;

use crate::house::House;
use crate::person::Person;
use crate::relay::{self, COUNTY, PNG, People, TOWN, VILLAGE, id, missing};

pub const LIVING_ALLOWANCE: &str = "370511001000";
pub const EMERGENCY_RELIEF: &str = "370511008000";
pub const BIRTH_REGISTRATION: &str = "372023001000";
pub const HOMESTEAD: &str = "370119016000";
pub const BUSINESS: &str = "370125001000";

/// The beginning of every application.
fn application(basic_code: &str, situations: &[&str], kind: &str, division_id: i64, seed: u64, form: Value) -> Value {
    json!({
        "basic_code": basic_code,
        "situations": situations,
        "applicant": {
            "kind": kind,
            "name": PersonName::new_synthetic(seed).as_str(),
            "identity_number": IdentityNumber::new_synthetic(seed).as_str(),
            "telephone": Telephone::new_synthetic(seed).as_str(),
            "address": "前梁村",
            "division_id": division_id,
        },
        "members": [],
        "form": form,
    })
}

/// 临时救助: S1 at once, S2 within the town's delegation, S3 decided in the county.
pub fn emergency_relief(situation: &str, seed: u64) -> Value {
    let form = json!({"cause": "突发重病", "happened_on": "2026-09-18"});
    application(EMERGENCY_RELIEF, &[situation], "person", VILLAGE, seed, form)
}

/// 最低生活保障 of a household with one more member.
pub fn living_allowance(seed: u64) -> Value {
    let form = json!({"household_size": "2", "monthly_income": "820.50", "difficulty": "重病"});
    let mut submission = application(LIVING_ALLOWANCE, &["S2"], "household", VILLAGE, seed, form);
    submission["members"] = json!([{
        "name": PersonName::new_synthetic(seed + 500).as_str(),
        "identity_number": IdentityNumber::new_synthetic(seed + 500).as_str(),
        "relation": "配偶",
    }]);
    submission
}

/// 农村宅基地, a new house on the old place.
pub fn homestead(seed: u64) -> Value {
    let form = json!({"household_size": "4", "land_area": "200", "floors": "2", "land_location": "东到路，西到渠，南到李家，北到路"});
    application(HOMESTEAD, &["S2"], "household", VILLAGE, seed, form)
}

/// 生育登记 at the window of the town.
pub fn birth_registration(seed: u64) -> Value {
    let form = json!({
        "spouse_name": PersonName::new_synthetic(seed + 500).as_str(),
        "spouse_identity_number": IdentityNumber::new_synthetic(seed + 500).as_str(),
        "child_order": "1",
    });
    application(BIRTH_REGISTRATION, &["S1"], "person", TOWN, seed, form)
}

/// 个体工商户 at the window of the county.
pub fn business(seed: u64) -> Value {
    let form = json!({"business_scope": "小吃服务", "business_place": "利津街道津二路 8 号"});
    application(BUSINESS, &["S1"], "person", COUNTY, seed, form)
}

/// Puts a case together, scans what is missing, and files it.
pub async fn file(person: &Person, submission: &Value) -> Value {
    let key = format!("{}-{}", submission["basic_code"], submission["applicant"]["identity_number"]);
    let mut case = person.create_case(&key, submission).await.expect(201);
    for material in missing(&case) {
        case = person.upload(&case, &material, "image/png", PNG.to_vec()).await.expect(200);
    }
    person.act(id(&case), "file", json!({})).await.expect(200)
}

// -- Stages of the main matter ----------------------------------------------------------------------------------------------------------------

/// Filed in the village, handed on and signed for at the town's window.
pub async fn at_window(house: &House, people: &People, seed: u64) -> String {
    let case = relay::file(&people.agent, seed).await;
    people.agent.act(id(&case), "hand_on", json!({})).await.expect(200);
    house.settle().await;
    id(&case).to_owned()
}

/// Accepted; the town's civil affairs office has it.
pub async fn at_civil(house: &House, people: &People, seed: u64) -> String {
    let case_id = at_window(house, people, seed).await;
    people.window.act(&case_id, "accept", json!({})).await.expect(200);
    case_id
}

/// Signed for in the county; the federation of the disabled has it.
pub async fn at_federation(house: &House, people: &People, seed: u64) -> String {
    let case_id = at_civil(house, people, seed).await;
    people.civil.act(&case_id, "review", json!({"opinion": "同意上报"})).await.expect(200);
    house.settle().await;
    case_id
}

/// Reviewed twice in the county; only the decision is left.
pub async fn at_decider(house: &House, people: &People, seed: u64) -> String {
    let case_id = at_federation(house, people, seed).await;
    people.federation.act(&case_id, "review", json!({"opinion": "证件有效"})).await.expect(200);
    people.county_review.act(&case_id, "review", json!({"opinion": "没有重复享受"})).await.expect(200);
    case_id
}
