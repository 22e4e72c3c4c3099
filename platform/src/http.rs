//! HTTP plumbing: one error type for every handler, who may call from where, health.

pub mod health;
pub mod origin;
pub mod problem;
pub mod telemetry;
