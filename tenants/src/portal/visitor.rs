//! What a request tells about its visitor: the chosen place, the wish for large text, the session.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use platform::http::problem::Problem;
use platform::permit::{Action, Permit};
use platform::tenant::{LEVEL_COUNTY, LEVEL_TOWN, Snapshot, Tenant};

use super::chrome::Chrome;
use super::paths;
use crate::context::Context;

/// Place that was chosen, as its division code.
pub const PLACE_COOKIE: &str = "zt_place";
pub const TEXT_SIZE_COOKIE: &str = "zt_text";
/// Value of [`TEXT_SIZE_COOKIE`] for large text; anything else is ordinary.
pub const LARGE_TEXT: &str = "large";
/// A choice is remembered for a year, in days.
pub const CHOICE_KEPT_DAYS: i64 = 365;

/// The frame of a page for this visitor.
pub async fn chrome<A: Action>(context: &Context, request: &HttpRequest, permit: &Permit<A>) -> Result<Chrome, Problem> {
    let mut chrome = chrome_of_nobody(context, request).await?;
    chrome.csrf = permit.csrf_token();
    chrome.signed_in_name = permit.citizen().ok().map(|citizen| citizen.name_masked.clone());
    Ok(chrome)
}

/// The same without a session, for when it cannot be asked for.
pub async fn chrome_of_nobody(context: &Context, request: &HttpRequest) -> Result<Chrome, Problem> {
    let snapshot = context.register.snapshot().await?;
    let chain = chosen_chain(&snapshot, request);
    Ok(Chrome {
        site_name: site_name(&snapshot, &chain),
        place_name: chain.first().map(|tenant| tenant.short_name.clone()),
        signed_in_name: None,
        large_text: request.cookie(TEXT_SIZE_COOKIE).is_some_and(|cookie| cookie.value() == LARGE_TEXT),
        here: request.uri().path_and_query().map_or_else(|| paths::HOME.to_owned(), ToString::to_string),
        csrf: String::new(),
        demonstration: context.demonstration,
    })
}

/// The chosen place and everything above it; empty until one was chosen that exists.
pub async fn place(context: &Context, request: &HttpRequest) -> Result<Vec<Arc<Tenant>>, Problem> {
    let snapshot = context.register.snapshot().await?;
    Ok(chosen_chain(&snapshot, request))
}

/// "利津县 汀罗镇 前梁村": from the county downwards, as people say it.
pub fn full_name(chain: &[Arc<Tenant>]) -> String {
    let names: Vec<&str> =
        chain.iter().rev().filter(|tenant| tenant.level >= LEVEL_COUNTY).map(|tenant| tenant.short_name.as_str()).collect();
    match (names.is_empty(), chain.first()) {
        (true, Some(tenant)) => tenant.short_name.clone(),
        _ => names.join(" "),
    }
}

/// A town or village can be applied from; above it nobody would know whose desk it is.
pub fn is_near_enough(chain: &[Arc<Tenant>]) -> bool {
    chain.first().is_some_and(|tenant| tenant.level >= LEVEL_TOWN)
}

/// A choice of the visitor's, kept by the browser.
pub fn choice_cookie(context: &Context, name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build(name, value)
        .path("/")
        .max_age(Duration::days(CHOICE_KEPT_DAYS))
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(context.public_url.starts_with("https://"))
        .finish()
}

/// Where to go back to: only inside the portal.
pub fn way_back(back: &str) -> &str {
    if paths::is_inside(back) { back } else { paths::HOME }
}

fn chosen_chain(snapshot: &Snapshot, request: &HttpRequest) -> Vec<Arc<Tenant>> {
    let chosen = request.cookie(PLACE_COOKIE).and_then(|cookie| cookie.value().parse().ok());
    chosen.map(|id| snapshot.chain(id)).unwrap_or_default()
}

/// "利津政务服务": the county's name without its class, else that of the whole platform.
fn site_name(snapshot: &Snapshot, chain: &[Arc<Tenant>]) -> String {
    let county = chain.iter().find(|tenant| tenant.level == LEVEL_COUNTY);
    let named = county.or_else(|| chain.first()).or_else(|| snapshot.children(None).first());
    let name = named.map(|tenant| tenant.short_name.as_str()).unwrap_or_default();
    let plain = name.strip_suffix(['县', '区', '市', '省']).filter(|rest| rest.chars().count() >= 2).unwrap_or(name);
    format!("{plain}政务服务")
}
