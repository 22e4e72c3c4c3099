//! 网上申请, first step: the situation and the form. What is saved is a draft of the citizen's own; no officer sees it before it is filed.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use platform::audit;
use platform::crypto;
use platform::http::problem::Problem;
use platform::permit::{Action, Permit};
use platform::tenant::Tenant;
use uuid::Uuid;

use super::application::{self, Answers, Setting};
use super::citizens::{self, Profile};
use super::forms::FieldError;
use super::input::{Input, Posted};
use super::own_cases::note_draft;
use super::reply::{go_to, own_page, own_page_with};
use super::{paths, visitor};
use crate::cases::actions::FileOwnCase;
use crate::cases::case::CaseFile;
use crate::cases::draft::{IDEMPOTENCY_KEY_MAX_BYTES, create_once};
use crate::cases::submit::{self, Filer, Submission};
use crate::catalogue::choose::{check_situations, choose};
use crate::catalogue::directory::Offered;
use crate::catalogue::matter::{Matter, Origin};
use crate::context::SharedContext;

#[get("/apply/{basic_code}")]
pub async fn show_application(
    context: SharedContext,
    permit: Permit<FileOwnCase>,
    request: HttpRequest,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let chrome = visitor::chrome(&context, &request, &permit).await?;
    let (chain, offered) = match subject(&context, &request, &path).await? {
        Subject::Ready(chain, offered) => (chain, offered),
        Subject::NoPlace => return Ok(go_to(&paths::places(&chrome.here))),
        Subject::NotOnline => return Ok(go_to(&paths::matter(&path))),
    };
    let profile = citizens::get_profile(&context, permit.citizen()?.citizen_id).await?;
    let setting = setting_of(&offered.matter, &chain, &profile, Uuid::new_v4().to_string(), false);
    own_page(&application::page(chrome, setting, &Answers::default(), Vec::new()))
}

#[post("/apply/{basic_code}")]
pub async fn begin_application(
    context: SharedContext,
    permit: Permit<FileOwnCase>,
    request: HttpRequest,
    path: web::Path<String>,
    posted: Posted,
) -> Result<HttpResponse, Problem> {
    let input = Input::of(posted);
    permit.check_form_token(input.text("csrf"))?;
    let chrome = visitor::chrome(&context, &request, &permit).await?;
    let (chain, offered) = match subject(&context, &request, &path).await? {
        Subject::Ready(chain, offered) => (chain, offered),
        Subject::NoPlace => return Ok(go_to(&paths::places(&chrome.here))),
        Subject::NotOnline => return Ok(go_to(&paths::matter(&path))),
    };
    let matter = offered.matter.as_ref();
    let profile = citizens::get_profile(&context, permit.citizen()?.citizen_id).await?;
    let key: String = input.text("idempotency_key").chars().take(IDEMPOTENCY_KEY_MAX_BYTES).filter(char::is_ascii).collect();
    let mut answers = Answers::of(&input);

    if let Some((situations_chosen, errors)) = not_yet_saving(&input, matter, &mut answers) {
        let setting = setting_of(matter, &chain, &profile, key, situations_chosen);
        return own_page(&application::page(chrome, setting, &answers, errors));
    }
    let submission = answers.submission(matter, &profile, chain[0].id);
    match save_new(&context, &permit, submission, &key).await {
        Ok(case) => Ok(go_to(&paths::draft_materials(&case.case_id.to_string()))),
        Err(problem) if is_for_the_form(&problem) => {
            let setting = setting_of(matter, &chain, &profile, key, true);
            let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
            own_page_with(status, &application::page(chrome, setting, &answers, answers.mistakes(&problem)))
        }
        Err(problem) => Err(problem),
    }
}

/// The buttons that only change the form: taking the situations, another member. Whether the situations are settled, and what is wrong.
pub fn not_yet_saving(input: &Input, matter: &Matter, answers: &mut Answers) -> Option<(bool, Vec<FieldError>)> {
    if input.has("more_members") {
        answers.add_member();
        return Some((true, Vec::new()));
    }
    if !input.has("choose") {
        return None;
    }
    let errors: Vec<FieldError> = check_situations(matter, &answers.situations)
        .into_iter()
        .map(|problem| FieldError::new("situation", problem.to_string()))
        .collect();
    let was_chosen = input.has("address");
    Some((was_chosen || choose(matter, &answers.situations, false, false).is_ok(), errors))
}

/// What the person can put right in the form itself.
pub fn is_for_the_form(problem: &Problem) -> bool {
    problem.status == StatusCode::UNPROCESSABLE_ENTITY.as_u16() || problem.code == REUSED
}

const REUSED: &str = "idempotency_key_reused";

enum Subject {
    Ready(Vec<Arc<Tenant>>, Offered),
    /// None was chosen, or one so large that no desk can be named.
    NoPlace,
    NotOnline,
}

async fn subject(context: &SharedContext, request: &HttpRequest, basic_code: &str) -> Result<Subject, Problem> {
    let chain = visitor::place(context, request).await?;
    if !visitor::is_near_enough(&chain) {
        return Ok(Subject::NoPlace);
    }
    let offered = context.directory.find_offered(&chain, basic_code).await?.ok_or_else(Problem::not_found)?;
    if !offered.open || !offered.matter.origins.contains(&Origin::Online) {
        return Ok(Subject::NotOnline);
    }
    Ok(Subject::Ready(chain, offered))
}

fn setting_of<'s>(
    matter: &'s Matter,
    chain: &'s [Arc<Tenant>],
    profile: &'s Profile,
    idempotency_key: String,
    situations_chosen: bool,
) -> Setting<'s> {
    Setting { post_to: paths::apply(&matter.basic_code), idempotency_key, version: 0, matter, chain, profile, situations_chosen }
}

async fn save_new(
    context: &SharedContext,
    permit: &Permit<FileOwnCase>,
    submission: Submission,
    idempotency_key: &str,
) -> Result<CaseFile, Problem> {
    let citizen = permit.citizen()?;
    let request_hash = crypto::sm3(&[&serde_json::to_vec(&submission).map_err(|error| Problem::internal(&error))?]);
    let key_hash = context.keys.index("idempotency", &format!("{}|{idempotency_key}", citizen.citizen_id));
    let checked = submit::check(context, &Filer::Citizen { citizen }, submission).await?;
    let at = context.now();
    let draft = checked.into_draft(&context.keys, Uuid::now_v7(), 1, at, Some(citizen.citizen_id))?;
    let basis = permit.grants(&draft.basic_code, draft.tenant_id, at)?;
    let actor = permit.actor().clone();
    let case = context
        .db
        .tenant(draft.tenant_id, move |tx| {
            let case = create_once(tx, &key_hash, &request_hash, draft, at)?;
            audit::record(tx, at, &actor, FileOwnCase::NAME, &format!("case {}", case.case_id), "drafted", &basis.to_string())?;
            Ok::<_, Problem>(case)
        })
        .await
        .map_err(|problem| match problem.code {
            // The form was saved, gone back to and changed: the draft is where it is changed now.
            REUSED => Problem::conflict(REUSED, "这张表已经存过一次。要改填的内容，请到“我的”里打开那份申请再改。"),
            _ => problem,
        })?;
    note_draft(context, &case).await?;
    Ok(case)
}
