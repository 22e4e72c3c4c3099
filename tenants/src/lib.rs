//! Everything that happens inside a tenant, in vertical slices.

pub mod app;
pub mod bundles;
pub mod cases;
pub mod catalogue;
pub mod clock;
pub mod divisions;
pub mod exchange;
pub mod materials;
pub mod people;
pub mod portal;
