//! The name of a person as it stands in the identity card.

use std::fmt;

/// A name: 1 to 50 characters, letters with `·` between the parts of names of minorities, spaces in foreign ones.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PersonName(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PersonNameError {
    #[error("请填姓名，和身份证上一样")]
    Empty,
    #[error("姓名最多 {PERSON_NAME_MAX_CHARACTERS} 个字，您填了 {0} 个")]
    Length(usize),
    #[error("姓名里有“{0}”，请只填和身份证上一样的字")]
    Character(char),
    #[error("姓名的开头或结尾不能是“{0}”")]
    Edge(char),
}

pub const PERSON_NAME_MAX_CHARACTERS: usize = 50;

const MIDDLE_DOT: char = '·';
const FAMILY_NAMES: [&str; 20] =
    ["王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林", "何", "郭", "马", "罗"];
const MIDDLE_CHARACTERS: [&str; 12] = ["", "秀", "建", "桂", "志", "玉", "国", "春", "文", "海", "永", "德"];
const LAST_CHARACTERS: [&str; 16] = ["英", "军", "兰", "华", "芳", "强", "梅", "平", "民", "霞", "勇", "凤", "明", "山", "敏", "义"];

impl PersonName {
    /// Reads a name. Every dot that keyboards offer becomes the one of the identity card, runs of spaces become one.
    pub fn parse(text: &str) -> Result<PersonName, PersonNameError> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let name: String = words.join(" ").chars().map(|character| if is_dot(character) { MIDDLE_DOT } else { character }).collect();
        let length = name.chars().count();
        if length == 0 {
            return Err(PersonNameError::Empty);
        }
        if length > PERSON_NAME_MAX_CHARACTERS {
            return Err(PersonNameError::Length(length));
        }
        if let Some(stranger) = name.chars().find(|character| !is_allowed(*character)) {
            return Err(PersonNameError::Character(stranger));
        }
        for edge in [name.chars().next(), name.chars().next_back()].into_iter().flatten() {
            if !edge.is_alphabetic() {
                return Err(PersonNameError::Edge(edge));
            }
        }
        Ok(PersonName(name))
    }

    /// A name for demonstrations and tests, out of the commonest characters.
    pub fn new_synthetic(seed: u64) -> PersonName {
        let pick = |from: &[&'static str], by: u64| from[(seed / by % from.len() as u64) as usize];
        let family = pick(&FAMILY_NAMES, 1);
        let last = pick(&LAST_CHARACTERS, FAMILY_NAMES.len() as u64);
        let middle = pick(&MIDDLE_CHARACTERS, (FAMILY_NAMES.len() * LAST_CHARACTERS.len()) as u64);
        PersonName(format!("{family}{middle}{last}"))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// First and last character of a name of three and more (陈*兰), the first of a shorter one (刘*).
    pub fn masked(&self) -> String {
        let first: String = self.0.chars().take(1).collect();
        match self.0.chars().count() {
            1 => "*".to_string(),
            2 => format!("{first}*"),
            _ => format!("{first}*{}", self.0.chars().next_back().expect("a name has characters")),
        }
    }
}

impl fmt::Debug for PersonName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PersonName({})", self.masked())
    }
}

fn is_dot(character: char) -> bool {
    matches!(character, '·' | '•' | '・' | '‧' | '∙' | '⋅' | '．')
}

fn is_allowed(character: char) -> bool {
    character.is_alphabetic() || matches!(character, MIDDLE_DOT | ' ' | '-' | '\'' | '.')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_masked() {
        let masked = |text: &str| PersonName::parse(text).expect(text).masked();
        assert_eq!(masked("陈秀兰"), "陈*兰");
        assert_eq!(masked("刘芳"), "刘*");
        assert_eq!(masked("丁"), "*");
        assert_eq!(masked("欧阳志远"), "欧*远");
        assert_eq!(masked("买买提•吐尔逊"), "买*逊");
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(PersonName::parse(" \u{3000}"), Err(PersonNameError::Empty));
        assert_eq!(PersonName::parse("陈秀兰1"), Err(PersonNameError::Character('1')));
        assert_eq!(PersonName::parse("·陈"), Err(PersonNameError::Edge('·')));
        assert_eq!(PersonName::parse(&"陈".repeat(51)), Err(PersonNameError::Length(51)));
        assert_eq!(PersonName::parse("<b>陈"), Err(PersonNameError::Character('<')));
    }

    proptest! {
        #[test]
        fn synthetic_names_are_names(seed in any::<u64>()) {
            let name = PersonName::new_synthetic(seed);
            prop_assert_eq!(PersonName::parse(name.as_str()), Ok(name));
        }

        #[test]
        fn a_masked_name_shows_two_characters_at_most(text in "\\PC{0,60}") {
            if let Ok(name) = PersonName::parse(&text) {
                prop_assert!(name.masked().chars().count() <= 3);
            }
        }
    }
}
