//! The number of a case: the only thing an applicant has to keep.
//!
//! Twenty digits: tenant of origin (12), year (2), sequence within tenant and year (5), check digit (ISO 7064 MOD 11,10).
//! It promises that a number is read however it was written down (groups, hyphens, full-width digits of an input method),
//! that one wrong digit is always noticed and two exchanged neighbours nearly always are, and that it names where the case
//! began without a look-up. It is no secret: following a case needs the secret on the receipt besides.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::code::{DIVISION_CODE_DIGITS, DivisionCode, DivisionCodeError};

/// A valid case number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseNumber {
    origin: DivisionCode,
    year: u16,
    sequence: u32,
}

/// What is wrong with a case number, for the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CaseNumberError {
    #[error("请填办件编号，在回执的最上面，一共 20 位数字")]
    Empty,
    #[error("办件编号应为 20 位数字，您填了 {0} 位，请对照回执看看是不是漏了或多了")]
    Length(usize),
    #[error("办件编号只有数字，第 {position} 位是“{found}”")]
    NotADigit { position: usize, found: char },
    #[error("办件编号的前 12 位不对：{0}")]
    Origin(#[from] DivisionCodeError),
    #[error("办件编号的第 13 位到第 19 位不对：序号不能是零")]
    Sequence,
    #[error("办件编号核对不上，可能有一位写错了，请对照回执再看一遍")]
    Check,
    #[error("办件编号的年份只能在 {FIRST_YEAR} 年到 {LAST_YEAR} 年之间，现在是 {0} 年")]
    Year(i32),
    #[error("这一年的办件编号已用完（一年最多 {LAST_SEQUENCE} 件）")]
    Exhausted,
}

pub const CASE_NUMBER_DIGITS: usize = 20;
pub const FIRST_YEAR: i32 = 2000;
pub const LAST_YEAR: i32 = 2099;
/// Cases that one tenant can begin in one year.
pub const LAST_SEQUENCE: u32 = 99_999;

const GROUP_DIGITS: usize = 4;

impl CaseNumber {
    /// The number of the `sequence`-th case (from 1) that a tenant began in a year.
    pub fn new(origin: DivisionCode, year: i32, sequence: u32) -> Result<CaseNumber, CaseNumberError> {
        if !(FIRST_YEAR..=LAST_YEAR).contains(&year) {
            return Err(CaseNumberError::Year(year));
        }
        if sequence == 0 {
            return Err(CaseNumberError::Sequence);
        }
        if sequence > LAST_SEQUENCE {
            return Err(CaseNumberError::Exhausted);
        }
        let year = u16::try_from(year).map_err(|_| CaseNumberError::Year(year))?;
        Ok(CaseNumber { origin, year, sequence })
    }

    /// Reads a number as people write it: spaces, hyphens and full-width digits are accepted.
    pub fn parse(text: &str) -> Result<CaseNumber, CaseNumberError> {
        let digits: String = half_width(text).chars().filter(|character| !is_separator(*character)).collect();
        if digits.is_empty() {
            return Err(CaseNumberError::Empty);
        }
        for (index, character) in digits.chars().enumerate() {
            if !character.is_ascii_digit() {
                return Err(CaseNumberError::NotADigit { position: index + 1, found: character });
            }
        }
        if digits.len() != CASE_NUMBER_DIGITS {
            return Err(CaseNumberError::Length(digits.len()));
        }
        let (payload, check) = digits.split_at(CASE_NUMBER_DIGITS - 1);
        if check != check_digit(payload).to_string() {
            return Err(CaseNumberError::Check);
        }
        let origin = DivisionCode::parse(&payload[..DIVISION_CODE_DIGITS])?;
        let year = FIRST_YEAR + number_of(&payload[DIVISION_CODE_DIGITS..DIVISION_CODE_DIGITS + 2]) as i32;
        CaseNumber::new(origin, year, number_of(&payload[DIVISION_CODE_DIGITS + 2..]))
    }

    /// The tenant where the case began.
    pub fn origin(self) -> DivisionCode {
        self.origin
    }

    pub fn year(self) -> i32 {
        i32::from(self.year)
    }

    pub fn sequence(self) -> u32 {
        self.sequence
    }

    /// The twenty digits without gaps, as stored and put into addresses.
    pub fn digits(self) -> String {
        let payload = format!("{}{:02}{:05}", self.origin, i32::from(self.year) - FIRST_YEAR, self.sequence);
        let check = check_digit(&payload);
        format!("{payload}{check}")
    }
}

