//! Signing in and out, being locked out, sessions that end, and acting from another post.

use chrono::Duration;
use serde_json::json;
use tenants::app::demo::DEMO_PASSWORD;
use tests::house::House;
use tests::person::{Answer, Person, send};
use tests::raw;
use tests::relay::{TOWN, VILLAGE};

async fn sign_in(person: &Person, login_name: &str, password: &str) -> Answer {
    person.post("/api/v1/session", &json!({"login_name": login_name, "password": password})).await
}

#[tokio::test]
async fn a_person_signs_in_as_the_post_they_hold() {
    let house = House::new().await;
    let agent = house.staff("qianliang.agent").await;
    assert_eq!(agent.me["name"], "王建军");
    assert_eq!((agent.me["post"]["role"].as_str(), agent.me["post"]["tenant_id"].as_i64()), (Some("agent"), Some(VILLAGE)));
    let me = agent.get("/api/v1/session").await.expect(200);
    assert_eq!((&me["csrf_token"], &me["now"]), (&agent.me["csrf_token"], &agent.me["now"]));
    assert_eq!(house.count("SELECT count(*) AS n FROM audit_entry WHERE action = 'staff.sign_in'"), 1);
    // Names are typed by people: case and blanks around them mean nothing.
    sign_in(&house.anybody(), " QianLiang.Agent ", DEMO_PASSWORD).await.expect(200);
}

#[tokio::test]
async fn a_wrong_name_and_a_wrong_password_get_the_same_answer() {
    let house = House::new().await;
    let nobody = house.anybody();
    let wrong_password = sign_in(&nobody, "qianliang.agent", "guess").await;
    let wrong_name = sign_in(&nobody, "no.such.person", "guess").await;
    assert_eq!((wrong_password.status.as_u16(), &wrong_password.text), (401, &wrong_name.text));
    for (login_name, password) in [("", ""), ("qianliang.agent", ""), (&*"x".repeat(5000), "guess")] {
        sign_in(&nobody, login_name, password).await.expect_problem(401, "sign_in_refused");
    }
    nobody.post("/api/v1/session", &json!({"login_name": 1})).await.expect_problem(422, "invalid");
    nobody.get("/api/v1/session").await.expect_problem(401, "not_signed_in");
}

#[tokio::test]
async fn five_wrong_passwords_lock_the_name_for_a_quarter_of_an_hour() {
    let house = House::new().await;
    let nobody = house.anybody();
    for _ in 0..5 {
        sign_in(&nobody, "tingluo.window", "guess").await.expect_problem(401, "sign_in_refused");
    }
    let request = nobody.request(reqwest::Method::POST, "/api/v1/session");
    let response = request.json(&json!({"login_name": "tingluo.window", "password": DEMO_PASSWORD})).send().await.expect("an answer");
    assert_eq!(response.status(), 429, "even the right password waits");
    let wait = response.headers().get("retry-after").and_then(|value| value.to_str().ok()).and_then(|text| text.parse::<i64>().ok());
    assert!(wait.is_some_and(|seconds| (1..=15 * 60).contains(&seconds)), "{wait:?}");
    // Spelled otherwise it is the same name; another name is not touched.
    sign_in(&nobody, "TINGLUO.window", DEMO_PASSWORD).await.expect_problem(429, "locked_out");
    sign_in(&house.anybody(), "tingluo.civil", DEMO_PASSWORD).await.expect(200);
    house.clock.advance(Duration::minutes(15) + Duration::seconds(1));
    sign_in(&nobody, "tingluo.window", DEMO_PASSWORD).await.expect(200);
}

#[tokio::test]
async fn the_right_password_forgets_the_wrong_ones() {
    let house = House::new().await;
    let person = house.anybody();
    for _ in 0..3 {
        for _ in 0..4 {
            sign_in(&person, "tingluo.window", "guess").await.expect_problem(401, "sign_in_refused");
        }
        sign_in(&house.anybody(), "tingluo.window", DEMO_PASSWORD).await.expect(200);
    }
}

/// Guesses sent at the same moment are counted like guesses one after the other.
#[tokio::test]
async fn guesses_at_once_do_not_overrun_the_limit() {
    let house = House::new().await;
    let nobody = house.anybody();
    let guesses = futures_util::future::join_all((0..12).map(|_| sign_in(&nobody, "tingluo.window", "guess"))).await;
    let looked_at = guesses.iter().filter(|answer| answer.status == 401).count();
    let refused = guesses.iter().filter(|answer| answer.status == 429).count();
    assert_eq!((looked_at, refused), (5, 7));
}

