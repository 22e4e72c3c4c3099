//! Reading and writing a case's file in its tenant's scope. One place writes: the file, its events, messages, jobs and audit go together.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::upsert::excluded;
use platform::crypto::{KeyRing, Place};
use platform::db::{DbError, TenantTx};
use platform::http::problem::Problem;
use platform::jobs::outbox::NewMessage;
use platform::jobs::{self, NewJob, outbox};
use serde_json::json;
use uuid::Uuid;

use super::case::{Body, CaseFile, Private};
use super::envelope::{self, Envelope, EnvelopeMaterial, News, OutgoingContent, Reasons, Taken};
use super::event::{self, StoredEvent};
use super::lifecycle::{self, Effects};
use super::schema::{case_event, case_file, case_material};
use super::words::{Channel, Custody, Outcome, State};

/// Jobs of this slice, by name.
pub const LETTER_JOB: &str = "case_letter";
pub const CITIZEN_VIEW_JOB: &str = "case_citizen_view";
pub const ARCHIVE_JOB: &str = "case_archive";

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = case_file, treat_none_as_null = true)]
struct Row {
    tenant_id: i64,
    case_id: Uuid,
    case_no: Option<String>,
    origin_tenant_id: i64,
    basic_code: String,
    matter_version: i32,
    channel: String,
    state: String,
    outcome: Option<String>,
    custody: String,
    epoch: i32,
    step_index: i32,
    department_code: String,
    applicant_masked: String,
    applicant_index: Vec<u8>,
    citizen_id: Uuid,
    sealed: Vec<u8>,
    secret_index: Option<Vec<u8>>,
    bucket: String,
    sort_at: DateTime<Utc>,
    step_due_at: Option<DateTime<Utc>>,
    promise_due_at: Option<DateTime<Utc>>,
    filed_at: Option<DateTime<Utc>>,
    body: serde_json::Value,
    chain_head: Vec<u8>,
    event_count: i32,
    version: i32,
    created_at: DateTime<Utc>,
}

impl Row {
    fn of(case: &CaseFile) -> Result<Row, Problem> {
        Ok(Row {
            tenant_id: case.tenant_id,
            case_id: case.case_id,
            case_no: case.case_no.clone(),
            origin_tenant_id: case.origin_tenant_id,
            basic_code: case.basic_code.clone(),
            matter_version: case.matter_version,
            channel: case.channel.as_str().to_owned(),
            state: case.state.as_str().to_owned(),
            outcome: case.outcome.map(|outcome| outcome.as_str().to_owned()),
            custody: case.custody.as_str().to_owned(),
            epoch: case.epoch,
            step_index: i32::try_from(case.step_index).map_err(|error| Problem::internal(&error))?,
            department_code: case.department_code().to_owned(),
            applicant_masked: case.applicant_masked.clone(),
            applicant_index: case.applicant_index.clone(),
            citizen_id: case.citizen_id,
            sealed: case.sealed.clone(),
            secret_index: case.secret_index.clone(),
            bucket: case.bucket().as_str().to_owned(),
            sort_at: case.sort_at(),
            step_due_at: case.step_due_at,
            promise_due_at: case.promise_due_at,
            filed_at: case.filed_at,
            body: serde_json::to_value(&case.body).map_err(|error| Problem::internal(&error))?,
            chain_head: case.chain_head.clone(),
            event_count: case.event_count,
            version: case.version,
            created_at: case.created_at,
        })
    }

    fn into_case(self) -> Result<CaseFile, Problem> {
        let unknown = |what: &str, text: &str| Problem::internal(&format!("unknown {what} {text} in a case file"));
        let body: Body = serde_json::from_value(self.body).map_err(|error| Problem::internal(&error))?;
        Ok(CaseFile {
            channel: Channel::parse(&self.channel).ok_or_else(|| unknown("channel", &self.channel))?,
            state: State::parse(&self.state).ok_or_else(|| unknown("state", &self.state))?,
            outcome: self.outcome.as_deref().map(|text| Outcome::parse(text).ok_or_else(|| unknown("outcome", text))).transpose()?,
            custody: Custody::parse(&self.custody).ok_or_else(|| unknown("custody", &self.custody))?,
            tenant_id: self.tenant_id,
            case_id: self.case_id,
            case_no: self.case_no,
            origin_tenant_id: self.origin_tenant_id,
            basic_code: self.basic_code,
            matter_version: self.matter_version,
            epoch: self.epoch,
            step_index: usize::try_from(self.step_index).map_err(|error| Problem::internal(&error))?,
            applicant_masked: self.applicant_masked,
            applicant_index: self.applicant_index,
            citizen_id: self.citizen_id,
            sealed: self.sealed,
            secret_index: self.secret_index,
            step_due_at: self.step_due_at,
            promise_due_at: self.promise_due_at,
            filed_at: self.filed_at,
            body,
            chain_head: self.chain_head,
            event_count: self.event_count,
            version: self.version,
            created_at: self.created_at,
        })
    }
}

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

