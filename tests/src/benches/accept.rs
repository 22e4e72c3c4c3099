//! 受理 through the endpoint against pgbench with the same statements (docs/ARCHITECTURE.md, budgets, row 1).
//!
//! The measured act is the one of the main job: a case that was filed in the village and has come to the town is accepted at its window. It
//! updates the file, adds an event, sends news to the village, leaves a letter as a job and an audit entry. `ratio` compares accepted cases a
//! second with pgbench sending the same statements one by one, `ratio_best` with pgbench's best form of them; see [`super::pgbench`] for why
//! the statements are the same. All three run with the same number of connections, on cases of their own, in turn (A B C A B C …); the
//! ratios are those of one round, and their medians count, so that whatever else the machine does meets all of them. Processor time of an
//! acceptance is printed besides, by whose it is; it hardly depends on what else the machine does.
//!
//! The endpoint does more than the scripts: session, permit, rules, chain of hashes, encryption, the answer's page. That is the point.

use std::collections::BTreeSet;
use std::time::Instant;

use anyhow::{Context as _, ensure};
use diesel::sql_types::{Array, BigInt, Binary, Text, Uuid as SqlUuid};
use diesel::{PgConnection, RunQueryDsl};
use serde_json::json;
use tenants::cases::store;
use uuid::Uuid;

use super::pgbench::{self, Sample, rows_of};
use super::rig::{Marks, ProcessorTime, Rig, median};
use super::wire::Wire;
use crate::drills::{Outcome, Size};
use crate::relay::{People, TOWN, id};

/// Connections of the load, of pgbench, and of the server's pool.
const CLIENTS: usize = 16;
/// First aim; below it the benchmark fails. The goal is 1.0, and 0.75 of the best form.
const RATIO_LEAST: f64 = 0.8;
const WINDOW: &str = "tingluo.window";
/// Tables in which a case that waits for acceptance has rows.
const COPIED: [&str; 4] = ["case_file", "case_event", "case_material", "exchange_cursor"];
/// Cases are copied this many at a time.
const COPY_BATCH: usize = 2_000;
/// Everything but the last twelve digits of a copied case's id; the digits are its number.
const CASE_PREFIX: &str = "019f0000-0000-7000-8000-";
/// Numbers have twelve digits from the first to the last.
const FIRST_NUMBER: u64 = 100_000_000_000;

pub async fn run(size: Size) -> anyhow::Result<Outcome> {
    let (rounds, per_client) = match size {
        Size::Short => (1, 20),
        Size::Full => (5, 400),
    };
    let per_run = CLIENTS * per_client;
    let rig = Rig::start(u32::try_from(CLIENTS)?).await?;
    eprintln!("bringing a case from the village to the town");
    let template = bring_to_town(&rig).await?;
    let trial_cases = 2 * CLIENTS;
    let wanted = trial_cases + 3 * rounds * per_run;
    eprintln!("copying it {wanted} times");
    copy_cases(&rig, template, wanted).await?;
    for table in COPIED {
        rig.execute(&format!("VACUUM (ANALYZE) {table}"))?;
        // A vacuum in the middle would meet one of the three and not the others.
        rig.execute(&format!("ALTER TABLE {table} SET (autovacuum_enabled = off)"))?;
    }
    rig.execute("CHECKPOINT")?;

    let mut cases = Cases { next: FIRST_NUMBER };
    let version = known_version(&rig, template)?;
    let sample = try_one(&rig, cases.take(1), version).await?;
    let (plain, best) = (pgbench::plain(&sample), pgbench::best(&sample));

    let server = rig.serve().await?;
    let mut windows = Vec::new();
    for _ in 0..CLIENTS {
        windows.push(Wire::sign_in(server.address, WINDOW).await?);
    }
    accept_all(&mut windows, cases.take(CLIENTS), 1, version).await?;

    let mut rates: [Vec<f64>; 3] = Default::default();
    let mut database_ms: [Vec<f64>; 3] = Default::default();
    let (mut server_ms, mut redis_ms) = (Vec::new(), Vec::new());
    for round in 1..=rounds {
        for (index, (rates, database_ms)) in rates.iter_mut().zip(&mut database_ms).enumerate() {
            let first = cases.take(per_run);
            let before = ProcessorTime::now(&rig, Some(server.id()))?;
            rates.push(match index {
                0 => accept_all(&mut windows, first, per_client, version).await?,
                1 => plain.run(&rig, "plain", CASE_PREFIX, first, CLIENTS, per_client)?,
                _ => best.run(&rig, "best", CASE_PREFIX, first, CLIENTS, per_client)?,
            });
            let used = ProcessorTime::now(&rig, Some(server.id()))?.since(before);
            database_ms.push(used.database_ms / per_run as f64);
            if index == 0 {
                server_ms.push(used.server_ms / per_run as f64);
                redis_ms.push(used.redis_ms / per_run as f64);
            }
        }
        let last: Vec<f64> = rates.iter().filter_map(|rates| rates.last().copied()).collect();
        eprintln!("round {round}: endpoint {:.0}/s, plain {:.0}/s, best {:.0}/s", last[0], last[1], last[2]);
    }
    let done = rig.count(&format!("SELECT count(*) AS n FROM case_file WHERE tenant_id = {TOWN} AND state = 'accepted'"))?;
    let expected = i64::try_from(1 + CLIENTS + 3 * rounds * per_run)?;
    ensure!(done == expected, "{expected} cases should be accepted, {done} are: the three do not do the same");
    server.stop()?;

    // What is compared stood side by side in one round, whatever else the machine did then.
    let against = |other: usize| median(rates[0].iter().zip(&rates[other]).map(|(accept, other)| accept / other).collect());
    let (ratio, ratio_best) = (against(1), against(2));
    let [accept_ms, plain_ms, best_ms] = database_ms.map(median);
    let [accept, plain, best] = rates.map(median);
    Ok(Outcome {
        figures: vec![
            ("ratio", format!("{ratio:.2}")),
            ("ratio_best", format!("{ratio_best:.2}")),
            ("accept_per_s", format!("{accept:.0}")),
            ("plain_per_s", format!("{plain:.0}")),
            ("best_per_s", format!("{best:.0}")),
            ("server_ms", format!("{:.3}", median(server_ms))),
            ("redis_ms", format!("{:.3}", median(redis_ms))),
            ("database_ms", format!("{accept_ms:.3}")),
            ("plain_database_ms", format!("{plain_ms:.3}")),
            ("best_database_ms", format!("{best_ms:.3}")),
            ("clients", CLIENTS.to_string()),
            ("cases", (3 * rounds * per_run).to_string()),
        ],
        passed: ratio >= RATIO_LEAST,
    })
}

