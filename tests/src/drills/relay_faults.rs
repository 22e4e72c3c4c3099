//! A thousand relays while servers, workers and PostgreSQL are killed (SIGKILL) at random.
//!
//! The platform runs as in production: two `zhengtong serve`, two `zhengtong work`, a PostgreSQL that keeps what it committed. People of two
//! counties ([`walkers`]) carry cases from the village to the county and back, and when an answer does not come they do what a person does: look, and
//! do it again only if it was not done. Meanwhile the [`killer`] is at work, and the [`custody`] watch asks the database again and again who has
//! each case. At the end the platform comes to rest by itself, and every case is counted.

mod count;
pub mod custody;
mod killer;
mod steadfast;
mod walkers;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;

use self::custody::Watch;
use self::killer::Killer;
use self::walkers::Walkers;
use super::stack::PrivateStack;
use super::{Outcome, Size};

/// How much is done, and how long it may take at most.
struct Extent {
    relays: usize,
    kills: usize,
    at_once: usize,
    limit: Duration,
}

fn extent(size: Size) -> Extent {
    match size {
        Size::Full => Extent { relays: 1_000, kills: 52, at_once: 24, limit: Duration::from_secs(20 * 60) },
        Size::Short => Extent { relays: 12, kills: 4, at_once: 12, limit: Duration::from_secs(3 * 60) },
    }
}

/// How far the people have come; the killer spreads its kills by it.
#[derive(Default)]
pub struct Progress {
    legs_done: AtomicUsize,
}

impl Progress {
    fn leg_done(&self) {
        self.legs_done.fetch_add(1, Ordering::Relaxed);
    }

    fn legs_done(&self) -> usize {
        self.legs_done.load(Ordering::Relaxed)
    }
}

pub async fn run(size: Size) -> anyhow::Result<Outcome> {
    let extent = extent(size);
    let begin = Instant::now();
    let deadline = begin + extent.limit;
    let stack = PrivateStack::start("zt-faults-").await?;
    let mut killer = Killer::start(&stack, extent.kills, deadline).await?;
    let progress = Arc::new(Progress::default());
    let walkers = Walkers::new(&killer.bases(), deadline, progress.clone());
    walkers.sign_in().await?;
    eprintln!("  {} relays by {} people, {} kills", extent.relays, walkers.people(), extent.kills);
    let watch = Watch::start(stack.stack.superuser_url());
    let walking = Instant::now();

    let legs = extent.relays * walkers::LEGS;
    let under_way = tokio::try_join!(walkers.walk(extent.relays, extent.at_once), killer.run(&stack, &progress, legs));
    let explained = || format!("the ends of the logs:\n{}", killer.tails());
    let (walked, kills) = under_way.with_context(explained)?;
    count::wait_for_rest(&stack.stack.superuser_url(), deadline).await.with_context(explained)?;
    let seconds = walking.elapsed().as_secs_f64();
    let watched = watch.finish()?;
    killer.check_alive()?;
    let counted = count::count(&stack.stack.superuser_url(), &walked.case_ids).await?;
    let verified = stack.verify().await?;
    for complaint in counted.complaints.iter().chain(&watched.complaints).chain(&walked.unexpected).chain(&verified.broken) {
        eprintln!("  {complaint}");
    }

    let passed = counted.completed == extent.relays
        && counted.lost == 0
        && counted.doubled == 0
        && counted.set_aside == 0
        && watched.violations == 0
        && watched.looks > 0
        && kills.total() >= extent.kills
        && walked.unexpected.is_empty()
        && verified.is_intact();
    let figures = vec![
        ("completed", counted.completed.to_string()),
        ("lost", counted.lost.to_string()),
        ("doubled", counted.doubled.to_string()),
        ("custody_violations", watched.violations.to_string()),
        ("kills", kills.total().to_string()),
        ("kills_serve", kills.serve.to_string()),
        ("kills_work", kills.work.to_string()),
        ("kills_postgres", kills.postgres.to_string()),
        ("custody_looks", watched.looks.to_string()),
        ("unclear_answers", walked.unclear.to_string()),
        ("unexpected_answers", walked.unexpected.len().to_string()),
        ("set_aside", counted.set_aside.to_string()),
        ("verified", if verified.is_intact() { "yes" } else { "no" }.to_owned()),
        ("seconds", format!("{seconds:.0}")),
    ];
    Ok(Outcome { figures, passed })
}
