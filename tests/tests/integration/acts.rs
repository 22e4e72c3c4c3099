//! The acts on a case of the main matter: done, refused by the rules, refused by the post, refused by the version.

use serde_json::{Value, json};
use tests::house::House;
use tests::matters::{at_civil, at_decider, at_federation, at_window};
use tests::person::Person;
use tests::relay::{PNG, People, file, id};

async fn view(person: &Person, case_id: &str) -> Value {
    person.get(&format!("/api/v1/cases/{case_id}")).await.expect(200)
}

/// The buttons that work for this person.
fn allowed(case: &Value) -> Vec<&str> {
    let actions = case["actions"].as_array().map(Vec::as_slice).unwrap_or_default();
    actions.iter().filter(|action| action["allowed"] == true).filter_map(|action| action["action"].as_str()).collect()
}

#[tokio::test]
async fn acceptance_starts_the_promise() {
    let house = House::new().await;
    let people = People::of(&house).await;
    let case_id = at_window(&house, &people, 1).await;
    let before = view(&people.window, &case_id).await;
    assert_eq!((before["bucket"].as_str(), before["lights"]["whole"]["level"].as_str()), (Some("to_accept"), Some("none")));
    assert_eq!(allowed(&before), ["accept", "ask_correction", "refuse_acceptance", "send_back"]);
    let accepted = people.window.act(&case_id, "accept", json!({})).await.expect(200);
    assert_eq!(accepted["state"], "accepted");
    assert_ne!(accepted["lights"]["whole"]["level"], "none");
    house.settle().await;
    let at_village = view(&people.agent, &case_id).await;
    assert_eq!((at_village["state"].as_str(), at_village["custody"].as_str()), (Some("accepted"), Some("away")), "news has come");
}

#[tokio::test]
async fn non_acceptance_needs_reasons_and_ends_the_case() {
    let house = House::new().await;
    let people = People::of(&house).await;
    let case_id = at_window(&house, &people, 1).await;
    let before = house.rows();
    let refused = people.window.act(&case_id, "refuse_acceptance", json!({"reasons": "  "})).await.expect_problem(422, "invalid");
    assert_eq!(refused["errors"][0]["field"], "reasons");
    assert_eq!(house.rows(), before);
    people.window.act(&case_id, "refuse_acceptance", json!({"reasons": "户籍不在本县"})).await.expect(200);
    house.settle().await;
    let home = view(&people.agent, &case_id).await;
    assert_eq!((home["state"].as_str(), home["bucket"].as_str()), (Some("not_accepted"), Some("to_deliver")));
    assert_eq!(home["closing_reasons"], "户籍不在本县");
    let closed = people.agent.act(&case_id, "deliver", json!({})).await.expect(200);
    assert_eq!((closed["custody"].as_str(), closed["outcome"].as_str()), (Some("closed"), Some("not_accepted")));
    house.settle().await;
    assert_eq!(view(&people.window, &case_id).await["custody"], "closed");
    let letters = house.letters().join("\n");
    assert!(letters.contains("不予受理") && !letters.contains("可以领取"), "{letters}");
}

#[tokio::test]
async fn a_correction_is_asked_once_and_supplied_at_home() {
    let house = House::new().await;
    let people = People::of(&house).await;
    let case_id = at_federation(&house, &people, 1).await;
    let notice = json!({"items": [{"material_code": "M2", "message": "残疾人证看不清，请重拍"}]});
    people.federation.act(&case_id, "ask_correction", notice.clone()).await.expect(200);
    house.settle().await;
    assert_eq!(view(&people.federation, &case_id).await["bucket"], "correcting");
    let at_home = view(&people.agent, &case_id).await;
    assert_eq!((at_home["state"].as_str(), at_home["custody"].as_str()), (Some("correcting"), Some("held")));
    assert_eq!(at_home["correction"]["notice_items"][0]["message"], "残疾人证看不清，请重拍");

    people.agent.act(&case_id, "supply_correction", json!({})).await.expect_problem(409, "missing_materials");
    house.clock.advance(chrono::Duration::minutes(5));
    people.agent.upload(&at_home, "M2", "image/png", PNG.to_vec()).await.expect(200);
    people.agent.act(&case_id, "supply_correction", json!({})).await.expect(200);
    house.settle().await;
    let back = view(&people.federation, &case_id).await;
    assert_eq!((back["state"].as_str(), back["custody"].as_str()), (Some("accepted"), Some("held")));
    let papers = back["materials"].as_array().and_then(|materials| materials.iter().find(|material| material["code"] == "M2")).cloned();
    assert_eq!(papers.unwrap_or_default()["files"].as_array().map(Vec::len), Some(2), "both versions are here");

    people.federation.act(&case_id, "ask_correction", notice.clone()).await.expect_problem(409, "corrected_once_already");
    people.federation.act(&case_id, "review", json!({"opinion": "清楚了"})).await.expect(200);
    people.county_review.act(&case_id, "ask_correction", notice).await.expect_problem(409, "corrected_once_already");
}

