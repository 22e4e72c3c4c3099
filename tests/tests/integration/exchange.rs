//! Between tenants: messages that come twice, early or to a worker that dies; papers, letters, the archive and the record that go with a case.

use platform::jobs::outbox::Message;
use serde_json::{Value, json};
use tenants::exchange;
use tests::house::House;
use tests::matters::at_federation;
use tests::relay::{COUNTY, PNG, People, TOWN, VILLAGE, file, id, walk};

use diesel::RunQueryDsl;

/// Messages that still wait to be delivered, in the order in which they were sent.
fn waiting_messages(house: &House) -> Vec<Message> {
    diesel::sql_query(
        "SELECT tenant_id, id, receiver_id, case_id, seq, kind, payload, tries FROM outbox WHERE state = 'waiting' ORDER BY created_at, id",
    )
    .load(&mut house.superuser())
    .expect("the outbox can be read")
}

fn count_events(house: &House, tenant_id: i64, kind: &str) -> i64 {
    house.count(&format!("SELECT count(*) AS n FROM case_event WHERE tenant_id = {tenant_id} AND kind = '{kind}'"))
}

#[tokio::test]
async fn a_message_that_comes_again_is_applied_once() {
    let house = House::new().await;
    let people = People::of(&house).await;
    let case = file(&people.agent, 1).await;
    people.agent.act(id(&case), "hand_on", json!({})).await.expect(200);
    let messages = waiting_messages(&house);
    assert_eq!(messages.iter().map(|message| message.kind.as_str()).collect::<Vec<_>>(), ["handover"]);
    for _ in 0..3 {
        exchange::deliver(&house.parts.context, &messages[0]).await.expect("it can be delivered");
    }
    assert_eq!(count_events(&house, TOWN, "taken"), 1);
    let rows = house.rows();
    exchange::deliver(&house.parts.context, &messages[0]).await.expect("it can be delivered");
    assert_eq!(house.rows(), rows);
    house.settle().await;
    assert_eq!(people.agent.get(&format!("/api/v1/cases/{}", id(&case))).await.expect(200)["custody"], "away");
}

/// Two deliveries of one message at the same moment, as two workers would make after a lease ran out.
#[tokio::test]
async fn a_message_that_comes_twice_at_once_is_applied_once() {
    let house = House::new().await;
    let people = People::of(&house).await;
    let case = file(&people.agent, 1).await;
    people.agent.act(id(&case), "hand_on", json!({})).await.expect(200);
    let message = waiting_messages(&house).remove(0);
    let deliveries = futures_util::future::join_all((0..4).map(|_| exchange::deliver(&house.parts.context, &message))).await;
    assert!(deliveries.iter().all(Result::is_ok), "{deliveries:?}");
    assert_eq!(count_events(&house, TOWN, "taken"), 1);
}

/// A request that overtakes the case it is about waits for it.
#[tokio::test]
async fn a_message_that_comes_early_waits_for_its_turn() {
    let house = House::new().await;
    let people = People::of(&house).await;
    let case = file(&people.agent, 1).await;
    people.agent.act(id(&case), "hand_on", json!({})).await.expect(200);
    people.agent.act(id(&case), "withdraw", json!({"reasons": "不办了"})).await.expect(200);
    let messages = waiting_messages(&house);
    let kinds: Vec<&str> = messages.iter().map(|message| message.kind.as_str()).collect();
    assert_eq!(kinds, ["handover", "withdrawal_request"]);
    exchange::deliver(&house.parts.context, &messages[1]).await.expect("it is kept");
    exchange::deliver(&house.parts.context, &messages[1]).await.expect("it is kept once");
    assert_eq!(house.count(&format!("SELECT count(*) AS n FROM case_file WHERE tenant_id = {TOWN}")), 0);
    assert_eq!(house.count("SELECT count(*) AS n FROM inbox WHERE state = 'early'"), 1);
    exchange::deliver(&house.parts.context, &messages[0]).await.expect("both are applied");
    assert_eq!(house.count("SELECT count(*) AS n FROM inbox WHERE state = 'early'"), 0);
    house.settle().await;
    let home = people.agent.get(&format!("/api/v1/cases/{}", id(&case))).await.expect(200);
    assert_eq!((home["state"].as_str(), home["custody"].as_str()), (Some("withdrawn"), Some("held")));
    people.agent.act(id(&case), "deliver", json!({})).await.expect(200);
    house.settle().await;
    assert_eq!(people.window.get(&format!("/api/v1/cases/{}", id(&case))).await.expect(200)["custody"], "closed");
    assert_eq!(house.set_aside(), 0);
}

