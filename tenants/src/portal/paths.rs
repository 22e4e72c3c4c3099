//! Every address of the portal, once: patterns for the router, functions for links.
//!
//! Templates never spell an address, so a route that moves cannot leave a dead link behind.

pub const HOME: &str = "/";
pub const PLACES: &str = "/places";
pub const PLACE_CHOICE: &str = "/places/choose";
pub const TEXT_SIZE: &str = "/text-size";
pub const MATTERS: &str = "/matters";
pub const MATTER_PATTERN: &str = "/matters/{basic_code}";
pub const SIGN_IN: &str = "/sign-in";
pub const SIGN_IN_CODE: &str = "/sign-in/code";
pub const SIGN_OUT: &str = "/sign-out";
pub const APPLY_PATTERN: &str = "/apply/{basic_code}";
pub const DRAFT_PATTERN: &str = "/drafts/{case_id}";
pub const DRAFT_MATERIALS_PATTERN: &str = "/drafts/{case_id}/materials";
pub const DRAFT_MATERIAL_PATTERN: &str = "/drafts/{case_id}/materials/{material_code}";
pub const DRAFT_CHECK_PATTERN: &str = "/drafts/{case_id}/check";
pub const DRAFT_SUBMIT_PATTERN: &str = "/drafts/{case_id}/submit";
pub const FOLLOW: &str = "/follow";
pub const MY: &str = "/my";
pub const CASE_PATTERN: &str = "/cases/{case_id}";
pub const CASE_RECEIPT_PATTERN: &str = "/cases/{case_id}/receipt";
pub const CASE_RECEIPT_PRINT_PATTERN: &str = "/cases/{case_id}/receipt/print";
pub const CASE_MATERIAL_PATTERN: &str = "/cases/{case_id}/materials/{material_code}";
pub const CASE_SUPPLY_PATTERN: &str = "/cases/{case_id}/supply";
pub const CASE_WITHDRAW_PATTERN: &str = "/cases/{case_id}/withdraw";

/// Choosing a place, one level below `parent`; back to `back` afterwards.
pub fn places_below(parent: i64, back: &str) -> String {
    format!("{PLACES}?parent={parent}&back={}", encoded(back))
}

pub fn places(back: &str) -> String {
    format!("{PLACES}?back={}", encoded(back))
}

pub fn place_choice(division_id: i64, back: &str) -> String {
    format!("{PLACE_CHOICE}?id={division_id}&back={}", encoded(back))
}

/// Remembers large or ordinary text and returns to `back`.
pub fn text_size(large: bool, back: &str) -> String {
    let size = if large { "large" } else { "ordinary" };
    format!("{TEXT_SIZE}?size={size}&back={}", encoded(back))
}

pub fn sign_in(back: &str) -> String {
    format!("{SIGN_IN}?back={}", encoded(back))
}

pub fn matters_search(words: &str) -> String {
    format!("{MATTERS}?q={}", encoded(words))
}

pub fn matter(basic_code: &str) -> String {
    filled(MATTER_PATTERN, &[basic_code])
}

pub fn apply(basic_code: &str) -> String {
    filled(APPLY_PATTERN, &[basic_code])
}

pub fn draft(case_id: &str) -> String {
    filled(DRAFT_PATTERN, &[case_id])
}

pub fn draft_materials(case_id: &str) -> String {
    filled(DRAFT_MATERIALS_PATTERN, &[case_id])
}

pub fn draft_material(case_id: &str, material_code: &str) -> String {
    filled(DRAFT_MATERIAL_PATTERN, &[case_id, material_code])
}

pub fn draft_check(case_id: &str) -> String {
    filled(DRAFT_CHECK_PATTERN, &[case_id])
}

pub fn draft_submit(case_id: &str) -> String {
    filled(DRAFT_SUBMIT_PATTERN, &[case_id])
}

pub fn case(case_id: &str) -> String {
    filled(CASE_PATTERN, &[case_id])
}

pub fn case_receipt(case_id: &str) -> String {
    filled(CASE_RECEIPT_PATTERN, &[case_id])
}

pub fn case_receipt_print(case_id: &str) -> String {
    filled(CASE_RECEIPT_PRINT_PATTERN, &[case_id])
}

pub fn case_material(case_id: &str, material_code: &str) -> String {
    filled(CASE_MATERIAL_PATTERN, &[case_id, material_code])
}

pub fn case_supply(case_id: &str) -> String {
    filled(CASE_SUPPLY_PATTERN, &[case_id])
}

pub fn case_withdraw(case_id: &str) -> String {
    filled(CASE_WITHDRAW_PATTERN, &[case_id])
}

/// Whether a `back` address that came with a request stays inside the portal. Anything else would let a link on our
/// own site send people elsewhere; handlers go to [`HOME`] then.
pub fn is_inside(back: &str) -> bool {
    back.starts_with('/') && !back.starts_with("//") && !back.contains('\\') && !back.chars().any(char::is_control)
}

fn encoded(part: &str) -> String {
    url::form_urlencoded::byte_serialize(part.as_bytes()).collect()
}

/// Puts the values into the places of the pattern, in order.
fn filled(pattern: &str, values: &[&str]) -> String {
    let mut values = values.iter();
    let parts = pattern.split('/').map(|part| match part.starts_with('{') {
        true => values.next().map(|value| encoded(value)).unwrap_or_default(),
        false => part.to_owned(),
    });
    parts.collect::<Vec<String>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_filled_in_order() {
        assert_eq!(draft_material("17", "M2"), "/drafts/17/materials/M2");
        assert_eq!(matter("a/b"), "/matters/a%2Fb");
        assert_eq!(sign_in("/matters?q=低保"), "/sign-in?back=%2Fmatters%3Fq%3D%E4%BD%8E%E4%BF%9D");
    }

    #[test]
    fn only_our_own_addresses_are_gone_back_to() {
        assert!(is_inside("/my"));
        for outside in ["", "my", "//evil.example", "https://evil.example", "/\\evil.example", "/my\r\nX: y"] {
            assert!(!is_inside(outside), "{outside:?}");
        }
    }
}
