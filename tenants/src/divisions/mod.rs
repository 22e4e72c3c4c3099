//! Administrative divisions: the code that names a place and its tenant, and the number of a case, which begins with one.
//!
//! Words: **division** (行政区划) – a place with a twelve-digit code · **level** – 2 province, 3 city, 4 county, 5 town,
//! 6 village · **subtree** – a division with everything below it, a contiguous range of codes · **tenant of origin** – the
//! division where a case was filed · **case number** (办件编号).
//!
//! Invariants
//! - The code of a division below another one lies in the range of the other, and in no range of its siblings.
//! - Text becomes a code or a case number only through the checks here; a value of these types is valid.
//!
//! Absent on purpose: a list of the divisions that exist. That is data (bundles, register of tenants).

pub mod case_number;
pub mod code;
