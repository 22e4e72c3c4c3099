//! The unified social credit code of an organization (统一社会信用代码, GB 32100-2015).

use std::fmt;

use crate::divisions::case_number::{half_width, is_separator};

/// Eighteen of `0-9A-Z` without I O S V Z, with a valid check character. It is public: nothing of it is masked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CreditCode(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreditCodeError {
    #[error("请填统一社会信用代码，18 位，在营业执照或登记证书上")]
    Empty,
    #[error("统一社会信用代码应为 18 位，您填了 {0} 位")]
    Length(usize),
    #[error("统一社会信用代码第 {position} 位是“{found}”，这里只能是数字或大写字母（没有 I O S V Z）")]
    Character { position: usize, found: char },
    #[error("统一社会信用代码核对不上，可能有一位写错了，请对照证照再看一遍")]
    Check,
}

pub const CREDIT_CODE_LENGTH: usize = 18;

const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
const MODULUS: usize = 31;
/// Weights of the organization code, which sits in the middle and has a check character of its own (GB 11714).
const ORGANIZATION_WEIGHTS: [u64; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
/// An enterprise registered in county 99 of Dongying, which does not exist.
const SYNTHETIC_PREFIX: &str = "91370599";

impl CreditCode {
    /// Reads a code as people write it: spaces, hyphens, full-width and small letters are accepted.
    pub fn parse(text: &str) -> Result<CreditCode, CreditCodeError> {
        let plain: String = half_width(text).chars().filter(|character| !is_separator(*character)).collect::<String>().to_uppercase();
        if plain.is_empty() {
            return Err(CreditCodeError::Empty);
        }
        for (index, character) in plain.chars().enumerate() {
            if !ALPHABET.contains(character) {
                return Err(CreditCodeError::Character { position: index + 1, found: character });
            }
        }
        if plain.len() != CREDIT_CODE_LENGTH {
            return Err(CreditCodeError::Length(plain.len()));
        }
        if !plain.ends_with(check_character(&plain[..CREDIT_CODE_LENGTH - 1])) {
            return Err(CreditCodeError::Check);
        }
        Ok(CreditCode(plain))
    }

    /// A code for demonstrations and tests.
    pub fn new_synthetic(seed: u64) -> CreditCode {
        let organization = format!("{:08}", seed % 100_000_000);
        let sum: u64 = organization.bytes().zip(ORGANIZATION_WEIGHTS).map(|(byte, weight)| u64::from(byte - b'0') * weight).sum();
        let organization_check = match 11 - sum % 11 {
            10 => 'X',
            11 => '0',
            digit => char::from(b'0' + digit as u8),
        };
        let payload = format!("{SYNTHETIC_PREFIX}{organization}{organization_check}");
        let check = check_character(&payload);
        CreditCode(format!("{payload}{check}"))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CreditCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn check_character(payload: &str) -> char {
    let sum: usize = payload
        .chars()
        .zip(WEIGHTS)
        .map(|(character, weight)| ALPHABET.find(character).expect("checked against the alphabet") * weight)
        .sum();
    char::from(ALPHABET.as_bytes()[(MODULUS - sum % MODULUS) % MODULUS])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn codes_of_public_bodies_are_read() {
        // Both stand in published service guides.
        for text in ["113703030042174346", "1144 0000 0069 3975 6b"] {
            assert!(CreditCode::parse(text).is_ok(), "{text}");
        }
        // The first eighteen characters of a task code that was published with an error in it.
        assert_eq!(CreditCode::parse("114401135000001190"), Err(CreditCodeError::Check));
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(CreditCode::parse(""), Err(CreditCodeError::Empty));
        assert_eq!(CreditCode::parse("9137"), Err(CreditCodeError::Length(4)));
        assert_eq!(CreditCode::parse("9137I"), Err(CreditCodeError::Character { position: 5, found: 'I' }));
        let mut other = CreditCode::new_synthetic(7).as_str().to_string();
        other.replace_range(9..10, "5");
        assert_eq!(CreditCode::parse(&other), Err(CreditCodeError::Check));
    }

    proptest! {
        #[test]
        fn synthetic_codes_are_valid(seed in any::<u64>()) {
            let code = CreditCode::new_synthetic(seed);
            prop_assert_eq!(CreditCode::parse(&code.as_str().to_lowercase()), Ok(code));
        }

        #[test]
        fn any_text_is_answered(text in "\\PC{0,24}") {
            let _ = CreditCode::parse(&text);
        }
    }
}
