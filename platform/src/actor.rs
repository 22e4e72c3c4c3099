//! Who acts. The session gives an [`Actor`]; the tenant always comes from it, never from a URL or a body.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::session::{CITIZEN_ABSOLUTE, STAFF_ABSOLUTE, SessionData};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Actor {
    Staff(Staff),
    Citizen(Citizen),
    /// Nobody has signed in; may read what is published.
    Public,
}

/// A person in office: the account, and the post that is held at this moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staff {
    pub account_id: i64,
    pub name: String,
    pub login_name: String,
    pub post_id: i64,
    pub tenant_id: i64,
    pub department_code: String,
    pub role: String,
    pub title: String,
}

/// A citizen whose telephone has been confirmed by a one-time code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Citizen {
    pub citizen_id: Uuid,
    pub name_masked: String,
}

impl Actor {
    /// The subject that casbin and the audit record know the actor by.
    pub fn subject(&self) -> String {
        match self {
            Actor::Staff(staff) => format!("post:{}", staff.post_id),
            Actor::Citizen(_) => "citizen".to_owned(),
            Actor::Public => "public".to_owned(),
        }
    }

    /// One line for the audit record; holds no personal data of citizens.
    pub fn audit_name(&self) -> String {
        match self {
            Actor::Staff(staff) => format!("{} {} ({})", staff.login_name, staff.title, staff.post_id),
            Actor::Citizen(citizen) => format!("citizen {}", citizen.citizen_id),
            Actor::Public => "public".to_owned(),
        }
    }
}

impl SessionData for Staff {
    const KIND: &'static str = "staff";
    const ABSOLUTE: Duration = STAFF_ABSOLUTE;

    fn subject(&self) -> String {
        self.account_id.to_string()
    }
}

impl SessionData for Citizen {
    const KIND: &'static str = "citizen";
    const ABSOLUTE: Duration = CITIZEN_ABSOLUTE;

    fn subject(&self) -> String {
        self.citizen_id.to_string()
    }
}
