//! `sealroom contract verify`: whether every party signed this text.

use super::sign::signatures;
use crate::cli::exit::Failure;
use crate::cli::output::Output;
use crate::cli::typed;
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

/// What is typed.
#[derive(Debug, Args)]
#[command(after_help = "Exits with 4 where a signature is missing or does not hold.

Examples:
  sealroom contract verify heart.contract
  sealroom contract verify heart.contract --merge from-zurich.contract --merge from-budapest.contract")]
pub(crate) struct Typed {
    /// Signed file
    contract: PathBuf,
    /// Copies whose signatures are added to the file
    #[arg(long, value_name = "FILE")]
    merge: Vec<PathBuf>,
}

/// Verifies.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let mut file = typed::contract_file(&typed.contract)?;
    for path in &typed.merge {
        file.merge(&typed::contract_file(path)?)?;
    }
    if !typed.merge.is_empty() {
        file.save(&typed.contract)?;
    }
    let complete = file.complete()?;
    let contract = complete.contract();
    let fields = json!({ "contract": contract.id(), "name": contract.terms().name, "signed_by": file.signed_by() });
    let text =
        format!("contract \"{}\" {} is signed by all: {}", contract.terms().name, contract.id(), signatures(&file));
    output.answer(fields, text)
}
