//! `sealroom contract verify`: whether every party signed this text.

use super::carried::words;
use super::sign::signatures;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::Output;
use crate::cli::typed;
use clap::Args;
use sealroom::Contract;
use serde_json::json;
use std::path::PathBuf;

/// What is typed.
#[derive(Debug, Args)]
#[command(
    after_help = "Exits with 4 where a signature is missing or does not hold, with 5 where it is not the next version of --amends.

Examples:
  sealroom contract verify heart.contract
  sealroom contract verify heart.contract --merge from-zurich.contract --merge from-budapest.contract
  sealroom contract verify heart-2.contract --amends heart.contract"
)]
pub(crate) struct Typed {
    /// Signed file
    contract: PathBuf,
    /// Copies whose signatures are added to the file
    #[arg(long, value_name = "FILE")]
    merge: Vec<PathBuf>,
    /// Verify too that it is the next version of this contract
    #[arg(long, value_name = "FILE")]
    amends: Option<PathBuf>,
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
    if let Some(path) = &typed.amends {
        follows(contract, &typed::contract(path)?)?;
    }
    let (amends, carried) = words(contract);
    let fields = json!({
        "contract": contract.id(),
        "name": contract.terms().name,
        "signed_by": file.signed_by(),
        "amends": amends,
    });
    let text =
        format!("contract \"{}\" {} is signed by all: {}", contract.terms().name, contract.id(), signatures(&file));
    let carried = if carried.is_empty() { carried } else { format!("\n{carried}") };
    output.answer(fields, text + &carried)
}

/// Whether a contract is the next version of another.
fn follows(contract: &Contract, before: &Contract) -> Result<(), Failure> {
    let what = match contract.amends() {
        None => "amends nothing",
        Some(amends) if amends.contract != before.id() => "amends another contract",
        Some(amends) if amends.first != before.first_version() => "names another first version",
        Some(amends) if amends.version != before.version().saturating_add(1) => "has another version number",
        Some(_) => return Ok(()),
    };
    let message = format!("contract {} {what}, expected the next version of {}", contract.id(), before.id());
    Err(Failure::new(Exit::Refused, message).hint("do not sign it, and grant nothing under it"))
}
