//! Sample data for applying and for receipts.

use askama::Template;
use tenants::cases::relay::{Marks, Position, Relay};
use tenants::portal::chrome::Chrome;
use tenants::portal::forms::{FieldError, FieldKind, FormField};
use tenants::portal::pages_apply::{
    ApplyCheckPage, ApplyFormPage, ApplyMaterialsPage, CheckSection, FileLine, MaterialItem, MaterialStatus, MemberRow, SituationChoice,
};
use tenants::portal::pages_receipt::{PrintReceiptPage, ReceiptFacts, ReceiptPage};

use crate::samples::{Pages, chrome, facts, some, way, words};

const MATTER: &str = "残疾人两项补贴";

pub fn pages(large_text: bool) -> anyhow::Result<Pages> {
    let chrome = || chrome(large_text, true);
    let mistakes =
        vec![FieldError::new("situation", "请选一种情况"), FieldError::new("form.disability_level", "请选残疾等级，证上第二行写着")];
    let first = ApplyFormPage { situations_chosen: false, ..form(chrome(), vec![]) };
    let check = check(chrome());
    let short_of = ApplyCheckPage { missing: words(&["残疾人证"]), ..self::check(chrome()) };
    let print = PrintReceiptPage {
        title: "提交回执".to_owned(),
        facts: receipt(),
        receiver_name: Some("王*军".to_owned()),
        qr_svg:
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 3 3\"><path d=\"M0 0h1v1H0zM2 0h1v1H2zM1 1h1v1H1zM0 2h1v1H0z\"/></svg>"
                .to_owned(),
        seal_words: "（收件专用章）".to_owned(),
    };
    Ok(vec![
        ("apply-form-first", first.render()?),
        ("apply-form", form(chrome(), vec![]).render()?),
        ("apply-form-errors", form(chrome(), mistakes).render()?),
        ("apply-materials", materials(chrome()).render()?),
        ("apply-check", check.render()?),
        ("apply-check-missing", short_of.render()?),
        ("receipt", ReceiptPage { chrome: chrome(), facts: receipt(), telephone_words: Some("尾号 0416 ".to_owned()) }.render()?),
        ("print-receipt", print.render()?),
    ])
}

fn form(chrome: Chrome, errors: Vec<FieldError>) -> ApplyFormPage {
    let situation = |code: &str, title: &str, hint: &str, chosen: bool| SituationChoice {
        code: code.to_owned(),
        title: title.to_owned(),
        hint: Some(hint.to_owned()),
        chosen,
    };
    let level = FormField {
        choices: words(&["一级", "二级", "三级", "四级"]),
        ..FormField::new("form.disability_level", "残疾等级", FieldKind::Choice)
    };
    let card = FormField {
        required: false,
        ..FormField::new("form.bank_card", "社会保障卡卡号", FieldKind::IdentityNumber).with_hint("可以先空着，发放之前补上")
    };
    let address =
        FormField::new("address", "现在住的地方", FieldKind::Text).with_value("汀罗镇前梁村 12 号").with_autocomplete("street-address");
    ApplyFormPage {
        chrome,
        post_to: "/apply/370511014000".to_owned(),
        idempotency_key: "k".to_owned(),
        version: 0,
        matter_name: MATTER.to_owned(),
        basic_code: "370511014000".to_owned(),
        one_situation: true,
        situations: vec![
            situation("S1", "困难残疾人生活补贴", "低保家庭成员", false),
            situation("S2", "重度残疾人护理补贴", "残疾等级一级或二级", false),
            situation("S3", "两项同时申请", "低保家庭成员，并且等级是一级或二级", errors.is_empty()),
        ],
        situations_chosen: true,
        applicant: facts(&[
            ("姓名", "陈*兰"),
            ("身份证号", "370522********0021"),
            ("手机号", "138****0416"),
            ("户口", "利津县汀罗镇前梁村"),
        ]),
        fields: [address, level, card].map(|field| field.with_errors(&errors)).into_iter().collect(),
        members: Some(vec![
            MemberRow { name: "王某军".to_owned(), identity_number: "370522198801010018".to_owned(), relation: "儿子".to_owned() },
            MemberRow::default(),
        ]),
        errors,
    }
}

