//! The same acceptance as pgbench scripts: the statements that the endpoint's act consists of, with the rows that a real one wrote.
//!
//! Nothing here is made up. A case is accepted through the endpoint; the rows it left behind are read back, column by column, and become the
//! values that pgbench sends with every transaction: the same bodies, events, messages, jobs and audit texts, in the same sizes, as
//! parameters of prepared statements, by the same login role, in the same scope, under row-level security. Only what names a case differs from
//! transaction to transaction, and is made from a number: `prefix || n`.
//!
//! *Plain* sends the statements one by one, as a program would that is written without further thought. *Best* is the best that pgbench can
//! do with them: all in one pipeline, and the writes in one statement.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};
use diesel::sql_types::{Nullable, Text};
use diesel::{PgConnection, QueryableByName, RunQueryDsl};
use url::Url;
use uuid::Uuid;

use super::rig::Rig;

/// Columns of a table with the values of one row, in the order of the table.
type Columns = Vec<Column>;

#[derive(QueryableByName, Debug, Clone)]
pub struct Column {
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub value: Option<String>,
}

/// Rows of `table` where `condition` holds, as text.
pub fn rows_of(conn: &mut PgConnection, table: &str, condition: &str, order: &str) -> anyhow::Result<Vec<Columns>> {
    let mut rows = Vec::new();
    loop {
        let query = format!(
            "SELECT c.column_name AS name, c.udt_name AS kind, v.value FROM information_schema.columns AS c \
             JOIN jsonb_each_text((SELECT to_jsonb(t) FROM {table} AS t WHERE {condition} ORDER BY {order} LIMIT 1 OFFSET {})) AS v \
             ON v.key = c.column_name WHERE c.table_name = '{table}' ORDER BY c.ordinal_position",
            rows.len()
        );
        let row: Columns = diesel::sql_query(query).load(conn)?;
        if row.is_empty() {
            return Ok(rows);
        }
        rows.push(row);
    }
}

/// What one acceptance wrote and read.
pub struct Sample {
    pub tenant_id: i64,
    pub known_version: i32,
    pub file: Columns,
    pub material: Columns,
    pub events: Vec<Columns>,
    pub cursors: Vec<Columns>,
    pub messages: Vec<Columns>,
    pub jobs: Vec<Columns>,
    pub audit: Vec<Columns>,
}

impl Sample {
    /// Reads it back; the case was accepted once, and `events_before` were there before.
    pub fn read(conn: &mut PgConnection, tenant_id: i64, case_id: Uuid, known_version: i32, events_before: i32) -> anyhow::Result<Sample> {
        let of_case = format!("t.tenant_id = {tenant_id} AND t.case_id = '{case_id}'");
        let sent = format!("{of_case} AND t.kind = 'news' AND t.state = 'waiting'");
        let one = |mut rows: Vec<Columns>, what: &str| rows.pop().with_context(|| format!("the accepted case has no {what}"));
        let sample = Sample {
            tenant_id,
            known_version,
            file: one(rows_of(conn, "case_file", &of_case, "case_id")?, "file")?,
            material: one(rows_of(conn, "case_material", &of_case, "material_code")?, "material")?,
            events: rows_of(conn, "case_event", &format!("{of_case} AND t.seq > {events_before}"), "seq")?,
            cursors: rows_of(conn, "exchange_cursor", &of_case, "peer_id")?,
            messages: rows_of(conn, "outbox", &sent, "seq")?,
            jobs: rows_of(conn, "job", &format!("t.tenant_id = {tenant_id} AND t.payload->>'case_id' = '{case_id}'"), "id")?,
            audit: rows_of(conn, "audit_entry", &format!("t.tenant_id = {tenant_id} AND t.object = 'case {case_id}'"), "id")?,
        };
        ensure!(
            !sample.events.is_empty() && !sample.messages.is_empty() && !sample.jobs.is_empty() && sample.audit.len() == 1,
            "an acceptance leaves events, news, jobs and one audit entry"
        );
        Ok(sample)
    }

    /// Tables that the scripts read and write, by verb; compared with what the endpoint was seen to do.
    pub fn tables(&self) -> Vec<String> {
        let read = ["select case_file", "select case_material"];
        let written =
            ["update case_file", "insert case_event", "insert exchange_cursor", "insert outbox", "insert job", "insert audit_entry"];
        let mut tables: Vec<String> = read.into_iter().chain(written).map(str::to_owned).collect();
        tables.sort();
        tables
    }
}

