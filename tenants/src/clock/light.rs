//! The light of a limit (时限灯): how much of it is spent, and what is left in words.
//!
//! It promises words with a unit in every state, so that colour is never the only sign. Near means nine tenths spent or the
//! last counted day; the day in progress counts as spent and as left, because one may still act in it.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::calendar::WorkingCalendar;
use super::china_time::date_in_china;
use super::due::Due;
use super::limit::LimitUnit;
use super::words::{date_words, moment_words, time_words};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Light {
    pub level: LightLevel,
    /// From 0 to 1, in hundredths.
    pub spent_share: f64,
    /// `还剩 2 个工作日`.
    pub words: String,
    pub due_on: Option<NaiveDate>,
    /// `9月30日 (周三)`; hours carry the time of day.
    pub due_words: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LightLevel {
    /// No limit runs.
    None,
    Fine,
    Near,
    Late,
    Paused,
    Done,
}

/// The share of a limit from which its light is amber.
pub const NEAR_SHARE: f64 = 0.9;

/// The light of a running limit that began at `start`.
pub fn light(now: DateTime<Utc>, start: DateTime<Utc>, due: &Due, calendar: &WorkingCalendar) -> Light {
    let today = date_in_china(now);
    let late = late_words(now, due, calendar);
    let spent_share = if late.is_some() { 1.0 } else { spent_share(now, start, due) };
    let last_day = due.unit != LimitUnit::Hour && today >= due.on;
    let level = match late {
        Some(_) => LightLevel::Late,
        None if last_day || spent_share >= NEAR_SHARE => LightLevel::Near,
        None => LightLevel::Fine,
    };
    Light {
        level,
        spent_share,
        words: late.unwrap_or_else(|| left_words(now, due)),
        due_on: Some(due.on),
        due_words: Some(due_words(now, due)),
    }
}

impl Light {
    /// Nothing runs: before filing, or where a limit does not apply.
    pub fn none() -> Light {
        Light { level: LightLevel::None, spent_share: 0.0, words: String::new(), due_on: None, due_words: None }
    }

    /// The clock stands still by law. `reason` follows in the words: `停时，听证中`.
    pub fn paused(spent_share: f64, reason: &str) -> Light {
        Light {
            level: LightLevel::Paused,
            spent_share: in_hundredths(spent_share),
            words: format!("停时，{reason}"),
            due_on: None,
            due_words: None,
        }
    }

    /// The limit ended with the work; `words` say how: `已办结`.
    pub fn done(words: &str) -> Light {
        Light { level: LightLevel::Done, spent_share: 1.0, words: words.to_string(), due_on: None, due_words: None }
    }
}

/// `超 1 个工作日` where the limit has passed, else nothing.
pub fn late_words(now: DateTime<Utc>, due: &Due, calendar: &WorkingCalendar) -> Option<String> {
    if now <= due.at {
        return None;
    }
    let today = date_in_china(now);
    let days = match due.unit {
        LimitUnit::Hour => return Some(format!("超 {}", span_words(now - due.at))),
        LimitUnit::CalendarDay => u32::try_from((today - due.on).num_days()).unwrap_or(0),
        LimitUnit::WorkingDay | LimitUnit::Immediate => calendar.working_days_between(due.on, today),
    };
    Some(match days {
        0 if today == due.on => format!("超 {}", span_words(now - due.at)),
        // A holiday follows the due day: late, but by no working day yet.
        0 => "已超时限".to_string(),
        _ if due.unit == LimitUnit::CalendarDay => format!("超 {days} 天"),
        _ => format!("超 {days} 个工作日"),
    })
}

/// The same in the fewest characters, for the custody mark: `超 1 天`.
pub fn late_words_short(now: DateTime<Utc>, due: &Due, calendar: &WorkingCalendar) -> Option<String> {
    late_words(now, due, calendar).map(|words| words.replace(" 个工作日", " 天"))
}

/// The day or moment something is due, seen from now: `9月30日 (周三)`, `今天 15:10`.
pub fn due_words(now: DateTime<Utc>, due: &Due) -> String {
    let today = date_in_china(now);
    match due.unit {
        LimitUnit::Hour if due.on == today => format!("今天 {}", time_words(due.at)),
        LimitUnit::Hour => moment_words(due.at, today.year()),
        _ => date_words(due.on, today.year()),
    }
}

fn left_words(now: DateTime<Utc>, due: &Due) -> String {
    let today = date_in_china(now);
    let left = due.counted_days() - due.counted_days_until(today.pred_opt().unwrap_or(today));
    match due.unit {
        LimitUnit::Hour => format!("还剩 {}", span_words(due.at - now)),
        LimitUnit::CalendarDay if left > 0 => format!("还剩 {left} 天"),
        LimitUnit::WorkingDay if left > 0 => format!("还剩 {left} 个工作日"),
        _ => "今天办结".to_string(),
    }
}

fn spent_share(now: DateTime<Utc>, start: DateTime<Utc>, due: &Due) -> f64 {
    let (spent, whole) = match due.unit {
        LimitUnit::Hour => ((now - start).num_seconds() as f64, (due.at - start).num_seconds() as f64),
        _ => (f64::from(due.counted_days_until(date_in_china(now))), f64::from(due.counted_days())),
    };
    if whole > 0.0 { in_hundredths(spent / whole) } else { 0.0 }
}

fn in_hundredths(share: f64) -> f64 {
    (share.clamp(0.0, 1.0) * 100.0).round() / 100.0
}

/// Whole hours, or minutes under one hour; at least one minute.
fn span_words(span: TimeDelta) -> String {
    match span.num_hours() {
        0 => format!("{} 分钟", span.num_minutes().max(1)),
        hours => format!("{hours} 小时"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::due::due;
    use super::super::limit::Limit;
    use super::*;

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().expect("an instant written in a test is valid")
    }

    fn seen(limit: Limit, start: &str, now: &str) -> (LightLevel, String, Option<String>) {
        let calendar = WorkingCalendar::national();
        let start = instant(start);
        let due = due(limit, start, &calendar, &[]);
        let light = light(instant(now), start, &due, &calendar);
        (light.level, light.words, light.due_words)
    }

    #[test]
    fn lights_say_what_is_left() {
        let (accepted, arrived) = ("2026-09-21T14:05:00+08:00", "2026-09-24T16:20:00+08:00");
        let now = "2026-09-29T10:42:00+08:00";
        let words = |text: &str| text.to_string();
        assert_eq!(
            seen(Limit::WorkingDays(10), accepted, now),
            (LightLevel::Fine, words("还剩 6 个工作日"), Some(words("10月12日 (周一)")))
        );
        assert_eq!(
            seen(Limit::HalfWorkingDays(6), arrived, now),
            (LightLevel::Fine, words("还剩 2 个工作日"), Some(words("9月30日 (周三)")))
        );
        assert_eq!(
            seen(Limit::HalfWorkingDays(4), arrived, now),
            (LightLevel::Near, words("还剩 1 个工作日"), Some(words("9月29日 (周二)")))
        );
        assert_eq!(
            seen(Limit::HalfWorkingDays(2), arrived, now),
            (LightLevel::Late, words("超 1 个工作日"), Some(words("9月28日 (周一)")))
        );
    }

    #[test]
    fn hours_are_told_in_hours() {
        let start = "2026-09-28T15:10:00+08:00";
        let words = |now: &str| {
            let (level, words, due) = seen(Limit::Hours(24), start, now);
            (level, words, due.unwrap_or_default())
        };
        let expect = |level, words: &str, due: &str| (level, words.to_string(), due.to_string());
        assert_eq!(words("2026-09-28T16:10:00+08:00"), expect(LightLevel::Fine, "还剩 23 小时", "9月29日 15:10"));
        assert_eq!(words("2026-09-29T10:42:00+08:00"), expect(LightLevel::Fine, "还剩 4 小时", "今天 15:10"));
        assert_eq!(words("2026-09-29T14:30:00+08:00"), expect(LightLevel::Near, "还剩 40 分钟", "今天 15:10"));
        assert_eq!(words("2026-09-29T18:00:00+08:00"), expect(LightLevel::Late, "超 2 小时", "今天 15:10"));
    }

    #[test]
    fn late_in_the_evening_and_over_a_holiday() {
        let arrived = "2026-09-29T09:00:00+08:00";
        assert_eq!(seen(Limit::HalfWorkingDays(2), arrived, "2026-09-30T19:00:00+08:00").1, "超 1 小时");
        assert_eq!(seen(Limit::HalfWorkingDays(2), arrived, "2026-10-03T19:00:00+08:00").1, "已超时限");
        assert_eq!(seen(Limit::HalfWorkingDays(2), arrived, "2026-10-08T09:00:00+08:00").1, "超 1 个工作日");
    }

    #[test]
    fn an_instant_matter_is_due_today() {
        let start = "2026-09-29T09:00:00+08:00";
        assert_eq!(seen(Limit::Immediate, start, "2026-09-29T09:05:00+08:00").1, "今天办结");
        assert_eq!(seen(Limit::Immediate, start, "2026-09-30T09:05:00+08:00").1, "超 1 个工作日");
    }

    #[test]
    fn the_short_form_fits_the_custody_mark() {
        let calendar = WorkingCalendar::national();
        let due = due(Limit::HalfWorkingDays(2), instant("2026-09-24T16:20:00+08:00"), &calendar, &[]);
        let short = late_words_short(instant("2026-09-29T10:00:00+08:00"), &due, &calendar);
        assert_eq!(short, Some("超 1 天".to_string()));
    }

    #[test]
    fn the_json_form_is_the_agreed_one() {
        let light = Light::paused(0.4, "听证中");
        assert_eq!(
            serde_json::to_value(&light).expect("a light serialises"),
            serde_json::json!({"level": "paused", "spent_share": 0.4, "words": "停时，听证中", "due_on": null, "due_words": null})
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_light_only_grows(start_hours in 0i64..8 * 365 * 24, number in 0u32..30) {
            let calendar = WorkingCalendar::national();
            let start = instant("2018-06-01T00:00:00+08:00") + TimeDelta::hours(start_hours);
            for limit in [Limit::WorkingDays(number), Limit::HalfWorkingDays(number), Limit::CalendarDays(number), Limit::Hours(number)] {
                let due = due(limit, start, &calendar, &[]);
                let mut before = 0.0;
                for hours in (0..40 * 24).step_by(7) {
                    let now = start + TimeDelta::hours(hours);
                    let light = light(now, start, &due, &calendar);
                    prop_assert!(light.spent_share >= before);
                    prop_assert_eq!(light.level == LightLevel::Late, now > due.at);
                    prop_assert!(!light.words.is_empty());
                    before = light.spent_share;
                }
            }
        }
    }
}