fn materials(chrome: Chrome) -> ApplyMaterialsPage {
    let item = |code: &str, name: &str, note: &str, status: MaterialStatus| MaterialItem {
        code: code.to_owned(),
        name: name.to_owned(),
        note: note.to_owned(),
        status,
        files: vec![],
        error: None,
    };
    let file = FileLine {
        version_no: 1,
        name: "IMG_20260921_084103.jpg".to_owned(),
        size_words: "1.2 MB".to_owned(),
        added_words: "9月21日 8:41 上传".to_owned(),
        address: "#".to_owned(),
    };
    let mut items = vec![
        item("M1", "居民身份证或户口簿", "身份证正反两面，或户口簿首页和本人页", MaterialStatus::Received),
        item("M2", "残疾人证", "拍有照片和等级的两页", MaterialStatus::Missing),
        item("M5", "社会保障卡账户", "发放之前补上就行", MaterialStatus::MayFollow),
        item("M9", "低保证明", "由民政部门自己核对", MaterialStatus::NotAsked),
    ];
    items[0].files.push(file);
    items[1].error = Some("文件有 31 MB，超过 20 MB。请把照片调小一点再传。".to_owned());
    ApplyMaterialsPage {
        chrome,
        case_id: "17".to_owned(),
        version: 3,
        matter_name: MATTER.to_owned(),
        errors: vec![FieldError::new("M2", "残疾人证没有收下：文件超过 20 MB，请调小再传")],
        items,
        missing: words(&["残疾人证"]),
        size_limit_words: "20 MB".to_owned(),
    }
}

fn check(chrome: Chrome) -> ApplyCheckPage {
    let section =
        |title: &str, rows: &[(&str, &str)]| CheckSection { title: title.to_owned(), change_address: "#".to_owned(), rows: facts(rows) };
    ApplyCheckPage {
        chrome,
        case_id: "17".to_owned(),
        version: 4,
        idempotency_key: "k".to_owned(),
        matter_name: MATTER.to_owned(),
        errors: vec![],
        sections: vec![
            section("情况", &[("申请", "两项同时申请"), ("残疾等级", "二级"), ("现在住的地方", "汀罗镇前梁村 12 号")]),
            section("申请人", &[("姓名", "陈*兰"), ("身份证号", "370522********0021"), ("手机号", "138****0416")]),
            section("一起生活的家人", &[("儿子", "王*军")]),
            section("材料", &[("居民身份证", "1 张照片"), ("残疾人证", "2 张照片")]),
        ],
        may_follow: words(&["社会保障卡账户"]),
        missing: vec![],
        route: Relay::route_with(&way(), &some(&["", "3 天", "3 天", "4 天", "3 天内", ""])),
        promise: "镇里受理的第二天起，10 个工作日有结果；补贴从 9 月算起。".to_owned(),
        declaration: "我填写的内容和交的材料都是真实的；同意民政部门核对我家的收入和财产。".to_owned(),
    }
}

fn receipt() -> ReceiptFacts {
    let under = some(&["今天", "明天前受理", "3 天", "4 天", "3 天内"]);
    ReceiptFacts {
        case_id: "17".to_owned(),
        case_no: "3705222609210047".to_owned(),
        secret: Some("K7QM 2XWR".to_owned()),
        matter_name: "残疾人两项补贴资格认定（两项同时申请）".to_owned(),
        applicant_name: "陈*兰".to_owned(),
        place_name: "前梁村便民服务站".to_owned(),
        received_at_words: "2026年9月21日 (周一) 8:50".to_owned(),
        received: words(&["申请审核表 1 份", "残疾人证（已核原件，当面退还）", "居民身份证（电子证照）", "委托书 1 份"]),
        missing: words(&["社会保障卡账户，发放之前补上就行"]),
        relay: Relay::of_case(&way(), Position::Held(0), Marks { under, ..Marks::default() }),
        next: words(&["镇里受理的第二天起，10 个工作日有结果；补贴从 9 月算起。"]),
    }
}
