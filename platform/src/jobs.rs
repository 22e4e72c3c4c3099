//! Work that happens after the transaction that asked for it: jobs of one tenant, and messages from one tenant to another.
//!
//! Both are rows written in the asking tenant's own transaction, so that they exist exactly when the act that caused them does. A worker
//! claims them with a lease (SKIP LOCKED), does them, and removes or marks them; a worker that dies leaves a lease that runs out. So a job
//! may be done twice and must bear it; a message may be delivered twice and is applied once ([`inbox`]).

pub mod inbox;
pub mod outbox;
pub mod worker;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

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

pub fn enqueue(tx: &mut TenantTx<'_>, jobs: &[NewJob]) -> Result<(), DbError> {
    if jobs.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = jobs
        .iter()
        .map(|new| {
            (
                job::tenant_id.eq(tx.tenant_id),
                job::id.eq(Uuid::now_v7()),
                job::kind.eq(new.kind),
                job::payload.eq(&new.payload),
                job::run_at.eq(new.run_at),
            )
        })
        .collect();
    diesel::insert_into(job::table).values(rows).execute(tx.conn)?;
    Ok(())
}
