//! What the relay must also bear: decided in the town by delegation, a county in between, ended at once, never leaving the county.

use serde_json::{Value, json};
use tests::house::House;
use tests::matters::{birth_registration, business, emergency_relief, file, homestead, living_allowance};
use tests::person::Person;
use tests::relay::{PNG, TOWN, id};

async fn view(person: &Person, case_id: &str) -> Value {
    person.get(&format!("/api/v1/cases/{case_id}")).await.expect(200)
}

/// People of the town and the village; each test signs in whom it needs.
async fn signed_in<const COUNT: usize>(house: &House, login_names: [&str; COUNT]) -> [Person; COUNT] {
    let mut people = Vec::with_capacity(COUNT);
    for login_name in login_names {
        people.push(house.staff(login_name).await);
    }
    people.try_into().unwrap_or_else(|_| unreachable!("as many as were asked for"))
}

/// Brings relief within the limit to the desk of the town's leader.
async fn relief_at_leader(house: &House, agent: &Person, window: &Person, civil: &Person) -> String {
    let case = file(agent, &emergency_relief("S2", 1)).await;
    let case_id = id(&case).to_owned();
    agent.act(&case_id, "hand_on", json!({})).await.expect(200);
    house.settle().await;
    window.act(&case_id, "accept", json!({})).await.expect(200);
    civil.act(&case_id, "review", json!({"opinion": "情况属实"})).await.expect(200);
    case_id
}

const REVOKED: &str = "UPDATE delegation SET state = 'revoked' WHERE delegate_id = 370522104000; \
                       UPDATE policy_version SET version = version + 1 WHERE tenant_id = 370522104000";

#[tokio::test]
async fn a_town_decides_by_delegation_and_says_so() {
    let house = House::new().await;
    let [agent, window, civil, leader, finance] =
        signed_in(&house, ["qianliang.agent", "tingluo.window", "tingluo.civil", "tingluo.leader", "tingluo.finance"]).await;
    let case_id = relief_at_leader(&house, &agent, &window, &civil).await;
    let decided = leader.act(&case_id, "decide", json!({"outcome": "granted", "opinion": "符合条件"})).await.expect(200);
    assert!(decided["decision"]["delegation"].as_str().is_some_and(|words| words.starts_with("委托第")), "{}", decided["decision"]);
    let basis = house.texts("SELECT basis AS t FROM audit_entry WHERE action = 'case.decide'");
    assert!(basis.len() == 1 && basis[0].contains("delegation"), "{basis:?}");
    finance.act(&case_id, "deliver", json!({"note": "已打卡"})).await.expect(200);
    house.settle().await;
    agent.act(&case_id, "deliver", json!({})).await.expect(200);
    house.settle().await;
    let done = view(&agent, &case_id).await;
    assert_eq!((done["state"].as_str(), done["relay"]["text"].as_str()), (Some("completed"), Some("村↑镇↓村。")));
}

#[tokio::test]
async fn without_a_delegation_the_town_cannot_decide() {
    let house = House::new().await;
    house.execute(REVOKED);
    let [agent, window, civil, leader] = signed_in(&house, ["qianliang.agent", "tingluo.window", "tingluo.civil", "tingluo.leader"]).await;
    let case_id = relief_at_leader(&house, &agent, &window, &civil).await;
    let before = house.rows();
    leader.act(&case_id, "decide", json!({"outcome": "granted", "opinion": "符合条件"})).await.expect_problem(403, "forbidden");
    let seen = view(&leader, &case_id).await;
    assert_eq!((seen["actions"][0]["action"].as_str(), seen["actions"][0]["allowed"].as_bool()), (Some("decide"), Some(false)));
    assert!(seen["actions"][0]["why"].as_str().is_some_and(|why| why.contains("委托")), "{}", seen["actions"][0]);
    assert_eq!(house.rows(), before);
}

