//! Sample data for following a case, one's own cases, and withdrawing.

use askama::Template;
use tenants::cases::relay::{Marks, Position, Relay, StopState};
use tenants::portal::chrome::Chrome;
use tenants::portal::components::{LightLevel, LightView, TimelineEntry};
use tenants::portal::forms::{FieldError, Notice};
use tenants::portal::pages_case::{
    CasePage, CorrectionView, Deadline, DecisionView, FollowPage, MyCase, MyDraft, MyPage, WantedMaterial, WithdrawPage,
};

use crate::samples::{Pages, chrome, facts, link, some, way, words};

const NUMBER: &str = "3705222609210047";
const MATTER: &str = "残疾人两项补贴";

pub fn pages(large_text: bool) -> anyhow::Result<Pages> {
    let chrome = || chrome(large_text, true);
    let follow = FollowPage {
        chrome: self::chrome(large_text, false),
        case_no: NUMBER.to_owned(),
        secret: String::new(),
        errors: vec![FieldError::new("secret", "编号和密码对不上，请看着回执再填一次")],
    };
    let withdraw = WithdrawPage {
        chrome: chrome(),
        case_id: "17".to_owned(),
        version: 5,
        idempotency_key: "k".to_owned(),
        case_no: NUMBER.to_owned(),
        matter_name: MATTER.to_owned(),
        where_words: "现在在利津县残联手里".to_owned(),
        consequences: words(&[
            "撤回以后，这次申请不再办，也不会有结果。",
            "交的原件会退还给您；照片按档案规定保存。",
            "以后可以再申请，从再次递交的当月算起。",
        ]),
        reason: String::new(),
        errors: vec![],
    };
    Ok(vec![
        ("follow", follow.render()?),
        ("case", case(chrome()).render()?),
        ("case-transit-late", in_transit(chrome()).render()?),
        ("case-correction", correction(chrome(), false).render()?),
        ("case-correction-complete", correction(chrome(), true).render()?),
        ("case-refused", refused(chrome()).render()?),
        ("my", my(chrome()).render()?),
        ("my-empty", MyPage { chrome: chrome(), drafts: vec![], cases: vec![] }.render()?),
        ("withdraw", withdraw.render()?),
    ])
}

fn light(level: LightLevel, spent_share: f64, words: &str) -> LightView {
    LightView { level, spent_share, words: words.to_owned() }
}

fn entry(place: &str, level: u8, state: StopState, when: &str, detail: &str) -> TimelineEntry {
    TimelineEntry { place: place.to_owned(), level, state, when: when.to_owned(), detail: detail.to_owned(), late: false, paused: false }
}

fn case(chrome: Chrome) -> CasePage {
    use StopState::{Done, Next, Now};
    let deadline = |label: &str, due: &str, light: LightView| Deadline { label: label.to_owned(), due_words: due.to_owned(), light };
    CasePage {
        chrome,
        case_id: "17".to_owned(),
        version: 5,
        case_no: NUMBER.to_owned(),
        matter_name: MATTER.to_owned(),
        applicant_name: "陈*兰".to_owned(),
        notice: None,
        says: words(&["现在在利津县残联手里，", "正在核对残疾类别和等级。"]),
        relay: Relay::of_case(
            &way(),
            Position::Held(2),
            Marks { under: some(&["9/21", "9/21", "第 2 天", "", "", "10/15"]), ..Marks::default() },
        ),
        deadlines: vec![
            deadline("这一站最迟", "9月30日 (周三)", light(LightLevel::Near, 0.7, "还剩 2 个工作日")),
            deadline("全程最迟", "10月12日 (周一)", light(LightLevel::Fine, 0.45, "还剩 6 个工作日")),
        ],
        decision: None,
        correction: None,
        next: words(&["县残联核对完，转给县民政局审定。", "有变化会发短信给尾号 0416 的手机。补贴从 9 月算起。"]),
        nothing_to_do: true,
        may_follow: vec![wanted("M5", "社会保障卡账户", "发放之前补上就行。", &[])],
        timeline: vec![
            entry("前梁村服务站", 1, Done, "9月21日 8:50", "代办员王*军收到 4 份材料，给了回执。下午 2:05 交给镇里。"),
            entry("汀罗镇便民服务中心", 2, Done, "9月21日 14:05", "当天受理，第二天开始计时。民政办初审通过，用了 3 天。"),
            entry("利津县残联", 3, Now, "9月24日 16:20", "收到材料。今天是第 2 天，一共 3 天。"),
            entry("利津县民政局", 3, Next, "最迟 10月12日", "审定 3 天，签发 1 天。"),
            entry("汀罗镇便民服务中心", 2, Next, "最迟 10月15日", "告诉您结果，按月发放。"),
            entry("前梁村服务站", 1, Next, "", "代办员把告知书送到家。"),
        ],
        days_not_counted: facts(&[
            ("9月21日", "受理当天不算，从第二天起算。"),
            ("9月25日至27日、10月1日至7日", "中秋节、国庆节，国家规定的假日。10月10日 (周六) 调休上班，照算。"),
        ]),
        may_withdraw: true,
        has_receipt: true,
        more: vec![link("打电话问县残联", "tel:05460000101")],
    }
}

fn wanted(code: &str, name: &str, message: &str, received: &[&str]) -> WantedMaterial {
    WantedMaterial {
        code: code.to_owned(),
        name: name.to_owned(),
        message: message.to_owned(),
        received: words(received),
        error: None,
        may_upload: true,
    }
}