#[tokio::test]
async fn a_session_ends_when_nobody_uses_it() {
    let house = House::new().await;
    let agent = house.staff("qianliang.agent").await;
    house.clock.advance(Duration::minutes(29));
    agent.get("/api/v1/session").await.expect(200);
    house.clock.advance(Duration::minutes(29));
    agent.get("/api/v1/session").await.expect(200);
    house.clock.advance(Duration::minutes(31));
    agent.get("/api/v1/session").await.expect_problem(401, "not_signed_in");
    house.clock.advance(Duration::minutes(-31));
    agent.get("/api/v1/session").await.expect_problem(401, "not_signed_in");
}

#[tokio::test]
async fn a_session_ends_after_its_day_however_busy_it_is() {
    let house = House::new().await;
    let agent = house.staff("qianliang.agent").await;
    for _ in 0..(12 * 60 / 20 - 1) {
        house.clock.advance(Duration::minutes(20));
        agent.get("/api/v1/session").await.expect(200);
    }
    house.clock.advance(Duration::minutes(20));
    agent.get("/api/v1/session").await.expect_problem(401, "not_signed_in");
}

#[tokio::test]
async fn whoever_holds_two_posts_acts_from_one_at_a_time() {
    let house = House::new().await;
    house.execute(&format!(
        "INSERT INTO post SELECT {TOWN}, 900, account_id, holder_name, 'town_center', 'window_clerk', '汀罗镇综合窗口人员', state FROM post \
         WHERE tenant_id = {VILLAGE} AND role = 'agent'; \
         INSERT INTO account_post SELECT account_id, tenant_id, id FROM post WHERE tenant_id = {TOWN} AND id = 900; \
         UPDATE policy_version SET version = version + 1 WHERE tenant_id = {TOWN}",
    ));
    let person = house.staff("qianliang.agent").await;
    // The sample gives this agent a second village; the window is the third.
    assert_eq!(person.me["posts"].as_array().map(Vec::len), Some(3));
    let first = person.me["post"].clone();
    let other = person.me["posts"].as_array().into_iter().flatten().find(|post| post["role"] != first["role"]);
    let other = other.expect("there is another").clone();
    let choice = json!({"tenant_id": other["tenant_id"], "post_id": other["id"]});
    let me = person.put("/api/v1/session/post", &choice).await.expect(200);
    assert_eq!((&me["post"]["tenant_id"], &me["post"]["role"]), (&other["tenant_id"], &other["role"]));
    assert_eq!(person.get("/api/v1/session").await.expect(200)["post"]["id"], other["id"]);
    // A post that is somebody else's cannot be chosen.
    let foreign = json!({"tenant_id": TOWN, "post_id": 1});
    person.put("/api/v1/session/post", &foreign).await.expect_problem(404, "not_found");
    assert_eq!(house.count("SELECT count(*) AS n FROM audit_entry WHERE action = 'staff.hold_post'"), 1);
}

#[tokio::test]
async fn who_has_no_post_or_no_account_any_more_cannot_sign_in() {
    let house = House::new().await;
    house.execute("UPDATE post SET state = 'closed' FROM account WHERE account.id = post.account_id AND login_name = 'qianliang.agent'");
    house.execute("UPDATE account SET state = 'closed' WHERE login_name = 'qianliang.head'");
    sign_in(&house.anybody(), "qianliang.agent", DEMO_PASSWORD).await.expect_problem(403, "forbidden");
    sign_in(&house.anybody(), "qianliang.head", DEMO_PASSWORD).await.expect_problem(401, "sign_in_refused");
}

#[tokio::test]
async fn signing_out_ends_the_session_for_every_copy_of_its_token() {
    let house = House::new().await;
    let (token, csrf) = raw::session_of(&house, "qianliang.agent").await;
    let cookie = format!("Cookie: zt_staff={token}");
    let lines = ["DELETE /api/v1/session HTTP/1.1".to_owned(), cookie.clone(), format!("X-CSRF-Token: {csrf}")];
    assert_eq!(raw::request(&house, &lines).await.0, 204);
    assert_eq!(raw::request(&house, &["GET /api/v1/session HTTP/1.1".to_owned(), cookie]).await.0, 401);
    let agent = house.staff("qianliang.agent").await;
    let without_token = Person { csrf: String::new(), ..agent.clone() };
    send(without_token.request(reqwest::Method::DELETE, "/api/v1/session")).await.expect_problem(403, "csrf");
    send(agent.request(reqwest::Method::DELETE, "/api/v1/session")).await.expect(204);
    agent.get("/api/v1/session").await.expect_problem(401, "not_signed_in");
}
