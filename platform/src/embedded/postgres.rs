//! A private PostgreSQL: one cluster, one server process, reachable through a socket in a closed folder and a port of 127.0.0.1,
//! always with a password.

use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::sql_types::{Bool, Text};
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl};
use nix::sys::signal::Signal;
use nix::unistd::Pid;

use super::account::ServerAccount;
use super::children::{self, Keeper, Launcher, Log};
use super::error::{FileContext, Result, StackError};
use super::layout::{Layout, write_private};
use super::programs::{self, PostgresPrograms};

pub const SUPERUSER: &str = "zt_super";
pub const DATABASE: &str = "zhengtong";

/// A start may have to replay everything since the last checkpoint.
const START_LIMIT: Duration = Duration::from_secs(120);
/// How long sessions get to end and the last checkpoint may take.
const STOP_LIMIT: Duration = Duration::from_secs(30);
/// After SIGKILL the kernel needs moments, not seconds.
const KILL_LIMIT: Duration = Duration::from_secs(10);
/// Somebody may take the free port before the server does.
const PORT_ATTEMPTS: usize = 5;
/// The name the kernel shows for every process of the server.
const PROCESS_NAME: &str = "postgres";
const PROGRAM: &str = "PostgreSQL";

/// For both uses. C ordering compares bytes, which in UTF-8 is the order of code points: as fast as can be, and an upgrade of the C
/// library cannot upset an index. Upper and lower case are Unicode's. Compilation of queries costs more than our short ones take.
const SETTINGS: &str = "\
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
jit = off
max_connections = 300
shared_buffers = 128MB
unix_socket_permissions = 0700
password_encryption = 'scram-sha-256'
log_line_prefix = '%m [%p] %q%u@%d '
log_checkpoints = off
logging_collector = off
";
/// Nothing that is committed is lost: the same promise as in production.
const SETTINGS_DURABLE: &str = "\
fsync = on
synchronous_commit = on
full_page_writes = on
";
/// For tests: quick, and safe against everything but a crash of the machine.
const SETTINGS_QUICK: &str = "\
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
autovacuum_naptime = 10min
";
const HOST_BASED_ACCESS: &str = "\
local all all scram-sha-256
host all all 127.0.0.1/32 scram-sha-256
";

pub struct Postgres {
    programs: PostgresPrograms,
    cluster_dir: PathBuf,
    socket_dir: PathBuf,
    log_path: PathBuf,
    superuser_password: String,
    port: Mutex<u16>,
    child: Mutex<Option<Child>>,
}

#[derive(QueryableByName)]
struct Exists {
    #[diesel(sql_type = Bool)]
    exists: bool,
}

impl Postgres {
    /// Makes the cluster if there is none, writes the settings, and clears away what a killed run left behind. Starts nothing yet.
    /// Returns also whether leftovers were found.
    pub fn prepare(
        layout: &Layout,
        launcher: &Launcher,
        keeper: &Keeper,
        account: Option<&ServerAccount>,
        is_durable: bool,
    ) -> Result<(Postgres, bool)> {
        let cluster_dir = layout.postgres_dir.clone();
        let made_by = std::fs::read_to_string(cluster_dir.join("PG_VERSION")).ok();
        let made_by = made_by.and_then(|text| text.trim().parse().ok());
        let programs = programs::find_postgres(made_by, &cluster_dir)?;
        if made_by.is_none() {
            make_cluster(layout, launcher, keeper, account, &programs, is_durable)?;
        }
        let use_settings = if is_durable { SETTINGS_DURABLE } else { SETTINGS_QUICK };
        write_private(&cluster_dir.join("zhengtong.conf"), &format!("{SETTINGS}{use_settings}"), account)?;
        write_private(&cluster_dir.join("pg_hba.conf"), HOST_BASED_ACCESS, account)?;
        let head = noted_postmaster(&cluster_dir);
        let gentle = Signal::SIGINT;
        let had_leftovers = children::clear_leftovers(PROGRAM, &cluster_dir, PROCESS_NAME, head, gentle, STOP_LIMIT)?;
        let postgres = Postgres {
            programs,
            cluster_dir,
            socket_dir: layout.socket_dir.clone(),
            log_path: layout.logs_dir.join("postgres.log"),
            superuser_password: layout.keys.superuser_password.clone(),
            port: Mutex::new(children::free_port()?),
            child: Mutex::new(None),
        };
        Ok((postgres, had_leftovers))
    }

