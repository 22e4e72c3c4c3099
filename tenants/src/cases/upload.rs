//! Papers in and out, through the server: one request carries one paper.

use actix_web::error::PayloadError;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, get, put, web};
use platform::actor::Actor;
use platform::audit;
use platform::http::problem::Problem;
use platform::permit::{Action, Permit};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use utoipa::IntoParams;
use uuid::Uuid;

use super::act::authorize;
use super::actions::{PrepareCase, ReadMaterial};
use super::case::CaseFile;
use super::deadlines;
use super::draft::{answer, visible};
use super::lifecycle::Doer;
use super::papers::{self, Incoming, blob_key};
use super::store;
use super::view::CaseView;
use super::words::Custody;
use crate::context::{Context, SharedContext};
use crate::materials::inspect::{PAPER_MAX_BYTES, inspect};

pub const FILE_NAME_MAX_CHARACTERS: usize = 120;

#[derive(Debug, Deserialize, IntoParams)]
pub struct PaperQuery {
    /// Version of the case that the page was made from.
    pub version: i32,
    #[serde(default)]
    pub file_name: String,
    /// Whether somebody has seen the original.
    #[serde(default)]
    pub original_seen: bool,
}

#[utoipa::path(operation_id = "add_material", tag = "cases", params(PaperQuery),
    request_body(content(("image/jpeg"), ("image/png"), ("application/pdf")), description = "At most 20 MiB"),
    responses((status = 200, body = CaseView), (status = 404, body = Problem), (status = 409, body = Problem), (status = 413, body = Problem), (status = 422, body = Problem)))]
#[put("/api/v1/cases/{case_id}/materials/{material_code}")]
pub async fn add_material(
    context: SharedContext,
    permit: Permit<PrepareCase>,
    path: web::Path<(Uuid, String)>,
    query: web::Query<PaperQuery>,
    request: HttpRequest,
    // Taken as a result, so that the permit is asked first and a body over the limit is answered in words.
    bytes: Result<web::Bytes, actix_web::Error>,
) -> Result<web::Json<CaseView>, Problem> {
    let bytes = bytes.map_err(|error| unread(&error))?;
    let (case_id, material_code) = path.into_inner();
    let query = query.into_inner();
    let tenant_id = permit.staff()?.tenant_id;
    let case = context.db.tenant(tenant_id, move |tx| store::get(tx, case_id)).await?;
    visible(&permit, &case)?;
    if case.version != query.version {
        return Err(Problem::stale_version());
    }
    authorize(&permit, &case, context.now())?;
    let claimed = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let paper = Paper { material_code, file_name: query.file_name, original_seen: query.original_seen, claimed, bytes };
    let case = take_in(&context, permit.actor().clone(), case, paper).await?;
    let materials = context.db.tenant(tenant_id, move |tx| store::list_materials(tx, case_id)).await?;
    Ok(web::Json(answer(&context, &permit, &case, &materials).await?))
}

/// A paper as somebody sent it.
pub struct Paper {
    pub material_code: String,
    pub file_name: String,
    pub original_seen: bool,
    pub claimed: String,
    pub bytes: web::Bytes,
}

/// Checks, stores and records a paper; shared with the portal. `case` is the file as it was read, and must still be so at the end.
pub async fn take_in(context: &SharedContext, actor: Actor, case: CaseFile, paper: Paper) -> Result<CaseFile, Problem> {
    let matter = context.directory.get_version(&case.basic_code, case.matter_version).await?;
    papers::may_add(&case, &matter, &paper.material_code)?;
    let (claimed, bytes) = (paper.claimed.clone(), paper.bytes.clone());
    // Hashing and parsing twenty megabytes would hold up everybody else on this thread.
    let (inspected, sha256) = web::block(move || (inspect(&bytes, &claimed), hex::encode(Sha256::digest(&bytes))))
        .await
        .map_err(|error| Problem::internal(&error))?;
    let inspected = inspected.map_err(|error| Problem::invalid_field("file", error.to_string()))?;
    let incoming = Incoming {
        material_code: paper.material_code,
        file_name: clean_file_name(&paper.file_name),
        original_seen: paper.original_seen,
        inspected,
        sha256,
        size_bytes: i64::try_from(paper.bytes.len()).unwrap_or(i64::MAX),
    };
    store_bytes(context, case.tenant_id, &incoming, paper.bytes).await?;

    let (shared, tenant_id, case_id, version) = (context.clone(), case.tenant_id, case.case_id, case.version);
    let case = context
        .db
        .tenant(tenant_id, move |tx| {
            let at = shared.now();
            let mut case = store::get(tx, case_id)?;
            if case.version != version {
                return Err(Problem::stale_version());
            }
            papers::may_add(&case, &matter, &incoming.material_code)?;
            let was_custodian = case.custody == Custody::Held;
            let mut effects = papers::record(tx, &mut case, &incoming, &Doer::of(&actor, at), at)?;
            deadlines::schedule(&mut case, &shared.calendar);
            let object = format!("case {case_id} material {}", incoming.material_code);
            let basis = format!("sha256 {}", incoming.sha256);
            effects.entry = Some(audit::entry(tenant_id, at, &actor, PrepareCase::NAME, &object, "added", &basis));
            store::save(tx, &shared.keys, Some(version), was_custodian, &mut case, effects, at)?;
            Ok::<_, Problem>(case)
        })
        .await?;
    context.announcer.announce();
    Ok(case)
}

