//! `sealroom upload`: hand an encrypted dataset to a host.

use super::exit::{Exit, Failure};
use super::output::Output;
use super::progress::Bar;
use super::remote::{NetworkFlags, block_on};
use super::typed::{self, PartyFlags};
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

/// What is typed.
#[derive(Debug, Args)]
#[command(
    after_help = "Goes on where an earlier upload broke off. The host gets ciphertext; the key stays in the party's memory.

Example:
  sealroom upload patients --host https://host.example --as cleveland.key      reads patients.manifest and patients.body"
)]
pub(crate) struct Typed {
    /// Files of the encrypted dataset, without their extension
    files: PathBuf,
    /// Address of the host
    #[arg(long, value_name = "URL")]
    host: String,
    #[command(flatten)]
    party: PartyFlags,
    #[command(flatten)]
    network: NetworkFlags,
}

/// Uploads.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let identity = typed.party.identity()?;
    let host = typed.network.host(&typed.host)?;
    let extended = |extension: &str| {
        let mut path = typed.files.clone().into_os_string();
        path.push(extension);
        PathBuf::from(path)
    };
    let (manifest, body) = (extended(".manifest"), extended(".body"));
    for path in [&manifest, &body] {
        if !path.exists() {
            return Err(Failure::new(Exit::Local, format!("{} is not there", path.display()))
                .hint("sealroom encrypt writes it"));
        }
    }
    let bar = Bar::new("upload");
    let mut progress = |progress| bar.update(progress);
    let object = block_on(async { Ok(host.upload_files(&manifest, &body, &identity, &mut progress).await?) })?;
    drop(bar);
    let length = std::fs::metadata(&body).map(|found| found.len()).unwrap_or_default();
    let fields = json!({ "object": object, "host": host.url(), "body_length": length });
    output.answer(fields, format!("object {} is at {} ({})", typed::brief(&object), host.url(), typed::size(length)))
}
