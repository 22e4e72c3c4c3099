//! An act is written whole or not at all, by one statement.

use serde_json::json;
use tests::house::House;
use tests::relay::{People, TOWN, file, id};

#[tokio::test]
async fn of_two_acts_on_one_version_one_is_written_and_the_other_leaves_nothing() {
    let house = House::new().await;
    let people = People::of(&house).await;
    let case = file(&people.agent, 1).await;
    let case_id = id(&case).to_owned();
    people.agent.act(&case_id, "hand_on", json!({})).await.expect(200);
    house.settle().await;

    let version = people.window.get(&format!("/api/v1/cases/{case_id}")).await.expect(200)["version"].clone();
    let (path, body) = (format!("/api/v1/cases/{case_id}/actions/accept"), json!({"version": version}));
    let (first, second) = tokio::join!(people.window.post(&path, &body), people.window.post(&path, &body));
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "{} {}", first.text, second.text);

    let of_case = format!("tenant_id = {TOWN} AND case_id = '{case_id}'");
    let accepted = if first.status == 200 { first } else { second };
    assert!(!accepted.body["materials"][1]["files"].as_array().expect("files").is_empty(), "the answer shows the papers");
    for (what, expected) in [
        (format!("case_event WHERE {of_case} AND kind = 'acceptance'"), 1),
        (format!("audit_entry WHERE tenant_id = {TOWN} AND action = 'case.accept'"), 1),
        (format!("job WHERE tenant_id = {TOWN} AND payload->>'letter' = 'accepted'"), 1),
        (format!("outbox WHERE {of_case} AND kind = 'news' AND state = 'waiting'"), 1),
    ] {
        assert_eq!(house.count(&format!("SELECT count(*) AS n FROM {what}")), expected, "{what}");
    }
    let gaps = format!(
        "SELECT count(*) AS n FROM exchange_cursor AS c WHERE {of_case} AND sent <> (SELECT max(seq) FROM outbox WHERE {of_case} AND receiver_id = c.peer_id)"
    );
    assert_eq!(house.count(&gaps), 0, "messages are numbered without gaps");
}

#[tokio::test]
async fn a_draft_of_somebody_else_is_not_there() {
    let house = House::new().await;
    let people = People::of(&house).await;
    let draft = people.agent.create_case("not-there", &tests::relay::submission(1)).await.expect(201);
    let head = house.staff("qianliang.head").await;
    let path = format!("/api/v1/cases/{}/actions/file", id(&draft));
    head.post(&path, &json!({"version": draft["version"]})).await.expect_problem(404, "not_found");
}
