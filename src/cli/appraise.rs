//! `sealroom appraise`: is this room an enclave that the contract accepts? Every check, failures first.

use super::exit::Failure;
use super::output::Output;
use super::refusal;
use super::remote::{RoomFlags, block_on};
use super::typed::{self, PartyFlags};
use clap::Args;
use sealroom::Stricter;
use serde_json::json;
use std::path::PathBuf;

/// What is typed.
#[derive(Debug, Args)]
#[command(
    after_help = "Exits with 4 where the Evidence is not genuine or answers something else, with 5 where it is genuine and the contract does not
accept the enclave.

Examples:
  sealroom appraise --room https://host.example/rooms/4a7c --as cleveland.key --all
  sealroom appraise --room … --as cleveland.key --save evidence.json      what was appraised, for who appraises again"
)]
pub(crate) struct Typed {
    #[command(flatten)]
    room: RoomFlags,
    #[command(flatten)]
    party: PartyFlags,
    #[command(flatten)]
    stricter: StricterFlags,
    /// List every check, also those that hold
    #[arg(long)]
    all: bool,
    /// Where the Evidence and its Endorsements go
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
}

/// What a party demands beyond the contract.
#[derive(Debug, Clone, Args)]
pub(crate) struct StricterFlags {
    /// Refuse simulated platforms, also where the contract accepts them
    #[arg(long)]
    refuse_simulated: bool,
}

impl StricterFlags {
    /// As the SDK takes it.
    pub(crate) const fn meaning(&self) -> Stricter {
        Stricter { refuse_simulated: self.refuse_simulated, minimum_firmware: None, machines: None }
    }
}

/// Appraises.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let identity = typed.party.identity()?;
    let (remote, appraised) = block_on(async {
        let remote = typed.room.remote(Some(&identity)).await?;
        let appraised = remote.appraise(&identity, &typed.stricter.meaning()).await;
        let appraised = appraised.inspect_err(|failure| {
            if typed.all && !failure.checks.is_empty() {
                output.note(refusal::every(&failure.checks));
            }
        })?;
        Ok((remote, appraised))
    })?;
    let checks = appraised.checks();
    let skipped = checks.iter().filter(|check| check.status == "skipped").count();
    if let Some(path) = &typed.save {
        let bundle = serde_json::to_vec_pretty(appraised.evidence()).map_err(Failure::local)?;
        typed::write(path, &bundle)?;
    }
    let fields = json!({
        "room": remote.url(),
        "contract": remote.contract().id(),
        "enclave_key": appraised.enclave_key().to_string(),
        "simulated": appraised.simulated(),
        "held": checks.len().saturating_sub(skipped),
        "skipped": skipped,
        "checks": refusal::json(&checks),
    });
    let what = if appraised.simulated() { "SIMULATED: no hardware protects anything" } else { "hardware" };
    let mut text = format!(
        "ACCEPTED  {} checks hold, {skipped} are skipped by the contract, none fails ({what})\nenclave key {}\n",
        checks.len().saturating_sub(skipped),
        appraised.enclave_key()
    );
    text.push_str(&if typed.all { refusal::every(&checks) } else { refusal::compact(&checks, 110, "  ") });
    output.answer(fields, text)
}
