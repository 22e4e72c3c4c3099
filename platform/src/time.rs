//! Time: where "now" comes from, and how China reads a clock.
//!
//! Domain code never asks the operating system or the database for the time; it is handed a [`SharedClock`]. A test hands over a
//! [`FixedClock`] and walks through ten working days in a millisecond.
//!
//! Promises: times are in UTC and whole microseconds, because that is what the database keeps: a value that was hashed before it was stored
//! hashes the same after it was read. China has had one offset and no summer time since 1991, so a fixed offset is exact for every case
//! this platform will see; working days and holidays are not the business of this module.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Duration, FixedOffset, SubsecRound, Utc};

/// UTC+8 in seconds.
const CHINA_OFFSET_SECONDS: i32 = 8 * 60 * 60;

/// Digits of a second that the database keeps.
const STORED_SUBSECOND_DIGITS: u16 = 6;

/// Where "now" comes from.
pub trait Clock: Send + Sync {
    /// The present moment, in whole microseconds.
    fn now(&self) -> DateTime<Utc>;
}

/// The clock as it is passed down from the start of the process.
pub type SharedClock = Arc<dyn Clock>;

/// The clock of the machine. Replicas are expected to be kept together by NTP; a skew of a second only moves limits by that second.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl SystemClock {
    /// The system clock, ready to be passed down.
    pub fn shared() -> SharedClock {
        Arc::new(SystemClock)
    }
}

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(STORED_SUBSECOND_DIGITS)
    }
}

/// A clock that stands still until somebody moves it, for tests and rehearsals. Clones show the same time.
#[derive(Debug, Clone)]
pub struct FixedClock {
    now: Arc<Mutex<DateTime<Utc>>>,
}

impl FixedClock {
    /// A clock that stands at `at`.
    pub fn at(at: DateTime<Utc>) -> FixedClock {
        FixedClock { now: Arc::new(Mutex::new(at.trunc_subsecs(STORED_SUBSECOND_DIGITS))) }
    }

    /// Puts the clock to another moment, earlier or later.
    pub fn set(&self, at: DateTime<Utc>) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = at.trunc_subsecs(STORED_SUBSECOND_DIGITS);
    }

    /// Moves the clock on by `step` (back, if it is negative).
    pub fn advance(&self, step: Duration) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        *now += step;
    }

    /// This clock, ready to be passed down; moving `self` moves what was passed down.
    pub fn shared(&self) -> SharedClock {
        Arc::new(self.clone())
    }
}

impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The moment as a clock on a Chinese wall shows it (UTC+8). Which day a deadline falls on is decided on this clock.
pub fn china(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    at.with_timezone(&FixedOffset::east_opt(CHINA_OFFSET_SECONDS).expect("eight hours is an offset"))
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Timelike};

    use super::*;

    #[test]
    fn the_system_clock_shows_whole_microseconds() {
        assert_eq!(SystemClock.now().nanosecond() % 1_000, 0);
    }

    #[test]
    fn a_fixed_clock_moves_only_by_hand_and_for_everybody() {
        let clock = FixedClock::at(Utc.with_ymd_and_hms(2026, 9, 22, 1, 0, 0).unwrap());
        let passed_down = clock.shared();
        clock.advance(Duration::minutes(90));
        assert_eq!(passed_down.now(), Utc.with_ymd_and_hms(2026, 9, 22, 2, 30, 0).unwrap());
        clock.set(Utc.with_ymd_and_hms(2027, 1, 1, 0, 0, 0).unwrap());
        assert_eq!(passed_down.now(), Utc.with_ymd_and_hms(2027, 1, 1, 0, 0, 0).unwrap());
    }

    #[test]
    fn an_evening_in_utc_is_the_next_morning_in_china() {
        let at = Utc.with_ymd_and_hms(2026, 9, 30, 16, 30, 0).unwrap();
        assert_eq!(china(at).format("%Y-%m-%d %H:%M").to_string(), "2026-10-01 00:30");
    }
}
