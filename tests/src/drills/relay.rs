//! The relay in a browser: five people walk one case through the real pages, with a picture kept of every state.
//!
//! The platform is a [`House`] with its worker running; the walk itself is `tests/browser/relay.mjs`, which tells each step as a line of JSON
//! and asks for the clock to be moved on where people would have let time pass.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use chrono::Duration;
use serde_json::Value;
use tenants::app::demo::DEMO_PASSWORD;
use tenants::app::work;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::Notify;

use super::{Outcome, Size};
use crate::house::House;
use crate::relay::submission;
use crate::seed;

/// Debian's; another one is named by `ZT_CHROMIUM`.
const CHROMIUM: &str = "/usr/bin/chromium";
/// Seed of the applicant, apart from those of the cases that lie on the desks already.
const APPLICANT_SEED: u64 = 9_042;

pub async fn run(size: Size) -> anyhow::Result<Outcome> {
    check_installed()?;
    let house = House::new().await;
    if size == Size::Full {
        eprintln!("  cases for the desks …");
        seed::fill_desks(&house).await;
    }
    let stop = Arc::new(Notify::new());
    let worker = actix_web::rt::spawn({
        let (parts, stop) = (house.parts.clone(), stop.clone());
        async move { work::run(&parts, stop).await }
    });
    let figures = walk(&house, size).await;
    stop.notify_one();
    worker.await?;
    let figures = figures?;
    let number = |name: &str| figures[name].as_u64().unwrap_or_default();
    let passed = number("failed") == 0 && number("steps") > 0;
    let names = ["people", "steps", "failed", "pictures", "states"];
    Ok(Outcome { figures: names.iter().map(|name| (*name, number(name).to_string())).collect(), passed })
}

/// Everything that a walk needs and a fresh clone has not; each with what to run.
fn check_installed() -> anyhow::Result<()> {
    let root = root();
    ensure!(
        root.join("tests/browser/node_modules/playwright-core").exists() && root.join("tests/browser/node_modules/axe-core").exists(),
        "the browser's packages are not installed: run `make install-test`"
    );
    ensure!(root.join("tenants/console/dist/index.html").exists(), "the console has not been built: run `make console`");
    ensure!(chromium().exists(), "there is no Chromium at {}: run `make install-test`, or name it by ZT_CHROMIUM", chromium().display());
    let node = std::process::Command::new("node").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    ensure!(node.is_ok_and(|status| status.success()), "node does not run: install Node.js 20 or newer, then run `make install-test`");
    Ok(())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn chromium() -> PathBuf {
    std::env::var_os("ZT_CHROMIUM").map_or_else(|| PathBuf::from(CHROMIUM), PathBuf::from)
}

async fn walk(house: &House, size: Size) -> anyhow::Result<Value> {
    let mut child = start(house, size)?;
    let mut answers = child.stdin.take().context("node's input")?;
    let mut lines = BufReader::new(child.stdout.take().context("node's output")?).lines();
    let mut figures = None;
    while let Some(line) = lines.next_line().await? {
        let told: Value = serde_json::from_str(&line).with_context(|| format!("the walk says something else than JSON: {line}"))?;
        if let Some(minutes) = told["minutes"].as_i64() {
            // What was done before is done before: a case handed on in the morning must not arrive in the evening.
            house.settle().await;
            house.clock.advance(Duration::minutes(minutes));
            answer(&mut answers).await?;
        } else if !told["figures"].is_null() {
            figures = Some(told["figures"].clone());
        } else {
            show(&told);
        }
    }
    let status = child.wait().await?;
    match figures {
        Some(figures) => Ok(figures),
        None => bail!("the walk ended without figures: {status}"),
    }
}

fn start(house: &House, size: Size) -> anyhow::Result<Child> {
    let root = root();
    let (folder, word) = if size == Size::Full { ("relay", "full") } else { ("relay-short", "short") };
    Command::new("node")
        .arg(root.join("tests/browser/relay.mjs"))
        .env("ZT_BASE_URL", &house.base)
        .env("ZT_PASSWORD", DEMO_PASSWORD)
        .env("ZT_APPLICANT", submission(APPLICANT_SEED)["applicant"].to_string())
        .env("ZT_SIZE", word)
        .env("ZT_PICTURES", root.join("artifacts").join(folder))
        .env("ZT_CHROMIUM", chromium())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("node does not start")
}

async fn answer(answers: &mut ChildStdin) -> anyhow::Result<()> {
    answers.write_all(b"done\n").await?;
    Ok(answers.flush().await?)
}

fn show(told: &Value) {
    let step = told["step"].as_str().unwrap_or_default();
    match told["ok"].as_bool() {
        Some(true) => eprintln!("  {step} ({} ms)", told["ms"]),
        _ => eprintln!("  FAILED {step}: {}", told["message"].as_str().unwrap_or_default()),
    }
}
