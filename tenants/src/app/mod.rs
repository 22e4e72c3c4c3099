//! The whole product, put together: every route, job and permission in one list.
//!
//! [`parts`] connects to the world, [`http`] is what a browser and a program reach, [`work`] is what happens behind it, [`cli`] is what an
//! operator types.

pub mod cli;
pub mod demo;
pub mod doctor;
pub mod http;
pub mod openapi;
pub mod parts;
pub mod verify;
pub mod work;
