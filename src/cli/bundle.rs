//! `sealroom bundle`: Evidence, Endorsements, time and challenge in one file, so that the verdict can be repeated offline for years.
//!
//! What always holds: what goes in decodes; the file says nothing of whether it is genuine.

use super::appraise::{OnlineFlags, fetch, hex_bytes, utc};
use super::evidence_file::{decode_endorsements, decode_evidence, read_endorsements};
use super::exit::Failure;
use super::output::{self, Output};
use super::typed;
use clap::Args;
use sealroom_attestation::Bundle;
use sealroom_protocol::contract::time_text;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::path::PathBuf;

/// What is typed.
#[derive(Debug, Args)]
#[command(
    after_help = "The file is JSON (docs/appraisal.md). Whoever appraises it says whether its time and its challenge are used.

Examples:
  sealroom bundle quote.bin --endorsements collateral.json --at 2026-09-01T10:12:07Z --challenge 6f1c… -o quote.bundle
  sealroom bundle report.bin --online -o report.bundle
  sealroom appraise quote.bundle --policy policy.toml --at bundle --challenge bundle      gives the same verdict anywhere"
)]
pub(crate) struct Typed {
    /// Evidence in a file, in any form in which tools hand it on (- is standard input)
    evidence: PathBuf,
    /// Endorsements: a folder of the makers' own files, one such file, or a bundle; may be repeated
    #[arg(long, value_name = "FOLDER|FILE")]
    endorsements: Vec<PathBuf>,
    #[command(flatten)]
    online: OnlineFlags,
    /// The time that an appraisal was made at [default: the one in the file, else now]
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// The challenge that the Evidence answers, in hexadecimal [default: the one in the file, if it names one]
    #[arg(long, value_name = "HEX")]
    challenge: Option<String>,
    /// Where the bundle goes (- is standard output)
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
}

/// Writes the bundle.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let (file, evidence) = decode_evidence(&typed.evidence)?;
    let given = read_endorsements(&typed.endorsements)?;
    let at = typed.at.as_deref().map(utc).transpose()?.or(file.appraised_at).unwrap_or_else(sealroom::now);
    let challenge =
        typed.challenge.as_deref().map(|digits| hex_bytes("--challenge", digits)).transpose()?.or(file.challenge);
    let needed = evidence.needed();
    let mut bundle = Bundle::new(evidence.bytes().to_vec());
    bundle.endorsements = file.endorsements;
    for file in given {
        if !bundle.endorsements.contains(&file) {
            bundle.endorsements.push(file);
        }
    }
    let fetched = fetch(&typed.online, &needed)?;
    bundle.endorsements.extend(fetched.iter().flat_map(|item| item.files.clone()));
    decode_endorsements(&bundle.endorsements, &[])?;
    bundle.appraised_at = Some(at);
    bundle.challenge = challenge;
    let text = bundle.write();
    // What is written is what will be read.
    Bundle::read(text.as_bytes()).map_err(|error| Failure::local(format!("this does not fit a bundle: {error}")))?;
    let problems: Vec<String> =
        fetched.iter().filter_map(|item| Some(format!("{}: {}", item.needed, item.problem.as_ref()?))).collect();
    if typed.output.as_os_str() == "-" {
        return output::print(&text);
    }
    typed::write(&typed.output, text.as_bytes())?;
    let digest = hex::encode(Sha256::digest(text.as_bytes()));
    let fields = json!({
        "file": typed.output,
        "sha256": digest,
        "platform": evidence.platform().as_str(),
        "endorsements": bundle.endorsements.len(),
        "appraised_at": time_text(at),
        "challenge": bundle.challenge.as_ref().map(hex::encode),
        "not_fetched": problems,
    });
    let mut shown = format!(
        "{}: {} Evidence (NOT VERIFIED), {} Endorsements, as of {}, sha256:{digest}\n",
        typed.output.display(),
        evidence.platform(),
        bundle.endorsements.len(),
        time_text(at)
    );
    for problem in problems {
        shown.push_str(&format!("  not fetched: {problem}\n"));
    }
    output.answer(fields, shown)
}