/// Hands out numbers of copied cases, each once.
struct Cases {
    next: u64,
}

impl Cases {
    fn take(&mut self, count: usize) -> u64 {
        let first = self.next;
        self.next += count as u64;
        first
    }
}

/// Files a case in the village and carries it to the town, through API and worker.
async fn bring_to_town(rig: &Rig) -> anyhow::Result<Uuid> {
    let server = rig.serve().await?;
    let people = People::at(&format!("http://{}", server.address)).await;
    let case = crate::relay::file(&people.agent, 1).await;
    people.agent.act(id(&case), "hand_on", json!({})).await.expect(200);
    rig.settle().await?;
    server.stop()?;
    Ok(id(&case).parse()?)
}

/// Copies the town's file, with its events, papers and counters, under new ids; what is sealed is sealed anew for each.
async fn copy_cases(rig: &Rig, template: Uuid, count: usize) -> anyhow::Result<()> {
    let file = rig.parts.context.db.tenant(TOWN, move |tx| store::get(tx, template)).await.map_err(|error| anyhow::anyhow!("{error:?}"))?;
    let keys = &rig.parts.context.keys;
    let private = store::open_private(keys, &file).map_err(|error| anyhow::anyhow!("{error:?}"))?;
    let mut conn = rig.superuser()?;
    let mut number = FIRST_NUMBER;
    let last = FIRST_NUMBER + count as u64;
    while number < last {
        let batch: Vec<u64> = (number..last.min(number + COPY_BATCH as u64)).collect();
        let ids: Vec<Uuid> = batch.iter().map(|number| case_id(*number)).collect();
        let sealed: Result<Vec<Vec<u8>>, _> = ids.iter().map(|id| store::seal_private(keys, TOWN, *id, &private)).collect();
        let sealed = sealed.map_err(|error| anyhow::anyhow!("{error:?}"))?;
        let numbers: Vec<String> = batch.iter().map(u64::to_string).collect();
        for table in COPIED {
            copy_rows(&mut conn, table, template, &ids, &numbers, &sealed)?;
        }
        number += COPY_BATCH as u64;
    }
    Ok(())
}

