//! Roles, database, migrations, policies: everything between an empty server and a usable one. Each step can be run again.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations");
const ROLES: &str = include_str!("../../../migrations/roles.sql");
const POLICIES: &str = include_str!("../../../migrations/policies.sql");

/// Passwords of the two roles that log in.
pub struct RolePasswords<'a> {
    pub owner: &'a str,
    pub login: &'a str,
}

#[derive(Debug, thiserror::Error)]
pub enum BootstrapError {
    #[error("cannot connect to {url}: {reason}")]
    Connect { url: String, reason: String },
    #[error("{step} failed: {reason}")]
    Step { step: &'static str, reason: String },
}

/// Makes the cluster's roles and hands the database to its owner. Needs a superuser, or a role that may create roles.
pub fn make_roles(superuser_url: &str, database: &str, passwords: &RolePasswords<'_>) -> Result<(), BootstrapError> {
    let mut conn = connect(superuser_url)?;
    let roles = ROLES.replace("{owner_password}", &quoted(passwords.owner)).replace("{login_password}", &quoted(passwords.login));
    run(&mut conn, "making the roles", &roles)?;
    run(
        &mut conn,
        "handing over the database",
        &format!("ALTER DATABASE \"{database}\" OWNER TO zt_owner; ALTER SCHEMA public OWNER TO zt_owner"),
    )
}

/// Runs what is missing of the migrations, then the policies, as the owner. Returns the names of the migrations that ran.
pub fn migrate(owner_url: &str) -> Result<Vec<String>, BootstrapError> {
    let mut conn = connect(owner_url)?;
    let ran = conn
        .run_pending_migrations(MIGRATIONS)
        .map_err(|error| BootstrapError::Step { step: "a migration", reason: error.to_string() })?
        .iter()
        .map(ToString::to_string)
        .collect();
    run(&mut conn, "applying the policies", POLICIES)?;
    Ok(ran)
}

/// Takes back every migration; for the test that `down.sql` restores exactly.
pub fn revert_all(owner_url: &str) -> Result<(), BootstrapError> {
    let mut conn = connect(owner_url)?;
    conn.revert_all_migrations(MIGRATIONS)
        .map_err(|error| BootstrapError::Step { step: "taking back a migration", reason: error.to_string() })?;
    Ok(())
}

/// Names of migrations that this program has and the database lacks; empty when it may serve.
pub fn pending(owner_or_login_url: &str) -> Result<Vec<String>, BootstrapError> {
    let mut conn = connect(owner_or_login_url)?;
    let pending = conn
        .pending_migrations(MIGRATIONS)
        .map_err(|error| BootstrapError::Step { step: "listing migrations", reason: error.to_string() })?;
    Ok(pending.iter().map(|migration| migration.name().to_string()).collect())
}

fn connect(url: &str) -> Result<PgConnection, BootstrapError> {
    PgConnection::establish(url).map_err(|error| BootstrapError::Connect { url: without_password(url), reason: error.to_string() })
}

fn run(conn: &mut PgConnection, step: &'static str, sql: &str) -> Result<(), BootstrapError> {
    conn.batch_execute(sql).map_err(|error| BootstrapError::Step { step, reason: error.to_string() })
}

fn quoted(text: &str) -> String {
    text.replace('\'', "''")
}

fn without_password(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(mut parsed) => {
            // Failing to clear a password is only possible for URLs that cannot hold one.
            let _ = parsed.set_password(None);
            parsed.to_string()
        }
        Err(_) => "the given database url".to_owned(),
    }
}
