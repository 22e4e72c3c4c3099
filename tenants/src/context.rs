//! What use cases need of the world, handed to them once at the start: no globals.

use std::sync::Arc;

use actix_web::web;
use chrono::{DateTime, Utc};
use platform::blob::BlobStore;
use platform::crypto::KeyRing;
use platform::db::Db;
use platform::jobs::worker::Announcer;
use platform::limit::Limits;
use platform::mail::Mailer;
use platform::session::Sessions;
use platform::sms::SmsGateway;
use platform::sms::one_time_code::OneTimeCodes;
use platform::tenant::Register;
use platform::time::SharedClock;

use crate::catalogue::directory::Directory;
use crate::clock::calendar::WorkingCalendar;

pub struct Context {
    pub db: Db,
    pub register: Register,
    pub directory: Directory,
    pub keys: Arc<KeyRing>,
    pub clock: SharedClock,
    pub calendar: WorkingCalendar,
    pub blobs: BlobStore,
    pub mailer: Mailer,
    pub sms: SmsGateway,
    pub codes: OneTimeCodes,
    pub limits: Limits,
    pub sessions: Sessions,
    pub announcer: Announcer,
    /// Scheme, host and port by which people reach this platform; links in letters and on receipts start with it.
    pub public_url: String,
    /// Messages go into a folder instead of to telephones: nothing here is real, and the pages say so.
    pub demonstration: bool,
}

/// How handlers receive it.
pub type SharedContext = web::Data<Context>;

impl Context {
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}
