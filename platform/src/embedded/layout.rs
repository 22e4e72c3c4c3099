//! Where the stack keeps its things.
//!
//! ```text
//! <data_dir>/keys.json      passwords and the data key, made once, readable by us only
//!            logs/          output of the servers
//!            s3/<bucket>/   objects        mail/  sms/   letters and messages as files
//!            server/        what the servers write: postgres/  redis/  socket/
//!            server.path    where `server` is, if it could not be here
//! ```
//!
//! `server` cannot be inside `data_dir` when we are root and the servers' account cannot walk down to it (a clone under /root). It is then
//! /var/tmp/zhengtong-<name>, and `server.path` says so. The name is drawn at random once and stored in keys.json, so nobody can stand in
//! our way with a folder prepared in advance, and a data folder that is moved finds its servers' files again.

use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::account::{ServerAccount, is_ours};
use super::error::{FileContext, Result, StackError};

/// Where the servers' files go if the data folder is out of their reach. Unlike /tmp it outlives a restart of the machine.
const FALLBACK_FOLDER: &str = "/var/tmp";
/// The kernel's limit for the path of a socket is 108 bytes with the closing zero; PostgreSQL adds `/.s.PGSQL.65535.lock`.
const SOCKET_FOLDER_BYTES_MAX: usize = 107 - 20;
const FOLDER_PREFIX: &str = "zhengtong-";

/// Everything secret about one data folder.
#[derive(Clone, Serialize, Deserialize)]
pub struct Keys {
    /// Distinguishes this data folder from every other: names the folders that have to be elsewhere.
    pub name: String,
    pub data_key: String,
    pub superuser_password: String,
    pub owner_password: String,
    pub login_password: String,
    pub redis_password: String,
    pub s3_secret_key: String,
}

pub struct Layout {
    pub data_dir: PathBuf,
    /// The parent of everything the servers write.
    pub server_dir: PathBuf,
    pub postgres_dir: PathBuf,
    pub redis_dir: PathBuf,
    pub socket_dir: PathBuf,
    pub logs_dir: PathBuf,
    pub s3_dir: PathBuf,
    pub mail_dir: PathBuf,
    pub sms_dir: PathBuf,
    pub keys: Keys,
    /// Held as long as the stack runs: two stacks in one folder would destroy each other's data.
    _lock: File,
}

impl Layout {
    /// Creates what is missing and takes the lock.
    pub fn prepare(data_dir: &Path, account: Option<&ServerAccount>) -> Result<Layout> {
        if let Some(parent) = data_dir.parent() {
            std::fs::create_dir_all(parent).context("create", parent)?;
        }
        make_folder(data_dir, None)?;
        let data_dir = data_dir.canonicalize().context("resolve", data_dir)?;
        if account.is_some() {
            // The servers' account must pass through to `server`; it need not look around.
            let mode = data_dir.metadata().context("look at", &data_dir)?.mode() & 0o7777;
            let passable = Permissions::from_mode(mode | 0o011);
            std::fs::set_permissions(&data_dir, passable).context("set the mode of", &data_dir)?;
        }
        let lock = take_lock(&data_dir)?;
        let keys = load_or_make_keys(&data_dir.join("keys.json"))?;
        let server_dir = place_server_dir(&data_dir, &keys, account)?;
        let socket_dir = place_socket_dir(&server_dir, &keys, account)?;
        let layout = Layout {
            postgres_dir: server_dir.join("postgres"),
            redis_dir: server_dir.join("redis"),
            socket_dir,
            logs_dir: data_dir.join("logs"),
            s3_dir: data_dir.join("s3"),
            mail_dir: data_dir.join("mail"),
            sms_dir: data_dir.join("sms"),
            server_dir,
            data_dir,
            keys,
            _lock: lock,
        };
        make_folder(&layout.redis_dir, account)?;
        for folder in [&layout.logs_dir, &layout.s3_dir, &layout.mail_dir, &layout.sms_dir] {
            make_folder(folder, None)?;
        }
        Ok(layout)
    }

    pub fn is_server_dir_elsewhere(&self) -> bool {
        !self.server_dir.starts_with(&self.data_dir)
    }

    pub fn is_socket_dir_elsewhere(&self) -> bool {
        !self.socket_dir.starts_with(&self.server_dir)
    }

