//! What follows an act outside its transaction: letters, the citizen's view, the archive package. Each job may run twice.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::query_dsl::methods::FilterDsl;
use diesel::upsert::excluded;
use platform::actor::Actor;
use platform::db::TenantTx;
use platform::http::problem::Problem;
use platform::jobs::{self, Job, NewJob, WorkError};
use platform::mail::Letter as MailLetter;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::case::{Archive, CaseFile};
use super::letters;
use super::lifecycle::{self, Doer, Letter};
use super::schema::citizen_case;
use super::store::{self, ARCHIVE_JOB, CITIZEN_VIEW_JOB, LETTER_JOB};
use super::view;
use super::words::Custody;
use crate::clock::light::Light;
use crate::context::SharedContext;

/// Somebody looked behind the masks; the citizen can read of it.
pub const ACCESS_JOB: &str = "case_access";

#[derive(Deserialize)]
struct OfCase {
    case_id: Uuid,
}

#[derive(Deserialize)]
struct LetterPayload {
    case_id: Uuid,
    letter: String,
    event: i32,
}

#[derive(Serialize, Deserialize)]
struct AccessPayload {
    id: Uuid,
    case_id: Uuid,
    citizen_id: Uuid,
    at: DateTime<Utc>,
    who: String,
    what: String,
}

/// What a citizen sees of a case in the list of their own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CitizenCaseView {
    pub case_no: String,
    pub matter_name: String,
    pub state_words: String,
    pub relay_text: String,
    pub light: Light,
    pub filed_words: String,
    pub closed: bool,
}

/// Does a job of this slice; `None` when it is not one of ours.
pub async fn run(context: &SharedContext, job: &Job) -> Option<Result<(), WorkError>> {
    let done = match job.kind.as_str() {
        LETTER_JOB => send_letter(context, job).await,
        CITIZEN_VIEW_JOB => refresh_citizen_view(context, job).await,
        ARCHIVE_JOB => archive(context, job).await,
        ACCESS_JOB => write_access(context, job).await,
        _ => return None,
    };
    Some(done)
}

pub fn note_access(tx: &mut TenantTx<'_>, at: DateTime<Utc>, case: &CaseFile, actor: &Actor, reason: &str) -> Result<(), Problem> {
    let who = match actor {
        Actor::Staff(staff) => format!("{}　{}", case.step().holder(), staff.title),
        _ => "系统".to_owned(),
    };
    let payload = AccessPayload {
        id: Uuid::now_v7(),
        case_id: case.case_id,
        citizen_id: case.citizen_id,
        at,
        who,
        what: format!("查看姓名、证件号码和电话：{reason}"),
    };
    let payload = serde_json::to_value(payload).map_err(|error| Problem::internal(&error))?;
    jobs::enqueue(tx, vec![NewJob { kind: ACCESS_JOB, payload, run_at: at }], at)?;
    Ok(())
}

async fn send_letter(context: &SharedContext, job: &Job) -> Result<(), WorkError> {
    let payload: LetterPayload = read(job)?;
    let letter = Letter::parse(&payload.letter).ok_or_else(|| WorkError::Never(format!("unknown letter {}", payload.letter)))?;
    let case = load(context, job.tenant_id, payload.case_id).await?;
    let applicant = store::open_private(&context.keys, &case).map_err(later)?.applicant;
    let text = letters::write(context, &case, letter);
    if let Some(email) = applicant.email {
        let mail = MailLetter {
            to: email,
            subject: text.subject,
            text: text.body,
            html: None,
            message_key: format!("{}-{}-{}-{}", job.tenant_id, payload.case_id, payload.letter, payload.event),
        };
        context.mailer.send(&mail).await.map_err(|error| WorkError::Later(error.to_string()))?;
    }
    context.sms.send(&applicant.telephone, &text.short).await.map_err(|error| WorkError::Later(error.to_string()))
}

