//! The account the servers run under.
//!
//! PostgreSQL refuses to run as root. When we are root the servers therefore run as `postgres` if that account exists, else as `nobody`,
//! and their files belong to it. When we are not root they simply run as ourselves.

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;

use nix::unistd::{User, geteuid};

use super::error::{FileContext, Result, StackError};

/// Accounts tried in this order when we are root.
const ACCOUNTS: [&str; 2] = ["postgres", "nobody"];

#[derive(Debug, Clone)]
pub struct ServerAccount {
    pub name: String,
    pub user_id: u32,
    pub group_id: u32,
}

impl ServerAccount {
    /// The other account the servers need, or `None` where they can run as ourselves.
    pub fn needed() -> Result<Option<ServerAccount>> {
        if !geteuid().is_root() {
            return Ok(None);
        }
        let found = ACCOUNTS.iter().find_map(|name| User::from_name(name).ok().flatten());
        let user = found.ok_or_else(|| StackError::Other {
            what: "PostgreSQL does not run as root, and there is no account `postgres` or `nobody` to run it as".into(),
        })?;
        Ok(Some(ServerAccount { name: user.name, user_id: user.uid.as_raw(), group_id: user.gid.as_raw() }))
    }

    /// Gives `path` to the account.
    pub fn own(&self, path: &Path) -> Result<()> {
        chown(path, Some(self.user_id), Some(self.group_id)).context("hand over", path)
    }

    /// Whether the account can walk down to `path`, judged by the permission bits of every folder above it.
    pub fn can_reach(&self, path: &Path) -> bool {
        path.ancestors().skip(1).all(|folder| {
            folder.metadata().is_ok_and(|metadata| {
                let mode = metadata.permissions().mode();
                let search_bit = if metadata.uid() == self.user_id {
                    0o100
                } else if metadata.gid() == self.group_id {
                    0o010
                } else {
                    0o001
                };
                mode & search_bit != 0
            })
        })
    }
}

/// Whether `path` belongs to us or to the servers' account: anything else in a shared folder may have been planted there.
pub fn is_ours(path: &Path, account: Option<&ServerAccount>) -> Result<bool> {
    let metadata = path.symlink_metadata().context("look at", path)?;
    let owner = metadata.uid();
    let is_ours = owner == geteuid().as_raw() || account.is_some_and(|account| account.user_id == owner);
    Ok(metadata.is_dir() && is_ours)
}
