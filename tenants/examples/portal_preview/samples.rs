//! Sample data for the pages that lead to a matter, sign-in and errors; and what all samples share.

use askama::Template;
use tenants::cases::relay::{Marks, Place, Position, Relay};
use tenants::portal::chrome::{Chrome, Fact, Link};
use tenants::portal::forms::FieldError;
use tenants::portal::pages_error::ErrorPage;
use tenants::portal::pages_find::{HomeEntry, HomePage, MatterRow, MattersPage, NearPlace, PlaceLink, PlacePage};
use tenants::portal::pages_guide::{Condition, GuideBasis, GuideLeg, GuideMaterial, GuidePage, GuideQuestion, PromiseFact};
use tenants::portal::pages_sign_in::{SignInCodePage, SignInPage};

pub type Pages = Vec<(&'static str, String)>;

pub fn chrome(large_text: bool, signed_in: bool) -> Chrome {
    Chrome {
        site_name: "利津政务服务".to_owned(),
        place_name: Some("汀罗镇".to_owned()),
        signed_in_name: signed_in.then(|| "陈*兰".to_owned()),
        large_text,
        here: "/".to_owned(),
        csrf: "sample".to_owned(),
        demonstration: true,
    }
}

pub fn place(name: &str, short: &str, level: u8) -> Place {
    Place { name: name.to_owned(), short: short.to_owned(), level }
}

/// The way of the disability allowances.
pub fn way() -> Vec<Place> {
    vec![
        place("前梁村", "村", 1),
        place("汀罗镇", "镇", 2),
        place("县残联", "县残联", 3),
        place("县民政局", "县民政局", 3),
        place("汀罗镇", "镇", 2),
        place("前梁村", "村", 1),
    ]
}

pub fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}

pub fn facts(list: &[(&str, &str)]) -> Vec<Fact> {
    list.iter().map(|(label, text)| Fact::new(*label, *text)).collect()
}

pub fn link(words: &str, address: &str) -> Link {
    Link { words: words.to_owned(), address: address.to_owned() }
}

pub fn some(list: &[&str]) -> Vec<Option<String>> {
    list.iter().map(|word| (!word.is_empty()).then(|| (*word).to_owned())).collect()
}

pub fn pages(large_text: bool) -> anyhow::Result<Pages> {
    let chrome = || chrome(large_text, false);
    let nowhere = || Chrome { place_name: None, ..chrome() };
    Ok(vec![
        ("home", home(chrome()).render()?),
        ("home-no-place", HomePage { matters: vec![], places: vec![], notice: None, ..home(nowhere()) }.render()?),
        ("place", place_page(chrome(), "").render()?),
        ("place-search", place_page(nowhere(), "前梁").render()?),
        ("matters", MattersPage { chrome: chrome(), query: "补贴".to_owned(), matters: matters(), suggestions: vec![] }.render()?),
        (
            "matters-empty",
            MattersPage { chrome: chrome(), query: "养猪厂".to_owned(), matters: vec![], suggestions: words(&["养殖", "用地"]) }
                .render()?,
        ),
        ("guide", guide(chrome()).render()?),
        (
            "guide-suspended",
            GuidePage {
                suspended: Some("等新的补贴标准公布，预计 12月1日恢复。已经递交的照常办。".to_owned()), ..guide(chrome())
            }
            .render()?,
        ),
        ("sign-in", sign_in(chrome(), vec![]).render()?),
        (
            "sign-in-errors",
            sign_in(
                chrome(),
                vec![
                    FieldError::new("identity_number", "身份证号最后一位对不上，请再看一遍"),
                    FieldError::new("telephone", "请填写 11 位手机号"),
                ],
            )
            .render()?,
        ),
        (
            "sign-in-code",
            SignInCodePage {
                chrome: chrome(),
                back: "/my".to_owned(),
                ticket: "t".to_owned(),
                telephone_masked: "138****0416".to_owned(),
                valid_minutes: 5,
                demonstration_code: Some("284 615".to_owned()),
                errors: vec![],
            }
            .render()?,
        ),
        ("error-404", ErrorPage::not_found(chrome()).render()?),
        ("error-403", ErrorPage::forbidden(chrome()).render()?),
        ("error-429", ErrorPage::too_many(chrome(), "5 分钟").render()?),
        ("error-500", ErrorPage::server_error(chrome(), Some("0192-7f3a".to_owned())).render()?),
    ])
}

