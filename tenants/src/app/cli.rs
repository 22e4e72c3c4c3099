//! What an operator types. Each command reads its settings once, does its work, and ends with a code that a script can read.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use platform::config::Config;
use platform::db::bootstrap;
use platform::time::SystemClock;
use tokio::sync::Notify;

use super::parts::Parts;
use super::{demo, doctor, http, verify, work};
use crate::bundles;

#[derive(Parser)]
#[command(name = "zhengtong", version, about = "政通: one platform, many jurisdictions")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Bring up everything on this machine, with a sample county; Ctrl-C stops it, the data stay
    Demo(demo::DemoOptions),
    /// Serve pages and API (needs ZT_* settings; see docs/OPERATIONS.md)
    Serve {
        /// Serve and work in one process
        #[arg(long)]
        with_worker: bool,
    },
    /// Do the jobs and carry the messages between tenants
    Work,
    /// Make the database's tables and policies what this version needs
    Migrate {
        /// Make the cluster's roles first: a superuser's URL (passwords are taken from ZT_DATABASE_URL and ZT_DATABASE_OWNER_URL)
        #[arg(long)]
        bootstrap_url: Option<String>,
    },
    /// Put a bundle of tenants and matters into the database
    Load {
        /// Folder of the bundle
        folder: PathBuf,
        /// File with the first password of accounts that are made
        #[arg(long)]
        password_file: PathBuf,
    },
    /// Check every chain of events and name the first altered record
    Verify {
        /// Only this tenant
        #[arg(long)]
        tenant: Option<i64>,
    },
    /// Check each dependency and say what to do
    Doctor,
    /// Print the OpenAPI document
    Openapi,
}

pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    tracing_subscriber_init();
    match actix_web::rt::System::new().block_on(run(arguments.command)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("zhengtong: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Demo(options) => demo::run(options).await?,
        Command::Serve { with_worker } => serve(with_worker).await?,
        Command::Work => {
            let parts = connect(&config()?).await?;
            let stop = stop_on_signal();
            tracing::info!("working");
            work::run(&parts, stop).await;
        }
        Command::Migrate { bootstrap_url } => migrate(bootstrap_url)?,
        Command::Load { folder, password_file } => load(&folder, &password_file).await?,
        Command::Verify { tenant } => return verify_chains(tenant).await,
        Command::Doctor => return Ok(doctor::run().await),
        Command::Openapi => println!("{}", http::api_document().to_pretty_json()?),
    }
    Ok(ExitCode::SUCCESS)
}

fn config() -> anyhow::Result<Config> {
    Ok(Config::from_env(&|name| std::env::var(name).ok())?)
}

async fn connect(config: &Config) -> anyhow::Result<Parts> {
    Ok(Parts::connect(config, Arc::new(SystemClock)).await?)
}

async fn serve(with_worker: bool) -> anyhow::Result<()> {
    let config = config()?;
    let parts = connect(&config).await?;
    let listener =
        TcpListener::bind(config.listen).map_err(|error| anyhow::anyhow!("cannot listen on {} (ZT_LISTEN): {error}", config.listen))?;
    tracing::info!(address = %config.listen, "serving");
    run_server(parts, listener, &config, with_worker, stop_on_signal()).await
}

/// Serves, and works besides if asked, until `stop` is notified.
pub async fn run_server(parts: Parts, listener: TcpListener, config: &Config, with_worker: bool, stop: Arc<Notify>) -> anyhow::Result<()> {
    let server = http::serve(parts.clone(), listener, config.http_workers, config.console_dir.clone())?;
    let handle = server.handle();
    let worker_stop = Arc::new(Notify::new());
    let worker = with_worker.then(|| {
        let (parts, stop) = (parts.clone(), worker_stop.clone());
        actix_web::rt::spawn(async move { work::run(&parts, stop).await })
    });
    actix_web::rt::spawn(async move {
        stop.notified().await;
        handle.stop(true).await;
    });
    server.await?;
    worker_stop.notify_one();
    if let Some(worker) = worker {
        worker.await?;
    }
    Ok(())
}

fn migrate(bootstrap_url: Option<String>) -> anyhow::Result<()> {
    let config = config()?;
    if let Some(superuser_url) = bootstrap_url {
        let login = password_of(&config.database.url)?;
        let owner = password_of(&config.database.owner_url)?;
        let database = url::Url::parse(&config.database.url)?.path().trim_start_matches('/').to_owned();
        bootstrap::make_roles(&superuser_url, &database, &bootstrap::RolePasswords { owner: &owner, login: &login })?;
        println!("roles: made");
    }
    let ran = bootstrap::migrate(&config.database.owner_url)?;
    println!("migrations: {}", if ran.is_empty() { "nothing to do".to_owned() } else { ran.join(", ") });
    Ok(())
}

fn password_of(database_url: &str) -> anyhow::Result<String> {
    let url = url::Url::parse(database_url)?;
    let encoded = url.password().ok_or_else(|| anyhow::anyhow!("the database URL of {} has no password", url.username()))?;
    let decoded: String =
        url::form_urlencoded::parse(format!("p={}", encoded.replace('+', "%2B")).as_bytes()).map(|(_, value)| value.into_owned()).collect();
    Ok(decoded)
}

async fn load(folder: &std::path::Path, password_file: &std::path::Path) -> anyhow::Result<()> {
    let config = config()?;
    let parts = connect(&config).await?;
    let password = std::fs::read_to_string(password_file)?;
    let bundle = bundles::read::read(folder)
        .map_err(|problems| anyhow::anyhow!("the bundle has {} problems:\n{}", problems.len(), list(&problems)))?;
    let applied = bundles::apply::apply(&parts.context.db, bundle, password.trim(), parts.context.now()).await?;
    println!("{applied:?}");
    Ok(())
}

fn list(problems: &[impl std::fmt::Display]) -> String {
    problems.iter().map(|problem| format!("  {problem}")).collect::<Vec<_>>().join("\n")
}

async fn verify_chains(tenant: Option<i64>) -> anyhow::Result<ExitCode> {
    let parts = connect(&config()?).await?;
    let report = verify::verify(&parts.context.db, &parts.context.register, tenant).await?;
    for broken in &report.broken {
        println!("{broken}");
    }
    println!("cases={} events={} broken={}", report.cases, report.events, report.broken.len());
    Ok(if report.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) })
}

/// Notified once when the process is asked to stop.
pub fn stop_on_signal() -> Arc<Notify> {
    let stop = Arc::new(Notify::new());
    let notify = stop.clone();
    actix_web::rt::spawn(async move {
        use tokio::signal::unix::{SignalKind, signal};
        let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) else {
            tracing::error!("signals cannot be listened for");
            return;
        };
        tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
        notify.notify_one();
    });
    stop
}

fn tracing_subscriber_init() {
    platform::http::telemetry::init();
}
