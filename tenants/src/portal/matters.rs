//! Search results and the list of all matters.

use actix_web::{HttpRequest, HttpResponse, get, web};
use platform::http::problem::Problem;
use platform::permit::Permit;
use serde::Deserialize;

use super::pages_find::MattersPage;
use super::reply::{go_to, public_page};
use super::ways::matter_rows;
use super::{paths, visitor};
use crate::catalogue::actions::ReadGuide;
use crate::catalogue::api::{QUERY_MAX_CHARACTERS, ranked};
use crate::context::SharedContext;

/// Other words to try when nothing was found.
pub const SUGGESTIONS: usize = 4;

#[derive(Deserialize)]
pub struct MattersQuery {
    #[serde(default)]
    q: String,
}

#[get("/matters")]
pub async fn list_matters(
    context: SharedContext,
    permit: Permit<ReadGuide>,
    request: HttpRequest,
    query: web::Query<MattersQuery>,
) -> Result<HttpResponse, Problem> {
    let chrome = visitor::chrome(&context, &request, &permit).await?;
    let chain = visitor::place(&context, &request).await?;
    if chain.is_empty() {
        // What can be done differs from place to place; nothing true can be listed before one is chosen.
        return Ok(go_to(&paths::places(&chrome.here)));
    }
    let words: String = query.q.trim().chars().take(QUERY_MAX_CHARACTERS).collect();
    let offered = context.directory.list_offered(&chain).await?;
    let suggestions = offered.iter().filter_map(|offered| offered.matter.synonyms.first().cloned()).take(SUGGESTIONS).collect();
    let found = ranked(offered, &words);
    public_page(&MattersPage { chrome, query: words, matters: matter_rows(&context, &chain, &found).await?, suggestions })
}
