//! `sealroom log verify`: every receipt of a log and their order, or one receipt and its proof.

use super::{Failure, WitnessFlags, checkpoint, verifier_key};
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::{refusal, typed};
use clap::Args;
use sealroom::{LogDemand, ReceiptBundle, ReceiptLog, RoomCheck, VerifiedLog};
use sealroom_protocol::contract::{parse_time, time_text};
use sealroom_protocol::log::{Cosigned, LogProof, PROOF_LIMIT, Place, Quorum};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// What is typed.
#[derive(Debug, Args)]
#[command(
    after_help = "Needs no network, no key and no trust in who made the files. Exits with 4 where something does not hold (log.truncated,
log.edited, log.reordered, log.forked …), with 5 where too few witnesses cosigned, or an enclave is none that the contract accepts.

Example:
  sealroom log verify study.log
  sealroom log verify study.log --since last-month.checkpoint --witness \"$W1\" --witness \"$W2\" --witness \"$W3\" --cosigned 2
  sealroom log verify study-2.log --predecessor study.log          of an amended contract
  sealroom log verify run-1.tlog-proof --receipt run-1.receipt --witness \"$W1\" --cosigned 1"
)]
pub(crate) struct Typed {
    /// The log's file; with --receipt the receipt's proof
    file: PathBuf,
    /// Verify that this receipt is in a log, by its proof
    #[arg(long, value_name = "FILE")]
    receipt: Option<PathBuf>,
    #[command(flatten)]
    witnesses: WitnessFlags,
    /// The log's key, where you know it
    #[arg(long, value_name = "KEY")]
    log_key: Option<String>,
    /// A checkpoint from before, which the log must begin with. Again for each
    #[arg(long, value_name = "FILE", conflicts_with = "receipt")]
    since: Vec<PathBuf>,
    /// The log of the version before, where the contract is an amendment: verify it too, and that this one goes on where it stopped
    #[arg(long, value_name = "FILE", conflicts_with = "receipt")]
    predecessor: Option<PathBuf>,
    /// When certificates are judged [default: the time of each enclave's first receipt]
    #[arg(long, value_name = "TIME", conflicts_with = "receipt")]
    at: Option<String>,
}

/// Verifies.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let mut demand = typed.witnesses.demand()?;
    let needed = demand.quorum.needed();
    demand.log_key = typed.log_key.as_deref().map(verifier_key).transpose()?;
    demand.since = typed.since.iter().map(|path| checkpoint(path)).collect::<Result<_, _>>()?;
    if let Some(path) = &typed.receipt {
        return one(typed, &ReceiptBundle::load(path)?, &demand, output);
    }
    let now =
        match &typed.at {
            None => None,
            Some(text) => Some(parse_time(text).ok_or_else(|| {
                Failure::local(format!("--at \"{text}\": expected a time such as 2026-06-01T00:00:00Z"))
            })?),
        };
    let log = ReceiptLog::load(&typed.file)?.verify(&demand, now)?;
    if let Some(path) = &typed.predecessor {
        // Its size and root were signed by all parties, so no witness is asked for it.
        let before = ReceiptLog::load(path)?.verify(&LogDemand::new(Quorum::none()), now)?;
        log.follows(&before)?;
    }
    let refused: Vec<RoomCheck> = log
        .enclaves
        .iter()
        .filter(|enclave| !enclave.report.holds())
        .flat_map(|enclave| enclave.report.appraisal.clone())
        .collect();
    if !log.enclaves.iter().all(|enclave| enclave.report.holds()) {
        let mut failure =
            Failure::new(Exit::Refused, "the log holds, and an enclave in it is not one that the contract accepts");
        failure.checks = refused;
        return Err(failure);
    }
    whole(&log, typed.predecessor.is_some(), needed, output)
}

