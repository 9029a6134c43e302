//! `sealroom status`: how a room stands by the host's word, and how this party stands by its own memory.

use super::exit::Failure;
use super::output::Output;
use super::remote::{RoomFlags, block_on};
use super::typed::{self, PartyFlags};
use clap::Args;
use core::time::Duration;
use sealroom::{GrantState, RoomStatus, SignedGrant, SignedReceipt};
use serde_json::{Value, json};

/// How often a run is looked at.
const POLL: Duration = Duration::from_millis(200);

/// What is typed.
#[derive(Debug, Args)]
#[command(
    after_help = "Fetches the receipts that the host shows and settles your grants by them. With --json the answer has, under
cheating, the two grants of each party that granted one run number twice, and under forking the two receipts of each enclave key
that signed two of one run.

Examples:
  sealroom status --room https://host.example/rooms/4a7c --as cleveland.key
  sealroom status --room … --as cleveland.key --wait         until no run is going on"
)]
pub(crate) struct Typed {
    #[command(flatten)]
    room: RoomFlags,
    #[command(flatten)]
    party: PartyFlags,
    /// Wait until no run is going on
    #[arg(long)]
    wait: bool,
}

/// Shows.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let identity = typed.party.identity()?;
    let memory = typed.party.memory(&identity)?;
    let (remote, status) = block_on(async {
        let remote = typed.room.remote(Some(&identity)).await?;
        let status = if typed.wait { remote.room.wait_for_run(POLL).await? } else { remote.room.status().await? };
        remote.settle(&memory).await?;
        Ok((remote, status))
    })?;
    let state = memory.state(remote.contract())?;
    let grants: Vec<_> = state
        .grants
        .iter()
        .map(|grant| json!({ "run": grant.run, "proposal": grant.proposal(), "state": word(&grant.state), "receipt": grant.receipt }))
        .collect();
    // Envelopes are JSON: as they were signed, for whoever holds the contract to verify.
    let shown = |grant: &SignedGrant| serde_json::from_slice::<Value>(&grant.encode()).unwrap_or_default();
    let cheating: Vec<_> = memory
        .cheating(remote.contract())?
        .iter()
        .map(|found| {
            let (first, second) = found.grants();
            json!({ "party": found.party(), "run": found.run(), "grants": [shown(first), shown(second)] })
        })
        .collect();
    let shown = |receipt: &SignedReceipt| serde_json::from_slice::<Value>(&receipt.encode()).unwrap_or_default();
    let forking: Vec<_> = memory
        .forking(remote.contract())?
        .iter()
        .map(|found| {
            let (first, second) = found.receipts();
            json!({ "enclave_key": found.enclave_key(), "run": found.run(), "receipts": [shown(first), shown(second)] })
        })
        .collect();
    let fields = json!({
        "room": remote.url(),
        "phase": status.phase,
        "run": status.run,
        "proposal": status.proposal,
        "missing": status.missing,
        "statement_missing": status.statement_missing,
        "receipt": status.receipt,
        "ended": status.ended.as_ref().map(|ended| json!({ "check": ended.check, "message": ended.message })),
        "you": { "count": state.count, "limit": state.limit, "restored": state.restored, "stopped": state.stopped, "amended_by": state.amended_by, "grants": grants },
        "cheating": cheating,
        "forking": forking,
    });
    let mut text = format!("{}\n", by_the_host(&status));
    text.push_str(&format!("Your memory: {} of {} runs granted\n", state.count, state.limit));
    for grant in &state.grants {
        text.push_str(&format!("  run {}: {}\n", grant.run, word(&grant.state)));
    }
    if let Some(newer) = &state.amended_by {
        text.push_str(&format!("  this version has ended for you: {newer} amends it\n"));
    }
    if state.stopped {
        text.push_str("  a party stopped this contract, so you grant nothing more under it\n");
    }
    if state.restored {
        text.push_str("  this memory has forgotten grants, so it grants nothing more under this contract\n");
    }
    output.answer(fields, text)
}

fn by_the_host(status: &RoomStatus) -> String {
    let mut text = format!("The host says: phase {}", status.phase);
    if let (Some(run), Some(proposal)) = (status.run, &status.proposal) {
        text.push_str(&format!(", run {run}, proposal {}", typed::brief(proposal)));
    }
    if !status.missing.is_empty() {
        text.push_str(&format!(", still to grant: {}", status.missing.join(", ")));
    }
    if status.statement_missing {
        text.push_str(", the statement about the host's region is missing");
    }
    if let Some(receipt) = &status.receipt {
        text.push_str(&format!(", last receipt {}", typed::brief(receipt)));
    }
    if let Some(ended) = &status.ended {
        text.push_str(&format!(", ended: {}", ended.message));
    }
    text
}

const fn word(state: &GrantState) -> &'static str {
    match state {
        GrantState::Open => "granted, no receipt yet",
        GrantState::Confirmed => "confirmed by its receipt",
        GrantState::GivenBack => "given back by a void receipt",
    }
}
