//! Messages on their way to another tenant: numbered per (sender, receiver, conversation) in the sender's transaction.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Uuid as SqlUuid};
use uuid::Uuid;

use crate::db::schema::outbox;
use crate::db::{DbError, TenantTx};

/// A message to be sent with the commit. `case_id` names the conversation; the platform does not look into `payload`.
#[derive(Debug, Clone)]
pub struct NewMessage {
    pub receiver_id: i64,
    pub case_id: Uuid,
    pub kind: &'static str,
    pub payload: Vec<u8>,
}

/// A message that a worker has claimed for delivery.
#[derive(Debug, Clone, QueryableByName)]
#[diesel(table_name = outbox)]
pub struct Message {
    #[diesel(column_name = tenant_id)]
    pub sender_id: i64,
    pub id: Uuid,
    pub receiver_id: i64,
    pub case_id: Uuid,
    pub seq: i32,
    pub kind: String,
    pub payload: Vec<u8>,
    pub tries: i32,
}

#[derive(QueryableByName)]
struct Sent {
    #[diesel(sql_type = Integer)]
    sent: i32,
}

pub fn send(tx: &mut TenantTx<'_>, at: DateTime<Utc>, messages: &[NewMessage]) -> Result<(), DbError> {
    for message in messages {
        let Sent { sent } = diesel::sql_query(
            "INSERT INTO exchange_cursor (tenant_id, peer_id, case_id, sent, applied) VALUES ($1, $2, $3, 1, 0) \
             ON CONFLICT (tenant_id, peer_id, case_id) DO UPDATE SET sent = exchange_cursor.sent + 1 RETURNING sent",
        )
        .bind::<BigInt, _>(tx.tenant_id)
        .bind::<BigInt, _>(message.receiver_id)
        .bind::<SqlUuid, _>(message.case_id)
        .get_result(tx.conn)?;
        diesel::insert_into(outbox::table)
            .values((
                outbox::tenant_id.eq(tx.tenant_id),
                outbox::id.eq(Uuid::now_v7()),
                outbox::receiver_id.eq(message.receiver_id),
                outbox::case_id.eq(message.case_id),
                outbox::seq.eq(sent),
                outbox::kind.eq(message.kind),
                outbox::payload.eq(&message.payload),
                outbox::created_at.eq(at),
                outbox::next_try_at.eq(at),
            ))
            .execute(tx.conn)?;
    }
    Ok(())
}
