//! `sealroom appraise --room`: is this room an enclave that the contract accepts? Every check, failures first.

use super::StricterFlags;
use crate::cli::exit::Failure;
use crate::cli::output::Output;
use crate::cli::refusal;
use crate::cli::remote::{NetworkFlags, RoomFlags, block_on};
use crate::cli::typed::{self, PassphraseFlags};
use clap::Args;
use serde_json::json;
use std::path::{Path, PathBuf};

/// What is typed of a room. All of it is left out where Evidence comes from a file.
#[derive(Debug, Args)]
pub(crate) struct RoomTyped {
    /// The room: https://host.example/rooms/NAME
    #[arg(long, value_name = "URL", requires = "key")]
    room: Option<String>,
    /// The signed contract [default: the one that the host brings, where all signatures hold, yours too]
    #[arg(long, value_name = "FILE", requires = "room")]
    contract: Option<PathBuf>,
    #[command(flatten)]
    network: NetworkFlags,
    /// Key file of the party that acts
    #[arg(long = "as", value_name = "KEY", requires = "room")]
    key: Option<PathBuf>,
    /// The party's memory; an appraisal alone does not read it
    #[arg(long, value_name = "FILE", hide = true, requires = "room")]
    memory: Option<PathBuf>,
    #[command(flatten)]
    passphrase: PassphraseFlags,
    #[command(flatten)]
    stricter: StricterFlags,
    /// Where the Evidence and its Endorsements go
    #[arg(long, value_name = "FILE", requires = "room")]
    save: Option<PathBuf>,
}

/// Appraises.
pub(super) fn run(typed: &RoomTyped, all: bool, output: Output) -> Result<(), Failure> {
    let (Some(room), Some(key)) = (&typed.room, &typed.key) else {
        return Err(Failure::local("neither Evidence nor a room to appraise was given")
            .hint("sealroom appraise EVIDENCE --policy POLICY, or sealroom appraise --room URL --as KEY"));
    };
    let identity = typed::load_identity(Path::new(key), &typed.passphrase)?;
    let room = RoomFlags::new(room.clone(), typed.contract.clone(), typed.network.clone());
    let (remote, appraised) = block_on(async {
        let remote = room.remote(Some(&identity)).await?;
        let appraised = remote.appraise(&identity, &typed.stricter.meaning()).await;
        let appraised = appraised.inspect_err(|failure| {
            if all && !failure.checks.is_empty() {
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
    text.push_str(&if all { refusal::every(&checks) } else { refusal::compact(&checks, 110, "  ") });
    output.answer(fields, text)
}
