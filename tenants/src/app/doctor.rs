//! `zhengtong doctor`: tries each dependency as the platform will use it and says, for each that fails, what to do.

use std::process::ExitCode;

use platform::blob::BlobStore;
use platform::config::{Config, variables};
use platform::db::{Db, bootstrap};
use platform::mail::Mailer;
use platform::session::Sessions;
use platform::sms::SmsGateway;
use platform::tenant::Register;

pub async fn run() -> ExitCode {
    let config = match Config::from_env(&|name| std::env::var(name).ok()) {
        Ok(config) => config,
        Err(error) => {
            println!("settings  FAILS  {error}");
            return ExitCode::FAILURE;
        }
    };
    let misspelt = variables::unknown_names(std::env::vars().map(|(name, _)| name));
    let mut findings = vec![Finding::of(
        "settings",
        if misspelt.is_empty() { Ok(()) } else { Err(format!("unknown: {}", misspelt.join(", "))) },
        "correct the names; docs/OPERATIONS.md lists them",
    )];
    findings.push(Finding::of(
        "database",
        check_database(&config).await,
        "is PostgreSQL running, and does ZT_DATABASE_URL name it? Roles are made by `zhengtong migrate --bootstrap-url …`",
    ));
    findings.push(Finding::of("migrations", check_migrations(&config), "run `zhengtong migrate`"));
    findings.push(Finding::of("redis", check_redis(&config).await, "is Redis running, and does ZT_REDIS_URL name it with its password?"));
    findings.push(Finding::of(
        "objects",
        BlobStore::new(&config.s3).check().await.map_err(|error| error.to_string()),
        "is the S3 store running, and do ZT_S3_* name it, its bucket and its keys?",
    ));
    findings.push(Finding::of(
        "mail",
        check_mail(&config).await,
        "does ZT_MAIL_URL name a mail server that takes our mail, or a folder that can be written?",
    ));
    findings.push(Finding::of(
        "messages",
        check_messages(&config).await,
        "does ZT_SMS_URL name the gateway, or a folder that can be written?",
    ));
    findings.push(Finding::of("console", console_built(&config), "build it: `make console`, and name its dist folder in ZT_CONSOLE_DIR"));
    for finding in &findings {
        println!("{finding}");
    }
    if findings.iter().all(|finding| finding.failure.is_none()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

struct Finding {
    part: &'static str,
    failure: Option<String>,
    cure: &'static str,
}

impl Finding {
    fn of(part: &'static str, outcome: Result<(), String>, cure: &'static str) -> Finding {
        Finding { part, failure: outcome.err(), cure }
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.failure {
            None => write!(f, "{:<10} ok", self.part),
            Some(failure) => write!(f, "{:<10} FAILS  {failure}\n{:<10} → {}", self.part, "", self.cure),
        }
    }
}

async fn check_database(config: &Config) -> Result<(), String> {
    let db = Db::new(&config.database.url, 1).map_err(|error| error.to_string())?;
    let snapshot = Register::new(db).snapshot().await.map_err(|error| error.to_string())?;
    if snapshot.is_empty() { Err("there are no tenants yet: `zhengtong load <bundle>`".to_owned()) } else { Ok(()) }
}

fn check_migrations(config: &Config) -> Result<(), String> {
    if config.database.owner_url.is_empty() {
        return Ok(());
    }
    match bootstrap::pending(&config.database.owner_url) {
        Ok(pending) if pending.is_empty() => Ok(()),
        Ok(pending) => Err(format!("not run yet: {}", pending.join(", "))),
        Err(error) => Err(error.to_string()),
    }
}

async fn check_redis(config: &Config) -> Result<(), String> {
    let sessions = Sessions::connect(&config.redis_url).await.map_err(|error| error.to_string())?;
    sessions.connection().check().await.map_err(|error| error.to_string())
}

async fn check_mail(config: &Config) -> Result<(), String> {
    Mailer::new(&config.mail).map_err(|error| error.to_string())?.check().await.map_err(|error| error.to_string())
}

async fn check_messages(config: &Config) -> Result<(), String> {
    SmsGateway::new(&config.sms).map_err(|error| error.to_string())?.check().await.map_err(|error| error.to_string())
}

fn console_built(config: &Config) -> Result<(), String> {
    if config.console_dir.join("index.html").exists() {
        Ok(())
    } else {
        Err(format!("{} holds no index.html", config.console_dir.display()))
    }
}
