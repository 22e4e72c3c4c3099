//! Applying, in four steps: situation and form, materials, check, then the receipt.
//!
//! Every step is a page of its own with one form, so that it works without a script and can be left and taken up again.

use askama::Template;
use askama_web::WebTemplate;

use crate::cases::relay::Relay;
use crate::portal::chrome::{Chrome, Fact};
use crate::portal::components::{ProgressSteps, RelayMark};
use crate::portal::forms;
use crate::portal::forms::{ErrorSummary, FieldError, FieldKind, FormField, message_for};
use crate::portal::paths;

const STEP_NAMES: [&str; 4] = ["情况", "材料", "核对", "回执"];

/// The step marks of an application, at the step with this index.
fn steps_at(current: usize) -> ProgressSteps {
    ProgressSteps { names: STEP_NAMES.to_vec(), current }
}

/// Situation, form and household. Posts to `post_to` (`paths::apply` for a new one, `paths::draft` afterwards):
/// `csrf`, `idempotency_key`, `version`, `situation` (one or many), `address`, `form.<code>`, and per member n from 0
/// `member_name_n`, `member_identity_number_n`, `member_relation_n`; button `more_members=1` asks for empty rows,
/// button `choose=1` only takes the situations and comes back with the fields that belong to them.
#[derive(Template, WebTemplate)]
#[template(path = "portal/apply_form.html")]
pub struct ApplyFormPage {
    pub chrome: Chrome,
    pub post_to: String,
    pub idempotency_key: String,
    /// Version of the draft; 0 for a new one.
    pub version: i64,
    pub matter_name: String,
    /// Leads back to the guide.
    pub basic_code: String,
    pub errors: Vec<FieldError>,
    /// One situation (round buttons) or several (boxes).
    pub one_situation: bool,
    pub situations: Vec<SituationChoice>,
    /// False on the first visit: the situations decide what is asked, so only they are shown.
    pub situations_chosen: bool,
    /// What the system knows about the applicant and does not ask again (masked).
    pub applicant: Vec<Fact>,
    /// Questions about the applicant that are still open (address), then those of the matter.
    pub fields: Vec<FormField>,
    /// None when the matter asks nothing about the household.
    pub members: Option<Vec<MemberRow>>,
}

#[derive(Debug, Clone)]
pub struct SituationChoice {
    pub code: String,
    pub title: String,
    pub hint: Option<String>,
    pub chosen: bool,
}

#[derive(Debug, Clone, Default)]
pub struct MemberRow {
    pub name: String,
    pub identity_number: String,
    pub relation: String,
}

impl ApplyFormPage {
    fn steps(&self) -> ProgressSteps {
        steps_at(0)
    }

    fn situation_error(&self) -> Option<&str> {
        message_for(&self.errors, "situation")
    }

    /// The three fields of the member at `index`.
    fn member_fields(&self, index: &usize) -> Vec<FormField> {
        let member = self.members.as_ref().and_then(|members| members.get(*index)).cloned().unwrap_or_default();
        let fields = [
            FormField::new(format!("member_name_{index}"), "姓名", FieldKind::Text).with_value(member.name),
            FormField::new(format!("member_identity_number_{index}"), "身份证号", FieldKind::IdentityNumber)
                .with_value(member.identity_number),
            FormField::new(format!("member_relation_{index}"), "与申请人的关系", FieldKind::Text).with_value(member.relation),
        ];
        fields.map(|field| field.with_errors(&self.errors)).into_iter().collect()
    }
}

/// The list of materials, each with its own small form. A file posts as multipart to `paths::draft_material`: `csrf`
/// and `version` first, then `file`, so that a refused token costs no upload. `remove=<version_no>` takes a file away.
#[derive(Template, WebTemplate)]
#[template(path = "portal/apply_materials.html")]
pub struct ApplyMaterialsPage {
    pub chrome: Chrome,
    pub case_id: String,
    pub version: i64,
    pub matter_name: String,
    pub errors: Vec<FieldError>,
    pub items: Vec<MaterialItem>,
    /// Names of what must still come before filing.
    pub missing: Vec<String>,
    /// "20 MB"
    pub size_limit_words: String,
}

/// One material and what has been received of it.
#[derive(Debug, Clone)]
pub struct MaterialItem {
    pub code: String,
    pub name: String,
    /// "带原件拍照，四角拍全"
    pub note: String,
    pub status: MaterialStatus,
    pub files: Vec<FileLine>,
    /// Why the last file was not taken.
    pub error: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaterialStatus {
    Received,
    Missing,
    /// May follow after filing.
    MayFollow,
    /// Authorities find it out themselves.
    NotAsked,
}

impl MaterialStatus {
    fn words(self) -> &'static str {
        match self {
            MaterialStatus::Received => "已收到",
            MaterialStatus::Missing => "还缺",
            MaterialStatus::MayFollow => "可以后补",
            MaterialStatus::NotAsked => "不用您交",
        }
    }
}

#[derive(Debug, Clone)]
pub struct FileLine {
    pub version_no: i64,
    pub name: String,
    /// "1.2 MB"
    pub size_words: String,
    /// "9月21日 8:41 上传"
    pub added_words: String,
    /// Shows the file.
    pub address: String,
}

impl ApplyMaterialsPage {
    fn steps(&self) -> ProgressSteps {
        steps_at(1)
    }
}

/// Check the answers, then file. Posts `csrf`, `idempotency_key`, `version` to `paths::draft_submit`.
#[derive(Template, WebTemplate)]
#[template(path = "portal/apply_check.html")]
pub struct ApplyCheckPage {
    pub chrome: Chrome,
    pub case_id: String,
    pub version: i64,
    pub idempotency_key: String,
    pub matter_name: String,
    pub errors: Vec<FieldError>,
    pub sections: Vec<CheckSection>,
    /// What may follow later; a reminder, not a hindrance.
    pub may_follow: Vec<String>,
    /// Names of what must come first. Not empty: the button is withheld and the page says why.
    pub missing: Vec<String>,
    pub route: Relay,
    /// "镇里受理的第二天起，10 个工作日有结果。"
    pub promise: String,
    /// What the applicant declares by filing.
    pub declaration: String,
}

/// A part of the answers and the page where it can be changed.
#[derive(Debug, Clone)]
pub struct CheckSection {
    pub title: String,
    pub change_address: String,
    pub rows: Vec<Fact>,
}

impl ApplyCheckPage {
    fn steps(&self) -> ProgressSteps {
        steps_at(2)
    }
}
