//! Drafts: put together by one post, seen by nobody else, numbered only when they are filed.

use actix_web::{HttpRequest, HttpResponse, get, post, put, web};
use diesel::prelude::*;
use platform::actor::Staff;
use platform::audit;
use platform::crypto;
use platform::db::TenantTx;
use platform::http::problem::Problem;
use platform::permit::{Action, Permit};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::act::Acted;
use super::actions::{PrepareCase, ReadCase};
use super::case::CaseFile;
use super::envelope::EnvelopeMaterial;
use super::lifecycle::{Effects, Refusal};
use super::schema::idempotency_key;
use super::store;
use super::submit::{self, Filer, Submission};
use super::view::{self, CaseView, Sources};
use super::words::State;
use crate::context::{Context, SharedContext};

/// Header that makes a second sending of the same form one case.
pub const IDEMPOTENCY_HEADER: &str = "idempotency-key";
pub const IDEMPOTENCY_KEY_MAX_BYTES: usize = 100;

#[derive(Debug, Deserialize, ToSchema)]
pub struct DraftChange {
    pub version: i32,
    #[serde(flatten)]
    pub submission: Submission,
}

/// Starts a case.
#[utoipa::path(operation_id = "create_draft", tag = "cases", request_body = Submission,
    params(("Idempotency-Key" = String, Header, description = "Any text of at most 100 bytes; the same key with the same body gives the same case")),
    responses((status = 201, body = CaseView), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[post("/api/v1/cases")]
pub async fn create_draft(
    context: SharedContext,
    permit: Permit<PrepareCase>,
    request: HttpRequest,
    body: web::Json<Submission>,
) -> Result<HttpResponse, Problem> {
    let staff = permit.staff()?.clone();
    let key = idempotency_header(&request)?;
    let submission = body.into_inner();
    let request_hash = crypto::sm3(&[&serde_json::to_vec(&submission).map_err(|error| Problem::internal(&error))?]);
    let key_hash = context.keys.index("idempotency", &format!("{}|{key}", staff.post_id));

    let checked = submit::check(&context, &filer(&context, &staff).await?, submission).await?;
    let at = context.now();
    let draft = checked.into_draft(&context.keys, Uuid::now_v7(), 1, at, None)?;
    let drafted = context
        .db
        .tenant(staff.tenant_id, move |tx| {
            let basis = permit.grants(&draft.basic_code, draft.tenant_id, at)?;
            let case = create_once(tx, &key_hash, &request_hash, draft, at)?;
            audit::record(tx, at, permit.actor(), PrepareCase::NAME, &format!("case {}", case.case_id), "drafted", &basis.to_string())?;
            // The same key may have found a draft that has papers already.
            let materials = store::list_materials(tx, case.case_id)?;
            Ok::<_, Problem>(Acted { case, materials, permit })
        })
        .await?;
    let view = drafted.answer(&context).await?;
    Ok(HttpResponse::Created().insert_header(("Location", format!("/api/v1/cases/{}", view.id))).json(view))
}

/// Changes what a draft says.
#[utoipa::path(operation_id = "change_draft", tag = "cases", request_body = DraftChange,
    responses((status = 200, body = CaseView), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
#[put("/api/v1/cases/{case_id}")]
pub async fn change_draft(
    context: SharedContext,
    permit: Permit<PrepareCase>,
    path: web::Path<Uuid>,
    body: web::Json<DraftChange>,
) -> Result<web::Json<CaseView>, Problem> {
    let staff = permit.staff()?.clone();
    let DraftChange { version, submission } = body.into_inner();
    let case_id = path.into_inner();
    let checked = submit::check(&context, &filer(&context, &staff).await?, submission).await?;
    let at = context.now();
    let shared = context.clone();
    let changed = context
        .db
        .tenant(staff.tenant_id, move |tx| {
            let known = store::get(tx, case_id)?;
            visible(&permit, &known)?;
            if known.version != version {
                return Err(Problem::stale_version());
            }
            if known.state != State::Draft {
                return Err(Refusal::WrongState { state: known.state.label(), act: "修改申请" }.into());
            }
            let basis = super::act::authorize(&permit, &known, at)?;
            let mut case = checked.into_draft(&shared.keys, case_id, version, known.created_at, None)?;
            let object = format!("case {case_id}");
            let entry = audit::entry(tx.tenant_id, at, permit.actor(), PrepareCase::NAME, &object, "changed", &basis.to_string());
            let effects = Effects { entry: Some(entry), ..Effects::default() };
            let materials = store::save(tx, &shared.keys, Some(version), true, &mut case, effects, at)?;
            Ok::<_, Problem>(Acted { case, materials, permit })
        })
        .await?;
    Ok(web::Json(changed.answer(&context).await?))
}

/// One case, as this tenant knows it.
#[utoipa::path(operation_id = "get_case", tag = "cases",
    responses((status = 200, body = CaseView), (status = 404, body = Problem)))]
