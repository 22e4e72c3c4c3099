//! The main job, walked by people: 残疾人两项补贴 from 前梁村 to 利津县 and back.

use serde_json::{Value, json};
use tenants::people::identity_number::IdentityNumber;
use tenants::people::person_name::PersonName;
use tenants::people::telephone::Telephone;

use crate::house::House;
use crate::person::Person;

/// 两项补贴, the first of the sample's matters.
pub const ALLOWANCE: &str = "370511014000";
pub const VILLAGE: i64 = 370_522_104_202;
pub const TOWN: i64 = 370_522_104_000;
pub const COUNTY: i64 = 370_522_000_000;
/// The sample's second path, in 垦利区: another village whose people may see nothing of the first.
pub const OTHER_VILLAGE: i64 = 370_505_101_201;

/// A picture that is a picture: one white pixel.
pub const PNG: &[u8] = &[
    0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0x00, 0x00, 0x00, 0x0D, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00,
    0x00, 0x01, 0x08, 0x06, 0x00, 0x00, 0x00, 0x1F, 0x15, 0xC4, 0x89, 0x00, 0x00, 0x00, 0x0D, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9C, 0x63,
    0xF8, 0xFF, 0xFF, 0xFF, 0x7F, 0x00, 0x09, 0xFB, 0x03, 0xFD, 0x05, 0x43, 0x45, 0xCA, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4E, 0x44,
    0xAE, 0x42, 0x60, 0x82,
];

/// The people of one relay.
pub struct People {
    pub agent: Person,
    pub window: Person,
    pub civil: Person,
    pub federation: Person,
    pub county_review: Person,
    pub county_decide: Person,
}

impl People {
    pub async fn of(house: &House) -> People {
        People::at(&house.base).await
    }

    pub async fn at(base: &str) -> People {
        People {
            agent: Person::sign_in(base, "qianliang.agent").await,
            window: Person::sign_in(base, "tingluo.window").await,
            civil: Person::sign_in(base, "tingluo.civil").await,
            federation: Person::sign_in(base, "lijin.federation").await,
            county_review: Person::sign_in(base, "lijin.civil.review").await,
            county_decide: Person::sign_in(base, "lijin.civil.decide").await,
        }
    }
}

/// An application of a made-up person; every seed is another one.
pub fn submission(seed: u64) -> Value {
    json!({
        "basic_code": ALLOWANCE,
        "situations": ["S3"],
        "applicant": {
            "kind": "person",
            "name": PersonName::new_synthetic(seed).as_str(),
            "identity_number": IdentityNumber::new_synthetic(seed).as_str(),
            "telephone": Telephone::new_synthetic(seed).as_str(),
            "email": format!("applicant{seed}@example.cn"),
            "address": "前梁村",
            "division_id": VILLAGE,
        },
        "members": [],
        "form": form(),
        "by_proxy": false,
        "proxy_basis": "",
    })
}

/// The same, of somebody who lives in the other village.
pub fn submission_of_other_village(seed: u64) -> Value {
    let mut submission = submission(seed);
    submission["applicant"]["division_id"] = json!(OTHER_VILLAGE);
    submission["applicant"]["address"] = json!("史王村");
    submission
}

/// The answers to the matter's own questions.
pub fn form() -> Value {
    json!({"disability_certificate_number": "37059919360219001342", "disability_category": "肢体", "disability_level": "二级", "same_kind_benefit": "没有"})
}

/// Fills in, scans and files; the answer to filing, with number and secret.
pub async fn file(agent: &Person, seed: u64) -> Value {
    file_submission(agent, &format!("relay-{seed}"), &submission(seed)).await
}

/// The same with an application that is put together elsewhere.
pub async fn file_submission(agent: &Person, key: &str, submission: &Value) -> Value {
    let mut case = agent.create_case(key, submission).await.expect(201);
    for material in missing(&case) {
        case = agent.upload(&case, &material, "image/png", PNG.to_vec()).await.expect(200);
    }
    agent.act(id(&case), "file", json!({})).await.expect(200)
}

/// Codes of the papers that a view says are missing.
pub fn missing(case: &Value) -> Vec<String> {
    let materials = case["materials"].as_array().cloned().unwrap_or_default();
    materials
        .iter()
        .filter(|material| material["status"] == "missing")
        .filter_map(|material| material["code"].as_str().map(str::to_owned))
        .collect()
}

pub fn id(case: &Value) -> &str {
    case["id"].as_str().unwrap_or_default()
}

/// From the village's desk to completion; each stage settles what it left to do.
pub async fn walk(house: &House, people: &People, seed: u64) -> String {
    let case = file(&people.agent, seed).await;
    let case_id = id(&case).to_owned();
    people.agent.act(&case_id, "hand_on", json!({})).await.expect(200);
    house.settle().await;
    people.window.act(&case_id, "accept", json!({})).await.expect(200);
    people.civil.act(&case_id, "review", json!({"opinion": "材料齐全，同意上报"})).await.expect(200);
    house.settle().await;
    people.federation.act(&case_id, "review", json!({"opinion": "肢体二级，证件有效"})).await.expect(200);
    people.county_review.act(&case_id, "review", json!({"opinion": "没有重复享受"})).await.expect(200);
    people
        .county_decide
        .act(&case_id, "decide", json!({"outcome": "granted", "opinion": "符合条件", "result_number": "利民补〔2026〕1号"}))
        .await
        .expect(200);
    house.settle().await;
    people.window.act(&case_id, "deliver", json!({"note": "已电话告知"})).await.expect(200);
    house.settle().await;
    people.agent.act(&case_id, "deliver", json!({"note": "告知书已送到家"})).await.expect(200);
    house.settle().await;
    case_id
}
