//! `sealroom log cosign`: a witness's word that this log only grew.

use super::{Failure, verifier_key};
use crate::cli::output::Output;
use crate::cli::remote::{NetworkFlags, block_on};
use crate::cli::typed::{self, PassphraseFlags};
use clap::Args;
use sealroom::{HostOptions, ReceiptLog, RemoteWitness};
use serde_json::json;
use std::path::PathBuf;

/// What is typed.
#[derive(Debug, Args)]
#[command(
    after_help = "The witness has to know the log's key (log show prints it). Any witness of c2sp.org/tlog-witness will do that answers with
cosignature/v1. The cosignature is put into the log's file.

Example:
  sealroom log cosign study.log --url https://witness.example --witness \"$W1\""
)]
pub(crate) struct Typed {
    /// The log's file
    log: PathBuf,
    /// Where the witness is
    #[arg(long, value_name = "URL")]
    url: String,
    /// Its verifier key
    #[arg(long, value_name = "KEY")]
    witness: String,
    /// A host that keeps this log, to bring the cosignature to, for others
    #[arg(long, value_name = "URL", requires = "key")]
    bring_to: Option<String>,
    /// Key file of the party that brings it
    #[arg(long = "as", id = "key", value_name = "KEY", requires = "bring_to")]
    key: Option<PathBuf>,
    #[command(flatten)]
    passphrase: PassphraseFlags,
    #[command(flatten)]
    network: NetworkFlags,
}

/// Asks.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let mut log = ReceiptLog::load(&typed.log)?;
    let witness =
        RemoteWitness::new(&HostOptions::new(typed.url.trim_end_matches('/')), verifier_key(&typed.witness)?)?;
    let line = block_on(async { Ok(witness.cosign(&log).await?) })?;
    if let (Some(url), Some(key)) = (&typed.bring_to, &typed.key) {
        let identity = typed::load_identity(key, &typed.passphrase)?;
        let host = typed.network.host(url)?;
        block_on(async { Ok(host.bring_cosignature(&log.contract_id(), witness.key(), &line, &identity).await?) })?;
    }
    log.add_cosignature(line)?;
    log.save(&typed.log)?;
    let size = log.checkpoint().allegation().head().size;
    let name = witness.key().name();
    output.answer(
        json!({ "witness": name, "size": size, "file": typed.log.display().to_string() }),
        format!("{}  {size} receipts cosigned by {name}", typed.log.display()),
    )
}
