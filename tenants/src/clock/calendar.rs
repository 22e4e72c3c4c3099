//! The national calendar of working days.
//!
//! It promises an answer for every day: announced years by their announcement, other years by the week alone, and it says
//! which of the two it was. It is national on purpose: closures of one office are no part of it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::Deserialize;

/// Days off and make-up days, and the years they were announced for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkingCalendar {
    exceptions: BTreeMap<NaiveDate, Exception>,
    announced_years: BTreeSet<i32>,
}

/// What a day is, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayKind<'calendar> {
    /// Monday to Friday.
    Working,
    /// 调休上班: a Saturday or Sunday on which people work, with the holiday it makes up for.
    Makeup(&'calendar str),
    Weekend,
    /// A day off by announcement, with the name of the holiday.
    Holiday(&'calendar str),
}

#[derive(Debug, thiserror::Error)]
#[error("第 {line} 行：{message}")]
pub struct CalendarError {
    pub line: u64,
    pub message: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Exception {
    name: String,
    kind: ExceptionKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ExceptionKind {
    Off,
    Makeup,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    year: i32,
    date: NaiveDate,
    name: String,
    kind: ExceptionKind,
}

impl WorkingCalendar {
    /// The calendar that comes with the program. Build it once and pass it down.
    pub fn national() -> WorkingCalendar {
        WorkingCalendar::from_csv(include_str!("../../bundles/calendar/holidays.csv"))
            .expect("the calendar that comes with the program is checked by a test")
    }

    /// Reads rows of `year,date,name,kind`, where `year` is that of the announcement and `kind` is `off` or `makeup`.
    pub fn from_csv(text: &str) -> Result<WorkingCalendar, CalendarError> {
        let mut calendar = WorkingCalendar::default();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        for (index, row) in reader.deserialize::<Row>().enumerate() {
            let line = index as u64 + 2;
            let row = row.map_err(|error| CalendarError { line, message: error.to_string() })?;
            let exception = Exception { name: row.name, kind: row.kind };
            if calendar.exceptions.insert(row.date, exception).is_some() {
                return Err(CalendarError { line, message: format!("{} 出现了两次", row.date) });
            }
            calendar.announced_years.insert(row.year);
        }
        Ok(calendar)
    }

    /// Whether the holidays of a year are known. If not, due days in it are provisional.
    pub fn is_announced(&self, year: i32) -> bool {
        self.announced_years.contains(&year)
    }

    pub fn day_kind(&self, date: NaiveDate) -> DayKind<'_> {
        let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
        match self.exceptions.get(&date) {
            Some(Exception { name, kind: ExceptionKind::Off }) => DayKind::Holiday(name),
            Some(Exception { name, kind: ExceptionKind::Makeup }) => DayKind::Makeup(name),
            None if weekend => DayKind::Weekend,
            None => DayKind::Working,
        }
    }

    pub fn is_working_day(&self, date: NaiveDate) -> bool {
        matches!(self.day_kind(date), DayKind::Working | DayKind::Makeup(_))
    }

    /// Working days after `after` up to and including `until`; 0 where `until` is not later.
    pub fn working_days_between(&self, after: NaiveDate, until: NaiveDate) -> u32 {
        let mut count = 0;
        let mut day = after;
        while day < until {
            day = day + Days::new(1);
            count += u32::from(self.is_working_day(day));
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).expect("a date of the calendar")
    }

    #[test]
    fn years_have_their_known_number_of_working_days() {
        let calendar = WorkingCalendar::national();
        let counts: Vec<u32> =
            (2020..=2026).map(|year| calendar.working_days_between(date(year - 1, 12, 31), date(year, 12, 31))).collect();
        assert_eq!(counts, [249, 250, 249, 249, 251, 248, 248]);
    }

    #[test]
    fn days_say_what_they_are() {
        let calendar = WorkingCalendar::national();
        assert_eq!(calendar.day_kind(date(2026, 9, 25)), DayKind::Holiday("中秋节"));
        assert_eq!(calendar.day_kind(date(2026, 10, 10)), DayKind::Makeup("国庆节"));
        assert_eq!(calendar.day_kind(date(2026, 10, 11)), DayKind::Weekend);
        assert_eq!(calendar.day_kind(date(2026, 10, 12)), DayKind::Working);
        assert!(calendar.is_announced(2026) && !calendar.is_announced(2027));
    }

    #[test]
    fn a_faulty_row_is_named() {
        let error = WorkingCalendar::from_csv("year,date,name,kind\n2026,2026-01-01,元旦,off\n2026,2026-01-01,元旦,off\n")
            .expect_err("twice the same day");
        assert_eq!(error.line, 3);
        assert!(WorkingCalendar::from_csv("year,date,name,kind\n2026,2026-02-30,元旦,off\n").is_err());
    }
}
