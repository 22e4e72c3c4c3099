//! Sign in with name, identity number and telephone, then a one-time code.

use askama::Template;
use askama_web::WebTemplate;

use crate::portal::chrome::Chrome;
use crate::portal::forms;
use crate::portal::forms::{ErrorSummary, FieldError, FieldKind, FormField};
use crate::portal::paths;

/// Who are you. Posts `name`, `identity_number`, `telephone`, `back`, `csrf` to `paths::SIGN_IN`.
#[derive(Template, WebTemplate)]
#[template(path = "portal/sign_in.html")]
pub struct SignInPage {
    pub chrome: Chrome,
    pub back: String,
    /// Why signing in is needed just now: "网上申请要先知道您是谁。"
    pub reason: Option<String>,
    pub name: String,
    pub identity_number: String,
    pub telephone: String,
    pub errors: Vec<FieldError>,
}

impl SignInPage {
    fn fields(&self) -> [FormField; 3] {
        [
            FormField::new("name", "姓名", FieldKind::Text).with_value(&*self.name).with_autocomplete("name"),
            FormField::new("identity_number", "身份证号", FieldKind::IdentityNumber)
                .with_value(&*self.identity_number)
                .with_hint("18 位，最后一位可能是 X"),
            FormField::new("telephone", "手机号", FieldKind::Telephone)
                .with_value(&*self.telephone)
                .with_hint("验证码和办理进展发到这里")
                .with_autocomplete("tel"),
        ]
        .map(|field| field.with_errors(&self.errors))
    }
}

/// The code from the text message. Posts `code`, `ticket`, `back`, `csrf` to `paths::SIGN_IN_CODE`; the second form
/// posts `ticket`, `back`, `csrf`, `again=1` to the same address and asks for another code.
#[derive(Template, WebTemplate)]
#[template(path = "portal/sign_in_code.html")]
pub struct SignInCodePage {
    pub chrome: Chrome,
    pub back: String,
    /// Names the attempt, without saying who it is.
    pub ticket: String,
    /// "138****0416"
    pub telephone_masked: String,
    pub valid_minutes: u32,
    /// Shown in a demonstration without a text message service: the code itself.
    pub demonstration_code: Option<String>,
    pub errors: Vec<FieldError>,
}

impl SignInCodePage {
    fn field(&self) -> FormField {
        FormField::new("code", "验证码", FieldKind::OneTimeCode)
            .with_hint(format!("{} 分钟内有效", self.valid_minutes))
            .with_autocomplete("one-time-code")
            .with_errors(&self.errors)
    }
}
