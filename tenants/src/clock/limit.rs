//! A limit: a number and its unit. Which articles it rests on belongs to the catalogue; here it only measures time.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The unit in which laws and promises count. Every rule names its own: licences run in working days, residence permits
/// in calendar days, emergency relief in hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LimitUnit {
    WorkingDay,
    CalendarDay,
    Hour,
    /// Decided while the applicant waits. A number beside it means nothing.
    Immediate,
}

impl LimitUnit {
    /// The unit as it follows a number in a sentence: "10 个工作日".
    pub fn words_after_number(self) -> &'static str {
        match self {
            LimitUnit::WorkingDay => "个工作日",
            LimitUnit::CalendarDay => "天",
            LimitUnit::Hour => "小时",
            LimitUnit::Immediate => "当场",
        }
    }
}

/// A span of time as a rule states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// Ends with the last instant of the last working day.
    WorkingDays(u32),
    /// The budget of a step, in half working days. Ends within office hours: an even number at the close of the
    /// last day, an odd one at noon of it.
    HalfWorkingDays(u32),
    /// Ends with the last instant of the last day, holidays counted.
    CalendarDays(u32),
    /// Runs through nights and holidays from the event itself.
    Hours(u32),
    /// Due at the instant of the event.
    Immediate,
}

impl Limit {
    /// The limit that a catalogue entry states as number and unit.
    pub fn new(number: u32, unit: LimitUnit) -> Limit {
        match unit {
            LimitUnit::WorkingDay => Limit::WorkingDays(number),
            LimitUnit::CalendarDay => Limit::CalendarDays(number),
            LimitUnit::Hour => Limit::Hours(number),
            LimitUnit::Immediate => Limit::Immediate,
        }
    }

    /// The unit in which what is left of this limit is told.
    pub fn unit(self) -> LimitUnit {
        match self {
            Limit::WorkingDays(_) | Limit::HalfWorkingDays(_) => LimitUnit::WorkingDay,
            Limit::CalendarDays(_) => LimitUnit::CalendarDay,
            Limit::Hours(_) => LimitUnit::Hour,
            Limit::Immediate => LimitUnit::Immediate,
        }
    }

    /// The limit in words: "10 个工作日", "半个工作日", "24 小时", "当场".
    pub fn words(self) -> String {
        match self {
            Limit::HalfWorkingDays(1) => "半个工作日".to_string(),
            Limit::HalfWorkingDays(half_days) if half_days % 2 == 1 => format!("{} 个半工作日", half_days / 2),
            Limit::HalfWorkingDays(half_days) => format!("{} 个工作日", half_days / 2),
            Limit::WorkingDays(number) | Limit::CalendarDays(number) | Limit::Hours(number) => {
                format!("{number} {}", self.unit().words_after_number())
            }
            Limit::Immediate => "当场".to_string(),
        }
    }
}
