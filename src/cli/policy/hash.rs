//! `sealroom policy hash`: one policy has one hash, whatever its layout.

use super::file;
use crate::cli::exit::Failure;
use crate::cli::output::Output;
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

/// What is typed.
#[derive(Debug, Args)]
#[command(
    after_help = "The hash is over the values, so comments, layout and the choice of TOML or JSON do not change it. Verdicts carry it.
Exits with 1 where the file is no policy.

Example:
  sealroom policy hash production.toml"
)]
pub(crate) struct Typed {
    /// The policy, TOML or JSON
    policy: PathBuf,
}

/// Prints it.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let policy = file::read(&typed.policy)?;
    let hash = file::sha256(&policy);
    output.answer(json!({ "policy": policy.name(), "policy_sha256": hash }), format!("sha256:{hash}"))
}
