//! The actions on a case, as casbin's policy and the permits name them.

use platform::permit::{Action, Audience};

macro_rules! actions {
    ($($(#[$meta:meta])* $name:ident = $stored:literal for $audience:ident $(, $in_form:ident)?;)+) => {
        $(
            $(#[$meta])*
            pub struct $name;
            impl Action for $name {
                const NAME: &'static str = $stored;
                const AUDIENCE: Audience = Audience::$audience;
                $(const TOKEN_IN_FORM: bool = actions!(@$in_form);)?
            }
        )+
    };
    (@form) => { true };
}

actions! {
    ReadCase = "case.read" for Staff;
    ListCases = "case.list" for Staff;
    /// Put a case together: draft, change, add papers.
    PrepareCase = "case.prepare" for Staff;
    FileCase = "case.file" for Staff;
    HandOnCase = "case.hand_on" for Staff;
    AcceptCase = "case.accept" for Staff;
    RefuseAcceptance = "case.refuse_acceptance" for Staff;
    AskCorrection = "case.ask_correction" for Staff;
    SupplyCorrection = "case.supply_correction" for Staff;
    ReviewCase = "case.review" for Staff;
    DecideCase = "case.decide" for Staff;
    DecideAtOnce = "case.decide_at_once" for Staff;
    DeliverCase = "case.deliver" for Staff;
    WithdrawCase = "case.withdraw" for Staff;
    SendBackCase = "case.send_back" for Staff;
    UnmaskApplicant = "case.unmask" for Staff;
    ReadMaterial = "material.read" for Staff;
    ReadEvents = "case.events" for Staff;
    /// The citizen's own acts.
    ReadOwnCase = "own_case.read" for Citizen;
    FileOwnCase = "own_case.file" for Citizen, form;
    WithdrawOwnCase = "own_case.withdraw" for Citizen, form;
    CorrectOwnCase = "own_case.correct" for Citizen, form;
    /// By number and the secret on the receipt.
    FollowCase = "case.follow" for Public, form;
}
