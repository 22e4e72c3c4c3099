//! The citizens' portal: pages that work without a script, on an old telephone, in large text.
//!
//! A page is a plain struct and a template. Handlers fill the struct and answer with it; a page never asks the
//! database, never decides who may do what, and never formats a date: it gets words and puts them in their place.
//!
//! - [`assets`] the style sheets, embedded in the program; [`paths`] every address of the portal, once.
//! - [`chrome`] what all pages have around them; [`components`] the parts of the design system.
//! - one file per use case, each handler with its permit in its signature: [`home`] [`places`] [`matters`] [`guide`], [`sign_in`] [`sign_out`],
//!   [`apply`] [`draft`] [`materials`] [`check`] [`submit`] [`receipt`], [`follow`] [`my`] [`own_case`] [`correct`] [`withdraw`].
//! - [`visitor`] what a request tells of its visitor; [`own_cases`] the only way from a citizen to a file; [`errors`] problems as pages.
//! - `pages_*` the pages: find a matter, sign in, apply, receipt, follow, errors.
//!
//! Deliberately absent: scripts, inline styles (the content security policy forbids both), and HTML in the data. The
//! one field that carries markup is the QR code of a receipt, made by our own program.
//! `cargo run -p tenants --example portal_preview -- <folder>` writes every page with sample data: the gallery.

pub mod actions;
pub mod application;
pub mod apply;
pub mod assets;
pub mod case_page;
pub mod check;
pub mod chrome;
pub mod citizens;
pub mod components;
pub mod correct;
pub mod counter_receipt;
pub mod draft;
pub mod errors;
pub mod follow;
pub mod forms;
pub mod guide;
pub mod home;
pub mod input;
pub mod limits;
pub mod materials;
pub mod matters;
pub mod my;
pub mod own_case;
pub mod own_cases;
pub mod pages_apply;
pub mod pages_case;
pub mod pages_error;
pub mod pages_find;
pub mod pages_guide;
pub mod pages_receipt;
pub mod pages_sign_in;
pub mod paths;
pub mod places;
pub mod receipt;
pub mod receipt_facts;
pub mod reply;
pub mod schema;
pub mod sign_in;
pub mod sign_in_code;
pub mod sign_out;
pub mod submit;
pub mod text_size;
pub mod ticket;
pub mod upload;
pub mod visitor;
pub mod ways;
pub mod withdraw;

use actix_web::web::ServiceConfig;

/// Every page of the portal.
pub fn routes(config: &mut ServiceConfig) {
    config.app_data(input::config());
    find_routes(config);
    session_routes(config);
    apply_routes(config);
    case_routes(config);
}

/// What anybody may read.
fn find_routes(config: &mut ServiceConfig) {
    config
        .service(assets::get_sheet)
        .service(home::show_home)
        .service(places::choose_place)
        .service(places::show_places)
        .service(text_size::choose_text_size)
        .service(matters::list_matters)
        .service(guide::show_guide);
}

fn session_routes(config: &mut ServiceConfig) {
    config
        .service(sign_in::show_sign_in)
        .service(sign_in::ask_for_code)
        .service(sign_in_code::begin_again)
        .service(sign_in_code::confirm_code)
        .service(sign_out::sign_out);
}

/// The one page of the portal's making that staff fetch through the API: the receipt that the counter prints.
pub fn api_routes(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config.service(counter_receipt::get_receipt).service(counter_receipt::print_receipt);
}

/// From the guide to the receipt.
fn apply_routes(config: &mut ServiceConfig) {
    config
        .service(apply::show_application)
        .service(apply::begin_application)
        .service(draft::show_draft)
        .service(draft::change_draft)
        .service(materials::show_materials)
        .service(materials::show_material)
        .service(materials::change_material)
        .service(check::show_check)
        .service(submit::back_to_check)
        .service(submit::submit_draft)
        .service(receipt::show_receipt)
        .service(receipt::print_receipt);
}

/// After filing.
fn case_routes(config: &mut ServiceConfig) {
    config
        .service(follow::ask_for_receipt)
        .service(follow::follow_case)
        .service(my::show_my)
        .service(own_case::show_own_case)
        .service(withdraw::ask_to_withdraw)
        .service(withdraw::withdraw_own_case)
        .service(correct::back_from_material)
        .service(correct::add_own_material)
        .service(correct::back_from_supply)
        .service(correct::supply_own_correction);
}

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