async fn refresh_citizen_view(context: &SharedContext, job: &Job) -> Result<(), WorkError> {
    let OfCase { case_id } = read(job)?;
    let case = load(context, job.tenant_id, case_id).await?;
    let now = context.now();
    let (step, whole) = super::deadlines::lights(&case, &context.calendar, now);
    let shown = CitizenCaseView {
        case_no: case.case_no.clone().unwrap_or_default(),
        matter_name: case.body.matter_short_name.clone(),
        state_words: view::state_words(&case),
        relay_text: view::relay(context, &case, now).text,
        light: if case.body.accepted_at.is_some() { whole } else { step },
        filed_words: case.filed_at.map(|at| view::moment_words(at, now)).unwrap_or_default(),
        closed: case.custody == Custody::Closed,
    };
    let shown = serde_json::to_value(shown).map_err(later)?;
    context
        .db
        .citizen(case.citizen_id, move |tx| {
            // Versions of the origin's file only rise; an older run of this job changes nothing.
            diesel::insert_into(citizen_case::table)
                .values((
                    citizen_case::citizen_id.eq(case.citizen_id),
                    citizen_case::case_id.eq(case_id),
                    citizen_case::origin_tenant_id.eq(case.origin_tenant_id),
                    citizen_case::case_no.eq(&case.case_no),
                    citizen_case::matter_name.eq(&case.body.matter_short_name),
                    citizen_case::view.eq(&shown),
                    citizen_case::news_epoch.eq(case.epoch),
                    citizen_case::news_version.eq(case.version),
                    citizen_case::updated_at.eq(now),
                ))
                .on_conflict((citizen_case::citizen_id, citizen_case::case_id))
                .do_update()
                .set((
                    citizen_case::view.eq(excluded(citizen_case::view)),
                    citizen_case::case_no.eq(excluded(citizen_case::case_no)),
                    citizen_case::news_epoch.eq(excluded(citizen_case::news_epoch)),
                    citizen_case::news_version.eq(excluded(citizen_case::news_version)),
                    citizen_case::updated_at.eq(excluded(citizen_case::updated_at)),
                ))
                .filter(citizen_case::news_version.lt(excluded(citizen_case::news_version)))
                .execute(tx.conn)?;
            Ok::<_, WorkError>(())
        })
        .await
}

/// 归档: the file with its events and the hashes of its papers, as one object; its hash enters the chain.
async fn archive(context: &SharedContext, job: &Job) -> Result<(), WorkError> {
    let OfCase { case_id } = read(job)?;
    let (case, events, materials) = context
        .db
        .tenant(job.tenant_id, move |tx| {
            let case = store::get(tx, case_id).map_err(later)?;
            Ok::<_, WorkError>((case, store::list_events(tx, case_id).map_err(later)?, store::list_materials(tx, case_id).map_err(later)?))
        })
        .await?;
    if case.body.archive.is_some() {
        return Ok(());
    }
    let package = json!({
        "format": "zhengtong-archive/1",
        "case_id": case.case_id,
        "case_no": case.case_no,
        "tenant_id": case.tenant_id,
        "basic_code": case.basic_code,
        "matter_version": case.matter_version,
        "state": case.state,
        "outcome": case.outcome,
        "body": case.body,
        "sealed": hex::encode(&case.sealed),
        "materials": materials,
        "events": events.iter().map(|event| json!({"seq": event.seq, "canonical": hex::encode(&event.canonical), "hash": hex::encode(&event.hash)})).collect::<Vec<_>>(),
        "chain_head": hex::encode(&case.chain_head),
    });
    let bytes = serde_json::to_vec_pretty(&package).map_err(later)?;
    let sha256 = hex::encode(Sha256::digest(&bytes));
    let key = format!("{}/archive/{}/{sha256}.json", case.tenant_id, case.case_id);
    context.blobs.put(&key, bytes, "application/json").await.map_err(|error| WorkError::Later(error.to_string()))?;
    let shared = context.clone();
    context
        .db
        .tenant(job.tenant_id, move |tx| {
            let at = shared.now();
            let Some(mut case) = store::find_locked(tx, case_id).map_err(later)? else {
                return Err(WorkError::Never("the case is gone".to_owned()));
            };
            let version = case.version;
            match lifecycle::archive(&mut case, &Doer::system(at), Archive { key, sha256, archived_at: at }) {
                Ok(effects) => store::save(tx, &shared.keys, Some(version), false, &mut case, effects, at).map(drop).map_err(later),
                // Archived by an earlier run of this job.
                Err(_) => Ok(()),
            }
        })
        .await
}

async fn write_access(context: &SharedContext, job: &Job) -> Result<(), WorkError> {
    use crate::portal::schema::citizen_access;
    let access: AccessPayload = read(job)?;
    context
        .db
        .citizen(access.citizen_id, move |tx| {
            diesel::insert_into(citizen_access::table)
                .values((
                    citizen_access::citizen_id.eq(access.citizen_id),
                    citizen_access::id.eq(access.id),
                    citizen_access::at.eq(access.at),
                    citizen_access::case_id.eq(access.case_id),
                    citizen_access::who.eq(&access.who),
                    citizen_access::what.eq(&access.what),
                ))
                .on_conflict_do_nothing()
                .execute(tx.conn)?;
            Ok::<_, WorkError>(())
        })
        .await
}

async fn load(context: &SharedContext, tenant_id: i64, case_id: Uuid) -> Result<CaseFile, WorkError> {
    context.db.tenant(tenant_id, move |tx| store::get(tx, case_id).map_err(later)).await
}

fn read<T: serde::de::DeserializeOwned>(job: &Job) -> Result<T, WorkError> {
    serde_json::from_value(job.payload.clone()).map_err(|error| WorkError::Never(format!("its payload cannot be read: {error}")))
}

/// Nothing that goes wrong here makes the job pointless: it is tried again and, in the end, shown as failed.
pub fn later(error: impl std::fmt::Display) -> WorkError {
    WorkError::Later(error.to_string())
}
