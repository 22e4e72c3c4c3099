//! What a benchmark measures on: servers of its own with real commits, the sample, and the built `zhengtong` as child processes.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use diesel::connection::SimpleConnection;
use diesel::sql_types::BigInt;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl};
use platform::config::Config;
use platform::embedded::{Stack, StackOptions};
use platform::time::SystemClock;
use tempfile::TempDir;
use tenants::app::demo::{DEMO_PASSWORD, prepare_database};
use tenants::app::parts::Parts;
use tenants::app::work;
use tenants::bundles;
use url::Url;

use super::wire::Wire;

/// A process that is not ready after this long will not be.
const READY_LIMIT: Duration = Duration::from_secs(30);
/// Between two looks at something that is about to happen.
const POLL: Duration = Duration::from_millis(5);

pub struct Rig {
    pub stack: Stack,
    pub config: Config,
    /// For preparing cases and looking inside; the measured server has parts of its own.
    pub parts: Parts,
    folder: TempDir,
}

impl Rig {
    /// Servers with `fsync`, tables, the sample. `pool_size` is the measured server's.
    pub async fn start(pool_size: u32) -> anyhow::Result<Rig> {
        let folder = tempfile::Builder::new().prefix("zt-bench-").tempdir()?;
        let options = StackOptions { data_dir: folder.path().join("data"), durable: true, report: crate::world::silent() };
        let stack = actix_web::web::block(move || Stack::start(options)).await??;
        let mut config = stack.config();
        config.database.pool_size = pool_size;
        config.console_dir = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../tenants/console/dist"));
        prepare_database(&stack.superuser_url(), &config).await?;
        let parts = Parts::connect(&config, SystemClock::shared()).await?;
        let bundle_folder = bundles::folder::default_dir().context("the sample bundle is in the source tree")?;
        let bundle = bundles::read::read(&bundle_folder).map_err(|problems| anyhow::anyhow!("the sample bundle: {problems:?}"))?;
        bundles::apply::apply(&parts.context.db, bundle, DEMO_PASSWORD, parts.context.now()).await?;
        Ok(Rig { stack, config, parts, folder })
    }

    /// Starts `zhengtong serve` on a free port and waits until it is ready.
    pub async fn serve(&self) -> anyhow::Result<Running> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut config = self.config.clone();
        config.listen = address;
        config.public_url = Url::parse(&format!("http://{address}"))?;
        let begin = Instant::now();
        let mut running = Running { child: self.spawn("serve", &config)?, address, startup: Duration::ZERO };
        wait_ready(address).await?;
        running.startup = begin.elapsed();
        Ok(running)
    }

    /// Starts `zhengtong work`.
    pub fn work(&self) -> anyhow::Result<Running> {
        Ok(Running { child: self.spawn("work", &self.config)?, address: self.config.listen, startup: Duration::ZERO })
    }

    fn spawn(&self, command: &str, config: &Config) -> anyhow::Result<Child> {
        let program = std::env::current_exe()?.with_file_name("zhengtong");
        ensure!(program.exists(), "{} is missing: build it with the same profile (make does)", program.display());
        let log = File::create(self.folder.path().join(format!("{command}.log")))?;
        let child = Command::new(&program)
            .arg(command)
            .envs(config.environment())
            .env("RUST_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn();
        child.with_context(|| format!("{} cannot be started", program.display()))
    }

    /// Does in this process what a worker would, until nothing is left to do.
    pub async fn settle(&self) -> anyhow::Result<()> {
        let worker = work::worker(&self.parts);
        while self.count(WAITING)? > 0 {
            worker.turn().await?;
        }
        Ok(())
    }

    /// Waits until other processes have done all jobs and delivered all messages.
    pub async fn wait_for_workers(&self, limit: Duration) -> anyhow::Result<()> {
        let begin = Instant::now();
        while self.count(WAITING)? > 0 {
            ensure!(begin.elapsed() < limit, "jobs are still waiting after {limit:?}");
            tokio::time::sleep(20 * POLL).await;
        }
        Ok(())
    }

    pub fn superuser(&self) -> anyhow::Result<PgConnection> {
        Ok(PgConnection::establish(&self.stack.superuser_url())?)
    }

    pub fn execute(&self, sql: &str) -> anyhow::Result<()> {
        Ok(self.superuser()?.batch_execute(sql)?)
    }

    /// Answers a `SELECT … AS n`, past every wall.
    pub fn count(&self, sql: &str) -> anyhow::Result<i64> {
        #[derive(QueryableByName)]
        struct Count {
            #[diesel(sql_type = BigInt)]
            n: i64,
        }
        Ok(diesel::sql_query(sql).get_result::<Count>(&mut self.superuser()?)?.n)
    }

    /// Statements of the login role, one a line, that `act` made PostgreSQL log: on a server process of its own, so that those measured
    /// later write no log.
    pub async fn statements_of<F>(&self, act: impl FnOnce(SocketAddr) -> F) -> anyhow::Result<Vec<String>>
    where
        F: Future<Output = anyhow::Result<Marks>>,
    {
        self.execute("ALTER ROLE zt_login SET log_statement = 'all'")?;
        let server = self.serve().await?;
        let marks = act(server.address).await?;
        server.stop()?;
        self.execute("ALTER ROLE zt_login RESET log_statement")?;
        let log = std::fs::read_to_string(self.stack.data_dir().join("logs/postgres.log"))?;
        let lines = log[marks.from..marks.to.min(log.len())].lines();
        Ok(lines.filter_map(statement_of).map(str::to_owned).collect())
    }

    /// Length of PostgreSQL's log, to know later what was written after this moment.
    pub fn log_length(&self) -> anyhow::Result<usize> {
        Ok(usize::try_from(self.stack.data_dir().join("logs/postgres.log").metadata()?.len())?)
    }

    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }
}

