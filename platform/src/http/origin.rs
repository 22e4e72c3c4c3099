//! Cross-site requests are refused before anything else: a state-changing request must come from our own pages.
//!
//! Browsers say where a request comes from (`Sec-Fetch-Site`, `Origin`); programs say neither and carry no cookies of a browser. The tokens
//! against forgery (header for the API, hidden field for forms) are checked besides.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};

use super::problem::Problem;

/// Middleware; `public_origin` is scheme, host and port of the public address.
pub async fn refuse_cross_site(request: ServiceRequest, next: Next<impl MessageBody>) -> Result<ServiceResponse<impl MessageBody>, Error> {
    if request.method().is_safe() || same_site(&request) {
        return next.call(request).await;
    }
    // The request is dropped with its extensions; nothing of it has been read.
    request.extensions_mut().clear();
    Err(Problem::new(StatusCode::FORBIDDEN, "cross_site", "请求来自别的网站", "请从本网站的页面操作。").into())
}

fn same_site(request: &ServiceRequest) -> bool {
    if let Some(site) = request.headers().get("sec-fetch-site") {
        return matches!(site.as_bytes(), b"same-origin" | b"none");
    }
    match request.headers().get(header::ORIGIN).and_then(|value| value.to_str().ok()) {
        None => true,
        Some(origin) => {
            let host = request.connection_info().host().to_owned();
            origin.split_once("://").is_some_and(|(_, origin_host)| origin_host == host)
        }
    }
}
