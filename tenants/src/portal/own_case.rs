//! One's own case: where it is, and what one can do.

use actix_web::{HttpRequest, HttpResponse, get, web};
use platform::http::problem::Problem;
use platform::permit::Permit;
use serde::Deserialize;
use uuid::Uuid;

use super::forms::Notice;
use super::own_cases::{Opened, get_own, open};
use super::reply::{go_to, own_page};
use super::{case_page, paths, visitor};
use crate::cases::actions::ReadOwnCase;
use crate::cases::words::State;
use crate::context::SharedContext;

/// What the last click did, told once at the head of the page; `done` is one of the words that our own answers use.
#[derive(Deserialize)]
pub struct DoneQuery {
    #[serde(default)]
    done: String,
}

pub const DONE_SUPPLIED: &str = "supplied";
pub const DONE_WITHDRAWN: &str = "withdrawn";
/// Followed by the code of the paper.
pub const DONE_RECEIVED: &str = "received-";

#[get("/cases/{case_id}")]
pub async fn show_own_case(
    context: SharedContext,
    permit: Permit<ReadOwnCase>,
    request: HttpRequest,
    path: web::Path<Uuid>,
    query: web::Query<DoneQuery>,
) -> Result<HttpResponse, Problem> {
    let case = get_own(&context, permit.citizen()?, *path).await?;
    if case.state == State::Draft {
        return Ok(go_to(&paths::draft_materials(&case.case_id.to_string())));
    }
    let opened = open(&context, case).await?;
    let chrome = visitor::chrome(&context, &request, &permit).await?;
    let mut page = case_page::page(&context, chrome, &opened, true);
    page.chrome.here = paths::case(&page.case_id);
    page.notice = notice(&opened, &query.done).or(page.notice);
    own_page(&page)
}

fn notice(opened: &Opened, done: &str) -> Option<Notice> {
    let told = |title: &str, text: &str| Some(Notice { title: title.to_owned(), text: text.to_owned(), link: None });
    match done {
        DONE_SUPPLIED if opened.case.state != State::Correcting => told("已经交回去。", "收到以后接着办，不用再做什么。"),
        DONE_WITHDRAWN if opened.case.state == State::Withdrawn => told("已经撤回。", "这次申请不再办了；以后可以再申请。"),
        _ => {
            let material = opened.matter.find_material(done.strip_prefix(DONE_RECEIVED)?)?;
            told(&format!("收到{}。", material.name), "都补齐以后，请点“交回去”。")
        }
    }
}
