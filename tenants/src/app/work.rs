//! The worker's side: every job and every message has its one place here.

use std::sync::Arc;

use async_trait::async_trait;
use platform::jobs::outbox::Message;
use platform::jobs::worker::{Handler, Worker};
use platform::jobs::{Job, WorkError};
use tokio::sync::Notify;

use super::parts::Parts;
use crate::context::SharedContext;
use crate::{cases, exchange};

/// Works the queues until `stop` is notified.
pub async fn run(parts: &Parts, stop: Arc<Notify>) {
    worker(parts).run(stop).await;
}

pub fn worker(parts: &Parts) -> Worker {
    Worker {
        db: parts.context.db.clone(),
        clock: parts.context.clock.clone(),
        handler: Arc::new(Work { context: parts.context.clone() }),
        announcer: parts.context.announcer.clone(),
    }
}

struct Work {
    context: SharedContext,
}

#[async_trait]
impl Handler for Work {
    async fn do_job(&self, job: &Job) -> Result<(), WorkError> {
        match cases::jobs::run(&self.context, job).await {
            Some(done) => done,
            None => Err(WorkError::Never(format!("nobody here does jobs of kind {}", job.kind))),
        }
    }

    async fn deliver(&self, message: &Message) -> Result<(), WorkError> {
        exchange::deliver(&self.context, message).await
    }
}