#[tokio::test]
async fn a_notice_says_something_about_papers_that_may_be_asked() {
    let house = House::new().await;
    let people = People::of(&house).await;
    let case_id = at_window(&house, &people, 1).await;
    let before = house.rows();
    for (items, field) in [
        (json!([]), "items"),
        (json!([{"material_code": "", "message": " "}]), "items"),
        (json!([{"material_code": "M99", "message": "补"}]), "items.0.material_code"),
        (json!([{"material_code": "M4", "message": "补"}]), "items.0.material_code"),
        (json!([{"material_code": "M2", "message": "长".repeat(2001)}]), "items.0.message"),
    ] {
        let refused = people.window.act(&case_id, "ask_correction", json!({"items": items})).await.expect_problem(422, "invalid");
        assert_eq!(refused["errors"][0]["field"], field, "{refused}");
    }
    assert_eq!(house.rows(), before);
}

#[tokio::test]
async fn a_review_says_something() {
    let house = House::new().await;
    let people = People::of(&house).await;
    let case_id = at_civil(&house, &people, 1).await;
    let before = house.rows();
    let refused = people.civil.act(&case_id, "review", json!({"opinion": ""})).await.expect_problem(422, "invalid");
    assert_eq!(refused["errors"][0]["field"], "opinion");
    assert_eq!(house.rows(), before);
}

#[tokio::test]
async fn a_decision_is_granted_or_refused_with_reasons() {
    let house = House::new().await;
    let people = People::of(&house).await;
    let case_id = at_decider(&house, &people, 1).await;
    let before = house.rows();
    for (input, field) in [
        (json!({"outcome": "refused"}), "opinion"),
        (json!({"outcome": "perhaps", "opinion": "看情况"}), "outcome"),
        (json!({"outcome": "granted", "result_number": "号".repeat(61)}), "result_number"),
    ] {
        let refused = people.county_decide.act(&case_id, "decide", input).await.expect_problem(422, "invalid");
        assert_eq!(refused["errors"][0]["field"], field);
    }
    assert_eq!(house.rows(), before);
    let decided =
        people.county_decide.act(&case_id, "decide", json!({"outcome": "refused", "opinion": "已享受特困供养"})).await.expect(200);
    assert_eq!((decided["outcome"].as_str(), decided["custody"].as_str()), (Some("refused"), Some("in_transit")));
    people.county_decide.act(&case_id, "decide", json!({"outcome": "granted"})).await.expect_problem(409, "not_held");
    house.settle().await;
    people.window.act(&case_id, "deliver", json!({"note": "已电话告知"})).await.expect(200);
    house.settle().await;
    assert_eq!(people.agent.act(&case_id, "deliver", json!({})).await.expect(200)["state"], "completed");
    house.settle().await;
    let seen = view(&people.county_decide, &case_id).await;
    assert_eq!((seen["custody"].as_str(), seen["decision"]["opinion"].as_str()), (Some("closed"), Some("已享受特困供养")));
    people.agent.act(&case_id, "withdraw", json!({})).await.expect_problem(409, "closed");
}

#[tokio::test]
async fn a_case_is_sent_back_with_reasons() {
    let house = House::new().await;
    let people = People::of(&house).await;
    let case_id = at_federation(&house, &people, 1).await;
    people.federation.act(&case_id, "send_back", json!({})).await.expect_problem(422, "invalid");
    people.federation.act(&case_id, "send_back", json!({"reasons": "残疾人证已注销"})).await.expect(200);
    house.settle().await;
    let at_town = view(&people.window, &case_id).await;
    assert_eq!((at_town["state"].as_str(), at_town["custody"].as_str()), (Some("returned"), Some("held")), "it goes home the way it came");
    people.window.act(&case_id, "deliver", json!({})).await.expect(200);
    house.settle().await;
    let closed = people.agent.act(&case_id, "deliver", json!({})).await.expect(200);
    assert_eq!((closed["outcome"].as_str(), closed["custody"].as_str()), (Some("returned"), Some("closed")));
    house.settle().await;
    assert!(house.letters().iter().all(|letter| !letter.contains("可以领取")), "there is no result to fetch");
}

