//! The portal's pages as a browser without scripts sees them: finding, applying, filing.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tenants::portal::assets;
use tests::house::House;
use tests::relay::{ALLOWANCE, PNG, TOWN, VILLAGE};
use tests::visitor::{Facts, Page, Visitor};

/// A first visit on an old telephone: page and style sheets, uncompressed.
const PAGE_WITH_SHEETS_MAX_BYTES: usize = 60_000;

/// Answers to the questions of 两项补贴, with both allowances asked for.
pub const ANSWERS: [(&str, &str); 6] = [
    ("situation", "S3"),
    ("address", "前梁村 12 号"),
    ("form.disability_certificate_number", "37059919360219001342"),
    ("form.disability_category", "肢体"),
    ("form.disability_level", "二级"),
    ("form.same_kind_benefit", "没有"),
];

/// Fills in and saves; the address of the draft's papers.
pub async fn begin(visitor: &Visitor) -> String {
    let form = visitor.get(&format!("/apply/{ALLOWANCE}")).await.expect(200);
    let (csrf, key) = (form.hidden("csrf"), form.hidden("idempotency_key"));
    let mut fields = vec![("csrf", csrf.as_str()), ("idempotency_key", &key), ("version", "0")];
    fields.extend(ANSWERS);
    visitor.post(&format!("/apply/{ALLOWANCE}"), &fields).await.onward()
}

/// From the form to the receipt; the page of the receipt and the id of the case.
pub async fn file(visitor: &Visitor) -> (Page, String) {
    let materials = begin(visitor).await;
    for code in ["M2", "M3"] {
        let page = visitor.get(&materials).await.expect(200);
        visitor.upload(&page, &format!("{materials}/{code}"), "image/png", PNG.to_vec()).await.expect(303);
    }
    let draft = materials.trim_end_matches("/materials").to_owned();
    let check = visitor.get(&format!("{draft}/check")).await.expect(200);
    let receipt = submit(visitor, &draft, &check).await.onward();
    let case_id = draft.trim_start_matches("/drafts/").to_owned();
    (visitor.get(&receipt).await.expect(200), case_id)
}

async fn submit(visitor: &Visitor, draft: &str, check: &Page) -> Page {
    let fields =
        [("csrf", check.hidden("csrf")), ("idempotency_key", check.hidden("idempotency_key")), ("version", check.hidden("version"))];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    visitor.post(&format!("{draft}/submit"), &fields).await
}

#[tokio::test]
async fn pages_that_lead_to_a_matter_are_there_and_light() {
    let house = House::new().await;
    let visitor = Visitor::new(&house);
    let before = visitor.get("/").await.expect(200).says("还没有选地方").is_silent_about("没有公布事项");
    assert_eq!(visitor.get("/matters").await.onward(), "/places?back=%2Fmatters");
    let places = visitor.get("/places?back=%2Fmatters").await.expect(200).says("利津县").says("东营市").is_silent_about("就选东营市");
    let found = visitor.get("/places?q=%E5%89%8D%E6%A2%81&back=%2Fmatters").await.expect(200).says("利津县 汀罗镇 前梁村");
    assert_eq!(visitor.get(&format!("/places/choose?id={VILLAGE}&back=%2Fmatters")).await.onward(), "/matters");
    visitor.get("/places/choose?id=1&back=/").await.expect(404);
    assert_eq!(visitor.get(&format!("/places/choose?id={VILLAGE}&back=https://evil.example")).await.onward(), "/");

    let pages = [
        before,
        places,
        found,
        visitor.get("/").await.expect(200).says("前梁村可以办的事").says("利津政务服务").says("中秋节"),
        visitor.get("/matters").await.expect(200).says("残疾人两项补贴").says("到县再回村"),
        visitor.get("/matters?q=%E6%AE%8B%E7%96%BE%E8%A1%A5%E8%B4%B4").await.expect(200).says("残疾人两项补贴"),
        visitor.get("/matters?q=%E6%8A%A4%E7%85%A7").await.expect(200).says("没有找到"),
        visitor
            .get(&format!("/matters/{ALLOWANCE}"))
            .await
            .expect(200)
            .says("网上申请")
            .says("请前梁村代办员代办")
            .says("国发〔2015〕52号"),
        visitor.get("/follow").await.expect(200),
        visitor.get("/sign-in").await.expect(200),
    ];
    let sheets: usize = assets::sheets().filter(|(name, _)| *name != "print.css").map(|(_, text)| text.len()).sum();
    for page in &pages {
        assert!(page.text.len() + sheets <= PAGE_WITH_SHEETS_MAX_BYTES, "{} + {sheets} bytes: {}", page.text.len(), page.text);
    }
    for (name, text) in assets::sheets() {
        assert_eq!(visitor.get(&assets::address(name)).await.expect(200).text, text);
    }
    visitor.get("/assets/nothing.css").await.expect(404);

    assert_eq!(visitor.get("/text-size?size=large&back=%2Fmatters").await.onward(), "/matters");
    visitor.get("/matters").await.says("data-density=\"large\"").says("标准字");
}

