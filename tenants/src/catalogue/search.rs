//! Finding a matter by the words people use for it.
//!
//! It promises that a matter is found by any part of its name, that one wrong character does not hide it, and that the order
//! is stable. The directory of a place has some thousand matters at most, so every one is scored; there is no index.

use super::matter::Matter;
use crate::divisions::case_number::half_width;

/// A matter that answers a query.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit<'matter> {
    pub matter: &'matter Matter,
    /// Greater is better; only the order means something.
    pub score: f64,
}

/// Longer queries are cut: nobody types more to find a service.
pub const QUERY_MAX_CHARACTERS: usize = 40;

/// How much a match in each part of a matter is worth.
const NAME_WEIGHT: f64 = 1.0;
const SYNONYM_WEIGHT: f64 = 0.95;
const SUMMARY_WEIGHT: f64 = 0.4;
/// How much each kind of match is worth.
const EXACT: f64 = 100.0;
const BEGINS: f64 = 80.0;
const CONTAINS: f64 = 70.0;
/// The query says more than the text: 怎么申请低保.
const CONTAINED: f64 = 60.0;
const ONE_CHARACTER_WRONG: f64 = 40.0;
const PAIRS: f64 = 50.0;
/// Share of the query's character pairs that a text must have to count as similar.
const PAIRS_SHARE_MIN: f64 = 0.5;

/// The matters that answer a query, best first, those with the same score in the given order. An empty query gives all.
pub fn search<'matter>(query: &str, matters: impl IntoIterator<Item = &'matter Matter>) -> Vec<Hit<'matter>> {
    let query: Vec<char> = plain(query).into_iter().take(QUERY_MAX_CHARACTERS).collect();
    let scored = matters.into_iter().map(|matter| Hit { matter, score: score(&query, matter) });
    let mut hits: Vec<Hit<'matter>> = scored.filter(|hit| query.is_empty() || hit.score > 0.0).collect();
    hits.sort_by(|left, right| right.score.total_cmp(&left.score));
    hits
}

fn score(query: &[char], matter: &Matter) -> f64 {
    if query.is_empty() {
        return 0.0;
    }
    let names = [&matter.name, &matter.short_name].map(|name| NAME_WEIGHT * named_score(query, name));
    let synonyms = matter.synonyms.iter().map(|synonym| SYNONYM_WEIGHT * named_score(query, synonym));
    let summary = SUMMARY_WEIGHT * text_score(query, &plain(&matter.summary));
    let code = if is_code_part(query, &matter.basic_code) { EXACT } else { 0.0 };
    names.into_iter().chain(synonyms).fold(summary.max(code), f64::max)
}

/// Names are short, so one wrong character still points at them; in running text it would point everywhere.
fn named_score(query: &[char], name: &str) -> f64 {
    let name = plain(name);
    let wrong = if has_one_wrong_character(query, &name) { ONE_CHARACTER_WRONG } else { 0.0 };
    text_score(query, &name).max(wrong)
}

fn text_score(query: &[char], text: &[char]) -> f64 {
    if query == text {
        EXACT
    } else if text.starts_with(query) {
        BEGINS
    } else if contains(text, query) {
        CONTAINS
    } else if text.len() >= 2 && contains(query, text) {
        CONTAINED
    } else {
        let share = pairs_share(query, text);
        if share >= PAIRS_SHARE_MIN { PAIRS * share } else { 0.0 }
    }
}

/// Four characters of a code are enough to mean it; fewer are only a number.
fn is_code_part(query: &[char], code: &str) -> bool {
    query.len() >= 4 && contains(&plain(code), query)
}

fn contains(text: &[char], part: &[char]) -> bool {
    !part.is_empty() && text.windows(part.len()).any(|window| window == part)
}

/// Of two characters one alone says too little, unless the name has no more (抵保 for 低保).
fn has_one_wrong_character(query: &[char], text: &[char]) -> bool {
    let differing = |window: &[char]| window.iter().zip(query).filter(|(left, right)| left != right).count();
    let says_enough = query.len() >= 3 || (query.len() == 2 && text.len() == 2);
    says_enough && text.windows(query.len()).any(|window| differing(window) <= 1)
}

/// How many of the query's neighbouring pairs of characters the text has.
fn pairs_share(query: &[char], text: &[char]) -> f64 {
    let pairs = query.len().saturating_sub(1);
    if pairs == 0 {
        return 0.0;
    }
    let found = query.windows(2).filter(|pair| contains(text, pair)).count();
    found as f64 / pairs as f64
}

/// Letters and digits only, half-width and small.
fn plain(text: &str) -> Vec<char> {
    half_width(text).to_lowercase().chars().filter(|character| character.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::examples::{disability_allowance, emergency_relief};
    use super::*;

    fn found(query: &str) -> Vec<String> {
        let matters = [disability_allowance(), emergency_relief()];
        search(query, &matters).into_iter().map(|hit| hit.matter.short_name.clone()).collect()
    }

    #[test]
    fn people_find_it_by_their_own_words() {
        assert_eq!(found("残疾补贴")[0], "残疾人两项补贴");
        assert_eq!(found("临时 救助")[0], "临时救助");
        assert_eq!(found("急难")[0], "临时救助");
        assert_eq!(found("怎么申请残疾补贴")[0], "残疾人两项补贴");
        assert_eq!(found("511008")[0], "临时救助");
        assert_eq!(found("３７０５１１０１４０００"), ["残疾人两项补贴"]);
        assert_eq!(found("").len(), 2);
        assert!(found("护照").is_empty());
        assert!(found("？！").len() == 2);
    }

    #[test]
    fn a_wrong_character_does_not_hide_a_matter() {
        for query in ["残疾补占", "惨疾补贴", "临时旧助", "两项补帖", "急男救助"] {
            assert!(!found(query).is_empty(), "{query}");
        }
    }

    proptest! {
        #[test]
        fn any_part_of_a_name_finds_it(start in 0usize..20, length in 3usize..20, wrong in prop::option::of(0usize..20)) {
            let matters = [emergency_relief(), disability_allowance()];
            let name: Vec<char> = matters[1].name.chars().collect();
            let start = start.min(name.len() - 3);
            let mut query: Vec<char> = name[start..(start + length).min(name.len())].to_vec();
            if let Some(position) = wrong {
                let position = position % query.len();
                query[position] = '龘';
            }
            let query: String = query.into_iter().collect();
            prop_assert!(search(&query, &matters).iter().any(|hit| hit.matter.basic_code == matters[1].basic_code));
        }

        #[test]
        fn any_query_is_answered(query in "\\PC{0,60}") {
            let matters = [disability_allowance()];
            prop_assert!(search(&query, &matters).len() <= 1);
        }
    }
}
