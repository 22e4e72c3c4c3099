//! What can go wrong while the stack is brought up, each with the words that help.

use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum StackError {
    #[error("{program} was not found (looked in {looked}); `make install` installs what is missing")]
    ProgramMissing { program: &'static str, looked: String },
    #[error("the database files in {} were made by PostgreSQL {major}, which is not installed here; install it, or remove the data folder to begin anew", .directory.display())]
    OtherVersion { directory: PathBuf, major: u32 },
    #[error("cannot {action} {}: {source}", .path.display())]
    File { action: &'static str, path: PathBuf, source: std::io::Error },
    #[error("{} is in use by another process; stop that one first, or choose another data folder", .path.display())]
    InUse { path: PathBuf },
    #[error("{} does not belong to this program's data folder; {cure}", .path.display())]
    NotOurs { path: PathBuf, cure: &'static str },
    #[error("cannot start {program}: {source}")]
    Spawn { program: &'static str, source: std::io::Error },
    #[error("{program} ended while it was being started ({status}); the end of {} reads:\n{tail}", .log.display())]
    Ended { program: &'static str, status: String, log: PathBuf, tail: String },
    #[error("{program} was not ready within {limit_seconds} s ({last_answer}); the end of {} reads:\n{tail}", .log.display())]
    NotReady { program: &'static str, limit_seconds: u64, last_answer: String, log: PathBuf, tail: String },
    #[error("{program} could not be stopped within {limit_seconds} s")]
    NotStopped { program: &'static str, limit_seconds: u64 },
    #[error("the database refused {what}: {message}")]
    Database { what: &'static str, message: String },
    #[error("{what}")]
    Other { what: String },
}

pub type Result<T> = std::result::Result<T, StackError>;

/// Names the action and the path of a failed file operation, which `std::io::Error` leaves out.
pub trait FileContext<T> {
    fn context(self, action: &'static str, path: &Path) -> Result<T>;
}

impl<T> FileContext<T> for std::io::Result<T> {
    fn context(self, action: &'static str, path: &Path) -> Result<T> {
        self.map_err(|source| StackError::File { action, path: path.to_owned(), source })
    }
}
