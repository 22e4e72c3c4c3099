//! Work that happens after the transaction that asked for it: jobs of one tenant, and messages from one tenant to another.
//!
//! Both are rows written in the asking tenant's own transaction, so that they exist exactly when the act that caused them does. A worker
//! claims them with a lease (SKIP LOCKED), does them, and removes or marks them; a worker that dies leaves a lease that runs out. So a job
//! may be done twice and must bear it; a message may be delivered twice and is applied once ([`inbox`]).

pub mod aftermath;
pub mod inbox;
pub mod outbox;
pub mod worker;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use self::aftermath::Aftermath;
use crate::db::schema::job;
use crate::db::{DbError, TenantTx};

/// A job to be done after the commit.
#[derive(Debug, Clone)]
pub struct NewJob {
    pub kind: &'static str,
    pub payload: serde_json::Value,
    pub run_at: DateTime<Utc>,
}

/// A job that a worker has claimed.
#[derive(Debug, Clone, QueryableByName)]
#[diesel(table_name = job)]
pub struct Job {
    pub tenant_id: i64,
    pub id: Uuid,
    pub kind: String,
    pub payload: serde_json::Value,
    pub tries: i32,
}

/// Why a job or a delivery did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// Something outside was not there; worth trying again.
    #[error("will be tried again: {0}")]
    Later(String),
    /// It will never succeed as it is; set aside, visible, for a person.
    #[error("set aside: {0}")]
    Never(String),
}

impl From<DbError> for WorkError {
    fn from(error: DbError) -> WorkError {
        // Even an error that looks permanent may come from a half-done migration; only the meaning of a message can say "never".
        WorkError::Later(error.to_string())
    }
}

impl From<diesel::result::Error> for WorkError {
    fn from(error: diesel::result::Error) -> WorkError {
        WorkError::from(DbError::from(error))
    }
}

/// Jobs of a transaction that leaves nothing else; acts that do write theirs together with the rest ([`aftermath`]).
pub fn enqueue(tx: &mut TenantTx<'_>, jobs: Vec<NewJob>, at: DateTime<Utc>) -> Result<(), DbError> {
    Aftermath::of(tx.tenant_id, at, Vec::new(), jobs, None).write(tx)
}
