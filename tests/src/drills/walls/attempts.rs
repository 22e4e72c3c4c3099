//! The tries. Each is a transaction of its own, in plain SQL over the login role; what succeeds is committed, so that a hole leaves its mark.

use std::collections::{BTreeMap, BTreeSet};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use platform::db::classes::{CITIZEN_TABLES, PLATFORM_TABLES, PUBLISHED_TABLES, QUEUE_TABLES, TENANT_TABLES};

use super::rows::Parties;

const DENIED: &str = "permission denied";
const WALL: &str = "violates row-level security policy";

/// A role to take, and the settings to take it with.
struct Scope {
    name: &'static str,
    begin: String,
}

fn scope(role: &'static str, settings: &str) -> Scope {
    Scope { name: role, begin: format!("BEGIN; SET LOCAL ROLE {role}; {settings}") }
}

/// What a statement came to.
enum Done {
    Rows(usize),
    Refused(String),
}

#[derive(Default)]
pub struct Findings {
    pub tables: BTreeSet<&'static str>,
    pub attempts: usize,
    /// Rows seen that should not be.
    pub visible: usize,
    /// Rows changed, removed or forged that should not be.
    pub writable: usize,
    pub unscoped_denied: bool,
    pub complaints: Vec<String>,
}

/// All tries, and at the end a comparison of everybody else's rows with what they were before.
pub fn run(login_url: &str, mut superuser: PgConnection, parties: &Parties) -> anyhow::Result<Findings> {
    let before = digests(&mut superuser, parties)?;
    let mut intruder = Intruder { conn: PgConnection::establish(login_url)?, superuser, found: Findings::default() };
    intruder.found.unscoped_denied = true;
    intruder.tenant_scope(parties)?;
    intruder.subtree_scope(parties)?;
    intruder.citizen_scope(parties)?;
    intruder.work_scope(parties)?;
    intruder.platform_scope(parties)?;
    intruder.published_tables(parties)?;
    intruder.bad_settings();
    intruder.ways_out(parties);
    intruder.without_scope();
    let after = digests(&mut intruder.superuser, parties)?;
    for (table, _) in before.iter().filter(|(table, digest)| after.get(*table) != Some(digest)) {
        intruder.found.writable += 1;
        intruder.found.complaints.push(format!("{table}: rows of others are not what they were before"));
    }
    Ok(intruder.found)
}

struct Intruder {
    conn: PgConnection,
    superuser: PgConnection,
    found: Findings,
}

impl Intruder {
    // -- The scopes -------------------------------------------------------------------------------------------------------------------------

    /// One tenant: its own rows and nobody else's; nothing of citizens, nothing of accounts.
    fn tenant_scope(&mut self, parties: &Parties) -> anyhow::Result<()> {
        let scope = tenant_scope(parties);
        let (a, b) = (parties.a.tenant_id.to_string(), parties.b.tenant_id.to_string());
        for table in TENANT_TABLES {
            self.found.tables.insert(table);
            self.own_rows(&scope, table, &format!("tenant_id = {a}"))?;
            self.not_seen(&scope, table, &format!("tenant_id <> {a}"));
            self.not_written(&scope, table, "tenant_id", &a, &b);
        }
        self.all_denied(&scope, CITIZEN_TABLES);
        self.all_denied(&scope, PLATFORM_TABLES);
        Ok(())
    }

    /// A county: the rows of its own range, read only, and no queues.
    fn subtree_scope(&mut self, parties: &Parties) -> anyhow::Result<()> {
        let scope = subtree_scope(parties);
        let (first, last) = county_of(parties.a.tenant_id);
        let (a, b) = (parties.a.tenant_id.to_string(), parties.b.tenant_id.to_string());
        for table in TENANT_TABLES {
            let inside = format!("tenant_id BETWEEN {first} AND {last}");
            if self.is_granted(&scope, table) {
                self.own_rows(&scope, table, &inside)?;
                self.not_seen(&scope, table, &format!("NOT ({inside})"));
            }
            self.not_written(&scope, table, "tenant_id", &a, &b);
            self.not_written(&scope, table, "tenant_id", &a, &a);
        }
        self.all_denied(&scope, CITIZEN_TABLES);
        self.all_denied(&scope, PLATFORM_TABLES);
        Ok(())
    }

