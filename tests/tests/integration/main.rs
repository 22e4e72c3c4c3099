//! One binary, so that all tests share the servers of one process; each has a database of its own.

mod browser;
mod drills;
mod portal;
mod portal_cases;
mod portal_sessions;
mod relay;
