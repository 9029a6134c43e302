//! `sealroom endorsements fetch`: from the makers' services into the cache, and as files into a folder.
//!
//! What always holds: nothing fetched is believed here; what has expired is not handed on.

use super::date::utc;
use crate::cli::evidence_file;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::Output;
use crate::cli::runtime::block_on;
use crate::cli::services::ServiceFlags;
use crate::cli::typed;
use clap::Args;
use sealroom::attestation::Needed;
use sealroom_endorsements::{Endorsement, FetchError, Origin, Source};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};

/// What is typed.
#[derive(Debug, Args)]
#[command(
    after_help = "What is needed is told by the Evidence itself. The answers stay in the cache until they expire; --into also writes each as a file
that `sealroom appraise --endorsements` reads. The services learn which chip or processor line is asked about.
Exits with 0 where everything needed is there, with 3 where something is not, with 2 where the file is no Evidence.

Examples:
  sealroom endorsements fetch report.bin --into endorsements/
  sealroom endorsements fetch quote.bin --intel https://pccs.example/ --into endorsements/
  sealroom endorsements fetch report.bin --offline"
)]
pub(crate) struct Typed {
    /// The Evidence
    evidence: PathBuf,
    /// Folder that the files are written into; made where it does not exist
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
    /// Folder of the cache [default: sealroom/endorsements in XDG_CACHE_HOME or ~/.cache]
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,
    #[command(flatten)]
    services: ServiceFlags,
    /// Take from the cache alone; ask nobody
    #[arg(long)]
    offline: bool,
}

/// Fetches.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<Exit, Failure> {
    let (_, evidence) = evidence_file::decode_evidence(&typed.evidence)?;
    let needed = evidence.needed();
    if needed.is_empty() {
        let text = format!(
            "{} needs nothing: all that its appraisal takes is in the Evidence or in the policy",
            evidence.platform()
        );
        output.answer(json!({ "needed": [], "missing": 0 }), text)?;
        return Ok(Exit::Done);
    }
    let source = Source::new(typed.services.settings(typed.cache.as_deref())?).map_err(Failure::local)?;
    let outcomes =
        block_on(async { Ok(if typed.offline { source.cached(&needed).await } else { source.fetch(&needed).await }) })?;
    let mut text = String::new();
    let mut listed = Vec::new();
    for (needed, outcome) in &outcomes {
        let files = match (outcome, &typed.into) {
            (Ok(endorsement), Some(folder)) => written(folder, needed, endorsement)?,
            _ => Vec::new(),
        };
        text.push_str(&line(needed, outcome, &files));
        listed.push(as_json(needed, outcome, &files));
    }
    let missing = outcomes.iter().filter(|(_, outcome)| outcome.is_err()).count();
    text.push_str(&match missing {
        0 => format!("{} items, all there", outcomes.len()),
        missing => {
            format!("{missing} of {} items are missing: an appraisal can not be decided without them", outcomes.len())
        }
    });
    output.answer(json!({ "needed": listed, "missing": missing, "into": typed.into }), text)?;
    Ok(if missing == 0 { Exit::Done } else { Exit::Undecided })
}

/// Writes the item's files under names that say what they are, and gives the names.
fn written(folder: &Path, needed: &Needed, endorsement: &Endorsement) -> Result<Vec<PathBuf>, Failure> {
    let made = std::fs::create_dir_all(folder);
    made.map_err(|source| Failure::local(format!("{}: {source}", folder.display())))?;
    let mut paths = Vec::new();
    for file in endorsement.files() {
        let digest = hex::encode(Sha256::digest(file));
        let name = format!("{}-{}.{}", stem(needed), digest.get(..12).unwrap_or_default(), extension(file));
        let path = folder.join(name);
        typed::write(&path, file)?;
        paths.push(path);
    }
    Ok(paths)
}

/// The beginning of the item's description as a file's name.
fn stem(needed: &Needed) -> String {
    let text = needed.to_string().to_ascii_lowercase();
    let words = text.split(|character: char| !character.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    // A chip's id is 128 digits long; the digest tells two files apart.
    words.filter(|word| word.len() <= 16).take(6).collect::<Vec<_>>().join("-")
}

fn extension(file: &[u8]) -> &'static str {
    match file.first() {
        Some(b'{') => "json",
        Some(b'-') => "pem",
        _ => "der",
    }
}

fn line(needed: &Needed, outcome: &Result<Endorsement, FetchError>, files: &[PathBuf]) -> String {
    match outcome {
        Ok(endorsement) => {
            let from = match endorsement.origin() {
                Origin::Cache => "from the cache",
                Origin::Confirmed => "from the cache, confirmed",
                _ => "fetched",
            };
            let expires = utc(endorsement.expires_unix_seconds());
            let mut text = format!("✓ {needed}: {from}, usable until {expires}\n");
            if let Some(error) = endorsement.not_kept() {
                text.push_str(&format!("    not kept in the cache: {error}\n"));
            }
            files.iter().for_each(|file| text.push_str(&format!("    {}\n", file.display())));
            text
        }
        Err(error) => {
            let advice = if error.may_pass() { "try again later" } else { "trying again will not help" };
            format!("✗ {needed}: {error} ({advice})\n")
        }
    }
}

fn as_json(needed: &Needed, outcome: &Result<Endorsement, FetchError>, files: &[PathBuf]) -> Value {
    let digests = |endorsement: &Endorsement| -> Vec<String> {
        endorsement.files().iter().map(|file| hex::encode(Sha256::digest(file))).collect()
    };
    match outcome {
        Ok(endorsement) => json!({
            "needed": needed.to_string(),
            "sha256": digests(endorsement),
            "expires_unix_seconds": endorsement.expires_unix_seconds(),
            "from_cache": endorsement.origin() != Origin::Service,
            "files": files,
        }),
        Err(error) => json!({ "needed": needed.to_string(), "error": error.to_string(), "may_pass": error.may_pass() }),
    }
}