    pub fn major_version(&self) -> u32 {
        self.programs.major
    }

    pub fn port(&self) -> u16 {
        *lock(&self.port)
    }

    /// Starts the server and waits until it answers. The first start chooses the port; later ones keep it, for others know it by then.
    pub fn start(&self, launcher: &Launcher, keeper: &Keeper, may_change_port: bool) -> Result<()> {
        let mut attempts_left = if may_change_port { PORT_ATTEMPTS } else { 1 };
        loop {
            attempts_left -= 1;
            match self.start_once(launcher, keeper) {
                Err(StackError::Ended { tail, .. }) if attempts_left > 0 && tail.contains("in use") => {
                    *lock(&self.port) = children::free_port()?;
                }
                outcome => return outcome,
            }
        }
    }

    /// Ends sessions and stops in good order; harder if that takes too long. Stopping what is stopped is no error.
    pub fn stop(&self) -> Result<()> {
        let Some(mut child) = lock(&self.child).take() else {
            return Ok(());
        };
        let head = Pid::from_raw(i32::try_from(child.id()).expect("process ids are small"));
        children::send(Signal::SIGCONT, &self.processes());
        for (signal, limit) in [(Signal::SIGINT, STOP_LIMIT), (Signal::SIGQUIT, KILL_LIMIT)] {
            children::send(signal, &[head]);
            if children::wait_until(limit, || !matches!(child.try_wait(), Ok(None))) {
                return self.wait_for_the_last(KILL_LIMIT);
            }
        }
        self.kill_all(&mut child)
    }

    /// SIGKILL to the server and all its children, as a power cut would do it.
    pub fn kill(&self) -> Result<()> {
        match lock(&self.child).take() {
            Some(mut child) => self.kill_all(&mut child),
            None => Ok(()),
        }
    }

    pub fn process_id(&self) -> Option<u32> {
        lock(&self.child).as_ref().map(Child::id)
    }

    /// Every process of the server, the head included.
    pub fn processes(&self) -> Vec<Pid> {
        children::processes_in(&self.cluster_dir, PROCESS_NAME)
    }

    /// Through the socket; the user's and the password's characters must need no escaping.
    pub fn socket_url(&self, user: &str, password: &str, database: &str) -> String {
        let folder = self.socket_dir.display().to_string();
        let host: String = url::form_urlencoded::byte_serialize(folder.as_bytes()).collect();
        format!("postgres://{user}:{password}@{}:{}/{database}", host.replace('+', "%20"), self.port())
    }

    /// Through 127.0.0.1, for programs that do not know sockets.
    pub fn tcp_url(&self, user: &str, password: &str, database: &str) -> String {
        format!("postgres://{user}:{password}@127.0.0.1:{}/{database}", self.port())
    }

    pub fn superuser_url(&self, database: &str) -> String {
        self.socket_url(SUPERUSER, &self.superuser_password, database)
    }

    /// Creates the database if it is not there.
    pub fn ensure_database(&self) -> Result<()> {
        let refused = |what: &'static str| move |message: String| StackError::Database { what, message };
        let connection = PgConnection::establish(&self.superuser_url("postgres"));
        let mut connection = connection.map_err(|error| refused("a connection")(error.to_string()))?;
        let found = diesel::sql_query("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1) AS exists")
            .bind::<Text, _>(DATABASE)
            .get_result::<Exists>(&mut connection)
            .map_err(|error| refused("to list its databases")(error.to_string()))?;
        if found.exists {
            return Ok(());
        }
        let created = connection.batch_execute(&format!("CREATE DATABASE {DATABASE}"));
        created.map_err(|error| refused("to create the database")(error.to_string()))
    }