#[tokio::test]
async fn a_citizen_files_online_and_the_town_receives_it() {
    let house = House::new().await;
    let facts = Facts::of(21);
    let visitor = Visitor::at(&house, VILLAGE).await;
    let asked = visitor.get(&format!("/apply/{ALLOWANCE}")).await.onward();
    assert_eq!(asked, format!("/sign-in?back=%2Fapply%2F{ALLOWANCE}"));
    visitor.get(&asked).await.expect(200).says("网上申请要先知道您是谁");
    assert_eq!(visitor.sign_in(&house, &facts, &format!("/apply/{ALLOWANCE}")).await.onward(), format!("/apply/{ALLOWANCE}"));

    // The situation decides what is asked.
    let first = visitor.get(&format!("/apply/{ALLOWANCE}")).await.expect(200).is_silent_about("残疾等级</legend>");
    let csrf = first.hidden("csrf");
    visitor.post(&format!("/apply/{ALLOWANCE}"), &[("csrf", &csrf), ("choose", "1")]).await.expect(200).says("请选一种情形");
    let chosen = visitor.post(&format!("/apply/{ALLOWANCE}"), &[("csrf", &csrf), ("choose", "1"), ("situation", "S1")]).await.expect(200);
    chosen.says("残疾等级").is_silent_about("正在领的同类待遇").says("利津县 汀罗镇 前梁村").is_silent_about(&facts.identity_number);

    let (receipt, case_id) = file(&visitor).await;
    let (number, secret) = (receipt.fact("办件编号").replace(' ', ""), receipt.fact("查询密码"));
    assert_eq!((number.len(), secret.len()), (20, 9), "{number} {secret}");
    assert!(number.starts_with(&TOWN.to_string()), "the town is the origin of what is filed online: {number}");
    visitor
        .get(&format!("/cases/{case_id}/receipt/print"))
        .await
        .expect(200)
        .says(&secret)
        .says("<svg")
        .says("残疾人证 1 份")
        .is_silent_about("<?xml");
    visitor.get(&format!("/cases/{case_id}")).await.expect(200).says("现在在汀罗镇手里").says("撤回这次申请");
    visitor.get("/my").await.expect(200).says("残疾人两项补贴").says("现在在汀罗镇手里");
    house.settle().await;
    assert!(house.messages().iter().any(|message| message.starts_with(&facts.telephone) && message.contains("已经收件")));

    let window = house.staff("tingluo.window").await;
    let list = window.get("/api/v1/cases?bucket=pre_review").await.expect(200);
    assert_eq!(list["items"][0]["id"], case_id.as_str(), "{list:#}");
    window.act(&case_id, "accept", json!({})).await.expect(200);
    visitor.get(&format!("/cases/{case_id}")).await.expect(200).says("全程最迟").says("哪些天不算");
    assert_eq!(house.set_aside(), 0);
}

