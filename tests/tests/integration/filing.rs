//! Filing: what is taken in, and everything that is refused with its field and its cure and without a trace.

use serde_json::{Value, json};
use tests::house::House;
use tests::matters::{BUSINESS, HOMESTEAD};
use tests::person::{Answer, Person, send};
use tests::raw;
use tests::relay::{ALLOWANCE, PNG, VILLAGE, file, id, missing, submission};

/// The refusal names this field, and says something to do about it.
#[track_caller]
fn names(answer: &Answer, field: &str) {
    assert_eq!((answer.status.as_u16(), answer.body["code"].as_str()), (422, Some("invalid")), "{field}: {}", answer.text);
    let errors = answer.body["errors"].as_array().cloned().unwrap_or_default();
    let named = errors.iter().find(|error| error["field"] == field);
    let message = named.and_then(|error| error["message"].as_str()).unwrap_or_else(|| panic!("{field} is not named in {}", answer.text));
    assert!(message.chars().count() >= 5, "{message} is no cure");
}

#[tokio::test]
async fn an_agent_files_for_a_neighbour() {
    let house = House::new().await;
    let agent = house.staff("qianliang.agent").await;
    let case = file(&agent, 1).await;
    assert_eq!(
        (case["state"].as_str(), case["bucket"].as_str(), case["custody"].as_str()),
        (Some("received"), Some("to_hand_on"), Some("held"))
    );
    assert_eq!(case["receipt_secret"].as_str().map(str::len), Some(8));
    let number = case["case_no"].as_str().unwrap_or_default();
    assert!(number.starts_with("37052210420226") && number.len() == 20, "tenant and year: {number}");
    assert_eq!(case["relay"]["text"], "【村】↑镇↑县残联→县民政局↓镇↓村");
    assert!(case["applicant"]["identity_number"].as_str().is_some_and(|number| number.contains("****")), "{}", case["applicant"]);

    let events = agent.get(&format!("/api/v1/cases/{}/events", id(&case))).await.expect(200);
    assert_eq!(events.as_array().map(Vec::len), Some(1));
    assert_eq!(events[0]["kind"], "agent_receipt", "receipt by an agent is not receipt by the organ");
    let again = agent.get(&format!("/api/v1/cases/{}", id(&case))).await.expect(200);
    assert_eq!(again["receipt_secret"], Value::Null, "the secret is shown once");
}

#[tokio::test]
async fn every_wrong_entry_is_named_with_its_cure() {
    let house = House::new().await;
    let agent = house.staff("qianliang.agent").await;
    let right = submission(1);
    let number = right["applicant"]["identity_number"].as_str().unwrap_or_default();
    let wrong_digit = format!("{}{}", &number[..17], if number.ends_with('1') { '2' } else { '1' });
    let wrong: Vec<(&str, Value, &str)> = vec![
        ("/applicant/identity_number", json!(wrong_digit), "applicant.identity_number"),
        ("/applicant/identity_number", json!("37052219600101"), "applicant.identity_number"),
        ("/applicant/name", json!(" "), "applicant.name"),
        ("/applicant/telephone", json!("12345"), "applicant.telephone"),
        ("/applicant/email", json!("not an address"), "applicant.email"),
        ("/applicant/kind", json!("organization"), "applicant.kind"),
        ("/applicant/division_id", json!(370_522_999_000_i64), "applicant.division_id"),
        ("/applicant/division_id", json!(370_505_101_201_i64), "applicant.division_id"),
        ("/applicant/address", json!("远".repeat(201)), "applicant.address"),
        ("/basic_code", json!("999999999999"), "basic_code"),
        ("/basic_code", json!(BUSINESS), "basic_code"),
        ("/situations", json!([]), "situations"),
        ("/situations", json!(["S1", "S2"]), "situations"),
        ("/situations", json!(["S9"]), "situations"),
        ("/form/disability_level", json!("五级"), "form.disability_level"),
        ("/form/disability_level", json!(""), "form.disability_level"),
        ("/members", json!([{"name": "张三", "identity_number": number}]), "members"),
        ("/by_proxy", json!(true), "proxy_basis"),
    ];
    let before = house.rows();
    for (index, (pointer, value, field)) in wrong.into_iter().enumerate() {
        let mut submission = right.clone();
        *submission.pointer_mut(pointer).expect("the form has it") = value;
        names(&agent.create_case(&format!("wrong-{index}"), &submission).await, field);
    }
    let mut unasked = right.clone();
    unasked["form"]["favourite_colour"] = json!("蓝");
    names(&agent.create_case("unasked", &unasked).await, "form.favourite_colour");
    assert_eq!(house.rows(), before, "a refused application leaves nothing behind");
}

