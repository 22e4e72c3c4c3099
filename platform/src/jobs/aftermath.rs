//! What an act leaves behind besides the rows it is about: messages, jobs, and the audit entry that says who did it and why they might.
//!
//! All of it is written by *one* statement, and that one can be part of the caller's: on the hot paths round trips decide everything, and
//! five inserts one by one cost more than the work itself. [`Aftermath`] is a piece of SQL, a list of common table expressions that hang on
//! one named `act`: where `act` has a row, everything is written; where it has none (a stale version), nothing is. Its text depends only on
//! how many rows of each kind there are, and those are few, so a connection plans each text once and keeps it.

use chrono::{DateTime, Utc};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Binary, Integer, Jsonb, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use super::NewJob;
use super::outbox::NewMessage;
use crate::audit::Entry;
use crate::db::{DbError, TenantTx};

/// The rows to be written.
pub struct Aftermath {
    tenant_id: i64,
    at: DateTime<Utc>,
    conversations: Vec<Conversation>,
    messages: Vec<Message>,
    jobs: Vec<Job>,
    entry: Option<Entry>,
}

/// A (receiver, case) that is written to: its counter rises by the number of messages.
struct Conversation {
    receiver_id: i64,
    case_id: Uuid,
    count: i32,
}

struct Message {
    id: Uuid,
    /// How many messages of the same conversation come after this one; its number is the counter's new value less these.
    followers: i32,
    content: NewMessage,
}

struct Job {
    id: Uuid,
    content: NewJob,
}

impl Aftermath {
    pub fn of(tenant_id: i64, at: DateTime<Utc>, messages: Vec<NewMessage>, jobs: Vec<NewJob>, entry: Option<Entry>) -> Aftermath {
        Aftermath {
            tenant_id,
            at,
            conversations: conversations(&messages),
            messages: numbered(messages),
            jobs: jobs.into_iter().map(|content| Job { id: Uuid::now_v7(), content }).collect(),
            entry,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.jobs.is_empty() && self.entry.is_none()
    }

    /// Writes it by itself, for callers whose own rows are written already.
    pub fn write(&self, tx: &mut TenantTx<'_>) -> Result<(), DbError> {
        if !self.is_empty() {
            ByItself(self).execute(tx.conn)?;
        }
        Ok(())
    }
}

fn conversations(messages: &[NewMessage]) -> Vec<Conversation> {
    let mut found: Vec<Conversation> = Vec::new();
    for message in messages {
        match found.iter_mut().find(|known| known.receiver_id == message.receiver_id && known.case_id == message.case_id) {
            Some(known) => known.count += 1,
            None => found.push(Conversation { receiver_id: message.receiver_id, case_id: message.case_id, count: 1 }),
        }
    }
    found
}

fn numbered(messages: Vec<NewMessage>) -> Vec<Message> {
    let is_same = |a: &NewMessage, b: &NewMessage| a.receiver_id == b.receiver_id && a.case_id == b.case_id;
    let followers: Vec<i32> = messages
        .iter()
        .enumerate()
        .map(|(index, message)| messages[index + 1..].iter().map(|later| i32::from(is_same(message, later))).sum())
        .collect();
    messages.into_iter().zip(followers).map(|(content, followers)| Message { id: Uuid::now_v7(), followers, content }).collect()
}

/// `, name AS (…)` for each kind of row that there is; to be put behind a common table expression named `act`.
impl QueryFragment<Pg> for Aftermath {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if !self.messages.is_empty() {
            self.push_conversations(&mut out)?;
            self.push_messages(&mut out)?;
        }
        if !self.jobs.is_empty() {
            self.push_jobs(&mut out)?;
        }
        if let Some(entry) = &self.entry {
            push_entry(entry, &mut out)?;
        }
        Ok(())
    }
}

