//! The style sheets, embedded so that one binary serves whole pages.
//!
//! Each address carries a mark of the content (`?v=…`), so a browser may keep a sheet for ever and still sees the next
//! version at once.

use actix_web::http::header;
use actix_web::{HttpResponse, get, web};
use platform::http::problem::Problem;
use platform::permit::Permit;

use crate::catalogue::actions::ReadGuide;

/// How long a browser may keep a style sheet that was asked for with its mark, in seconds: one year.
pub const KEEP_SECONDS: u32 = 31_536_000;

const SHEETS: [(&str, &str); 4] = [
    ("tokens.css", include_str!("../../assets/tokens.css")),
    ("relay.css", include_str!("../../assets/relay.css")),
    ("portal.css", include_str!("../../assets/portal.css")),
    ("print.css", include_str!("../../assets/print.css")),
];

/// The text of a style sheet, by file name.
pub fn find_sheet(name: &str) -> Option<&'static str> {
    SHEETS.iter().find(|(sheet, _)| *sheet == name).map(|(_, text)| *text)
}

/// File name and text of every style sheet.
pub fn sheets() -> impl Iterator<Item = (&'static str, &'static str)> {
    SHEETS.into_iter()
}

/// The address of a style sheet, with the mark of its content.
pub fn address(name: &str) -> String {
    let mark = find_sheet(name).map_or(0, content_mark);
    format!("/assets/{name}?v={mark:016x}")
}

#[get("/assets/{name}")]
pub async fn get_sheet(_permit: Permit<ReadGuide>, path: web::Path<String>) -> Result<HttpResponse, Problem> {
    let text = find_sheet(&path).ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/css; charset=utf-8"))
        .insert_header((header::CACHE_CONTROL, format!("public, max-age={KEEP_SECONDS}, immutable")))
        .body(text))
}

/// FNV-1a, 64 bit: it only has to change when the text changes, nobody attacks our own style sheets.
fn content_mark(text: &str) -> u64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    text.bytes().fold(OFFSET, |mark, byte| (mark ^ u64::from(byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// First visit: page and style sheets together, uncompressed, must leave room for the page.
    const SHEETS_MAX_BYTES: usize = 45_000;

    #[test]
    fn sheets_stay_light() {
        let bytes: usize = sheets().filter(|(name, _)| *name != "print.css").map(|(_, text)| text.len()).sum();
        assert!(bytes <= SHEETS_MAX_BYTES, "{bytes} bytes of style sheets");
    }

    #[test]
    fn addresses_change_with_the_content() {
        assert_ne!(content_mark("a"), content_mark("b"));
        assert!(address("tokens.css").starts_with("/assets/tokens.css?v="));
        assert!(find_sheet("nothing.css").is_none());
    }
}