#[tokio::test]
async fn a_case_is_withdrawn_where_it_lies() {
    let house = House::new().await;
    let people = People::of(&house).await;
    let case = file(&people.agent, 1).await;
    let withdrawn = people.agent.act(id(&case), "withdraw", json!({"reasons": "不想办了"})).await.expect(200);
    assert_eq!((withdrawn["state"].as_str(), withdrawn["custody"].as_str()), (Some("withdrawn"), Some("closed")));
    people.agent.act(id(&case), "hand_on", json!({})).await.expect_problem(409, "closed");
    house.settle().await;
    assert_eq!(house.set_aside(), 0);
}

#[tokio::test]
async fn a_request_to_withdraw_travels_to_whoever_has_the_case() {
    let house = House::new().await;
    let people = People::of(&house).await;
    let case_id = at_federation(&house, &people, 1).await;
    // Only where it was filed can it be asked.
    people.window.act(&case_id, "withdraw", json!({})).await.expect_problem(409, "not_held");
    let asked = people.agent.act(&case_id, "withdraw", json!({"reasons": "搬家了"})).await.expect(200);
    assert_eq!((asked["custody"].as_str(), asked["withdrawal_asked"].as_str()), (Some("away"), Some("搬家了")));
    people.agent.act(&case_id, "withdraw", json!({})).await.expect_problem(409, "wrong_state");
    house.settle().await;
    let at_town = view(&people.window, &case_id).await;
    assert_eq!((at_town["state"].as_str(), at_town["custody"].as_str()), (Some("withdrawn"), Some("held")));
    people.window.act(&case_id, "deliver", json!({})).await.expect(200);
    house.settle().await;
    people.agent.act(&case_id, "deliver", json!({})).await.expect(200);
    house.settle().await;
    for person in [&people.agent, &people.window, &people.federation] {
        let seen = view(person, &case_id).await;
        assert_eq!((seen["custody"].as_str(), seen["outcome"].as_str()), (Some("closed"), Some("withdrawn")));
        assert_eq!(seen["withdrawal_asked"], Value::Null);
    }
}

#[tokio::test]
async fn a_request_to_withdraw_after_the_decision_is_refused() {
    let house = House::new().await;
    let people = People::of(&house).await;
    let case_id = at_decider(&house, &people, 1).await;
    people.county_decide.act(&case_id, "decide", json!({"outcome": "granted", "opinion": "符合条件"})).await.expect(200);
    // The village has not heard of it yet; its request comes too late.
    people.agent.act(&case_id, "withdraw", json!({"reasons": "不办了"})).await.expect(200);
    house.settle().await;
    let events = people.agent.get(&format!("/api/v1/cases/{case_id}/events")).await.expect(200);
    let kinds: Vec<&str> = events.as_array().into_iter().flatten().filter_map(|event| event["kind"].as_str()).collect();
    assert!(kinds.contains(&"withdrawal_asked") && kinds.contains(&"withdrawal_refused"), "{kinds:?}");
    people.agent.act(&case_id, "withdraw", json!({})).await.expect_problem(409, "decided_already");
    assert_eq!(view(&people.agent, &case_id).await["withdrawal_asked"], Value::Null);
}

#[tokio::test]
async fn an_act_from_an_old_page_is_refused() {
    let house = House::new().await;
    let people = People::of(&house).await;
    let case = file(&people.agent, 1).await;
    let before = house.rows();
    let path = format!("/api/v1/cases/{}/actions/hand_on", id(&case));
    let stale = people.agent.post(&path, &json!({"version": 1})).await.expect_problem(409, "stale_version");
    assert!(stale["detail"].as_str().is_some_and(|detail| detail.contains("重新载入")), "{stale}");
    people.agent.post(&path, &json!({})).await.expect_problem(422, "invalid");
    assert_eq!(house.rows(), before);
}

/// Two clicks at the same moment are one act.
#[tokio::test]
async fn of_two_acts_at_once_one_is_done() {
    let house = House::new().await;
    let people = People::of(&house).await;
    let case_id = at_window(&house, &people, 1).await;
    let answers = futures_util::future::join_all((0..5).map(|_| people.window.act(&case_id, "accept", json!({})))).await;
    let done = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(done, 1);
    assert!(answers.iter().filter(|answer| answer.status != 200).all(|answer| matches!(answer.status.as_u16(), 403 | 409)));
    assert_eq!(house.count("SELECT count(*) AS n FROM case_event WHERE kind = 'acceptance'"), 1);
}