    /// One citizen: nobody else's rows, and no tenant's.
    fn citizen_scope(&mut self, parties: &Parties) -> anyhow::Result<()> {
        let scope = citizen_scope(parties);
        let (a, b) = (format!("'{}'", parties.a.citizen_id), format!("'{}'", parties.b.citizen_id));
        for table in CITIZEN_TABLES {
            self.found.tables.insert(table);
            self.own_rows(&scope, table, &format!("citizen_id = {a}"))?;
            self.not_seen(&scope, table, &format!("citizen_id <> {a}"));
            self.not_written(&scope, table, "citizen_id", &a, &b);
        }
        self.all_denied(&scope, TENANT_TABLES);
        self.all_denied(&scope, PLATFORM_TABLES);
        Ok(())
    }

    /// The worker: the queues of all tenants, which is its office, and nothing else; and it forges nothing.
    fn work_scope(&mut self, parties: &Parties) -> anyhow::Result<()> {
        let scope = scope("zt_work", "");
        let others: Vec<&str> = TENANT_TABLES.iter().filter(|table| !QUEUE_TABLES.contains(table)).copied().collect();
        self.all_denied(&scope, &others);
        self.all_denied(&scope, CITIZEN_TABLES);
        self.all_denied(&scope, PLATFORM_TABLES);
        for table in QUEUE_TABLES {
            self.own_rows(&scope, table, "true")?;
            self.denied(&scope, &forge(table, "tenant_id", &parties.b.tenant_id.to_string(), "true"));
            // A worker settles what it has claimed; whose it is and what it says are not the worker's to change.
            for column in ["tenant_id", "id", "kind", "payload"] {
                self.denied(&scope, &format!("UPDATE {table} SET {column} = {column}"));
            }
        }
        Ok(())
    }

    /// Register and accounts: no row of any tenant or citizen.
    fn platform_scope(&mut self, _: &Parties) -> anyhow::Result<()> {
        let scope = scope("zt_platform", "");
        self.all_denied(&scope, TENANT_TABLES);
        self.all_denied(&scope, CITIZEN_TABLES);
        for table in PLATFORM_TABLES.iter().chain(PUBLISHED_TABLES) {
            self.found.tables.insert(table);
            self.own_rows(&scope, table, "true")?;
        }
        Ok(())
    }

    /// What is published may be read in every scope and written in none of them.
    fn published_tables(&mut self, parties: &Parties) -> anyhow::Result<()> {
        for scope in [tenant_scope(parties), subtree_scope(parties), citizen_scope(parties), scope("zt_work", "")] {
            for table in PUBLISHED_TABLES {
                self.own_rows(&scope, table, "true")?;
                for statement in writes(table) {
                    self.denied(&scope, &statement);
                }
            }
        }
        Ok(())
    }

    /// A scope that was opened without saying whose shows nothing at all.
    fn bad_settings(&mut self) {
        for value in
            ["", "''", "' '", "'nobody'", "'0'", "'-1'", "'370522104202 OR true'", "'370522104202,370505101201'", "'99999999999999999999'"]
        {
            let set = |name: &str| if value.is_empty() { String::new() } else { format!("SET LOCAL {name} = {value};") };
            let tenant = scope("zt_tenant", &set("app.tenant"));
            let subtree = scope("zt_subtree", &format!("{} {}", set("app.subtree_first"), set("app.subtree_last")));
            let citizen = scope("zt_citizen", &set("app.citizen"));
            for table in TENANT_TABLES {
                self.not_seen(&tenant, table, "true");
                self.not_seen(&subtree, table, "true");
                self.unchanged(&tenant, &format!("UPDATE {table} SET tenant_id = tenant_id"));
            }
            for table in CITIZEN_TABLES {
                self.not_seen(&citizen, table, "true");
                self.unchanged(&citizen, &format!("UPDATE {table} SET citizen_id = citizen_id"));
            }
        }
    }

    /// Taking off the walls, or stepping out of the scope.
    fn ways_out(&mut self, parties: &Parties) {
        let scopes = [
            tenant_scope(parties),
            subtree_scope(parties),
            citizen_scope(parties),
            scope("zt_work", ""),
            scope("zt_platform", ""),
            Scope { name: "no scope", begin: "BEGIN".to_owned() },
        ];
        for scope in &scopes {
            for role in ["zt_owner", "zt_super"] {
                self.refused(scope, &format!("SET LOCAL ROLE {role}"));
            }
            self.refused(scope, "SET LOCAL SESSION AUTHORIZATION zt_owner");
            for table in TENANT_TABLES.iter().chain(CITIZEN_TABLES) {
                self.refused(scope, &format!("ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"));
                self.refused(scope, &format!("DROP POLICY of_owner ON {table}"));
                self.refused(scope, &format!("TRUNCATE {table} CASCADE"));
                // Where a row would have to be hidden, PostgreSQL now refuses instead.
                let unfiltered = Scope { name: scope.name, begin: format!("{}; SET LOCAL row_security = off", scope.begin) };
                self.refused(&unfiltered, &format!("SELECT 1 FROM {table}"));
                self.refused(scope, &format!("RESET ROLE; SELECT count(*) FROM {table}"));
            }
            self.refused(scope, "CREATE TABLE intruder (id integer)");
        }
    }

