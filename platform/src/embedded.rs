//! Everything the platform needs, on one machine: a private PostgreSQL and Redis as child processes, an S3 store inside this process,
//! letters and short messages as files. For `zhengtong demo`, for tests and for drills.
//!
//! Promises: the parts are reached through the same clients and the same [`Config`] as in production; two stacks never share anything;
//! a second start in the same folder keeps the data; no child outlives this process, not even after SIGKILL ([`children`]); every wait has
//! a limit, and a failure shows the end of the log. Nothing listens beyond 127.0.0.1, and nothing without a password.
//! Deliberately absent: roles, tables and sample data, which are made over [`Stack::superuser_url`] by those who own them.

pub mod account;
pub mod children;
pub mod error;
pub mod layout;
pub mod object_store;
pub mod postgres;
pub mod programs;
pub mod redis_server;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use nix::sys::signal::Signal;
use url::Url;

use crate::config::{Config, Database, Mail, MailTransport, S3, Secrets, Sms, SmsTransport};

use self::account::ServerAccount;
use self::children::{Keeper, Launcher};
use self::error::{Result, StackError};
use self::layout::Layout;
use self::object_store::ObjectStore;
use self::postgres::Postgres;
use self::redis_server::RedisServer;

/// The roles the URLs of [`Stack::config`] name; the database scopes create them with the passwords written there.
pub const LOGIN_ROLE: &str = "zt_login";
pub const OWNER_ROLE: &str = "zt_owner";

const POOL_SIZE: u32 = 16;

/// Takes a line about what is going on, for the person who waits.
pub type Report = Arc<dyn Fn(&str) + Send + Sync>;

pub struct StackOptions {
    /// Created if missing; everything is kept here (see [`layout`] for the one exception).
    pub data_dir: PathBuf,
    /// `true`: committed means kept, as in production. `false`: for tests, several times quicker.
    pub durable: bool,
    pub report: Report,
}

impl StackOptions {
    /// For tests: quick and silent.
    pub fn for_tests(data_dir: impl Into<PathBuf>) -> StackOptions {
        StackOptions { data_dir: data_dir.into(), durable: false, report: Arc::new(|_| {}) }
    }
}

/// A running stack. Dropping it stops it; [`Stack::stop`] does the same and says whether it went well.
pub struct Stack {
    // Fields are dropped in this order: the keeper, whose thread the children are bound to, after them.
    object_store: ObjectStore,
    redis: RedisServer,
    postgres: Postgres,
    launcher: Launcher,
    keeper: Keeper,
    layout: Layout,
}

impl Stack {
    /// Brings everything up and waits until it answers. Blocks: about three seconds the first time, half a second later on.
    pub fn start(options: StackOptions) -> Result<Stack> {
        let begin = Instant::now();
        let report = options.report;
        let account = ServerAccount::needed()?;
        let layout = Layout::prepare(&options.data_dir, account.as_ref())?;
        if let (true, Some(account)) = (layout.is_server_dir_elsewhere(), &account) {
            report(&format!(
                "PostgreSQL and Redis run as {}, who cannot enter {}: their files are in {}",
                account.name,
                layout.data_dir.display(),
                layout.server_dir.display()
            ));
        }
        let launcher = Launcher::new(account.clone());
        let keeper = Keeper::start()?;
        let redis = RedisServer::prepare(&layout, account.as_ref(), options.durable)?;
        let object_store = ObjectStore::start(&layout.s3_dir, &layout.keys.s3_secret_key)?;
        let is_new = !layout.postgres_dir.exists();
        if is_new {
            report("preparing a new PostgreSQL, once");
        }
        let (postgres, had_leftovers) = Postgres::prepare(&layout, &launcher, &keeper, account.as_ref(), options.durable)?;
        if had_leftovers {
            report("stopped a PostgreSQL that an earlier run had left behind");
        }
        // Built before the servers start, so that a failure from here on stops what is already running.
        let stack = Stack { object_store, redis, postgres, launcher, keeper, layout };
        std::thread::scope(|scope| {
            let redis = scope.spawn(|| stack.redis.start(&stack.launcher, &stack.keeper, true));
            let postgres = stack.postgres.start(&stack.launcher, &stack.keeper, true);
            let redis = redis.join().unwrap_or_else(|_| Err(StackError::Other { what: "starting Redis panicked".into() }));
            postgres.and(redis)
        })?;
        stack.postgres.ensure_database()?;
        report(&format!(
            "PostgreSQL {}, Redis and the object store are ready after {:.1} s",
            stack.postgres.major_version(),
            begin.elapsed().as_secs_f64()
        ));
        Ok(stack)
    }

