//! Bundles: a jurisdiction as a folder of files that people can read, compare and correct.
//!
//! Words: **bundle** – divisions, departments, matters, offerings, delegations and posts of one province and what lies below ·
//! **department template** – a department that every tenant of a level has · **offering** – a tenant that has claimed a
//! matter · **delegation** – a power of one tenant used by another · **post** (岗位) – a person, a department and a role ·
//! **problem** – what is wrong in a file, with its place and its cure.
//!
//! Invariants
//! - Reading changes nothing and finds every problem at once; a bundle with an error is never applied.
//! - A bundle names no password, no secret and no real person.
//! - Files are read from disk, not built in: a county can correct a guide without a new program.

pub mod apply;
pub mod bundle;
pub mod folder;
pub mod parts;
pub mod problem;
pub mod read;
pub mod validate;
