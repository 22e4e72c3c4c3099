//! The way of a case: the steps of its matter with the tenant and department that do each, fixed when the case is filed.

use std::collections::HashMap;
use std::sync::Arc;

use platform::tenant::{LEVEL_TOWN, LEVEL_VILLAGE, Tenant};
use serde::{Deserialize, Serialize};

use super::relay::{Place, Relay};
use crate::catalogue::matter::{Step, StepKind, StepMethod, StepRole};
use crate::divisions::code::{Level, short_word};

/// One step of a case and who does it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RouteStep {
    pub code: String,
    pub name: String,
    pub kind: StepKind,
    pub method: StepMethod,
    pub tenant_id: i64,
    pub tenant_name: String,
    pub tenant_short: String,
    pub level: i16,
    pub department_code: String,
    pub department_name: String,
    pub department_short: String,
    pub role: StepRole,
    pub half_days: u32,
    pub counted: bool,
    /// The tenant whose power is used; another than `tenant_id` means that a delegation is needed.
    pub power_owner_id: i64,
    pub place_text: String,
    pub asks: Option<String>,
}

/// Name and short name of a department, by (tenant, code).
pub type DepartmentNames = HashMap<(i64, String), (String, String)>;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    #[error("这个事项没有办理环节，不能申请")]
    NoSteps,
    #[error("环节“{step}”要由{level}级办理，可是{place}上面没有这一级")]
    NoTenant { step: String, level: &'static str, place: String },
}

/// Plans the way of a case from the place it belongs to. `chain` is the tenant of that place and everything above it, from itself upwards.
///
/// `steps` are those of the chosen situations (`catalogue::choose`), which leaves out a village's steps where the case was not filed there.
pub fn plan(steps: &[Step], chain: &[Arc<Tenant>], departments: &DepartmentNames) -> Result<Vec<RouteStep>, RouteError> {
    let place = chain.first().map(|tenant| tenant.name.clone()).unwrap_or_default();
    let mut route = Vec::new();
    for step in steps {
        let level = i16::from(step.level);
        let at = |wanted: i16| chain.iter().find(|tenant| tenant.level == wanted);
        let missing = || RouteError::NoTenant { step: step.name.clone(), level: level_word(level), place: place.clone() };
        let doer = at(level).ok_or_else(missing)?;
        let owner = match step.power_level {
            Some(power_level) => at(i16::from(power_level)).ok_or_else(missing)?,
            None => doer,
        };
        let (name, short) = departments
            .get(&(doer.id, step.department.clone()))
            .cloned()
            .unwrap_or_else(|| (step.place_text.clone(), step.place_text.clone()));
        route.push(RouteStep {
            code: step.code.clone(),
            name: step.name.clone(),
            kind: step.kind,
            method: step.method,
            tenant_id: doer.id,
            tenant_name: doer.short_name.clone(),
            tenant_short: tenant_short_word(doer),
            level,
            department_code: step.department.clone(),
            department_name: name,
            department_short: short,
            role: step.role,
            half_days: step.half_days,
            counted: step.counted,
            power_owner_id: owner.id,
            place_text: step.place_text.clone(),
            asks: step.asks.clone(),
        });
    }
    let Some(first) = route.first().cloned() else { return Err(RouteError::NoSteps) };
    bring_home(&mut route, &first);
    Ok(route)
}

/// A case ends where it was filed: where the matter's own steps end elsewhere, its origin gets a step to deliver the result.
fn bring_home(route: &mut Vec<RouteStep>, origin: &RouteStep) {
    let ends_at_origin = route.last().is_some_and(|last| last.kind == StepKind::Deliver && last.tenant_id == origin.tenant_id);
    if ends_at_origin {
        return;
    }
    route.push(RouteStep {
        code: "home".to_owned(),
        name: "送达结果".to_owned(),
        kind: StepKind::Deliver,
        method: StepMethod::Paper,
        half_days: 2,
        counted: false,
        power_owner_id: origin.tenant_id,
        asks: None,
        ..origin.clone()
    });
}

fn tenant_short_word(tenant: &Tenant) -> String {
    let level = u8::try_from(tenant.level).ok().and_then(Level::from_number).unwrap_or(Level::Village);
    short_word(level, &tenant.name).to_owned()
}

fn level_word(level: i16) -> &'static str {
    match level {
        2 => "省",
        3 => "市",
        4 => "县",
        5 => "镇",
        _ => "村",
    }
}

impl RouteStep {
    /// Who holds the case at this step, as the custody mark names it: the department in a county and above, the tenant below.
    pub fn holder(&self) -> &str {
        if self.level >= LEVEL_TOWN { &self.tenant_name } else { &self.department_short }
    }

    fn same_stop(&self, other: &RouteStep) -> bool {
        self.tenant_id == other.tenant_id && (self.level >= LEVEL_TOWN || self.department_code == other.department_code)
    }

    fn place(&self) -> Place {
        let short = if self.level >= LEVEL_TOWN { self.tenant_short.clone() } else { self.department_short.clone() };
        // The mark counts from the applicant: village 1, town 2, county and above 3.
        let level = match self.level {
            LEVEL_VILLAGE => 1,
            LEVEL_TOWN => 2,
            _ => 3,
        };
        Place { name: self.holder().to_owned(), short, level }
    }
}

/// A stop of the mark: one holder and the steps done there in a row.
#[derive(Debug, Clone, PartialEq)]
pub struct RouteStop {
    pub place: Place,
    pub first_step: usize,
    pub last_step: usize,
}

pub fn stops(route: &[RouteStep]) -> Vec<RouteStop> {
    let mut stops: Vec<RouteStop> = Vec::new();
    for (index, step) in route.iter().enumerate() {
        match stops.last_mut() {
            Some(last) if route[last.last_step].same_stop(step) => last.last_step = index,
            _ => stops.push(RouteStop { place: step.place(), first_step: index, last_step: index }),
        }
    }
    stops
}

/// Index of the stop that a step belongs to.
pub fn stop_of(stops: &[RouteStop], step_index: usize) -> usize {
    stops.iter().position(|stop| step_index <= stop.last_step).unwrap_or(stops.len().saturating_sub(1))
}

/// The mark of a matter, without a case.
pub fn relay_of_route(route: &[RouteStep]) -> Relay {
    let places: Vec<Place> = stops(route).into_iter().map(|stop| stop.place).collect();
    Relay::route(&places)
}
