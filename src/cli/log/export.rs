//! `sealroom log export`: receipts into one file that a stranger verifies.

use super::Failure;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::remote::{NetworkFlags, block_on};
use crate::cli::typed;
use clap::Args;
use sealroom::{NoteKey, ReceiptBundle, ReceiptLog};
use serde_json::json;
use std::path::{Path, PathBuf};

/// What is typed.
#[derive(Debug, Args)]
#[command(
    after_help = "From a host: the log that it keeps; verify it (log verify). Otherwise a log of your own, of the files of `receipt save` that you
give, in their order: the receipt that one goes on from comes before it. Evidence comes along where a file has it.

Example:
  sealroom log export --url https://host.example --contract heart.contract run-1.receipt --output study.log
  sealroom log export run-1.receipt run-2.receipt --log-key study.logkey --output study.log
  sealroom log export run-3.receipt --log-key study.logkey --onto study.log --output study.log"
)]
pub(crate) struct Typed {
    /// Files of receipts
    #[arg(required_unless_present = "url", value_name = "RECEIPT")]
    receipts: Vec<PathBuf>,
    /// The key that signs the log (log keygen)
    #[arg(long, value_name = "FILE", required_unless_present = "url")]
    log_key: Option<PathBuf>,
    /// The log to go on with
    #[arg(long, value_name = "FILE")]
    onto: Option<PathBuf>,
    /// The host whose log it is
    #[arg(long, value_name = "URL", conflicts_with_all = ["log_key", "onto"], requires = "contract")]
    url: Option<String>,
    /// The contract, at a host: its text, or the signed file
    #[arg(long, value_name = "FILE", requires = "url")]
    contract: Option<PathBuf>,
    #[command(flatten)]
    network: NetworkFlags,
    /// Where the log goes
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

/// Writes the log.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let bundles: Vec<ReceiptBundle> =
        typed.receipts.iter().map(|path| ReceiptBundle::load(path)).collect::<Result<_, _>>()?;
    let mut log = match (&typed.url, &typed.contract) {
        (Some(url), Some(contract)) => of_host(typed, url, contract)?,
        _ => of_files(typed, &bundles)?,
    };
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

/// The log that a host keeps.
fn of_host(typed: &Typed, url: &str, contract: &Path) -> Result<ReceiptLog, Failure> {
    let id = typed::contract(contract)?.id();
    let host = typed.network.host(url)?;
    block_on(async {
        let signed = host.contract(&id).await?;
        Ok(host.log(&signed).await?)
    })
}

/// A log of one's own.
fn of_files(typed: &Typed, bundles: &[ReceiptBundle]) -> Result<ReceiptLog, Failure> {
    let first = bundles.first().ok_or_else(|| Failure::local("expected files of receipts"))?;
    let log_key = typed.log_key.as_ref().ok_or_else(|| Failure::local("expected --log-key"))?;
    let contract = first.contract()?;
    let signer = NoteKey::load(log_key)?.log(&contract.contract().id())?;
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
    Ok(log)
}

fn first_of(typed: &Typed) -> String {
    typed.receipts.first().map(|path| path.display().to_string()).unwrap_or_default()
}