fn in_transit(chrome: Chrome) -> CasePage {
    use StopState::{Coming, Done, Next};
    let page = case(chrome);
    let late =
        TimelineEntry { late: true, ..entry("利津县残联", 3, Coming, "还没有签收", "超 1 天，时间算汀罗镇的。") };
    CasePage {
        says: words(&["汀罗镇已经交出，", "县残联还没有签收。"]),
        relay: Relay::of_case(&way(), Position::InTransit { to: 2 }, Marks { late: Some("超 1 天".to_owned()), ..Marks::default() }),
        deadlines: vec![Deadline {
            label: "这一站最迟".to_owned(),
            due_words: "9月24日 (周四)".to_owned(),
            light: light(LightLevel::Late, 1.1, "超 1 个工作日"),
        }],
        timeline: vec![
            entry("前梁村服务站", 1, Done, "9月21日 8:50", "收到 4 份材料。"),
            entry("汀罗镇便民服务中心", 2, Done, "9月21日 14:05", "初审通过，9月24日 16:20 交出。"),
            late,
            entry("利津县民政局", 3, Next, "最迟 10月12日", "审定 3 天，签发 1 天。"),
        ],
        ..page
    }
}

fn correction(chrome: Chrome, complete: bool) -> CasePage {
    use StopState::{Done, Next, Now};
    let page = case(chrome);
    let came: &[&str] = if complete { &["IMG_0412.jpg，1.2 MB"] } else { &[] };
    CasePage {
        notice: complete.then(|| Notice {
            title: "收到残疾人证。".to_owned(), text: "三份都齐了，请交回去。".to_owned(), link: None
        }),
        says: words(&["现在在您手里：", "请补 2 份材料。"]),
        relay: Relay::of_case(
            &way(),
            Position::WithApplicant { asked_by: 1 },
            Marks { under_applicant: Some("9/22".to_owned()), ..Marks::default() },
        ),
        deadlines: vec![Deadline {
            label: "请在这天之前补齐".to_owned(),
            due_words: "10月12日 (周一)".to_owned(),
            light: light(LightLevel::Paused, 0.0, "等您补，不计时"),
        }],
        correction: Some(CorrectionView {
            asked_at_words: "汀罗镇 9月22日 10:12 ".to_owned(),
            due_words: Some("请在 10月12日 (周一) 之前补齐".to_owned()),
            items: vec![
                wanted("M2", "残疾人证", "照片看不清编号，请重拍有编号的那一页。", came),
                wanted("M7", "委托书", "缺委托人签字，请签好再拍。", &["IMG_0398.jpg，0.8 MB"]),
            ],
            complete,
            idempotency_key: "k".to_owned(),
        }),
        next: words(&["您交回以后，镇里接着初审。"]),
        nothing_to_do: false,
        may_follow: vec![],
        timeline: vec![
            entry("前梁村服务站", 1, Done, "9月21日 8:50", "收到 4 份材料。"),
            entry("汀罗镇便民服务中心", 2, Done, "9月22日 10:12", "请您补 2 份材料。"),
            entry("您手里", 0, Now, "9月22日 10:12", "补齐以后交回去。"),
            entry("汀罗镇便民服务中心", 2, Next, "", "接着初审。"),
            entry("利津县残联", 3, Next, "", "核对残疾类别和等级。"),
        ],
        ..page
    }
}

fn refused(chrome: Chrome) -> CasePage {
    let page = case(chrome);
    let done = |entry: TimelineEntry| TimelineEntry { state: StopState::Done, ..entry };
    CasePage {
        says: words(&["办完了，没有通过。"]),
        relay: Relay::of_case(&way(), Position::Closed { at: 5 }, Marks::default()),
        deadlines: vec![],
        decision: Some(DecisionView {
            title: "没有通过".to_owned(),
            text: "残疾等级是三级，护理补贴只给一级、二级。生活补贴要求是低保家庭成员，核对时不是。".to_owned(),
            facts: facts(&[("告知书", "利民残补告〔2026〕118 号"), ("日期", "2026年10月9日 (周五)")]),
            remedies: facts(&[("复议", "收到告知书起 60 日内，向利津县人民政府申请"), ("诉讼", "收到告知书起 6 个月内，向人民法院提起")]),
        }),
        next: vec![],
        nothing_to_do: false,
        may_follow: vec![],
        timeline: page.timeline.into_iter().map(done).collect(),
        days_not_counted: vec![],
        may_withdraw: false,
        ..case(page.chrome)
    }
}

fn my(chrome: Chrome) -> MyPage {
    let one = |matter: &str, words: &str, your_turn: bool, position: Position, light: LightView| MyCase {
        case_id: "17".to_owned(),
        case_no: NUMBER.to_owned(),
        matter_name: matter.to_owned(),
        words: words.to_owned(),
        your_turn,
        relay: Relay::of_case(&way(), position, Marks::default()),
        light,
    };
    MyPage {
        chrome,
        drafts: vec![MyDraft {
            case_id: "18".to_owned(),
            matter_name: "临时救助".to_owned(),
            words: "9月28日 8:20 存的，还缺 1 份材料：户口簿".to_owned(),
        }],
        cases: vec![
            one(
                "最低生活保障（低保）",
                "请您补 1 份材料：银行流水",
                true,
                Position::WithApplicant { asked_by: 1 },
                light(LightLevel::Paused, 0.0, "等您补，不计时"),
            ),
            one(MATTER, "现在在利津县残联手里", false, Position::Held(2), light(LightLevel::Fine, 0.4, "还剩 6 个工作日")),
            one("高龄津贴", "通过了", false, Position::Closed { at: 5 }, light(LightLevel::Done, 1.0, "已办结")),
        ],
    }
}
