//! What every page has around its own content: header, footer, and the guards of its forms.

use crate::portal::paths;

/// The frame of a page. Every `*Page` has one, called `chrome`, and `layout.html` reads it.
#[derive(Debug, Clone, Default)]
pub struct Chrome {
    /// "利津政务服务"
    pub site_name: String,
    /// The place the citizen chose, in short: "汀罗镇". None until they have chosen.
    pub place_name: Option<String>,
    /// Masked name of the person who is signed in.
    pub signed_in_name: Option<String>,
    /// The wish for large text, from its cookie.
    pub large_text: bool,
    /// Path and query of this page, so that switches come back to it.
    pub here: String,
    /// Token for every form that posts; hidden field `csrf`.
    pub csrf: String,
    /// True in a demonstration: the footer says that persons and numbers are invented.
    pub demonstration: bool,
}

impl Chrome {
    /// Value of `data-density` on the root element.
    pub fn density(&self) -> &'static str {
        if self.large_text { "large" } else { "portal" }
    }

    pub fn text_size_switch(&self) -> String {
        paths::text_size(!self.large_text, &self.here)
    }

    pub fn place_switch(&self) -> String {
        paths::places(&self.here)
    }

    pub fn sign_in(&self) -> String {
        paths::sign_in(&self.here)
    }
}

/// A link with its words.
#[derive(Debug, Clone, Default)]
pub struct Link {
    pub words: String,
    pub address: String,
}

/// A label with what there is to say about it: one line of a definition list.
#[derive(Debug, Clone, Default)]
pub struct Fact {
    pub label: String,
    pub text: String,
}

impl Fact {
    pub fn new(label: impl Into<String>, text: impl Into<String>) -> Fact {
        Fact { label: label.into(), text: text.into() }
    }
}

/// Numbers in groups of four, as people read them aloud: `3705 2226 0921 0047`.
pub fn in_groups(number: &str) -> String {
    let digits: Vec<char> = number.chars().filter(|c| !c.is_whitespace()).collect();
    digits.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<String>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_fours() {
        assert_eq!(in_groups("3705222609210047"), "3705 2226 0921 0047");
        assert_eq!(in_groups("37052"), "3705 2");
        assert_eq!(in_groups(""), "");
    }

    #[test]
    fn switches_come_back_to_the_page() {
        let chrome = Chrome { here: "/my".to_owned(), ..Chrome::default() };
        assert_eq!(chrome.text_size_switch(), "/text-size?size=large&back=%2Fmy");
        assert_eq!(chrome.density(), "portal");
    }
}
