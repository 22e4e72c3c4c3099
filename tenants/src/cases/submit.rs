//! From what somebody fills in to a draft: everything that can be wrong is found at once, each with its field and cure.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use platform::actor::{Citizen, Staff};
use platform::crypto::KeyRing;
use platform::http::problem::{FieldError, Problem};
use platform::tenant::{LEVEL_VILLAGE, Tenant};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::case::{Agent, Applicant, Body, CaseFile, Member, Private};
use super::route;
use super::store;
use super::words::{Channel, Custody, State};
use crate::catalogue::choose::{Choice, choose};
use crate::catalogue::directory::{Offered, chain_of_place};
use crate::catalogue::matter::{ApplicantKind, Field, FieldKind, Matter, Origin};
use crate::clock::limit::Limit;
use crate::context::Context;
use crate::people::credit_code::CreditCode;
use crate::people::identity_number::IdentityNumber;
use crate::people::person_name::PersonName;
use crate::people::telephone::Telephone;

pub const ADDRESS_MAX_CHARACTERS: usize = 200;
pub const FORM_VALUE_MAX_CHARACTERS: usize = 500;
pub const EMAIL_MAX_CHARACTERS: usize = 200;
/// Households are large, but not larger.
pub const MEMBERS_MAX: usize = 20;

