//! What an act leaves behind besides the rows it is about: messages, jobs, and the audit entry that says who did it and why they might.
//!
//! All of it is written by *one* statement, and that one can be part of the caller's: on the hot paths round trips decide everything, and
//! five inserts one by one cost more than the work itself. [`Aftermath`] is a piece of SQL, a list of common table expressions that hang on
//! one named `act`: where `act` has a row, everything is written; where it has none (a stale version), nothing is. The text is always the
//! same, whatever is to be written: columns travel as arrays, so the server plans it once for each connection.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Binary, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::NewJob;
use super::outbox::NewMessage;
use crate::audit::Entry;
use crate::db::{DbError, TenantTx};

/// Columns of the rows to be written, as `unnest` takes them.
pub struct Aftermath {
    tenant_id: i64,
    at: DateTime<Utc>,
    conversations: Conversations,
    messages: Messages,
    jobs: Jobs,
    audit: Audit,
}

/// One for each (receiver, case) that is written to: its counter rises by the number of messages.
#[derive(Default)]
struct Conversations {
    receiver_ids: Vec<i64>,
    case_ids: Vec<Uuid>,
    counts: Vec<i32>,
}

#[derive(Default)]
struct Messages {
    ids: Vec<Uuid>,
    receiver_ids: Vec<i64>,
    case_ids: Vec<Uuid>,
    /// How many messages of the same conversation come after this one; its number is the counter's new value less these.
    followers: Vec<i32>,
    kinds: Vec<&'static str>,
    payloads: Vec<Vec<u8>>,
}

#[derive(Default)]
struct Jobs {
    ids: Vec<Uuid>,
    kinds: Vec<&'static str>,
    payloads: Vec<serde_json::Value>,
    run_at: Vec<DateTime<Utc>>,
}

#[derive(Default)]
struct Audit {
    id: Option<Uuid>,
    at: Option<DateTime<Utc>>,
    actor: String,
    action: String,
    object: String,
    outcome: String,
    basis: String,
}

