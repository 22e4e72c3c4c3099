//! The form of an application: from what was posted to a [`Submission`], and back to the page with every value kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use platform::http::problem::Problem;
use platform::tenant::Tenant;

use super::chrome::{Chrome, Fact};
use super::citizens::Profile;
use super::forms::{self, FormField};
use super::input::Input;
use super::pages_apply::{ApplyFormPage, MemberRow, SituationChoice};
use super::visitor;
use crate::cases::case::Private;
use crate::cases::submit::{ApplicantInput, MEMBERS_MAX, MemberInput, Submission};
use crate::catalogue::choose::applies;
use crate::catalogue::matter::{ApplicantKind, Field, FieldKind, Matter, SituationChoice as HowMany};
use crate::people::identity_number::IdentityNumber;
use crate::people::person_name::PersonName;
use crate::people::telephone::Telephone;

/// What stands in the fields.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    pub situations: Vec<String>,
    pub address: String,
    /// Field code → value.
    pub form: BTreeMap<String, String>,
    pub members: Vec<MemberRow>,
}

impl Answers {
    pub fn of(input: &Input) -> Answers {
        let row = |index: usize| MemberRow {
            name: input.text(&format!("member_name_{index}")).to_owned(),
            identity_number: input.text(&format!("member_identity_number_{index}")).to_owned(),
            relation: input.text(&format!("member_relation_{index}")).to_owned(),
        };
        let sent = (0..MEMBERS_MAX).take_while(|index| input.has(&format!("member_name_{index}")));
        Answers {
            situations: input.all("situation"),
            address: input.text("address").to_owned(),
            form: input.with_prefix("form.").map(|(code, value)| (code.to_owned(), value.to_owned())).collect(),
            members: sent.map(row).collect(),
        }
    }

    /// Of a draft that was stored.
    pub fn of_draft(situations: &[String], private: &Private) -> Answers {
        let members = private.members.iter().map(|member| MemberRow {
            name: member.name.clone(),
            identity_number: member.identity_number.clone(),
            relation: member.relation.clone(),
        });
        Answers {
            situations: situations.to_vec(),
            address: private.applicant.address.clone(),
            form: private.form.clone(),
            members: members.collect(),
        }
    }

    /// One row more, up to what a household may have.
    pub fn add_member(&mut self) {
        if self.members.len() < MEMBERS_MAX {
            self.members.push(MemberRow::default());
        }
    }

    pub fn submission(&self, matter: &Matter, profile: &Profile, division_id: i64) -> Submission {
        let asked: Vec<&Field> = asked_fields(matter, &self.situations).collect();
        Submission {
            basic_code: matter.basic_code.clone(),
            situations: self.situations.clone(),
            applicant: ApplicantInput {
                kind: self.kind(matter).to_owned(),
                name: profile.name.clone(),
                identity_number: profile.identity_number.clone(),
                telephone: profile.telephone.clone(),
                email: String::new(),
                address: self.address.clone(),
                division_id,
            },
            members: self
                .filled_members()
                .map(|(_, member)| MemberInput {
                    name: member.name.clone(),
                    identity_number: member.identity_number.clone(),
                    relation: member.relation.clone(),
                })
                .collect(),
            // Answers that belonged to another situation are left behind without a word: nobody can delete what is not shown.
            form: self
                .form
                .iter()
                .filter(|(code, _)| asked.iter().any(|field| field.code == **code))
                .map(|(code, value)| (code.clone(), value.clone()))
                .collect(),
            by_proxy: false,
            proxy_basis: String::new(),
        }
    }

    /// Mistakes as the use case names them, at the fields of this form.
    pub fn mistakes(&self, problem: &Problem) -> Vec<forms::FieldError> {
        let rows: Vec<usize> = self.filled_members().map(|(index, _)| index).collect();
        let at_field = |path: &str| -> String {
            if path.starts_with("form.") {
                return path.to_owned();
            }
            if let Some((index, name)) = path.strip_prefix("members.").and_then(|rest| rest.split_once('.')) {
                let row = index.parse::<usize>().ok().and_then(|index| rows.get(index).copied()).unwrap_or_default();
                return format!("member_{name}_{row}");
            }
            match path {
                "situations" => "situation".to_owned(),
                "applicant.address" => "address".to_owned(),
                _ => String::new(),
            }
        };
        if problem.errors.is_empty() {
            return vec![forms::FieldError::new("", problem.detail.clone())];
        }
        problem.errors.iter().map(|error| forms::FieldError::new(at_field(&error.field), error.message.clone())).collect()
    }

    fn filled_members(&self) -> impl Iterator<Item = (usize, &MemberRow)> {
        self.members.iter().enumerate().filter(|(_, row)| !(row.name.is_empty() && row.identity_number.is_empty()))
    }

