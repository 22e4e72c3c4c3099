//! From an event and a limit to the instant something is due, with the reason for every day.
//!
//! It promises that the answer is the same for the same input, that each day from the event to the due day stands in
//! exactly one line of the derivation, and that a law's list of pauses is not its business: it leaves out the pauses it is
//! given (ALL §45 is applied where a pause is recorded).

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::calendar::{DayKind, WorkingCalendar};
use super::china_time::{END_OF_DAY, END_OF_MORNING, END_OF_WORKING_DAY, china_instant, date_in_china};
use super::limit::{Limit, LimitUnit};
use super::words::moment_words;

/// When something is due, and why then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Due {
    /// The last instant in time.
    pub at: DateTime<Utc>,
    /// Its day in China.
    pub on: NaiveDate,
    /// The unit in which what is left is told.
    pub unit: LimitUnit,
    /// The count reaches into a year whose holidays are not announced.
    pub provisional: bool,
    pub derivation: Vec<Line>,
}

/// A day, or several days on end with the same reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Line {
    pub from: NaiveDate,
    /// The same as `from` for a single day.
    pub until: NaiveDate,
    pub words: String,
    pub counted: bool,
}

/// A span that a law takes out of the count. As with limits, the day of the event that begins it is still counted and the
/// day of the event that ends it is not. For a pause that has not ended give the present as its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Pause {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// What is waited for: "听证", "专家评审".
    pub words: String,
}

/// No rule counts longer; a greater number is cut to this, so that a slip in a catalogue cannot run for ever.
pub const LONGEST_LIMIT_DAYS: u32 = 3_660;

const HOURS_IN_A_DAY: u32 = 24;

/// When `limit` ends that began with an event at `start`.
pub fn due(limit: Limit, start: DateTime<Utc>, calendar: &WorkingCalendar, pauses: &[Pause]) -> Due {
    match limit {
        Limit::WorkingDays(days) => due_by_days(limit, days, start, Some(calendar), pauses),
        Limit::HalfWorkingDays(half_days) => due_by_days(limit, half_days.div_ceil(2), start, Some(calendar), pauses),
        Limit::CalendarDays(days) => due_by_days(limit, days, start, None, pauses),
        Limit::Immediate => due_by_days(limit, 0, start, None, pauses),
        Limit::Hours(hours) => due_by_hours(hours, start, pauses),
    }
}

impl Due {
    /// The days that the limit counts, from the first to the last.
    pub fn counted_days(&self) -> u32 {
        self.counted_days_until(self.on)
    }

    /// The counted days up to and including a day.
    pub fn counted_days_until(&self, date: NaiveDate) -> u32 {
        let days = self.derivation.iter().filter(|line| line.counted).map(|line| {
            let last = line.until.min(date);
            u32::try_from((last - line.from).num_days() + 1).unwrap_or(0)
        });
        days.sum()
    }

    /// What to say about a due day that may still change.
    pub fn note(&self) -> Option<String> {
        let year = self.on.year();
        self.provisional.then(|| format!("{year} 年的放假安排还没有公布，先按周一到周五推算，公布以后重新算"))
    }
}

/// `calendar` is absent where holidays are counted.
fn due_by_days(limit: Limit, days: u32, start: DateTime<Utc>, calendar: Option<&WorkingCalendar>, pauses: &[Pause]) -> Due {
    let days = days.min(LONGEST_LIMIT_DAYS);
    let event_day = date_in_china(start);
    let first_words = if days == 0 { "当天办结" } else { "当天不算，从第二天起算" };
    let mut derivation = vec![Line { from: event_day, until: event_day, words: first_words.to_string(), counted: false }];
    let mut day = event_day;
    let mut counted = 0;
    let mut provisional = false;
    while counted < days {
        day = day + Days::new(1);
        let standing = standing_of(day, calendar, pauses);
        counted += u32::from(standing.is_counted());
        provisional |= calendar.is_some_and(|calendar| !calendar.is_announced(day.year()));
        let words = standing.words();
        match derivation.last_mut() {
            Some(line) if line.words == words && line.counted == standing.is_counted() => line.until = day,
            _ => derivation.push(Line { from: day, until: day, words, counted: standing.is_counted() }),
        }
    }
    let end_of_last_day = match limit {
        Limit::HalfWorkingDays(half_days) if half_days % 2 == 1 => END_OF_MORNING,
        Limit::HalfWorkingDays(_) => END_OF_WORKING_DAY,
        _ => END_OF_DAY,
    };
    // Something that is due on the very day of its event is never due before the event.
    let at = china_instant(day, end_of_last_day).max(start);
    Due { at, on: day, unit: limit.unit(), provisional, derivation }
}