/// A script for pgbench and the values that it is started with.
pub struct Script {
    text: String,
    variables: BTreeMap<String, String>,
}

/// One statement each, one by one.
pub fn plain(sample: &Sample) -> Script {
    let mut script = Script::begin();
    let mut statements = scope(sample);
    statements.extend(script.reads(sample));
    let (update, inserts) = script.writes(sample, false);
    statements.push(update);
    statements.extend(inserts.into_iter().map(|(_, insert)| insert));
    statements.push("COMMIT".to_owned());
    for statement in statements {
        let _ = writeln!(script.text, "{statement};");
    }
    script
}

/// The writes as one statement, and everything in one pipeline: one round trip for the whole transaction.
pub fn best(sample: &Sample) -> Script {
    let mut script = Script::begin();
    let mut statements = scope(sample);
    statements.extend(script.reads(sample));
    let (update, inserts) = script.writes(sample, true);
    let inserts: Vec<String> = inserts.into_iter().map(|(name, insert)| format!("{name} AS ({insert})")).collect();
    statements.push(format!("WITH act AS ({update} RETURNING 1), {} SELECT 1 FROM act", inserts.join(", ")));
    statements.push("COMMIT".to_owned());
    script.text.push_str("\\startpipeline\n");
    for statement in statements {
        let _ = writeln!(script.text, "{statement};");
    }
    script.text.push_str("\\endpipeline\n");
    script
}

fn scope(sample: &Sample) -> Vec<String> {
    vec!["BEGIN".to_owned(), "SET LOCAL ROLE zt_tenant".to_owned(), format!("SET LOCAL app.tenant = '{}'", sample.tenant_id)]
}

const QUEUE_STATE: &[&str] = &["tries", "state", "last_error"];
const CASE_ID: &str = "(:case_prefix::text || :n)::uuid";

impl Script {
    fn begin() -> Script {
        // Each client has a range of numbers of its own and goes through it once.
        Script { text: "\\set i :i + 1\n\\set n :first + :client_id * :per_client + :i\n".to_owned(), variables: BTreeMap::new() }
    }

    fn reads(&mut self, sample: &Sample) -> Vec<String> {
        let tenant = self.value("tenant", "int8", &sample.tenant_id.to_string());
        let names = |columns: &Columns| columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>().join(", ");
        let of_case = format!("tenant_id = {tenant} AND case_id = {CASE_ID}");
        vec![
            format!("SELECT {} FROM case_file WHERE {of_case} LIMIT 1", names(&sample.file)),
            format!("SELECT {} FROM case_material WHERE {of_case} ORDER BY material_code, version_no", names(&sample.material)),
        ]
    }

    /// The update of the file, and each insert with a name. `in_one` makes the inserts hang on the update.
    fn writes(&mut self, sample: &Sample, in_one: bool) -> (String, Vec<(String, String)>) {
        let tenant = self.value("tenant", "int8", &sample.tenant_id.to_string());
        let known = self.value("known_version", "int4", &sample.known_version.to_string());
        let changes: Vec<String> = sample
            .file
            .iter()
            .filter(|column| !matches!(column.name.as_str(), "tenant_id" | "case_id"))
            .map(|column| format!("{} = {}", column.name, self.column("file", column)))
            .collect();
        let update =
            format!("UPDATE case_file SET {} WHERE tenant_id = {tenant} AND case_id = {CASE_ID} AND version = {known}", changes.join(", "));
        let tables = [
            ("case_event", "event", &sample.events),
            ("exchange_cursor", "cursor", &sample.cursors),
            ("outbox", "message", &sample.messages),
            ("job", "job", &sample.jobs),
            ("audit_entry", "audit", &sample.audit),
        ];
        let mut inserts = Vec::new();
        for (table, short, rows) in tables {
            for (index, row) in rows.iter().enumerate() {
                let name = format!("{short}{index}");
                // What a queue keeps of its own work has defaults, which the server leaves to the table as well.
                let given = |column: &&Column| !(matches!(table, "job" | "outbox") && QUEUE_STATE.contains(&column.name.as_str()));
                let row: Columns = row.iter().filter(given).cloned().collect();
                let columns: Vec<&str> = row.iter().map(|column| column.name.as_str()).collect();
                let values: Vec<String> = row.iter().map(|column| self.column(&name, column)).collect();
                let (columns, values) = (columns.join(", "), values.join(", "));
                let mut insert = match in_one {
                    true => format!("INSERT INTO {table} ({columns}) SELECT {values} FROM act"),
                    false => format!("INSERT INTO {table} ({columns}) VALUES ({values})"),
                };
                if table == "exchange_cursor" {
                    insert.push_str(
                        " ON CONFLICT (tenant_id, peer_id, case_id) DO UPDATE SET sent = exchange_cursor.sent + 1 RETURNING sent",
                    );
                }
                inserts.push((name, insert));
            }
        }
        (update, inserts)
    }

