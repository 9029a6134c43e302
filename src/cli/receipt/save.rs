//! `sealroom receipt save`: a receipt out of a party's memory.

use crate::cli::exit::Failure;
use crate::cli::output::Output;
use crate::cli::typed::{self, PartyFlags};
use clap::Args;
use sealroom::ReceiptBundle;
use serde_json::json;
use std::path::PathBuf;

/// What is typed.
#[derive(Debug, Args)]
#[command(
    after_help = "The file holds contract, receipt and the Evidence that you appraised before you granted: all that a stranger needs.

Example:
  sealroom receipt save --contract heart.contract --as cleveland.key --output run-1.receipt"
)]
pub(crate) struct Typed {
    /// The contract: its text, or the signed file
    #[arg(long, value_name = "FILE")]
    contract: PathBuf,
    #[command(flatten)]
    party: PartyFlags,
    /// Which run [default: the newest]
    #[arg(long, value_name = "NUMBER")]
    run: Option<u64>,
    /// Where it goes
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

/// Saves.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let id = typed::contract(&typed.contract)?.id();
    let identity = typed.party.identity()?;
    let memory = typed.party.memory(&identity)?;
    let contract = memory.contract(&id)?;
    let receipts = memory.receipts(&id)?;
    let asked =
        receipts.iter().rev().find(|receipt| typed.run.is_none_or(|run| receipt.allegation().proposal.run == run));
    let receipt = asked.ok_or_else(|| {
        Failure::local("there is no such receipt in your memory").hint("sealroom status fetches what the host shows")
    })?;
    let run = receipt.allegation().proposal.run;
    let bundle = ReceiptBundle::new(&contract, receipt);
    let record = memory.grant(&id, run)?.filter(|record| record.receipt == Some(receipt.allegation().id()));
    let (bundle, evidence) = match &record {
        Some(record) => (bundle.with_grant(record), true),
        None => (bundle, false),
    };
    bundle.save(&typed.output)?;
    let fields = json!({
        "file": typed.output.display().to_string(),
        "run": run,
        "receipt": receipt.allegation().id(),
        "evidence": evidence,
    });
    let with =
        if evidence { "with the Evidence you appraised" } else { "without Evidence: you did not grant this run" };
    output.answer(fields, format!("{}  run {run}, {with}", typed.output.display()))
}
