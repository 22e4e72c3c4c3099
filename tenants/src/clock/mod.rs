//! Limits: from an event, a rule and the national calendar to the day something is due, and the words for it.
//!
//! Everything here is pure: the same input gives the same answer, and the present instant is an argument.
//!
//! Words: **limit** – a number and a unit · **working day** – Monday to Friday without statutory holidays, and the make-up
//! days · **make-up day** (调休上班) – a weekend day on which people work · **pause** – a span that a law takes out of the
//! count, from one day to another · **due** – the last instant in time · **derivation** – the days of the count, one line
//! each, with the reason why a day was left out · **light** (时限灯) – how much of a limit is spent, with words ·
//! **provisional** – the count reaches into a year whose holidays are not announced yet.
//!
//! Invariants
//! - The first day counted is the day after the event; hours run from the event itself.
//! - Only statutory holidays are left out. The closure of one office never moves a due day.
//! - A longer limit is never due earlier; a pause never makes a limit due earlier.
//! - Days are days of China (UTC+8, no summer time since 1991).

pub mod calendar;
pub mod china_time;
pub mod due;
pub mod light;
pub mod limit;
pub mod words;