#[tokio::test]
async fn all_wrong_entries_are_named_at_once() {
    let house = House::new().await;
    let agent = house.staff("qianliang.agent").await;
    let mut submission = submission(1);
    submission["applicant"]["identity_number"] = json!("1");
    submission["applicant"]["telephone"] = json!("1");
    submission["form"]["disability_category"] = json!("");
    let answer = agent.create_case("several", &submission).await;
    for field in ["applicant.identity_number", "applicant.telephone", "form.disability_category"] {
        names(&answer, field);
    }
}

/// Land for houses is for villages under towns: a sub-district's village does not offer it.
#[tokio::test]
async fn a_matter_that_is_not_offered_here_is_refused() {
    let house = House::new().await;
    let under_a_sub_district: i64 = house.count(
        "SELECT min(village.id) AS n FROM tenant village JOIN tenant town ON town.id = village.parent_id \
         WHERE village.level = 6 AND town.name LIKE '%街道%' AND town.parent_id = 370522000000",
    );
    let agent = house.staff("qianliang.agent").await;
    house.execute(&format!(
        "INSERT INTO post SELECT {under_a_sub_district}, 1, account_id, holder_name, department_code, role, title, state FROM post \
         WHERE tenant_id = {VILLAGE} AND role = 'agent'; \
         INSERT INTO account_post SELECT account_id, tenant_id, id FROM post WHERE tenant_id = {under_a_sub_district}; \
         INSERT INTO policy_version VALUES ({under_a_sub_district}, 1) ON CONFLICT (tenant_id) DO UPDATE SET version = policy_version.version + 1",
    ));
    agent.put("/api/v1/session/post", &json!({"tenant_id": under_a_sub_district, "post_id": 1})).await.expect(200);
    let mut homestead = tests::matters::homestead(1);
    homestead["applicant"]["division_id"] = json!(under_a_sub_district);
    let before = house.rows();
    let answer = agent.create_case("homestead", &homestead).await;
    names(&answer, "basic_code");
    assert!(answer.text.contains("没有开办这个事项"), "{}", answer.text);
    assert_eq!(house.rows(), before);
    assert_eq!(homestead["basic_code"], HOMESTEAD);
    // What is offered there is taken in.
    let mut allowance = submission(1);
    allowance["applicant"]["division_id"] = json!(under_a_sub_district);
    agent.create_case("allowance", &allowance).await.expect(201);
}

#[tokio::test]
async fn a_case_is_not_filed_without_its_papers() {
    let house = House::new().await;
    let agent = house.staff("qianliang.agent").await;
    let mut case = agent.create_case("papers", &submission(1)).await.expect(201);
    assert_eq!(missing(&case), ["M2", "M3"]);
    let before = house.rows();
    let refused = agent.act(id(&case), "file", json!({})).await.expect_problem(409, "missing_materials");
    let detail = refused["detail"].as_str().unwrap_or_default();
    assert!(detail.contains("残疾人证") && detail.contains("居民身份证或户口簿"), "{detail}");
    let button = case["actions"].as_array().and_then(|actions| actions.first()).cloned().unwrap_or_default();
    assert_eq!((button["action"].as_str(), button["allowed"].as_bool()), (Some("file"), Some(false)));
    assert_eq!(house.rows(), before);

    case = agent.upload(&case, "M2", "image/png", PNG.to_vec()).await.expect(200);
    agent.act(id(&case), "file", json!({})).await.expect_problem(409, "missing_materials");
    case = agent.upload(&case, "M3", "image/png", PNG.to_vec()).await.expect(200);
    let filed = agent.act(id(&case), "file", json!({})).await.expect(200);
    let number = filed["case_no"].as_str().unwrap_or_default();
    assert_eq!(&number[14..19], "00001", "refusals use up no number: {number}");
    agent.act(id(&case), "file", json!({})).await.expect_problem(409, "wrong_state");
}

