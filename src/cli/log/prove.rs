//! `sealroom log prove`: one receipt's place in a log, as a text that travels beside it.

use super::Failure;
use crate::cli::output::Output;
use crate::cli::typed;
use clap::Args;
use sealroom::ReceiptLog;
use serde_json::json;
use std::path::PathBuf;

/// What is typed.
#[derive(Debug, Args)]
#[command(
    after_help = "The proof is of the published form c2sp.org/tlog-proof@v1, with the log's checkpoint and all of its cosignatures.

Example:
  sealroom log prove study.log --run 1 --output run-1.tlog-proof"
)]
pub(crate) struct Typed {
    /// The log's file
    log: PathBuf,
    /// Which run; of several receipts with its number, the complete one
    #[arg(long, value_name = "NUMBER")]
    run: u64,
    /// Where the proof goes
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

/// Writes the proof.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let log = ReceiptLog::load(&typed.log)?;
    let receipts = log.decoded()?;
    let of_run = receipts.iter().zip(0_u64..).filter(|(receipt, _)| receipt.allegation().proposal.run == typed.run);
    let found = of_run.max_by_key(|(receipt, index)| (!receipt.allegation().outputs.is_empty(), *index));
    let (receipt, index) = found.ok_or_else(|| {
        Failure::local(format!("the log has no receipt of run {}", typed.run)).hint("sealroom log show lists them")
    })?;
    let proof = log.prove(index)?;
    typed::write(&typed.output, proof.encode().as_bytes())?;
    let id = receipt.allegation().id();
    let fields = json!({
        "file": typed.output.display().to_string(),
        "run": typed.run,
        "receipt": id,
        "index": index,
        "hashes": proof.hashes.len(),
    });
    let text = format!("{}  run {}, receipt {} at place {index}", typed.output.display(), typed.run, typed::brief(&id));
    output.answer(fields, text)
}
