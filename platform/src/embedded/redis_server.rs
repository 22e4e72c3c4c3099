//! A private Redis on a port of 127.0.0.1, with a password.

use std::path::PathBuf;
use std::process::Child;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use nix::sys::signal::Signal;
use nix::unistd::Pid;

use super::account::ServerAccount;
use super::children::{self, Keeper, Launcher, Log};
use super::error::{Result, StackError};
use super::layout::{Layout, write_private};
use super::programs;

/// A start may have to read the whole append-only file.
const START_LIMIT: Duration = Duration::from_secs(60);
const STOP_LIMIT: Duration = Duration::from_secs(10);
const CONNECT_LIMIT: Duration = Duration::from_secs(1);
const PORT_ATTEMPTS: usize = 5;
const PROGRAM: &str = "Redis";
/// Numbered key spaces of the server. A platform uses the first; tests give one to each platform, so that they do not see each other's sessions.
pub const DATABASES: u32 = 4_096;

pub struct RedisServer {
    program: PathBuf,
    folder: PathBuf,
    log_path: PathBuf,
    password: String,
    is_durable: bool,
    account: Option<ServerAccount>,
    port: Mutex<u16>,
    child: Mutex<Option<Child>>,
}

impl RedisServer {
    /// Clears away what a killed run left behind; starts nothing yet.
    pub fn prepare(layout: &Layout, account: Option<&ServerAccount>, is_durable: bool) -> Result<RedisServer> {
        let server = RedisServer {
            program: programs::find_redis()?,
            folder: layout.redis_dir.clone(),
            log_path: layout.logs_dir.join("redis.log"),
            password: layout.keys.redis_password.clone(),
            is_durable,
            account: account.cloned(),
            port: Mutex::new(children::free_port()?),
            child: Mutex::new(None),
        };
        let name = server.process_name();
        let head = children::processes_in(&server.folder, &name).first().copied();
        children::clear_leftovers(PROGRAM, &server.folder, &name, head, Signal::SIGTERM, STOP_LIMIT)?;
        Ok(server)
    }

    /// Starts the server and waits until it answers. The first start chooses the port; later ones keep it.
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

    pub fn stop(&self) -> Result<()> {
        let Some(mut child) = lock(&self.child).take() else {
            return Ok(());
        };
        let head = Pid::from_raw(i32::try_from(child.id()).expect("process ids are small"));
        children::send(Signal::SIGCONT, &[head]);
        children::send(Signal::SIGTERM, &[head]);
        if !children::wait_until(STOP_LIMIT, || !matches!(child.try_wait(), Ok(None))) {
            kill(&mut child)?;
        }
        Ok(())
    }

    /// SIGKILL, as a power cut would do it.
    pub fn kill(&self) -> Result<()> {
        lock(&self.child).take().map_or(Ok(()), |mut child| kill(&mut child))
    }

    pub fn process_id(&self) -> Option<u32> {
        lock(&self.child).as_ref().map(Child::id)
    }

    pub fn url(&self) -> String {
        format!("redis://:{}@127.0.0.1:{}/0", self.password, *lock(&self.port))
    }

    fn start_once(&self, launcher: &Launcher, keeper: &Keeper) -> Result<()> {
        // In a file and not in arguments, which every user of the machine can list.
        let settings_path = self.folder.join("redis.conf");
        write_private(&settings_path, &self.settings(), self.account.as_ref())?;
        let mut command = launcher.command(&self.program, &self.folder, "TERM");
        command.arg(&settings_path);
        let log = Log::attach(&self.log_path, &mut command)?;
        let mut child = keeper.spawn(PROGRAM, command)?;
        let url = self.url();
        let answered = children::wait_ready(PROGRAM, &mut child, &log, START_LIMIT, || ping(&url));
        *lock(&self.child) = Some(child);
        if answered.is_err() {
            self.stop()?;
        }
        answered
    }

    fn settings(&self) -> String {
        let port = *lock(&self.port);
        let password = &self.password;
        let persistence = if self.is_durable { "appendonly yes\nappendfsync everysec\n" } else { "appendonly no\n" };
        // Sessions and limits are small. Nothing may be thrown out silently, so a full store refuses writes instead.
        format!(
            "bind 127.0.0.1\nport {port}\nrequirepass {password}\ndir ./\ndaemonize no\nsave \"\"\n{persistence}\
             databases {DATABASES}\nmaxmemory 256mb\nmaxmemory-policy noeviction\nlogfile \"\"\nloglevel notice\n"
        )
    }

    /// The name the kernel shows.
    fn process_name(&self) -> String {
        self.program.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }
}

fn ping(url: &str) -> std::result::Result<(), String> {
    let words = |error: redis::RedisError| error.to_string();
    let client = redis::Client::open(url).map_err(words)?;
    let mut connection = client.get_connection_with_timeout(CONNECT_LIMIT).map_err(words)?;
    redis::cmd("PING").query::<String>(&mut connection).map(|_| ()).map_err(words)
}

fn kill(child: &mut Child) -> Result<()> {
    let _ = child.kill();
    child.wait().map(|_| ()).map_err(|_| StackError::NotStopped { program: PROGRAM, limit_seconds: STOP_LIMIT.as_secs() })
}

/// A panic elsewhere does not make a port or a child unusable.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
