//! One binary, so that all tests share the servers of one process; each has a database of its own.

mod acts;
mod browser;
mod database;
mod drills;
mod exchange;
mod filing;
mod identity;
mod isolation;
mod matters;
mod one_statement;
mod openapi;
mod portal;
mod portal_cases;
mod portal_sessions;
mod relay;
mod tidy;