#[tokio::test]
async fn what_is_not_a_paper_is_not_taken() {
    let house = House::new().await;
    let agent = house.staff("qianliang.agent").await;
    let case = agent.create_case("files", &submission(1)).await.expect(201);
    let before = house.rows();
    names(&agent.upload(&case, "M2", "image/png", b"<svg onload=alert(1)>".to_vec()).await, "file");
    names(&agent.upload(&case, "M2", "image/jpeg", PNG.to_vec()).await, "file");
    names(&agent.upload(&case, "M2", "text/html", PNG.to_vec()).await, "file");
    names(&agent.upload(&case, "M2", "image/png", PNG[..20].to_vec()).await, "file");
    names(&agent.upload(&case, "M2", "application/pdf", b"%PDF-1.7 and nothing more".to_vec()).await, "file");
    names(&agent.upload(&case, "M2", "image/png", Vec::new()).await, "file");
    let mut large = PNG.to_vec();
    large.resize(20 * 1024 * 1024 + 1, 0);
    let answer = agent.upload(&case, "M2", "image/png", large).await;
    names(&answer, "file");
    assert!(answer.text.contains("20 MB"), "{}", answer.text);
    names(&agent.upload(&case, "M99", "image/png", PNG.to_vec()).await, "material_code");
    names(&agent.upload(&case, "M4", "image/png", PNG.to_vec()).await, "material_code");
    assert_eq!(house.rows(), before);

    let mut stale = case.clone();
    stale["version"] = json!(9);
    agent.upload(&stale, "M2", "image/png", PNG.to_vec()).await.expect_problem(409, "stale_version");
    let answer = send(agent.request(reqwest::Method::PUT, &format!("/api/v1/cases/{}/materials/M2", id(&case))).body(PNG.to_vec())).await;
    names(&answer, "query");
    assert_eq!(house.rows(), before);
}

/// Bodies over the limit are refused by their announced length, before they are read.
#[tokio::test]
async fn what_is_far_too_large_is_refused_unread() {
    let house = House::new().await;
    let agent = house.staff("qianliang.agent").await;
    let case = agent.create_case("large", &submission(1)).await.expect(201);
    let (token, csrf) = raw::session_of(&house, "qianliang.agent").await;
    let before = house.rows();
    let paper = format!("PUT /api/v1/cases/{}/materials/M2?version=1 HTTP/1.1", id(&case));
    let form = "POST /api/v1/cases HTTP/1.1".to_owned();
    for (line, media_type, size) in [(paper, "image/png", 30_000_000), (form, "application/json", 1_000_000)] {
        let lines = [
            line,
            format!("Cookie: zt_staff={token}"),
            format!("X-CSRF-Token: {csrf}"),
            "Idempotency-Key: large-1".to_owned(),
            format!("Content-Type: {media_type}"),
            format!("Content-Length: {size}"),
        ];
        let (status, body) = raw::request(&house, &lines).await;
        let problem: Value = serde_json::from_str(&body).unwrap_or_default();
        assert_eq!((status, problem["code"].as_str()), (413, Some("too_large")), "{media_type}: {body}");
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains('B')), "the limit is named: {body}");
    }
    assert_eq!(house.rows(), before);
}

