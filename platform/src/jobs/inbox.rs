//! Exactly-once effect out of at-least-once delivery.
//!
//! Messages of one conversation (sender, receiver, case) are applied in the order of their numbers: what was applied before is ignored,
//! what comes early is kept until its turn. All of it happens in the receiver's transaction, under a lock on the conversation's cursor.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Uuid as SqlUuid};
use uuid::Uuid;

use super::WorkError;
use super::outbox::Message;
use crate::db::TenantTx;
use crate::db::schema::{exchange_cursor, inbox};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reception {
    Applied { count: usize },
    KeptEarly,
    AlreadyApplied,
}

#[derive(QueryableByName)]
struct Applied {
    #[diesel(sql_type = Integer)]
    applied: i32,
}

/// Receives one message and applies whatever is next in line. `apply` is called at most once for each message in the life of the database.
pub fn receive(
    tx: &mut TenantTx<'_>,
    message: &Message,
    at: DateTime<Utc>,
    mut apply: impl FnMut(&mut TenantTx<'_>, &Message) -> Result<(), WorkError>,
) -> Result<Reception, WorkError> {
    // The no-op update takes the row lock that two deliveries of one conversation queue for.
    let Applied { applied } = diesel::sql_query(
        "INSERT INTO exchange_cursor (tenant_id, peer_id, case_id, sent, applied) VALUES ($1, $2, $3, 0, 0) \
         ON CONFLICT (tenant_id, peer_id, case_id) DO UPDATE SET applied = exchange_cursor.applied RETURNING applied",
    )
    .bind::<BigInt, _>(tx.tenant_id)
    .bind::<BigInt, _>(message.sender_id)
    .bind::<SqlUuid, _>(message.case_id)
    .get_result(tx.conn)?;

    if message.seq <= applied {
        return Ok(Reception::AlreadyApplied);
    }
    let is_next = message.seq == applied + 1;
    keep(tx, message, at, if is_next { "applied" } else { "early" })?;
    if !is_next {
        return Ok(Reception::KeptEarly);
    }

    apply(tx, message)?;
    let mut last = message.seq;
    let mut count = 1;
    while let Some(early) = take_early(tx, message, last + 1)? {
        apply(tx, &early)?;
        last = early.seq;
        count += 1;
    }
    diesel::update(exchange_cursor::table.find((tx.tenant_id, message.sender_id, message.case_id)))
        .set(exchange_cursor::applied.eq(last))
        .execute(tx.conn)?;
    Ok(Reception::Applied { count })
}

fn keep(tx: &mut TenantTx<'_>, message: &Message, at: DateTime<Utc>, state: &str) -> Result<(), WorkError> {
    diesel::insert_into(inbox::table)
        .values((
            inbox::tenant_id.eq(tx.tenant_id),
            inbox::id.eq(message.id),
            inbox::sender_id.eq(message.sender_id),
            inbox::case_id.eq(message.case_id),
            inbox::seq.eq(message.seq),
            inbox::kind.eq(&message.kind),
            inbox::payload.eq(&message.payload),
            inbox::received_at.eq(at),
            inbox::state.eq(state),
        ))
        // An early message that is delivered again is the same row.
        .on_conflict_do_nothing()
        .execute(tx.conn)?;
    Ok(())
}

fn take_early(tx: &mut TenantTx<'_>, like: &Message, seq: i32) -> Result<Option<Message>, WorkError> {
    let found: Option<(Uuid, String, Vec<u8>)> = diesel::update(
        inbox::table
            .filter(inbox::tenant_id.eq(tx.tenant_id))
            .filter(inbox::sender_id.eq(like.sender_id))
            .filter(inbox::case_id.eq(like.case_id))
            .filter(inbox::seq.eq(seq))
            .filter(inbox::state.eq("early")),
    )
    .set(inbox::state.eq("applied"))
    .returning((inbox::id, inbox::kind, inbox::payload))
    .get_result(tx.conn)
    .optional()?;
    Ok(found.map(|(id, kind, payload)| Message {
        sender_id: like.sender_id,
        id,
        receiver_id: like.receiver_id,
        case_id: like.case_id,
        seq,
        kind,
        payload,
        tries: 0,
    }))
}
