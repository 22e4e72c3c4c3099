//! A bundle in memory, and the questions that loading it asks: who offers what, which delegations exist, what a department
//! is called in a tenant.

use std::collections::HashMap;

use super::parts::{DelegationRule, DepartmentTemplate, DivisionRow, Head, OfferingRule, StaffPost};
use crate::catalogue::matter::{Matter, Origin};
use crate::divisions::code::{DivisionCode, Level};

/// Everything a bundle says, in the order of its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    pub head: Head,
    pub divisions: Vec<DivisionRow>,
    pub departments: Vec<DepartmentTemplate>,
    /// With the file each one was read from.
    pub matters: Vec<BundledMatter>,
    pub offerings: Vec<OfferingRule>,
    pub delegations: Vec<DelegationRule>,
    pub staff: Vec<StaffPost>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundledMatter {
    pub file: String,
    pub matter: Matter,
}

/// A tenant that offers a matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Offering<'bundle> {
    pub tenant: DivisionCode,
    pub basic_code: &'bundle str,
}

/// A delegation between two tenants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delegation<'bundle> {
    pub delegator: DivisionCode,
    pub delegate: DivisionCode,
    pub rule: &'bundle DelegationRule,
}

/// A department of one tenant, under its own name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Department<'bundle> {
    pub template: &'bundle DepartmentTemplate,
    pub full_name: String,
    pub mark_name: String,
}

impl Bundle {
    pub fn find_division(&self, id: DivisionCode) -> Option<&DivisionRow> {
        self.divisions.iter().find(|division| division.id == id)
    }

    pub fn find_matter(&self, basic_code: &str) -> Option<&Matter> {
        self.matters.iter().map(|bundled| &bundled.matter).find(|matter| matter.basic_code == basic_code)
    }

    pub fn find_department(&self, level: u8, code: &str) -> Option<&DepartmentTemplate> {
        self.departments.iter().find(|department| department.level == level && department.code == code)
    }

    /// The departments that a tenant has.
    pub fn departments_of(&self, tenant: &DivisionRow) -> Vec<Department<'_>> {
        let own = self.departments.iter().filter(|template| template.level == tenant.level);
        let named =
            own.map(|template| Department { template, full_name: template.full_name(tenant), mark_name: template.mark_name(tenant) });
        named.collect()
    }

    /// Every offering of counties, towns and villages. A village offers what may be filed in villages and its town offers.
    pub fn expanded_offerings(&self) -> Vec<Offering<'_>> {
        let by_id: HashMap<DivisionCode, &DivisionRow> = self.divisions.iter().map(|division| (division.id, division)).collect();
        let mut offerings = Vec::new();
        for rule in &self.offerings {
            let in_villages = self.find_matter(&rule.matter).is_some_and(|matter| matter.origins.contains(&Origin::Village));
            let offering = self.divisions.iter().filter(|division| offers(rule, division, in_villages, &by_id));
            offerings.extend(offering.map(|division| Offering { tenant: division.id, basic_code: &rule.matter }));
        }
        offerings
    }

    /// Every delegation, one for each pair of delegator and delegate below it.
    pub fn expanded_delegations(&self) -> Vec<Delegation<'_>> {
        let mut delegations = Vec::new();
        for rule in &self.delegations {
            let delegators = self.divisions.iter().filter(|division| division.level == rule.delegator_level);
            for delegator in delegators {
                let below = |division: &&DivisionRow| division.level == rule.delegate_level && delegator.id.contains(division.id);
                let delegates = self.divisions.iter().filter(below);
                delegations.extend(delegates.map(|delegate| Delegation { delegator: delegator.id, delegate: delegate.id, rule }));
            }
        }
        delegations
    }
}

fn offers(rule: &OfferingRule, division: &DivisionRow, in_villages: bool, by_id: &HashMap<DivisionCode, &DivisionRow>) -> bool {
    let above = |level: Level| division.id.ancestor(level).and_then(|id| by_id.get(&id).copied());
    let county_offers = above(Level::County).is_some_and(|county| rule.counties.contains(county));
    let town_offers = above(Level::Town).is_some_and(|town| rule.towns.contains(town));
    match Level::from_number(division.level) {
        Some(Level::County) => county_offers,
        Some(Level::Town) => county_offers && town_offers,
        Some(Level::Village) => county_offers && town_offers && in_villages,
        Some(Level::Province | Level::City) | None => false,
    }
}
