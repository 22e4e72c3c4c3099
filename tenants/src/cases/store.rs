//! Reading and writing a case's file in its tenant's scope. One place writes: the file, its events, messages, jobs and audit go together.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::upsert::excluded;
use platform::crypto::{KeyRing, Place};
use platform::db::TenantTx;
use platform::http::problem::Problem;
use platform::jobs::NewJob;
use platform::jobs::aftermath::Aftermath;
use platform::jobs::outbox::NewMessage;
use serde_json::json;
use uuid::Uuid;

use super::case::{CaseFile, Private};
use super::envelope::{self, Envelope, EnvelopeMaterial, News, Outgoing, OutgoingContent, Reasons, Taken};
use super::event::{self, StoredEvent};
use super::lifecycle::{self, Effects};
use super::row::{MaterialRow, Row};
use super::schema::{case_event, case_file, case_material};
use super::words::State;
use super::write;

/// Jobs of this slice, by name.
pub const LETTER_JOB: &str = "case_letter";
pub const CITIZEN_VIEW_JOB: &str = "case_citizen_view";
pub const ARCHIVE_JOB: &str = "case_archive";

/// The file, or the same "not found" whether it is absent or somebody else's.
pub fn get(tx: &mut TenantTx<'_>, case_id: Uuid) -> Result<CaseFile, Problem> {
    find(tx, case_id)?.ok_or_else(Problem::not_found)
}

pub fn find(tx: &mut TenantTx<'_>, case_id: Uuid) -> Result<Option<CaseFile>, Problem> {
    let row: Option<Row> = case_file::table.find((tx.tenant_id, case_id)).select(Row::as_select()).first(tx.conn).optional()?;
    row.map(Row::into_case).transpose()
}

/// The file, locked against every other writer until the transaction ends; for messages, which have no version to compare.
pub fn find_locked(tx: &mut TenantTx<'_>, case_id: Uuid) -> Result<Option<CaseFile>, Problem> {
    let row: Option<Row> =
        case_file::table.find((tx.tenant_id, case_id)).select(Row::as_select()).for_update().first(tx.conn).optional()?;
    row.map(Row::into_case).transpose()
}

pub fn find_by_number(tx: &mut TenantTx<'_>, case_no: &str) -> Result<Option<CaseFile>, Problem> {
    let row: Option<Row> = case_file::table
        .filter(case_file::tenant_id.eq(tx.tenant_id))
        .filter(case_file::case_no.eq(case_no))
        .select(Row::as_select())
        .first(tx.conn)
        .optional()?;
    row.map(Row::into_case).transpose()
}

pub fn insert_draft(tx: &mut TenantTx<'_>, case: &CaseFile) -> Result<(), Problem> {
    diesel::insert_into(case_file::table).values(Row::of(case)?).execute(tx.conn)?;
    Ok(())
}

/// Writes a changed file with everything that goes with it, in one statement ([`write`]), and answers with its papers. `known_version` is the
/// version it was changed from: if the row has moved on since, nothing is written and the caller is told.
pub fn save(
    tx: &mut TenantTx<'_>,
    keys: &KeyRing,
    known_version: Option<i32>,
    was_custodian: bool,
    case: &mut CaseFile,
    effects: Effects,
    at: DateTime<Utc>,
) -> Result<Vec<EnvelopeMaterial>, Problem> {
    case.version = known_version.unwrap_or(0) + 1;
    let effects = lifecycle::tell_the_others(case, was_custodian, effects, at);
    let events = event::chain(case, &effects.events);
    let messages = messages(tx, keys, case, &effects.outgoing)?;
    let jobs = jobs(case, &effects.letters, effects.archive, at);
    let aftermath = Aftermath::of(tx.tenant_id, at, messages, jobs, effects.entry);
    write::write(tx, known_version, case, &events, &aftermath)?.ok_or_else(Problem::stale_version)
}