    fn start_once(&self, launcher: &Launcher, keeper: &Keeper) -> Result<()> {
        let mut command = launcher.command(&self.programs.postgres, &self.cluster_dir, "INT");
        command.arg("-D").arg(&self.cluster_dir).arg("-k").arg(&self.socket_dir);
        command.args(["-h", "127.0.0.1", "-p"]).arg(self.port().to_string());
        let log = Log::attach(&self.log_path, &mut command)?;
        let mut child = keeper.spawn(PROGRAM, command)?;
        let url = format!("{}?connect_timeout=5", self.superuser_url("postgres"));
        let mut is_password_wrong = false;
        let answered = children::wait_ready(PROGRAM, &mut child, &log, START_LIMIT, || match PgConnection::establish(&url) {
            Ok(_) => Ok(()),
            Err(error) => {
                let message = error.to_string();
                is_password_wrong = message.contains("password authentication failed");
                if is_password_wrong { Ok(()) } else { Err(message) }
            }
        });
        *lock(&self.child) = Some(child);
        if is_password_wrong {
            self.stop()?;
            return Err(StackError::NotOurs {
                path: self.cluster_dir.clone(),
                cure: "keys.json and the database do not fit together: restore the one that was lost, or remove the data folder",
            });
        }
        if answered.is_err() {
            self.stop()?;
        }
        answered
    }

    fn kill_all(&self, child: &mut Child) -> Result<()> {
        // The head first, so that it cannot start anybody anew.
        let _ = child.kill();
        let _ = child.wait();
        children::send(Signal::SIGKILL, &self.processes());
        self.wait_for_the_last(KILL_LIMIT)
    }

    /// A new server refuses to start while a process of the old one still holds its memory.
    fn wait_for_the_last(&self, limit: Duration) -> Result<()> {
        if children::wait_until(limit, || self.processes().is_empty()) {
            return Ok(());
        }
        children::send(Signal::SIGKILL, &self.processes());
        if children::wait_until(limit, || self.processes().is_empty()) {
            return Ok(());
        }
        Err(StackError::NotStopped { program: PROGRAM, limit_seconds: limit.as_secs() })
    }
}

/// Runs initdb beside the final place and renames at the end: an interrupted first start leaves nothing half done.
fn make_cluster(
    layout: &Layout,
    launcher: &Launcher,
    keeper: &Keeper,
    account: Option<&ServerAccount>,
    programs: &PostgresPrograms,
    is_durable: bool,
) -> Result<()> {
    let unfinished = layout.server_dir.join("postgres.new");
    if unfinished.exists() {
        std::fs::remove_dir_all(&unfinished).context("remove", &unfinished)?;
    }
    let password_file = layout.server_dir.join("password");
    write_private(&password_file, &format!("{}\n", layout.keys.superuser_password), account)?;
    let mut command = launcher.command(&programs.initdb, &layout.server_dir, "KILL");
    command.arg("-D").arg(&unfinished).arg("--pwfile").arg(&password_file);
    command.args(["--username", SUPERUSER, "--auth", "scram-sha-256", "--encoding", "UTF8"]);
    command.args(["--locale", "C.UTF-8", "--lc-collate", "C", "--no-instructions"]);
    if !is_durable {
        command.arg("--no-sync");
    }
    let log = Log::attach(&layout.logs_dir.join("initdb.log"), &mut command)?;
    let status = keeper.spawn("initdb", command)?.wait();
    let status = status.map_err(|source| StackError::Spawn { program: "initdb", source })?;
    std::fs::remove_file(&password_file).context("remove", &password_file)?;
    if !status.success() {
        let (status, tail) = (status.to_string(), log.tail());
        return Err(StackError::Ended { program: "initdb", status, log: log.path, tail });
    }
    let settings = unfinished.join("postgresql.conf");
    let mut text = std::fs::read_to_string(&settings).context("read", &settings)?;
    text.push_str("\n# Written anew at every start; ALTER SYSTEM takes precedence over it.\ninclude = 'zhengtong.conf'\n");
    write_private(&settings, &text, account)?;
    std::fs::rename(&unfinished, &layout.postgres_dir).context("rename", &unfinished)
}

fn noted_postmaster(cluster_dir: &Path) -> Option<Pid> {
    let text = std::fs::read_to_string(cluster_dir.join("postmaster.pid")).ok()?;
    text.lines().next()?.trim().parse().ok().map(Pid::from_raw)
}

/// A panic elsewhere does not make a port or a child unusable.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
