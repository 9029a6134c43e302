//! `sealroom room`: have a host open a room, list rooms.

use super::exit::Failure;
use super::output::Output;
use super::remote::{NetworkFlags, block_on, room_url};
use super::typed::{self, PartyFlags};
use clap::{Args, Subcommand};
use serde_json::json;
use std::path::PathBuf;

/// What is typed.
#[derive(Debug, Subcommand)]
pub(crate) enum Typed {
    /// Have a host start an enclave for a contract that all parties signed
    Open(Open),
    /// List a host's rooms
    List(List),
}

/// What is typed for `open`.
#[derive(Debug, Args)]
#[command(after_help = "What the host says of the enclave is its claim; `sealroom appraise` finds out.

Example:
  sealroom room open --host https://host.example --contract heart.contract --as institute.key")]
pub(crate) struct Open {
    /// Address of the host
    #[arg(long, value_name = "URL")]
    host: String,
    /// The signed contract
    #[arg(long, value_name = "FILE")]
    contract: PathBuf,
    #[command(flatten)]
    party: PartyFlags,
    #[command(flatten)]
    network: NetworkFlags,
}

/// What is typed for `list`.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  sealroom room list --host https://host.example")]
pub(crate) struct List {
    /// Address of the host
    #[arg(long, value_name = "URL")]
    host: String,
    #[command(flatten)]
    network: NetworkFlags,
}

impl Typed {
    /// The command as typed.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Open(_) => "room open",
            Self::List(_) => "room list",
        }
    }

    /// Runs it.
    pub(crate) fn run(&self, output: Output) -> Result<(), Failure> {
        match self {
            Self::Open(typed) => open(typed, output),
            Self::List(typed) => list(typed, output),
        }
    }
}

fn open(typed: &Open, output: Output) -> Result<(), Failure> {
    let signed = typed::contract_file(&typed.contract)?.complete()?;
    let identity = typed.party.identity()?;
    let host = typed.network.host(&typed.host)?;
    let opened = block_on(async { Ok(host.open_room(&signed, &identity).await?) })?;
    let url = room_url(host.url(), &opened.room);
    let fields = json!({
        "room": url,
        "contract": opened.contract,
        "enclave_key": opened.enclave_key.to_string(),
        "measurement": format!("sha384:{}", opened.measurement),
        "trust_anchor": opened.anchor,
        "statements": opened.statements,
    });
    let mut text = format!(
        "{url}\nThe host says: measurement {}, trust anchor {}\n",
        super::refusal::short(&format!("sha384:{}", opened.measurement)),
        super::refusal::short(&opened.anchor)
    );
    for statement in &opened.statements {
        text.push_str(&format!("The enclave's log: {statement}\n"));
    }
    output.answer(fields, text)
}

fn list(typed: &List, output: Output) -> Result<(), Failure> {
    let host = typed.network.host(&typed.host)?;
    let rooms = block_on(async { Ok(host.rooms().await?) })?;
    let fields: Vec<_> = rooms
        .iter()
        .map(|room| json!({ "room": room_url(host.url(), &room.room), "contract": room.contract, "phase": room.phase }))
        .collect();
    let line = |room: &sealroom::RoomStatus| {
        format!("{}  {}  contract {}\n", room_url(host.url(), &room.room), room.phase, typed::brief(&room.contract))
    };
    let text: String = if rooms.is_empty() { "no rooms".into() } else { rooms.iter().map(line).collect() };
    output.answer(json!({ "rooms": fields }), text)
}
