//! One platform for one test.

use std::net::TcpListener;
use std::path::PathBuf;

use chrono::{DateTime, Duration, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use platform::config::{Config, MailTransport, SmsTransport};
use platform::time::FixedClock;
use tempfile::TempDir;
use tenants::app::parts::Parts;
use tenants::app::{http, work};
use url::Url;

use crate::person::Person;
use crate::world::World;

/// Monday 21 September 2026, 8:50 in China: a working day before the autumn holidays.
pub const MORNING: &str = "2026-09-21T00:50:00Z";
/// Rounds of work after which a test says that the platform does not come to rest.
const SETTLE_ROUNDS_MAX: usize = 400;

pub struct House {
    pub config: Config,
    pub clock: FixedClock,
    /// For work and for looking inside; the server has parts of its own.
    pub parts: Parts,
    pub base: String,
    pub database: String,
    folder: TempDir,
    server: actix_web::dev::ServerHandle,
}

impl House {
    pub async fn new() -> House {
        House::with(|_| {}).await
    }

    /// `adjust` may change the settings before anything is connected.
    pub async fn with(adjust: impl FnOnce(&mut Config)) -> House {
        let world = World::get();
        let database = world.new_database();
        let folder = tempfile::Builder::new().prefix("zt-house-").tempdir().expect("a temporary folder");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let mut config = world.config_of(&database);
        config.listen = listener.local_addr().expect("an address");
        config.public_url = Url::parse(&format!("http://{}", config.listen)).expect("a URL");
        config.redis_url = world.new_redis_url();
        config.database.pool_size = 4;
        config.http_workers = 1;
        config.secrets.data_key = rand::random();
        config.s3.bucket = database.replace('_', "-");
        config.mail.transport = MailTransport::Directory(folder.path().join("mail"));
        config.sms.transport = SmsTransport::Directory(folder.path().join("sms"));
        config.console_dir = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../tenants/console/dist"));
        adjust(&mut config);

        let clock = FixedClock::at(MORNING.parse().expect("a time"));
        let parts = Parts::connect(&config, clock.shared()).await.expect("the parts connect");
        let server = start_server(&config, &clock, listener).await;
        House { base: format!("http://{}", config.listen), config, clock, parts, database, folder, server }
    }

    pub fn now(&self) -> DateTime<Utc> {
        use platform::time::Clock;
        self.clock.now()
    }

    /// Somebody of the sample, signed in. All share the demo's password.
    pub async fn staff(&self, login_name: &str) -> Person {
        Person::sign_in(&self.base, login_name).await
    }

    /// Somebody without a session.
    pub fn anybody(&self) -> Person {
        Person::anonymous(&self.base)
    }

    /// Does what a worker would, until no job and no message is left. Whatever waits for a later try gets its time.
    pub async fn settle(&self) {
        let worker = work::worker(&self.parts);
        for _ in 0..SETTLE_ROUNDS_MAX {
            while worker.turn().await.expect("the queues can be read") > 0 {}
            if self.waiting() == 0 {
                return;
            }
            self.clock.advance(Duration::seconds(2));
        }
        panic!("the platform does not come to rest: {} rows still wait", self.waiting());
    }

    /// Jobs and messages that are still to be done.
    pub fn waiting(&self) -> i64 {
        self.count("SELECT count(*) AS n FROM (SELECT 1 FROM job WHERE state = 'waiting' UNION ALL SELECT 1 FROM outbox WHERE state = 'waiting') AS w")
    }

    /// Jobs and messages that nobody will do any more; a healthy platform has none.
    pub fn set_aside(&self) -> i64 {
        self.count("SELECT count(*) AS n FROM (SELECT 1 FROM job WHERE state = 'failed' UNION ALL SELECT 1 FROM outbox WHERE state = 'set_aside') AS w")
    }

    /// Answers a `SELECT … AS n` as superuser, past every wall.
    pub fn count(&self, sql: &str) -> i64 {
        #[derive(QueryableByName)]
        struct Count {
            #[diesel(sql_type = BigInt)]
            n: i64,
        }
        diesel::sql_query(sql).get_result::<Count>(&mut self.superuser()).expect("a count").n
    }

    /// Answers a `SELECT … AS t` as superuser, past every wall.
    pub fn texts(&self, sql: &str) -> Vec<String> {
        #[derive(QueryableByName)]
        struct Line {
            #[diesel(sql_type = diesel::sql_types::Text)]
            t: String,
        }
        let lines: Vec<Line> = diesel::sql_query(sql).load(&mut self.superuser()).expect("some lines");
        lines.into_iter().map(|line| line.t).collect()
    }

    /// Rows of everything that a request could change; a refused one changes none of them.
    pub fn rows(&self) -> i64 {
        self.count(
            "SELECT (SELECT count(*) + coalesce(sum(version), 0) FROM case_file) + (SELECT count(*) FROM case_event) \
             + (SELECT count(*) FROM case_material) + (SELECT count(*) FROM idempotency_key) + (SELECT count(*) FROM outbox) \
             + (SELECT count(*) FROM job) + (SELECT coalesce(sum(last_used), 0) FROM case_counter) \
             + (SELECT count(*) FROM audit_entry WHERE action NOT LIKE 'staff.%') AS n",
        )
    }

    /// Runs a statement as superuser, past every wall; for tests that play a fault or an intruder.
    pub fn execute(&self, sql: &str) {
        self.superuser().batch_execute(sql).expect("a statement");
    }

    pub fn superuser(&self) -> PgConnection {
        PgConnection::establish(&World::get().stack.superuser_url_of(&self.database)).expect("the database answers")
    }

    /// Texts of the letters sent so far, in the order of their files.
    pub fn letters(&self) -> Vec<String> {
        texts_in(&self.folder.path().join("mail"))
    }

    pub fn messages(&self) -> Vec<String> {
        texts_in(&self.folder.path().join("sms"))
    }
}

impl Drop for House {
    fn drop(&mut self) {
        // Stopping is asked for, not waited for: the process ends with its servers anyway, and the database is dropped by force.
        drop(self.server.stop(false));
        World::get().drop_database(&self.database);
    }
}

async fn start_server(config: &Config, clock: &FixedClock, listener: TcpListener) -> actix_web::dev::ServerHandle {
    let (config, clock) = (config.clone(), clock.clone());
    let (send, receive) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let parts = Parts::connect(&config, clock.shared()).await.expect("the server's parts connect");
            let server = http::serve(parts, listener, config.http_workers, config.console_dir.clone()).expect("the server starts");
            // The test may be gone already; then nobody needs the handle.
            let _ = send.send(server.handle());
            server.await.expect("the server ends well");
        });
    });
    receive.await.expect("the server tells its handle")
}

fn texts_in(folder: &std::path::Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    paths.sort();
    paths.into_iter().filter_map(|path| std::fs::read_to_string(path).ok()).collect()
}
