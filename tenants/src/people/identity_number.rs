//! The identity number of a citizen (公民身份号码, GB 11643-1999): 6 division, 8 date of birth, 3 sequence, 1 check.

use std::fmt;

use chrono::{Datelike, Days, NaiveDate};

use crate::divisions::case_number::{half_width, is_separator};

/// A well-formed identity number with a valid check character.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct IdentityNumber(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityNumberError {
    #[error("请填身份证号，18 位")]
    Empty,
    #[error("身份证号应为 18 位，您填了 {0} 位")]
    Length(usize),
    #[error("身份证号第 {position} 位是“{found}”，这里只能是数字")]
    NotADigit { position: usize, found: char },
    #[error("身份证号最后一位是“{0}”，只能是数字或 X")]
    LastCharacter(char),
    #[error("身份证号的前两位不是省级代码，请对照身份证再看一遍")]
    Division,
    #[error("身份证号第 7 到 14 位应是出生日期，现在不是一个真实的日期")]
    BirthDate,
    #[error("身份证号里的出生日期在今天以后，请对照身份证再看一遍")]
    BornInFuture,
    #[error("身份证号里的出生日期太早，请对照身份证再看一遍")]
    BornTooEarly,
    #[error("身份证号核对不上，可能有一位写错了，请对照身份证再看一遍")]
    Check,
}

pub const IDENTITY_NUMBER_LENGTH: usize = 18;
/// Nobody older is known to live.
pub const OLDEST_AGE_YEARS: i32 = 130;

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK_CHARACTERS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];
const PROVINCE_PARTS: std::ops::RangeInclusive<u32> = 11..=83;
/// Dongying has no county 99, so a number that begins with it was never given to anybody.
const SYNTHETIC_DIVISION: &str = "370599";

impl IdentityNumber {
    /// Reads a number as people write it: spaces, full-width characters and a small x are accepted.
    pub fn parse(text: &str) -> Result<IdentityNumber, IdentityNumberError> {
        let plain: String = half_width(text).chars().filter(|character| !is_separator(*character)).collect::<String>().to_uppercase();
        if plain.is_empty() {
            return Err(IdentityNumberError::Empty);
        }
        let length = plain.chars().count();
        for (index, character) in plain.chars().enumerate() {
            let is_last = index + 1 == IDENTITY_NUMBER_LENGTH;
            if is_last && !character.is_ascii_digit() && character != 'X' {
                return Err(IdentityNumberError::LastCharacter(character));
            }
            if !is_last && !character.is_ascii_digit() && (length == IDENTITY_NUMBER_LENGTH || character != 'X') {
                return Err(IdentityNumberError::NotADigit { position: index + 1, found: character });
            }
        }
        if length != IDENTITY_NUMBER_LENGTH {
            return Err(IdentityNumberError::Length(length));
        }
        if !PROVINCE_PARTS.contains(&number_of(&plain[0..2])) {
            return Err(IdentityNumberError::Division);
        }
        if birth_date(&plain).is_none() {
            return Err(IdentityNumberError::BirthDate);
        }
        if !plain.ends_with(check_character(&plain[..IDENTITY_NUMBER_LENGTH - 1])) {
            return Err(IdentityNumberError::Check);
        }
        Ok(IdentityNumber(plain))
    }

    /// Reads a number and asks besides that its bearer can be alive on a day.
    pub fn parse_on(text: &str, today: NaiveDate) -> Result<IdentityNumber, IdentityNumberError> {
        let number = IdentityNumber::parse(text)?;
        let born_on = number.born_on();
        if born_on > today {
            return Err(IdentityNumberError::BornInFuture);
        }
        if today.year() - born_on.year() > OLDEST_AGE_YEARS {
            return Err(IdentityNumberError::BornTooEarly);
        }
        Ok(number)
    }

    /// A number for demonstrations and tests. Different seeds below a million give different numbers.
    pub fn new_synthetic(seed: u64) -> IdentityNumber {
        let earliest = NaiveDate::from_ymd_opt(1936, 1, 1).expect("a date of the calendar");
        let born_on = earliest + Days::new(seed * 7 % 25_000);
        let payload = format!("{SYNTHETIC_DIVISION}{}{:03}", born_on.format("%Y%m%d"), seed / 25_000 % 999 + 1);
        let check = check_character(&payload);
        IdentityNumber(format!("{payload}{check}"))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn born_on(&self) -> NaiveDate {
        birth_date(&self.0).expect("checked when the number was read")
    }

    /// Whole years on a day.
    pub fn age_on(&self, today: NaiveDate) -> i32 {
        let born_on = self.born_on();
        let had_birthday = (today.month(), today.day()) >= (born_on.month(), born_on.day());
        today.year() - born_on.year() - i32::from(!had_birthday)
    }

    /// First four and last two characters: 3705************42.
    pub fn masked(&self) -> String {
        let hidden = "*".repeat(IDENTITY_NUMBER_LENGTH - 6);
        format!("{}{hidden}{}", &self.0[..4], &self.0[IDENTITY_NUMBER_LENGTH - 2..])
    }

    /// Whether this number was made by `new_synthetic`.
    pub fn is_synthetic(&self) -> bool {
        self.0.starts_with(SYNTHETIC_DIVISION)
    }
}

impl fmt::Debug for IdentityNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "IdentityNumber({})", self.masked())
    }
}