/// The worker delivers and dies before it notes so: the next one delivers again, and nothing is doubled on the whole way.
#[tokio::test]
async fn a_worker_that_dies_after_delivering_doubles_nothing() {
    let house = House::new().await;
    let people = People::of(&house).await;
    let case = file(&people.agent, 1).await;
    people.agent.act(id(&case), "hand_on", json!({})).await.expect(200);
    // What is delivered here is never settled: to the queue it has not happened.
    let mut delivered = 0;
    loop {
        let messages = waiting_messages(&house);
        if messages.len() == delivered {
            break;
        }
        delivered = messages.len();
        for message in &messages {
            exchange::deliver(&house.parts.context, message).await.expect("it can be delivered");
        }
    }
    assert!(delivered >= 2, "the hand-over and its acknowledgement");
    house.settle().await;
    assert_eq!((count_events(&house, TOWN, "taken"), count_events(&house, VILLAGE, "acknowledged")), (1, 1));
    people.window.act(id(&case), "accept", json!({})).await.expect(200);
    assert_eq!(house.set_aside(), 0);
}

/// A message that means nothing is set aside where people can see it, and the tenant that sent it is named.
#[tokio::test]
async fn a_message_that_nobody_understands_is_set_aside() {
    let house = House::new().await;
    let people = People::of(&house).await;
    let case = file(&people.agent, 1).await;
    people.agent.act(id(&case), "hand_on", json!({})).await.expect(200);
    house.execute("UPDATE outbox SET kind = 'riddle'");
    house.settle().await;
    assert_eq!(house.set_aside(), 1);
    let error = house.texts("SELECT last_error AS t FROM outbox WHERE state = 'set_aside'");
    assert!(error[0].contains("riddle"), "{error:?}");
    assert_eq!(house.count(&format!("SELECT count(*) AS n FROM case_file WHERE tenant_id = {TOWN}")), 0);
}

/// Old news changes nothing: not what is shown, and not the version from which a page was made.
#[tokio::test]
async fn old_news_leaves_the_file_alone() {
    let house = House::new().await;
    let people = People::of(&house).await;
    let case = file(&people.agent, 1).await;
    people.agent.act(id(&case), "hand_on", json!({})).await.expect(200);
    house.settle().await;
    people.window.act(id(&case), "accept", json!({})).await.expect(200);
    let news = waiting_messages(&house).into_iter().find(|message| message.kind == "news").expect("the village is told");
    let notice = json!({"items": [{"material_code": "M2", "message": "重拍"}]});
    people.civil.act(id(&case), "ask_correction", notice).await.expect(200);
    house.settle().await;
    let known = people.agent.get(&format!("/api/v1/cases/{}", id(&case))).await.expect(200);
    assert_eq!(known["custody"], "held");
    // The same news once more, as if it had been sent anew: next in line, and old.
    let next =
        house.count(&format!("SELECT applied::bigint AS n FROM exchange_cursor WHERE tenant_id = {VILLAGE} AND peer_id = {TOWN}")) + 1;
    let late = Message { id: uuid::Uuid::now_v7(), seq: i32::try_from(next).expect("few messages"), ..news };
    exchange::deliver(&house.parts.context, &late).await.expect("it can be delivered");
    let after = people.agent.get(&format!("/api/v1/cases/{}", id(&case))).await.expect(200);
    assert_eq!((&after["version"], &after["state"]), (&known["version"], &known["state"]));
    assert_eq!(house.waiting(), 0, "and nobody is told of it");
}

