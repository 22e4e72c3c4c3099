//! Starting, watching and stopping child processes so that none of them outlives us.
//!
//! A child asks the kernel for a signal when its parent dies (`setpriv --pdeathsig`), so even SIGKILL of this process takes the servers
//! along. That promise is bound to the *thread* that started the child, which is why all of them are started by one thread, the
//! [`Keeper`], that lives as long as the stack. Where `setpriv` is missing, leftovers are found and stopped by the next start.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::account::ServerAccount;
use super::error::{FileContext, Result, StackError};
use super::programs::find_program;

/// Pause between two looks at something that is about to happen; every such wait has a limit of its own.
pub const POLL: Duration = Duration::from_millis(10);
/// A log larger than this is set aside at the next start.
const LOG_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// How much of a log an error message shows.
const TAIL_LINES: usize = 25;
const TAIL_BYTES: u64 = 16 * 1024;

type Order = (Command, mpsc::Sender<std::io::Result<Child>>);

/// The long-lived thread that is the parent of every child.
pub struct Keeper {
    orders: Option<mpsc::Sender<Order>>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    pub fn start() -> Result<Keeper> {
        let (orders, inbox) = mpsc::channel::<Order>();
        let work = move || {
            for (mut command, answer) in inbox {
                // A caller that no longer waits for the answer cannot exist: `spawn` below blocks on it.
                let _ = answer.send(command.spawn());
            }
        };
        let thread = std::thread::Builder::new().name("keeper".into()).spawn(work);
        let thread = thread.map_err(|source| StackError::Spawn { program: "the keeper thread", source })?;
        Ok(Keeper { orders: Some(orders), thread: Some(thread) })
    }

    pub fn spawn(&self, program: &'static str, command: Command) -> Result<Child> {
        let (answer, result) = mpsc::channel();
        let gone = || std::io::Error::other("the keeper thread has ended");
        let outcome = match &self.orders {
            Some(orders) if orders.send((command, answer)).is_ok() => result.recv().unwrap_or_else(|_| Err(gone())),
            _ => Err(gone()),
        };
        outcome.map_err(|source| StackError::Spawn { program, source })
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.orders.take();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// How commands are wrapped on this machine: as which account, and whether the kernel can be asked to end them with us.
pub struct Launcher {
    setpriv: Option<PathBuf>,
    account: Option<ServerAccount>,
}

impl Launcher {
    pub fn new(account: Option<ServerAccount>) -> Launcher {
        let knows_death_signals = |program: &PathBuf| {
            let help = Command::new(program).arg("--help").output();
            help.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("pdeathsig"))
        };
        Launcher { setpriv: find_program("setpriv").filter(knows_death_signals), account }
    }

    /// `program` with a bare environment, no terminal, the right account, and `at_parents_death` (such as `INT`) as last signal.
    /// It gets a process group of its own: Ctrl-C in the terminal is for us, who then stop the servers in good order.
    pub fn command(&self, program: &Path, folder: &Path, at_parents_death: &str) -> Command {
        let mut command = match (&self.setpriv, &self.account) {
            (Some(setpriv), account) => {
                let mut command = Command::new(setpriv);
                command.args(["--pdeathsig", at_parents_death]);
                if let Some(account) = account {
                    command.arg("--reuid").arg(account.user_id.to_string());
                    command.arg("--regid").arg(account.group_id.to_string());
                    command.arg("--clear-groups");
                }
                command.arg("--").arg(program);
                command
            }
            (None, account) => {
                let mut command = Command::new(program);
                if let Some(account) = account {
                    // The standard library drops the supplementary groups along with root.
                    command.gid(account.group_id).uid(account.user_id);
                }
                command
            }
        };
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").env("TZ", "UTC");
        command.current_dir(folder).stdin(Stdio::null()).process_group(0);
        command
    }
}

/// A log file that grows over the starts; remembers where the present one begins.
#[derive(Debug, Clone)]
pub struct Log {
    pub path: PathBuf,
    begin_bytes: u64,
}

impl Log {
    /// Opens `path` for a new start and directs the output of `command` there.
    pub fn attach(path: &Path, command: &mut Command) -> Result<Log> {
        if path.metadata().is_ok_and(|metadata| metadata.len() > LOG_BYTES_MAX) {
            std::fs::rename(path, path.with_extension("log.old")).context("set aside", path)?;
        }
        let file = OpenOptions::new().create(true).append(true).open(path).context("open", path)?;
        let begin_bytes = file.metadata().context("look at", path)?.len();
        let second = file.try_clone().context("open", path)?;
        command.stdout(file).stderr(second);
        Ok(Log { path: path.to_owned(), begin_bytes })
    }

