//! `sealroom stop`: end a contract's rooms. Any party can, at any time, and needs no reason.

use super::exit::Failure;
use super::output::Output;
use super::remote::{RoomFlags, block_on};
use super::typed::{self, PartyFlags};
use clap::Args;
use sealroom::{now, stop};
use serde_json::json;

/// What is typed.
#[derive(Debug, Args)]
#[command(
    after_help = "A stop ends this contract, in every room, now and later: it names no room and never wears out, and whoever has seen it can show it
to each later one. To go on, agree on an amendment (sealroom contract amend). A host can keep a stop from its enclave. What it can not do is run without your grant: whoever grants no more has stopped.

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
    let (remote, receipt) = block_on(async {
        let remote = typed.room.remote(Some(&identity)).await?;
        let signed = stop(remote.contract(), &identity, &typed.reason, now())?;
        let receipt = remote.room.stop(&signed, &identity).await?;
        Ok((remote, receipt))
    })?;
    if let Some(receipt) = &receipt {
        memory.remember_contract(&remote.signed)?;
        memory.settle(remote.contract(), receipt)?;
    }
    let id = receipt.as_ref().map(|receipt| receipt.allegation().id());
    let text = match &id {
        Some(id) => format!("stopped; the receipt {} settles what was granted", typed::brief(id)),
        None => "stopped; nothing had been proposed".to_owned(),
    };
    output.answer(json!({ "room": remote.url(), "receipt": id }), text)
}
