//! What an operator of such a platform would rehearse. Each drill sets up what it needs, shows progress, and prints its figures last, as
//! `key=value` on one line; it fails where it falls short.

pub mod chain;
pub mod relay;
pub mod relay_faults;
pub mod stack;
pub mod walls;

use std::future::Future;
use std::pin::Pin;

/// Figures of a drill, and whether they are good enough.
pub struct Outcome {
    pub figures: Vec<(&'static str, String)>,
    pub passed: bool,
}

pub type Run = fn(Size) -> Pin<Box<dyn Future<Output = anyhow::Result<Outcome>>>>;

/// `Short` is part of `make test`; `Full` is what an issue is shown by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    Short,
    Full,
}

pub struct Drill {
    pub name: &'static str,
    pub line: &'static str,
    pub run: Run,
}

pub const DRILLS: &[Drill] = &[
    Drill {
        name: "relay",
        line: "five people walk a case to the county and back through the real pages, in a browser",
        run: |size| Box::pin(relay::run(size)),
    },
    Drill {
        name: "relay-faults",
        line: "a thousand relays while workers, servers and PostgreSQL are killed at random",
        run: |size| Box::pin(relay_faults::run(size)),
    },
    Drill {
        name: "chain",
        line: "one byte of one event is changed in the database; verify names exactly that event",
        run: |size| Box::pin(chain::run(size)),
    },
    Drill {
        name: "walls",
        line: "each database scope of one tenant is tried against the rows of another",
        run: |size| Box::pin(walls::run(size)),
    },
];

/// The last line of a drill or benchmark.
pub fn line_of(figures: &[(&'static str, String)]) -> String {
    figures.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
}
