//! Walls, as people meet them: another tenant's case is not there, a colleague's draft is not there, and a forged request does nothing.

use platform::actor::Citizen;
use platform::session::CITIZEN_IDLE;
use reqwest::Method;
use serde_json::{Value, json};
use tests::house::House;
use tests::matters::at_federation;
use tests::person::{Answer, Person, send};
use tests::raw;
use tests::relay::{PNG, People, file, id, submission};
use uuid::Uuid;

/// Every operation on one case.
fn operations() -> Vec<(Method, &'static str)> {
    let acts = [
        "file",
        "hand_on",
        "accept",
        "refuse_acceptance",
        "ask_correction",
        "supply_correction",
        "review",
        "decide",
        "decide_at_once",
        "deliver",
        "withdraw",
        "send_back",
    ];
    let mut operations = vec![
        (Method::GET, ""),
        (Method::PUT, ""),
        (Method::GET, "/events"),
        (Method::POST, "/unmask"),
        (Method::GET, "/materials/M2/1"),
        (Method::PUT, "/materials/M2?version=1"),
    ];
    operations.extend(acts.map(|act| (Method::POST, Box::leak(format!("/actions/{act}").into_boxed_str()) as &str)));
    operations
}

async fn ask(person: &Person, operation: &(Method, &str), case_id: &str, submission: &Value) -> Answer {
    let (method, path) = operation;
    let request = person.request(method.clone(), &format!("/api/v1/cases/{case_id}{path}"));
    if path.starts_with("/materials") && method == Method::PUT {
        return send(request.header("Content-Type", "image/png").body(PNG.to_vec())).await;
    }
    let mut body = submission.clone();
    for (name, value) in [("version", json!(1)), ("outcome", json!("granted")), ("opinion", json!("同意")), ("reason", json!("核对"))] {
        body[name] = value;
    }
    body["reasons"] = json!("不符合");
    body["items"] = json!([{"material_code": "M2", "message": "重拍"}]);
    if method == Method::GET { send(request).await } else { send(request.json(&body)).await }
}

/// Whoever asks gets the same answer for this case as for one that does not exist.
async fn assert_is_not_there(house: &House, person: &Person, case_id: &str, submission: &Value) -> usize {
    let before = house.rows();
    let absent = Uuid::from_u128(7).to_string();
    let mut not_found = 0;
    for operation in operations() {
        let (theirs, nothing) = (ask(person, &operation, case_id, submission).await, ask(person, &operation, &absent, submission).await);
        assert_eq!((theirs.status, &theirs.text), (nothing.status, &nothing.text), "{operation:?}");
        assert!(matches!(theirs.status.as_u16(), 403 | 404), "{operation:?}: {}", theirs.text);
        not_found += usize::from(theirs.status == 404);
    }
    assert_eq!(house.rows(), before);
    not_found
}

#[tokio::test]
async fn a_case_of_another_county_is_not_there() {
    let house = House::new().await;
    let people = People::of(&house).await;
    let case_id = at_federation(&house, &people, 1).await;
    let mut found_nothing = 0;
    for (login_name, division_id) in [
        ("shiwang.agent", 370_505_101_201_i64),
        ("shengtuo.window", 370_505_101_000),
        ("shengtuo.civil", 370_505_101_000),
        ("kenli.federation", 370_505_000_000),
        ("kenli.civil.decide", 370_505_000_000),
        ("kenli.admin", 370_505_000_000),
        ("shandong.admin", 370_000_000_000),
    ] {
        let mut submission = submission(2);
        submission["applicant"]["division_id"] = json!(division_id);
        let stranger = house.staff(login_name).await;
        found_nothing += assert_is_not_there(&house, &stranger, &case_id, &submission).await;
        let list = stranger.get("/api/v1/cases?q=371").await.expect(200);
        assert_eq!(list["items"], json!([]), "{login_name}");
    }
    assert!(found_nothing > operations().len(), "every operation was tried by somebody who may do it at home: {found_nothing}");
}

/// The county sees nothing of a case that has not come to it.
#[tokio::test]
async fn a_case_that_has_not_come_yet_is_not_there() {
    let house = House::new().await;
    let people = People::of(&house).await;
    let case = file(&people.agent, 1).await;
    for person in [&people.window, &people.federation, &people.county_decide] {
        person.get(&format!("/api/v1/cases/{}", id(&case))).await.expect_problem(404, "not_found");
    }
}

