//! Connects to everything a running platform needs and hands it out.

use std::sync::Arc;

use actix_web::web;
use platform::blob::BlobStore;
use platform::config::{Config, SmsTransport};
use platform::crypto::KeyRing;
use platform::db::Db;
use platform::jobs::worker::Announcer;
use platform::limit::Limits;
use platform::mail::Mailer;
use platform::permit::{Gate, PolicyCache, RoleRules};
use platform::session::Sessions;
use platform::sms::SmsGateway;
use platform::sms::one_time_code::OneTimeCodes;
use platform::tenant::Register;
use platform::time::SharedClock;

use crate::catalogue::directory::Directory;
use crate::clock::calendar::WorkingCalendar;
use crate::context::{Context, SharedContext};

/// Which role may do what; the same for all tenants.
const POLICY: &str = include_str!("policy.csv");

/// Everything handlers and workers are given.
#[derive(Clone)]
pub struct Parts {
    pub context: SharedContext,
    pub gate: web::Data<Gate>,
    pub db: web::Data<Db>,
}

#[derive(Debug, thiserror::Error)]
#[error("{part} cannot be used: {reason}")]
pub struct ConnectError {
    pub part: &'static str,
    pub reason: String,
}

impl Parts {
    pub async fn connect(config: &Config, clock: SharedClock) -> Result<Parts, ConnectError> {
        let failed = |part: &'static str| move |error: &dyn std::fmt::Display| ConnectError { part, reason: error.to_string() };
        let db = Db::new(&config.database.url, config.database.pool_size).map_err(|error| failed("the database")(&error))?;
        let keys = Arc::new(KeyRing::new(&config.secrets));
        let sessions = Sessions::connect(&config.redis_url).await.map_err(|error| failed("Redis")(&error))?.with_clock(clock.clone());
        let limits = Limits::new(sessions.connection(), &keys).with_clock(clock.clone());
        let codes = OneTimeCodes::new(sessions.connection(), &keys).with_clock(clock.clone());
        let blobs = BlobStore::new(&config.s3);
        blobs.ensure_bucket().await.map_err(|error| failed("the object store")(&error))?;
        let context = Context {
            register: Register::new(db.clone()),
            directory: Directory::new(db.clone()),
            keys: keys.clone(),
            clock: clock.clone(),
            calendar: WorkingCalendar::national(),
            blobs,
            mailer: Mailer::new(&config.mail).map_err(|error| failed("mail")(&error))?,
            sms: SmsGateway::new(&config.sms).map_err(|error| failed("text messages")(&error))?,
            codes,
            limits,
            sessions: sessions.clone(),
            announcer: Announcer::default(),
            demonstration: matches!(config.sms.transport, SmsTransport::Directory(_)),
            public_url: config.public_url.as_str().trim_end_matches('/').to_owned(),
            db: db.clone(),
        };
        let policies = Arc::new(PolicyCache::new(db.clone(), role_rules()));
        let gate = Gate { db: db.clone(), sessions, policies, keys, clock };
        Ok(Parts { context: web::Data::new(context), gate: web::Data::new(gate), db: web::Data::new(db) })
    }
}

pub fn role_rules() -> RoleRules {
    RoleRules::parse(POLICY)
}
