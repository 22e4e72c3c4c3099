//! Personal data as a page may show it: masked, except for the maker of a draft, who typed it; and answers and moments in words.

use chrono::NaiveDate;

use super::{ApplicantView, DraftView, FormValue, Sources};
use crate::cases::case::Private;
use crate::cases::submit::{ApplicantInput, MemberInput};
use crate::catalogue::matter::{Field, FieldKind, Matter};
use crate::people::identity_number::IdentityNumber;
use crate::people::person_name::PersonName;
use crate::people::telephone::Telephone;

/// Digits of an identity number, the last of which may be X.
const IDENTITY_NUMBER_BYTES: usize = 18;

pub(super) fn masked_applicant(private: &Private) -> ApplicantView {
    let applicant = &private.applicant;
    let organization = applicant.kind == "organization";
    ApplicantView {
        kind: applicant.kind.clone(),
        name: if organization { applicant.name.clone() } else { mask_name(&applicant.name) },
        identity_number: if organization { applicant.identity_number.clone() } else { mask_identity(&applicant.identity_number) },
        telephone: Telephone::parse(&applicant.telephone).map(|telephone| telephone.masked()).unwrap_or_default(),
        address: applicant.address.clone(),
    }
}

pub(super) fn mask_name(name: &str) -> String {
    PersonName::parse(name).map(|name| name.masked()).unwrap_or_default()
}

pub(super) fn mask_identity(number: &str) -> String {
    IdentityNumber::parse(number).map(|number| number.masked()).unwrap_or_default()
}

pub(super) fn draft_view(sources: &Sources<'_>) -> DraftView {
    let Private { applicant, members, form } = sources.private;
    let body = &sources.case.body;
    DraftView {
        applicant: ApplicantInput {
            kind: applicant.kind.clone(),
            name: applicant.name.clone(),
            identity_number: applicant.identity_number.clone(),
            telephone: applicant.telephone.clone(),
            email: applicant.email.clone().unwrap_or_default(),
            address: applicant.address.clone(),
            division_id: applicant.division_id,
        },
        members: members
            .iter()
            .map(|member| MemberInput {
                name: member.name.clone(),
                identity_number: member.identity_number.clone(),
                relation: member.relation.clone(),
            })
            .collect(),
        form: form.clone(),
        by_proxy: body.by_proxy,
        proxy_basis: body.agent.as_ref().filter(|_| body.by_proxy).map(|agent| agent.basis.clone()).unwrap_or_default(),
    }
}

/// The answers without what would give the applicant or somebody else away; the draft and the unmasked view have them whole.
pub(super) fn masked_form(matter: &Matter, private: &Private) -> Vec<FormValue> {
    let mut values = form_values(matter, private);
    for answer in &mut values {
        let kind = matter.fields.iter().find(|field| field.code == answer.code).map(|field| field.kind);
        if let Some(masked) = masked_answer(kind, &answer.raw) {
            answer.value.clone_from(&masked);
            answer.raw = masked;
        }
    }
    values
}

/// Numbers of certificates often begin with the identity number of their holder.
fn masked_answer(kind: Option<FieldKind>, raw: &str) -> Option<String> {
    if kind == Some(FieldKind::Telephone) {
        return Telephone::parse(raw).ok().map(|telephone| telephone.masked());
    }
    let (head, rest) = raw.split_at_checked(IDENTITY_NUMBER_BYTES)?;
    let number = IdentityNumber::parse(head).ok()?;
    Some(format!("{}{rest}", number.masked()))
}

/// The answers in the order in which the matter asks.
pub fn form_values(matter: &Matter, private: &Private) -> Vec<FormValue> {
    let place_of = |code: &str| matter.fields.iter().position(|field| field.code == code).unwrap_or(usize::MAX);
    let mut values: Vec<FormValue> = private
        .form
        .iter()
        .map(|(code, raw)| {
            let field = matter.fields.iter().find(|field| field.code == *code);
            FormValue {
                code: code.clone(),
                label: field.map_or_else(|| code.clone(), |field| field.label.clone()),
                value: field.map_or_else(|| raw.clone(), |field| shown_value(field, raw)),
                raw: raw.clone(),
            }
        })
        .collect();
    values.sort_by_key(|value| place_of(&value.code));
    values
}

/// An answer as people write it.
pub(super) fn shown_value(field: &Field, raw: &str) -> String {
    use chrono::Datelike;
    match field.kind {
        FieldKind::Money => format!("{raw} 元"),
        FieldKind::Date => NaiveDate::parse_from_str(raw, "%Y-%m-%d")
            .map_or_else(|_| raw.to_owned(), |date| format!("{}年{}月{}日", date.year(), date.month(), date.day())),
        FieldKind::Text | FieldKind::Number | FieldKind::Choice | FieldKind::Telephone => raw.to_owned(),
    }
}
