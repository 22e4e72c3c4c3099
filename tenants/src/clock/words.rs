//! Dates and moments as people read them: 9月30日 (周三), with the year only where it is another one.

use chrono::{DateTime, Datelike, NaiveDate, Utc, Weekday};

use super::china_time::{date_in_china, in_china};

/// `9月30日 (周三)`, or `2027年1月4日 (周一)` seen from another year.
pub fn date_words(date: NaiveDate, seen_in_year: i32) -> String {
    format!("{} ({})", plain_date_words(date, seen_in_year), weekday_words(date))
}

/// `9月30日`, or `2027年1月4日` seen from another year.
pub fn plain_date_words(date: NaiveDate, seen_in_year: i32) -> String {
    let year = if date.year() == seen_in_year { String::new() } else { format!("{}年", date.year()) };
    format!("{year}{}月{}日", date.month(), date.day())
}

/// `周三`.
pub fn weekday_words(date: NaiveDate) -> &'static str {
    match date.weekday() {
        Weekday::Mon => "周一",
        Weekday::Tue => "周二",
        Weekday::Wed => "周三",
        Weekday::Thu => "周四",
        Weekday::Fri => "周五",
        Weekday::Sat => "周六",
        Weekday::Sun => "周日",
    }
}

/// `9月25日至27日`, `9月30日至10月2日`; a single day carries its weekday.
pub fn range_words(from: NaiveDate, until: NaiveDate, seen_in_year: i32) -> String {
    if from == until {
        return date_words(from, seen_in_year);
    }
    let end = if (from.year(), from.month()) == (until.year(), until.month()) {
        format!("{}日", until.day())
    } else {
        plain_date_words(until, from.year())
    };
    format!("{}至{end}", plain_date_words(from, seen_in_year))
}

/// `9/21`, for the custody mark and narrow cells.
pub fn short_date(date: NaiveDate) -> String {
    format!("{}/{}", date.month(), date.day())
}

/// `14:05`.
pub fn time_words(instant: DateTime<Utc>) -> String {
    in_china(instant).format("%-H:%M").to_string()
}

/// `9月21日 14:05`.
pub fn moment_words(instant: DateTime<Utc>, seen_in_year: i32) -> String {
    format!("{} {}", plain_date_words(date_in_china(instant), seen_in_year), time_words(instant))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).expect("a date of the calendar")
    }

    #[test]
    fn dates_read_as_on_a_notice() {
        assert_eq!(date_words(date(2026, 9, 30), 2026), "9月30日 (周三)");
        assert_eq!(date_words(date(2027, 1, 4), 2026), "2027年1月4日 (周一)");
        assert_eq!(range_words(date(2026, 9, 25), date(2026, 9, 27), 2026), "9月25日至27日");
        assert_eq!(range_words(date(2026, 9, 30), date(2026, 10, 2), 2026), "9月30日至10月2日");
        assert_eq!(range_words(date(2026, 12, 31), date(2027, 1, 2), 2026), "12月31日至2027年1月2日");
        assert_eq!(range_words(date(2026, 10, 10), date(2026, 10, 10), 2026), "10月10日 (周六)");
        assert_eq!(short_date(date(2026, 9, 21)), "9/21");
    }

    #[test]
    fn moments_are_those_of_china() {
        let instant: DateTime<Utc> = "2026-09-20T16:05:00Z".parse().expect("an instant");
        assert_eq!(moment_words(instant, 2026), "9月21日 0:05");
    }
}