impl Aftermath {
    fn push_conversations<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(", conversations AS (INSERT INTO exchange_cursor (tenant_id, peer_id, case_id, sent, applied) SELECT ");
        out.push_bind_param::<BigInt, _>(&self.tenant_id)?;
        out.push_sql(", new.*, 0 FROM act, ");
        push_rows(out, &self.conversations, |out, new| {
            out.push_bind_param::<BigInt, _>(&new.receiver_id)?;
            out.push_sql(", ");
            out.push_bind_param::<SqlUuid, _>(&new.case_id)?;
            out.push_sql(", ");
            out.push_bind_param::<Integer, _>(&new.count)
        })?;
        out.push_sql(
            " AS new ON CONFLICT (tenant_id, peer_id, case_id) DO UPDATE SET sent = exchange_cursor.sent + excluded.sent \
             RETURNING peer_id, case_id, sent)",
        );
        Ok(())
    }

    fn push_messages<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            ", messages AS (INSERT INTO outbox (tenant_id, id, receiver_id, case_id, seq, kind, payload, created_at, next_try_at) SELECT ",
        );
        out.push_bind_param::<BigInt, _>(&self.tenant_id)?;
        out.push_sql(", new.id, new.receiver_id, new.case_id, known.sent - new.followers, new.kind, new.payload, new.at, new.at FROM ");
        out.push_sql("conversations AS known, ");
        push_rows(out, &self.messages, |out, new| {
            out.push_bind_param::<SqlUuid, _>(&new.id)?;
            out.push_sql(", ");
            out.push_bind_param::<BigInt, _>(&new.content.receiver_id)?;
            out.push_sql(", ");
            out.push_bind_param::<SqlUuid, _>(&new.content.case_id)?;
            out.push_sql(", ");
            out.push_bind_param::<Integer, _>(&new.followers)?;
            out.push_sql(", ");
            out.push_bind_param::<Text, _>(new.content.kind)?;
            out.push_sql(", ");
            out.push_bind_param::<Binary, _>(&new.content.payload)?;
            out.push_sql(", ");
            out.push_bind_param::<Timestamptz, _>(&self.at)
        })?;
        out.push_sql(
            " AS new (id, receiver_id, case_id, followers, kind, payload, at) \
             WHERE known.peer_id = new.receiver_id AND known.case_id = new.case_id)",
        );
        Ok(())
    }

    fn push_jobs<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(", jobs AS (INSERT INTO job (tenant_id, id, kind, payload, run_at) SELECT ");
        out.push_bind_param::<BigInt, _>(&self.tenant_id)?;
        out.push_sql(", new.* FROM act, ");
        push_rows(out, &self.jobs, |out, new| {
            out.push_bind_param::<SqlUuid, _>(&new.id)?;
            out.push_sql(", ");
            out.push_bind_param::<Text, _>(new.content.kind)?;
            out.push_sql(", ");
            out.push_bind_param::<Jsonb, _>(&new.content.payload)?;
            out.push_sql(", ");
            out.push_bind_param::<Timestamptz, _>(&new.content.run_at)
        })?;
        out.push_sql(" AS new)");
        Ok(())
    }
}

fn push_entry<'b>(entry: &'b Entry, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
    out.push_sql(", entry AS (INSERT INTO audit_entry (tenant_id, id, at, actor, action, object, outcome, basis) SELECT ");
    out.push_bind_param::<BigInt, _>(&entry.tenant_id)?;
    out.push_sql(", ");
    out.push_bind_param::<SqlUuid, _>(&entry.id)?;
    out.push_sql(", ");
    out.push_bind_param::<Timestamptz, _>(&entry.at)?;
    for text in [&entry.actor, &entry.action, &entry.object, &entry.outcome, &entry.basis] {
        out.push_sql(", ");
        out.push_bind_param::<Text, _>(text)?;
    }
    out.push_sql(" FROM act)");
    Ok(())
}

/// `(VALUES (…), (…))`; there must be at least one row.
pub fn push_rows<'a, 'b, T>(
    out: &mut AstPass<'a, 'b, Pg>,
    rows: &'b [T],
    push_row: impl Fn(&mut AstPass<'a, 'b, Pg>, &'b T) -> QueryResult<()>,
) -> QueryResult<()> {
    for (index, row) in rows.iter().enumerate() {
        out.push_sql(if index == 0 { "(VALUES (" } else { "), (" });
        push_row(out, row)?;
    }
    out.push_sql("))");
    Ok(())
}

/// By itself it is no statement; those that contain it are cached by their text.
impl QueryId for Aftermath {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
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
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl RunQueryDsl<PgConnection> for ByItself<'_> {}