#[tokio::test]
async fn what_is_not_json_is_refused_in_words() {
    let house = House::new().await;
    let agent = house.staff("qianliang.agent").await;
    let before = house.rows();
    let create = |body: &'static str, media_type: &'static str| {
        let request = agent.request(reqwest::Method::POST, "/api/v1/cases");
        send(request.header("Idempotency-Key", "json").header("Content-Type", media_type).body(body))
    };
    for (body, media_type) in [
        ("{", "application/json"),
        ("", "application/json"),
        ("[]", "application/json"),
        (r#"{"basic_code": 1}"#, "application/json"),
        ("basic_code=1", "application/x-www-form-urlencoded"),
    ] {
        names(&create(body, media_type).await, "body");
    }
    assert_eq!(house.rows(), before);
}

#[tokio::test]
async fn the_same_submission_twice_is_one_case() {
    let house = House::new().await;
    let agent = house.staff("qianliang.agent").await;
    let first = agent.create_case("key-1", &submission(1)).await.expect(201);
    let again = agent.create_case("key-1", &submission(1)).await.expect(201);
    assert_eq!(first["id"], again["id"]);
    assert_eq!(house.count("SELECT count(*) AS n FROM case_file"), 1);

    let before = house.rows();
    agent.create_case("key-1", &submission(2)).await.expect_problem(409, "idempotency_key_reused");
    let without = send(agent.request(reqwest::Method::POST, "/api/v1/cases").json(&submission(1))).await;
    names(&without, "Idempotency-Key");
    names(&agent.create_case(&"k".repeat(101), &submission(1)).await, "Idempotency-Key");
    assert_eq!(house.rows(), before);

    // Keys are each post's own.
    let head = house.staff("qianliang.head").await;
    let other = head.create_case("key-1", &submission(1)).await.expect(201);
    assert_ne!(first["id"], other["id"]);
}

/// Sent at the same moment, as an impatient thumb does.
#[tokio::test]
async fn the_same_submission_at_once_is_one_case() {
    let house = House::new().await;
    let agent = house.staff("qianliang.agent").await;
    let body = submission(1);
    let answers = futures_util::future::join_all((0..6).map(|_| agent.create_case("at-once", &body))).await;
    let ids: std::collections::BTreeSet<String> = answers.into_iter().map(|answer| id(&answer.expect(201)).to_owned()).collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(house.count("SELECT count(*) AS n FROM case_file"), 1);
}

#[tokio::test]
async fn a_draft_is_changed_by_its_maker_from_the_version_they_saw() {
    let house = House::new().await;
    let agent = house.staff("qianliang.agent").await;
    let draft = agent.create_case("draft", &submission(1)).await.expect(201);
    let path = format!("/api/v1/cases/{}", id(&draft));
    let mut change = submission(2);
    change["version"] = draft["version"].clone();
    let changed = agent.put(&path, &change).await.expect(200);
    assert_ne!(draft["applicant"]["identity_number"], changed["applicant"]["identity_number"]);
    agent.put(&path, &change).await.expect_problem(409, "stale_version");
    assert_eq!(house.count("SELECT count(*) AS n FROM case_event"), 0, "a draft has no history");
    assert_eq!(house.count("SELECT count(*) AS n FROM outbox"), 0, "nobody hears of a draft");

    let filed = file(&agent, 3).await;
    change["version"] = filed["version"].clone();
    agent.put(&format!("/api/v1/cases/{}", id(&filed)), &change).await.expect_problem(409, "wrong_state");
}

#[tokio::test]
async fn nobody_files_what_is_not_theirs_to_receive() {
    let house = House::new().await;
    // A county's window does not take what towns receive, and a reviewer prepares no cases.
    let window = house.staff("lijin.approval.window").await;
    names(&window.create_case("county", &submission(1)).await, "basic_code");
    let reviewer: Person = house.staff("lijin.federation").await;
    reviewer.create_case("reviewer", &submission(1)).await.expect_problem(403, "forbidden");
    assert_eq!(house.rows(), 0);
    assert_eq!(submission(1)["basic_code"], ALLOWANCE);
}
