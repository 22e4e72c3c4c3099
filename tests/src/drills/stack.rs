//! A platform of its own for a drill: private servers, and the built `zhengtong` as child processes that may be killed.
//!
//! Promises: nothing is shared with another drill or test; no child outlives this process; every wait has a limit, and what goes wrong is shown
//! with the end of the log.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use platform::config::Config;
use platform::embedded::children::{self, Keeper, Launcher, Log};
use platform::embedded::{Stack, StackOptions, postgres};
use tempfile::TempDir;
use url::Url;

use crate::world;

/// A started server must answer within this time.
const READY_LIMIT: Duration = Duration::from_secs(30);
/// Pause between two looks at something that is about to happen.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// A hanging platform shows itself as an error of the request, not of the drill.
const LIVE_TIMEOUT: Duration = Duration::from_secs(2);

/// Servers with the sample in them, and the means to start the built program on them.
pub struct PrivateStack {
    pub stack: Arc<Stack>,
    pub config: Config,
    program: PathBuf,
    // Children are bound to the keeper's thread: it goes after them.
    launcher: Launcher,
    keeper: Keeper,
    folder: TempDir,
}

impl PrivateStack {
    /// Starts the servers as they are in production (committed means kept) and loads the sample.
    pub async fn start(prefix: &str) -> anyhow::Result<PrivateStack> {
        let program = built_program()?;
        let folder = tempfile::Builder::new().prefix(prefix).tempdir()?;
        // The folder itself: the servers' account may be another one, and only the data folder is opened for it to pass through.
        let data_dir = folder.path().to_owned();
        // Loading the sample needs a runtime of its own, so it happens outside ours.
        let (send, receive) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            let started =
                Stack::start(StackOptions { data_dir, durable: true, report: Arc::new(|line| eprintln!("  {line}")) }).inspect(|stack| {
                    world::prepare_database(&stack.superuser_url(), postgres::DATABASE, &stack.config());
                });
            // Whoever gave up waiting needs no stack.
            let _ = send.send(started);
        });
        let stack = receive.await.context("the servers were not prepared")??;
        let config = stack.config();
        Ok(PrivateStack { stack: Arc::new(stack), config, program, launcher: Launcher::new(None), keeper: Keeper::start()?, folder })
    }

    /// A web server of this platform on a free port, started and answering.
    pub async fn serve(&self, name: &str) -> anyhow::Result<Running> {
        let mut config = self.config.clone();
        config.listen = ([127, 0, 0, 1], children::free_port()?).into();
        config.public_url = Url::parse(&format!("http://{}", config.listen))?;
        config.http_workers = 1;
        let mut running = self.spawn(name, "serve", config)?;
        running.wait_until_live().await?;
        Ok(running)
    }

    /// A worker of this platform.
    pub fn work(&self, name: &str) -> anyhow::Result<Running> {
        self.spawn(name, "work", self.config.clone())
    }

    /// The same program once more, where it was: for one that was killed.
    pub async fn start_again(&self, killed: &mut Running) -> anyhow::Result<()> {
        *killed = self.spawn(&killed.name, killed.command, killed.config.clone())?;
        if killed.command == "serve" {
            killed.wait_until_live().await?;
        }
        Ok(())
    }

    /// What `zhengtong verify` says about this platform.
    pub async fn verify(&self) -> anyhow::Result<Verified> {
        verify(&self.config).await
    }

    fn spawn(&self, name: &str, command: &'static str, config: Config) -> anyhow::Result<Running> {
        let mut invocation = self.launcher.command(&self.program, self.folder.path(), "KILL");
        invocation.arg(command).envs(config.environment()).env("RUST_LOG", "warn");
        let log = Log::attach(&self.folder.path().join(format!("{name}.log")), &mut invocation)?;
        let process = self.keeper.spawn("zhengtong", invocation)?;
        Ok(Running { name: name.to_owned(), command, base: format!("http://{}", config.listen), config, process, log })
    }
}

/// A child process of the built program.
pub struct Running {
    pub name: String,
    pub base: String,
    command: &'static str,
    config: Config,
    process: Child,
    log: Log,
}

impl Running {
    /// SIGKILL, as if the machine had lost its power.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }

    /// An error when the process has ended by itself, which none of ours ever should.
    pub fn check_alive(&mut self) -> anyhow::Result<()> {
        match self.process.try_wait()? {
            None => Ok(()),
            Some(status) => anyhow::bail!("{} ended by itself with {status}; the end of its log:\n{}", self.name, self.log.tail()),
        }
    }

    /// Last lines of its log since its last start.
    pub fn tail(&self) -> String {
        self.log.tail()
    }

    async fn wait_until_live(&mut self) -> anyhow::Result<()> {
        let client = reqwest::Client::builder().timeout(LIVE_TIMEOUT).build()?;
        let begin = Instant::now();
        loop {
            self.check_alive()?;
            if client.get(format!("{}/health/live", self.base)).send().await.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            anyhow::ensure!(begin.elapsed() < READY_LIMIT, "{} does not answer; the end of its log:\n{}", self.name, self.tail());
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The answer of `zhengtong verify`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    pub exit_code: Option<i32>,
    /// One line for each broken chain: `tenant=… case=… event=… altered`.
    pub broken: Vec<String>,
    /// The last line: `cases=… events=… broken=…`.
    pub summary: String,
}

impl Verified {
    pub fn is_intact(&self) -> bool {
        self.exit_code == Some(0) && self.broken.is_empty() && self.summary.ends_with("broken=0")
    }

    /// Whether the program named exactly this one and said so by its exit code.
    pub fn names_only(&self, wanted: &str) -> bool {
        self.exit_code == Some(EXIT_BROKEN) && self.broken == [wanted] && self.summary.ends_with("broken=1")
    }
}

/// Exit code of `zhengtong verify` when a chain is broken.
const EXIT_BROKEN: i32 = 2;

/// Runs the built `zhengtong verify` with these settings.
pub async fn verify(config: &Config) -> anyhow::Result<Verified> {
    let mut command = Command::new(built_program()?);
    command.arg("verify").env_clear().env("RUST_LOG", "warn").envs(config.environment());
    let output = tokio::task::spawn_blocking(move || command.output()).await??;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let Some(summary) = lines.pop() else {
        anyhow::bail!("`zhengtong verify` said nothing but: {}", String::from_utf8_lossy(&output.stderr));
    };
    Ok(Verified { exit_code: output.status.code(), broken: lines, summary })
}

/// The program as it was built: beside the drill, or one folder above a test.
pub fn built_program() -> anyhow::Result<PathBuf> {
    let here = std::env::current_exe()?;
    let folders = here.ancestors().skip(1).take(2);
    let found = folders.map(|folder| folder.join("zhengtong")).find(|program| program.is_file());
    found.with_context(|| {
        let folder = here.parent().unwrap_or(Path::new("."));
        format!(
            "the program `zhengtong` has not been built: there is none in {} or above it. Run `cargo build --bin zhengtong`.",
            folder.display()
        )
    })
}
