//! The twelve-digit division code: 2 province + 2 city + 2 county + 3 town + 3 village.
//!
//! It promises that a value is well formed, and that its place in the tree can be computed from it alone. Four odd cases
//! of the national list, none of which is an error:
//! - **Counties directly under a province** (429004) carry a city part of 90 that no government stands behind. Their
//!   `parent_code` is that placeholder (429000000000), which is a division and not a tenant: use `ancestors` and take
//!   the first that is registered. The 市辖区 of the four municipalities (110100000000) are of the same sort.
//! - **Cities without counties** (4419, 4420, 4604) have towns with a county part of 00 (441900003000). City and county
//!   share one code and are one tenant; `level` says city, and `parent_code` of such a town is the city.
//! - **Statistical pseudo-units** have a town part of 400-599 (zones, farms). They are counted in statistics and have no
//!   organ that could accept anything: `is_statistical`.
//! - One county (350527) is listed without anything below it.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A well-formed division code. Ordered by value, which is also the order of the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DivisionCode(i64);

/// The level of a division. The numbers are those of 行使层级.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    Province = 2,
    City = 3,
    County = 4,
    Town = 5,
    Village = 6,
}

/// Why something is not a division code, in words for the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DivisionCodeError {
    #[error("行政区划代码应为 12 位数字，您填了 {0} 位")]
    Length(usize),
    #[error("行政区划代码只能是数字，第 {position} 位是“{found}”")]
    NotADigit { position: usize, found: char },
    #[error("行政区划代码的前两位“{0:02}”不是省级代码")]
    Province(i64),
    #[error("行政区划代码 {0} 缺了中间一级：下级不为零，上级却是零")]
    Gap(i64),
}

/// Number of digits of a code.
pub const DIVISION_CODE_DIGITS: usize = 12;

const PROVINCE_SPAN: i64 = 10_000_000_000;
const CITY_SPAN: i64 = 100_000_000;
const COUNTY_SPAN: i64 = 1_000_000;
const TOWN_SPAN: i64 = 1_000;
/// Province parts run from 11 (Beijing) to 82 (Macao).
const PROVINCE_PARTS: RangeInclusive<i64> = 11..=82;
const STATISTICAL_TOWN_PARTS: RangeInclusive<i64> = 400..=599;

impl DivisionCode {
    pub fn new(value: i64) -> Result<DivisionCode, DivisionCodeError> {
        if !(0..100 * PROVINCE_SPAN).contains(&value) {
            return Err(DivisionCodeError::Length(value.unsigned_abs().to_string().len()));
        }
        let province = value / PROVINCE_SPAN;
        if !PROVINCE_PARTS.contains(&province) {
            return Err(DivisionCodeError::Province(province));
        }
        let city = value % PROVINCE_SPAN / CITY_SPAN;
        let county = value % CITY_SPAN / COUNTY_SPAN;
        let town = value % COUNTY_SPAN / TOWN_SPAN;
        let village = value % TOWN_SPAN;
        // A county part of 00 above a town is a city without counties, so only these two are gaps.
        let town_without_city = city == 0 && (county != 0 || town != 0);
        if town_without_city || (town == 0 && village != 0) {
            return Err(DivisionCodeError::Gap(value));
        }
        Ok(DivisionCode(value))
    }

    /// Reads twelve digits; surrounding space and full-width digits are accepted.
    pub fn parse(text: &str) -> Result<DivisionCode, DivisionCodeError> {
        let digits = crate::divisions::case_number::half_width(text.trim());
        for (index, character) in digits.chars().enumerate() {
            if !character.is_ascii_digit() {
                return Err(DivisionCodeError::NotADigit { position: index + 1, found: character });
            }
        }
        if digits.len() != DIVISION_CODE_DIGITS {
            return Err(DivisionCodeError::Length(digits.len()));
        }
        let value = digits.parse().map_err(|_| DivisionCodeError::Length(digits.len()))?;
        DivisionCode::new(value)
    }

    pub fn value(self) -> i64 {
        self.0
    }

    pub fn level(self) -> Level {
        if self.0 % TOWN_SPAN != 0 {
            Level::Village
        } else if self.0 % COUNTY_SPAN != 0 {
            Level::Town
        } else if self.0 % CITY_SPAN != 0 {
            Level::County
        } else if self.0 % PROVINCE_SPAN != 0 {
            Level::City
        } else {
            Level::Province
        }
    }