/// Whether the leader's server has noticed or not: the decision's own transaction has.
#[tokio::test]
async fn a_delegation_that_was_just_revoked_no_longer_decides() {
    let house = House::new().await;
    let [agent, window, civil, leader] = signed_in(&house, ["qianliang.agent", "tingluo.window", "tingluo.civil", "tingluo.leader"]).await;
    let case_id = relief_at_leader(&house, &agent, &window, &civil).await;
    let known = view(&leader, &case_id).await;
    assert_eq!(known["actions"][0]["allowed"], true);
    let before = house.rows();
    house.execute(REVOKED);
    let body = json!({"version": known["version"], "outcome": "granted", "opinion": "符合条件"});
    let refused = leader.post(&format!("/api/v1/cases/{case_id}/actions/decide"), &body).await;
    let (status, code) = (refused.status.as_u16(), refused.body["code"].as_str().unwrap_or_default());
    assert!(matches!((status, code), (409, "authority_changed") | (403, "forbidden")), "{}", refused.text);
    assert_eq!(house.rows(), before);
}

#[tokio::test]
async fn above_the_limit_the_county_decides() {
    let house = House::new().await;
    let [agent, window, civil, review, decide] =
        signed_in(&house, ["qianliang.agent", "tingluo.window", "tingluo.civil", "lijin.civil.review", "lijin.civil.decide"]).await;
    let case = file(&agent, &emergency_relief("S3", 1)).await;
    let case_id = id(&case);
    agent.act(case_id, "hand_on", json!({})).await.expect(200);
    house.settle().await;
    window.act(case_id, "accept", json!({})).await.expect(200);
    for opinion in ["核对完成", "入户属实", "公示没有异议", "同意上报"] {
        civil.act(case_id, "review", json!({"opinion": opinion})).await.expect(200);
    }
    house.settle().await;
    review.act(case_id, "review", json!({"opinion": "同意"})).await.expect(200);
    let decided = decide.act(case_id, "decide", json!({"outcome": "granted", "opinion": "符合条件"})).await.expect(200);
    assert_eq!(decided["decision"]["delegation"], Value::Null, "the county uses its own power");
    house.settle().await;
    window.act(case_id, "deliver", json!({})).await.expect(200);
    house.settle().await;
    agent.act(case_id, "deliver", json!({})).await.expect(200);
    house.settle().await;
    assert_eq!(view(&decide, case_id).await["custody"], "closed");
    assert_eq!(house.set_aside(), 0);
}

#[tokio::test]
async fn land_for_a_house_goes_through_the_county_and_is_decided_in_the_town() {
    let house = House::new().await;
    let [agent, head, window, farm] = signed_in(&house, ["qianliang.agent", "qianliang.head", "tingluo.window", "tingluo.farm"]).await;
    let [land, leader] = signed_in(&house, ["lijin.land.review", "tingluo.leader"]).await;
    let mut by_proxy = homestead(2);
    by_proxy["by_proxy"] = json!(true);
    by_proxy["proxy_basis"] = json!("村委会受托");
    let refused = agent.create_case("proxy", &by_proxy).await.expect_problem(422, "invalid");
    assert!(refused["detail"].as_str().is_some_and(|detail| detail.contains("不能由代办员代为申请")), "{refused}");

    let case = file(&head, &homestead(1)).await;
    let case_id = id(&case);
    // Discussion and publication are the collective's, not the station's.
    agent.act(case_id, "hand_on", json!({})).await.expect_problem(403, "forbidden");
    head.act(case_id, "hand_on", json!({"note": "村民会议通过，公示无异议"})).await.expect(200);
    let passed = head.act(case_id, "hand_on", json!({"note": "同意报镇"})).await.expect(200);
    assert_eq!(passed["custody"], "in_transit");
    house.settle().await;
    window.act(case_id, "accept", json!({})).await.expect(200);
    farm.act(case_id, "review", json!({"opinion": "到场看过"})).await.expect(200);
    farm.act(case_id, "review", json!({"opinion": "符合规划"})).await.expect(200);
    house.settle().await;
    land.act(case_id, "review", json!({"opinion": "许可"})).await.expect(200);
    house.settle().await;
    farm.act(case_id, "review", json!({"opinion": "建议批准"})).await.expect(200);
    leader.act(case_id, "decide", json!({"outcome": "granted", "opinion": "符合一户一宅"})).await.expect(200);
    window.act(case_id, "deliver", json!({})).await.expect(200);
    farm.act(case_id, "deliver", json!({"note": "已丈量批放"})).await.expect(200);
    house.settle().await;
    head.act(case_id, "deliver", json!({})).await.expect(200);
    house.settle().await;
    let done = view(&head, case_id).await;
    assert_eq!((done["state"].as_str(), done["relay"]["text"].as_str()), (Some("completed"), Some("村↑镇↑县自然资源局↓镇↓村。")));
    assert_eq!(view(&land, case_id).await["custody"], "closed");
}