async fn store_bytes(context: &Context, tenant_id: i64, incoming: &Incoming, bytes: web::Bytes) -> Result<(), Problem> {
    context.blobs.put(&blob_key(tenant_id, &incoming.sha256), bytes.to_vec(), incoming.inspected.media_type).await.map_err(|error| {
        tracing::warn!(%error, "a paper could not be stored");
        Problem::unavailable()
    })
}

/// The bytes of a paper, to be shown in the page.
#[utoipa::path(operation_id = "get_material", tag = "cases",
    responses((status = 200, description = "The bytes, as image/jpeg, image/png or application/pdf"), (status = 404, body = Problem)))]
#[get("/api/v1/cases/{case_id}/materials/{material_code}/{version_no}")]
pub async fn get_material(
    context: SharedContext,
    permit: Permit<ReadMaterial>,
    path: web::Path<(Uuid, String, i32)>,
) -> Result<HttpResponse, Problem> {
    let (case_id, material_code, version_no) = path.into_inner();
    let tenant_id = permit.staff()?.tenant_id;
    let at = context.now();
    let (permit, case, material) = context
        .db
        .tenant(tenant_id, move |tx| {
            let case = store::get(tx, case_id)?;
            visible(&permit, &case)?;
            let basis = permit.grants(&case.basic_code, tenant_id, at)?;
            let material = papers::find_version(tx, case_id, &material_code, version_no)?.ok_or_else(Problem::not_found)?;
            audit::record(
                tx,
                at,
                permit.actor(),
                ReadMaterial::NAME,
                &format!("case {case_id} material {material_code} {version_no}"),
                "read",
                &basis.to_string(),
            )?;
            Ok::<_, Problem>((permit, case, material))
        })
        .await?;
    drop(permit);
    let bytes = context.blobs.get(&blob_key(case.tenant_id, &material.sha256)).await.map_err(|error| {
        tracing::warn!(%error, "a paper could not be read");
        Problem::unavailable()
    })?;
    Ok(paper_response(&material.media_type, bytes.to_vec()))
}

/// A paper is shown, never run: its own type, no sniffing, and a policy under which nothing in it can act.
pub fn paper_response(media_type: &str, bytes: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, media_type))
        .insert_header((header::CONTENT_DISPOSITION, "inline"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; plugin-types application/pdf; frame-ancestors 'self'",
        ))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .body(bytes)
}

fn unread(error: &actix_web::Error) -> Problem {
    match error.as_error::<PayloadError>() {
        Some(PayloadError::Overflow) => Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            "文件太大",
            format!("一份材料最大 {} MB。请用较低的清晰度重新拍照或扫描，或者分成几份", PAPER_MAX_BYTES / 1024 / 1024),
        ),
        _ => Problem::invalid_field("file", "文件没有传完整，请再传一次"),
    }
}

fn clean_file_name(name: &str) -> String {
    let cleaned: String = name
        .chars()
        .filter(|character| !character.is_control() && !matches!(character, '/' | '\\'))
        .take(FILE_NAME_MAX_CHARACTERS)
        .collect();
    if cleaned.trim().is_empty() { "材料".to_owned() } else { cleaned.trim().to_owned() }
}

/// Limit of the request body, a little above the paper's so that the answer can say which limit it was.
pub const BODY_MAX_BYTES: usize = PAPER_MAX_BYTES + 64 * 1024;
