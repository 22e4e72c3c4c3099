//! The worker's loop: claim what is due, do it, settle it. Any number of workers may run; each row is leased to one at a time.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz};
use futures_util::StreamExt;
use tokio::sync::Notify;

use super::outbox::Message;
use super::{Job, WorkError};
use crate::db::schema::{job, outbox};
use crate::db::{Db, DbError};
use crate::time::SharedClock;

/// A claimed row belongs to its worker for this long; after a crash it is claimed again.
pub const LEASE: Duration = Duration::from_secs(5);
/// Rows claimed at once, of each queue.
pub const BATCH: i64 = 32;
/// Rows of a batch that are worked on at the same time.
pub const CONCURRENCY: usize = 8;
/// How often an idle worker looks by itself; announcements make it look at once.
pub const IDLE_POLL: Duration = Duration::from_millis(100);
/// A pause after an error of the database, so that a restart is not hammered.
pub const ERROR_PAUSE: Duration = Duration::from_millis(200);
/// Tries after which a job or message that always fails is set aside; with [`backoff`] this is about half a day.
pub const MAX_TRIES: i32 = 40;

/// What jobs and messages mean is known outside the platform.
#[async_trait]
pub trait Handler: Send + Sync {
    async fn do_job(&self, job: &Job) -> Result<(), WorkError>;
    async fn deliver(&self, message: &Message) -> Result<(), WorkError>;
}

/// Wakes the worker of this process after a commit that left it something to do.
#[derive(Clone, Default)]
pub struct Announcer(Arc<Notify>);

impl Announcer {
    pub fn announce(&self) {
        self.0.notify_one();
    }
}

pub struct Worker {
    pub db: Db,
    pub clock: SharedClock,
    pub handler: Arc<dyn Handler>,
    pub announcer: Announcer,
}

impl Worker {
    /// Works until `stop` is notified; what is claimed at that moment is finished first.
    pub async fn run(&self, stop: Arc<Notify>) {
        let stopped = stop.notified();
        tokio::pin!(stopped);
        loop {
            let pause = match self.turn().await {
                Ok(0) => Some(IDLE_POLL),
                Ok(_) => None,
                Err(error) => {
                    tracing::warn!(%error, "the worker could not read its queues");
                    Some(ERROR_PAUSE)
                }
            };
            let Some(pause) = pause else {
                // Busy: look for a stop without waiting for one.
                if futures_util::poll!(&mut stopped).is_ready() {
                    return;
                }
                continue;
            };
            tokio::select! {
                () = &mut stopped => return,
                () = self.announcer.0.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// One round over both queues; returns how many rows it worked on.
    pub async fn turn(&self) -> Result<usize, DbError> {
        let now = self.clock.now();
        let (messages, jobs) = self.db.work(move |tx| Ok::<_, DbError>((claim_messages(tx.conn, now)?, claim_jobs(tx.conn, now)?))).await?;
        let count = messages.len() + jobs.len();
        futures_util::stream::iter(messages).for_each_concurrent(CONCURRENCY, |message| self.deliver(message)).await;
        futures_util::stream::iter(jobs).for_each_concurrent(CONCURRENCY, |job| self.do_job(job)).await;
        Ok(count)
    }

    async fn deliver(&self, message: Message) {
        let outcome = self.handler.deliver(&message).await;
        if let Err(error) = &outcome {
            tracing::warn!(message = %message.id, kind = message.kind, tries = message.tries, %error, "a message was not delivered");
        }
        let now = self.clock.now();
        let settled = self.db.work(move |tx| settle_message(tx.conn, &message, &outcome, now)).await;
        if let Err(error) = settled {
            // The lease runs out and the message is delivered again; the inbox knows it.
            tracing::warn!(%error, "a delivery could not be noted");
        }
    }

    async fn do_job(&self, job: Job) {
        let outcome = self.handler.do_job(&job).await;
        if let Err(error) = &outcome {
            tracing::warn!(job = %job.id, kind = job.kind, tries = job.tries, %error, "a job was not done");
        }
        let now = self.clock.now();
        let settled = self.db.work(move |tx| settle_job(tx.conn, &job, &outcome, now)).await;
        if let Err(error) = settled {
            tracing::warn!(%error, "a job could not be noted as done");
        }
    }
}

/// Wait before the next try: 1, 2, 4 … seconds, at most 20 minutes.
pub fn backoff(tries: i32) -> Duration {
    Duration::from_secs(1 << tries.clamp(0, 10)).min(Duration::from_secs(20 * 60))
}

fn claim_messages(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<Vec<Message>, DbError> {
    Ok(diesel::sql_query(
        "UPDATE outbox SET next_try_at = $2, tries = tries + 1 WHERE (tenant_id, id) IN (\
         SELECT tenant_id, id FROM outbox WHERE state = 'waiting' AND next_try_at <= $1 ORDER BY next_try_at LIMIT $3 FOR UPDATE SKIP LOCKED) \
         RETURNING tenant_id, id, receiver_id, case_id, seq, kind, payload, tries",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(now + LEASE)
    .bind::<BigInt, _>(BATCH)
    .load(conn)?)
}

fn claim_jobs(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<Vec<Job>, DbError> {
    Ok(diesel::sql_query(
        "UPDATE job SET run_at = $2, tries = tries + 1 WHERE (tenant_id, id) IN (\
         SELECT tenant_id, id FROM job WHERE state = 'waiting' AND run_at <= $1 ORDER BY run_at LIMIT $3 FOR UPDATE SKIP LOCKED) \
         RETURNING tenant_id, id, kind, payload, tries",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<Timestamptz, _>(now + LEASE)
    .bind::<BigInt, _>(BATCH)
    .load(conn)?)
}

fn settle_message(conn: &mut PgConnection, message: &Message, outcome: &Result<(), WorkError>, now: DateTime<Utc>) -> Result<(), DbError> {
    let row = outbox::table.find((message.sender_id, message.id));
    match outcome {
        Ok(()) => diesel::update(row).set((outbox::state.eq("delivered"), outbox::last_error.eq(None::<String>))).execute(conn)?,
        Err(WorkError::Later(error)) if message.tries < MAX_TRIES => {
            diesel::update(row).set((outbox::next_try_at.eq(now + backoff(message.tries)), outbox::last_error.eq(error))).execute(conn)?
        }
        Err(WorkError::Later(error) | WorkError::Never(error)) => {
            diesel::update(row).set((outbox::state.eq("set_aside"), outbox::last_error.eq(error))).execute(conn)?
        }
    };
    Ok(())
}

fn settle_job(conn: &mut PgConnection, done: &Job, outcome: &Result<(), WorkError>, now: DateTime<Utc>) -> Result<(), DbError> {
    let row = job::table.find((done.tenant_id, done.id));
    match outcome {
        Ok(()) => diesel::delete(row).execute(conn)?,
        Err(WorkError::Later(error)) if done.tries < MAX_TRIES => {
            diesel::update(row).set((job::run_at.eq(now + backoff(done.tries)), job::last_error.eq(error))).execute(conn)?
        }
        Err(WorkError::Later(error) | WorkError::Never(error)) => {
            diesel::update(row).set((job::state.eq("failed"), job::last_error.eq(error))).execute(conn)?
        }
    };
    Ok(())
}
