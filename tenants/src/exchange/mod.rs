//! 接力: what a message between tenants means when it arrives.
//!
//! Delivery is the platform's (`platform::jobs`): each message of a conversation is applied once and in order, in the receiver's transaction.
//! Here is its meaning: a hand-over makes this tenant the custodian, an acknowledgement tells the sender so, news changes what is shown.
//!
//! Promise: at any instant at most one tenant holds a case, and where none does, a hand-over is in an outbox. Custody is given up in the
//! transaction that writes the message and taken in the transaction that applies it; there is no third place where it changes.

use platform::db::TenantTx;
use platform::jobs::outbox::Message;
use platform::jobs::{WorkError, inbox};

use crate::cases::envelope::{self, Envelope, News, Reasons, Taken};
use crate::cases::jobs::later;
use crate::cases::lifecycle::{Doer, Refusal, between};
use crate::cases::papers::blob_key;
use crate::cases::words::Custody;
use crate::cases::{deadlines, store};
use crate::context::{Context, SharedContext};

/// Delivers one message to its receiver.
pub async fn deliver(context: &SharedContext, message: &Message) -> Result<(), WorkError> {
    if message.kind == envelope::HANDOVER {
        fetch_papers(context, message).await?;
    }
    let (shared, message) = (context.clone(), message.clone());
    let at = context.now();
    context.db.tenant(message.receiver_id, move |tx| inbox::receive(tx, &message, at, |tx, message| apply(&shared, tx, message))).await?;
    // What was applied may have left something to send.
    context.announcer.announce();
    Ok(())
}

/// The papers are copied by hash before custody is taken: who has the case has its papers. Copying twice changes nothing.
async fn fetch_papers(context: &Context, message: &Message) -> Result<(), WorkError> {
    let envelope: Envelope = read(message)?;
    for material in &envelope.materials {
        let (from, to) = (blob_key(message.sender_id, &material.sha256), blob_key(message.receiver_id, &material.sha256));
        let here = context.blobs.exists(&to).await.map_err(|error| WorkError::Later(error.to_string()))?;
        if here.is_none() {
            context.blobs.copy(&from, &to).await.map_err(|error| WorkError::Later(error.to_string()))?;
        }
    }
    Ok(())
}

fn apply(context: &Context, tx: &mut TenantTx<'_>, message: &Message) -> Result<(), WorkError> {
    match message.kind.as_str() {
        envelope::HANDOVER => take(context, tx, message),
        envelope::TAKEN => acknowledge(context, tx, message),
        envelope::NEWS => hear(context, tx, message),
        envelope::WITHDRAWAL_REQUEST => hear_withdrawal(context, tx, message),
        envelope::WITHDRAWAL_REFUSED => hear_withdrawal_refused(context, tx, message),
        other => Err(WorkError::Never(format!("a message of kind {other} is not understood here"))),
    }
}

fn take(context: &Context, tx: &mut TenantTx<'_>, message: &Message) -> Result<(), WorkError> {
    let envelope: Envelope = read(message)?;
    let at = context.now();
    let known = store::find_locked(tx, message.case_id).map_err(later)?;
    let known_version = known.as_ref().map(|known| known.version);
    let materials = envelope.materials.clone();
    let (mut case, effects) = between::take(tx.tenant_id, known.as_ref(), envelope, message.sender_id, &Doer::system(at)).map_err(never)?;
    deadlines::schedule(&mut case, &context.calendar);
    // Taking is an act of the custodian, even where the case leaves again at once (a withdrawal that waited for it).
    store::save(tx, &context.keys, known_version, true, &mut case, effects, at).map_err(later)?;
    store::insert_materials(tx, message.case_id, &materials).map_err(later)
}

fn acknowledge(context: &Context, tx: &mut TenantTx<'_>, message: &Message) -> Result<(), WorkError> {
    let taken: Taken = read(message)?;
    let at = context.now();
    let Some(mut case) = store::find_locked(tx, message.case_id).map_err(later)? else { return Err(unknown_case()) };
    let version = case.version;
    match between::acknowledged(&mut case, message.sender_id, taken.epoch, &taken.chain_head, &Doer::system(at)) {
        Some(effects) => store::save(tx, &context.keys, Some(version), false, &mut case, effects, at).map(drop).map_err(later),
        None => Ok(()),
    }
}

fn hear(context: &Context, tx: &mut TenantTx<'_>, message: &Message) -> Result<(), WorkError> {
    let news: News<'_> = read(message)?;
    let Some(mut case) = store::find_locked(tx, message.case_id).map_err(later)? else { return Err(unknown_case()) };
    let version = case.version;
    match between::hear(&mut case, news) {
        Some(effects) => store::save(tx, &context.keys, Some(version), false, &mut case, effects, context.now()).map(drop).map_err(later),
        // A file that did not change keeps its version: nobody's open page goes stale over old news.
        None => Ok(()),
    }
}

fn hear_withdrawal(context: &Context, tx: &mut TenantTx<'_>, message: &Message) -> Result<(), WorkError> {
    let Reasons { reasons } = read(message)?;
    let at = context.now();
    let Some(mut case) = store::find_locked(tx, message.case_id).map_err(later)? else { return Err(unknown_case()) };
    let (version, was_custodian) = (case.version, case.custody == Custody::Held);
    let effects = between::hear_withdrawal(&mut case, &reasons, &Doer::system(at)).map_err(never)?;
    deadlines::schedule(&mut case, &context.calendar);
    store::save(tx, &context.keys, Some(version), was_custodian, &mut case, effects, at).map_err(later)?;
    Ok(())
}

fn hear_withdrawal_refused(context: &Context, tx: &mut TenantTx<'_>, message: &Message) -> Result<(), WorkError> {
    let Reasons { reasons } = read(message)?;
    let at = context.now();
    let Some(mut case) = store::find_locked(tx, message.case_id).map_err(later)? else { return Err(unknown_case()) };
    let version = case.version;
    match between::hear_withdrawal_refused(&mut case, &reasons, &Doer::system(at)) {
        Some(effects) => store::save(tx, &context.keys, Some(version), false, &mut case, effects, at).map(drop).map_err(later),
        None => Ok(()),
    }
}

fn read<T: serde::de::DeserializeOwned>(message: &Message) -> Result<T, WorkError> {
    serde_json::from_slice(&message.payload)
        .map_err(|error| WorkError::Never(format!("a message of kind {} cannot be read: {error}", message.kind)))
}

fn never(refusal: Refusal) -> WorkError {
    WorkError::Never(refusal.to_string())
}

/// News may overtake the hand-over that makes the file; then it waits for it.
fn unknown_case() -> WorkError {
    WorkError::Later("this tenant has no file of that case yet".to_owned())
}
