//! Kills servers, workers and PostgreSQL, each with SIGKILL and without a warning, and starts them again.
//!
//! The kills are spread over the whole run by the progress of the relays: the run is cut into as many slices as there are kills, and each kill
//! comes at a random moment of its slice. Which one dies is drawn from a shuffled deck, so that nobody is spared.

use std::time::{Duration, Instant};

use rand::seq::SliceRandom;

use super::Progress;
use crate::drills::stack::{PrivateStack, Running};

const SERVERS: usize = 2;
const WORKERS: usize = 2;
/// What was killed lies dead for a random time up to this one, so that its absence is felt.
const DEAD_MS_MAX: u64 = 400;
/// Pause between two looks at the progress.
const PAUSE: Duration = Duration::from_millis(20);

#[derive(Debug, Default, Clone, Copy)]
pub struct Kills {
    pub serve: usize,
    pub work: usize,
    pub postgres: usize,
}

impl Kills {
    pub fn total(&self) -> usize {
        self.serve + self.work + self.postgres
    }
}

#[derive(Debug, Clone, Copy)]
enum Victim {
    Server(usize),
    Worker(usize),
    Postgres,
}

pub struct Killer {
    servers: Vec<Running>,
    workers: Vec<Running>,
    planned: usize,
    deadline: Instant,
}

impl Killer {
    /// Starts whom it will kill.
    pub async fn start(stack: &PrivateStack, planned: usize, deadline: Instant) -> anyhow::Result<Killer> {
        let mut servers = Vec::new();
        for number in 1..=SERVERS {
            servers.push(stack.serve(&format!("serve-{number}")).await?);
        }
        let workers = (1..=WORKERS).map(|number| stack.work(&format!("work-{number}"))).collect::<anyhow::Result<Vec<_>>>()?;
        Ok(Killer { servers, workers, planned, deadline })
    }

    /// Addresses of the servers.
    pub fn bases(&self) -> Vec<String> {
        self.servers.iter().map(|server| server.base.clone()).collect()
    }

    /// Kills as often as planned while the relays go from nothing to `legs_total`.
    pub async fn run(&mut self, stack: &PrivateStack, progress: &Progress, legs_total: usize) -> anyhow::Result<Kills> {
        let mut kills = Kills::default();
        for (number, victim) in deck(self.planned).into_iter().enumerate() {
            let slice = legs_total as f64 / self.planned as f64;
            let moment = ((number as f64 + rand::random::<f64>()) * slice) as usize;
            while progress.legs_done() < moment {
                anyhow::ensure!(Instant::now() < self.deadline, "after {number} kills the relays no longer come on");
                tokio::time::sleep(PAUSE).await;
            }
            self.check_alive()?;
            self.kill(stack, victim, &mut kills).await?;
            eprintln!("  {:3} % of the legs walked, kill {}: {victim:?}", progress.legs_done() * 100 / legs_total, number + 1);
        }
        Ok(kills)
    }

    /// Nobody may end by himself, however often the others die.
    pub fn check_alive(&mut self) -> anyhow::Result<()> {
        self.servers.iter_mut().chain(&mut self.workers).try_for_each(Running::check_alive)
    }

    /// The ends of all logs, for the one who has to find out.
    pub fn tails(&self) -> String {
        self.servers.iter().chain(&self.workers).map(|running| format!("{}:\n{}\n", running.name, running.tail())).collect()
    }

    async fn kill(&mut self, stack: &PrivateStack, victim: Victim, kills: &mut Kills) -> anyhow::Result<()> {
        let dead = Duration::from_millis(rand::random_range(0..=DEAD_MS_MAX));
        match victim {
            Victim::Server(index) => {
                kills.serve += 1;
                kill_program(stack, &mut self.servers[index], dead).await
            }
            Victim::Worker(index) => {
                kills.work += 1;
                kill_program(stack, &mut self.workers[index], dead).await
            }
            Victim::Postgres => {
                kills.postgres += 1;
                let servers = stack.stack.clone();
                tokio::task::spawn_blocking(move || {
                    servers.kill_postgres()?;
                    std::thread::park_timeout(dead);
                    servers.restart_postgres()
                })
                .await??;
                Ok(())
            }
        }
    }
}

async fn kill_program(stack: &PrivateStack, running: &mut Running, dead: Duration) -> anyhow::Result<()> {
    running.kill()?;
    tokio::time::sleep(dead).await;
    stack.start_again(running).await
}

/// Everybody in turn, in an order that nobody knows.
fn deck(count: usize) -> Vec<Victim> {
    let programs = (0..SERVERS.max(WORKERS)).flat_map(|index| [Victim::Server(index % SERVERS), Victim::Worker(index % WORKERS)]);
    let everybody = std::iter::once(Victim::Postgres).chain(programs);
    let mut deck: Vec<Victim> = everybody.cycle().take(count).collect();
    deck.shuffle(&mut rand::rng());
    deck
}
