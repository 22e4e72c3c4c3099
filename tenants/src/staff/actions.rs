//! The actions around a staff session.

use platform::permit::{Action, Audience};

/// Anybody may try to sign in.
pub struct SignIn;
impl Action for SignIn {
    const NAME: &'static str = "staff.sign_in";
    const AUDIENCE: Audience = Audience::Public;
    // There is no session yet that a token could belong to; the origin of the request is checked for all requests.
    const TOKEN_IN_FORM: bool = true;
}

pub struct UseSession;
impl Action for UseSession {
    const NAME: &'static str = "staff.session";
    const AUDIENCE: Audience = Audience::Staff;
}