fn copy_rows(
    conn: &mut PgConnection,
    table: &str,
    template: Uuid,
    ids: &[Uuid],
    numbers: &[String],
    sealed: &[Vec<u8>],
) -> anyhow::Result<()> {
    let condition = format!("t.tenant_id = {TOWN} AND t.case_id = '{template}'");
    let row = rows_of(conn, table, &condition, "case_id")?.pop().with_context(|| format!("the template has no row in {table}"))?;
    let names: Vec<&str> = row.iter().map(|column| column.name.as_str()).collect();
    let values: Vec<String> = names
        .iter()
        .map(|name| match *name {
            "case_id" | "case_no" | "sealed" => format!("new.{name}"),
            other => format!("t.{other}"),
        })
        .collect();
    let copy = format!(
        "INSERT INTO {table} ({}) SELECT {} FROM unnest($3, $4, $5) AS new (case_id, case_no, sealed), {table} AS t \
         WHERE t.tenant_id = $1 AND t.case_id = $2",
        names.join(", "),
        values.join(", ")
    );
    diesel::sql_query(copy)
        .bind::<BigInt, _>(TOWN)
        .bind::<SqlUuid, _>(template)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<Text>, _>(numbers)
        .bind::<Array<Binary>, _>(sealed)
        .execute(conn)?;
    Ok(())
}

fn case_id(number: u64) -> Uuid {
    format!("{CASE_PREFIX}{number}").parse().expect("a prefix of 24 characters and 12 digits are an id")
}

fn known_version(rig: &Rig, template: Uuid) -> anyhow::Result<i32> {
    let version = rig.count(&format!("SELECT version::bigint AS n FROM case_file WHERE tenant_id = {TOWN} AND case_id = '{template}'"))?;
    Ok(i32::try_from(version)?)
}

/// Accepts one case while PostgreSQL logs every statement, checks that the scripts touch the same tables in the same way, and reads back
/// what was written.
async fn try_one(rig: &Rig, number: u64, version: i32) -> anyhow::Result<Sample> {
    let tried = case_id(number);
    let before = format!("SELECT event_count::bigint AS n FROM case_file WHERE tenant_id = {TOWN} AND case_id = '{tried}'");
    let events_before = i32::try_from(rig.count(&before)?)?;
    let statements = rig
        .statements_of(|address| async move {
            let mut window = Wire::sign_in(address, WINDOW).await?;
            // The first request builds the tenant's policy and reads the matter; later ones find them.
            window.get(&format!("/api/v1/cases/{tried}")).await?.expect(200)?;
            let from = rig.log_length()?;
            accept(&mut window, number, version).await?;
            Ok(Marks { from, to: rig.log_length()? })
        })
        .await?;
    let sample = Sample::read(&mut rig.superuser()?, TOWN, tried, version, events_before)?;
    let seen: Vec<String> = deeds_of(&statements).into_iter().collect();
    ensure!(seen == sample.tables(), "the endpoint does {seen:?}, the scripts do {:?}", sample.tables());
    eprintln!("the endpoint sends {} statements", statements.len());
    Ok(sample)
}

/// `verb table` for every table that statements read or write. A policy's version is asked for once a second, not with every act.
fn deeds_of(statements: &[String]) -> BTreeSet<String> {
    const TABLES: &[&str] = &[
        "case_file",
        "case_event",
        "case_material",
        "case_counter",
        "exchange_cursor",
        "outbox",
        "inbox",
        "job",
        "audit_entry",
        "post",
        "idempotency_key",
        "directory_matter",
        "offering",
        "delegation",
        "account",
        "account_post",
        "tenant",
        "department",
    ];
    let mut deeds = BTreeSet::new();
    for statement in statements {
        let words: Vec<String> = statement.replace(['"', '(', ')'], " ").split_whitespace().map(str::to_lowercase).collect();
        for pair in words.windows(2) {
            let verb = match pair[0].as_str() {
                "from" | "join" => "select",
                "into" => "insert",
                "update" => "update",
                _ => continue,
            };
            if TABLES.contains(&pair[1].as_str()) {
                deeds.insert(format!("{verb} {}", pair[1]));
            }
        }
    }
    deeds
}

async fn accept(window: &mut Wire, number: u64, version: i32) -> anyhow::Result<()> {
    let reply = window.post(&format!("/api/v1/cases/{}/actions/accept", case_id(number)), &json!({"version": version})).await?;
    ensure!(reply.status == 200, "case {number}: {} {}", reply.status, String::from_utf8_lossy(&reply.body));
    Ok(())
}

/// Accepts `per_client` cases on every connection, from number `first` on; answers cases a second.
async fn accept_all(windows: &mut [Wire], first: u64, per_client: usize, version: i32) -> anyhow::Result<f64> {
    let begin = Instant::now();
    let all = windows.iter_mut().enumerate().map(|(index, window)| async move {
        for step in 0..per_client {
            accept(window, first + (index * per_client + step) as u64, version).await?;
        }
        Ok::<_, anyhow::Error>(())
    });
    futures_util::future::try_join_all(all).await?;
    Ok((CLIENTS * per_client) as f64 / begin.elapsed().as_secs_f64())
}