#[tokio::test]
async fn a_colleagues_draft_is_not_there() {
    let house = House::new().await;
    let agent = house.staff("qianliang.agent").await;
    let head = house.staff("qianliang.head").await;
    let mut draft = agent.create_case("draft", &submission(1)).await.expect(201);
    draft = agent.upload(&draft, "M2", "image/png", PNG.to_vec()).await.expect(200);
    let found_nothing = assert_is_not_there(&house, &head, id(&draft), &submission(2)).await;
    assert!(found_nothing >= 6, "{found_nothing}");
    let number = submission(1)["applicant"]["identity_number"].as_str().unwrap_or_default().to_owned();
    assert_eq!(head.get(&format!("/api/v1/cases?q={number}")).await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn without_a_session_nothing_is_shown_and_nothing_done() {
    let house = House::new().await;
    let agent = house.staff("qianliang.agent").await;
    let case = file(&agent, 1).await;
    let before = house.rows();
    let nobody = house.anybody();
    let citizen = Citizen { citizen_id: Uuid::from_u128(5), name_masked: "张*".to_owned() };
    let token = house.parts.context.sessions.create(&citizen, CITIZEN_IDLE).await.expect("a session");
    let as_citizen = |name: &str| {
        let mut headers = reqwest::header::HeaderMap::new();
        headers.insert("cookie", format!("{name}={}", token.as_str()).parse().expect("a header"));
        Person { client: reqwest::Client::builder().default_headers(headers).build().expect("a client"), ..nobody.clone() }
    };
    // A citizen's session is none for staff, not even under the name of one.
    for person in [nobody.clone(), as_citizen("zt_citizen"), as_citizen("zt_staff")] {
        for operation in operations() {
            ask(&person, &operation, id(&case), &submission(2)).await.expect_problem(401, "not_signed_in");
        }
        person.get("/api/v1/cases").await.expect_problem(401, "not_signed_in");
        person.get("/api/v1/session").await.expect_problem(401, "not_signed_in");
        person.create_case("nobody", &submission(3)).await.expect_problem(401, "not_signed_in");
    }
    assert_eq!(house.rows(), before);
}

#[tokio::test]
async fn a_request_without_its_token_does_nothing() {
    let house = House::new().await;
    let mut agent = house.staff("qianliang.agent").await;
    let case = file(&agent, 1).await;
    let other = house.staff("qianliang.head").await;
    let before = house.rows();
    for token in ["", "wrong", other.csrf.as_str()] {
        agent.csrf = token.to_owned();
        for operation in operations().into_iter().filter(|(method, _)| method != Method::GET) {
            ask(&agent, &operation, id(&case), &submission(2)).await.expect_problem(403, "csrf");
        }
        agent.create_case("forged", &submission(3)).await.expect_problem(403, "csrf");
    }
    assert_eq!(house.rows(), before);
    agent.get(&format!("/api/v1/cases/{}", id(&case))).await.expect(200);
}

#[tokio::test]
async fn a_request_from_another_site_does_nothing() {
    let house = House::new().await;
    let agent = house.staff("qianliang.agent").await;
    let case = file(&agent, 1).await;
    let path = format!("/api/v1/cases/{}/actions/hand_on", id(&case));
    let before = house.rows();
    for (header, value) in
        [("Origin", "https://evil.example"), ("Origin", "null"), ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site")]
    {
        let request = agent.request(Method::POST, &path).header(header, value).json(&json!({"version": case["version"]}));
        send(request).await.expect_problem(403, "cross_site");
    }
    let sign_in = house.anybody().request(Method::POST, "/api/v1/session").header("Sec-Fetch-Site", "cross-site").json(&json!({}));
    send(sign_in).await.expect_problem(403, "cross_site");
    assert_eq!(house.rows(), before);
    let own = agent.request(Method::POST, &path).header("Origin", house.base.clone()).json(&json!({"version": case["version"]}));
    send(own).await.expect(200);
}

/// The tenant is the post's, whatever a request says.
#[tokio::test]
async fn a_tenant_in_the_request_means_nothing() {
    let house = House::new().await;
    let agent = house.staff("qianliang.agent").await;
    let mut with_tenant = submission(1);
    with_tenant["tenant_id"] = json!(370_505_101_201_i64);
    with_tenant["applicant"]["tenant_id"] = json!(370_505_101_201_i64);
    let case = agent.create_case("tenant", &with_tenant).await.expect(201);
    assert_eq!(case["origin"]["tenant_id"], 370_522_104_202_i64);
    agent.get(&format!("/api/v1/cases/{}?tenant_id=370505101201", id(&case))).await.expect(200);
    assert_eq!(house.count("SELECT count(*) AS n FROM case_file WHERE tenant_id <> 370522104202"), 0);
    agent.put("/api/v1/session/post", &json!({"tenant_id": 370_505_101_201_i64, "post_id": 1})).await.expect_problem(404, "not_found");
}

/// A session's token is not a name that can be guessed or cut short.
#[tokio::test]
async fn a_made_up_token_is_nobody() {
    let house = House::new().await;
    let (token, _) = raw::session_of(&house, "qianliang.agent").await;
    for cookie in ["", "x", &token[1..], &format!("{token}x"), &"A".repeat(43), "'; DROP TABLE post; --"] {
        let lines = ["GET /api/v1/session HTTP/1.1".to_owned(), format!("Cookie: zt_staff={cookie}")];
        assert_eq!(raw::request(&house, &lines).await.0, 401, "{cookie}");
    }
    let lines = ["GET /api/v1/session HTTP/1.1".to_owned(), format!("Cookie: zt_staff={token}")];
    assert_eq!(raw::request(&house, &lines).await.0, 200);
}