#[tokio::test]
async fn an_act_that_does_not_fit_is_refused() {
    let house = House::new().await;
    let people = People::of(&house).await;
    let case_id = at_window(&house, &people, 1).await;
    let before = house.rows();
    people.window.act(&case_id, "deliver", json!({})).await.expect_problem(409, "wrong_step");
    people.window.act(&case_id, "decide_at_once", json!({"outcome": "granted"})).await.expect_problem(409, "not_instant");
    people.agent.act(&case_id, "hand_on", json!({})).await.expect_problem(409, "not_held");
    people.agent.act(&case_id, "supply_correction", json!({})).await.expect_problem(409, "not_held");
    people.window.act(&case_id, "no_such_act", json!({})).await.expect_problem(404, "not_found");
    assert_eq!(house.rows(), before);
}

#[tokio::test]
async fn an_act_of_another_post_is_refused_in_words() {
    let house = House::new().await;
    let people = People::of(&house).await;
    let case_id = at_civil(&house, &people, 1).await;
    let before = house.rows();
    // Another department of the same town.
    let farm = house.staff("tingluo.farm").await;
    let refused = farm.act(&case_id, "review", json!({"opinion": "同意"})).await.expect_problem(403, "forbidden");
    assert!(refused["detail"].as_str().is_some_and(|detail| detail.contains("汀罗镇民政办")), "{refused}");
    // A role that never does this.
    people.window.act(&case_id, "review", json!({"opinion": "同意"})).await.expect_problem(403, "forbidden");
    // The right department, the wrong post.
    let case_id = at_decider(&house, &people, 2).await;
    let refused = people.county_review.act(&case_id, "decide", json!({"outcome": "granted"})).await.expect_problem(403, "forbidden");
    assert_eq!(refused["status"], 403);
    let seen = view(&people.county_review, &case_id).await;
    let decide = seen["actions"].as_array().and_then(|actions| actions.iter().find(|action| action["action"] == "decide")).cloned();
    let decide = decide.unwrap_or_default();
    assert_eq!(decide["allowed"], false);
    assert!(decide["why"].as_str().is_some_and(|why| why.contains("决定人")), "{decide}");
    assert_eq!(house.count("SELECT count(*) AS n FROM case_event WHERE kind = 'decision'"), 0);
    assert!(before > 0);
}

/// Every role's heaps: what waits for them is on top, with a button; what is another department's is not there.
#[tokio::test]
async fn each_desk_shows_what_waits_for_it() {
    let house = House::new().await;
    let people = People::of(&house).await;
    let draft = people.agent.create_case("draft", &tests::relay::submission(9)).await.expect(201);
    let case_id = at_civil(&house, &people, 1).await;
    let desk = people.civil.get("/api/v1/cases").await.expect(200);
    assert_eq!((desk["bucket"].as_str(), desk["items"][0]["id"].as_str()), (Some("to_complete"), Some(case_id.as_str())));
    assert_eq!(desk["items"][0]["next_action"]["action"], "review");
    assert_eq!(desk["counts"]["to_complete"]["total"], 1);
    let farm = house.staff("tingluo.farm").await;
    assert_eq!(farm.get("/api/v1/cases?bucket=to_complete").await.expect(200)["items"], json!([]), "another department's");
    let admin = house.staff("tingluo.admin").await;
    assert_eq!(admin.get("/api/v1/cases?bucket=to_complete").await.expect(200)["items"][0]["next_action"], Value::Null);
    let away = people.agent.get("/api/v1/cases?bucket=elsewhere").await.expect(200);
    assert_eq!(away["items"][0]["id"], case_id.as_str());
    let drafts = people.agent.get("/api/v1/cases?bucket=draft").await.expect(200);
    assert_eq!(drafts["items"][0]["id"], draft["id"]);
    let head = house.staff("qianliang.head").await;
    let of_head = head.get("/api/v1/cases?bucket=draft").await.expect(200);
    assert_eq!((of_head["items"].clone(), of_head["counts"]["draft"]["total"].as_i64()), (json!([]), Some(0)));
    for wrong in ["bucket=attic", "filter=colour", "limit=0", "limit=101", "cursor=%21"] {
        people.civil.get(&format!("/api/v1/cases?{wrong}")).await.expect_problem(422, "invalid");
    }
}