    /// Removes everything, the data folder included.
    pub fn erase(&self) -> Result<()> {
        if self.is_server_dir_elsewhere() {
            std::fs::remove_dir_all(&self.server_dir).context("remove", &self.server_dir)?;
        }
        std::fs::remove_dir_all(&self.data_dir).context("remove", &self.data_dir)
    }
}

/// A folder for one account only; one that is there already is left as it is.
pub fn make_folder(folder: &Path, account: Option<&ServerAccount>) -> Result<()> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error).context("create", folder),
        Ok(()) => account.map_or(Ok(()), |account| account.own(folder)),
    }
}

/// A new file that only we (or, if given, the servers' account) can read.
pub fn write_private(path: &Path, text: &str, account: Option<&ServerAccount>) -> Result<()> {
    let new = path.with_extension("new");
    match std::fs::remove_file(&new) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(error).context("remove", &new);
        }
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new).context("create", &new)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).context("write", &new)?;
    if let Some(account) = account {
        account.own(&new)?;
    }
    std::fs::rename(&new, path).context("rename", &new)
}

fn take_lock(data_dir: &Path) -> Result<File> {
    let path = data_dir.join("lock");
    let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path).context("open", &path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StackError::InUse { path: data_dir.to_owned() }),
        Err(TryLockError::Error(error)) => Err(error).context("lock", &path),
    }
}

fn load_or_make_keys(path: &Path) -> Result<Keys> {
    match std::fs::read_to_string(path) {
        Ok(text) => serde_json::from_str(&text).map_err(|error| StackError::Other {
            what: format!(
                "{} is damaged ({error}); without it the data cannot be read, so restore it or remove the data folder",
                path.display()
            ),
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let keys = Keys {
                name: hex::encode(rand::random::<[u8; 8]>()),
                data_key: hex::encode(rand::random::<[u8; 32]>()),
                superuser_password: make_password(),
                owner_password: make_password(),
                login_password: make_password(),
                redis_password: make_password(),
                s3_secret_key: make_password(),
            };
            let text = serde_json::to_string_pretty(&keys).expect("strings always become JSON");
            write_private(path, &text, None)?;
            Ok(keys)
        }
        Err(error) => Err(error).context("read", path),
    }
}

fn make_password() -> String {
    hex::encode(rand::random::<[u8; 16]>())
}

fn place_server_dir(data_dir: &Path, keys: &Keys, account: Option<&ServerAccount>) -> Result<PathBuf> {
    let inside = data_dir.join("server");
    if account.is_none_or(|account| account.can_reach(&inside)) {
        make_folder(&inside, account)?;
        return Ok(inside);
    }
    let outside = Path::new(FALLBACK_FOLDER).join(format!("{FOLDER_PREFIX}{}", keys.name));
    make_own_folder(&outside, account)?;
    write_private(&data_dir.join("server.path"), &format!("{}\n", outside.display()), None)?;
    Ok(outside)
}

fn place_socket_dir(server_dir: &Path, keys: &Keys, account: Option<&ServerAccount>) -> Result<PathBuf> {
    let inside = server_dir.join("socket");
    if inside.as_os_str().len() <= SOCKET_FOLDER_BYTES_MAX {
        make_folder(&inside, account)?;
        return Ok(inside);
    }
    // Root's XDG_RUNTIME_DIR is closed to the servers' account.
    let runtime_dir = std::env::var_os("XDG_RUNTIME_DIR")
        .map(PathBuf::from)
        .filter(|folder| account.is_none() && folder.is_dir() && folder.as_os_str().len() + 32 <= SOCKET_FOLDER_BYTES_MAX);
    let base = runtime_dir.unwrap_or_else(|| PathBuf::from("/tmp"));
    let outside = base.join(format!("{FOLDER_PREFIX}{}", keys.name));
    make_own_folder(&outside, account)?;
    Ok(outside)
}

/// A folder in a place that others can write to as well.
fn make_own_folder(folder: &Path, account: Option<&ServerAccount>) -> Result<()> {
    make_folder(folder, account)?;
    if is_ours(folder, account)? {
        return Ok(());
    }
    Err(StackError::NotOurs { path: folder.to_owned(), cure: "remove it, or begin with a new data folder" })
}