/// Jobs and messages that are still to be done.
const WAITING: &str =
    "SELECT count(*) AS n FROM (SELECT 1 FROM job WHERE state = 'waiting' UNION ALL SELECT 1 FROM outbox WHERE state = 'waiting') AS w";

/// A part of PostgreSQL's log, in bytes.
pub struct Marks {
    pub from: usize,
    pub to: usize,
}

/// A child process of the rig; dropping it kills it.
pub struct Running {
    child: Child,
    pub address: SocketAddr,
    /// From exec to ready.
    pub startup: Duration,
}

impl Running {
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Resident memory in MB.
    pub fn memory_mb(&self) -> anyhow::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kilobytes / 1024)
    }

    pub fn stop(mut self) -> anyhow::Result<()> {
        let id = nix::unistd::Pid::from_raw(i32::try_from(self.child.id())?);
        nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGTERM)?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn wait_ready(address: SocketAddr) -> anyhow::Result<()> {
    let begin = Instant::now();
    loop {
        if let Ok(mut wire) = Wire::connect(address).await
            && wire.get("/health/ready").await.is_ok_and(|reply| reply.status == 200)
        {
            return Ok(());
        }
        ensure!(begin.elapsed() < READY_LIMIT, "zhengtong serve is not ready after {READY_LIMIT:?}");
        tokio::time::sleep(POLL).await;
    }
}

/// `… LOG:  execute name: SELECT …` and `… LOG:  statement: BEGIN; …`
fn statement_of(line: &str) -> Option<&str> {
    let (_, logged) = line.split_once("LOG:  ")?;
    match logged.strip_prefix("statement: ") {
        Some(text) => Some(text),
        None => Some(logged.strip_prefix("execute ")?.split_once(": ")?.1),
    }
}

/// Processor time in milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct ProcessorTime {
    pub server_ms: f64,
    pub database_ms: f64,
    pub redis_ms: f64,
}

impl ProcessorTime {
    /// What a process of ours, all processes of PostgreSQL and Redis have used so far.
    pub fn now(rig: &Rig, server: Option<u32>) -> anyhow::Result<ProcessorTime> {
        let postmaster = rig.stack.postgres_pid().context("PostgreSQL runs")?;
        let redis = rig.stack.redis_pid().context("Redis runs")?;
        Ok(ProcessorTime {
            server_ms: server.map_or(Ok(0.0), |id| used_ms(id, false))?,
            database_ms: family_ms(postmaster)?,
            redis_ms: used_ms(redis, false)?,
        })
    }

    pub fn since(self, before: ProcessorTime) -> ProcessorTime {
        ProcessorTime {
            server_ms: self.server_ms - before.server_ms,
            database_ms: self.database_ms - before.database_ms,
            redis_ms: self.redis_ms - before.redis_ms,
        }
    }
}

/// The postmaster, its living children, and through its waited-for times those that have ended.
fn family_ms(postmaster: u32) -> anyhow::Result<f64> {
    let mut total = used_ms(postmaster, true)?;
    for entry in std::fs::read_dir("/proc")?.filter_map(Result::ok) {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        // Those that end while we look are in the postmaster's times at the next look.
        if fields_of(id).is_ok_and(|fields| fields[1] == postmaster.to_string()) {
            total += used_ms(id, false).unwrap_or(0.0);
        }
    }
    Ok(total)
}

fn used_ms(id: u32, with_ended_children: bool) -> anyhow::Result<f64> {
    /// USER_HZ, the unit of /proc/<pid>/stat on every Linux.
    const TICK_MS: f64 = 10.0;
    let fields = fields_of(id)?;
    let last = if with_ended_children { 14 } else { 12 };
    let ticks: f64 = fields[11..=last].iter().filter_map(|field| field.parse::<f64>().ok()).sum();
    Ok(ticks * TICK_MS)
}

/// Fields of /proc/<pid>/stat from the third (state) on; utime, stime, cutime, cstime are at 11 to 14.
fn fields_of(id: u32) -> anyhow::Result<Vec<String>> {
    let text = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
    let (_, rest) = text.rsplit_once(") ").context("an unusual /proc/<pid>/stat")?;
    Ok(rest.split_whitespace().map(str::to_owned).collect())
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        length if length % 2 == 1 => values[length / 2],
        length => f64::midpoint(values[length / 2 - 1], values[length / 2]),
    }
}