enum Standing<'a> {
    Counted,
    Makeup,
    Holiday(&'a str),
    Weekend,
    Paused(&'a str),
}

impl Standing<'_> {
    fn is_counted(&self) -> bool {
        matches!(self, Standing::Counted | Standing::Makeup)
    }

    fn words(&self) -> String {
        match self {
            Standing::Counted => "计入".to_string(),
            Standing::Makeup => "调休上班，照算".to_string(),
            Standing::Holiday(name) => format!("{name}，国家规定的假日，不算"),
            Standing::Weekend => "周末，不算".to_string(),
            Standing::Paused(words) => format!("{words}，依法不算"),
        }
    }
}

fn standing_of<'a>(day: NaiveDate, calendar: Option<&'a WorkingCalendar>, pauses: &'a [Pause]) -> Standing<'a> {
    let pause = pauses.iter().find(|pause| date_in_china(pause.from) < day && day <= date_in_china(pause.until));
    if let Some(pause) = pause {
        return Standing::Paused(&pause.words);
    }
    match calendar.map(|calendar| calendar.day_kind(day)) {
        None | Some(DayKind::Working) => Standing::Counted,
        Some(DayKind::Makeup(_)) => Standing::Makeup,
        Some(DayKind::Weekend) => Standing::Weekend,
        Some(DayKind::Holiday(name)) => Standing::Holiday(name),
    }
}

