//! The one statement that writes an act: the file, its events, and its aftermath ([`platform::jobs::aftermath`]).
//!
//! One statement instead of six, because each would be a round trip and a plan of its own. Its text depends only on whether the file is new,
//! so a connection plans it once. Everything hangs on `act`, the row of the file: where that is not written, nothing is.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Binary, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use platform::db::TenantTx;
use platform::http::problem::Problem;
use platform::jobs::aftermath::Aftermath;

use super::case::CaseFile;
use super::event::ChainedEvent;
use super::row::Row;

/// Writes it all; `false` when the file is not at `known_version` any more, and then nothing is written. A new file has no known version.
pub fn write(
    tx: &mut TenantTx<'_>,
    known_version: Option<i32>,
    case: &CaseFile,
    events: Vec<ChainedEvent>,
    aftermath: &Aftermath,
) -> Result<bool, Problem> {
    let act = Act { row: Row::of(case)?, events: Events::of(events), aftermath };
    let written = match known_version {
        Some(known_version) => ChangeFile { act, known_version }.execute(tx.conn)?,
        None => NewFile(act).execute(tx.conn)?,
    };
    Ok(written == 1)
}

struct Act<'a> {
    row: Row,
    events: Events,
    aftermath: &'a Aftermath,
}

/// Columns of the events, as `unnest` takes them.
#[derive(Default)]
struct Events {
    seqs: Vec<i32>,
    at: Vec<DateTime<Utc>>,
    kinds: Vec<&'static str>,
    canonical: Vec<Vec<u8>>,
    salts: Vec<serde_json::Value>,
    hashes: Vec<Vec<u8>>,
}

impl Events {
    fn of(events: Vec<ChainedEvent>) -> Events {
        let mut columns = Events::default();
        for event in events {
            columns.seqs.push(event.seq);
            columns.at.push(event.at);
            columns.kinds.push(event.kind);
            columns.canonical.push(event.canonical);
            columns.salts.push(event.salts);
            columns.hashes.push(event.hash.to_vec());
        }
        columns
    }
}

macro_rules! columns {
    ($first:ident: $first_type:ty, $($column:ident: $sql_type:ty,)+) => {
        /// Every column of the file but its key.
        const COLUMNS: &str = concat!(stringify!($first), $(", ", stringify!($column)),+);

        /// Their values, in the same order.
        fn push_values<'b>(row: &'b Row, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
            out.push_bind_param::<$first_type, _>(&row.$first)?;
            $(
                out.push_sql(", ");
                out.push_bind_param::<$sql_type, _>(&row.$column)?;
            )+
            Ok(())
        }
    };
}

columns! {
    case_no: Nullable<Text>,
    origin_tenant_id: BigInt,
    basic_code: Text,
    matter_version: Integer,
    channel: Text,
    state: Text,
    outcome: Nullable<Text>,
    custody: Text,
    epoch: Integer,
    step_index: Integer,
    department_code: Text,
    applicant_masked: Text,
    applicant_index: Binary,
    citizen_id: SqlUuid,
    sealed: Binary,
    secret_index: Nullable<Binary>,
    bucket: Text,
    sort_at: Timestamptz,
    step_due_at: Nullable<Timestamptz>,
    promise_due_at: Nullable<Timestamptz>,
    filed_at: Nullable<Timestamptz>,
    body: Jsonb,
    chain_head: Binary,
    event_count: Integer,
    version: Integer,
    created_at: Timestamptz,
}

/// `, events AS (…)`, the aftermath, and the answer: one row if the act was written.
impl Act<'_> {
    fn push_rest<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let events = &self.events;
        out.push_sql(", events AS (INSERT INTO case_event (tenant_id, case_id, seq, at, kind, canonical, salts, hash) SELECT ");
        out.push_bind_param::<BigInt, _>(&self.row.tenant_id)?;
        out.push_sql(", ");
        out.push_bind_param::<SqlUuid, _>(&self.row.case_id)?;
        out.push_sql(", new.* FROM act, unnest(");
        out.push_bind_param::<Array<Integer>, _>(&events.seqs)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Timestamptz>, _>(&events.at)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&events.kinds)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Binary>, _>(&events.canonical)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Jsonb>, _>(&events.salts)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Binary>, _>(&events.hashes)?;
        out.push_sql(") AS new)");
        self.aftermath.walk_ast(out.reborrow())?;
        out.push_sql(" SELECT 1 FROM act");
        Ok(())
    }
}

struct ChangeFile<'a> {
    act: Act<'a>,
    known_version: i32,
}

impl QueryFragment<Pg> for ChangeFile<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH act AS (UPDATE case_file SET (");
        out.push_sql(COLUMNS);
        out.push_sql(") = ROW(");
        push_values(&self.act.row, &mut out)?;
        out.push_sql(") WHERE tenant_id = ");
        out.push_bind_param::<BigInt, _>(&self.act.row.tenant_id)?;
        out.push_sql(" AND case_id = ");
        out.push_bind_param::<SqlUuid, _>(&self.act.row.case_id)?;
        out.push_sql(" AND version = ");
        out.push_bind_param::<Integer, _>(&self.known_version)?;
        out.push_sql(" RETURNING 1)");
        self.act.push_rest(&mut out)
    }
}

struct NewFile<'a>(Act<'a>);

impl QueryFragment<Pg> for NewFile<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH act AS (INSERT INTO case_file (tenant_id, case_id, ");
        out.push_sql(COLUMNS);
        out.push_sql(") VALUES (");
        out.push_bind_param::<BigInt, _>(&self.0.row.tenant_id)?;
        out.push_sql(", ");
        out.push_bind_param::<SqlUuid, _>(&self.0.row.case_id)?;
        out.push_sql(", ");
        push_values(&self.0.row, &mut out)?;
        out.push_sql(") RETURNING 1)");
        self.0.push_rest(&mut out)
    }
}

// The texts never change, so their types name them in the cache of prepared statements.
impl QueryId for ChangeFile<'_> {
    type QueryId = ChangeFile<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryId for NewFile<'_> {
    type QueryId = NewFile<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl RunQueryDsl<PgConnection> for ChangeFile<'_> {}
impl RunQueryDsl<PgConnection> for NewFile<'_> {}
