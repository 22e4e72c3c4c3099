//! 大字版: large or ordinary text, remembered by the browser.

use actix_web::{HttpResponse, get, web};
use platform::permit::Permit;
use serde::Deserialize;

use super::reply::go_to;
use super::visitor::{TEXT_SIZE_COOKIE, choice_cookie, way_back};
use crate::catalogue::actions::ReadGuide;
use crate::context::SharedContext;

#[derive(Deserialize)]
pub struct TextSizeQuery {
    #[serde(default)]
    size: String,
    #[serde(default)]
    back: String,
}

#[get("/text-size")]
pub async fn choose_text_size(context: SharedContext, _permit: Permit<ReadGuide>, query: web::Query<TextSizeQuery>) -> HttpResponse {
    let mut response = go_to(way_back(&query.back));
    let cookie = choice_cookie(&context, TEXT_SIZE_COOKIE, query.size.chars().take(10).filter(char::is_ascii_lowercase).collect());
    // A header made of letters only always fits.
    let _ = response.add_cookie(&cookie);
    response
}
