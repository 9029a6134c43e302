//! The contract: TOML text that every party signs.

mod terms;

pub use terms::*;
