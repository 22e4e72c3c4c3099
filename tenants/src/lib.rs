//! Everything that happens inside a tenant, in vertical slices.
//!
//! Imports run one way: divisions, people → clock, catalogue, materials → staff → cases → exchange → portal → app. [`context`] holds what use
//! cases need of the world.

pub mod app;
pub mod bundles;
pub mod cases;
pub mod catalogue;
pub mod clock;
pub mod context;
pub mod divisions;
pub mod exchange;
pub mod materials;
pub mod people;
pub mod portal;
pub mod staff;