fn due_by_hours(hours: u32, start: DateTime<Utc>, pauses: &[Pause]) -> Due {
    let hours = hours.min(LONGEST_LIMIT_DAYS * HOURS_IN_A_DAY);
    let mut at = start + TimeDelta::hours(i64::from(hours));
    let mut spans: Vec<&Pause> = pauses.iter().filter(|pause| pause.from < pause.until).collect();
    spans.sort_by_key(|pause| pause.from);
    // Pauses may overlap; what is before `passed` has been dealt with.
    let mut passed = start;
    let mut paused_words = Vec::new();
    for pause in spans {
        let from = pause.from.max(passed);
        if from < at && from < pause.until {
            at += pause.until - from;
            passed = pause.until;
            paused_words.push(pause.words.as_str());
        }
    }
    let year = date_in_china(start).year();
    let mut words = format!("从{}起算 {hours} 小时，夜间和节假日照算", moment_words(start, year));
    if !paused_words.is_empty() {
        words.push_str(&format!("；{}，依法不算", paused_words.join("、")));
    }
    let on = date_in_china(at);
    let line = Line { from: date_in_china(start), until: on, words, counted: true };
    Due { at, on, unit: LimitUnit::Hour, provisional: false, derivation: vec![line] }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant written in a test is valid")
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().expect("a date written in a test is valid")
    }

    #[test]
    fn ten_working_days_over_two_holidays_and_a_makeup_day() {
        let calendar = WorkingCalendar::national();
        let due = due(Limit::WorkingDays(10), instant("2026-09-21T14:05:00+08:00"), &calendar, &[]);
        assert_eq!(due.on, date("2026-10-12"));
        assert_eq!(due.at, instant("2026-10-12T23:59:59+08:00"));
        let lines: Vec<(String, String, &str, bool)> =
            due.derivation.iter().map(|line| (line.from.to_string(), line.until.to_string(), line.words.as_str(), line.counted)).collect();
        let expected = [
            ("2026-09-21", "2026-09-21", "当天不算，从第二天起算", false),
            ("2026-09-22", "2026-09-24", "计入", true),
            ("2026-09-25", "2026-09-27", "中秋节，国家规定的假日，不算", false),
            ("2026-09-28", "2026-09-30", "计入", true),
            ("2026-10-01", "2026-10-07", "国庆节，国家规定的假日，不算", false),
            ("2026-10-08", "2026-10-09", "计入", true),
            ("2026-10-10", "2026-10-10", "调休上班，照算", true),
            ("2026-10-11", "2026-10-11", "周末，不算", false),
            ("2026-10-12", "2026-10-12", "计入", true),
        ];
        let expected: Vec<(String, String, &str, bool)> =
            expected.iter().map(|(from, until, words, counted)| (from.to_string(), until.to_string(), *words, *counted)).collect();
        assert_eq!(lines, expected);
        assert_eq!((due.counted_days(), due.counted_days_until(date("2026-09-29"))), (10, 5));
    }

    #[test]
    fn step_budgets_end_within_office_hours() {
        let calendar = WorkingCalendar::national();
        let start = instant("2026-09-24T16:20:00+08:00");
        let at = |half_days| due(Limit::HalfWorkingDays(half_days), start, &calendar, &[]).at;
        assert_eq!(at(1), instant("2026-09-28T12:00:00+08:00"));
        assert_eq!(at(2), instant("2026-09-28T17:30:00+08:00"));
        assert_eq!(at(6), instant("2026-09-30T17:30:00+08:00"));
    }

    #[test]
    fn hours_run_through_the_night_and_stand_still_in_a_pause() {
        let calendar = WorkingCalendar::national();
        let start = instant("2026-09-30T15:10:00+08:00");
        let relief = due(Limit::Hours(24), start, &calendar, &[]);
        assert_eq!(relief.at, instant("2026-10-01T15:10:00+08:00"));
        let pause = |from: &str, until: &str| Pause { from: instant(from), until: instant(until), words: "听证".into() };
        let pauses = [
            pause("2026-09-30T20:00:00+08:00", "2026-09-30T22:00:00+08:00"),
            pause("2026-09-30T21:00:00+08:00", "2026-09-30T23:00:00+08:00"),
        ];
        assert_eq!(due(Limit::Hours(24), start, &calendar, &pauses).at, instant("2026-10-01T18:10:00+08:00"));
    }

    #[test]
    fn calendar_days_count_every_day_and_are_never_provisional() {
        let calendar = WorkingCalendar::national();
        let start = instant("2026-12-25T09:00:00+08:00");
        let due_days = due(Limit::CalendarDays(15), start, &calendar, &[]);
        assert_eq!((due_days.on, due_days.provisional), (date("2027-01-09"), false));
        let due_working = due(Limit::WorkingDays(15), start, &calendar, &[]);
        assert!(due_working.provisional && due_working.note().is_some_and(|note| note.contains("2027")));
    }

    #[test]
    fn an_event_at_night_belongs_to_the_chinese_day() {
        let calendar = WorkingCalendar::national();
        // 00:30 on the 22nd in China is still the 21st in UTC.
        let due = due(Limit::WorkingDays(1), instant("2026-09-21T16:30:00Z"), &calendar, &[]);
        assert_eq!(due.on, date("2026-09-23"));
    }

    #[test]
    fn what_is_due_at_once_is_due_the_same_day() {
        let calendar = WorkingCalendar::national();
        let start = instant("2026-10-01T10:00:00+08:00");
        for limit in [Limit::Immediate, Limit::WorkingDays(0), Limit::CalendarDays(0)] {
            assert_eq!(due(limit, start, &calendar, &[]).at, instant("2026-10-01T23:59:59+08:00"));
        }
        let evening = instant("2026-09-30T20:00:00+08:00");
        assert_eq!(due(Limit::HalfWorkingDays(0), evening, &calendar, &[]).at, evening);
    }

    /// Writes every day down, strikes out what is not counted, and takes the n-th that is left.
    fn slow_due_day(days: u32, start: DateTime<Utc>, calendar: &WorkingCalendar, pauses: &[Pause]) -> NaiveDate {
        let event_day = date_in_china(start);
        event_day
            .iter_days()
            .skip(1)
            .filter(|day| calendar.is_working_day(*day))
            .filter(|day| {
                !pauses.iter().any(|pause| {
                    let mut paused_days = date_in_china(pause.from).iter_days().skip(1);
                    paused_days.by_ref().take_while(|paused| *paused <= date_in_china(pause.until)).any(|paused| paused == *day)
                })
            })
            .nth(days as usize - 1)
            .expect("the calendar does not end")
    }

    fn any_start() -> impl Strategy<Value = DateTime<Utc>> {
        (0i64..9 * 365 * 24 * 60).prop_map(|minutes| instant("2018-01-01T00:00:00+08:00") + TimeDelta::minutes(minutes))
    }

    fn any_pauses(start: DateTime<Utc>) -> impl Strategy<Value = Vec<Pause>> {
        let pause = (0i64..40 * 24, 0i64..20 * 24).prop_map(move |(after, length)| Pause {
            from: start + TimeDelta::hours(after),
            until: start + TimeDelta::hours(after + length),
            words: "听证".to_string(),
        });
        prop::collection::vec(pause, 0..3)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn agrees_with_the_slow_count((start, pauses) in any_start().prop_flat_map(|start| (Just(start), any_pauses(start))), days in 1u32..45) {
            let calendar = WorkingCalendar::national();
            let due = due(Limit::WorkingDays(days), start, &calendar, &pauses);
            prop_assert_eq!(due.on, slow_due_day(days, start, &calendar, &pauses));
            prop_assert_eq!(due.counted_days(), days);
            // Every day stands in exactly one line, in order.
            prop_assert_eq!(due.derivation[0].from, date_in_china(start));
            prop_assert_eq!(due.derivation.last().map(|line| line.until), Some(due.on));
            for pair in due.derivation.windows(2) {
                prop_assert_eq!(pair[0].until + Days::new(1), pair[1].from);
            }
        }

        #[test]
        fn longer_is_later_and_pauses_only_delay((start, pauses) in any_start().prop_flat_map(|start| (Just(start), any_pauses(start))), number in 0u32..60) {
            let calendar = WorkingCalendar::national();
            for make in [Limit::WorkingDays, Limit::HalfWorkingDays, Limit::CalendarDays, Limit::Hours] {
                let shorter = due(make(number), start, &calendar, &pauses);
                prop_assert!(shorter.at <= due(make(number + 1), start, &calendar, &pauses).at);
                prop_assert!(due(make(number), start, &calendar, &[]).at <= shorter.at);
                prop_assert!(start <= shorter.at);
            }
        }
    }
}
