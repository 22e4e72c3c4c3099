//! The building: what every tenant stands on, without a word of government vocabulary.
//!
//! Reading order: [`config`] → [`db`] (scopes and row-level security) → [`actor`], [`session`], [`permit`] (who acts, and whether they may)
//! → [`jobs`] (queue, outbox, inbox) → [`blob`], [`mail`], [`sms`] (the world outside) → [`http`] → [`embedded`] (all of it on one machine).
//!
//! Promises: a statement without a scope is refused by the database itself; nothing slow happens inside a transaction; personal data is
//! sealed by [`crypto`] before it reaches a table; time comes from [`time::Clock`], never from the database.

pub mod actor;
pub mod audit;
pub mod blob;
pub mod config;
pub mod crypto;
pub mod db;
pub mod embedded;
pub mod http;
pub mod jobs;
pub mod limit;
pub mod mail;
pub mod password;
pub mod permit;
pub mod session;
pub mod sms;
pub mod tenant;
pub mod time;
