//! 补正 by the citizen: new papers for what the one notice asked, papers that were to follow, and giving the case back.

use actix_multipart::Multipart;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use platform::http::problem::Problem;
use platform::permit::Permit;
use uuid::Uuid;

use super::input::{Input, Posted};
use super::materials::paper;
use super::own_case::{DONE_RECEIVED, DONE_SUPPLIED};
use super::own_cases::{act_on_own, get_own, open};
use super::reply::{go_to, own_page_with};
use super::upload::{self, Wish};
use super::{case_page, paths, visitor};
use crate::cases::actions::CorrectOwnCase;
use crate::cases::upload::take_in;
use crate::cases::words::State;
use crate::cases::{lifecycle, papers, store};
use crate::context::SharedContext;

/// There are no such pages by themselves.
#[get("/cases/{case_id}/materials/{material_code}")]
pub async fn back_from_material(_permit: Permit<CorrectOwnCase>, path: web::Path<(Uuid, String)>) -> HttpResponse {
    go_to(&paths::case(&path.0.to_string()))
}

#[get("/cases/{case_id}/supply")]
pub async fn back_from_supply(_permit: Permit<CorrectOwnCase>, path: web::Path<Uuid>) -> HttpResponse {
    go_to(&paths::case(&path.to_string()))
}

#[post("/cases/{case_id}/materials/{material_code}")]
pub async fn add_own_material(
    context: SharedContext,
    permit: Permit<CorrectOwnCase>,
    request: HttpRequest,
    path: web::Path<(Uuid, String)>,
    form: Multipart,
) -> Result<HttpResponse, Problem> {
    let (case_id, material_code) = path.into_inner();
    let case = get_own(&context, permit.citizen()?, case_id).await?;
    let uploaded = upload::read(form, &permit).await?;
    if uploaded.version != case.version {
        return Err(Problem::stale_version());
    }
    let address = paths::case(&case_id.to_string());
    let done = match uploaded.wish {
        // A draft has its own page, where papers can be taken away again.
        _ if case.state == State::Draft => return Ok(go_to(&paths::draft_materials(&case_id.to_string()))),
        Wish::Add(file) => take_in(&context, permit.actor().clone(), case.clone(), paper(&material_code, file)).await,
        Wish::Remove(_) => Err(Problem::invalid_field("file", "交过的材料不能去掉，可以再传一张")),
        Wish::Unusable(words) => Err(Problem::invalid_field("file", words)),
    };
    match done {
        Ok(_) => Ok(go_to(&format!("{address}?done={DONE_RECEIVED}{material_code}"))),
        Err(problem) if problem.status == StatusCode::UNPROCESSABLE_ENTITY.as_u16() => {
            let chrome = visitor::chrome(&context, &request, &permit).await?;
            let mut page = case_page::page(&context, chrome, &open(&context, case).await?, true);
            page.chrome.here = address;
            let wanted = page.correction.iter_mut().flat_map(|correction| correction.items.iter_mut()).chain(page.may_follow.iter_mut());
            wanted.filter(|item| item.code == material_code).for_each(|item| item.error = Some(problem.detail.clone()));
            own_page_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
        }
        Err(problem) => Err(problem),
    }
}

#[post("/cases/{case_id}/supply")]
pub async fn supply_own_correction(
    context: SharedContext,
    permit: Permit<CorrectOwnCase>,
    path: web::Path<Uuid>,
    posted: Posted,
) -> Result<HttpResponse, Problem> {
    let input = Input::of(posted);
    permit.check_form_token(input.text("csrf"))?;
    let version = input.version()?;
    let case = get_own(&context, permit.citizen()?, *path).await?;
    let matter = context.directory.get_version(&case.basic_code, case.matter_version).await?;
    act_on_own(&context, &permit, &case, version, move |tx, case, doer| {
        let here = store::list_materials(tx, case.case_id)?;
        let missing = papers::missing_of_correction(case, &matter, &here);
        Ok(lifecycle::supply_correction(case, doer, missing)?)
    })
    .await?;
    Ok(go_to(&format!("{}?done={DONE_SUPPLIED}", paths::case(&path.to_string()))))
}
