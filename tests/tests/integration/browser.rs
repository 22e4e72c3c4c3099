//! The first half of the relay in a real browser; `make drill-relay` walks all of it.

use tests::drills::{Size, line_of, relay};

/// A machine without a browser fails here with what to run, rather than passing without having looked.
#[test]
fn a_case_is_filed_handed_on_and_accepted_in_a_browser() {
    let outcome = actix_web::rt::System::new().block_on(relay::run(Size::Short)).unwrap_or_else(|error| panic!("{error:#}"));
    assert!(outcome.passed, "{}", line_of(&outcome.figures));
}
