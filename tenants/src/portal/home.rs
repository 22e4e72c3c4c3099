//! The front page: say what you want done, or ask where it is.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{Days, NaiveDate};
use platform::http::problem::Problem;
use platform::permit::Permit;
use platform::tenant::{LEVEL_COUNTY, LEVEL_TOWN, LEVEL_VILLAGE, Tenant};

use super::pages_find::{HomePage, NearPlace};
use super::reply::public_page;
use super::visitor;
use super::ways::matter_rows;
use crate::cases::relay::{Marks, Place, Position, Relay};
use crate::catalogue::actions::ReadGuide;
use crate::catalogue::directory::Offered;
use crate::clock::calendar::{DayKind, WorkingCalendar};
use crate::clock::china_time::date_in_china;
use crate::clock::words::{date_words, range_words};
use crate::context::{Context, SharedContext};

/// Words offered below the search field.
pub const OFTEN_SEARCHED: usize = 5;
/// Holidays this near are announced, in days.
pub const HOLIDAY_NOTICE_DAYS: u64 = 21;
/// The longest run of days off and made-up days that belongs to one holiday, in days.
const HOLIDAY_SPAN_DAYS: u64 = 20;

#[get("/")]
pub async fn show_home(context: SharedContext, permit: Permit<ReadGuide>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let chain = visitor::place(&context, &request).await?;
    let offered = if chain.is_empty() { Vec::new() } else { context.directory.list_offered(&chain).await? };
    let place = chain.first().map(|tenant| tenant.short_name.clone());
    use chrono::Datelike;
    let today = date_in_china(context.now());
    public_page(&HomePage {
        chrome: visitor::chrome(&context, &request, &permit).await?,
        often: often(&offered),
        example: example(),
        entries: Vec::new(),
        matters_title: place.map_or_else(|| "可以办的事".to_owned(), |place| format!("{place}可以办的事")),
        matters: matter_rows(&context, &chain, &offered).await?,
        places: near_places(&context, &chain).await?,
        notice: holiday_notice(&context.calendar, today, today.year()),
    })
}

/// The first everyday word of each matter.
fn often(offered: &[Offered]) -> Vec<String> {
    offered.iter().filter_map(|offered| offered.matter.synonyms.first().cloned()).take(OFTEN_SEARCHED).collect()
}

/// 村↑镇↑【县】↓镇↓村, to teach how the mark is read.
fn example() -> Relay {
    let place = |name: &str, level: u8| Place { name: name.to_owned(), short: name.to_owned(), level };
    let places = [place("村", 1), place("镇", 2), place("县", 3), place("镇", 2), place("村", 1)];
    Relay::of_case(&places, Position::Held(2), Marks::default())
}

async fn near_places(context: &Context, chain: &[Arc<Tenant>]) -> Result<Vec<NearPlace>, Problem> {
    let counters = [
        (LEVEL_VILLAGE, "village_station", "村", "代办员帮填、帮交、帮取"),
        (LEVEL_TOWN, "town_center", "镇", "综合窗口收件、受理"),
        (LEVEL_COUNTY, "government_service_center", "县", "县级部门的窗口"),
    ];
    let mut places = Vec::new();
    for (level, code, note, line) in counters {
        let Some(tenant) = chain.iter().find(|tenant| tenant.level == level) else { continue };
        let departments = context.directory.list_departments(tenant.id).await?;
        if let Some(department) = departments.iter().find(|department| department.code == code) {
            places.push(NearPlace { name: department.name.clone(), line: line.to_owned(), note: note.to_owned() });
        }
    }
    Ok(places)
}

/// "10月1日至7日国庆节放假；10月10日 (周六) 上班。" when the next holiday is near.
fn holiday_notice(calendar: &WorkingCalendar, today: NaiveDate, year: i32) -> Option<String> {
    let first =
        (0..HOLIDAY_NOTICE_DAYS).map(|days| today + Days::new(days)).find(|day| matches!(calendar.day_kind(*day), DayKind::Holiday(_)))?;
    let DayKind::Holiday(name) = calendar.day_kind(first) else { return None };
    let is_same = |day: &NaiveDate| matches!(calendar.day_kind(*day), DayKind::Holiday(other) if other == name);
    let last = first.iter_days().take_while(is_same).last().unwrap_or(first);
    let around = (0..2 * HOLIDAY_SPAN_DAYS).map(|days| first - Days::new(HOLIDAY_SPAN_DAYS) + Days::new(days));
    let made_up: Vec<String> = around
        .filter(|day| *day >= today && matches!(calendar.day_kind(*day), DayKind::Makeup(other) if other == name))
        .map(|day| date_words(day, year))
        .collect();
    let makeup = if made_up.is_empty() { String::new() } else { format!("；{}调休上班", made_up.join("、")) };
    Some(format!("{name}：{}放假{makeup}。", range_words(first, last, year)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_holiday_is_announced_with_its_made_up_days() {
        let calendar = WorkingCalendar::national();
        let notice = |text: &str| holiday_notice(&calendar, text.parse().expect("a date"), 2026);
        assert!(notice("2026-09-21").is_some_and(|words| words.contains("9月25日至27日放假")), "{:?}", notice("2026-09-21"));
        assert!(notice("2026-09-28").is_some_and(|words| words.contains("10月1日至7日放假") && words.contains("10月10日 (周六)")));
        assert_eq!(notice("2026-07-20"), None);
    }
}