impl Aftermath {
    pub fn of(tenant_id: i64, at: DateTime<Utc>, messages: Vec<NewMessage>, jobs: Vec<NewJob>, audit: Option<Entry>) -> Aftermath {
        Aftermath {
            tenant_id,
            at,
            conversations: Conversations::of(&messages),
            messages: Messages::of(messages),
            jobs: Jobs::of(jobs),
            audit: audit.map(Audit::of).unwrap_or_default(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.messages.ids.is_empty() && self.jobs.ids.is_empty() && self.audit.id.is_none()
    }

    /// Writes it by itself, for callers whose own rows are written already.
    pub fn write(&self, tx: &mut TenantTx<'_>) -> Result<(), DbError> {
        if !self.is_empty() {
            ByItself(self).execute(tx.conn)?;
        }
        Ok(())
    }
}

impl Conversations {
    fn of(messages: &[NewMessage]) -> Conversations {
        let mut found = Conversations::default();
        for message in messages {
            let known = (0..found.counts.len())
                .find(|&index| found.receiver_ids[index] == message.receiver_id && found.case_ids[index] == message.case_id);
            match known {
                Some(index) => found.counts[index] += 1,
                None => {
                    found.receiver_ids.push(message.receiver_id);
                    found.case_ids.push(message.case_id);
                    found.counts.push(1);
                }
            }
        }
        found
    }
}

impl Messages {
    fn of(messages: Vec<NewMessage>) -> Messages {
        let is_same = |a: &NewMessage, b: &NewMessage| a.receiver_id == b.receiver_id && a.case_id == b.case_id;
        let followers: Vec<i32> = messages
            .iter()
            .enumerate()
            .map(|(index, message)| messages[index + 1..].iter().map(|later| i32::from(is_same(message, later))).sum())
            .collect();
        let mut columns = Messages { followers, ..Messages::default() };
        for message in messages {
            columns.ids.push(Uuid::now_v7());
            columns.receiver_ids.push(message.receiver_id);
            columns.case_ids.push(message.case_id);
            columns.kinds.push(message.kind);
            columns.payloads.push(message.payload);
        }
        columns
    }
}

impl Jobs {
    fn of(jobs: Vec<NewJob>) -> Jobs {
        let mut columns = Jobs::default();
        for job in jobs {
            columns.ids.push(Uuid::now_v7());
            columns.kinds.push(job.kind);
            columns.payloads.push(job.payload);
            columns.run_at.push(job.run_at);
        }
        columns
    }
}

impl Audit {
    fn of(entry: Entry) -> Audit {
        Audit {
            id: Some(entry.id),
            at: Some(entry.at),
            actor: entry.actor,
            action: entry.action,
            object: entry.object,
            outcome: entry.outcome,
            basis: entry.basis,
        }
    }
}

/// `, name AS (…)` for each table; to be put behind a common table expression named `act`.
impl QueryFragment<Pg> for Aftermath {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let tenant_id = &self.tenant_id;
        let (to, sent, jobs, audit) = (&self.conversations, &self.messages, &self.jobs, &self.audit);

        out.push_sql(", conversations AS (INSERT INTO exchange_cursor (tenant_id, peer_id, case_id, sent, applied) SELECT ");
        out.push_bind_param::<BigInt, _>(tenant_id)?;
        out.push_sql(", new.*, 0 FROM act, unnest(");
        out.push_bind_param::<Array<BigInt>, _>(&to.receiver_ids)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<SqlUuid>, _>(&to.case_ids)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Integer>, _>(&to.counts)?;
        out.push_sql(
            ") AS new ON CONFLICT (tenant_id, peer_id, case_id) DO UPDATE SET sent = exchange_cursor.sent + excluded.sent \
             RETURNING peer_id, case_id, sent), ",
        );

        out.push_sql(
            "messages AS (INSERT INTO outbox (tenant_id, id, receiver_id, case_id, seq, kind, payload, created_at, next_try_at) SELECT ",
        );
        out.push_bind_param::<BigInt, _>(tenant_id)?;
        out.push_sql(", new.id, new.receiver_id, new.case_id, known.sent - new.followers, new.kind, new.payload, ");
        out.push_bind_param::<Timestamptz, _>(&self.at)?;
        out.push_sql(", ");
        out.push_bind_param::<Timestamptz, _>(&self.at)?;
        out.push_sql(" FROM conversations AS known, unnest(");
        out.push_bind_param::<Array<SqlUuid>, _>(&sent.ids)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&sent.receiver_ids)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<SqlUuid>, _>(&sent.case_ids)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Integer>, _>(&sent.followers)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&sent.kinds)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Binary>, _>(&sent.payloads)?;
        out.push_sql(
            ") AS new (id, receiver_id, case_id, followers, kind, payload) \
             WHERE known.peer_id = new.receiver_id AND known.case_id = new.case_id), ",
        );

        out.push_sql("jobs AS (INSERT INTO job (tenant_id, id, kind, payload, run_at) SELECT ");
        out.push_bind_param::<BigInt, _>(tenant_id)?;
        out.push_sql(", new.* FROM act, unnest(");
        out.push_bind_param::<Array<SqlUuid>, _>(&jobs.ids)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&jobs.kinds)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Jsonb>, _>(&jobs.payloads)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Timestamptz>, _>(&jobs.run_at)?;
        out.push_sql(") AS new), ");

        out.push_sql("audit AS (INSERT INTO audit_entry (tenant_id, id, at, actor, action, object, outcome, basis) SELECT ");
        out.push_bind_param::<BigInt, _>(tenant_id)?;
        out.push_sql(", new.* FROM act, (VALUES (");
        out.push_bind_param::<Nullable<SqlUuid>, _>(&audit.id)?;
        out.push_sql(", ");
        out.push_bind_param::<Nullable<Timestamptz>, _>(&audit.at)?;
        for text in [&audit.actor, &audit.action, &audit.object, &audit.outcome, &audit.basis] {
            out.push_sql(", ");
            out.push_bind_param::<Text, _>(text)?;
        }
        out.push_sql(")) AS new (id, at, actor, action, object, outcome, basis) WHERE new.id IS NOT NULL)");
        Ok(())
    }
}

/// The text never changes, so its type names it in the cache of prepared statements.
impl QueryId for Aftermath {
    type QueryId = Aftermath;
    const HAS_STATIC_QUERY_ID: bool = true;
}

struct ByItself<'a>(&'a Aftermath);

impl QueryFragment<Pg> for ByItself<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH act AS (SELECT 1)");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(" SELECT 1 FROM act");
        Ok(())
    }
}

impl QueryId for ByItself<'_> {
    type QueryId = ByItself<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl RunQueryDsl<PgConnection> for ByItself<'_> {}