    /// Where both are possible, whoever names members applies as a household.
    fn kind(&self, matter: &Matter) -> &'static str {
        let allows = |kind| matter.applicant_kinds.contains(&kind);
        let has_members = self.filled_members().next().is_some();
        if allows(ApplicantKind::Household) && (has_members || !allows(ApplicantKind::Person)) { "household" } else { "person" }
    }
}

/// Where and as what the page is shown.
pub struct Setting<'s> {
    pub post_to: String,
    pub idempotency_key: String,
    pub version: i32,
    pub matter: &'s Matter,
    pub chain: &'s [Arc<Tenant>],
    pub profile: &'s Profile,
    /// Whether the situations are settled and the rest is asked.
    pub situations_chosen: bool,
}

pub fn page(chrome: Chrome, setting: Setting<'_>, answers: &Answers, errors: Vec<forms::FieldError>) -> ApplyFormPage {
    let matter = setting.matter;
    let address = FormField {
        required: false,
        ..FormField::new("address", "现在住的地方", forms::FieldKind::Text)
            .with_value(answers.address.clone())
            .with_hint("门牌号写上，方便上门或送达")
            .with_autocomplete("street-address")
    };
    let asked = asked_fields(matter, &answers.situations).map(|field| form_field(field, answers));
    ApplyFormPage {
        chrome,
        post_to: setting.post_to,
        idempotency_key: setting.idempotency_key,
        version: i64::from(setting.version),
        matter_name: matter.short_name.clone(),
        basic_code: matter.basic_code.clone(),
        one_situation: matter.situation_choice == HowMany::One,
        situations: matter
            .situations
            .iter()
            .map(|situation| SituationChoice {
                code: situation.code.clone(),
                title: situation.title.clone(),
                hint: situation.hint.clone(),
                chosen: answers.situations.contains(&situation.code),
            })
            .collect(),
        situations_chosen: setting.situations_chosen || matter.situations.is_empty(),
        applicant: known_facts(setting.profile, setting.chain),
        fields: std::iter::once(address).chain(asked).map(|field| field.with_errors(&errors)).collect(),
        members: matter.applicant_kinds.contains(&ApplicantKind::Household).then(|| match answers.members.is_empty() {
            true => vec![MemberRow::default()],
            false => answers.members.clone(),
        }),
        errors,
    }
}

/// What the system knows of the applicant, masked, and where the case will belong.
fn known_facts(profile: &Profile, chain: &[Arc<Tenant>]) -> Vec<Fact> {
    vec![
        Fact::new("姓名", PersonName::parse(&profile.name).map(|name| name.masked()).unwrap_or_default()),
        Fact::new("身份证号", IdentityNumber::parse(&profile.identity_number).map(|number| number.masked()).unwrap_or_default()),
        Fact::new("手机号", Telephone::parse(&profile.telephone).map(|telephone| telephone.masked()).unwrap_or_default()),
        Fact::new("在哪里办", visitor::full_name(chain)),
    ]
}

fn asked_fields<'m>(matter: &'m Matter, situations: &'m [String]) -> impl Iterator<Item = &'m Field> {
    matter.fields.iter().filter(|field| applies(&field.when, situations))
}

fn form_field(field: &Field, answers: &Answers) -> FormField {
    let kind = match field.kind {
        FieldKind::Text => forms::FieldKind::Text,
        FieldKind::Number => forms::FieldKind::Number,
        FieldKind::Money => forms::FieldKind::Money,
        FieldKind::Date => forms::FieldKind::Date,
        FieldKind::Choice => forms::FieldKind::Choice,
        FieldKind::Telephone => forms::FieldKind::Telephone,
    };
    FormField {
        choices: field.choices.clone(),
        required: field.required,
        hint: field.hint.clone(),
        unit: (field.kind == FieldKind::Money).then(|| "元".to_owned()),
        ..FormField::new(format!("form.{}", field.code), field.label.clone(), kind)
            .with_value(answers.form.get(&field.code).cloned().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use platform::http::problem::FieldError;

    use super::*;

    #[test]
    fn mistakes_find_their_rows_again() {
        let row = |name: &str| MemberRow { name: name.to_owned(), ..MemberRow::default() };
        let answers = Answers { members: vec![row(""), row("王军"), row("李梅")], ..Answers::default() };
        let at = |path: &str| FieldError { field: path.to_owned(), message: "请改".to_owned() };
        let paths = ["members.1.identity_number", "form.bank_account", "situations", "applicant.address", "applicant.kind"];
        let problem = Problem::invalid(paths.map(at).to_vec());
        let fields: Vec<String> = answers.mistakes(&problem).into_iter().map(|error| error.field).collect();
        assert_eq!(fields, ["member_identity_number_2", "form.bank_account", "situation", "address", ""]);
    }
}