fn whole(log: &VerifiedLog, follows: bool, needed: usize, output: Output) -> Result<(), Failure> {
    let mut text =
        format!("VERIFIED  offline\n  ✓ {:<16} {} receipts, root {}\n", "log.receipts", log.head.size, log.head.root);
    match (log.contract.amends(), follows) {
        (Some(amends), true) => {
            let before = typed::brief(&amends.contract);
            text.push_str(&format!("  ✓ {:<16} goes on where the log of {before} stopped\n", "log.predecessor"));
        }
        (Some(amends), false) => text.push_str(&format!(
            "  – {:<16} the contract amends {}, whose log was not given (--predecessor)\n",
            "log.predecessor",
            typed::brief(&amends.contract)
        )),
        (None, _) => {}
    }
    let late: Vec<u64> =
        log.entries.iter().filter(|entry| entry.place == Place::Late).map(|entry| entry.receipt.proposal.run).collect();
    if !late.is_empty() {
        text.push_str(&format!(
            "  ! {:<16} held back by somebody, and brought when others had gone on: runs {late:?}\n",
            "log.late"
        ));
    }
    push_cosigned(&mut text, &log.cosigned, needed);
    for enclave in &log.enclaves {
        let said = if enclave.report.appraised {
            format!("✓ {:<16} {} of an enclave that the contract accepts", "appraisal", enclave.key)
        } else {
            format!(
                "– {:<16} no Evidence of {}: whether an enclave holds it is not known from this file",
                "appraisal", enclave.key
            )
        };
        text.push_str(&format!("  {said}\n"));
    }
    let enclaves: Vec<Value> = log
        .enclaves
        .iter()
        .map(|enclave| {
            let report = &enclave.report;
            json!({ "key": enclave.key, "appraised": report.appraised, "appraisal": refusal::json(&report.appraisal) })
        })
        .collect();
    let fields = json!({
        "contract": log.contract.id(),
        "size": log.head.size,
        "root": log.head.root,
        "predecessor": follows,
        "late": late,
        "cosigned": cosigned(&log.cosigned),
        "appraised": log.appraised(),
        "enclaves": enclaves,
    });
    output.answer(fields, text)
}

fn one(typed: &Typed, bundle: &ReceiptBundle, demand: &LogDemand, output: Output) -> Result<(), Failure> {
    let proof = proof(&typed.file)?;
    let (contract, receipt) = (bundle.contract()?, bundle.receipt()?);
    let found = demand.verify_proof(contract.contract(), &receipt, &proof)?;
    let (said, head) = (receipt.allegation(), proof.checkpoint.allegation().head());
    let mut text = format!(
        "VERIFIED  offline\n  ✓ {:<16} run {} is receipt {} of {} in the log\n",
        "log.proof", said.proposal.run, proof.index, head.size
    );
    if demand.log_key.is_none() && found.is_empty() {
        text.push_str(&format!(
            "  – {:<16} neither a witness nor the log's key was given: anybody can have made this log\n",
            "log.witnesses"
        ));
    }
    push_cosigned(&mut text, &found, demand.quorum.needed());
    let fields = json!({
        "receipt": said.id(),
        "run": said.proposal.run,
        "index": proof.index,
        "size": head.size,
        "root": head.root,
        "cosigned": cosigned(&found),
    });
    output.answer(fields, text)
}

/// The proof in a file.
pub(in crate::cli) fn proof(path: &Path) -> Result<LogProof, Failure> {
    Ok(LogProof::decode(&typed::read(path, u64::try_from(PROOF_LIMIT).unwrap_or(u64::MAX))?)?)
}

fn push_cosigned(text: &mut String, found: &[Cosigned], needed: usize) {
    for cosigned in found {
        text.push_str(&format!(
            "  ✓ {:<16} {} at {} by its clock\n",
            "cosigned",
            cosigned.name,
            time_text(cosigned.time)
        ));
    }
    if needed > 0 {
        text.push_str(&format!("  ✓ {:<16} {} of at least {needed}\n", "log.witnesses", found.len()));
    }
}

fn cosigned(found: &[Cosigned]) -> Vec<Value> {
    found.iter().map(|cosigned| json!({ "name": cosigned.name, "time": cosigned.time })).collect()
}
