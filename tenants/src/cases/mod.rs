//! Cases.

pub mod relay;