fn birth_date(digits: &str) -> Option<NaiveDate> {
    let year = i32::try_from(number_of(&digits[6..10])).ok()?;
    NaiveDate::from_ymd_opt(year, number_of(&digits[10..12]), number_of(&digits[12..14])).filter(|_| year >= 1800)
}

fn check_character(payload: &str) -> char {
    let sum: u32 = payload.bytes().zip(WEIGHTS).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum();
    CHECK_CHARACTERS[(sum % 11) as usize]
}

fn number_of(digits: &str) -> u32 {
    digits.bytes().fold(0, |number, byte| number * 10 + u32::from(byte - b'0'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_example_of_the_standard_is_read() {
        // GB 11643-1999, annex: 11010519491231002X and 440524188001010014.
        let number = IdentityNumber::parse(" 110105 19491231 002x ").expect("the example of the standard");
        assert_eq!(number.as_str(), "11010519491231002X");
        assert_eq!(number.masked(), "1101************2X");
        assert_eq!(format!("{number:?}"), "IdentityNumber(1101************2X)");
        assert!(IdentityNumber::parse("４４０５２４１８８００１０１００１４").is_ok());
    }

    #[test]
    fn what_is_wrong_is_named() {
        let wrong = |text: &str| IdentityNumber::parse(text).expect_err(text);
        assert_eq!(wrong(""), IdentityNumberError::Empty);
        assert_eq!(wrong("110105491231002"), IdentityNumberError::Length(15));
        assert_eq!(wrong("1101051949123100２"), IdentityNumberError::Length(17));
        assert_eq!(wrong("11010519491231O02X"), IdentityNumberError::NotADigit { position: 15, found: 'O' });
        assert_eq!(wrong("11010519491231002Y"), IdentityNumberError::LastCharacter('Y'));
        assert_eq!(wrong("010105194912310021"), IdentityNumberError::Division);
        assert_eq!(wrong("110105194902310021"), IdentityNumberError::BirthDate);
        assert_eq!(wrong("110105194912310021"), IdentityNumberError::Check);
    }

    #[test]
    fn a_bearer_can_be_alive() {
        let today = NaiveDate::from_ymd_opt(2026, 9, 29).expect("a date");
        assert_eq!(IdentityNumber::parse_on("440524188001010014", today), Err(IdentityNumberError::BornTooEarly));
        let eve = NaiveDate::from_ymd_opt(1949, 12, 30).expect("a date");
        assert_eq!(IdentityNumber::parse_on("11010519491231002X", eve), Err(IdentityNumberError::BornInFuture));
        let number = IdentityNumber::parse_on("11010519491231002X", today).expect("alive");
        assert_eq!(number.age_on(today), 76);
    }

    #[test]
    fn synthetic_numbers_differ() {
        let numbers: std::collections::HashSet<String> = (0..60_000).map(|seed| IdentityNumber::new_synthetic(seed).0).collect();
        assert_eq!(numbers.len(), 60_000);
    }

    proptest! {
        #[test]
        fn synthetic_numbers_are_valid(seed in 0u64..1_000_000) {
            let number = IdentityNumber::new_synthetic(seed);
            prop_assert!(number.is_synthetic());
            prop_assert_eq!(IdentityNumber::parse(number.as_str()), Ok(number));
        }

        #[test]
        fn one_wrong_digit_is_noticed(seed in 0u64..1_000_000, position in 0usize..17, change in 1u8..10) {
            let mut bytes = IdentityNumber::new_synthetic(seed).0.into_bytes();
            bytes[position] = (bytes[position] - b'0' + change) % 10 + b'0';
            prop_assert!(IdentityNumber::parse(&String::from_utf8(bytes).expect("digits")).is_err());
        }

        #[test]
        fn any_text_is_answered(text in "\\PC{0,24}") {
            let _ = IdentityNumber::parse(&text);
        }
    }
}
