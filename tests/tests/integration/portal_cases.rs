//! After filing: following by receipt, correcting, withdrawing, as the citizen sees it.

use platform::limit::FOLLOW_OF_CASE;
use serde_json::json;
use tests::house::House;
use tests::relay::{self, PNG, VILLAGE};
use tests::visitor::{Facts, Page, Visitor};

use crate::portal;

fn form(page: &Page, names: &[&'static str]) -> Vec<(&'static str, String)> {
    names.iter().map(|name| (*name, page.hidden(name))).collect()
}

async fn post(visitor: &Visitor, path: &str, fields: &[(&'static str, String)]) -> Page {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    visitor.post(path, &fields).await
}

#[tokio::test]
async fn a_receipt_opens_its_case_and_no_other() {
    let house = House::new().await;
    let agent = house.staff("qianliang.agent").await;
    let (one, other) = (relay::file(&agent, 51).await, relay::file(&agent, 52).await);
    let text = |case: &serde_json::Value, field: &str| case[field].as_str().unwrap_or_default().to_owned();
    let (number, secret) = (text(&one, "case_no"), text(&one, "receipt_secret"));
    let visitor = Visitor::new(&house);
    visitor.get(&format!("/follow?case_no={number}")).await.expect(200).says(&number);
    visitor.get("/follow?case_no=123").await.expect(200).says("20 位数字");

    // As people copy it: in groups, in small letters.
    let grouped = format!("{} {}", &number[..4], &number[4..]);
    let small = format!("{} {}", &secret[..4].to_lowercase(), &secret[4..]);
    let page = visitor.post("/follow", &[("case_no", &grouped), ("secret", &small)]).await.expect(200);
    let page = page.says("现在在前梁村手里").says("残疾人两项补贴");
    page.is_silent_about("撤回这次申请")
        .is_silent_about("看回执")
        .is_silent_about(relay::submission(51)["applicant"]["identity_number"].as_str().unwrap());

    // A wrong secret, the secret of another case, and a number that was never given are answered alike.
    let never = tenants::divisions::case_number::CaseNumber::new(
        tenants::divisions::code::DivisionCode::new(VILLAGE).expect("a village"),
        2026,
        99_998,
    );
    let never = never.expect("a number").digits();
    let wrong = visitor.post("/follow", &[("case_no", &number), ("secret", "AAAAAAAA")]).await.expect(422).says("编号和密码对不上");
    let others = visitor.post("/follow", &[("case_no", &number), ("secret", &text(&other, "receipt_secret"))]).await.expect(422);
    let absent = visitor.post("/follow", &[("case_no", &never), ("secret", &secret)]).await.expect(422);
    assert_eq!(wrong.text, others.text);
    assert_eq!(wrong.text.replace(&number, ""), absent.text.replace(&never, ""));
    visitor.post("/follow", &[("case_no", &number[1..]), ("secret", &secret)]).await.expect(422).says("20 位数字");
}

#[tokio::test]
async fn guessing_the_secret_of_one_case_ends_soon() {
    let house = House::new().await;
    let case = relay::file(&house.staff("qianliang.agent").await, 53).await;
    let (number, secret) = (case["case_no"].as_str().expect("a number"), case["receipt_secret"].as_str().expect("a secret"));
    let visitor = Visitor::new(&house);
    for _ in 0..FOLLOW_OF_CASE.count {
        visitor.post("/follow", &[("case_no", number), ("secret", "AAAAAAAA")]).await.expect(422);
    }
    // Even the right one has to wait now.
    visitor.post("/follow", &[("case_no", number), ("secret", secret)]).await.expect(429).says("请等 15 分钟再试");
    house.clock.advance(chrono::Duration::minutes(15));
    visitor.post("/follow", &[("case_no", number), ("secret", secret)]).await.expect(200);
}

#[tokio::test]
async fn a_citizen_corrects_online_and_the_case_goes_on() {
    let house = House::new().await;
    let visitor = Visitor::signed_in(&house, &Facts::of(54), VILLAGE).await;
    let (_, case_id) = portal::file(&visitor).await;
    // A paper counts as new when it came after the notice.
    house.clock.advance(chrono::Duration::minutes(10));
    let window = house.staff("tingluo.window").await;
    let items = json!({"items": [{"material_code": "M2", "message": "照片看不清编号，请重拍"}]});
    window.act(&case_id, "ask_correction", items).await.expect(200);
    house.settle().await;

    let address = format!("/cases/{case_id}");
    visitor.get("/my").await.expect(200).says("请您补 1 份材料");
    let page = visitor.get(&address).await.expect(200).says("现在在您手里").says("照片看不清编号").says("aria-disabled");
    // Nothing new has come yet: giving it back is refused in words.
    post(&visitor, &format!("{address}/supply"), &form(&page, &["csrf", "version"])).await.expect(409).says("还缺 1 份必要材料");
    visitor.upload(&page, &format!("{address}/materials/M2"), "image/png", b"no".to_vec()).await.expect(422).says("没有收下");
    let onward = visitor.upload(&page, &format!("{address}/materials/M2"), "image/png", PNG.to_vec()).await.onward();
    let page = visitor.get(&onward).await.expect(200).says("收到残疾人证。").is_silent_about("aria-disabled");
    let onward = post(&visitor, &format!("{address}/supply"), &form(&page, &["csrf", "version"])).await.onward();
    visitor.get(&onward).await.expect(200).says("已经交回去").says("现在在汀罗镇手里");
    window.act(&case_id, "accept", json!({})).await.expect(200);
    assert_eq!(house.set_aside(), 0);
}

#[tokio::test]
async fn a_citizen_withdraws_what_is_not_decided() {
    let house = House::new().await;
    let visitor = Visitor::signed_in(&house, &Facts::of(55), VILLAGE).await;
    let (_, case_id) = portal::file(&visitor).await;
    let address = format!("/cases/{case_id}");
    let page = visitor.get(&format!("{address}/withdraw")).await.expect(200).says("撤回以后，这次申请不再办");
    let mut fields = form(&page, &["csrf", "version", "idempotency_key"]);
    fields.push(("reason", "长".repeat(2001)));
    post(&visitor, &format!("{address}/withdraw"), &fields).await.expect(422).says("请写短一些");
    fields.pop();
    fields.push(("reason", "材料找齐了再办".to_owned()));
    let onward = post(&visitor, &format!("{address}/withdraw"), &fields).await.onward();
    visitor.get(&onward).await.expect(200).says("已经撤回，不再办了").says("材料找齐了再办").is_silent_about("撤回这次申请");
    post(&visitor, &format!("{address}/withdraw"), &fields).await.expect(409);
    assert_eq!(visitor.get(&format!("{address}/withdraw")).await.onward(), address);
    house.settle().await;
    assert_eq!(house.count("SELECT count(*) AS n FROM case_file WHERE state = 'withdrawn' AND custody = 'closed'"), 1);
}

/// Filed online in the town, gone to the county: the wish travels after it and comes back done.
#[tokio::test]
async fn a_withdrawal_reaches_the_case_where_it_is() {
    let house = House::new().await;
    let visitor = Visitor::signed_in(&house, &Facts::of(56), VILLAGE).await;
    let (_, case_id) = portal::file(&visitor).await;
    let (window, civil) = (house.staff("tingluo.window").await, house.staff("tingluo.civil").await);
    window.act(&case_id, "accept", json!({})).await.expect(200);
    civil.act(&case_id, "review", json!({"opinion": "同意上报"})).await.expect(200);
    house.settle().await;
    let address = format!("/cases/{case_id}");
    visitor.get(&address).await.expect(200).says("现在在县残联手里");
    let page = visitor.get(&format!("{address}/withdraw")).await.expect(200).says("办件在县残联手里");
    let onward = post(&visitor, &format!("{address}/withdraw"), &form(&page, &["csrf", "version"])).await.onward();
    visitor.get(&onward).await.expect(200).says("已经申请撤回").is_silent_about("撤回这次申请</a>");
    house.settle().await;
    visitor.get(&address).await.expect(200).says("撤回");
    assert_eq!(house.count("SELECT count(*) AS n FROM case_file WHERE state = 'withdrawn'"), 2);
    assert_eq!(house.set_aside(), 0);
}

/// What an agent filed for somebody is theirs, too, once their telephone has answered.
#[tokio::test]
async fn the_applicant_finds_what_an_agent_filed() {
    let house = House::new().await;
    let people = relay::People::of(&house).await;
    let case_id = relay::walk(&house, &people, 57).await;
    let visitor = Visitor::signed_in(&house, &Facts::of(57), VILLAGE).await;
    visitor.get("/my").await.expect(200).says("办完了，通过了");
    let page = visitor.get(&format!("/cases/{case_id}")).await.expect(200).says("利民补〔2026〕1号").says("通过了");
    page.is_silent_about("不同意这个结果");
    visitor.get(&format!("/cases/{case_id}/receipt")).await.expect(200).is_silent_about("查询密码</dt>");
}