#[tokio::test]
async fn papers_scanned_in_the_village_are_seen_in_the_county() {
    let house = House::new().await;
    let people = People::of(&house).await;
    let case_id = at_federation(&house, &people, 1).await;
    let case = people.federation.get(&format!("/api/v1/cases/{case_id}")).await.expect(200);
    let paper = case["materials"].as_array().into_iter().flatten().find(|material| material["code"] == "M2").cloned().unwrap_or_default();
    let scan = &paper["files"][0];
    assert_eq!((scan["size_bytes"].as_u64(), scan["original_seen"].as_bool()), (Some(PNG.len() as u64), Some(true)));
    assert_eq!(scan["added_by"], "王建军");
    let request = people.federation.request(reqwest::Method::GET, scan["url"].as_str().unwrap_or_default());
    let response = request.send().await.expect("an answer");
    let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    assert_eq!((header("content-type").as_str(), header("x-content-type-options").as_str()), ("image/png", "nosniff"));
    assert!(header("content-security-policy").starts_with("default-src 'none'"), "{}", header("content-security-policy"));
    let bytes = response.bytes().await.expect("the bytes");
    assert_eq!(bytes.as_ref(), PNG);
    assert_eq!(scan["sha256"].as_str(), Some(hash_of(&bytes).as_str()));
    // Each tenant keeps its own copy.
    for tenant_id in [VILLAGE, TOWN, COUNTY] {
        let key = format!("{tenant_id}/{}", hash_of(PNG));
        assert!(house.parts.context.blobs.exists(&key).await.expect("the store answers").is_some(), "{key}");
    }
    assert_eq!(house.count("SELECT count(*) AS n FROM audit_entry WHERE action = 'material.read'"), 1);
}

fn hash_of(bytes: &[u8]) -> String {
    use sha2::Digest;
    hex::encode(sha2::Sha256::digest(bytes))
}

/// Filed, accepted, corrected, decided, ready: each with the number and the mark, none with what is nobody else's business.
#[tokio::test]
async fn the_applicant_is_told_at_every_turn() {
    let house = House::new().await;
    let people = People::of(&house).await;
    let case_id = at_federation(&house, &people, 1).await;
    let notice = json!({"items": [{"material_code": "M2", "message": "残疾人证看不清"}]});
    people.federation.act(&case_id, "ask_correction", notice).await.expect(200);
    house.settle().await;
    house.clock.advance(chrono::Duration::minutes(1));
    let at_home = people.agent.get(&format!("/api/v1/cases/{case_id}")).await.expect(200);
    people.agent.upload(&at_home, "M2", "image/png", PNG.to_vec()).await.expect(200);
    people.agent.act(&case_id, "supply_correction", json!({})).await.expect(200);
    house.settle().await;
    people.federation.act(&case_id, "review", json!({"opinion": "有效"})).await.expect(200);
    people.county_review.act(&case_id, "review", json!({"opinion": "同意"})).await.expect(200);
    people.county_decide.act(&case_id, "decide", json!({"outcome": "granted", "opinion": "符合"})).await.expect(200);
    house.settle().await;
    people.window.act(&case_id, "deliver", json!({})).await.expect(200);
    house.settle().await;

    let letters = house.letters();
    for words in ["已经收件", "已经受理", "要补材料", "已经有决定", "可以领取"] {
        let about: Vec<&String> = letters.iter().filter(|letter| subject(letter).contains(words)).collect();
        assert_eq!(about.len(), 1, "{words}: {letters:#?}");
        assert!(about[0].contains("applicant1@example.cn") && about[0].contains('【') && about[0].contains("镇"), "{}", about[0]);
    }
    let number = tests::relay::submission(1)["applicant"]["identity_number"].as_str().unwrap_or_default().to_owned();
    let everything = [letters.clone(), house.messages()].concat().join("\n");
    assert!(!everything.contains(&number), "no identity number leaves the house");
    assert_eq!(house.messages().len(), letters.len(), "a text message with every letter");
    assert!(house.messages().iter().all(|message| !message.contains('【')), "gateways keep 【】 for themselves");
}

