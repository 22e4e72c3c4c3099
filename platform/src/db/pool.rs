//! The pool of connections: no check query at checkout (a round trip each), and none of a lost server's connections kept.

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::r2d2::{self, ManageConnection};
use diesel::result::{DatabaseErrorKind, Error};
use diesel::{Connection, PgConnection};

use super::{CHECKOUT_TIMEOUT, DbError, STATEMENT_TIMEOUT_MS};

pub(super) struct Pool {
    connections: r2d2::Pool<Manager>,
    size: u32,
}

/// A connection and whether it was seen to be lost.
pub(super) struct Entry {
    pub conn: PgConnection,
    pub lost: bool,
}

pub(super) type Pooled = r2d2::PooledConnection<Manager>;

impl Pool {
    pub fn new(url: &str, size: u32) -> Result<Pool, DbError> {
        let connections = r2d2::Pool::builder()
            .max_size(size)
            .min_idle(Some(0))
            .test_on_check_out(false)
            .connection_timeout(CHECKOUT_TIMEOUT)
            .error_handler(Box::new(r2d2::NopErrorHandler))
            .build_unchecked(Manager { url: url.to_owned() });
        Ok(Pool { connections, size })
    }

    /// A connection with its scope opened. A connection that turns out to be lost at BEGIN is dropped and the next one is tried:
    /// nothing has happened yet, so that is safe.
    pub fn begin(&self, begin: &str) -> Result<Pooled, DbError> {
        for _ in 0..=self.size {
            let mut entry = self.connections.get().map_err(|error| DbError::Unavailable(error.to_string()))?;
            match AnsiTransactionManager::begin_transaction_sql(&mut entry.conn, begin) {
                Ok(()) => return Ok(entry),
                Err(error) if is_lost(&error) => entry.lost = true,
                Err(error) => {
                    entry.lost = true;
                    return Err(error.into());
                }
            }
        }
        Err(DbError::Unavailable("every pooled connection was lost".to_owned()))
    }
}

impl Entry {
    pub fn mark_if_lost(&mut self, error: &Error) {
        self.lost |= is_lost(error);
    }
}

/// Whether this error means that the server, not the statement, is gone.
pub(super) fn is_lost(error: &Error) -> bool {
    match error {
        Error::BrokenTransactionManager => true,
        Error::DatabaseError(DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand, _) => true,
        // libpq reports a killed server in words only, and in the same words in every version since 9.
        Error::DatabaseError(_, information) => {
            let message = information.message();
            [
                "server closed the connection",
                "terminating connection",
                "no connection to the server",
                "connection not open",
                "could not receive data",
                "SSL connection has been closed",
            ]
            .iter()
            .any(|words| message.contains(words))
        }
        _ => false,
    }
}

pub(super) struct Manager {
    url: String,
}

impl ManageConnection for Manager {
    type Connection = Entry;
    type Error = ManagerError;

    fn connect(&self) -> Result<Entry, ManagerError> {
        let mut conn = PgConnection::establish(&self.url).map_err(|error| ManagerError(error.to_string()))?;
        conn.batch_execute(&format!("SET statement_timeout = {STATEMENT_TIMEOUT_MS}; SET idle_in_transaction_session_timeout = 60000"))
            .map_err(|error| ManagerError(error.to_string()))?;
        Ok(Entry { conn, lost: false })
    }

    fn is_valid(&self, _: &mut Entry) -> Result<(), ManagerError> {
        Ok(())
    }

    fn has_broken(&self, entry: &mut Entry) -> bool {
        entry.lost
            || std::thread::panicking()
            || <AnsiTransactionManager as TransactionManager<PgConnection>>::is_broken_transaction_manager(&mut entry.conn)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct ManagerError(String);
