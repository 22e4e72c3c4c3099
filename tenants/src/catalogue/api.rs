//! Places and matters, for everybody: what is published needs no sign-in.

use std::sync::Arc;

use actix_web::{get, web};
use platform::http::problem::Problem;
use platform::permit::Permit;
use platform::tenant::Tenant;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::actions::ReadGuide;
use super::choose::chosen_steps;
use super::directory::{Offered, chain_of_place};
use super::matter::{Matter, Origin};
use super::search::search;
use crate::cases::relay::Relay;
use crate::cases::route::{self, RouteStep};
use crate::clock::limit::Limit;
use crate::context::{Context, SharedContext};

/// Longest search text, in characters.
pub const QUERY_MAX_CHARACTERS: usize = 50;

#[derive(Debug, Deserialize, IntoParams)]
pub struct PlacesQuery {
    /// Places directly below this one; the provinces when absent.
    pub parent: Option<i64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct PlaceView {
    pub id: i64,
    pub name: String,
    pub short_name: String,
    pub level: i16,
    pub level_name: String,
}

#[derive(Debug, Deserialize, IntoParams)]
pub struct MattersQuery {
    /// Place where one wants to have it done.
    pub place: i64,
    pub q: Option<String>,
    /// Only what a case can be started with there: `village`, `window` or `online`.
    #[param(inline)]
    pub origin: Option<Origin>,
}

#[derive(Debug, Deserialize, IntoParams)]
pub struct MatterQuery {
    pub place: i64,
    /// Codes of the chosen situations, joined by commas; the route is theirs.
    #[serde(default)]
    pub situations: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct MatterRow {
    pub basic_code: String,
    pub name: String,
    pub short_name: String,
    pub summary: String,
    pub promised_words: String,
    pub project_type: String,
    pub route: Relay,
    /// `active` or `suspended`.
    pub status: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct MatterDetail {
    pub matter: Matter,
    pub version: i32,
    pub route: Relay,
    pub steps: Vec<StepRow>,
    pub place: PlaceView,
    pub open: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct StepRow {
    pub name: String,
    pub holder: String,
    pub department: String,
    pub budget_words: String,
    pub counted: bool,
}

pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_places).service(list_matters).service(get_matter);
}

#[utoipa::path(operation_id = "list_places", tag = "catalogue", params(PlacesQuery), responses((status = 200, body = Vec<PlaceView>)))]
#[get("/api/v1/places")]
pub async fn list_places(
    context: SharedContext,
    _permit: Permit<ReadGuide>,
    query: web::Query<PlacesQuery>,
) -> Result<web::Json<Vec<PlaceView>>, Problem> {
    let snapshot = context.register.snapshot().await?;
    Ok(web::Json(snapshot.children(query.parent).iter().map(|tenant| place_view(tenant)).collect()))
}

#[utoipa::path(operation_id = "list_matters", tag = "catalogue", params(MattersQuery), responses((status = 200, body = Vec<MatterRow>), (status = 422, body = Problem)))]
#[get("/api/v1/matters")]
pub async fn list_matters(
    context: SharedContext,
    _permit: Permit<ReadGuide>,
    query: web::Query<MattersQuery>,
) -> Result<web::Json<Vec<MatterRow>>, Problem> {
    let (chain, mut offered) = offered_at(&context, query.place).await?;
    if let Some(origin) = query.origin {
        offered.retain(|offered| offered.matter.origins.contains(&origin));
    }
    let words: String = query.q.as_deref().unwrap_or_default().trim().chars().take(QUERY_MAX_CHARACTERS).collect();
    let offered = ranked(offered, &words);
    let mut rows = Vec::with_capacity(offered.len());
    for offered in offered {
        rows.push(MatterRow {
            basic_code: offered.matter.basic_code.clone(),
            name: offered.matter.name.clone(),
            short_name: offered.matter.short_name.clone(),
            summary: offered.matter.summary.clone(),
            promised_words: promised_words(&offered.matter),
            project_type: if offered.matter.project_type == super::matter::ProjectType::Instant { "instant" } else { "promised" }
                .to_owned(),
            route: route::relay_of_route(&route_of(&context, &offered.matter, &chain, &[]).await?),
            status: if offered.open { "active" } else { "suspended" }.to_owned(),
        });
    }
    Ok(web::Json(rows))
}

#[utoipa::path(operation_id = "get_matter", tag = "catalogue", params(MatterQuery), responses((status = 200, body = MatterDetail), (status = 404, body = Problem), (status = 422, body = Problem)))]
#[get("/api/v1/matters/{basic_code}")]
pub async fn get_matter(
    context: SharedContext,
    _permit: Permit<ReadGuide>,
    path: web::Path<String>,
    query: web::Query<MatterQuery>,
) -> Result<web::Json<MatterDetail>, Problem> {
    let (chain, offered) = offered_at(&context, query.place).await?;
    let code = path.into_inner();
    let offered = offered.into_iter().find(|offered| offered.matter.basic_code == code).ok_or_else(Problem::not_found)?;
    let situations: Vec<String> = query.situations.split(',').map(str::trim).filter(|code| !code.is_empty()).map(str::to_owned).collect();
    let steps = route_of(&context, &offered.matter, &chain, &situations).await?;
    Ok(web::Json(MatterDetail {
        matter: offered.matter.as_ref().clone(),
        version: offered.version,
        route: route::relay_of_route(&steps),
        steps: steps
            .iter()
            .map(|step| StepRow {
                name: step.name.clone(),
                holder: step.holder().to_owned(),
                department: step.department_name.clone(),
                budget_words: Limit::HalfWorkingDays(step.half_days).words(),
                counted: step.counted,
            })
            .collect(),
        place: place_view(&chain[0]),
        open: offered.open,
    }))
}

/// What is offered at a place, and the place's chain.
pub async fn offered_at(context: &Context, place_id: i64) -> Result<(Vec<Arc<Tenant>>, Vec<Offered>), Problem> {
    let snapshot = context.register.snapshot().await?;
    let chain = chain_of_place(&snapshot, place_id, "place")?;
    let offered = context.directory.list_offered(&chain).await?;
    Ok((chain, offered))
}

/// Best first for words, else in the order of the directory.
pub fn ranked(offered: Vec<Offered>, words: &str) -> Vec<Offered> {
    if words.is_empty() {
        return offered;
    }
    let hits: Vec<String> =
        search(words, offered.iter().map(|offered| offered.matter.as_ref())).into_iter().map(|hit| hit.matter.basic_code.clone()).collect();
    hits.iter().filter_map(|code| offered.iter().find(|offered| offered.matter.basic_code == *code).cloned()).collect()
}

/// The way of a matter from a place; of its longest common form where no situation is chosen. A place above the village has no village's steps,
/// and a matter whose steps reach above or below the chain has no way to show.
pub async fn route_of(context: &Context, matter: &Matter, chain: &[Arc<Tenant>], situations: &[String]) -> Result<Vec<RouteStep>, Problem> {
    let from_village =
        chain.first().is_some_and(|tenant| tenant.level == platform::tenant::LEVEL_VILLAGE) && matter.origins.contains(&Origin::Village);
    let chosen: Vec<String> = match (situations.is_empty(), matter.situations.last()) {
        (true, Some(last)) => vec![last.code.clone()],
        _ => situations.to_vec(),
    };
    let departments = context.directory.department_names(chain).await?;
    Ok(route::plan(&chosen_steps(matter, &chosen, from_village), chain, &departments).unwrap_or_default())
}

/// 承诺时限 in words; the longest where situations differ.
pub fn promised_words(matter: &Matter) -> String {
    match matter.limits.promised.last() {
        Some(promised) => Limit::new(promised.number, promised.unit).words(),
        None => "当场".to_owned(),
    }
}

pub fn place_view(tenant: &Tenant) -> PlaceView {
    PlaceView {
        id: tenant.id,
        name: tenant.name.clone(),
        short_name: tenant.short_name.clone(),
        level: tenant.level,
        level_name: level_name(tenant.level).to_owned(),
    }
}

pub fn level_name(level: i16) -> &'static str {
    match level {
        2 => "省",
        3 => "市",
        4 => "县（市、区）",
        5 => "镇（乡、街道）",
        _ => "村（社区）",
    }
}
