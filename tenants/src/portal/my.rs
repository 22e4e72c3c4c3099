//! 我的办件: what one has begun and what one has filed.

use actix_web::{HttpRequest, HttpResponse, get};
use platform::http::problem::Problem;
use platform::permit::Permit;

use super::case_page::{light_view, says_shortly};
use super::own_cases::{Opened, list_own, open};
use super::pages_case::{MyCase, MyDraft, MyPage};
use super::reply::own_page;
use super::visitor;
use crate::cases::actions::ReadOwnCase;
use crate::cases::case::CaseFile;
use crate::cases::view::{self, moment_words};
use crate::cases::words::{Custody, State};
use crate::cases::{deadlines, papers};
use crate::context::{Context, SharedContext};

#[get("/my")]
pub async fn show_my(context: SharedContext, permit: Permit<ReadOwnCase>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let (mut drafts, mut cases) = (Vec::new(), Vec::new());
    for case in list_own(&context, permit.citizen()?).await? {
        if case.state == State::Draft {
            drafts.push(draft(&context, &open(&context, case).await?));
        } else {
            cases.push(filed(&context, &case));
        }
    }
    own_page(&MyPage { chrome: visitor::chrome(&context, &request, &permit).await?, drafts, cases })
}

fn draft(context: &Context, opened: &Opened) -> MyDraft {
    let Opened { case, materials, matter, .. } = opened;
    let missing = papers::missing(case, matter, materials);
    let words = match missing.len() {
        0 => "材料齐了，可以递交".to_owned(),
        count => format!("还缺 {count} 份材料：{}", missing.join("、")),
    };
    MyDraft {
        case_id: case.case_id.to_string(),
        matter_name: case.body.matter_short_name.clone(),
        words: format!("{} 开始填的，{words}", moment_words(case.created_at, context.now())),
    }
}

fn filed(context: &Context, case: &CaseFile) -> MyCase {
    let now = context.now();
    let (step, whole) = deadlines::lights(case, &context.calendar, now);
    MyCase {
        case_id: case.case_id.to_string(),
        case_no: case.case_no.clone().unwrap_or_default(),
        matter_name: case.body.matter_short_name.clone(),
        words: says_shortly(case),
        your_turn: case.state == State::Correcting && case.custody != Custody::Closed,
        relay: view::relay(context, case, now),
        light: light_view(if case.body.accepted_at.is_some() { &whole } else { &step }),
    }
}
