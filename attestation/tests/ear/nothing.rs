//! PURE. Nothing: see Cargo.toml.