    /// Settings that reach this stack. Ports may differ after another start; `listen`, `public_url`, `console_dir` are the usual defaults.
    pub fn config(&self) -> Config {
        let keys = &self.layout.keys;
        let data_key = hex::decode(&keys.data_key).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        Config {
            listen: ([127, 0, 0, 1], 8080).into(),
            public_url: Url::parse("http://127.0.0.1:8080").expect("a constant address"),
            database: Database {
                url: self.database_url(LOGIN_ROLE, &keys.login_password, postgres::DATABASE),
                owner_url: self.database_url(OWNER_ROLE, &keys.owner_password, postgres::DATABASE),
                pool_size: POOL_SIZE,
            },
            redis_url: self.redis.url(),
            s3: S3 {
                endpoint: self.object_store.endpoint(),
                region: object_store::REGION.into(),
                bucket: object_store::BUCKET.into(),
                access_key: object_store::ACCESS_KEY.into(),
                secret_key: keys.s3_secret_key.clone(),
            },
            mail: Mail { transport: MailTransport::Directory(self.layout.mail_dir.clone()), from: "no-reply@localhost".into() },
            sms: Sms { transport: SmsTransport::Directory(self.layout.sms_dir.clone()) },
            secrets: Secrets { data_key: data_key.expect("Layout::prepare wrote or checked 32 bytes of hex") },
            console_dir: PathBuf::from("tenants/console/dist"),
            http_workers: std::thread::available_parallelism().map_or(1, usize::from),
            metrics_listen: None,
        }
    }

    /// The database `zhengtong` as superuser `zt_super`, through the socket.
    pub fn superuser_url(&self) -> String {
        self.postgres.superuser_url(postgres::DATABASE)
    }

    /// The same over TCP, for pgbench and psql.
    pub fn superuser_tcp_url(&self) -> String {
        self.postgres.tcp_url(postgres::SUPERUSER, &self.layout.keys.superuser_password, postgres::DATABASE)
    }

    /// Any database of the cluster as superuser; `postgres` is the place to create and drop others from.
    pub fn superuser_url_of(&self, database: &str) -> String {
        self.postgres.superuser_url(database)
    }

    /// Any role and database, through the socket. The words must need no escaping in a URL.
    pub fn database_url(&self, role: &str, password: &str, database: &str) -> String {
        self.postgres.socket_url(role, password, database)
    }

    pub fn data_dir(&self) -> &Path {
        &self.layout.data_dir
    }

    /// Stops everything in good order; the data stays.
    pub fn stop(mut self) -> Result<()> {
        self.stop_all()
    }

    /// Stops everything and removes all data, including what had to be kept outside the data folder.
    pub fn stop_and_erase(mut self) -> Result<()> {
        self.stop_all()?;
        self.layout.erase()
    }

    // For fault drills. Ports stay the same, so whoever holds a `Config` can go on after a restart.

    pub fn postgres_pid(&self) -> Option<u32> {
        self.postgres.process_id()
    }

    /// SIGKILL to the server and its children, as if the power had failed; nothing is flushed.
    pub fn kill_postgres(&self) -> Result<()> {
        self.postgres.kill()
    }

    /// Stops the server if it runs, starts it again, and waits until it answers (after a kill: until it has recovered).
    pub fn restart_postgres(&self) -> Result<()> {
        self.postgres.stop()?;
        self.postgres.start(&self.launcher, &self.keeper, false)
    }

    /// The server stays but does not answer, like a machine that hangs.
    pub fn pause_postgres(&self) {
        children::send(Signal::SIGSTOP, &self.postgres.processes());
    }

    pub fn resume_postgres(&self) {
        children::send(Signal::SIGCONT, &self.postgres.processes());
    }

    pub fn redis_pid(&self) -> Option<u32> {
        self.redis.process_id()
    }

    pub fn kill_redis(&self) -> Result<()> {
        self.redis.kill()
    }

    pub fn restart_redis(&self) -> Result<()> {
        self.redis.stop()?;
        self.redis.start(&self.launcher, &self.keeper, false)
    }

    fn stop_all(&mut self) -> Result<()> {
        self.object_store.stop();
        let redis = self.redis.stop();
        let postgres = self.postgres.stop();
        if self.layout.is_socket_dir_elsewhere() {
            // Best effort: it is empty by now, and made again at the next start.
            let _ = std::fs::remove_dir_all(&self.layout.socket_dir);
        }
        postgres.and(redis)
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        if let Err(error) = self.stop_all() {
            tracing::error!(%error, "the embedded stack did not stop in good order");
        }
    }
}
