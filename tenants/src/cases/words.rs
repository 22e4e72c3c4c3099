//! The words of a case that are stored as text with CHECK: each an enum with one stored name and one name for people.

macro_rules! stored_words {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $stored:literal, $label:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$variant_meta])* $variant,)+ }

        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];

            /// As stored and as in the API.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $stored,)+ }
            }

            /// As people say it.
            pub fn label(self) -> &'static str {
                match self { $($name::$variant => $label,)+ }
            }

            pub fn parse(text: &str) -> Option<$name> {
                match text { $($stored => Some($name::$variant),)+ _ => None }
            }
        }
    };
}

stored_words! {
    /// Where the papers came in.
    Channel {
        Village = "village", "村级代办";
        Window = "window", "窗口";
        Online = "online", "网上";
    }
}

stored_words! {
    /// What is true of the case, whoever has it.
    State {
        /// Being put together; has no number yet and can be thrown away.
        Draft = "draft", "正在填写";
        /// 收件: the papers are here, the organ has not yet taken the case.
        Received = "received", "已收件";
        /// 受理: the promise runs.
        Accepted = "accepted", "办理中";
        /// One notice has been given; the applicant has the word.
        Correcting = "correcting", "等补正";
        /// Decided; the result is on its way to the applicant.
        Decided = "decided", "已决定，待送达";
        Completed = "completed", "已办结";
        NotAccepted = "not_accepted", "不予受理";
        /// 退件: sent back without a decision.
        Returned = "returned", "已退件";
        Withdrawn = "withdrawn", "已撤回";
    }
}

stored_words! {
    /// How the case ends.
    Outcome {
        Granted = "granted", "准予";
        Refused = "refused", "不予";
        NotAccepted = "not_accepted", "不予受理";
        Returned = "returned", "退件";
        Withdrawn = "withdrawn", "撤回";
    }
}

stored_words! {
    /// Whether this tenant may act on the case. Of all tenants at most one holds it; in transit, none does.
    Custody {
        Held = "held", "在本单位";
        /// Handed on and not yet acknowledged.
        InTransit = "in_transit", "在途";
        Away = "away", "在别处";
        /// Nobody will act on it any more.
        Closed = "closed", "已了结";
    }
}

stored_words! {
    /// The heaps that clerks know.
    Bucket {
        Draft = "draft", "草稿";
        ToHandOn = "to_hand_on", "待移交";
        PreReview = "pre_review", "待预审";
        ToAccept = "to_accept", "待受理";
        Correcting = "correcting", "待补正";
        Paused = "paused", "已暂停";
        ToComplete = "to_complete", "待办结";
        ToDeliver = "to_deliver", "待送达";
        Elsewhere = "elsewhere", "在别处";
        Closed = "closed", "已了结";
    }
}
