//! The guide of a matter: what it gives, what it takes, how long, and whom to turn to.

use askama::Template;
use askama_web::WebTemplate;

use crate::cases::relay::Relay;
use crate::portal::chrome::{Chrome, Fact, Link};
use crate::portal::components::RelayMark;
use crate::portal::paths;

/// Everything a citizen reads before applying.
#[derive(Template, WebTemplate)]
#[template(path = "portal/guide.html")]
pub struct GuidePage {
    pub chrome: Chrome,
    pub basic_code: String,
    pub name: String,
    pub short_name: String,
    pub summary: String,
    /// Way back up; the matter itself is added by the page.
    pub crumbs: Vec<Link>,
    /// 多久 多少钱 跑几次 带几样, in this order.
    pub promise: Vec<PromiseFact>,
    /// 能不能办: one entry per situation or condition.
    pub conditions: Vec<Condition>,
    /// "拿不准就先申请，县民政局会核对，不符合也会写明理由。"
    pub conditions_note: Option<String>,
    pub materials: Vec<GuideMaterial>,
    /// What nobody may ask for: title bold, then who finds it out instead.
    pub spared: Vec<Condition>,
    /// The route with days below its places.
    pub route: Relay,
    pub legs: Vec<GuideLeg>,
    /// Names of the papers or decisions that come out.
    pub results: Vec<String>,
    /// 最省事, 窗口, 人在外地, 网上.
    pub where_to: Vec<Fact>,
    pub bases: Vec<GuideBasis>,
    pub questions: Vec<GuideQuestion>,
    /// 咨询, 投诉, 复议, 诉讼.
    pub contacts: Vec<Fact>,
    /// May be filed from this page.
    pub online: bool,
    /// "约 6 分钟，大部分已替您填好"
    pub online_note: Option<String>,
    /// Village whose agent files for people: "前梁村".
    pub agent_place: Option<String>,
    /// Why it cannot be filed at the moment, in words; takes the place of the buttons.
    pub suspended: Option<String>,
}

/// One of the four promises: a fact and the condition it depends on.
#[derive(Debug, Clone)]
pub struct PromiseFact {
    /// "多久"
    pub label: String,
    /// "10 个工作日"
    pub fact: String,
    /// "从镇里受理的第二天算起"
    pub condition: String,
}

#[derive(Debug, Clone)]
pub struct Condition {
    pub title: String,
    pub text: String,
}

#[derive(Debug, Clone)]
pub struct GuideMaterial {
    pub name: String,
    /// "带原件；有电子证照不用带"
    pub what_to_do: String,
    /// "申请时", "发放之前", "只在请人代办时"
    pub when_needed: String,
}

/// What happens at one place of the route.
#[derive(Debug, Clone)]
pub struct GuideLeg {
    pub place: String,
    pub what: String,
    /// "3 个工作日", "半天，不计入"
    pub time_words: String,
    /// Counts towards the promise; others are set faint.
    pub counted: bool,
}

#[derive(Debug, Clone)]
pub struct GuideBasis {
    pub title: String,
    /// "国发〔2015〕52号，申请审核程序"
    pub number: String,
}

#[derive(Debug, Clone)]
pub struct GuideQuestion {
    pub question: String,
    pub answer: String,
}
