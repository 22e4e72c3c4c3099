//! The citizens' portal: pages that work without a script, on an old telephone, in large text.
//!
//! A page is a plain struct and a template. Handlers fill the struct and answer with it; a page never asks the
//! database, never decides who may do what, and never formats a date: it gets words and puts them in their place.
//!
//! - [`assets`] the style sheets, embedded in the program; [`paths`] every address of the portal, once.
//! - [`chrome`] what all pages have around them; [`components`] the parts of the design system.
//! - `pages_*` the pages: find a matter, sign in, apply, receipt, follow, errors.
//!
//! Deliberately absent: scripts, inline styles (the content security policy forbids both), and HTML in the data. The
//! one field that carries markup is the QR code of a receipt, made by our own program.
//! `cargo run -p tenants --example portal_preview -- <folder>` writes every page with sample data: the gallery.

pub mod assets;
pub mod chrome;
pub mod components;
pub mod errors;
pub mod forms;
pub mod pages_apply;
pub mod pages_case;
pub mod pages_error;
pub mod pages_find;
pub mod pages_guide;
pub mod pages_receipt;
pub mod pages_sign_in;
pub mod paths;
pub mod schema;
#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};
    fn templates() -> Vec<PathBuf> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        ["", "components", "portal"]
            .iter()
            .flat_map(|folder| std::fs::read_dir(root.join(folder)).expect("the templates are beside the sources"))
            .map(|entry| entry.expect("a template can be listed").path())
            .filter(|path| path.is_file())
            .collect()
    }
    /// The content security policy forbids inline scripts and styles; a page that used them would break silently.
    #[test]
    fn templates_hold_no_script_and_no_inline_style() {
        for path in templates() {
            let text = std::fs::read_to_string(&path).expect("a template can be read");
            for forbidden in ["<script", "style=", "<style", "onclick", "onload", "onchange", "javascript:"] {
                assert!(!text.contains(forbidden), "{forbidden} in {}", path.display());
            }
        }
    }
    /// Escaping is switched off once: for the QR code of a receipt.
    #[test]
    fn only_the_qr_code_goes_unescaped() {
        let unescaped: usize =
            templates().iter().map(|path| std::fs::read_to_string(path).expect("a template can be read").matches("|safe").count()).sum();
        assert_eq!(unescaped, 1);
    }
    #[test]
    fn every_form_that_posts_carries_its_token() {
        for path in templates() {
            let text = std::fs::read_to_string(&path).expect("a template can be read");
            let posts = text.matches("method=\"post\"").count();
            assert_eq!(text.matches("name=\"csrf\"").count(), posts, "{}", path.display());
        }
    }
    #[test]
    fn every_part_says_what_it_takes_and_shows_an_example() {
        for path in templates().into_iter().filter(|path| path.parent().is_some_and(|folder| folder.ends_with("components"))) {
            let text = std::fs::read_to_string(&path).expect("a template can be read");
            assert!(text.starts_with("{#-") && text.contains("Parameters:") && text.contains("Example:"), "{}", path.display());
        }
    }
}

/// Every page of the portal.
pub fn routes(_: &mut actix_web::web::ServiceConfig) {}
