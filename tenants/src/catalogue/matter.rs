//! One matter as the catalogue keeps it: the same shape in a bundle (YAML), in the database (JSON) and in the API.
//!
//! It promises to hold exactly what is written: an unknown key is refused, an absent list is empty, and nothing is
//! derived on reading. Whether a matter makes sense is asked in `rules.rs`; what a single case needs of it in `choose.rs`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::limit::LimitUnit;

/// Something that can be applied for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Matter {
    /// 基本编码: twelve of `0-9a-zA-Z`; provinces use letters too.
    pub basic_code: String,
    pub name: String,
    pub short_name: String,
    /// Type of power, two digits: 01 licence … 10 other, 20 public service. Provinces map some of them differently.
    pub task_type: String,
    pub project_type: ProjectType,
    #[serde(default)]
    pub status: MatterStatus,
    pub applicant_kinds: Vec<ApplicantKind>,
    /// 行使层级: 2 province, 3 city, 4 county, 5 town, 6 village.
    pub use_level: u8,
    pub exercised_by_text: String,
    /// One sentence for the people, in everyday words.
    pub summary: String,
    #[serde(default)]
    pub synonyms: Vec<String>,
    pub origins: Vec<Origin>,
    pub proxy: ProxyRule,
    pub limits: Limits,
    /// How many times the applicant has to come at most.
    pub visits: u8,
    pub fee: Fee,
    #[serde(default)]
    pub situation_choice: SituationChoice,
    #[serde(default)]
    pub situations: Vec<Situation>,
    #[serde(default)]
    pub fields: Vec<Field>,
    #[serde(default)]
    pub materials: Vec<Material>,
    pub steps: Vec<Step>,
    #[serde(default)]
    pub results: Vec<ResultDocument>,
    #[serde(default)]
    pub legal_bases: Vec<LegalBasis>,
    #[serde(default)]
    pub questions: Vec<Question>,
    #[serde(default)]
    pub conditions: Vec<Condition>,
    pub remedies: Remedies,
}

/// 办件类型: decided while the applicant waits, or within a promised time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProjectType {
    Promised,
    Instant,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MatterStatus {
    #[default]
    Active,
    /// Its guide can be read, nothing new can be filed.
    Suspended,
}

/// Who applies. A household applies through one member, and its adult members are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApplicantKind {
    Person,
    Household,
    Organization,
}

/// Where a case may be filed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// At the station of the village.
    Village,
    /// By the applicant through the portal.
    Online,
    /// At the window of the organ that accepts.
    Window,
}

/// 代办: whether a village agent may file in place of the applicant. It is decided matter by matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProxyRule {
    pub agent_may_file: bool,
    pub text: String,
    #[serde(default)]
    pub basis: Option<String>,
    #[serde(default)]
    pub tag: Option<EvidenceTag>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    pub statutory: StatutoryLimit,
    /// The first entry all of whose `when` are chosen applies; the last one has an empty `when`.
    pub promised: Vec<PromisedLimit>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatutoryLimit {
    /// Absent where the law sets no number.
    #[serde(default)]
    pub number: Option<u32>,
    pub unit: LimitUnit,
    pub starts: LimitStart,
    #[serde(default)]
    pub basis: Option<String>,
    #[serde(default)]
    pub note: Option<String>,
    #[serde(default)]
    pub tag: Option<EvidenceTag>,
}