    /// The last lines of this start.
    pub fn tail(&self) -> String {
        let read = || -> std::io::Result<Vec<u8>> {
            let mut file = File::open(&self.path)?;
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(self.begin_bytes.max(length.saturating_sub(TAIL_BYTES))))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        let bytes = read().unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<_> = text.lines().map(|line| format!("  {line}")).collect();
        lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
    }
}

/// Asks `is_ready` again and again until it is, the child ends, or `limit` has passed.
pub fn wait_ready(
    program: &'static str,
    child: &mut Child,
    log: &Log,
    limit: Duration,
    mut is_ready: impl FnMut() -> std::result::Result<(), String>,
) -> Result<()> {
    let begin = Instant::now();
    loop {
        let answer = match is_ready() {
            Ok(()) => return Ok(()),
            Err(answer) => answer,
        };
        if let Ok(Some(status)) = child.try_wait() {
            let (log, tail) = (log.path.clone(), log.tail());
            return Err(StackError::Ended { program, status: status.to_string(), log, tail });
        }
        if begin.elapsed() > limit {
            let (log, tail) = (log.path.clone(), log.tail());
            return Err(StackError::NotReady { program, limit_seconds: limit.as_secs(), last_answer: answer, log, tail });
        }
        std::thread::sleep(POLL);
    }
}

/// Waits until `is_done`, at most `limit`; whether it came to pass.
pub fn wait_until(limit: Duration, mut is_done: impl FnMut() -> bool) -> bool {
    let begin = Instant::now();
    while !is_done() {
        if begin.elapsed() > limit {
            return false;
        }
        std::thread::sleep(POLL);
    }
    true
}

/// Processes called `name` that work in `folder`: both servers change into their data folder, so this finds a server with all its
/// children, including those an earlier, killed run of ours left behind, and nothing else. (A process that has ended but was not yet waited for
/// has no working folder any more, so it is not among them.)
pub fn processes_in(folder: &Path, name: &str) -> Vec<Pid> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbered = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let belongs = |number: &i32| {
        let process = PathBuf::from(format!("/proc/{number}"));
        let has_name = std::fs::read_to_string(process.join("comm")).is_ok_and(|found| found.trim_end() == name);
        has_name && std::fs::read_link(process.join("cwd")).is_ok_and(|found| found == folder)
    };
    numbered.filter(belongs).map(Pid::from_raw).collect()
}

/// Sends `signal` to each; one that has just ended is no error.
pub fn send(signal: Signal, processes: &[Pid]) {
    for process in processes {
        let _ = kill(*process, signal);
    }
}

/// Gets rid of what an earlier run left in `folder`: politely with `gentle` to `head` (or all), then with SIGKILL.
pub fn clear_leftovers(
    program: &'static str,
    folder: &Path,
    name: &str,
    head: Option<Pid>,
    gentle: Signal,
    limit: Duration,
) -> Result<bool> {
    let found = processes_in(folder, name);
    if found.is_empty() {
        return Ok(false);
    }
    send(Signal::SIGCONT, &found);
    match head.filter(|head| found.contains(head)) {
        Some(head) => send(gentle, &[head]),
        // Without their head the others are orphans that only wait to notice it.
        None => send(Signal::SIGKILL, &found),
    }
    let is_empty = || processes_in(folder, name).is_empty();
    if !wait_until(limit, is_empty) {
        send(Signal::SIGKILL, &processes_in(folder, name));
        if !wait_until(limit, is_empty) {
            return Err(StackError::NotStopped { program, limit_seconds: limit.as_secs() });
        }
    }
    Ok(true)
}

/// A port of 127.0.0.1 that was free a moment ago; whoever uses it must be ready to ask for another.
pub fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let address = listener.and_then(|listener| listener.local_addr());
    Ok(address.context("find a free port on", Path::new("127.0.0.1"))?.port())
}
