//! A telephone number of the mainland: mobile, or landline with its area code.

use std::fmt;

use crate::divisions::case_number::{half_width, is_separator};

/// Digits only; a landline keeps its leading zero.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Telephone(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TelephoneError {
    #[error("请填手机号，11 位；也可以填带区号的座机")]
    Empty,
    #[error("电话号码里有“{0}”，请只填数字")]
    Character(char),
    #[error("手机号应为 11 位，您填了 {0} 位")]
    MobileLength(usize),
    #[error("没有以“{0}”开头的手机号，请再看一遍")]
    MobilePrefix(String),
    #[error("座机号请连区号一起填，像 0546-8300000")]
    Landline,
}

const MOBILE_DIGITS: usize = 11;
const LANDLINE_DIGITS: std::ops::RangeInclusive<usize> = 10..=12;
const AREA_CODES_OF_THREE_DIGITS: [&str; 10] = ["010", "020", "021", "022", "023", "024", "025", "027", "028", "029"];
/// 154 is not in use by any operator, so a message to such a number reaches nobody. (From memory; the demo sends no SMS.)
const SYNTHETIC_PREFIX: &str = "154";

impl Telephone {
    /// Reads a number as people write it: spaces, hyphens, brackets, full-width digits and +86 are accepted.
    pub fn parse(text: &str) -> Result<Telephone, TelephoneError> {
        let plain: String =
            half_width(text).chars().filter(|character| !is_separator(*character) && !matches!(character, '(' | ')')).collect();
        let digits = plain.strip_prefix("+86").or_else(|| plain.strip_prefix("0086")).unwrap_or(&plain);
        if digits.is_empty() {
            return Err(TelephoneError::Empty);
        }
        if let Some(stranger) = digits.chars().find(|character| !character.is_ascii_digit()) {
            return Err(TelephoneError::Character(stranger));
        }
        if digits.starts_with('0') {
            let subscriber = &digits[area_code_digits(digits).min(digits.len())..];
            let is_landline =
                LANDLINE_DIGITS.contains(&digits.len()) && matches!(subscriber.len(), 7 | 8) && !subscriber.starts_with(['0', '1']);
            return if is_landline { Ok(Telephone(digits.to_string())) } else { Err(TelephoneError::Landline) };
        }
        if !digits.starts_with('1') {
            return Err(TelephoneError::Landline);
        }
        if digits.len() != MOBILE_DIGITS {
            return Err(TelephoneError::MobileLength(digits.len()));
        }
        if matches!(digits.as_bytes()[1], b'0'..=b'2') {
            return Err(TelephoneError::MobilePrefix(digits[..2].to_string()));
        }
        Ok(Telephone(digits.to_string()))
    }

    /// A mobile number for demonstrations and tests.
    pub fn new_synthetic(seed: u64) -> Telephone {
        Telephone(format!("{SYNTHETIC_PREFIX}{:08}", seed % 100_000_000))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it can receive a one-time code.
    pub fn is_mobile(&self) -> bool {
        self.0.starts_with('1')
    }

    /// 154****0416, 0546****101.
    pub fn masked(&self) -> String {
        let (shown_first, shown_last) = if self.is_mobile() { (3, 4) } else { (area_code_digits(&self.0), 3) };
        format!("{}****{}", &self.0[..shown_first], &self.0[self.0.len() - shown_last..])
    }

    /// The last four digits, as in "尾号 0416".
    pub fn tail(&self) -> &str {
        &self.0[self.0.len() - 4..]
    }
}

impl fmt::Debug for Telephone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Telephone({})", self.masked())
    }
}

fn area_code_digits(digits: &str) -> usize {
    let is_three = AREA_CODES_OF_THREE_DIGITS.iter().any(|code| digits.starts_with(code));
    if is_three { 3 } else { 4 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let read = |text: &str| Telephone::parse(text).expect(text);
        assert_eq!(read("+86 138-0013-8000").as_str(), "13800138000");
        assert_eq!(read("１３８００１３８０００").masked(), "138****8000");
        assert_eq!(read("(0546) 8300101").as_str(), "05468300101");
        assert_eq!(read("0546-8300101").masked(), "0546****101");
        assert_eq!(read("010 66001234").masked(), "010****234");
        assert!(!read("05468300101").is_mobile());
        assert_eq!(read("13800138000").tail(), "8000");
    }

    #[test]
    fn what_is_wrong_is_named() {
        let wrong = |text: &str| Telephone::parse(text).expect_err(text);
        assert_eq!(wrong(" "), TelephoneError::Empty);
        assert_eq!(wrong("1380013800a"), TelephoneError::Character('a'));
        assert_eq!(wrong("1380013800"), TelephoneError::MobileLength(10));
        assert_eq!(wrong("12800138000"), TelephoneError::MobilePrefix("12".to_string()));
        assert_eq!(wrong("8300101"), TelephoneError::Landline);
        assert_eq!(wrong("0546"), TelephoneError::Landline);
        assert_eq!(wrong("05"), TelephoneError::Landline);
    }

    proptest! {
        #[test]
        fn synthetic_numbers_are_valid(seed in any::<u64>()) {
            let telephone = Telephone::new_synthetic(seed);
            prop_assert!(telephone.is_mobile());
            prop_assert_eq!(Telephone::parse(telephone.as_str()), Ok(telephone));
        }

        #[test]
        fn any_text_is_answered(text in "\\PC{0,20}") {
            if let Ok(telephone) = Telephone::parse(&text) {
                prop_assert!(telephone.masked().contains("****"));
            }
        }
    }
}
