//! A draft taken up again: the same form with what was saved, and saved anew.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use platform::http::problem::Problem;
use platform::permit::Permit;
use platform::tenant::Tenant;
use uuid::Uuid;

use super::application::{self, Answers, Setting};
use super::apply::{is_for_the_form, not_yet_saving};
use super::citizens::{self, Profile};
use super::input::{Input, Posted};
use super::own_cases::{act_on_own, get_own, get_own_draft, note_draft};
use super::reply::{go_to, own_page, own_page_with};
use super::{paths, visitor};
use crate::cases::actions::FileOwnCase;
use crate::cases::case::CaseFile;
use crate::cases::lifecycle::Effects;
use crate::cases::store;
use crate::cases::submit::{self, Filer};
use crate::cases::words::State;
use crate::catalogue::matter::Matter;
use crate::context::{Context, SharedContext};

#[get("/drafts/{case_id}")]
pub async fn show_draft(
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
    let profile = citizens::get_profile(&context, case.citizen_id).await?;
    let form = Form::of(&context, &case).await?;
    let answers = Answers::of_draft(&case.body.situations, &store::open_private(&context.keys, &case)?);
    own_page(&application::page(chrome, form.setting(&case, &profile, case.version, true), &answers, Vec::new()))
}

#[post("/drafts/{case_id}")]
pub async fn change_draft(
    context: SharedContext,
    permit: Permit<FileOwnCase>,
    request: HttpRequest,
    path: web::Path<Uuid>,
    posted: Posted,
) -> Result<HttpResponse, Problem> {
    let input = Input::of(posted);
    permit.check_form_token(input.text("csrf"))?;
    let version = input.version()?;
    let case = get_own_draft(&context, permit.citizen()?, *path).await?;
    let chrome = visitor::chrome(&context, &request, &permit).await?;
    let profile = citizens::get_profile(&context, case.citizen_id).await?;
    let form = Form::of(&context, &case).await?;
    let mut answers = Answers::of(&input);
    if let Some((situations_chosen, errors)) = not_yet_saving(&input, &form.matter, &mut answers) {
        return own_page(&application::page(chrome, form.setting(&case, &profile, version, situations_chosen), &answers, errors));
    }
    match save(&context, &permit, &case, &form, &answers, &profile, version).await {
        Ok(case) => Ok(go_to(&paths::draft_materials(&case.case_id.to_string()))),
        Err(problem) if is_for_the_form(&problem) => {
            let setting = form.setting(&case, &profile, version, true);
            own_page_with(StatusCode::UNPROCESSABLE_ENTITY, &application::page(chrome, setting, &answers, answers.mistakes(&problem)))
        }
        Err(problem) => Err(problem),
    }
}

/// The matter and the place that a draft belongs to; the place is the draft's own, whatever the visitor has chosen since.
struct Form {
    matter: Arc<Matter>,
    chain: Vec<Arc<Tenant>>,
    division_id: i64,
}

impl Form {
    async fn of(context: &Context, case: &CaseFile) -> Result<Form, Problem> {
        let division_id = store::open_private(&context.keys, case)?.applicant.division_id;
        let chain = context.register.snapshot().await?.chain(division_id);
        let matter = match context.directory.find_offered(&chain, &case.basic_code).await? {
            Some(offered) => offered.matter,
            None => context.directory.get_version(&case.basic_code, case.matter_version).await?,
        };
        Ok(Form { matter, chain, division_id })
    }

    fn setting<'s>(&'s self, case: &CaseFile, profile: &'s Profile, version: i32, situations_chosen: bool) -> Setting<'s> {
        Setting {
            post_to: paths::draft(&case.case_id.to_string()),
            idempotency_key: String::new(),
            version,
            matter: &self.matter,
            chain: &self.chain,
            profile,
            situations_chosen,
        }
    }
}

async fn save(
    context: &SharedContext,
    permit: &Permit<FileOwnCase>,
    known: &CaseFile,
    form: &Form,
    answers: &Answers,
    profile: &Profile,
    version: i32,
) -> Result<CaseFile, Problem> {
    let citizen = permit.citizen()?;
    let submission = answers.submission(&form.matter, profile, form.division_id);
    let checked = submit::check(context, &Filer::Citizen { citizen }, submission).await?;
    let changed = checked.into_draft(&context.keys, known.case_id, version, known.created_at, Some(citizen.citizen_id))?;
    if changed.tenant_id != known.tenant_id {
        // Another situation may belong to another desk; a draft stays where it was begun.
        return Err(Problem::invalid_field("situations", "换成这种情况要由别的部门收件，请从办事指南重新申请一次"));
    }
    let case = act_on_own(context, permit, known, version, move |_, case, _| {
        if case.state != State::Draft {
            return Err(Problem::stale_version());
        }
        *case = changed;
        Ok(Effects::default())
    })
    .await?;
    note_draft(context, &case).await?;
    Ok(case)
}