/// What the form of an application holds.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Submission {
    pub basic_code: String,
    #[serde(default)]
    pub situations: Vec<String>,
    pub applicant: ApplicantInput,
    #[serde(default)]
    pub members: Vec<MemberInput>,
    #[serde(default)]
    pub form: BTreeMap<String, String>,
    /// An agent files in the applicant's place.
    #[serde(default)]
    pub by_proxy: bool,
    #[serde(default)]
    pub proxy_basis: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ApplicantInput {
    /// `person`, `household` or `organization`.
    pub kind: String,
    pub name: String,
    /// 18 characters; the credit code for an organization.
    pub identity_number: String,
    pub telephone: String,
    #[serde(default)]
    pub email: String,
    #[serde(default)]
    pub address: String,
    /// Village, town or county that the matter belongs to, 12 digits.
    pub division_id: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MemberInput {
    pub name: String,
    pub identity_number: String,
    #[serde(default)]
    pub relation: String,
}

/// Who fills it in.
pub enum Filer<'a> {
    Staff { staff: &'a Staff, tenant: Arc<Tenant> },
    Citizen { citizen: &'a Citizen },
}

/// A checked submission, ready to be stored as a draft.
pub struct Checked {
    pub tenant_id: i64,
    pub offered: Offered,
    pub channel: Channel,
    pub private: Private,
    pub applicant_masked: String,
    pub body: Body,
}

pub async fn check(context: &Context, filer: &Filer<'_>, submission: Submission) -> Result<Checked, Problem> {
    let snapshot = context.register.snapshot().await?;
    let chain = chain_of_place(&snapshot, submission.applicant.division_id, "applicant.division_id")?;
    let channel = match filer {
        Filer::Staff { tenant, .. } => {
            if !chain.iter().any(|above| above.id == tenant.id) {
                let place = &chain[0].name;
                return Err(Problem::invalid_field(
                    "applicant.division_id",
                    format!("{place}不归{}办理，请到当地申请，或请申请人在网上申请", tenant.name),
                ));
            }
            if tenant.level == LEVEL_VILLAGE { Channel::Village } else { Channel::Window }
        }
        Filer::Citizen { .. } => Channel::Online,
    };
    let offered = context
        .directory
        .find_offered(&chain, &submission.basic_code)
        .await?
        .ok_or_else(|| Problem::invalid_field("basic_code", format!("{}没有开办这个事项，请从事项列表里选", chain[0].name)))?;
    let matter = offered.matter.clone();
    if !offered.open {
        return Err(Problem::invalid_field("basic_code", format!("“{}”暂停办理，现在不能申请", matter.short_name)));
    }
    if !matter.origins.contains(&origin_of(channel)) {
        return Err(Problem::invalid_field("basic_code", not_filed_here(&matter, channel)));
    }

    let mut errors = Vec::new();
    let choice = match choose(&matter, &submission.situations, submission.by_proxy, channel == Channel::Village) {
        Ok(choice) => choice,
        Err(problems) => {
            errors.extend(problems.into_iter().map(|problem| field("situations", problem.to_string())));
            return Err(Problem::invalid(errors));
        }
    };
    let today = crate::clock::china_time::date_in_china(context.now());
    let private = check_private(&matter, &choice, &submission, today, &mut errors);
    if submission.by_proxy && submission.proxy_basis.trim().is_empty() {
        errors.push(field("proxy_basis", "请写明代办的依据，比如“村委会受托”"));
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }

    let departments = context.directory.department_names(&chain).await?;
    let route = route::plan(&choice.steps, &chain, &departments)
        .map_err(|error| Problem::invalid_field("applicant.division_id", error.to_string()))?;
    let tenant_id = route[0].tenant_id;
    let (created_by, agent) = match filer {
        Filer::Staff { staff, tenant } => {
            if tenant_id != tenant.id {
                return Err(Problem::invalid_field("basic_code", format!("这个事项由{}收件，请到那里申请", route[0].holder())));
            }
            let basis = if submission.by_proxy { submission.proxy_basis.trim().to_owned() } else { "帮办，申请人到场".to_owned() };
            (Some(staff.post_id), (channel == Channel::Village).then(|| Agent { name: staff.name.clone(), basis }))
        }
        Filer::Citizen { .. } => (None, None),
    };
    let situation_words = choice.situations.iter().map(|situation| situation.title.as_str()).collect::<Vec<_>>().join("、");
    Ok(Checked {
        tenant_id,
        channel,
        applicant_masked: masked_name(&private.applicant),
        body: Body {
            matter_name: matter.name.clone(),
            matter_short_name: matter.short_name.clone(),
            situations: choice.situations.iter().map(|situation| situation.code.clone()).collect(),
            situation_words,
            applicant_kind: private.applicant.kind.clone(),
            instant: matter.project_type == crate::catalogue::matter::ProjectType::Instant,
            route,
            promised: Limit::new(choice.promised.number, choice.promised.unit),
            by_proxy: submission.by_proxy,
            agent,
            created_by,
            hops: Vec::new(),
            stations: Vec::new(),
            step_started_at: None,
            received_at: None,
            accepted_at: None,
            decided_at: None,
            closed_at: None,
            correction: None,
            opinions: Vec::new(),
            decision: None,
            closing_reasons: None,
            withdrawal_asked: None,
            archive: None,
            news_no: 0,
        },
        private,
        offered,
    })
}

impl Checked {
    /// A new draft, or the content of an existing one (`case_id`, `version` and `created_at` of it).
    pub fn into_draft(
        self,
        keys: &KeyRing,
        case_id: Uuid,
        version: i32,
        created_at: DateTime<Utc>,
        citizen_id: Option<Uuid>,
    ) -> Result<CaseFile, Problem> {
        let applicant = &self.private.applicant;
        Ok(CaseFile {
            tenant_id: self.tenant_id,
            case_id,
            case_no: None,
            origin_tenant_id: self.tenant_id,
            basic_code: self.offered.matter.basic_code.clone(),
            matter_version: self.offered.version,
            channel: self.channel,
            state: State::Draft,
            outcome: None,
            custody: Custody::Held,
            epoch: 0,
            step_index: 0,
            applicant_masked: self.applicant_masked,
            applicant_index: keys.index("applicant", &applicant.identity_number).to_vec(),
            citizen_id: citizen_id.unwrap_or_else(|| citizen_id_of(keys, &applicant.identity_number, &applicant.telephone)),
            sealed: store::seal_private(keys, self.tenant_id, case_id, &self.private)?,
            secret_index: None,
            step_due_at: None,
            promise_due_at: None,
            filed_at: None,
            body: self.body,
            chain_head: Vec::new(),
            event_count: 0,
            version,
            created_at,
        })
    }
}

/// A citizen is an identity number together with a telephone that answered: who knows a neighbour's number but not the neighbour's telephone
/// is somebody else. No table is needed to find one's cases again.
pub fn citizen_id_of(keys: &KeyRing, identity_number: &str, telephone: &str) -> Uuid {
    let index = keys.index("citizen", &format!("{identity_number}|{telephone}"));
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&index[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

fn check_private(matter: &Matter, choice: &Choice, submission: &Submission, today: NaiveDate, errors: &mut Vec<FieldError>) -> Private {
    let input = &submission.applicant;
    let kind = match input.kind.as_str() {
        "person" => Some(ApplicantKind::Person),
        "household" => Some(ApplicantKind::Household),
        "organization" => Some(ApplicantKind::Organization),
        _ => None,
    };
    match kind {
        Some(kind) if matter.applicant_kinds.contains(&kind) => {}
        _ => errors.push(field("applicant.kind", "这个事项不能以这种身份申请，请选个人、家庭或单位中可以申请的一种")),
    }
    let organization = kind == Some(ApplicantKind::Organization);
    let name = checked(PersonName::parse(&input.name).map(|name| name.as_str().to_owned()), "applicant.name", errors);
    let identity_number = if organization {
        checked(CreditCode::parse(&input.identity_number).map(|code| code.as_str().to_owned()), "applicant.identity_number", errors)
    } else {
        checked(
            IdentityNumber::parse_on(&input.identity_number, today).map(|number| number.as_str().to_owned()),
            "applicant.identity_number",
            errors,
        )
    };
    let telephone =
        checked(Telephone::parse(&input.telephone).map(|telephone| telephone.as_str().to_owned()), "applicant.telephone", errors);
    let email = check_email(&input.email, errors);
    let address = input.address.trim().to_owned();
    if address.chars().count() > ADDRESS_MAX_CHARACTERS {
        errors.push(field("applicant.address", format!("地址最多 {ADDRESS_MAX_CHARACTERS} 个字")));
    }
    let members = check_members(kind, &submission.members, &identity_number, today, errors);
    let form = check_form(&choice.fields, &submission.form, errors);
    Private {
        applicant: Applicant { kind: input.kind.clone(), name, identity_number, telephone, email, address, division_id: input.division_id },
        members,
        form,
    }
}

fn check_members(
    kind: Option<ApplicantKind>,
    members: &[MemberInput],
    applicant_number: &str,
    today: NaiveDate,
    errors: &mut Vec<FieldError>,
) -> Vec<Member> {
    if kind != Some(ApplicantKind::Household) {
        if !members.is_empty() {
            errors.push(field("members", "只有以家庭申请时才填家庭成员，请删去成员，或改为以家庭申请"));
        }
        return Vec::new();
    }
    if members.len() > MEMBERS_MAX {
        errors.push(field("members", format!("家庭成员最多填 {MEMBERS_MAX} 人")));
        return Vec::new();
    }
    let mut seen = vec![applicant_number.to_owned()];
    let mut checked_members = Vec::new();
    for (index, member) in members.iter().enumerate() {
        let name = checked(PersonName::parse(&member.name).map(|name| name.as_str().to_owned()), &format!("members.{index}.name"), errors);
        let path = format!("members.{index}.identity_number");
        let identity_number =
            checked(IdentityNumber::parse_on(&member.identity_number, today).map(|number| number.as_str().to_owned()), &path, errors);
        if seen.contains(&identity_number) && !identity_number.is_empty() {
            errors.push(field(&path, "这个身份证号已经填过了"));
        }
        seen.push(identity_number.clone());
        checked_members.push(Member { name, identity_number, relation: member.relation.trim().chars().take(20).collect() });
    }
    checked_members
}

fn check_form(fields: &[Field], given: &BTreeMap<String, String>, errors: &mut Vec<FieldError>) -> BTreeMap<String, String> {
    let mut form = BTreeMap::new();
    for asked in fields {
        let path = format!("form.{}", asked.code);
        let value = given.get(&asked.code).map(|value| value.trim().to_owned()).unwrap_or_default();
        if value.is_empty() {
            if asked.required {
                let verb = if asked.kind == FieldKind::Choice { "请选" } else { "请填写" };
                errors.push(field(&path, format!("{verb}{}", asked.label)));
            }
            continue;
        }
        if value.chars().count() > FORM_VALUE_MAX_CHARACTERS {
            errors.push(field(&path, format!("{}最多 {FORM_VALUE_MAX_CHARACTERS} 个字", asked.label)));
            continue;
        }
        match check_value(asked, &value) {
            Ok(()) => {
                form.insert(asked.code.clone(), value);
            }
            Err(message) => errors.push(field(&path, message)),
        }
    }
    for code in given.keys().filter(|code| !fields.iter().any(|asked| asked.code == **code)) {
        errors.push(field(&format!("form.{code}"), "这个事项不问这一项，请删去"));
    }
    form
}

fn check_value(asked: &Field, value: &str) -> Result<(), String> {
    let label = &asked.label;
    match asked.kind {
        FieldKind::Text => Ok(()),
        FieldKind::Number => value.parse::<u32>().map(|_| ()).map_err(|_| format!("{label}要填整数，比如 3")),
        FieldKind::Money => {
            let (whole, cents) = value.split_once('.').unwrap_or((value, ""));
            let digits = |text: &str| text.chars().all(|character| character.is_ascii_digit());
            let fits = !whole.is_empty() && whole.len() <= 12 && cents.len() <= 2 && digits(whole) && digits(cents);
            fits.then_some(()).ok_or_else(|| format!("{label}要填金额，单位元，最多两位小数，比如 1500.50"))
        }
        FieldKind::Date => {
            NaiveDate::parse_from_str(value, "%Y-%m-%d").map(|_| ()).map_err(|_| format!("{label}要填日期，比如 2026-09-21"))
        }
        FieldKind::Choice => asked
            .choices
            .iter()
            .any(|choice| choice == value)
            .then_some(())
            .ok_or_else(|| format!("{label}请从这些里选：{}", asked.choices.join("、"))),
        FieldKind::Telephone => Telephone::parse(value).map(|_| ()).map_err(|error| error.to_string()),
    }
}

fn check_email(text: &str, errors: &mut Vec<FieldError>) -> Option<String> {
    let email = text.trim();
    if email.is_empty() {
        return None;
    }
    let plausible = email.len() <= EMAIL_MAX_CHARACTERS
        && email.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.') && !email.contains(char::is_whitespace));
    if !plausible {
        errors.push(field("applicant.email", "电子邮箱写得不对，比如 name@example.cn；没有可以不填"));
    }
    Some(email.to_owned())
}

fn checked<E: std::fmt::Display>(parsed: Result<String, E>, path: &str, errors: &mut Vec<FieldError>) -> String {
    match parsed {
        Ok(value) => value,
        Err(error) => {
            errors.push(field(path, error.to_string()));
            String::new()
        }
    }
}

fn masked_name(applicant: &Applicant) -> String {
    if applicant.kind == "organization" {
        return applicant.name.clone();
    }
    PersonName::parse(&applicant.name).map(|name| name.masked()).unwrap_or_default()
}

fn origin_of(channel: Channel) -> Origin {
    match channel {
        Channel::Village => Origin::Village,
        Channel::Window => Origin::Window,
        Channel::Online => Origin::Online,
    }
}

fn not_filed_here(matter: &Matter, channel: Channel) -> String {
    match channel {
        Channel::Village => format!("“{}”不能由村里代收：{}。可以帮申请人在网上填报", matter.short_name, matter.proxy.text),
        Channel::Window => format!("“{}”不在窗口收件，请看办事指南上的办理地点", matter.short_name),
        Channel::Online => format!("“{}”不能在网上申请，请到村便民服务站或者窗口", matter.short_name),
    }
}

fn field(path: &str, message: impl Into<String>) -> FieldError {
    FieldError { field: path.to_owned(), message: message.into() }
}
