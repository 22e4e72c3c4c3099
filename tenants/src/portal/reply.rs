//! Answers of the portal: a page, or the way to another one.

use std::fmt::Write as _;

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use askama::Template;
use platform::http::problem::Problem;

/// A page that is the same for everybody at this place; a browser asks again before it shows it a second time.
pub fn public_page(page: &impl Template) -> Result<HttpResponse, Problem> {
    html(StatusCode::OK, "private, no-cache", page)
}

/// A page with something of a person on it: never kept, because telephones and the computers of stations are shared.
pub fn own_page(page: &impl Template) -> Result<HttpResponse, Problem> {
    own_page_with(StatusCode::OK, page)
}

pub fn own_page_with(status: StatusCode, page: &impl Template) -> Result<HttpResponse, Problem> {
    html(status, "no-store", page)
}

/// See other: after a form was taken, so that reloading sends nothing twice.
pub fn go_to(address: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, ascii(address))).insert_header((header::CACHE_CONTROL, "no-store")).finish()
}

fn html(status: StatusCode, kept: &'static str, page: &impl Template) -> Result<HttpResponse, Problem> {
    let text = page.render().map_err(|error| Problem::internal(&error))?;
    Ok(HttpResponse::build(status)
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CACHE_CONTROL, kept))
        .body(text))
}

/// Headers hold ASCII only; everything else is written as browsers would.
fn ascii(address: &str) -> String {
    let mut written = String::with_capacity(address.len());
    for byte in address.bytes() {
        match byte {
            0x21..=0x7E => written.push(char::from(byte)),
            other => {
                // Writing into a string cannot fail.
                let _ = write!(written, "%{other:02X}");
            }
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_headers_are_plain() {
        assert_eq!(ascii("/matters?q=低保&x=1"), "/matters?q=%E4%BD%8E%E4%BF%9D&x=1");
        assert_eq!(ascii("/a b"), "/a%20b");
    }
}
