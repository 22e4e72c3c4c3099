//! Messages on their way to another tenant: numbered per (sender, receiver, conversation) in the sender's transaction, and written there by
//! [`super::aftermath`].

use diesel::prelude::*;
use uuid::Uuid;

use crate::db::schema::outbox;

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