    /// The value of a column: as the sample has it, but for what names the case.
    fn column(&mut self, row: &str, column: &Column) -> String {
        match (column.name.as_str(), &column.value) {
            ("tenant_id", Some(value)) => self.value("tenant", "int8", value),
            ("case_id", _) => CASE_ID.to_owned(),
            ("case_no", _) => ":n::text".to_owned(),
            // Ids are drawn in order of time by the server; these rise as well.
            ("id", _) => {
                let prefix = Uuid::now_v7().to_string()[..24].to_owned();
                format!("({}|| :n)::uuid", self.value(&format!("{row}_id"), "text", &prefix))
            }
            (_, None) => format!("NULL::{}", column.kind),
            (name, Some(value)) => self.value(&format!("{row}_{name}"), &column.kind, value),
        }
    }

    fn value(&mut self, name: &str, kind: &str, value: &str) -> String {
        self.variables.insert(name.to_owned(), value.to_owned());
        format!(":{name}::{kind}")
    }

    /// Runs it; each of `clients` does `per_client` cases from number `first` on. Answers transactions a second, connecting not counted.
    pub fn run(&self, rig: &Rig, name: &str, case_prefix: &str, first: u64, clients: usize, per_client: usize) -> anyhow::Result<f64> {
        let path = rig.folder().join(format!("{name}.sql"));
        std::fs::write(&path, &self.text)?;
        let url = Url::parse(&rig.config.database.url)?;
        let host = url.host_str().unwrap_or_default().replace("%2F", "/").replace("%2f", "/");
        let mut command = Command::new(program(rig));
        command
            .env("PGPASSWORD", url.password().unwrap_or_default())
            // pgbench prepares a pipeline's statements before it begins, when no scope is open yet; the role lets it see the tables.
            .env("PGOPTIONS", "-c role=zt_tenant")
            .args(["-n", "-M", "prepared", "-h", &host, "-U", url.username(), "-p", &url.port().unwrap_or(5432).to_string()])
            .args(["-c", &clients.to_string(), "-j", "1", "-t", &per_client.to_string(), "-f"])
            .arg(&path)
            .args(["-D", &format!("case_prefix={case_prefix}"), "-D", &format!("first={first}")])
            .args(["-D", &format!("per_client={per_client}"), "-D", "i=-1"]);
        for (name, value) in &self.variables {
            command.arg("-D").arg(format!("{name}={value}"));
        }
        let output = command.arg(url.path().trim_start_matches('/')).output().context("pgbench, installed with PostgreSQL")?;
        let text = String::from_utf8_lossy(&output.stdout);
        ensure!(output.status.success(), "pgbench {name}: {}", head_of(&String::from_utf8_lossy(&output.stderr)));
        let line = text.lines().find_map(|line| line.strip_prefix("tps = ")).with_context(|| format!("pgbench says no tps: {text}"))?;
        Ok(line.split(' ').next().unwrap_or_default().parse()?)
    }
}

/// The pgbench of the server's own version where Debian keeps it, else the one in PATH.
fn program(rig: &Rig) -> std::path::PathBuf {
    let major = rig.count("SELECT current_setting('server_version_num')::bigint / 10000 AS n").unwrap_or_default();
    let versioned = Path::new("/usr/lib/postgresql").join(major.to_string()).join("bin/pgbench");
    if versioned.exists() { versioned } else { "pgbench".into() }
}

/// The first lines say what was wrong; every client repeats them.
fn head_of(text: &str) -> String {
    text.lines().take(8).collect::<Vec<_>>().join("\n")
}
