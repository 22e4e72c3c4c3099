//! The citizen's own row: who they are, sealed. Made at the first sign-in, read when a form is filled in for them.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use platform::crypto::{KeyRing, Place};
use platform::db::CitizenTx;
use platform::http::problem::Problem;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::schema::citizen;
use crate::context::Context;

/// Citizens belong to no tenant; their values are sealed under the platform's own.
const NO_TENANT: i64 = 0;

/// What a citizen told at sign-in, in its one spelling.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    pub name: String,
    pub identity_number: String,
    pub telephone: String,
}

/// Notes that this citizen is here, and makes their row at the first visit. False when the number and telephone are known under
/// another name: then nothing is changed.
pub async fn welcome(context: &Context, citizen_id: Uuid, profile: Profile) -> Result<bool, Problem> {
    let (keys, at) = (context.keys.clone(), context.now());
    context
        .db
        .citizen(citizen_id, move |tx| match find(tx, &keys)? {
            Some(known) if known.name != profile.name => Ok(false),
            Some(_) => {
                diesel::update(citizen::table.find(tx.citizen_id)).set(citizen::last_seen_at.eq(at)).execute(tx.conn)?;
                Ok::<_, Problem>(true)
            }
            None => {
                insert(tx, &keys, &profile, at)?;
                Ok(true)
            }
        })
        .await
}

/// The profile of somebody who is signed in. A session without one means that the row was erased: signed out.
pub async fn get_profile(context: &Context, citizen_id: Uuid) -> Result<Profile, Problem> {
    let keys = context.keys.clone();
    context.db.citizen(citizen_id, move |tx| find(tx, &keys)?.ok_or_else(Problem::unauthenticated)).await
}

fn find(tx: &mut CitizenTx<'_>, keys: &KeyRing) -> Result<Option<Profile>, Problem> {
    let sealed: Option<Vec<u8>> = citizen::table.find(tx.citizen_id).select(citizen::sealed).first(tx.conn).optional()?;
    let Some(sealed) = sealed else { return Ok(None) };
    let plain = keys.open(&place_of(&tx.citizen_id), &sealed).map_err(|error| Problem::internal(&error))?;
    serde_json::from_slice(&plain).map(Some).map_err(|error| Problem::internal(&error))
}

fn insert(tx: &mut CitizenTx<'_>, keys: &KeyRing, profile: &Profile, at: DateTime<Utc>) -> Result<(), Problem> {
    let plain = serde_json::to_vec(profile).map_err(|error| Problem::internal(&error))?;
    diesel::insert_into(citizen::table)
        .values((
            citizen::citizen_id.eq(tx.citizen_id),
            citizen::sealed.eq(keys.seal(&place_of(&tx.citizen_id), &plain)),
            citizen::created_at.eq(at),
            citizen::last_seen_at.eq(at),
        ))
        .execute(tx.conn)?;
    Ok(())
}

fn place_of(citizen_id: &Uuid) -> Place<'_> {
    Place { tenant_id: NO_TENANT, column: "citizen.sealed", row: citizen_id.as_bytes() }
}
