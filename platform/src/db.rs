//! The database and its scopes. A statement runs inside a scope or not at all.
//!
//! The process logs in as a role that owns nothing and may read nothing; a scope opens a transaction and takes a role for its length, so that
//! the database itself refuses a forgotten scope ("permission denied") and hides every row that is not the scope's. Scopes are types, and
//! functions ask for the one they need: [`TenantTx`] (one tenant, read and write), [`SubtreeTx`] (a range of tenants, read), [`CitizenTx`]
//! (rows of one citizen), [`WorkTx`] (the queues of all tenants) and [`PlatformTx`] (register, directory, accounts).
//!
//! One use case is one transaction. Work inside it is a synchronous closure on the blocking pool: nothing slow can be awaited in it.

pub mod bootstrap;
pub mod classes;
mod pool;
pub mod schema;

use std::sync::Arc;
use std::time::Duration;

use diesel::PgConnection;
use diesel::connection::{AnsiTransactionManager, TransactionManager};
use uuid::Uuid;

use pool::Pool;

/// How long a request waits for a free connection before it is told to come back.
pub const CHECKOUT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest time that one statement may run in a scope, in milliseconds.
pub const STATEMENT_TIMEOUT_MS: u32 = 15_000;

#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// No connection could be had or it broke; the transaction did not happen, or its fate is unknown and the caller must ask again with its idempotency key.
    #[error("the database cannot be reached: {0}")]
    Unavailable(String),
    #[error(transparent)]
    Query(#[from] diesel::result::Error),
}

impl DbError {
    /// Name of the constraint that was violated, if that is what happened.
    pub fn violated_constraint(&self) -> Option<&str> {
        match self {
            DbError::Query(diesel::result::Error::DatabaseError(_, information)) => information.constraint_name(),
            _ => None,
        }
    }
}

/// One tenant's rows, read and write.
pub struct TenantTx<'c> {
    pub conn: &'c mut PgConnection,
    pub tenant_id: i64,
}

/// The rows of a contiguous range of tenants, read only.
pub struct SubtreeTx<'c> {
    pub conn: &'c mut PgConnection,
}

/// The rows of one citizen.
pub struct CitizenTx<'c> {
    pub conn: &'c mut PgConnection,
    pub citizen_id: Uuid,
}

/// The queues of all tenants, nothing else.
pub struct WorkTx<'c> {
    pub conn: &'c mut PgConnection,
}

/// Register of tenants, published directory, accounts, delegations.
pub struct PlatformTx<'c> {
    pub conn: &'c mut PgConnection,
}

#[derive(Clone)]
pub struct Db {
    pool: Arc<Pool>,
}

impl Db {
    /// Connects lazily: the first scope opens the first connection.
    pub fn new(url: &str, pool_size: u32) -> Result<Db, DbError> {
        Ok(Db { pool: Arc::new(Pool::new(url, pool_size)?) })
    }

    pub async fn tenant<T, E, F>(&self, tenant_id: i64, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnOnce(&mut TenantTx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.scoped(tenant_scope(tenant_id), move |conn| work(&mut TenantTx { conn, tenant_id })).await
    }

    pub async fn subtree<T, E, F>(&self, first: i64, last: i64, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnOnce(&mut SubtreeTx<'_>) -> Result<T, E> + Send + 'static,
    {
        let begin = format!(
            "BEGIN READ ONLY; SET LOCAL ROLE zt_subtree; SET LOCAL app.subtree_first = '{first}'; SET LOCAL app.subtree_last = '{last}'"
        );
        self.scoped(begin, move |conn| work(&mut SubtreeTx { conn })).await
    }

    pub async fn citizen<T, E, F>(&self, citizen_id: Uuid, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnOnce(&mut CitizenTx<'_>) -> Result<T, E> + Send + 'static,
    {
        let begin = format!("BEGIN; SET LOCAL ROLE zt_citizen; SET LOCAL app.citizen = '{citizen_id}'");
        self.scoped(begin, move |conn| work(&mut CitizenTx { conn, citizen_id })).await
    }

    pub async fn work<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnOnce(&mut WorkTx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.scoped("BEGIN; SET LOCAL ROLE zt_work".to_owned(), move |conn| work(&mut WorkTx { conn })).await
    }

    pub async fn platform<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnOnce(&mut PlatformTx<'_>) -> Result<T, E> + Send + 'static,
    {
        self.scoped("BEGIN; SET LOCAL ROLE zt_platform".to_owned(), move |conn| work(&mut PlatformTx { conn })).await
    }

    async fn scoped<T, E, F>(&self, begin: String, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
        F: FnOnce(&mut PgConnection) -> Result<T, E> + Send + 'static,
    {
        let pool = self.pool.clone();
        let joined = tokio::task::spawn_blocking(move || in_transaction(&pool, &begin, work)).await;
        match joined {
            Ok(result) => result,
            Err(join) if join.is_panic() => std::panic::resume_unwind(join.into_panic()),
            Err(_) => Err(DbError::Unavailable("the server is stopping".to_owned()).into()),
        }
    }
}

/// The opening of a tenant's scope: begin, role and setting in one round trip. The id is an integer, so nothing can be smuggled into the text.
fn tenant_scope(tenant_id: i64) -> String {
    format!("BEGIN; SET LOCAL ROLE zt_tenant; SET LOCAL app.tenant = '{tenant_id}'")
}

fn in_transaction<T, E: From<DbError>>(pool: &Pool, begin: &str, work: impl FnOnce(&mut PgConnection) -> Result<T, E>) -> Result<T, E> {
    let mut entry = pool.begin(begin)?;
    let outcome = work(&mut entry.conn);
    match outcome {
        Ok(value) => match AnsiTransactionManager::commit_transaction(&mut entry.conn) {
            Ok(()) => Ok(value),
            Err(error) => {
                entry.mark_if_lost(&error);
                Err(DbError::from(error).into())
            }
        },
        Err(error) => {
            // The first error is the one to report; a rollback that fails as well only means that the connection is gone.
            if AnsiTransactionManager::rollback_transaction(&mut entry.conn).is_err() {
                entry.lost = true;
            }
            Err(error)
        }
    }
}

/// Maps a broken connection to [`DbError::Unavailable`], so that callers can tell "try again" from "this is wrong".
impl DbError {
    pub fn is_transient(&self) -> bool {
        match self {
            DbError::Unavailable(_) => true,
            DbError::Query(error) => pool::is_lost(error) || is_conflict(error),
        }
    }
}

fn is_conflict(error: &diesel::result::Error) -> bool {
    matches!(error, diesel::result::Error::DatabaseError(diesel::result::DatabaseErrorKind::SerializationFailure, _))
        || error.to_string().contains("deadlock detected")
}
