//! `sealroom policy lint`: what a policy accepts and its reader may not have meant.

use super::file;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::Output;
use clap::{Args, ValueEnum};
use serde_json::json;
use std::path::PathBuf;

/// What is typed.
#[derive(Debug, Args)]
#[command(
    after_help = "Exits with 1 where the file is no policy, and names line and column. Every warning's id is in docs/policy.md.

Examples:
  sealroom policy lint production.toml
  sealroom policy lint production.toml --fail-on warning    exits with 6 where there is a warning"
)]
pub(crate) struct Typed {
    /// The policy, TOML or JSON
    policy: PathBuf,
    /// What makes the command fail
    #[arg(long, value_enum, default_value_t = FailOn::Error)]
    fail_on: FailOn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// No policy
    Error,
    /// A warning too
    Warning,
}

/// Checks.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<Exit, Failure> {
    let policy = file::read(&typed.policy)?;
    let warnings = policy.lint();
    let listed: Vec<_> = warnings
        .iter()
        .map(|warning| json!({ "id": warning.id, "accept_block": warning.block, "text": warning.text }))
        .collect();
    let mut text: String = warnings.iter().map(|warning| format!("{warning}\n")).collect();
    text.push_str(&match warnings.len() {
        0 => "a valid policy; no warnings".to_owned(),
        1 => "a valid policy; 1 warning".to_owned(),
        count => format!("a valid policy; {count} warnings"),
    });
    output.answer(json!({ "policy_sha256": file::sha256(&policy), "warnings": listed }), text)?;
    let fails = typed.fail_on == FailOn::Warning && !warnings.is_empty();
    Ok(if fails { Exit::Warnings } else { Exit::Done })
}
