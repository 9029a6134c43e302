//! `sealroom receipt show`: what a receipt says.

use crate::cli::exit::{Exit, Failure};
use crate::cli::output::Output;
use crate::cli::typed;
use clap::Args;
use sealroom::ReceiptBundle;
use sealroom_protocol::contract::time_text;
use sealroom_protocol::run::{SignedGrant, SignedStatement, SignedStop, Statement};
use serde_json::json;
use std::path::PathBuf;

/// What is typed.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  sealroom receipt show run-1.receipt")]
pub(crate) struct Typed {
    /// The receipt's file
    receipt: PathBuf,
}

/// Shows. Nothing is verified; the first line says so.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let bundle = ReceiptBundle::load(&typed.receipt)?;
    let signed = bundle.receipt()?;
    let receipt = signed.allegation();
    let proposal = &receipt.proposal;
    let ending = serde_json::to_value(receipt.ending).map_err(|error| Failure::new(Exit::Malformed, error))?;
    let outcome = serde_json::to_value(receipt.outcome).map_err(|error| Failure::new(Exit::Malformed, error))?;
    let (ending, outcome) = (ending.as_str().unwrap_or_default(), outcome.as_str().unwrap_or_default());
    let mut text = format!(
        "Not verified here (sealroom receipt verify).\nreceipt   {}\ncontract  {}\nrun       {}, {outcome}, {ending}, {} (claimed)\n",
        receipt.id(),
        receipt.contract,
        proposal.run,
        time_text(receipt.time)
    );
    text.push_str(&format!("proposal  {}\nenclave   {}\n", proposal.id(), proposal.enclave_key));
    for dataset in &proposal.datasets {
        text.push_str(&format!("input     {} {}\n", dataset.name, dataset.object));
    }
    if let Some(request) = &proposal.request {
        text.push_str(&format!("request   {} by {}\n", request.request, request.requester));
    }
    let mut grants = Vec::new();
    for envelope in &receipt.grants {
        if let Ok(grant) = SignedGrant::decode(&envelope.encode()) {
            let said = grant.allegation();
            text.push_str(&format!(
                "grant     {} by {}, its run {}\n",
                typed::brief(&said.grant),
                said.party,
                said.count
            ));
            grants.push(json!({ "party": said.party, "grant": said.grant, "count": said.count }));
        }
    }
    for released in &receipt.outputs {
        text.push_str(&format!(
            "output    {} {} to {}\n",
            released.name,
            released.object,
            released.recipients.join(", ")
        ));
    }
    let statement = receipt.statement.as_ref().and_then(|envelope| SignedStatement::decode(&envelope.encode()).ok());
    let region = statement.as_ref().and_then(|statement| match statement.allegation() {
        Statement::HostRegion { region, .. } => Some(region.clone()),
        Statement::Operator { .. } => None,
    });
    if let Some(region) = &region {
        text.push_str(&format!("statement the host stands in {region} (somebody's word, nobody measured it)\n"));
    }
    let stop = receipt.stop.as_ref().and_then(|envelope| SignedStop::decode(&envelope.encode()).ok());
    if let Some(stop) = stop.as_ref().map(SignedStop::allegation) {
        // Its words are a party's: they end no line.
        let reason = stop.reason.replace(char::is_control, "\u{fffd}");
        text.push_str(&format!("stop      by {} ({}): {reason}\n", stop.party, stop.cause().word()));
    }
    for count in &receipt.counts {
        text.push_str(&format!("count     {} {} before, {} after\n", count.party, count.before, count.after));
    }
    if !receipt.gap.is_empty() {
        text.push_str(&format!("gap       runs without a receipt: {:?}\n", receipt.gap));
    }
    let fields = json!({
        "verified": false,
        "receipt": receipt.id(),
        "contract": receipt.contract,
        "run": proposal.run,
        "outcome": outcome,
        "ending": ending,
        "time": receipt.time,
        "proposal": proposal.id(),
        "enclave_key": proposal.enclave_key.to_string(),
        "grants": grants,
        "region": region,
        "stop": stop.as_ref().map(SignedStop::allegation).map(|stop| {
            json!({ "party": stop.party, "cause": stop.cause().word(), "reason": stop.reason, "clock": stop.clock })
        }),
        "gap": receipt.gap,
    });
    output.answer(fields, text)
}