#[tokio::test]
async fn filing_twice_gives_the_same_receipt_once() {
    let house = House::new().await;
    let visitor = Visitor::signed_in(&house, &Facts::of(22), VILLAGE).await;
    let materials = begin(&visitor).await;
    let draft = materials.trim_end_matches("/materials").to_owned();
    let check = visitor.get(&format!("{draft}/check")).await.expect(200).says("还不能递交").says("残疾人证");
    // Whatever is sent by hand, missing papers lead back to the page that names them.
    assert_eq!(submit(&visitor, &draft, &check).await.onward(), format!("{draft}/check"));
    for code in ["M2", "M3"] {
        let page = visitor.get(&materials).await.expect(200);
        visitor.upload(&page, &format!("{materials}/{code}"), "image/png", PNG.to_vec()).await.expect(303);
    }
    submit(&visitor, &draft, &check).await.expect(409).says("情况变了");
    let check = visitor.get(&format!("{draft}/check")).await.expect(200);
    let first = visitor.get(&submit(&visitor, &draft, &check).await.onward()).await.expect(200);
    let second = visitor.get(&submit(&visitor, &draft, &check).await.onward()).await.expect(200);
    assert_eq!((first.fact("办件编号"), first.fact("查询密码")), (second.fact("办件编号"), second.fact("查询密码")));
    assert_eq!(house.count("SELECT count(*) AS n FROM case_file WHERE state = 'received'"), 1);
    assert_eq!(visitor.get(&materials).await.onward(), draft.replace("drafts", "cases"));
    // An hour later only the digest is left.
    house.clock.advance(chrono::Duration::minutes(31));
    visitor.get(&format!("{}/receipt", draft.replace("drafts", "cases"))).await.expect(200).is_silent_about("查询密码</dt>");
}

#[tokio::test]
async fn mistakes_keep_what_was_typed() {
    let house = House::new().await;
    let visitor = Visitor::signed_in(&house, &Facts::of(23), VILLAGE).await;
    let form = visitor.get(&format!("/apply/{ALLOWANCE}")).await.expect(200);
    let (csrf, key) = (form.hidden("csrf"), form.hidden("idempotency_key"));
    let address = "前梁村<b>12 号".to_owned();
    let fields = [
        ("csrf", csrf.as_str()),
        ("idempotency_key", &key),
        ("version", "0"),
        ("situation", "S1"),
        ("address", &address),
        ("form.disability_category", "肢体"),
        ("form.disability_level", "九级"),
        ("form.same_kind_benefit", "没有"),
    ];
    let page = visitor.post(&format!("/apply/{ALLOWANCE}"), &fields).await.expect(422);
    let page = page.says("有 2 处要改").says("href=\"#f-form.disability_level\"").says("请填写残疾人证号");
    let page = page.says("value=\"肢体\" selected").says("前梁村&#60;b&#62;12 号").says("value=\"S1\" checked");
    assert_eq!(page.hidden("idempotency_key"), key);
    assert_eq!(house.count("SELECT count(*) AS n FROM case_file"), 0);

    // A household: an empty row is no member, and a wrong number is named at its row.
    let household = "370511001000";
    let form = visitor.get(&format!("/apply/{household}")).await.expect(200);
    let csrf = form.hidden("csrf");
    let fields = [
        ("csrf", csrf.as_str()),
        ("idempotency_key", "k"),
        ("address", ""),
        ("form.household_size", "2"),
        ("form.monthly_income", "800"),
        ("form.difficulty", "重病"),
        ("member_name_0", ""),
        ("member_identity_number_0", ""),
        ("member_relation_0", ""),
        ("member_name_1", "王军"),
        ("member_identity_number_1", "370599193601010000"),
        ("member_relation_1", "儿子"),
    ];
    let page = visitor.post(&format!("/apply/{household}"), &fields).await.expect(422);
    page.says("有 1 处要改").says("href=\"#f-member_identity_number_1\"").says("value=\"王军\"");
    let mut more = fields.to_vec();
    more.push(("more_members", "1"));
    visitor.post(&format!("/apply/{household}"), &more).await.expect(200).says("member_name_2").says("value=\"王军\"");
}

