//! Endorsements from the makers' services, where `--online` allows it.
//!
//! What always holds: without `--online` nothing is asked of anyone. What cannot be had is said, and the appraisal decides without it.

use crate::cli::exit::Failure;
use crate::cli::runtime::block_on;
use crate::cli::services::ServiceFlags;
use clap::Args;
use sealroom_attestation::{Endorsements, Needed};
use sealroom_endorsements::Source;
use std::path::PathBuf;

/// How Endorsements are fetched.
#[derive(Debug, Clone, Args)]
pub(crate) struct OnlineFlags {
    /// Fetch what is needed from the makers' services, and keep it (they learn which machine is asked about)
    #[arg(long)]
    online: bool,
    /// Folder in which fetched Endorsements are kept [default: sealroom/endorsements in the user's cache folder]
    #[arg(long, value_name = "FOLDER", requires = "online")]
    cache: Option<PathBuf>,
    #[command(flatten)]
    services: ServiceFlags,
}

/// How it went with one item.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) needed: String,
    /// What went wrong; none where it was had.
    pub(crate) problem: Option<String>,
    pub(crate) files: Vec<Vec<u8>>,
}

/// What is needed, from the cache or the makers. Nothing where `--online` was not given.
pub(crate) fn fetch(flags: &OnlineFlags, needed: &[Needed]) -> Result<Vec<Fetched>, Failure> {
    if !flags.online && flags.services.any() {
        return Err(Failure::local("the address of a service was given, and not --online")
            .hint("nothing is fetched without it"));
    }
    if !flags.online || needed.is_empty() {
        return Ok(Vec::new());
    }
    let source = Source::new(flags.services.settings(flags.cache.as_deref())?).map_err(Failure::local)?;
    let outcomes = block_on(async { Ok(source.fetch(needed).await) })?;
    let fetched = outcomes.into_iter().map(|(needed, outcome)| {
        let needed = needed.to_string();
        match outcome {
            Ok(endorsement) => Fetched { needed, problem: None, files: endorsement.into_files() },
            Err(error) => {
                let later = if error.may_pass() { "; trying later may help" } else { "" };
                Fetched { needed, problem: Some(format!("{error}{later}")), files: Vec::new() }
            }
        }
    });
    Ok(fetched.collect())
}

/// These and what was fetched. What contradicts one that was given is left out, and said.
pub(super) fn add(
    flags: &OnlineFlags,
    needed: &[Needed],
    mut endorsements: Endorsements,
) -> Result<(Endorsements, Vec<Fetched>), Failure> {
    let mut fetched = fetch(flags, needed)?;
    for item in &mut fetched {
        for file in &item.files {
            match endorsements.clone().with(file) {
                Ok(more) => endorsements = more,
                Err(error) => item.problem = Some(format!("fetched and not used: {error}")),
            }
        }
    }
    Ok((endorsements, fetched))
}