fn home(chrome: Chrome) -> HomePage {
    let short = [place("村", "村", 1), place("镇", "镇", 2), place("县", "县", 3), place("镇", "镇", 2), place("村", "村", 1)];
    let entry =
        |words: &str, count: &str, line: &str| HomeEntry { link: link(words, "#"), count_words: count.to_owned(), line: line.to_owned() };
    let near = |name: &str, line: &str, note: &str| NearPlace { name: name.to_owned(), line: line.to_owned(), note: note.to_owned() };
    HomePage {
        chrome,
        often: words(&["残疾人补贴", "低保", "宅基地", "居住证", "高龄津贴"]),
        example: Relay::of_case(&short, Position::Held(2), Marks::default()),
        entries: vec![
            entry("个人办事", "412 项", "生育、救助、残疾人、户口、住房、养老"),
            entry("法人办事", "527 项", "开办、变更、许可、用地、注销"),
            entry("部门", "31 个", "知道归谁管，直接找民政、公安、人社"),
            entry("主题", "18 类", "不知道归谁管，按要办的事来找"),
            entry("一件事", "24 件", "出生、退休、开餐馆，一次办好几件"),
            entry("通办", "136 项", "人在外地，就近交材料，户籍地来办"),
        ],
        matters_title: "汀罗镇可以办的事".to_owned(),
        matters: matters(),
        places: vec![
            near("前梁村便民服务站", "今天 8:30—17:00，代办员在站", "村"),
            near("汀罗镇便民服务中心", "今天 8:30—17:30", "镇"),
            near("利津县政务服务中心", "今天 9:00—17:00", "县"),
        ],
        notice: Some("10月1日至7日放假，10月10日 (周六) 上班。".to_owned()),
    }
}

fn matters() -> Vec<MatterRow> {
    let row = |name: &str, summary: &str, promised: &str, way_words: &str, places: &[Place], suspended: bool| MatterRow {
        basic_code: "370511014000".to_owned(),
        short_name: name.to_owned(),
        summary: summary.to_owned(),
        promised_words: promised.to_owned(),
        way_words: way_words.to_owned(),
        route: Relay::route(places),
        suspended,
    };
    let back = [place("村", "村", 1), place("镇", "镇", 2), place("县民政局", "县", 3), place("镇", "镇", 2), place("村", "村", 1)];
    vec![
        row("残疾人两项补贴", "有残疾人证的，按月领生活补贴或护理补贴。", "10 个工作日", "到县再回村", &way(), false),
        row("最低生活保障（低保）", "收入低于当地标准的家庭，按月领补助。", "20 个工作日", "到县再回村", &back, false),
        row(
            "临时救助",
            "突然遇到难处，一时过不去的。",
            "急难 24 小时",
            "多在镇里办完",
            &[place("村", "村", 1), place("镇", "镇", 2), place("村", "村", 1)],
            false,
        ),
        row("居住证签注", "居住证每年签一次。", "1 个工作日", "派出所办完", &[place("派出所", "派出所", 3)], true),
        row("生育登记", "怀孕或生了孩子，登记一下。", "当场办完", "镇里办完", &[place("镇", "镇", 2)], false),
        row("村级证明", "村委会出的证明。", "当场办完", "村里办完", &[place("村", "村", 1)], false),
    ]
}

fn place_page(chrome: Chrome, query: &str) -> PlacePage {
    let link = |division_id: i64, name: &str, level_name: &str| PlaceLink {
        division_id,
        name: name.to_owned(),
        level_name: level_name.to_owned(),
    };
    PlacePage {
        chrome,
        back: "/".to_owned(),
        query: query.to_owned(),
        found: vec![link(370522102201, "利津县 汀罗镇 前梁村", "村"), link(370522103210, "利津县 盐窝镇 前梁村", "村")],
        trail: vec![
            link(370000000000, "山东省", "省"),
            link(370500000000, "东营市", "市"),
            link(370522000000, "利津县", "县"),
            link(370522102000, "汀罗镇", "镇"),
        ],
        children: ["前梁村", "后梁村", "汀河一村", "汀河二村", "毛坨村", "前关村", "罗家村"]
            .iter()
            .map(|name| link(370522102201, name, "村"))
            .collect(),
    }
}

