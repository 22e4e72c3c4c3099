//! Benchmarks: figures of one run of one machine, as ratios against something measured beside them.

pub mod accept;
pub mod case;
mod pgbench;
mod rig;
mod wire;
