//! After filing: follow a case, supply what is missing, withdraw, the list of one's own cases.

use askama::Template;
use askama_web::WebTemplate;

use crate::cases::relay::Relay;
use crate::portal::chrome::{Chrome, Fact, Link, in_groups};
use crate::portal::components::{EmptyState, LightView, RelayLine, RelayMark, RelayTall, TimelineEntry};
use crate::portal::forms;
use crate::portal::forms::{ErrorSummary, FieldError, FieldKind, FormField, Notice};
use crate::portal::paths;

/// Number and secret of a receipt. Posts `case_no`, `secret`, `csrf` to `paths::FOLLOW`.
#[derive(Template, WebTemplate)]
#[template(path = "portal/follow.html")]
pub struct FollowPage {
    pub chrome: Chrome,
    pub case_no: String,
    pub secret: String,
    pub errors: Vec<FieldError>,
}

impl FollowPage {
    fn fields(&self) -> [FormField; 2] {
        [
            FormField::new("case_no", "办件编号", FieldKind::IdentityNumber)
                .with_value(&*self.case_no)
                .with_hint("回执第一行的数字，空格可以不打"),
            FormField::new("secret", "查询密码", FieldKind::ShortText).with_value(&*self.secret).with_hint("回执上印着，不分大小写"),
        ]
        .map(|field| field.with_errors(&self.errors))
    }
}

/// Where one's case is, what comes next, what is asked of one.
#[derive(Template, WebTemplate)]
#[template(path = "portal/case.html")]
pub struct CasePage {
    pub chrome: Chrome,
    pub case_id: String,
    pub version: i64,
    pub case_no: String,
    pub matter_name: String,
    /// Masked.
    pub applicant_name: String,
    /// What came of the last click, first on the page.
    pub notice: Option<Notice>,
    /// The headline, a line each: "现在在利津县残联手里，" "正在核对残疾类别和等级。"
    pub says: Vec<String>,
    pub relay: Relay,
    /// "这一站最迟" and "全程最迟"; empty when nothing runs.
    pub deadlines: Vec<Deadline>,
    pub decision: Option<DecisionView>,
    /// Asked of the applicant: one list with everything.
    pub correction: Option<CorrectionView>,
    /// What happens next, a paragraph each.
    pub next: Vec<String>,
    /// "您现在不用做什么。" in bold after the first paragraph.
    pub nothing_to_do: bool,
    /// What may follow later.
    pub may_follow: Vec<WantedMaterial>,
    pub timeline: Vec<TimelineEntry>,
    /// Days that do not count, and why: "9月25日至27日" and "中秋节…".
    pub days_not_counted: Vec<Fact>,
    /// Whether the reader may withdraw: signed in as the applicant, and the case is not decided.
    pub may_withdraw: bool,
    pub has_receipt: bool,
    /// Telephone numbers and the like: "打电话问县残联" to `tel:…`.
    pub more: Vec<Link>,
}

/// A limit with its light.
#[derive(Debug, Clone)]
pub struct Deadline {
    /// "这一站最迟"
    pub label: String,
    /// "9月30日 (周三)"
    pub due_words: String,
    pub light: LightView,
}

/// How it ended.
#[derive(Debug, Clone)]
pub struct DecisionView {
    /// "通过了", "没有通过", "不予受理"
    pub title: String,
    /// The reasons, in words.
    pub text: String,
    /// Result, number, date.
    pub facts: Vec<Fact>,
    /// How to object; always filled when the outcome is not what was asked for.
    pub remedies: Vec<Fact>,
}

/// The one notice of everything that must be put right.
#[derive(Debug, Clone)]
pub struct CorrectionView {
    /// "9月22日 10:12"
    pub asked_at_words: String,
    /// "请在 10月12日 (周一) 之前补齐"
    pub due_words: Option<String>,
    pub items: Vec<WantedMaterial>,
    /// Everything has come: the button 交回 appears. Posts `csrf`, `version`, `idempotency_key` to `paths::case_supply`.
    pub complete: bool,
    pub idempotency_key: String,
}

/// A material the case still wants. Posts multipart `csrf`, `version`, `file` to `paths::case_material`.
#[derive(Debug, Clone)]
pub struct WantedMaterial {
    pub code: String,
    pub name: String,
    /// What is wrong or wanted: "照片看不清编号，请重拍".
    pub message: String,
    /// What came in the meantime: "IMG_0412.jpg，1.2 MB".
    pub received: Vec<String>,
    pub error: Option<String>,
    /// The reader may upload (signed in, or holds the secret).
    pub may_upload: bool,
}

impl CasePage {
    fn number(&self) -> String {
        in_groups(&self.case_no)
    }
}

/// Everything one has filed or begun.
#[derive(Template, WebTemplate)]
#[template(path = "portal/my.html")]
pub struct MyPage {
    pub chrome: Chrome,
    pub drafts: Vec<MyDraft>,
    pub cases: Vec<MyCase>,
}

/// Begun and not filed.
#[derive(Debug, Clone)]
pub struct MyDraft {
    pub case_id: String,
    pub matter_name: String,
    /// "9月21日 8:20 存的，还缺 1 份材料"
    pub words: String,
}

#[derive(Debug, Clone)]
pub struct MyCase {
    pub case_id: String,
    pub case_no: String,
    pub matter_name: String,
    /// "现在在利津县残联手里", "请您补 1 份材料", "通过了"
    pub words: String,
    /// The reader has to do something.
    pub your_turn: bool,
    pub relay: Relay,
    pub light: LightView,
}

impl MyCase {
    fn number(&self) -> String {
        in_groups(&self.case_no)
    }
}

impl MyPage {
    fn nothing_yet(&self) -> EmptyState {
        EmptyState {
            title: "您还没有办过事。".to_owned(),
            text: "到首页说说您要办什么，填好的申请会自动存在这里。".to_owned(),
            links: vec![Link { words: "去首页".to_owned(), address: paths::HOME.to_owned() }],
        }
    }
}

/// Asks in words before a case is withdrawn. Posts `csrf`, `version`, `idempotency_key`, `reason` to
/// `paths::case_withdraw`.
#[derive(Template, WebTemplate)]
#[template(path = "portal/withdraw.html")]
pub struct WithdrawPage {
    pub chrome: Chrome,
    pub case_id: String,
    pub version: i64,
    pub idempotency_key: String,
    pub case_no: String,
    pub matter_name: String,
    /// "现在在利津县残联手里"
    pub where_words: String,
    /// What withdrawing means, a sentence each.
    pub consequences: Vec<String>,
    pub reason: String,
    pub errors: Vec<FieldError>,
}

impl WithdrawPage {
    fn number(&self) -> String {
        in_groups(&self.case_no)
    }

    fn field(&self) -> FormField {
        let field = FormField::new("reason", "为什么撤回", FieldKind::LongText).with_value(&*self.reason);
        FormField { required: false, ..field }.with_errors(&self.errors)
    }
}
