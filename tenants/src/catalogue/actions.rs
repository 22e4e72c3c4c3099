//! The actions on the catalogue.

use platform::permit::{Action, Audience};

/// What is published may be read by anybody.
pub struct ReadGuide;
impl Action for ReadGuide {
    const NAME: &'static str = "guide.read";
    const AUDIENCE: Audience = Audience::Public;
}