#[tokio::test]
async fn papers_come_and_go_in_a_draft() {
    let house = House::new().await;
    let visitor = Visitor::signed_in(&house, &Facts::of(24), VILLAGE).await;
    let materials = begin(&visitor).await;
    let page = visitor.get(&materials).await.expect(200).says("还缺 2 份材料").says("不用您交");
    let refused = visitor.upload(&page, &format!("{materials}/M2"), "image/png", b"not a picture".to_vec()).await.expect(422);
    refused.says("没有收下").says("只收 JPEG、PNG 图片和 PDF 文件");
    let large = visitor.upload(&page, &format!("{materials}/M2"), "image/png", vec![0x89; 21 * 1024 * 1024]).await.expect(422);
    large.says("超过了 20 MB");
    visitor.upload(&page, &format!("{materials}/M4"), "image/png", PNG.to_vec()).await.expect(422).says("不向申请人收");
    let (csrf, version) = (page.hidden("csrf"), page.hidden("version"));
    visitor
        .post_parts(&format!("{materials}/M2"), &[("csrf", csrf.clone()), ("version", version.clone())])
        .await
        .expect(422)
        .says("还没有选文件");
    visitor.post_parts(&format!("{materials}/M2"), &[("csrf", "forged".to_owned()), ("version", version.clone())]).await.expect(403);
    visitor.post_parts(&format!("{materials}/M2"), &[("version", version)]).await.expect(403);

    let onward = visitor.upload(&page, &format!("{materials}/M2"), "image/png", PNG.to_vec()).await.onward();
    assert_eq!(onward, format!("{materials}#f-M2"));
    visitor.upload(&page, &format!("{materials}/M2"), "image/png", PNG.to_vec()).await.expect(409).says("情况变了");
    let page = visitor.get(&materials).await.expect(200).says("照片.png").says("还缺 1 份材料");
    visitor.get(&format!("{materials}/M2?v=1")).await.expect(200);
    visitor.get(&format!("{materials}/M2?v=2")).await.expect(404);
    let gone = [("csrf", csrf), ("version", page.hidden("version")), ("remove", "1".to_owned())];
    visitor.post_parts(&format!("{materials}/M2"), &gone).await.expect(303);
    visitor.get(&materials).await.expect(200).says("还缺 2 份材料").is_silent_about("照片.png");

    // Taken up again, changed, and found in the list.
    let draft = materials.trim_end_matches("/materials").to_owned();
    let form = visitor.get(&draft).await.expect(200).says("value=\"37059919360219001342\"").says("value=\"二级\" checked");
    let (csrf, version) = (form.hidden("csrf"), form.hidden("version"));
    let mut fields = vec![("csrf", csrf.as_str()), ("version", version.as_str())];
    fields.extend(ANSWERS.map(|(name, value)| if value == "二级" { (name, "一级") } else { (name, value) }));
    assert_eq!(visitor.post(&draft, &fields).await.onward(), materials);
    visitor.post(&draft, &fields).await.expect(409);
    visitor.get(&draft).await.expect(200).says("value=\"一级\" checked");
    visitor.get("/my").await.expect(200).says("填了一半的").says("还缺 2 份材料：残疾人证、居民身份证或户口簿");
}

#[tokio::test]
async fn a_draft_is_its_makers_alone() {
    let house = House::new().await;
    let visitor = Visitor::signed_in(&house, &Facts::of(25), VILLAGE).await;
    let materials = begin(&visitor).await;
    let draft = materials.trim_end_matches("/materials").to_owned();
    let other = Visitor::signed_in(&house, &Facts::of(26), VILLAGE).await;
    for path in
        [draft.clone(), materials.clone(), format!("{draft}/check"), format!("{materials}/M2?v=1"), draft.replace("drafts", "cases")]
    {
        other.get(&path).await.expect(404).says("没有找到这个页面");
    }
    let window = house.staff("tingluo.window").await;
    let case_id = draft.trim_start_matches("/drafts/");
    window.get(&format!("/api/v1/cases/{case_id}")).await.expect_problem(404, "not_found");
    let list = window.get("/api/v1/cases?bucket=draft").await.expect(200);
    assert_eq!((&list["items"], &list["counts"]["draft"]["total"]), (&json!([]), &json!(0)), "{list:#}");
}

