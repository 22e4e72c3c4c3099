//! Instants are kept in UTC; days, office hours and everything people read are those of China.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeZone, Utc};

/// UTC+8 all year round.
pub const CHINA_OFFSET_SECONDS: i32 = 8 * 3600;
/// The close of a working day, when the budget of a step ends.
pub const END_OF_WORKING_DAY: NaiveTime = NaiveTime::from_hms_opt(17, 30, 0).expect("a time of day");
/// Where a half day ends.
pub const END_OF_MORNING: NaiveTime = NaiveTime::from_hms_opt(12, 0, 0).expect("a time of day");
/// The last second of a day, when a limit of a law or a promise ends.
pub const END_OF_DAY: NaiveTime = NaiveTime::from_hms_opt(23, 59, 59).expect("a time of day");

/// An instant as a clock on a wall in China shows it.
pub fn in_china(instant: DateTime<Utc>) -> DateTime<FixedOffset> {
    instant.with_timezone(&china_offset())
}

/// The day it is in China.
pub fn date_in_china(instant: DateTime<Utc>) -> NaiveDate {
    in_china(instant).date_naive()
}

/// The instant of a time of day in China.
pub fn china_instant(date: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
    china_offset()
        .from_local_datetime(&date.and_time(time))
        .single()
        .expect("a fixed offset has every local time exactly once")
        .with_timezone(&Utc)
}

fn china_offset() -> FixedOffset {
    FixedOffset::east_opt(CHINA_OFFSET_SECONDS).expect("eight hours are a valid offset")
}
