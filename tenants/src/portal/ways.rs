//! The way of a matter in words and as a mark, for lists and guides.

use std::sync::Arc;

use platform::http::problem::Problem;
use platform::tenant::{LEVEL_COUNTY, Tenant};

use super::pages_find::MatterRow;
use crate::cases::route::{self, RouteStep};
use crate::catalogue::api::{promised_words, route_of};
use crate::catalogue::directory::Offered;
use crate::context::Context;
use crate::divisions::code::{Level, short_word};

/// Levels of the mark: 1 village, 2 town, 3 county and above.
const MARK_VILLAGE: u8 = 1;
const MARK_TOWN: u8 = 2;

pub async fn matter_rows(context: &Context, chain: &[Arc<Tenant>], offered: &[Offered]) -> Result<Vec<MatterRow>, Problem> {
    let mut rows = Vec::with_capacity(offered.len());
    for offered in offered {
        let route = route_of(context, &offered.matter, chain, &[]).await?;
        rows.push(MatterRow {
            basic_code: offered.matter.basic_code.clone(),
            short_name: offered.matter.short_name.clone(),
            summary: offered.matter.summary.clone(),
            promised_words: promise_words(&offered.matter),
            way_words: way_words(&route, chain),
            route: route::relay_of_route(&route),
            suspended: !offered.open,
        });
    }
    Ok(rows)
}

/// "10 个工作日", "当场办完".
pub fn promise_words(matter: &crate::catalogue::matter::Matter) -> String {
    let words = promised_words(matter);
    if words == "当场" { "当场办完".to_owned() } else { words }
}

/// "到县再回村", "镇里办完", "派出所办完".
pub fn way_words(route: &[RouteStep], chain: &[Arc<Tenant>]) -> String {
    let stops = route::stops(route);
    let (Some(top), Some(last)) = (stops.iter().map(|stop| stop.place.level).max(), stops.last()) else { return String::new() };
    if let [only] = stops.as_slice() {
        return match only.place.level {
            MARK_VILLAGE => "村里办完".to_owned(),
            MARK_TOWN => "镇里办完".to_owned(),
            _ => format!("{}办完", only.place.name),
        };
    }
    let county = chain.iter().find(|tenant| tenant.level == LEVEL_COUNTY);
    let county = county.map_or("县", |tenant| short_word(Level::County, &tenant.name));
    match (top, last.place.level) {
        (MARK_VILLAGE, _) => "村里办完".to_owned(),
        (MARK_TOWN, MARK_VILLAGE) => "到镇再回村".to_owned(),
        (MARK_TOWN, _) => "镇里办完".to_owned(),
        (_, MARK_VILLAGE) => format!("到{county}再回村"),
        (_, MARK_TOWN) => format!("到{county}再回镇"),
        _ => format!("{county}里办完"),
    }
}
