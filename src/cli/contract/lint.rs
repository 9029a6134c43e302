//! `sealroom contract lint`: rules and warnings.

use crate::cli::exit::{Exit, Failure};
use crate::cli::output::Output;
use crate::cli::typed;
use clap::{Args, ValueEnum};
use sealroom_protocol::contract::{Warning, lint, lint_together};
use serde_json::json;
use std::path::PathBuf;

/// What is typed.
#[derive(Debug, Args)]
#[command(
    after_help = "Exits with 2 where a rule is broken, and names the line. Several contracts are also compared with each other.

Examples:
  sealroom contract lint heart.toml
  sealroom contract lint heart.toml lungs.toml --fail-on warning    exits with 6 where there is a warning"
)]
pub(crate) struct Typed {
    /// Contract texts or signed files
    #[arg(required = true)]
    contracts: Vec<PathBuf>,
    /// What makes the command fail
    #[arg(long, value_enum, default_value_t = FailOn::Error)]
    fail_on: FailOn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// A broken rule
    Error,
    /// A warning too
    Warning,
}

/// Checks.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<Exit, Failure> {
    let contracts = typed.contracts.iter().map(|path| typed::contract(path)).collect::<Result<Vec<_>, _>>()?;
    let mut warnings: Vec<(String, Warning)> = Vec::new();
    for (path, contract) in typed.contracts.iter().zip(&contracts) {
        let name = path.display().to_string();
        warnings.extend(lint(contract).into_iter().map(|warning| (name.clone(), warning)));
    }
    if contracts.len() > 1 {
        let all: Vec<&_> = contracts.iter().collect();
        warnings.extend(lint_together(&all).into_iter().map(|warning| ("together".to_owned(), warning)));
    }
    let listed: Vec<_> = warnings
        .iter()
        .map(|(file, warning)| json!({ "file": file, "id": warning.id.word(), "about": warning.about, "text": warning.text }))
        .collect();
    let mut text: String = warnings.iter().map(|(file, warning)| format!("{file}: {warning}\n")).collect();
    text.push_str(&match (contracts.len(), warnings.len()) {
        (1, 0) => "every rule holds; no warnings".to_owned(),
        (1, count) => format!("every rule holds; {count} warnings"),
        (contracts, count) => format!("every rule holds in {contracts} contracts; {count} warnings"),
    });
    output.answer(json!({ "warnings": listed }), text)?;
    let fails = typed.fail_on == FailOn::Warning && !warnings.is_empty();
    Ok(if fails { Exit::Warnings } else { Exit::Done })
}
