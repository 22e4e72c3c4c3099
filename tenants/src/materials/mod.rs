//! Papers as bytes: what kind of file it is, how many pages it has, whether it may come in.

pub mod inspect;
