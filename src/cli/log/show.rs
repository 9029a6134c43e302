//! `sealroom log show`: what a log says, for all or for one party.

use super::Failure;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::typed;
use clap::Args;
use sealroom::ReceiptLog;
use sealroom_protocol::contract::time_text;
use sealroom_protocol::run::Receipt;
use serde_json::{Value, json};
use std::path::PathBuf;

/// What is typed.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  sealroom log show study.log
  sealroom log show study.log --party zurich              what each run counted for one party
  sealroom log show study.log --checkpoint > study.checkpoint     to hold a later log against (log verify --since)")]
pub(crate) struct Typed {
    /// The log's file
    log: PathBuf,
    /// Show one party's count and grant in every run
    #[arg(long, value_name = "NAME")]
    party: Option<String>,
    /// Print the checkpoint alone, as the signed note that it is
    #[arg(long, conflicts_with = "party")]
    checkpoint: bool,
}

/// Shows. Nothing is verified; the first line says so.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let log = ReceiptLog::load(&typed.log)?;
    let checkpoint = log.checkpoint();
    if typed.checkpoint {
        return output.answer(json!({ "checkpoint": checkpoint.encode() }), checkpoint.encode());
    }
    let head = checkpoint.allegation().head();
    let mut text = format!(
        "Not verified here (sealroom log verify).\norigin    {}\nsize      {}\nroot      {}\nlog key   {}\n",
        checkpoint.allegation().origin(),
        head.size,
        head.root,
        log.log_key()
    );
    for line in checkpoint.note().signatures() {
        text.push_str(&format!("signed    {} ({:08x})\n", line.name(), line.key_id()));
    }
    let mut entries = Vec::new();
    for (place, receipt) in log.decoded()?.iter().enumerate() {
        let said = receipt.allegation();
        let (outcome, ending) = (word(&said.outcome)?, word(&said.ending)?);
        text.push_str(&format!(
            "{place:>9} run {}, {outcome}, {ending}, {} (claimed)  {}{}\n",
            said.proposal.run,
            time_text(said.time),
            typed::brief(&said.id()),
            of_party(said, typed.party.as_deref())
        ));
        let count = typed.party.as_deref().and_then(|party| said.count(party));
        entries.push(json!({
            "run": said.proposal.run,
            "receipt": said.id(),
            "outcome": outcome,
            "ending": ending,
            "time": said.time,
            "enclave_key": said.proposal.enclave_key,
            "count": count.map(|count| json!({ "before": count.before, "after": count.after })),
        }));
    }
    let signed: Vec<Value> = checkpoint.note().signatures().iter().map(|line| json!(line.name())).collect();
    let fields = json!({
        "verified": false,
        "origin": checkpoint.allegation().origin(),
        "size": head.size,
        "root": head.root,
        "log_key": log.log_key(),
        "signed": signed,
        "entries": entries,
    });
    output.answer(fields, text)
}

/// What a run counted for a party.
fn of_party(receipt: &Receipt, party: Option<&str>) -> String {
    let Some(party) = party else { return String::new() };
    match receipt.count(party) {
        Some(count) => format!("  {party}: {} runs before, {} after", count.before, count.after),
        None => format!("  {party}: counts nothing"),
    }
}

/// An enum's word in receipts.
fn word(value: &impl serde::Serialize) -> Result<String, Failure> {
    let value = serde_json::to_value(value).map_err(|error| Failure::new(Exit::Malformed, error))?;
    Ok(value.as_str().unwrap_or_default().to_owned())
}