/// What the other tenants are told: what the act sends, and from a custodian news to everybody who had the case before.
fn messages(tx: &mut TenantTx<'_>, keys: &KeyRing, case: &CaseFile, outgoing: &[Outgoing]) -> Result<Vec<NewMessage>, Problem> {
    let mut messages = Vec::new();
    let mut news = None;
    for outgoing in outgoing {
        let (kind, payload) = match &outgoing.content {
            OutgoingContent::Handover => (envelope::HANDOVER, to_bytes(&pack(tx, keys, case, outgoing.receiver_id)?)?),
            OutgoingContent::News => {
                // The same for all who hear it.
                let bytes = match news.take() {
                    Some(bytes) => bytes,
                    None => to_bytes(&News::of(case))?,
                };
                (envelope::NEWS, news.insert(bytes).clone())
            }
            OutgoingContent::Taken { epoch } => (envelope::TAKEN, to_bytes(&Taken { epoch: *epoch, chain_head: case.chain_head.clone() })?),
            OutgoingContent::WithdrawalRequest { reasons } => {
                (envelope::WITHDRAWAL_REQUEST, to_bytes(&Reasons { reasons: reasons.clone() })?)
            }
            OutgoingContent::WithdrawalRefused { reasons } => {
                (envelope::WITHDRAWAL_REFUSED, to_bytes(&Reasons { reasons: reasons.clone() })?)
            }
        };
        messages.push(NewMessage { receiver_id: outgoing.receiver_id, case_id: case.case_id, kind, payload });
    }
    Ok(messages)
}

fn jobs(case: &CaseFile, letters: &[super::lifecycle::Letter], archive: bool, at: DateTime<Utc>) -> Vec<NewJob> {
    let mut waiting: Vec<NewJob> = letters
        .iter()
        .map(|letter| NewJob {
            kind: LETTER_JOB,
            payload: json!({"case_id": case.case_id, "letter": letter.as_str(), "event": case.event_count}),
            run_at: at,
        })
        .collect();
    if case.is_origin() && case.state != State::Draft {
        waiting.push(NewJob { kind: CITIZEN_VIEW_JOB, payload: json!({"case_id": case.case_id}), run_at: at });
    }
    if archive {
        waiting.push(NewJob { kind: ARCHIVE_JOB, payload: json!({"case_id": case.case_id}), run_at: at });
    }
    waiting
}

/// The envelope of a hand-over: the case as it is now, sealed anew for the receiver, and its papers by content hash.
fn pack(tx: &mut TenantTx<'_>, keys: &KeyRing, case: &CaseFile, receiver_id: i64) -> Result<Envelope, Problem> {
    let plain = open_bytes(keys, case)?;
    let sealed = keys.seal(&place_of(receiver_id, case.case_id.as_bytes()), &plain);
    let materials = list_materials(tx, case.case_id)?;
    Ok(Envelope::of(case, sealed, materials))
}

fn to_bytes<T: serde::Serialize>(message: &T) -> Result<Vec<u8>, Problem> {
    serde_json::to_vec(message).map_err(|error| Problem::internal(&error))
}

// -- Private data ---------------------------------------------------------------------------------------------------------------------------

fn place_of(tenant_id: i64, row: &[u8]) -> Place<'_> {
    Place { tenant_id, column: "case_file.sealed", row }
}

fn open_bytes(keys: &KeyRing, case: &CaseFile) -> Result<Vec<u8>, Problem> {
    keys.open(&place_of(case.tenant_id, case.case_id.as_bytes()), &case.sealed).map_err(|error| Problem::internal(&error))
}

pub fn open_private(keys: &KeyRing, case: &CaseFile) -> Result<Private, Problem> {
    serde_json::from_slice(&open_bytes(keys, case)?).map_err(|error| Problem::internal(&error))
}