/// Full-width digits and letters as an input method leaves them, in their plain form.
pub fn half_width(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(character as u32 - 0xfee0).expect("the full-width block maps onto ASCII"),
            '\u{3000}' => ' ',
            other => other,
        })
        .collect()
}

/// Whether people put this between groups of a number.
pub fn is_separator(character: char) -> bool {
    character.is_whitespace() || matches!(character, '-' | '－' | '—' | '–' | '\u{200b}' | '\u{feff}')
}

/// ISO 7064 MOD 11,10, hybrid system: catches every single wrong digit.
fn check_digit(payload: &str) -> u32 {
    let product = payload.bytes().fold(10, |product, byte| {
        let sum = (u32::from(byte - b'0') + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (11 - product) % 10
}

fn number_of(digits: &str) -> u32 {
    digits.bytes().fold(0, |number, byte| number * 10 + u32::from(byte - b'0'))
}

/// In groups of four, as on the receipt: `3705 2210 4201 2600 0472`.
impl fmt::Display for CaseNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, digit) in self.digits().chars().enumerate() {
            if index > 0 && index % GROUP_DIGITS == 0 {
                formatter.write_str(" ")?;
            }
            write!(formatter, "{digit}")?;
        }
        Ok(())
    }
}

impl FromStr for CaseNumber {
    type Err = CaseNumberError;

    fn from_str(text: &str) -> Result<CaseNumber, CaseNumberError> {
        CaseNumber::parse(text)
    }
}

impl Serialize for CaseNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.digits())
    }
}

impl<'de> Deserialize<'de> for CaseNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<CaseNumber, D::Error> {
        let text = String::deserialize(deserializer)?;
        CaseNumber::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn village() -> DivisionCode {
        DivisionCode::new(370522104201).expect("a code written in a test is valid")
    }

    #[test]
    fn the_check_digit_is_that_of_the_standard() {
        // The example of ISO 7064: 0794 takes 5.
        assert_eq!(check_digit("0794"), 5);
    }

    #[test]
    fn a_number_is_read_however_it_was_written() {
        let number = CaseNumber::new(village(), 2026, 47).expect("in range");
        let grouped = number.to_string();
        assert_eq!(grouped.len(), CASE_NUMBER_DIGITS + 4);
        let full_width: String =
            number.digits().chars().map(|digit| char::from_u32(digit as u32 + 0xfee0).expect("a full-width digit")).collect();
        for text in [grouped.clone(), grouped.replace(' ', "-"), grouped.replace(' ', "\u{3000}"), full_width] {
            assert_eq!(CaseNumber::parse(&text), Ok(number), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(CaseNumber::parse("  "), Err(CaseNumberError::Empty));
        assert_eq!(CaseNumber::parse("3705 2210"), Err(CaseNumberError::Length(8)));
        assert_eq!(CaseNumber::parse("3705 22lO"), Err(CaseNumberError::NotADigit { position: 7, found: 'l' }));
        assert_eq!(CaseNumber::new(village(), 2026, 100_000), Err(CaseNumberError::Exhausted));
        assert_eq!(CaseNumber::new(village(), 1999, 1), Err(CaseNumberError::Year(1999)));
        assert_eq!(CaseNumber::new(village(), 2026, 0), Err(CaseNumberError::Sequence));
    }

    proptest! {
        #[test]
        fn reading_back_gives_the_same(year in FIRST_YEAR..=LAST_YEAR, sequence in 1..=LAST_SEQUENCE) {
            let number = CaseNumber::new(village(), year, sequence).expect("in range");
            prop_assert_eq!(CaseNumber::parse(&number.to_string()), Ok(number));
            prop_assert_eq!((number.origin(), number.year(), number.sequence()), (village(), year, sequence));
        }

        #[test]
        fn one_wrong_digit_is_noticed(sequence in 1..=LAST_SEQUENCE, position in 0..CASE_NUMBER_DIGITS, change in 1u8..10) {
            let mut bytes = CaseNumber::new(village(), 2026, sequence).expect("in range").digits().into_bytes();
            bytes[position] = (bytes[position] - b'0' + change) % 10 + b'0';
            let text = String::from_utf8(bytes).expect("digits");
            prop_assert_eq!(CaseNumber::parse(&text), Err(CaseNumberError::Check));
        }

        #[test]
        fn any_text_is_answered(text in "\\PC{0,30}") {
            let _ = CaseNumber::parse(&text);
        }
    }
}