#[tokio::test]
async fn a_birth_is_registered_at_once_at_the_window() {
    let house = House::new().await;
    let clerk = house.staff("tingluo.health").await;
    let case = file(&clerk, &birth_registration(1)).await;
    let before = house.rows();
    clerk.act(id(&case), "decide_at_once", json!({"outcome": "refused"})).await.expect_problem(422, "invalid");
    assert_eq!(house.rows(), before);
    let decided =
        clerk.act(id(&case), "decide_at_once", json!({"outcome": "granted", "result_number": "汀登〔2026〕1号"})).await.expect(200);
    assert_eq!((decided["state"].as_str(), decided["custody"].as_str()), (Some("decided"), Some("held")));
    let done = clerk.act(id(&case), "deliver", json!({})).await.expect(200);
    assert_eq!((done["state"].as_str(), done["custody"].as_str()), (Some("completed"), Some("closed")));
    house.settle().await;
    assert_eq!(house.count("SELECT count(*) AS n FROM outbox"), 0, "it never left the town");
    assert!(house.texts("SELECT 'x' AS t FROM audit_entry WHERE action = 'case.decide_at_once'").len() == 1);
    // Or one after the other, when something has to be looked up in between.
    let slowly = file(&clerk, &birth_registration(3)).await;
    clerk.act(id(&slowly), "accept", json!({})).await.expect(200);
    let decided = clerk.act(id(&slowly), "decide", json!({"outcome": "granted", "opinion": "符合"})).await.expect(200);
    assert_eq!(decided["outcome"], "granted");
    let window = house.staff("tingluo.window").await;
    // Another window of the same town does not decide for the health office.
    let other = file(&clerk, &birth_registration(2)).await;
    window.act(id(&other), "decide_at_once", json!({"outcome": "granted"})).await.expect_problem(403, "forbidden");
}

#[tokio::test]
async fn a_business_is_registered_in_the_county_and_nowhere_else() {
    let house = House::new().await;
    let [agent, window, decide] = signed_in(&house, ["qianliang.agent", "lijin.approval.window", "lijin.approval.decide"]).await;
    let mut in_village = business(2);
    in_village["applicant"]["division_id"] = json!(tests::relay::VILLAGE);
    let refused = agent.create_case("business", &in_village).await.expect_problem(422, "invalid");
    assert_eq!(refused["errors"][0]["field"], "basic_code");
    assert!(refused["errors"][0]["message"].as_str().is_some_and(|message| message.contains("请从事项列表里选")), "{refused}");

    let case = file(&window, &business(1)).await;
    let case_id = id(&case);
    // The licence is signed by the decider: the window does not decide in that place.
    window.act(case_id, "decide_at_once", json!({"outcome": "granted"})).await.expect_problem(409, "decided_elsewhere");
    window.act(case_id, "accept", json!({})).await.expect(200);
    decide.act(case_id, "decide", json!({"outcome": "granted", "opinion": "符合规定"})).await.expect(200);
    window.act(case_id, "deliver", json!({"note": "已领照"})).await.expect(200);
    let done = window.act(case_id, "deliver", json!({"note": "已推送"})).await.expect(200);
    assert_eq!((done["state"].as_str(), done["relay"]["text"].as_str()), (Some("completed"), Some("县审批局。")));
    house.settle().await;
    assert_eq!(house.count("SELECT count(*) AS n FROM outbox"), 0, "it never left the county");
    let ready = house.messages().iter().filter(|message| message.contains("可以领取")).count();
    assert_eq!(ready, 1, "one message that it can be fetched, though two steps deliver");
}

