//! `sealroom contract show`: the text, and who has signed it.

use super::carried::words;
use super::sign::signatures;
use crate::cli::exit::Failure;
use crate::cli::output::Output;
use crate::cli::typed;
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

/// What is typed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sealroom contract show heart.contract
  sealroom contract show heart.contract --text > heart.toml     exactly the bytes that were signed")]
pub(crate) struct Typed {
    /// Contract text or signed file
    contract: PathBuf,
    /// The text and nothing else
    #[arg(long)]
    text: bool,
}

/// Shows.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let file = typed::contract_file(&typed.contract)?;
    let contract = file.contract();
    let (amends, carried) = words(contract);
    let fields = json!({
        "contract": contract.id(),
        "name": contract.terms().name,
        "signed_by": file.signed_by(),
        "missing": file.missing(),
        "amends": amends,
        "text": contract.text(),
    });
    if typed.text {
        return output.answer(fields, contract.text());
    }
    let carried = if carried.is_empty() { carried } else { carried + "\n" };
    let head = format!("contract {}\n{}\n{carried}\n", contract.id(), signatures(&file));
    output.answer(fields, head + contract.text())
}
