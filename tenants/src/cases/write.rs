//! The one statement that writes an act: the file, its events, and its aftermath ([`platform::jobs::aftermath`]).
//!
//! One statement instead of six, because each would be a round trip and a plan of its own. Everything hangs on `act`, the row of the file:
//! where that is not written, nothing is. Its text depends only on how many rows of each kind there are, so a connection plans each text once.
//! It answers with the papers of the file, which every view shows: that saves one more round trip.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Binary, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use platform::db::TenantTx;
use platform::http::problem::Problem;
use platform::jobs::aftermath::{Aftermath, push_rows};

use super::case::CaseFile;
use super::envelope::EnvelopeMaterial;
use super::event::ChainedEvent;
use super::row::{MaterialRow, Row};
use super::schema::case_material;

/// Writes it all and answers with the papers; nothing when the file is not at `known_version` any more, and then nothing is written. A new
/// file has no known version.
pub fn write(
    tx: &mut TenantTx<'_>,
    known_version: Option<i32>,
    case: &CaseFile,
    events: &[ChainedEvent],
    aftermath: &Aftermath,
) -> Result<Option<Vec<EnvelopeMaterial>>, Problem> {
    let act = Act { row: Row::of(case)?, known_version, events, aftermath };
    // One row for each paper; one without a paper where there is none.
    let answer: Vec<Option<MaterialRow>> = act.load(tx.conn)?;
    if answer.is_empty() {
        return Ok(None);
    }
    Ok(Some(answer.into_iter().flatten().map(EnvelopeMaterial::from).collect()))
}

struct Act<'a> {
    row: Row,
    known_version: Option<i32>,
    events: &'a [ChainedEvent],
    aftermath: &'a Aftermath,
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

impl QueryFragment<Pg> for Act<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        match &self.known_version {
            Some(known_version) => self.push_change(&mut out, known_version)?,
            None => self.push_new(&mut out)?,
        }
        if !self.events.is_empty() {
            self.push_events(&mut out)?;
        }
        self.aftermath.walk_ast(out.reborrow())?;
        self.push_answer(&mut out)
    }
}

impl Act<'_> {
    fn push_change<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>, known_version: &'b i32) -> QueryResult<()> {
        out.push_sql("WITH act AS (UPDATE case_file SET (");
        out.push_sql(COLUMNS);
        out.push_sql(") = ROW(");
        push_values(&self.row, out)?;
        out.push_sql(") WHERE tenant_id = ");
        out.push_bind_param::<BigInt, _>(&self.row.tenant_id)?;
        out.push_sql(" AND case_id = ");
        out.push_bind_param::<SqlUuid, _>(&self.row.case_id)?;
        out.push_sql(" AND version = ");
        out.push_bind_param::<Integer, _>(known_version)?;
        out.push_sql(" RETURNING 1)");
        Ok(())
    }

    fn push_new<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH act AS (INSERT INTO case_file (tenant_id, case_id, ");
        out.push_sql(COLUMNS);
        out.push_sql(") VALUES (");
        out.push_bind_param::<BigInt, _>(&self.row.tenant_id)?;
        out.push_sql(", ");
        out.push_bind_param::<SqlUuid, _>(&self.row.case_id)?;
        out.push_sql(", ");
        push_values(&self.row, out)?;
        out.push_sql(") RETURNING 1)");
        Ok(())
    }

    fn push_events<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(", events AS (INSERT INTO case_event (tenant_id, case_id, seq, at, kind, canonical, salts, hash) SELECT ");
        out.push_bind_param::<BigInt, _>(&self.row.tenant_id)?;
        out.push_sql(", ");
        out.push_bind_param::<SqlUuid, _>(&self.row.case_id)?;
        out.push_sql(", new.* FROM act, ");
        push_rows(out, self.events, |out, event| {
            out.push_bind_param::<Integer, _>(&event.seq)?;
            out.push_sql(", ");
            out.push_bind_param::<Timestamptz, _>(&event.at)?;
            out.push_sql(", ");
            out.push_bind_param::<Text, _>(event.kind)?;
            out.push_sql(", ");
            out.push_bind_param::<Binary, _>(&event.canonical)?;
            out.push_sql(", ");
            out.push_bind_param::<Jsonb, _>(&event.salts)?;
            out.push_sql(", ");
            out.push_bind_param::<Binary, _>(&event.hash)
        })?;
        out.push_sql(" AS new)");
        Ok(())
    }

    fn push_answer<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        // The columns of `case_material::SqlType`, in its order.
        out.push_sql(
            " SELECT m.tenant_id, m.case_id, m.material_code, m.version_no, m.file_name, m.media_type, m.size_bytes, m.pages, m.sha256, \
             m.original_seen, m.added_by, m.added_in, m.added_at FROM act LEFT JOIN case_material AS m ON m.tenant_id = ",
        );
        out.push_bind_param::<BigInt, _>(&self.row.tenant_id)?;
        out.push_sql(" AND m.case_id = ");
        out.push_bind_param::<SqlUuid, _>(&self.row.case_id)?;
        out.push_sql(" ORDER BY m.material_code, m.version_no");
        Ok(())
    }
}

impl Query for Act<'_> {
    type SqlType = Nullable<case_material::SqlType>;
}

/// Cached by its text, of which there are few.
impl QueryId for Act<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl RunQueryDsl<PgConnection> for Act<'_> {}
