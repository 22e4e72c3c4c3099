//! 选地方: walking down from the province, or by name; the choice is remembered by the browser.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, get, web};
use platform::http::problem::Problem;
use platform::permit::Permit;
use platform::tenant::{Snapshot, Tenant};
use serde::Deserialize;

use super::pages_find::{PlaceLink, PlacePage};
use super::reply::{go_to, public_page};
use super::visitor::{self, PLACE_COOKIE, choice_cookie, way_back};
use crate::catalogue::actions::ReadGuide;
use crate::catalogue::api::level_name;
use crate::context::SharedContext;

/// More of the same name are not shown; one more character tells them apart.
pub const PLACES_FOUND_MAX: usize = 40;
/// Longest place name searched for, in characters.
pub const QUERY_MAX_CHARACTERS: usize = 20;

#[derive(Deserialize)]
pub struct PlacesQuery {
    parent: Option<i64>,
    #[serde(default)]
    q: String,
    #[serde(default)]
    back: String,
}

#[derive(Deserialize)]
pub struct ChoiceQuery {
    id: i64,
    #[serde(default)]
    back: String,
}

#[get("/places")]
pub async fn show_places(
    context: SharedContext,
    permit: Permit<ReadGuide>,
    request: HttpRequest,
    query: web::Query<PlacesQuery>,
) -> Result<HttpResponse, Problem> {
    let snapshot = context.register.snapshot().await?;
    let words: String = query.q.trim().chars().take(QUERY_MAX_CHARACTERS).collect();
    let trail = trail_of(&snapshot, query.parent);
    let children = snapshot.children(trail.last().map(|tenant| tenant.id));
    public_page(&PlacePage {
        chrome: visitor::chrome(&context, &request, &permit).await?,
        back: way_back(&query.back).to_owned(),
        found: find_places(&snapshot, &words),
        query: words,
        trail: trail.iter().map(|tenant| link(tenant, tenant.short_name.clone())).collect(),
        children: children.iter().map(|tenant| link(tenant, tenant.short_name.clone())).collect(),
    })
}

#[get("/places/choose")]
pub async fn choose_place(
    context: SharedContext,
    _permit: Permit<ReadGuide>,
    query: web::Query<ChoiceQuery>,
) -> Result<HttpResponse, Problem> {
    let snapshot = context.register.snapshot().await?;
    let tenant = snapshot.find(query.id).ok_or_else(Problem::not_found)?;
    let mut response = go_to(way_back(&query.back));
    response.add_cookie(&choice_cookie(&context, PLACE_COOKIE, tenant.id.to_string())).map_err(|error| Problem::internal(&error))?;
    Ok(response)
}

/// From the top down to `parent`. Without one, down to where there is something to choose: nobody wants to confirm the only province.
fn trail_of(snapshot: &Snapshot, parent: Option<i64>) -> Vec<Arc<Tenant>> {
    if let Some(parent) = parent {
        let mut trail = snapshot.chain(parent);
        trail.reverse();
        return trail;
    }
    let mut trail: Vec<Arc<Tenant>> = Vec::new();
    while let [only] = snapshot.children(trail.last().map(|tenant| tenant.id)) {
        trail.push(only.clone());
    }
    trail
}

/// Places whose name holds the words: whole names first, then beginnings, then larger places before smaller ones.
fn find_places(snapshot: &Snapshot, words: &str) -> Vec<PlaceLink> {
    if words.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<&Arc<Tenant>> = snapshot.all().filter(|tenant| tenant.short_name.contains(words)).collect();
    found.sort_by_key(|tenant| (tenant.short_name != words, !tenant.short_name.starts_with(words), tenant.level, tenant.id));
    found.truncate(PLACES_FOUND_MAX);
    found.into_iter().map(|tenant| link(tenant, visitor::full_name(&snapshot.chain(tenant.id)))).collect()
}

fn link(tenant: &Tenant, name: String) -> PlaceLink {
    PlaceLink { division_id: tenant.id, name, level_name: level_name(tenant.level).to_owned() }
}