#[get("/api/v1/cases/{case_id}")]
pub async fn get_case(context: SharedContext, permit: Permit<ReadCase>, path: web::Path<Uuid>) -> Result<web::Json<CaseView>, Problem> {
    let tenant_id = permit.staff()?.tenant_id;
    let case_id = path.into_inner();
    let (case, materials) =
        context.db.tenant(tenant_id, move |tx| Ok::<_, Problem>((store::get(tx, case_id)?, store::list_materials(tx, case_id)?))).await?;
    visible(&permit, &case)?;
    Ok(web::Json(answer(&context, &permit, &case, &materials).await?))
}

/// A draft is its maker's; to everybody else it is not there.
pub fn visible<A: Action>(permit: &Permit<A>, case: &CaseFile) -> Result<(), Problem> {
    if case.state == State::Draft && case.body.created_by != Some(permit.staff()?.post_id) {
        return Err(Problem::not_found());
    }
    Ok(())
}

/// The view of a case, with the buttons of the one who looks at it.
pub async fn answer<A: Action>(
    context: &Context,
    permit: &Permit<A>,
    case: &CaseFile,
    materials: &[EnvelopeMaterial],
) -> Result<CaseView, Problem> {
    let matter = context.directory.get_version(&case.basic_code, case.matter_version).await?;
    let private = store::open_private(&context.keys, case)?;
    view::staff_view(context, permit, &Sources { case, private: &private, materials, matter: &matter, now: context.now() })
}

async fn filer<'a>(context: &Context, staff: &'a Staff) -> Result<Filer<'a>, Problem> {
    let snapshot = context.register.snapshot().await?;
    let tenant = snapshot.find(staff.tenant_id).cloned().ok_or_else(Problem::not_found)?;
    Ok(Filer::Staff { staff, tenant })
}

fn idempotency_header(request: &HttpRequest) -> Result<String, Problem> {
    let given = request.headers().get(IDEMPOTENCY_HEADER).and_then(|value| value.to_str().ok()).map(str::trim).unwrap_or_default();
    if given.is_empty() || given.len() > IDEMPOTENCY_KEY_MAX_BYTES {
        return Err(Problem::invalid_field(
            "Idempotency-Key",
            format!("请求头 Idempotency-Key 要有，最长 {IDEMPOTENCY_KEY_MAX_BYTES} 个字节；同一次提交重发时用同一个值"),
        ));
    }
    Ok(given.to_owned())
}

/// Inserts the draft, unless the same key has made a case before: then that case, if the request was the same.
pub fn create_once(
    tx: &mut TenantTx<'_>,
    key_hash: &[u8],
    request_hash: &[u8],
    draft: CaseFile,
    at: chrono::DateTime<chrono::Utc>,
) -> Result<CaseFile, Problem> {
    let inserted = diesel::insert_into(idempotency_key::table)
        .values((
            idempotency_key::tenant_id.eq(tx.tenant_id),
            idempotency_key::key_hash.eq(key_hash),
            idempotency_key::request_hash.eq(request_hash),
            idempotency_key::case_id.eq(draft.case_id),
            idempotency_key::created_at.eq(at),
        ))
        .on_conflict_do_nothing()
        .execute(tx.conn)?;
    if inserted == 1 {
        store::insert_draft(tx, &draft)?;
        return Ok(draft);
    }
    let (known_hash, case_id): (Vec<u8>, Uuid) = idempotency_key::table
        .find((tx.tenant_id, key_hash))
        .select((idempotency_key::request_hash, idempotency_key::case_id))
        .first(tx.conn)?;
    if known_hash != request_hash {
        return Err(Problem::conflict("idempotency_key_reused", "这个 Idempotency-Key 已经用在另一份申请上了，新的申请请换一个值。"));
    }
    store::get(tx, case_id)
}
