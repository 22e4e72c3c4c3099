//! 网上申请, second step: the papers of a draft, each with a form of its own.

use actix_multipart::Multipart;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use platform::http::problem::Problem;
use platform::permit::Permit;
use serde::Deserialize;
use uuid::Uuid;

use super::chrome::Chrome;
use super::forms::FieldError;
use super::own_cases::{Opened, act_on_own, get_own, get_own_draft, note_draft, open};
use super::pages_apply::{ApplyMaterialsPage, FileLine, MaterialItem, MaterialStatus};
use super::reply::{go_to, own_page, own_page_with};
use super::upload::{self, SentFile, Wish, size_words};
use super::{paths, visitor};
use crate::cases::actions::{FileOwnCase, ReadOwnCase};
use crate::cases::case::CaseFile;
use crate::cases::papers::{self, blob_key};
use crate::cases::upload::{Paper, paper_response, take_in};
use crate::cases::view::{self, MaterialView, Sources};
use crate::cases::words::State;
use crate::catalogue::choose::Need;
use crate::catalogue::matter::Material;
use crate::context::{Context, SharedContext};
use crate::materials::inspect::PAPER_MAX_BYTES;

#[get("/drafts/{case_id}/materials")]
pub async fn show_materials(
    context: SharedContext,
    permit: Permit<FileOwnCase>,
    request: HttpRequest,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let case = get_own(&context, permit.citizen()?, *path).await?;
    if case.state != State::Draft {
        return Ok(go_to(&paths::case(&case.case_id.to_string())));
    }
    let chrome = visitor::chrome(&context, &request, &permit).await?;
    own_page(&page(&context, chrome, open(&context, case).await?, None))
}