/// Writes a changed file with everything that goes with it. `known_version` is the version it was changed from: if the row has moved on since,
/// nothing is written and the caller is told.
pub fn save(
    tx: &mut TenantTx<'_>,
    keys: &KeyRing,
    known_version: Option<i32>,
    was_custodian: bool,
    case: &mut CaseFile,
    effects: Effects,
    at: DateTime<Utc>,
) -> Result<(), Problem> {
    case.version = known_version.unwrap_or(0) + 1;
    let effects = lifecycle::tell_the_others(case, was_custodian, effects, at);
    let events = event::chain(case, &effects.events);
    write_file(tx, known_version, case)?;
    write_events(tx, case.case_id, events)?;

    let mut messages = Vec::new();
    let mut news = None;
    for outgoing in &effects.outgoing {
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
    outbox::send(tx, at, &messages)?;
    enqueue_jobs(tx, case, &effects.letters, effects.archive, at)
}

fn write_file(tx: &mut TenantTx<'_>, known_version: Option<i32>, case: &CaseFile) -> Result<(), Problem> {
    let row = Row::of(case)?;
    match known_version {
        Some(known) => {
            let changed = diesel::update(case_file::table.find((case.tenant_id, case.case_id)).filter(case_file::version.eq(known)))
                .set(&row)
                .execute(tx.conn)?;
            if changed == 0 {
                return Err(Problem::stale_version());
            }
        }
        None => {
            diesel::insert_into(case_file::table).values(&row).execute(tx.conn)?;
        }
    }
    Ok(())
}

fn write_events(tx: &mut TenantTx<'_>, case_id: Uuid, events: Vec<event::ChainedEvent>) -> Result<(), DbError> {
    let rows: Vec<_> = events
        .into_iter()
        .map(|event| {
            (
                case_event::tenant_id.eq(tx.tenant_id),
                case_event::case_id.eq(case_id),
                case_event::seq.eq(event.seq),
                case_event::at.eq(event.at),
                case_event::kind.eq(event.kind),
                case_event::canonical.eq(event.canonical),
                case_event::salts.eq(event.salts),
                case_event::hash.eq(event.hash.to_vec()),
            )
        })
        .collect();
    diesel::insert_into(case_event::table).values(rows).execute(tx.conn)?;
    Ok(())
}

fn enqueue_jobs(
    tx: &mut TenantTx<'_>,
    case: &CaseFile,
    letters: &[super::lifecycle::Letter],
    archive: bool,
    at: DateTime<Utc>,
) -> Result<(), Problem> {
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
    jobs::enqueue(tx, &waiting)?;
    Ok(())
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

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = case_material)]
struct MaterialRow {
    tenant_id: i64,
    case_id: Uuid,
    material_code: String,
    version_no: i32,
    file_name: String,
    media_type: String,
    size_bytes: i64,
    pages: i32,
    sha256: String,
    original_seen: bool,
    added_by: String,
    added_in: i64,
    added_at: DateTime<Utc>,
}

pub fn list_materials(tx: &mut TenantTx<'_>, case_id: Uuid) -> Result<Vec<EnvelopeMaterial>, Problem> {
    let rows: Vec<MaterialRow> = case_material::table
        .filter(case_material::tenant_id.eq(tx.tenant_id))
        .filter(case_material::case_id.eq(case_id))
        .order((case_material::material_code, case_material::version_no))
        .select(MaterialRow::as_select())
        .load(tx.conn)?;
    Ok(rows
        .into_iter()
        .map(|row| EnvelopeMaterial {
            material_code: row.material_code,
            version_no: row.version_no,
            file_name: row.file_name,
            media_type: row.media_type,
            size_bytes: row.size_bytes,
            pages: row.pages,
            sha256: row.sha256,
            original_seen: row.original_seen,
            added_by: row.added_by,
            added_in: row.added_in,
            added_at: row.added_at,
        })
        .collect())
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
