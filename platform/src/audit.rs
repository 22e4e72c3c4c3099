//! The audit record: who did what to what, and on which basis. Append-only: no scope may change or remove an entry (policies.sql).
//!
//! An entry is written in the transaction of the act it records; object and outcome hold ids and codes, never names or identity numbers.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use crate::actor::Actor;
use crate::db::schema::audit_entry;
use crate::db::{DbError, TenantTx};

#[derive(Debug, Insertable, Queryable, Selectable)]
#[diesel(table_name = audit_entry)]
pub struct Entry {
    pub tenant_id: i64,
    pub id: Uuid,
    pub at: DateTime<Utc>,
    pub actor: String,
    pub action: String,
    pub object: String,
    pub outcome: String,
    /// Why it was allowed: the role, or the delegation and its legal basis.
    pub basis: String,
}

/// An entry, for the caller who writes it together with the act ([`crate::jobs::aftermath`]).
pub fn entry(tenant_id: i64, at: DateTime<Utc>, actor: &Actor, action: &str, object: &str, outcome: &str, basis: &str) -> Entry {
    Entry {
        tenant_id,
        id: Uuid::now_v7(),
        at,
        actor: actor.audit_name(),
        action: action.to_owned(),
        object: object.to_owned(),
        outcome: outcome.to_owned(),
        basis: basis.to_owned(),
    }
}

/// Writes an entry by itself.
pub fn record(
    tx: &mut TenantTx<'_>,
    at: DateTime<Utc>,
    actor: &Actor,
    action: &str,
    object: &str,
    outcome: &str,
    basis: &str,
) -> Result<(), DbError> {
    let entry = entry(tx.tenant_id, at, actor, action, object, outcome, basis);
    diesel::insert_into(audit_entry::table).values(&entry).execute(tx.conn)?;
    Ok(())
}
