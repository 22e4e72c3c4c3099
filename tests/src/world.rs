//! The servers of one test process and the template that its databases are copied from.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use diesel::Connection;
use diesel::PgConnection;
use diesel::connection::SimpleConnection;
use platform::config::Config;
use platform::db::Db;
use platform::db::bootstrap::{self, RolePasswords};
use platform::embedded::redis_server::DATABASES;
use platform::embedded::{Stack, StackOptions};
use tempfile::TempDir;
use tenants::app::demo::DEMO_PASSWORD;
use tenants::bundles;
use url::Url;

const TEMPLATE: &str = "zt_template";
/// Folders of test processes: this, the process id, and random letters.
const FOLDER_PREFIX: &str = "zt-test-";

/// Kept for the life of the process. Its children die with it; its folder is in the system's temporary files until the next process starts.
pub struct World {
    pub stack: Stack,
    redis_databases: AtomicU32,
    _folder: TempDir,
}

static WORLD: OnceLock<World> = OnceLock::new();

impl World {
    pub fn get() -> &'static World {
        WORLD.get_or_init(|| {
            // The first test may ask from inside its runtime; starting servers and loading the sample needs one of its own.
            std::thread::spawn(start).join().expect("the servers start")
        })
    }

    /// A new database with the sample in it; the name is the caller's to use in URLs.
    pub fn new_database(&self) -> String {
        let name = format!("t_{}", uuid::Uuid::new_v4().simple());
        let mut conn = self.superuser();
        conn.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER zt_owner")).expect("a database can be copied");
        name
    }

    pub fn drop_database(&self, name: &str) {
        let mut conn = self.superuser();
        conn.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).expect("a database can be dropped");
    }

    /// Settings for a database of the cluster.
    pub fn config_of(&self, database: &str) -> Config {
        let mut config = self.stack.config();
        config.database.url = with_database(&config.database.url, database);
        config.database.owner_url = with_database(&config.database.owner_url, database);
        config
    }

    /// Redis with a key space of its own: accounts have the same ids in every copy of the template, and sessions are counted by account.
    pub fn new_redis_url(&self) -> String {
        let number = self.redis_databases.fetch_add(1, Ordering::Relaxed);
        assert!(number < DATABASES, "more platforms than Redis has key spaces");
        let mut url = Url::parse(&self.stack.config().redis_url).expect("a Redis URL");
        url.set_path(&number.to_string());
        url.to_string()
    }

    fn superuser(&self) -> PgConnection {
        PgConnection::establish(&self.stack.superuser_url_of("postgres")).expect("the cluster answers")
    }
}

fn start() -> World {
    remove_leftovers();
    let folder = tempfile::Builder::new().prefix(&format!("{FOLDER_PREFIX}{}-", std::process::id())).tempdir().expect("a temporary folder");
    let stack = Stack::start(StackOptions::for_tests(folder.path())).expect("the embedded servers start");
    let world = World { stack, redis_databases: AtomicU32::new(1), _folder: folder };
    world.superuser().batch_execute(&format!("CREATE DATABASE {TEMPLATE}")).expect("a database can be made");
    prepare_database(&world.stack.superuser_url_of(TEMPLATE), TEMPLATE, &world.config_of(TEMPLATE));
    world
}

/// A world is never dropped, so its folder (a hundred megabytes) outlives its process; the next one removes it.
fn remove_leftovers() {
    let entries = std::fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let process =
            name.strip_prefix(FOLDER_PREFIX).and_then(|rest| rest.split_once('-')).and_then(|(number, _)| number.parse::<u32>().ok());
        if process.is_some_and(|number| !std::path::Path::new(&format!("/proc/{number}")).exists()) {
            // Another process may be removing it too.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// Roles, tables, policies and the sample, in a database that is empty yet. Blocks, so it must not be called inside a runtime.
pub fn prepare_database(superuser_url: &str, database: &str, config: &Config) {
    let password_of = |url: &str| Url::parse(url).expect("a URL").password().unwrap_or_default().to_owned();
    let (owner, login) = (password_of(&config.database.owner_url), password_of(&config.database.url));
    bootstrap::make_roles(superuser_url, database, &RolePasswords { owner: &owner, login: &login }).expect("roles are made");
    bootstrap::migrate(&config.database.owner_url).expect("migrations run");
    load_sample(config);
}

fn load_sample(config: &Config) {
    let folder = bundles::folder::default_dir().expect("the sample bundle is in the source tree");
    let bundle = bundles::read::read(&folder).unwrap_or_else(|problems| panic!("the sample bundle is sound: {problems:?}"));
    let db = Db::new(&config.database.url, 1).expect("a pool");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let at = "2026-01-05T00:00:00Z".parse().expect("a time");
    runtime.block_on(bundles::apply::apply(&db, bundle, DEMO_PASSWORD, at)).expect("the sample loads");
}

fn with_database(url: &str, database: &str) -> String {
    let mut url = Url::parse(url).expect("a database URL");
    url.set_path(database);
    url.to_string()
}

/// For callers that share ownership of a report function.
pub fn silent() -> Arc<dyn Fn(&str) + Send + Sync> {
    Arc::new(|_| {})
}