/// The event after which a limit runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LimitStart {
    /// 收件: the papers are here.
    Receipt,
    /// 受理: the organ has taken the case.
    Acceptance,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PromisedLimit {
    #[serde(default)]
    pub when: Vec<String>,
    pub number: u32,
    pub unit: LimitUnit,
    #[serde(default)]
    pub tag: Option<EvidenceTag>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Fee {
    pub charged: bool,
    pub text: String,
    #[serde(default)]
    pub basis: Option<String>,
}

/// Whether exactly one situation is chosen, or any number of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SituationChoice {
    One,
    #[default]
    Many,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Situation {
    pub code: String,
    pub title: String,
    #[serde(default)]
    pub hint: Option<String>,
    #[serde(default)]
    pub note: Option<String>,
    /// Situations that cannot be true together with this one. Only of use where many may be chosen.
    #[serde(default)]
    pub excludes: Vec<String>,
}

/// One question of the application form beyond name, identity number, telephone and address, which every form has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Field {
    pub code: String,
    pub label: String,
    pub kind: FieldKind,
    #[serde(default)]
    pub choices: Vec<String>,
    #[serde(default)]
    pub required: bool,
    #[serde(default)]
    pub hint: Option<String>,
    /// Asked when any of these is chosen; empty: always.
    #[serde(default)]
    pub when: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    Text,
    Number,
    /// In yuan, at most two decimals.
    Money,
    /// `2026-09-21`.
    Date,
    Choice,
    Telephone,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Material {
    pub code: String,
    pub name: String,
    pub necessity: Necessity,
    /// How many originals are asked.
    #[serde(default)]
    pub original: u8,
    /// How many copies are asked.
    #[serde(default)]
    pub copy: u8,
    /// Who issues it.
    pub source: String,
    /// What the applicant has to do about it, in everyday words.
    pub source_text: String,
    /// Needed when any of these is chosen; empty: always.
    #[serde(default)]
    pub when: Vec<String>,
    /// Needed only when somebody files for the applicant.
    #[serde(default)]
    pub by_proxy: bool,
    #[serde(default)]
    pub tag: Option<EvidenceTag>,
}

/// 必要性.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Necessity {
    Required,
    /// Required in the situations it names, or when filed by proxy.
    Conditional,
    /// 容缺: may follow after acceptance.
    Tolerant,
    /// 内部核验: the organs check it among themselves; it is never asked from the applicant.
    Internal,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub code: String,
    pub name: String,
    pub kind: StepKind,
    pub method: StepMethod,
    /// Level of the tenant that does it: 2 province … 6 village. A village step is left out of a case not filed there.
    pub level: u8,
    /// Code of a department of that tenant.
    pub department: String,
    pub role: StepRole,
    /// Budget in half working days.
    pub half_days: u32,
    /// Whether the budget is part of the promised limit.
    pub counted: bool,
    /// Done when any of these is chosen; empty: always.
    #[serde(default)]
    pub when: Vec<String>,
    /// Level that owns the power, where it is not the doer's own: the doer then needs a delegation.
    #[serde(default)]
    pub power_level: Option<u8>,
    /// Where the work happens, as people call it.
    pub place_text: String,
    /// Name of a body that is only asked: custody stays where it is.
    #[serde(default)]
    pub asks: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// 收件: the papers are taken over, nothing is decided about the application.
    Receive,
    /// 受理.
    Accept,
    /// 审查 in any form. A village's review stands before acceptance: it is the collective's own procedure.
    Review,
    /// 决定.
    Decide,
    /// Whatever brings the decision home: telling, paying, issuing, handing over.
    Deliver,
}

/// How the work of a step is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepMethod {
    /// On the papers.
    Paper,
    /// 核对: another body is asked.
    Inquiry,
    /// 踏勘、入户: two officers go there. Runs inside the limit.
    Survey,
    /// 公示.
    Publicity,
    /// 民主评议、集体讨论.
    Deliberation,
    /// 制证.
    Certificate,
}

/// The kind of post that does a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepRole {
    /// 代办员 of a village station.
    Agent,
    /// 村集体负责人.
    VillageHead,
    WindowClerk,
    Reviewer,
    Decider,
}

/// A document that the decision produces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResultDocument {
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LegalBasis {
    pub title: String,
    #[serde(default)]
    pub document_number: Option<String>,
    #[serde(default)]
    pub article: Option<String>,
    #[serde(default)]
    pub tag: Option<EvidenceTag>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    pub question: String,
    pub answer: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    pub title: String,
    pub text: String,
}

/// What an applicant who disagrees can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Remedies {
    /// 行政复议.
    pub review: String,
    /// 行政诉讼.
    pub suit: String,
}

/// How well a fact is founded. Facts from memory or assumed for the demonstration say so on their face.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub enum EvidenceTag {
    /// 法: read in the statute.
    #[serde(rename = "法")]
    Statute,
    /// 指: seen in a published guide or notice.
    #[serde(rename = "指")]
    Guide,
    /// 忆: from memory, to be checked before use.
    #[serde(rename = "忆")]
    Memory,
    /// 拟: assumed for the demonstration.
    #[serde(rename = "拟")]
    Assumed,
}

impl Matter {
    /// Whether something new can be filed.
    pub fn is_active(&self) -> bool {
        self.status == MatterStatus::Active
    }

    pub fn find_situation(&self, code: &str) -> Option<&Situation> {
        self.situations.iter().find(|situation| situation.code == code)
    }

    pub fn find_material(&self, code: &str) -> Option<&Material> {
        self.materials.iter().find(|material| material.code == code)
    }

    pub fn find_step(&self, code: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.code == code)
    }
}
