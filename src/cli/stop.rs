//! `sealroom stop`: end a contract's rooms. Any party can, at any time, and needs no reason.
//!
//! What always holds: the stop is in the party's memory before it is sent, so this party grants nothing more whether or not it
//! arrives.

use super::exit::Failure;
use super::output::Output;
use super::remote::{RoomFlags, block_on};
use super::typed::{self, PartyFlags};
use clap::Args;
use sealroom::{Contract, SignedStop, now, stop};
use serde_json::json;

/// What is typed.
#[derive(Debug, Args)]
#[command(
    after_help = "A stop ends this contract, in every room, now and later: it names no room and never wears out, and whoever has seen it can show it
to each later one. It is in your memory first: with --contract also where the host is away. To go on, agree on an amendment (sealroom contract amend). A host can keep a stop from its enclave. What it can not do is run without your grant: whoever grants no more has stopped.

Example:
  sealroom stop --room https://host.example/rooms/4a7c --as cleveland.key --reason \"wrong column\""
)]
pub(crate) struct Typed {
    #[command(flatten)]
    room: RoomFlags,
    #[command(flatten)]
    party: PartyFlags,
    /// For the others to read: at most 200 characters
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
}

/// Stops.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let identity = typed.party.identity()?;
    let memory = typed.party.memory(&identity)?;
    let keep = |contract: &Contract| -> Result<SignedStop, Failure> {
        Ok(memory.write_stop(contract, &stop(contract, &identity, &typed.reason, now())?)?)
    };
    // Before anybody is asked anything, where the contract is at hand.
    let kept = typed.room.given()?.map(|signed| keep(signed.contract())).transpose()?;
    let (remote, receipt) = block_on(async {
        let remote = typed.room.remote(Some(&identity)).await;
        let remote = if kept.is_some() { remote.map_err(not_brought)? } else { remote? };
        let signed = keep(remote.contract())?;
        let receipt = remote.room.stop(&signed, &identity).await.map_err(|error| not_brought(error.into()))?;
        Ok((remote, receipt))
    })?;
    if let Some(receipt) = &receipt {
        // A version that this memory does not take was stopped all the same.
        drop(memory.remember_contract(&remote.signed));
        memory.settle(remote.contract(), receipt)?;
    }
    let id = receipt.as_ref().map(|receipt| receipt.allegation().id());
    let text = match &id {
        Some(id) => format!("stopped; the receipt {} settles what was granted", typed::brief(id)),
        None => "stopped; nothing had been proposed".to_owned(),
    };
    output.answer(json!({ "room": remote.url(), "receipt": id }), text)
}

/// The stop holds for this party, and the host's rooms do not know of it.
pub(crate) fn not_brought(failure: Failure) -> Failure {
    failure.hint(
        "the stop is in your memory, so you grant nothing more; give the same command again to bring it to the room",
    )
}