pub fn seal_private(keys: &KeyRing, tenant_id: i64, case_id: Uuid, private: &Private) -> Result<Vec<u8>, Problem> {
    Ok(keys.seal(&place_of(tenant_id, case_id.as_bytes()), &to_bytes(private)?))
}

// -- Events and materials -------------------------------------------------------------------------------------------------------------------

pub fn list_events(tx: &mut TenantTx<'_>, case_id: Uuid) -> Result<Vec<StoredEvent>, Problem> {
    type Stored = (i32, String, DateTime<Utc>, Vec<u8>, Vec<u8>);
    let rows: Vec<Stored> = case_event::table
        .filter(case_event::tenant_id.eq(tx.tenant_id))
        .filter(case_event::case_id.eq(case_id))
        .order(case_event::seq)
        .select((case_event::seq, case_event::kind, case_event::at, case_event::canonical, case_event::hash))
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(seq, kind, at, canonical, hash)| StoredEvent { seq, kind, at, canonical, hash }).collect())
}

pub fn list_materials(tx: &mut TenantTx<'_>, case_id: Uuid) -> Result<Vec<EnvelopeMaterial>, Problem> {
    let rows: Vec<MaterialRow> = case_material::table
        .filter(case_material::tenant_id.eq(tx.tenant_id))
        .filter(case_material::case_id.eq(case_id))
        .order((case_material::material_code, case_material::version_no))
        .select(MaterialRow::as_select())
        .load(tx.conn)?;
    Ok(rows.into_iter().map(EnvelopeMaterial::from).collect())
}

/// Adds papers that this file does not have yet; those it has are the same content by construction.
pub fn insert_materials(tx: &mut TenantTx<'_>, case_id: Uuid, materials: &[EnvelopeMaterial]) -> Result<(), Problem> {
    let rows: Vec<MaterialRow> = materials
        .iter()
        .map(|material| MaterialRow {
            tenant_id: tx.tenant_id,
            case_id,
            material_code: material.material_code.clone(),
            version_no: material.version_no,
            file_name: material.file_name.clone(),
            media_type: material.media_type.clone(),
            size_bytes: material.size_bytes,
            pages: material.pages,
            sha256: material.sha256.clone(),
            original_seen: material.original_seen,
            added_by: material.added_by.clone(),
            added_in: material.added_in,
            added_at: material.added_at,
        })
        .collect();
    diesel::insert_into(case_material::table).values(&rows).on_conflict_do_nothing().execute(tx.conn)?;
    Ok(())
}

/// Removes one version of a paper; false when there is none.
pub fn delete_material(tx: &mut TenantTx<'_>, case_id: Uuid, material_code: &str, version_no: i32) -> Result<bool, Problem> {
    let row = case_material::table.find((tx.tenant_id, case_id, material_code, version_no));
    Ok(diesel::delete(row).execute(tx.conn)? == 1)
}

/// The next number of this tenant's year. Serialises the filings of one tenant for the length of a transaction.
pub fn next_number(tx: &mut TenantTx<'_>, year: i32) -> Result<i32, Problem> {
    use super::schema::case_counter;
    let used: i32 = diesel::insert_into(case_counter::table)
        .values((case_counter::tenant_id.eq(tx.tenant_id), case_counter::year.eq(year), case_counter::last_used.eq(1)))
        .on_conflict((case_counter::tenant_id, case_counter::year))
        .do_update()
        .set(case_counter::last_used.eq(case_counter::last_used + excluded(case_counter::last_used)))
        .returning(case_counter::last_used)
        .get_result(tx.conn)?;
    Ok(used)
}

/// A page of files from a query that the list has put together.
pub fn load_page<'a>(tx: &mut TenantTx<'_>, query: case_file::BoxedQuery<'a, diesel::pg::Pg>) -> Result<Vec<CaseFile>, Problem> {
    let rows: Vec<Row> = query.select(Row::as_select()).load(tx.conn)?;
    rows.into_iter().map(Row::into_case).collect()
}