fn guide(chrome: Chrome) -> GuidePage {
    let promise = |label: &str, fact: &str, condition: &str| PromiseFact {
        label: label.to_owned(),
        fact: fact.to_owned(),
        condition: condition.to_owned(),
    };
    let condition = |title: &str, text: &str| Condition { title: title.to_owned(), text: text.to_owned() };
    let material = |name: &str, what: &str, when: &str| GuideMaterial {
        name: name.to_owned(),
        what_to_do: what.to_owned(),
        when_needed: when.to_owned(),
    };
    let leg = |place: &str, what: &str, time: &str, counted: bool| GuideLeg {
        place: place.to_owned(),
        what: what.to_owned(),
        time_words: time.to_owned(),
        counted,
    };
    let question = |question: &str, answer: &str| GuideQuestion { question: question.to_owned(), answer: answer.to_owned() };
    let basis = |title: &str, number: &str| GuideBasis { title: title.to_owned(), number: number.to_owned() };
    GuidePage {
        chrome,
        basic_code: "370511014000".to_owned(),
        name: "困难残疾人生活补贴和重度残疾人护理补贴".to_owned(),
        short_name: "残疾人两项补贴".to_owned(),
        summary: "两项补贴可以一起申请：填一张表，得两个结论。从您递交的当月算起。".to_owned(),
        crumbs: vec![link("个人办事", "#"), link("残疾人", "#")],
        promise: vec![
            promise("多久", "10 个工作日", "从镇里受理的第二天算起"),
            promise("多少钱", "不收费", "谁收都不对，请打 12345"),
            promise("跑几次", "最多 1 次", "代办或网上办，不用跑"),
            promise("带几样", "2 样", "有电子证照，可以都不带"),
        ],
        conditions: vec![
            condition("困难残疾人生活补贴", "有残疾人证，并且是低保家庭的成员。"),
            condition("重度残疾人护理补贴", "有残疾人证，残疾等级是一级或二级。"),
        ],
        conditions_note: Some("拿不准就先申请，县民政局会核对，不符合也会写明理由。".to_owned()),
        materials: vec![
            material("残疾人证", "带原件；有电子证照不用带", "申请时"),
            material("身份证或户口簿", "带原件核对，不收复印件", "申请时"),
            material("申请审核表", "系统已填好，您看过签字", "申请时"),
            material("社会保障卡账户", "可以先办后补", "发放之前"),
            material("监护或委托证明、代办人身份证", "带原件", "只在请人代办时"),
        ],
        spared: vec![condition("不用带低保证明。", "由民政部门自己核对，哪个窗口都不能向您要。")],
        route: Relay::route_with(&way(), &some(&["您交材料", "3 天", "3 天", "4 天", "3 天内", "您收结果"])),
        legs: vec![
            leg("前梁村服务站", "代办员收材料、拍照，当场给您回执。", "半天，不计入", false),
            leg("汀罗镇", "便民服务中心受理，民政办初审。", "3 个工作日", true),
            leg("县残联", "核对残疾类别和等级。", "3 个工作日", true),
            leg("县民政局", "核对是否重复享受，审定 3 天，签发 1 天。", "4 个工作日", true),
            leg("汀罗镇、前梁村", "通知您结果，按月打到社会保障卡。", "3 个工作日内，不计入", false),
        ],
        results: words(&["资格认定结果告知书"]),
        where_to: facts(&[
            ("最省事", "前梁村便民服务站，代办员代您交。今天 8:30—17:00"),
            ("窗口", "户口所在的镇（街道）便民服务中心，综合窗口"),
            ("人在外地", "任何一个镇（街道）都收：3 天内转到户籍地，10 天认定，3 天内告诉您，合计 16 个工作日"),
            ("网上", "用本页的“网上申请”，随时可办"),
        ]),
        bases: vec![
            basis("国务院关于全面建立困难残疾人生活补贴和重度残疾人护理补贴制度的意见", "国发〔2015〕52号，申请审核程序"),
            basis("中华人民共和国残疾人保障法", "第四十八条"),
        ],
        questions: vec![
            question("补贴从什么时候开始算？", "从递交申请的当月算起。9月21日交的，通过以后从 9 月算。"),
            question("不通过怎么办？", "告知书会写明理由。您可以补上材料再申请，也可以申请复议或者起诉。"),
        ],
        contacts: facts(&[
            ("咨询", "0546-000 0101，汀罗镇民政办，工作日 8:30—17:30"),
            ("投诉", "12345，或 0546-000 0202，县政务服务中心督查科"),
            ("复议", "收到告知书起 60 日内，向利津县人民政府申请"),
            ("诉讼", "收到告知书起 6 个月内，向人民法院提起"),
        ]),
        online: true,
        online_note: Some("约 6 分钟，大部分已替您填好".to_owned()),
        agent_place: Some("前梁村".to_owned()),
        suspended: None,
    }
}

fn sign_in(chrome: Chrome, errors: Vec<FieldError>) -> SignInPage {
    SignInPage {
        chrome,
        back: "/my".to_owned(),
        reason: None,
        name: "陈某兰".to_owned(),
        identity_number: "37052219600101000".to_owned(),
        telephone: "1380546041".to_owned(),
        errors,
    }
}
