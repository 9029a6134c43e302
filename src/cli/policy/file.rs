//! Policies in files: TOML as people write them, JSON as programs do. Told apart by the first character.

use crate::cli::evidence_file;
use crate::cli::exit::Failure;
use sealroom::attestation::{CryptoProvider, Policy};
use std::path::Path;

/// The policy in a file. A file that is no policy is wrong usage: of a text, with line and column.
pub(in crate::cli) fn read(path: &Path) -> Result<Policy, Failure> {
    let of = |error: &dyn core::fmt::Display| Failure::local(format!("{}: {error}", path.display()));
    let bytes = evidence_file::read_given(path)?;
    let text = String::from_utf8(bytes).map_err(|error| of(&error))?;
    let policy = if text.trim_start().starts_with('{') { Policy::from_json(&text) } else { Policy::from_toml(&text) };
    policy.map_err(|error| {
        of(&error).hint(
            "docs/policy.md has every field; sealroom appraise EVIDENCE without --policy prints a policy to begin with",
        )
    })
}

/// The policy's hash, 64 digits.
pub(in crate::cli) fn sha256(policy: &Policy) -> String {
    hex::encode(policy.hash(CryptoProvider::ring()).as_bytes())
}
