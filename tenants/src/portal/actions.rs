//! The actions around a citizen's session, and what every visitor may do.

use platform::permit::{Action, Audience};

/// Anybody may try to sign in.
pub struct SignIn;
impl Action for SignIn {
    const NAME: &'static str = "citizen.sign_in";
    const AUDIENCE: Audience = Audience::Public;
    // There is no session yet that a token could belong to; the origin of the request is checked for all requests.
    const TOKEN_IN_FORM: bool = true;
}

pub struct SignOut;
impl Action for SignOut {
    const NAME: &'static str = "citizen.sign_out";
    const AUDIENCE: Audience = Audience::Citizen;
    const TOKEN_IN_FORM: bool = true;
}

/// A problem is explained to whoever may read a guide, also when the request that failed was a post.
pub struct ReadProblem;
impl Action for ReadProblem {
    const NAME: &'static str = "guide.read";
    const AUDIENCE: Audience = Audience::Public;
    // Nothing is changed by reading; the token of the failed post was somebody else's business.
    const TOKEN_IN_FORM: bool = true;
}
