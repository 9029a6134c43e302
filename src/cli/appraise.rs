//! `sealroom appraise`: is this Evidence what a policy accepts, or this room an enclave that the contract accepts? Every check,
//! failures first.
//!
//! What always holds: nothing is accepted without a policy that somebody wrote, or a contract that everybody signed.

mod file;
mod online;
#[cfg(feature = "cli")]
mod room;
mod shown;

use super::exit::{Exit, Failure};
use super::output::Output;
use clap::Args;
#[cfg(feature = "cli")]
use sealroom::Stricter;
use std::path::PathBuf;

pub(crate) use file::{FailOn, hex_bytes, utc};
pub(crate) use online::{OnlineFlags, fetch};

/// What is typed.
#[derive(Debug, Args)]
#[command(after_help = after_help())]
pub(crate) struct Typed {
    /// Evidence in a file, in any form in which tools hand it on (- is standard input)
    #[cfg_attr(feature = "cli", arg(required_unless_present = "room", conflicts_with = "room"))]
    #[cfg_attr(not(feature = "cli"), arg(required = true))]
    evidence: Option<PathBuf>,
    #[command(flatten)]
    file: file::FileFlags,
    #[cfg(feature = "cli")]
    #[command(flatten)]
    room: room::RoomTyped,
    /// List every check, also those that hold
    #[arg(long)]
    all: bool,
}

/// What the answers mean, and examples; of rooms too, where this program knows them.
fn after_help() -> String {
    let (of_a_room, rooms) = if cfg!(feature = "cli") { (OF_A_ROOM, ROOMS) } else { ("", "") };
    format!("{OF_A_FILE}{of_a_room}{FILES}{rooms}")
}

const OF_A_FILE: &str = "\
Of a file: exits with 0 where the policy accepts the Evidence, 1 without a policy (it prints the one that would pin this Evidence),
2 where it is malformed, 3 where Endorsements are missing or out of date, 4 where it is not genuine or answers something else,
5 where it is genuine and refused, 6 with warnings under --fail-on warning. docs/appraisal.md has the forms of files and the JSON.";
const OF_A_ROOM: &str = "
Of a room: 4 where the Evidence is not genuine, 5 where the contract does not accept the enclave.";
const FILES: &str = "

Examples:
  sealroom appraise report.bin > policy.toml              the policy that pins it, to be read and edited; says nothing of the report
  sealroom appraise report.bin --policy policy.toml --endorsements certs/ --challenge 6f1c…
  sealroom appraise quote.json --policy policy.toml --online --no-challenge \"an archive of last year\" --at 2025-06-01T00:00:00Z --json
  sealroom appraise quote.bin --policy policy.toml --challenge 6f1c… --ear result.jwt --ear-key verifier.key";
const ROOMS: &str = "
  sealroom appraise --room https://host.example/rooms/4a7c --as cleveland.key --all
  sealroom appraise --room … --as cleveland.key --save evidence.json      what was appraised, for who appraises again";

/// What a party demands beyond the contract.
#[cfg(feature = "cli")]
#[derive(Debug, Clone, Args)]
pub(crate) struct StricterFlags {
    /// Refuse simulated platforms, also where the contract accepts them
    #[arg(long)]
    refuse_simulated: bool,
}

#[cfg(feature = "cli")]
impl StricterFlags {
    /// As the SDK takes it.
    pub(crate) const fn meaning(&self) -> Stricter {
        Stricter { refuse_simulated: self.refuse_simulated, minimum_firmware: None, machines: None }
    }
}

/// Appraises.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<Exit, Failure> {
    match &typed.evidence {
        Some(path) => file::run(path, &typed.file, typed.all, output),
        #[cfg(feature = "cli")]
        None => room::run(&typed.room, typed.all, output).map(|()| Exit::Done),
        #[cfg(not(feature = "cli"))]
        None => Err(Failure::local("no Evidence was given").hint("sealroom appraise EVIDENCE --policy POLICY")),
    }
}
