//! The parts of a bundle besides divisions and matters, each in the shape of its file.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::catalogue::matter::StepRole;
use crate::divisions::code::{DivisionCode, Level, short_word};

/// `bundle.yaml`: what this bundle is and where its facts come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    pub name: String,
    pub title: String,
    pub description: String,
    /// The division under which all others lie.
    pub root: DivisionCode,
    pub facts: Vec<FactSource>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactSource {
    pub what: String,
    pub source: String,
    pub licence: String,
}

/// A row of `divisions.csv`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DivisionRow {
    pub id: DivisionCode,
    /// Absent for the root.
    pub parent_id: Option<DivisionCode>,
    pub level: u8,
    pub name: String,
    /// As people say it: 前梁村.
    pub short_name: String,
}

/// A department that every tenant of a level has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DepartmentTemplate {
    pub level: u8,
    pub code: String,
    /// `{place}` stands for the tenant's short name.
    pub name: String,
    /// As the custody mark says it; `{short}` stands for 县, 区, 镇 and so on.
    pub short_name: String,
    /// The department whose outpost this is: people in the towns, tenant the county.
    #[serde(default)]
    pub outpost_of: Option<String>,
    /// Other names for tenants that are called by a certain word.
    #[serde(default)]
    pub variants: Vec<NameVariant>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameVariant {
    /// The word of the custody mark: 区, 街, 社区.
    pub short: String,
    pub name: String,
    pub short_name: String,
}

/// Who offers a matter, as a rule over counties and towns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferingRule {
    pub matter: String,
    pub counties: Places,
    pub towns: Places,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Places {
    Named(PlaceSet),
    Listed(Vec<DivisionCode>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceSet {
    All,
    None,
    /// Towns and townships without 街道.
    WithoutSubDistricts,
}

/// A power that tenants of one level lend to the tenants below them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DelegationRule {
    pub code: String,
    pub kind: DelegationKind,
    pub matter: String,
    /// Empty: all situations.
    #[serde(default)]
    pub situations: Vec<String>,
    pub powers: Vec<DelegatedPower>,
    pub delegator_level: u8,
    pub delegator_department: String,
    pub delegate_level: u8,
    pub delegate_department: String,
    pub may_be_passed_on: bool,
    #[serde(default)]
    pub limit_per_case_yuan: Option<u32>,
    #[serde(default)]
    pub limit_per_year_yuan: Option<u32>,
    pub basis: String,
    pub published_text: String,
    pub valid_from: NaiveDate,
    /// The last day on which it holds.
    pub valid_until: NaiveDate,
}

/// 委托、下放、代收、授权书.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DelegationKind {
    Entrustment,
    Devolution,
    CollectOnBehalf,
    AuthorizationLetter,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DelegatedPower {
    Accept,
    Review,
    Decide,
    Seal,
    Issue,
    Deliver,
}

/// A post of `staff.yaml`. The same sign-in name may hold several posts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StaffPost {
    pub login_name: String,
    pub name: String,
    pub tenant_id: DivisionCode,
    pub department: String,
    pub role: PostRole,
    pub title: String,
}

/// The roles of steps, and two that do no step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PostRole {
    Agent,
    VillageHead,
    WindowClerk,
    Reviewer,
    Decider,
    Admin,
    Supervisor,
}

impl DivisionRow {
    /// The word by which the custody mark calls it: 村 镇 县.
    pub fn short_word(&self) -> &'static str {
        Level::from_number(self.level).map_or("", |level| short_word(level, &self.name))
    }

    /// Whether it is a 街道, where the law speaks of towns and townships only.
    pub fn is_sub_district(&self) -> bool {
        self.level == Level::Town.number() && self.name.ends_with("街道")
    }
}

impl DepartmentTemplate {
    /// The department's full name in a tenant: 利津县民政局.
    pub fn full_name(&self, tenant: &DivisionRow) -> String {
        filled(self.variant_for(tenant).map_or(&self.name, |variant| &variant.name), tenant)
    }

    /// Its name in the custody mark: 县残联.
    pub fn mark_name(&self, tenant: &DivisionRow) -> String {
        filled(self.variant_for(tenant).map_or(&self.short_name, |variant| &variant.short_name), tenant)
    }

    fn variant_for(&self, tenant: &DivisionRow) -> Option<&NameVariant> {
        self.variants.iter().find(|variant| variant.short == tenant.short_word())
    }
}

impl Places {
    /// Whether a county or town is among them.
    pub fn contains(&self, place: &DivisionRow) -> bool {
        match self {
            Places::Named(PlaceSet::All) => true,
            Places::Named(PlaceSet::None) => false,
            Places::Named(PlaceSet::WithoutSubDistricts) => !place.is_sub_district(),
            Places::Listed(ids) => ids.contains(&place.id),
        }
    }
}

impl From<StepRole> for PostRole {
    fn from(role: StepRole) -> PostRole {
        match role {
            StepRole::Agent => PostRole::Agent,
            StepRole::VillageHead => PostRole::VillageHead,
            StepRole::WindowClerk => PostRole::WindowClerk,
            StepRole::Reviewer => PostRole::Reviewer,
            StepRole::Decider => PostRole::Decider,
        }
    }
}

impl PostRole {
    /// As it is written in files, tables and policies.
    pub fn code(self) -> &'static str {
        match self {
            PostRole::Agent => "agent",
            PostRole::VillageHead => "village_head",
            PostRole::WindowClerk => "window_clerk",
            PostRole::Reviewer => "reviewer",
            PostRole::Decider => "decider",
            PostRole::Admin => "admin",
            PostRole::Supervisor => "supervisor",
        }
    }
}

fn filled(template: &str, tenant: &DivisionRow) -> String {
    template.replace("{place}", &tenant.short_name).replace("{short}", tenant.short_word())
}
