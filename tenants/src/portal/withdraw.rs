//! 撤回 by the citizen. Where the case is elsewhere, this is a request to whoever holds it.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use platform::http::problem::Problem;
use platform::permit::Permit;
use uuid::Uuid;

use super::case_page::{may_withdraw, says_shortly};
use super::chrome::Chrome;
use super::forms::FieldError;
use super::input::{Input, Posted};
use super::own_case::DONE_WITHDRAWN;
use super::own_cases::{act_on_own, get_own};
use super::pages_case::WithdrawPage;
use super::reply::{go_to, own_page, own_page_with};
use super::{paths, visitor};
use crate::cases::act::check_text;
use crate::cases::actions::WithdrawOwnCase;
use crate::cases::case::CaseFile;
use crate::cases::lifecycle;
use crate::cases::words::Custody;
use crate::context::SharedContext;

#[get("/cases/{case_id}/withdraw")]
pub async fn ask_to_withdraw(
    context: SharedContext,
    permit: Permit<WithdrawOwnCase>,
    request: HttpRequest,
    path: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let case = get_own(&context, permit.citizen()?, *path).await?;
    if !may_withdraw(&case) {
        return Ok(go_to(&paths::case(&case.case_id.to_string())));
    }
    let chrome = visitor::chrome(&context, &request, &permit).await?;
    own_page(&page(chrome, &case, String::new(), Vec::new()))
}

#[post("/cases/{case_id}/withdraw")]
pub async fn withdraw_own_case(
    context: SharedContext,
    permit: Permit<WithdrawOwnCase>,
    request: HttpRequest,
    path: web::Path<Uuid>,
    posted: Posted,
) -> Result<HttpResponse, Problem> {
    let input = Input::of(posted);
    permit.check_form_token(input.text("csrf"))?;
    let version = input.version()?;
    let case = get_own(&context, permit.citizen()?, *path).await?;
    let reason = input.text("reason").to_owned();
    if let Err(problem) = check_text("reason", &reason) {
        let chrome = visitor::chrome(&context, &request, &permit).await?;
        let page = page(chrome, &case, reason, vec![FieldError::new("reason", problem.detail)]);
        return own_page_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    act_on_own(&context, &permit, &case, version, move |_, case, doer| Ok(lifecycle::withdraw(case, doer, &reason)?)).await?;
    Ok(go_to(&format!("{}?done={DONE_WITHDRAWN}", paths::case(&path.to_string()))))
}

fn page(chrome: Chrome, case: &CaseFile, reason: String, errors: Vec<FieldError>) -> WithdrawPage {
    let mut consequences = vec!["撤回以后，这次申请不再办，也不会有结果。".to_owned()];
    if case.custody != Custody::Held {
        consequences.push(format!("办件在{}手里，我们先把您的意思送过去；那里已经作出决定的，就不能撤回了。", case.step().holder()));
    }
    consequences.push("交的原件会退还给您；照片按档案规定保存。".to_owned());
    consequences.push("以后可以再申请。".to_owned());
    WithdrawPage {
        chrome,
        case_id: case.case_id.to_string(),
        version: i64::from(case.version),
        idempotency_key: Uuid::new_v4().to_string(),
        case_no: case.case_no.clone().unwrap_or_default(),
        matter_name: case.body.matter_short_name.clone(),
        where_words: says_shortly(case),
        consequences,
        reason,
        errors,
    }
}