#[post("/drafts/{case_id}/materials/{material_code}")]
pub async fn change_material(
    context: SharedContext,
    permit: Permit<FileOwnCase>,
    request: HttpRequest,
    path: web::Path<(Uuid, String)>,
    form: Multipart,
) -> Result<HttpResponse, Problem> {
    let (case_id, material_code) = path.into_inner();
    let case = get_own_draft(&context, permit.citizen()?, case_id).await?;
    let uploaded = upload::read(form, &permit).await?;
    if uploaded.version != case.version {
        return Err(Problem::stale_version());
    }
    let back = format!("{}#f-{material_code}", paths::draft_materials(&case_id.to_string()));
    let done = match uploaded.wish {
        Wish::Remove(version_no) => remove(&context, &permit, &case, material_code.clone(), version_no).await,
        Wish::Add(file) => take_in(&context, permit.actor().clone(), case.clone(), paper(&material_code, file)).await,
        Wish::Unusable(words) => Err(Problem::invalid_field("file", words)),
    };
    match done {
        Ok(case) => {
            note_draft(&context, &case).await?;
            Ok(go_to(&back))
        }
        Err(problem) if problem.status == StatusCode::UNPROCESSABLE_ENTITY.as_u16() => {
            let mut chrome = visitor::chrome(&context, &request, &permit).await?;
            chrome.here = paths::draft_materials(&case_id.to_string());
            let page = page(&context, chrome, open(&context, case).await?, Some((material_code, problem.detail)));
            own_page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(problem) => Err(problem),
    }
}

#[derive(Deserialize)]
pub struct VersionQuery {
    /// Which version of the paper; without one the list is shown.
    v: Option<i32>,
}

#[get("/drafts/{case_id}/materials/{material_code}")]
pub async fn show_material(
    context: SharedContext,
    permit: Permit<ReadOwnCase>,
    path: web::Path<(Uuid, String)>,
    query: web::Query<VersionQuery>,
) -> Result<HttpResponse, Problem> {
    let (case_id, material_code) = path.into_inner();
    let Some(version_no) = query.v else { return Ok(go_to(&paths::draft_materials(&case_id.to_string()))) };
    let case = get_own(&context, permit.citizen()?, case_id).await?;
    let material = context
        .db
        .tenant(case.tenant_id, move |tx| papers::find_version(tx, case_id, &material_code, version_no))
        .await?
        .ok_or_else(Problem::not_found)?;
    let bytes = context.blobs.get(&blob_key(case.tenant_id, &material.sha256)).await.map_err(|error| {
        tracing::warn!(%error, "a paper could not be read");
        Problem::unavailable()
    })?;
    Ok(paper_response(&material.media_type, bytes.to_vec()))
}

/// A citizen's photograph; nobody has seen the original yet.
pub fn paper(material_code: &str, file: SentFile) -> Paper {
    Paper {
        material_code: material_code.to_owned(),
        file_name: file.file_name,
        original_seen: false,
        claimed: file.media_type,
        bytes: file.bytes,
    }
}

async fn remove(
    context: &SharedContext,
    permit: &Permit<FileOwnCase>,
    case: &CaseFile,
    material_code: String,
    version_no: i32,
) -> Result<CaseFile, Problem> {
    act_on_own(context, permit, case, case.version, move |tx, case, _| papers::remove(tx, case, &material_code, version_no)).await
}

fn page(context: &Context, chrome: Chrome, opened: Opened, wrong: Option<(String, String)>) -> ApplyMaterialsPage {
    let Opened { case, private, materials, matter } = &opened;
    let view = view::build(context, &Sources { case, private, materials, matter, now: context.now() });
    let case_id = case.case_id.to_string();
    let error_of = |code: &str| wrong.as_ref().filter(|(at, _)| at == code).map(|(_, words)| words.clone());
    let items: Vec<MaterialItem> =
        view.materials.into_iter().filter_map(|material| item(&case_id, error_of(&material.code), material)).collect();
    let errors = wrong.iter().map(|(code, words)| {
        let name = items.iter().find(|item| item.code == *code).map_or("文件", |item| item.name.as_str());
        FieldError::new(code.clone(), format!("{name}没有收下：{words}"))
    });
    ApplyMaterialsPage {
        errors: errors.collect(),
        chrome,
        version: i64::from(case.version),
        matter_name: case.body.matter_short_name.clone(),
        missing: papers::missing(case, matter, materials),
        size_limit_words: format!("{} MB", PAPER_MAX_BYTES / 1024 / 1024),
        case_id,
        items,
    }
}

/// Papers that this application does not need are not named at all.
fn item(case_id: &str, error: Option<String>, material: MaterialView) -> Option<MaterialItem> {
    let status = match material.status.as_str() {
        "received" => MaterialStatus::Received,
        "missing" => MaterialStatus::Missing,
        "tolerated" => MaterialStatus::MayFollow,
        "internal" | "system_made" => MaterialStatus::NotAsked,
        _ => return None,
    };
    let address = paths::draft_material(case_id, &material.code);
    let files = material.files.into_iter().map(|file| FileLine {
        version_no: i64::from(file.version_no),
        name: file.file_name,
        size_words: size_words(file.size_bytes),
        added_words: format!("{} 上传", file.added_words),
        address: format!("{address}?v={}", file.version_no),
    });
    Some(MaterialItem { code: material.code, name: material.name, note: material.note, status, files: files.collect(), error })
}

/// Every file that was received of the papers, for lists of what is there: name and how many files.
pub fn received_words(context: &Context, opened: &Opened) -> Vec<String> {
    let Opened { case, private, materials, matter } = opened;
    let view = view::build(context, &Sources { case, private, materials, matter, now: context.now() });
    view.materials
        .iter()
        .filter_map(|material| match (material.status.as_str(), material.files.len()) {
            ("received", files) if material.files.iter().any(|file| file.original_seen) => {
                Some(format!("{} {files} 份（已核原件）", material.name))
            }
            ("received", files) => Some(format!("{} {files} 份", material.name)),
            ("system_made", _) => Some(format!("{}（系统生成）", material.name)),
            _ => None,
        })
        .collect()
}

/// What may follow after filing and has not come yet.
pub fn may_follow(opened: &Opened) -> Vec<Material> {
    let Opened { case, materials, matter, .. } = opened;
    papers::needs(case, matter)
        .into_iter()
        .filter(|need| need.needed == Need::Tolerated)
        .filter(|need| !materials.iter().any(|material| material.material_code == need.material.code))
        .map(|need| need.material)
        .collect()
}