fn subject(letter: &str) -> &str {
    letter.lines().find(|line| line.starts_with("Subject:")).unwrap_or_default()
}

#[tokio::test]
async fn a_finished_case_is_archived_by_every_tenant_that_had_it() {
    let house = House::new().await;
    let people = People::of(&house).await;
    let case_id = walk(&house, &people, 1).await;
    for tenant_id in [VILLAGE, TOWN, COUNTY] {
        let archive = house.texts(&format!(
            "SELECT (body->'archive'->>'key') || ' ' || (body->'archive'->>'sha256') AS t FROM case_file WHERE tenant_id = {tenant_id}"
        ));
        let (key, sha256) = archive[0].split_once(' ').expect("a key and a hash");
        let bytes = house.parts.context.blobs.get(key).await.expect("the package is in the store");
        assert_eq!(hash_of(&bytes), sha256);
        let package: Value = serde_json::from_slice(&bytes).expect("it is JSON");
        assert_eq!((package["case_id"].as_str(), package["tenant_id"].as_i64()), (Some(case_id.as_str()), Some(tenant_id)));
        assert!(package["events"].as_array().is_some_and(|events| events.len() > 3));
        assert_eq!(count_events(&house, tenant_id, "archived"), 1);
        assert_eq!(count_events(&house, tenant_id, "completed"), i64::from(tenant_id == VILLAGE));
    }
    let report = tenants::app::verify::verify(&house.parts.context.db, &house.parts.context.register, None).await.expect("it can be read");
    assert_eq!((report.cases, report.broken.len()), (3, 0));
}

#[tokio::test]
async fn every_act_is_on_record_with_its_basis() {
    let house = House::new().await;
    let people = People::of(&house).await;
    walk(&house, &people, 1).await;
    let acts = house.texts("SELECT action || ' by ' || split_part(actor, ' ', 1) || ' as ' || basis AS t FROM audit_entry WHERE action LIKE 'case.%' ORDER BY at, id");
    for expected in [
        "case.prepare by qianliang.agent as role agent",
        "case.file by qianliang.agent as role agent",
        "case.hand_on by qianliang.agent as role agent",
        "case.accept by tingluo.window as role window_clerk",
        "case.review by tingluo.civil as role reviewer",
        "case.review by lijin.federation as role reviewer",
        "case.review by lijin.civil.review as role reviewer",
        "case.decide by lijin.civil.decide as role decider",
        "case.deliver by tingluo.window as role window_clerk",
        "case.deliver by qianliang.agent as role agent",
    ] {
        assert!(acts.iter().any(|act| act == expected), "{expected} is missing in {acts:#?}");
    }
    let number = tests::relay::submission(1)["applicant"]["identity_number"].as_str().unwrap_or_default().to_owned();
    let with_number = format!("SELECT count(*) AS n FROM audit_entry WHERE object || outcome || basis || actor LIKE '%{number}%'");
    assert_eq!(house.count(&with_number), 0);
}

#[tokio::test]
async fn whoever_looks_behind_the_masks_is_on_record_here_and_with_the_citizen() {
    let house = House::new().await;
    let people = People::of(&house).await;
    let case_id = at_federation(&house, &people, 1).await;
    let path = format!("/api/v1/cases/{case_id}/unmask");
    people.federation.post(&path, &json!({"reason": " "})).await.expect_problem(422, "invalid");
    assert_eq!(house.count("SELECT count(*) AS n FROM audit_entry WHERE action = 'case.unmask'"), 0);
    let shown = people.federation.post(&path, &json!({"reason": "核对残疾人证"})).await.expect(200);
    assert_eq!(shown["identity_number"], tests::relay::submission(1)["applicant"]["identity_number"]);
    house.settle().await;
    assert_eq!(house.count("SELECT count(*) AS n FROM audit_entry WHERE action = 'case.unmask' AND basis LIKE '%核对残疾人证%'"), 1);
    let noted = house.texts("SELECT who || ' ' || what AS t FROM citizen_access");
    assert!(noted.len() == 1 && noted[0].contains("县残联") && noted[0].contains("核对残疾人证"), "{noted:?}");
}
