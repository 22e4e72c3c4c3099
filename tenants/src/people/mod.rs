//! What identifies a person or an organization: name, identity number, telephone, credit code.
//!
//! Words: **masked** – the form that may be shown without a reason · **synthetic** – made for demonstrations and tests from a
//! seed: well formed, and recognisable as nobody's.
//!
//! Invariants
//! - A value of these types has passed its checks, and keeps the plain form: half-width, no separators, capital X.
//! - `Debug` shows the masked form, so a log line or a failed assertion gives nobody away. `Display` is absent for the
//!   same reason: whoever needs the full text asks for `as_str`.
//! - Errors name what is wrong in words for the person who typed it, and never repeat the whole value.

pub mod credit_code;
pub mod identity_number;
pub mod person_name;
pub mod telephone;