#[tokio::test]
async fn a_household_applies_with_its_members() {
    let house = House::new().await;
    let [agent, window, civil, review, decide] =
        signed_in(&house, ["qianliang.agent", "tingluo.window", "tingluo.civil", "lijin.civil.review", "lijin.civil.decide"]).await;
    let mut twice = living_allowance(3);
    twice["members"][0]["identity_number"] = twice["applicant"]["identity_number"].clone();
    let refused = agent.create_case("twice", &twice).await.expect_problem(422, "invalid");
    assert_eq!(refused["errors"][0]["field"], "members.0.identity_number");

    let case = file(&agent, &living_allowance(1)).await;
    let case_id = id(&case);
    agent.act(case_id, "hand_on", json!({})).await.expect(200);
    house.settle().await;
    window.act(case_id, "accept", json!({})).await.expect(200);
    for opinion in ["核对完成", "入户属实", "初审同意", "公示没有异议"] {
        civil.act(case_id, "review", json!({"opinion": opinion})).await.expect(200);
    }
    house.settle().await;
    let at_county = view(&review, case_id).await;
    assert_eq!(at_county["members"][0]["relation"], "配偶");
    assert!(at_county["members"][0]["identity_number"].as_str().is_some_and(|number| number.contains("****")));
    review.act(case_id, "review", json!({"opinion": "抽查属实"})).await.expect(200);
    decide.act(case_id, "decide", json!({"outcome": "granted", "opinion": "符合条件"})).await.expect(200);
    house.settle().await;
    window.act(case_id, "deliver", json!({})).await.expect(200);
    house.settle().await;
    agent.act(case_id, "deliver", json!({})).await.expect(200);
    house.settle().await;
    let done = view(&agent, case_id).await;
    assert_eq!((done["state"].as_str(), done["archived"].as_bool()), (Some("completed"), Some(true)));
}

/// A town's window receives for its own people too; then the town is where the case comes home.
#[tokio::test]
async fn a_case_filed_at_the_window_comes_home_to_the_window() {
    let house = House::new().await;
    let [window, civil, review, decide] =
        signed_in(&house, ["tingluo.window", "tingluo.civil", "lijin.civil.review", "lijin.civil.decide"]).await;
    let federation = house.staff("lijin.federation").await;
    let mut at_window = tests::relay::submission(1);
    at_window["applicant"]["division_id"] = json!(TOWN);
    let mut case = window.create_case("window", &at_window).await.expect(201);
    assert_eq!(case["channel"], "window");
    for material in tests::relay::missing(&case) {
        case = window.upload(&case, &material, "image/png", PNG.to_vec()).await.expect(200);
    }
    let case_id = id(&case);
    window.act(case_id, "file", json!({})).await.expect(200);
    window.act(case_id, "accept", json!({})).await.expect(200);
    civil.act(case_id, "review", json!({"opinion": "同意"})).await.expect(200);
    house.settle().await;
    federation.act(case_id, "review", json!({"opinion": "有效"})).await.expect(200);
    review.act(case_id, "review", json!({"opinion": "同意"})).await.expect(200);
    decide.act(case_id, "decide", json!({"outcome": "granted", "opinion": "符合"})).await.expect(200);
    house.settle().await;
    let done = window.act(case_id, "deliver", json!({})).await.expect(200);
    assert_eq!((done["state"].as_str(), done["custody"].as_str()), (Some("completed"), Some("closed")));
    house.settle().await;
    assert_eq!(view(&decide, case_id).await["custody"], "closed");
}