    /// Whoever forgets the scope is told so by every table.
    fn without_scope(&mut self) {
        let scope = Scope { name: "no scope", begin: "BEGIN".to_owned() };
        for table in [TENANT_TABLES, CITIZEN_TABLES, PUBLISHED_TABLES, PLATFORM_TABLES].concat() {
            let select = format!("SELECT 1 FROM {table} LIMIT 1");
            for statement in std::iter::once(select).chain(writes(table)) {
                if !self.denied(&scope, &statement) {
                    self.found.unscoped_denied = false;
                }
            }
        }
    }

    // -- What should come of a try ----------------------------------------------------------------------------------------------------------

    /// Exactly the rows that a superuser finds are seen.
    fn own_rows(&mut self, scope: &Scope, table: &str, whose: &str) -> anyhow::Result<()> {
        let sql = format!("SELECT 1 FROM {table} WHERE {whose}");
        let there = diesel::sql_query(&sql).execute(&mut self.superuser)?;
        match self.attempt(scope, &sql) {
            Done::Rows(seen) if seen == there && there > 0 => {}
            Done::Rows(seen) => self.complain(scope, &sql, &format!("{seen} of {there} rows are seen")),
            Done::Refused(reason) => self.complain(scope, &sql, &reason),
        }
        Ok(())
    }

    fn not_seen(&mut self, scope: &Scope, table: &str, whose: &str) {
        let sql = format!("SELECT 1 FROM {table} WHERE {whose}");
        if let Done::Rows(seen) = self.attempt(scope, &sql)
            && seen > 0
        {
            self.found.visible += seen;
            self.complain(scope, &sql, &format!("{seen} rows are seen"));
        }
    }

    /// Rows of B are neither changed nor removed, none is forged in B's name, and none of A's is pushed over to B.
    fn not_written(&mut self, scope: &Scope, table: &str, key: &str, a: &str, b: &str) {
        self.unchanged(scope, &format!("UPDATE {table} SET {key} = {key} WHERE {key} = {b}"));
        self.unchanged(scope, &format!("DELETE FROM {table} WHERE {key} = {b}"));
        self.denied(scope, &forge(table, key, b, &format!("{key} = {a}")));
        self.denied(scope, &format!("UPDATE {table} SET {key} = {b} WHERE {key} = {a}"));
    }

    fn unchanged(&mut self, scope: &Scope, sql: &str) {
        if let Done::Rows(changed) = self.attempt(scope, sql)
            && changed > 0
        {
            self.found.writable += changed;
            self.complain(scope, sql, &format!("{changed} rows are changed"));
        }
    }

    fn all_denied(&mut self, scope: &Scope, tables: &[&str]) {
        for table in tables {
            self.denied(scope, &format!("SELECT 1 FROM {table} LIMIT 1"));
            for statement in writes(table) {
                self.denied(scope, &statement);
            }
        }
    }

    /// Refused by a grant or by a wall, not by chance; whether it was.
    fn denied(&mut self, scope: &Scope, sql: &str) -> bool {
        match self.attempt(scope, sql) {
            Done::Refused(reason) if reason.contains(DENIED) || reason.contains(WALL) => return true,
            Done::Refused(reason) => self.complain(scope, sql, &format!("refused for another reason: {reason}")),
            Done::Rows(count) => {
                if sql.starts_with("SELECT") {
                    self.found.visible += count.max(1);
                } else {
                    self.found.writable += count.max(1);
                }
                self.complain(scope, sql, &format!("not refused, {count} rows"));
            }
        }
        false
    }

    fn refused(&mut self, scope: &Scope, sql: &str) {
        if let Done::Rows(_) = self.attempt(scope, sql) {
            self.found.writable += 1;
            self.complain(scope, sql, "not refused");
        }
    }