    /// The division above, by the digits alone; `None` for a province. It may be a placeholder without a tenant, see above.
    pub fn parent_code(self) -> Option<DivisionCode> {
        self.ancestors().into_iter().nth(1)
    }

    /// This division first, then everything above it, the province last. Levels that share one code appear once.
    pub fn ancestors(self) -> Vec<DivisionCode> {
        let mut chain = vec![self];
        for span in [TOWN_SPAN, COUNTY_SPAN, CITY_SPAN, PROVINCE_SPAN] {
            let above = DivisionCode(self.0 / span * span);
            if chain.last() != Some(&above) {
                chain.push(above);
            }
        }
        chain
    }

    /// The division of that level in which this one lies, itself included; `None` where it lies above that level.
    /// A city without counties answers for its county level as well.
    pub fn ancestor(self, level: Level) -> Option<DivisionCode> {
        if level as u8 > self.level() as u8 {
            return None;
        }
        Some(DivisionCode(self.0 / level.span() * level.span()))
    }

    /// The codes of this division and of everything below it.
    pub fn subtree(self) -> RangeInclusive<i64> {
        self.0..=self.0 + self.level().span() - 1
    }

    pub fn contains(self, other: DivisionCode) -> bool {
        self.subtree().contains(&other.0)
    }

    /// Whether this is, or lies under, a unit that exists in statistics only.
    pub fn is_statistical(self) -> bool {
        STATISTICAL_TOWN_PARTS.contains(&(self.0 % COUNTY_SPAN / TOWN_SPAN))
    }
}

impl Level {
    pub fn number(self) -> u8 {
        self as u8
    }

    pub fn from_number(number: u8) -> Option<Level> {
        match number {
            2 => Some(Level::Province),
            3 => Some(Level::City),
            4 => Some(Level::County),
            5 => Some(Level::Town),
            6 => Some(Level::Village),
            _ => None,
        }
    }

    /// The level in one general word, where no particular place is meant.
    pub fn name(self) -> &'static str {
        match self {
            Level::Province => "省",
            Level::City => "市",
            Level::County => "县（市、区）",
            Level::Town => "镇（街道）",
            Level::Village => "村（社区）",
        }
    }

    fn span(self) -> i64 {
        match self {
            Level::Province => PROVINCE_SPAN,
            Level::City => CITY_SPAN,
            Level::County => COUNTY_SPAN,
            Level::Town => TOWN_SPAN,
            Level::Village => 1,
        }
    }
}

/// The one or two characters by which the custody mark names a place: 村 镇 县 by what the place calls itself.
pub fn short_word(level: Level, name: &str) -> &'static str {
    let endings: &[(&str, &str)] = match level {
        Level::Province => &[("自治区", "区"), ("特别行政区", "区"), ("市", "市")],
        Level::City => &[("自治州", "州"), ("州", "州"), ("地区", "地区"), ("盟", "盟")],
        Level::County => &[("自治县", "县"), ("县", "县"), ("区", "区"), ("市", "市"), ("旗", "旗")],
        Level::Town => &[("街道", "街"), ("街道办事处", "街"), ("乡", "乡"), ("镇", "镇")],
        Level::Village => &[("社区", "社区"), ("居委会", "社区"), ("居民委员会", "社区")],
    };
    let otherwise = match level {
        Level::Province => "省",
        Level::City => "市",
        Level::County => "县",
        Level::Town => "镇",
        Level::Village => "村",
    };
    endings.iter().find(|(ending, _)| name.ends_with(ending)).map_or(otherwise, |(_, word)| word)
}

impl fmt::Display for DivisionCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:012}", self.0)
    }
}

impl FromStr for DivisionCode {
    type Err = DivisionCodeError;

    fn from_str(text: &str) -> Result<DivisionCode, DivisionCodeError> {
        DivisionCode::parse(text)
    }
}

impl TryFrom<i64> for DivisionCode {
    type Error = DivisionCodeError;

    fn try_from(value: i64) -> Result<DivisionCode, DivisionCodeError> {
        DivisionCode::new(value)
    }
}

impl From<DivisionCode> for i64 {
    fn from(code: DivisionCode) -> i64 {
        code.0
    }
}

/// Written as a number, which fits the 53 bits of a browser's.
impl Serialize for DivisionCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0)
    }
}

/// Read from a number or from a string of digits.
impl<'de> Deserialize<'de> for DivisionCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<DivisionCode, D::Error> {
        struct NumberOrText;

