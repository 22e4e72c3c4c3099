//! Forms: a field with its label, hint and mistake, and the summary of mistakes above the form.
//!
//! Rules kept here: what a person typed is shown again, a mistake is named at its field and at the top of the page, in
//! words that say the cure; nothing is marked with an asterisk, optional fields say 选填.

use askama::Template;
use askama::filters::HtmlSafe;

use crate::portal::chrome::Link;

/// A mistake in a form: the name of the field and the cure in words ("请填写 11 位手机号").
#[derive(Debug, Clone, Default)]
pub struct FieldError {
    pub field: String,
    pub message: String,
}

impl FieldError {
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> FieldError {
        FieldError { field: field.into(), message: message.into() }
    }
}

/// The mistakes of a form, above it, each a link to its field. Renders nothing when there are none.
#[derive(Template)]
#[template(path = "components/error_summary.html")]
pub struct ErrorSummary<'a> {
    pub errors: &'a [FieldError],
}

/// A mark for the page title, so that a screen reader hears of mistakes first.
pub fn title_mark(errors: &[FieldError]) -> String {
    if errors.is_empty() { String::new() } else { format!("有 {} 处要改：", errors.len()) }
}

/// The message for a field, if it has one.
pub fn message_for<'a>(errors: &'a [FieldError], field: &str) -> Option<&'a str> {
    errors.iter().find(|error| error.field == field).map(|error| error.message.as_str())
}

/// A form field. Its element id is `f-<name>`, which is where the summary leads.
#[derive(Template, Debug, Clone)]
#[template(path = "components/field.html")]
pub struct FormField {
    pub name: String,
    pub label: String,
    pub kind: FieldKind,
    /// What the person typed, or what is known already.
    pub value: String,
    /// For [`FieldKind::Choice`] only.
    pub choices: Vec<String>,
    pub required: bool,
    pub hint: Option<String>,
    pub error: Option<String>,
    /// Unit behind an amount: "元".
    pub unit: Option<String>,
    /// Value of the `autocomplete` attribute: "name", "tel"; None turns it off.
    pub autocomplete: Option<String>,
}

/// What is asked; decides keyboard and width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    Text,
    /// A word or two, such as the secret of a receipt.
    ShortText,
    LongText,
    Number,
    Money,
    Date,
    Choice,
    Telephone,
    IdentityNumber,
    OneTimeCode,
}

impl FormField {
    /// A required field without hint; set the rest with struct update syntax.
    pub fn new(name: impl Into<String>, label: impl Into<String>, kind: FieldKind) -> FormField {
        FormField {
            name: name.into(),
            label: label.into(),
            kind,
            value: String::new(),
            choices: Vec::new(),
            required: true,
            hint: None,
            error: None,
            unit: None,
            autocomplete: None,
        }
    }

    pub fn with_value(mut self, value: impl Into<String>) -> FormField {
        self.value = value.into();
        self
    }

    pub fn with_hint(mut self, hint: impl Into<String>) -> FormField {
        self.hint = Some(hint.into());
        self
    }

    pub fn with_autocomplete(mut self, token: &str) -> FormField {
        self.autocomplete = Some(token.to_owned());
        self
    }

    /// Takes its message out of the mistakes of the form.
    pub fn with_errors(mut self, errors: &[FieldError]) -> FormField {
        self.error = message_for(errors, &self.name).map(str::to_owned);
        self
    }

    fn described_by(&self) -> String {
        let hint = self.hint.as_ref().map(|_| format!("f-{}-hint", self.name));
        let error = self.error.as_ref().map(|_| format!("f-{}-error", self.name));
        [hint, error].into_iter().flatten().collect::<Vec<String>>().join(" ")
    }

    fn is_value(&self, choice: &str) -> bool {
        self.value == choice
    }

    fn few_choices(&self) -> bool {
        /// Up to here all answers are shown at once, beyond it they fold into a list.
        const CHOICES_MAX_SHOWN: usize = 6;
        self.choices.len() <= CHOICES_MAX_SHOWN
    }

    fn input_type(&self) -> &'static str {
        match self.kind {
            FieldKind::Telephone => "tel",
            FieldKind::Date => "date",
            _ => "text",
        }
    }

    fn input_mode(&self) -> &'static str {
        match self.kind {
            FieldKind::Number | FieldKind::OneTimeCode => "numeric",
            FieldKind::Money => "decimal",
            FieldKind::Telephone => "tel",
            _ => "text",
        }
    }

    fn width(&self) -> &'static str {
        match self.kind {
            FieldKind::Number | FieldKind::Money => "input--amount",
            FieldKind::ShortText | FieldKind::Date | FieldKind::Telephone | FieldKind::OneTimeCode => "input--short",
            FieldKind::IdentityNumber => "input--middle",
            _ => "",
        }
    }
}

/// The result of a step the reader should see first: "已保存", "文件没有收下".
#[derive(Debug, Clone, Default)]
pub struct Notice {
    /// The bold first sentence.
    pub title: String,
    pub text: String,
    pub link: Option<Link>,
}

impl HtmlSafe for ErrorSummary<'_> {}
impl HtmlSafe for FormField {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_is_named_at_the_field_and_linked_from_the_top() {
        let errors = [FieldError::new("telephone", "请填写 11 位手机号")];
        let field = FormField::new("telephone", "手机号", FieldKind::Telephone).with_value("123").with_errors(&errors);
        let html = field.render().expect("a field renders");
        assert!(html.contains(r#"id="f-telephone""#) && html.contains(r#"aria-invalid="true""#), "{html}");
        assert!(html.contains("请填写 11 位手机号") && html.contains(r#"value="123""#), "{html}");
        let summary = ErrorSummary { errors: &errors }.render().expect("a summary renders");
        assert!(summary.contains("href=\"#f-telephone\""), "{summary}");
        assert_eq!(ErrorSummary { errors: &[] }.render().expect("an empty summary renders").trim(), "");
    }

    #[test]
    fn what_people_type_is_escaped() {
        let field = FormField::new("name", "姓名", FieldKind::Text).with_value("\"><script>");
        assert!(!field.render().expect("a field renders").contains("<script>"));
    }
}
