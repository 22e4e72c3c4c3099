//! Signing in as a citizen: what proves who one is, and what does not.

use platform::limit::CODES_TO_TELEPHONE;
use tests::house::House;
use tests::relay::VILLAGE;
use tests::visitor::{Facts, Visitor};

use crate::portal;

#[tokio::test]
async fn a_wrong_code_signs_nobody_in() {
    let house = House::new().await;
    let facts = Facts::of(41);
    let visitor = Visitor::new(&house);
    let (asked, code) = visitor.ask_for_code(&house, &facts, "/my").await;
    asked.clone().says("154****0041").is_silent_about(&code).is_silent_about(&facts.identity_number);
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let again = visitor.enter_code(&asked, wrong).await.expect(422).says("验证码不对或者过期了");
    visitor.get("/my").await.expect(303);
    // A little later the right one still works, written as people copy it.
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    assert_eq!(visitor.enter_code(&again, &spaced).await.onward(), "/my");
    visitor.get("/my").await.expect(200).says("您还没有办过事");
    // Used up.
    Visitor::new(&house).enter_code(&again, &code).await.expect(422);
}

#[tokio::test]
async fn facts_are_checked_before_anything_is_sent() {
    let house = House::new().await;
    let facts = Facts::of(42);
    let visitor = Visitor::new(&house);
    let fields = [("name", "张3"), ("identity_number", "370599193601010000"), ("telephone", "0546-8300101"), ("back", "/my")];
    let page = visitor.post("/sign-in", &fields).await.expect(422);
    page.says("有 3 处要改").says("座机收不到验证码").says("value=\"张3\"").says("value=\"370599193601010000\"");
    assert!(house.messages().is_empty());
    let (asked, _) = visitor.ask_for_code(&house, &facts, "https://evil.example").await;
    assert_eq!(asked.hidden("back"), "/");
    let ticket = asked.hidden("ticket");
    visitor.post("/sign-in/code", &[("code", "123456"), ("ticket", &ticket[1..]), ("back", "/my")]).await.expect(422).says("请再填一次");
    house.clock.advance(chrono::Duration::minutes(16));
    visitor.post("/sign-in/code", &[("code", "123456"), ("ticket", &ticket), ("back", "/my")]).await.expect(422).says("放得太久");
}

#[tokio::test]
async fn codes_to_one_telephone_are_limited() {
    let house = House::new().await;
    let facts = Facts::of(43);
    let visitor = Visitor::new(&house);
    let (asked, _) = visitor.ask_for_code(&house, &facts, "/my").await;
    let ticket = asked.hidden("ticket");
    let again = [("again", "1"), ("ticket", ticket.as_str()), ("back", "/my")];
    // Impatience sends nothing and costs nothing.
    visitor.post("/sign-in/code", &again).await.expect(200).says("验证码刚发过");
    for _ in 1..CODES_TO_TELEPHONE.count {
        house.clock.advance(chrono::Duration::seconds(61));
        visitor.post("/sign-in/code", &again).await.expect(200);
    }
    assert_eq!(house.messages().len(), CODES_TO_TELEPHONE.count as usize);
    house.clock.advance(chrono::Duration::seconds(61));
    visitor.post("/sign-in/code", &again).await.expect(429).says("请稍等一会儿再试");
    assert_eq!(house.messages().len(), CODES_TO_TELEPHONE.count as usize);
}

#[tokio::test]
async fn three_facts_that_a_neighbour_knows_are_not_enough() {
    let house = House::new().await;
    let facts = Facts::of(44);
    let visitor = Visitor::signed_in(&house, &facts, VILLAGE).await;
    let (_, case_id) = portal::file(&visitor).await;

    // The neighbour has the name and the number, and a telephone of their own.
    let neighbour = Visitor::signed_in(&house, &Facts { telephone: "15400009999".to_owned(), ..facts.clone() }, VILLAGE).await;
    neighbour.get("/my").await.expect(200).says("您还没有办过事");
    for path in ["", "/receipt", "/receipt/print", "/withdraw"] {
        neighbour.get(&format!("/cases/{case_id}{path}")).await.expect(404);
    }
    let form = neighbour.get("/my").await;
    let fields = [("csrf", form.hidden("csrf")), ("version", "3".to_owned()), ("reason", "不办了".to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    neighbour.post(&format!("/cases/{case_id}/withdraw"), &fields).await.expect(404);
    neighbour.post(&format!("/cases/{case_id}/supply"), &fields).await.expect(404);

    // Number and telephone under another name are refused without saying which of them is known.
    let imposter = Visitor::new(&house);
    let page = imposter.sign_in(&house, &Facts { name: "王建国".to_owned(), ..Facts::of(44) }, "/my").await;
    page.expect(422).says("姓名、身份证号和手机号对不上");
    imposter.get("/my").await.expect(303);
}

#[tokio::test]
async fn signing_out_ends_the_session_itself() {
    let house = House::new().await;
    let visitor = Visitor::signed_in(&house, &Facts::of(45), VILLAGE).await;
    let page = visitor.get("/my").await.expect(200);
    visitor.post("/sign-out", &[("csrf", "forged")]).await.expect(403);
    visitor.get("/my").await.expect(200);
    assert_eq!(visitor.get("/sign-in?back=%2Fmy").await.onward(), "/my");
    let csrf = page.hidden("csrf");
    assert_eq!(visitor.post("/sign-out", &[("csrf", &csrf)]).await.onward(), "/");
    visitor.get("/my").await.expect(303);
    visitor.post("/sign-out", &[("csrf", &csrf)]).await.expect(303);
}
