//! Who has each case, asked of one snapshot of all tenants while everything goes on.
//!
//! Custody is one token for each case. It lies with the tenant whose file says `held`; or in a hand-over that its receiver has not applied
//! yet (waiting in the sender's outbox, or kept early in the receiver's inbox); or it has come to its end in the origin's closed file. A hand-over
//! gives the token up in the transaction that writes the message, and takes it in the transaction that applies it, so every snapshot must
//! find exactly one. Whether the worker has already *noted* a delivery does not matter: what counts is whether the receiver applied it.
//! A hand-over that was set aside carries nothing, for nobody will deliver it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use uuid::Uuid;

/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(150);
/// As many are described; more would only repeat them.
const COMPLAINTS_MAX: usize = 20;

/// One statement, so one snapshot, also at the weakest level of isolation.
const TOKENS: &str = "\
WITH on_the_way AS (
  SELECT o.case_id, count(*) AS carried
  FROM outbox o
  WHERE o.kind = 'handover' AND o.state = 'waiting'
    AND NOT EXISTS (SELECT FROM inbox i WHERE i.tenant_id = o.receiver_id AND i.id = o.id)
  GROUP BY o.case_id
), early AS (
  SELECT i.case_id, count(*) AS carried FROM inbox i WHERE i.kind = 'handover' AND i.state = 'early' GROUP BY i.case_id
), files AS (
  SELECT case_id,
         count(*) FILTER (WHERE custody = 'held') AS held,
         count(*) FILTER (WHERE custody = 'closed' AND tenant_id = origin_tenant_id) AS ended,
         string_agg(tenant_id || ' ' || custody || ' epoch ' || epoch || ' ' || state, ', ' ORDER BY tenant_id) AS described
  FROM case_file GROUP BY case_id
)
SELECT files.case_id, held, ended, coalesce(on_the_way.carried, 0) + coalesce(early.carried, 0) AS carried, described
FROM files LEFT JOIN on_the_way USING (case_id) LEFT JOIN early USING (case_id)";

/// Where the token of one case lies; one number is 1 and the others 0, or something is wrong.
#[derive(QueryableByName)]
pub struct Token {
    #[diesel(sql_type = SqlUuid)]
    pub case_id: Uuid,
    #[diesel(sql_type = BigInt)]
    pub held: i64,
    #[diesel(sql_type = BigInt)]
    pub carried: i64,
    #[diesel(sql_type = BigInt)]
    pub ended: i64,
    #[diesel(sql_type = Text)]
    pub described: String,
}

impl Token {
    pub fn count(&self) -> i64 {
        self.held + self.carried + self.ended
    }
}

impl std::fmt::Display for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "case {}: held by {}, carried by {} messages, ended {} times ({})",
            self.case_id, self.held, self.carried, self.ended, self.described
        )
    }
}

/// Where every token lies, by a superuser's connection.
pub fn tokens(conn: &mut PgConnection) -> QueryResult<Vec<Token>> {
    diesel::sql_query(TOKENS).load(conn)
}

/// What was seen.
#[derive(Default)]
pub struct Watched {
    /// Looks that were answered; while PostgreSQL is dead there is nothing to see.
    pub looks: usize,
    pub violations: usize,
    pub complaints: Vec<String>,
}

/// Looks until it is told to finish, in a thread of its own.
pub struct Watch {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Watched>,
}

impl Watch {
    pub fn start(superuser_url: String) -> Watch {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = std::thread::spawn(move || watch(&superuser_url, &stopped));
        Watch { stop, thread }
    }

    pub fn finish(self) -> anyhow::Result<Watched> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().map_err(|_| anyhow::anyhow!("the watch over custody ended by a panic"))
    }
}

fn watch(superuser_url: &str, stop: &AtomicBool) -> Watched {
    let mut watched = Watched::default();
    let mut connection: Option<PgConnection> = None;
    while !stop.load(Ordering::Relaxed) {
        match connection.as_mut().map(tokens) {
            Some(Ok(found)) => note(&mut watched, &found),
            // The server was killed, or is not up again yet.
            Some(Err(_)) | None => connection = PgConnection::establish(superuser_url).ok(),
        }
        std::thread::park_timeout(PAUSE);
    }
    watched
}

fn note(watched: &mut Watched, found: &[Token]) {
    watched.looks += 1;
    for token in found.iter().filter(|token| token.count() != 1) {
        watched.violations += 1;
        if watched.complaints.len() < COMPLAINTS_MAX {
            watched.complaints.push(format!("custody: {token}"));
        }
    }
}
