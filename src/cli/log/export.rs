//! `sealroom log export`: receipts into one file that a stranger verifies.

use super::Failure;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use clap::Args;
use sealroom::{NoteKey, ReceiptBundle, ReceiptLog};
use serde_json::json;
use std::path::PathBuf;

/// What is typed.
#[derive(Debug, Args)]
#[command(
    after_help = "Each receipt is a file of `receipt save`. They stand in the log in the order in which you give them: the receipt
that one goes on from comes before it. Evidence comes along where a file has it.

Example:
  sealroom log export run-1.receipt run-2.receipt --log-key study.logkey --output study.log
  sealroom log export run-3.receipt --log-key study.logkey --onto study.log --output study.log"
)]
pub(crate) struct Typed {
    /// Files of receipts
    #[arg(required = true, value_name = "RECEIPT")]
    receipts: Vec<PathBuf>,
    /// The key that signs the log (log keygen)
    #[arg(long, value_name = "FILE")]
    log_key: PathBuf,
    /// The log to go on with
    #[arg(long, value_name = "FILE")]
    onto: Option<PathBuf>,
    /// Where the log goes
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

/// Writes the log.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let bundles: Vec<ReceiptBundle> =
        typed.receipts.iter().map(|path| ReceiptBundle::load(path)).collect::<Result<_, _>>()?;
    let first = bundles.first().ok_or_else(|| Failure::local("expected files of receipts"))?;
    let contract = first.contract()?;
    let signer = NoteKey::load(&typed.log_key)?.log(&contract.contract().id())?;
    let mut log = match &typed.onto {
        Some(path) => ReceiptLog::load(path)?,
        None => ReceiptLog::begin(&contract, &signer)?,
    };
    let mut receipts = Vec::new();
    for (bundle, path) in bundles.iter().zip(&typed.receipts) {
        if bundle.contract()?.contract().id() != contract.contract().id() {
            let message = format!("{} is of another contract than {}", path.display(), first_of(typed));
            return Err(Failure::new(Exit::Malformed, message).hint("one log is of one contract"));
        }
        receipts.push(bundle.receipt()?);
    }
    log.append(&receipts, &signer)?;
    for evidence in bundles.iter().filter_map(ReceiptBundle::evidence) {
        log.add_evidence(evidence.clone());
    }
    log.save(&typed.output)?;
    let head = log.checkpoint().allegation().head();
    let fields = json!({
        "file": typed.output.display().to_string(),
        "size": head.size,
        "root": head.root,
        "log_key": log.log_key(),
    });
    let text =
        format!("{}  {} receipts, root {}\nlog key   {}", typed.output.display(), head.size, head.root, log.log_key());
    output.answer(fields, text)
}

fn first_of(typed: &Typed) -> String {
    typed.receipts.first().map(|path| path.display().to_string()).unwrap_or_default()
}