    fn is_granted(&mut self, scope: &Scope, table: &str) -> bool {
        !matches!(self.attempt(scope, &format!("SELECT 1 FROM {table} LIMIT 1")), Done::Refused(reason) if reason.contains(DENIED))
    }

    fn complain(&mut self, scope: &Scope, sql: &str, what: &str) {
        self.found.complaints.push(format!("{}: {sql}: {what}", scope.name));
    }

    fn attempt(&mut self, scope: &Scope, sql: &str) -> Done {
        self.found.attempts += 1;
        let done = self.try_in(scope, sql);
        let end = if matches!(done, Done::Rows(_)) { "COMMIT" } else { "ROLLBACK" };
        // A refused commit leaves nothing behind, and the next BEGIN would say so.
        let _ = self.conn.batch_execute(end);
        done
    }

    fn try_in(&mut self, scope: &Scope, sql: &str) -> Done {
        let begun = self.conn.batch_execute(&scope.begin);
        let several = sql.contains(';');
        let done = begun
            .and_then(|()| if several { self.conn.batch_execute(sql).map(|()| 0) } else { diesel::sql_query(sql).execute(&mut self.conn) });
        match done {
            Ok(rows) => Done::Rows(rows),
            Err(error) => Done::Refused(error.to_string()),
        }
    }
}

fn tenant_scope(parties: &Parties) -> Scope {
    scope("zt_tenant", &format!("SET LOCAL app.tenant = '{}'", parties.a.tenant_id))
}

fn subtree_scope(parties: &Parties) -> Scope {
    let (first, last) = county_of(parties.a.tenant_id);
    scope("zt_subtree", &format!("SET LOCAL app.subtree_first = '{first}'; SET LOCAL app.subtree_last = '{last}'"))
}

fn citizen_scope(parties: &Parties) -> Scope {
    scope("zt_citizen", &format!("SET LOCAL app.citizen = '{}'", parties.a.citizen_id))
}

/// The range of tenants below the county that a tenant belongs to.
fn county_of(tenant_id: i64) -> (i64, i64) {
    const SPAN: i64 = 1_000_000;
    let first = tenant_id / SPAN * SPAN;
    (first, first + SPAN - 1)
}

/// A copy of a row that is there, in the name of somebody else. Row-level security is asked before any key or check.
fn forge(table: &str, key: &str, owner: &str, like: &str) -> String {
    let owner = owner.trim_matches('\'');
    format!(
        "INSERT INTO {table} SELECT (jsonb_populate_record(own, jsonb_build_object('{key}', '{owner}'))).* \
         FROM {table} AS own WHERE {like} LIMIT 1"
    )
}

/// One statement of each kind that writes; they name no row, for the grant is asked first.
fn writes(table: &str) -> [String; 3] {
    [
        format!("INSERT INTO {table} DEFAULT VALUES"),
        format!("DELETE FROM {table} WHERE false"),
        format!("UPDATE {table} SET {} WHERE false", any_column(table)),
    ]
}

/// A column of the table, set to itself.
fn any_column(table: &str) -> &'static str {
    match table {
        _ if TENANT_TABLES.contains(&table) => "tenant_id = tenant_id",
        _ if CITIZEN_TABLES.contains(&table) => "citizen_id = citizen_id",
        "tenant" | "delegation" | "account" => "state = state",
        "directory_matter" => "basic_code = basic_code",
        _ => "tenant_id = tenant_id",
    }
}

/// The rows of everybody but A, as one value for each table, past every wall.
fn digests(superuser: &mut PgConnection, parties: &Parties) -> anyhow::Result<BTreeMap<&'static str, (i64, String)>> {
    #[derive(QueryableByName)]
    struct Digest {
        #[diesel(sql_type = BigInt)]
        rows: i64,
        #[diesel(sql_type = Text)]
        digest: String,
    }
    let tenant = format!("tenant_id <> {}", parties.a.tenant_id);
    let citizen = format!("citizen_id <> '{}'", parties.a.citizen_id);
    let classes =
        [(TENANT_TABLES, tenant.as_str()), (CITIZEN_TABLES, citizen.as_str()), (PUBLISHED_TABLES, "true"), (PLATFORM_TABLES, "true")];
    let mut digests = BTreeMap::new();
    for (tables, others) in classes {
        for table in tables {
            let sql = format!(
                "SELECT count(*) AS rows, coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') AS digest FROM {table} t WHERE {others}"
            );
            let Digest { rows, digest } = diesel::sql_query(sql).get_result(superuser)?;
            digests.insert(*table, (rows, digest));
        }
    }
    Ok(digests)
}
