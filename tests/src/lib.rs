//! The harness: real PostgreSQL, Redis, object store, mail and HTTP for every test, each in a database of its own.
//!
//! [`world`] starts the servers once for a test process; [`house`] is one platform in them (database from a template, its own keys, bucket,
//! mail folder and clock); [`person`] speaks HTTP as an officer, [`visitor`] as a browser in the portal; [`relay`] walks a case from village
//! to county and back as five of them; [`seed`] fills the desks.
//!
//! Nothing here waits for time: the clock is set by the test, and [`house::House::settle`] does what a worker has to do until nothing is left.

pub mod benches;
pub mod drills;
pub mod house;
pub mod matters;
pub mod person;
pub mod raw;
pub mod relay;
pub mod seed;
pub mod visitor;
pub mod world;