#[tokio::test]
async fn what_cannot_be_filed_online_leads_to_its_guide() {
    let house = House::new().await;
    let visitor = Visitor::signed_in(&house, &Facts::of(27), VILLAGE).await;
    assert_eq!(visitor.get("/apply/370119016000").await.onward(), "/matters/370119016000");
    visitor.get("/matters/370119016000").await.expect(200).is_silent_about("网上申请</a>");
    visitor.get("/apply/000000000000").await.expect(404);
    let county = Visitor::signed_in(&house, &Facts::of(28), tests::relay::COUNTY).await;
    assert_eq!(county.get(&format!("/apply/{ALLOWANCE}")).await.onward(), format!("/places?back=%2Fapply%2F{ALLOWANCE}"));
}

#[tokio::test]
async fn problems_are_pages_for_people_and_json_for_programs() {
    let house = House::new().await;
    let visitor = Visitor::new(&house);
    visitor.get("/nothing").await.expect(404).says("没有找到这个页面").says("<!doctype html>");
    assert_eq!(visitor.get("/my?x=1").await.onward(), "/sign-in?back=%2Fmy%3Fx%3D1");
    let program = house.anybody();
    program.get("/my").await.expect_problem(401, "not_signed_in");
    program.get("/nothing").await.expect_problem(404, "not_found");
    program.get("/api/v1/cases").await.expect_problem(401, "not_signed_in");
    let strange =
        program.client.post(format!("{}/follow", house.base)).header("Accept", "text/html").header("Origin", "https://evil.example");
    let answer = strange.form(&[("case_no", "1")]).send().await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 403);
    assert!(answer.text().await.expect("a page").contains("请再提交一次"));

    let signed_in = Visitor::signed_in(&house, &Facts::of(29), VILLAGE).await;
    signed_in.post(&format!("/apply/{ALLOWANCE}"), &[("csrf", "forged")]).await.expect(403).says("请再提交一次").says("我的");
    signed_in.get(&format!("/cases/{}", uuid::Uuid::nil())).await.expect(404);
    signed_in.get("/cases/17").await.expect(404);
}

/// The counter prints the same receipt; the secret only when it is brought along.
#[tokio::test]
async fn the_counter_prints_a_receipt() {
    let house = House::new().await;
    let agent = house.staff("qianliang.agent").await;
    let case = tests::relay::file(&agent, 30).await;
    let path = format!("/api/v1/cases/{}/receipt", tests::relay::id(&case));
    let secret = case["receipt_secret"].as_str().expect("a secret");
    let page = agent.get(&path).await;
    assert_eq!(page.status.as_u16(), 200);
    assert!(page.text.contains("<svg") && page.text.contains("提交回执") && !page.text.contains("查询密码"), "{}", page.text);
    let printed = agent.post(&path, &json!({"secret": secret})).await;
    assert_eq!(printed.status.as_u16(), 200, "{}", printed.text);
    assert!(printed.text.contains("查询密码") && printed.text.contains(&secret[..4]), "{}", printed.text);
    agent.post(&path, &json!({"secret": "AAAAAAAA"})).await.expect_problem(422, "invalid");
    house.anybody().get(&path).await.expect_problem(401, "not_signed_in");
    house.staff("tingluo.window").await.get(&path).await.expect_problem(404, "not_found");
    let draft: Value = agent.create_case("receipt-draft", &tests::relay::submission(31)).await.expect(201);
    agent.get(&format!("/api/v1/cases/{}/receipt", tests::relay::id(&draft))).await.expect_problem(404, "not_found");
}

/// A handler that takes no permit is an endpoint that anybody may call for anything.
#[test]
fn every_handler_has_a_permit_in_its_signature() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tenants/src");
    let mut handlers = 0;
    for path in rust_files(&sources) {
        let text = std::fs::read_to_string(&path).expect("a source can be read");
        for method in ["get", "post", "put", "delete", "patch"] {
            for part in text.split(&format!("\n#[{method}(\"")).skip(1) {
                handlers += 1;
                let head = part.split("-> ").next().unwrap_or_default();
                assert!(head.contains("Permit<"), "a handler without a permit in {}: {}", path.display(), head);
            }
        }
    }
    assert!(handlers >= 50, "only {handlers} handlers were found");
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder can be read").map(|entry| entry.expect("an entry").path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => rust_files(&path),
            false => vec![path],
        })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}