        impl Visitor<'_> for NumberOrText {
            type Value = DivisionCode;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("12 位行政区划代码")
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<DivisionCode, E> {
                DivisionCode::new(value).map_err(E::custom)
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<DivisionCode, E> {
                let value = i64::try_from(value).map_err(E::custom)?;
                DivisionCode::new(value).map_err(E::custom)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<DivisionCode, E> {
                DivisionCode::parse(text).map_err(E::custom)
            }
        }

        deserializer.deserialize_any(NumberOrText)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code(value: i64) -> DivisionCode {
        DivisionCode::new(value).expect("a code written in a test is valid")
    }

    #[test]
    fn levels_and_parents_follow_the_digits() {
        let village = code(370522104201);
        let chain: Vec<(i64, Level)> = village.ancestors().into_iter().map(|above| (above.value(), above.level())).collect();
        assert_eq!(
            chain,
            [
                (370522104201, Level::Village),
                (370522104000, Level::Town),
                (370522000000, Level::County),
                (370500000000, Level::City),
                (370000000000, Level::Province),
            ]
        );
        assert_eq!(code(370522000000).subtree(), 370522000000..=370522999999);
        assert_eq!(code(370000000000).parent_code(), None);
    }

    #[test]
    fn odd_cases_of_the_national_list_are_codes() {
        // A town of a city without counties hangs on the city itself.
        let town = code(441900003000);
        assert_eq!(town.parent_code(), Some(code(441900000000)));
        assert_eq!(town.ancestor(Level::County), Some(code(441900000000)));
        // A county directly under a province hangs on a placeholder.
        assert_eq!(code(429004000000).parent_code(), Some(code(429000000000)));
        assert!(code(370502400000).is_statistical() && code(370502400001).is_statistical());
        assert!(!code(370502105000).is_statistical());
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(DivisionCode::parse("3705"), Err(DivisionCodeError::Length(4)));
        assert_eq!(DivisionCode::parse("37052210400a"), Err(DivisionCodeError::NotADigit { position: 12, found: 'a' }));
        assert_eq!(DivisionCode::parse("990000000000"), Err(DivisionCodeError::Province(99)));
        assert_eq!(DivisionCode::new(370500000001), Err(DivisionCodeError::Gap(370500000001)));
        assert_eq!(DivisionCode::new(370022000000), Err(DivisionCodeError::Gap(370022000000)));
        assert!(DivisionCode::new(-370522000000).is_err() && DivisionCode::new(i64::MIN).is_err());
    }

    #[test]
    fn json_writes_a_number_and_reads_both() {
        assert_eq!(serde_json::to_string(&code(370522000000)).expect("numbers serialise"), "370522000000");
        for text in ["370522000000", "\"370522000000\"", "\"３７０５２２００００００\""] {
            assert_eq!(serde_json::from_str::<DivisionCode>(text).expect(text), code(370522000000));
        }
        assert!(serde_json::from_str::<DivisionCode>("12").is_err());
    }

    #[test]
    fn places_are_called_as_they_call_themselves() {
        assert_eq!(short_word(Level::Town, "汀罗镇"), "镇");
        assert_eq!(short_word(Level::Town, "明集乡"), "乡");
        assert_eq!(short_word(Level::Town, "利津街道"), "街");
        assert_eq!(short_word(Level::County, "垦利区"), "区");
        assert_eq!(short_word(Level::Village, "前梁村"), "村");
        assert_eq!(short_word(Level::Village, "锦华社区"), "社区");
    }

    proptest! {
        #[test]
        fn reading_back_gives_the_same(province in 11i64..=82, city in 1i64..100, county in 1i64..100, town in 1i64..1000, village in 0i64..1000) {
            let value = province * PROVINCE_SPAN + city * CITY_SPAN + county * COUNTY_SPAN + town * TOWN_SPAN + village;
            let code = DivisionCode::new(value).expect("every part is there");
            prop_assert_eq!(DivisionCode::parse(&code.to_string()), Ok(code));
            for above in code.ancestors() {
                prop_assert!(above.contains(code));
                prop_assert_eq!(code.ancestor(above.level()), Some(above));
            }
        }

        #[test]
        fn any_text_is_answered(text in "\\PC{0,20}") {
            let _ = DivisionCode::parse(&text);
        }

        #[test]
        fn siblings_never_overlap(first in 370501i64..370600, second in 370501i64..370600) {
            prop_assume!(first != second);
            let (first, second) = (code(first * COUNTY_SPAN), code(second * COUNTY_SPAN));
            prop_assert!(!first.contains(second) && !second.contains(first));
        }
    }
}
