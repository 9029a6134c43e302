//! `sealroom endorsements show`: each Endorsement of a folder or file, with its dates.
//!
//! What always holds: dates are the file's own words; no signature is verified here, and it says so.

use super::date::utc;
use crate::cli::evidence_file;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::Output;
use clap::Args;
use sealroom::attestation::Endorsements;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::path::PathBuf;

/// What is typed.
#[derive(Debug, Args)]
#[command(
    after_help = "Files are told apart by content, not by name. No signature is verified: that is the appraisal's.
Exits with 0 where nothing has expired, with 3 where something has (nothing that is expired is ever used).

Examples:
  sealroom endorsements show endorsements/
  sealroom endorsements show bundle.json --json"
)]
pub(crate) struct Typed {
    /// Folders, files or bundles
    #[arg(required = true)]
    from: Vec<PathBuf>,
}

/// One Endorsement of a file.
struct Item {
    kind: &'static str,
    subject: String,
    /// Not before, where it says so, and the last second.
    from: Option<u64>,
    until: Option<u64>,
}

/// Shows.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<Exit, Failure> {
    let now = sealroom::now();
    let mut text = String::new();
    let mut listed = Vec::new();
    let mut expired = 0_usize;
    for file in evidence_file::read_endorsements(&typed.from)? {
        let digest = hex::encode(Sha256::digest(&file));
        let endorsements = Endorsements::decode(&file).map_err(|error| Failure::new(Exit::Malformed, error))?;
        text.push_str(&format!("sha256:{digest}  {} bytes\n", file.len()));
        let mut items = Vec::new();
        for item in items_of(&endorsements) {
            let is_expired = item.until.is_some_and(|until| until < now);
            expired = expired.saturating_add(usize::from(is_expired));
            text.push_str(&line(&item, is_expired));
            items.push(as_json(&item, is_expired));
        }
        listed.push(json!({ "sha256": digest, "length": file.len(), "items": items }));
    }
    text.push_str(&match expired {
        0 => "nothing has expired; NOT VERIFIED: the appraisal judges the signatures".to_owned(),
        1 => "1 has EXPIRED and would not be used; fetch it again".to_owned(),
        count => format!("{count} have EXPIRED and would not be used; fetch them again"),
    });
    output.answer(json!({ "verified": false, "expired": expired, "files": listed }), text)?;
    Ok(if expired == 0 { Exit::Done } else { Exit::Undecided })
}

fn items_of(endorsements: &Endorsements) -> Vec<Item> {
    let certificates = endorsements.certificates().iter().map(|certificate| {
        let (from, until) = certificate.validity_unix_seconds();
        Item { kind: "certificate", subject: certificate.subject().to_owned(), from: Some(from), until: Some(until) }
    });
    let lists = endorsements.revocation_lists().iter().map(|list| Item {
        kind: "revocation list",
        subject: list.issuer().to_owned(),
        from: None,
        until: list.next_update_unix_seconds(),
    });
    let infos = endorsements.tcb_infos().iter().map(|info| {
        let (from, until) = info.validity_unix_seconds();
        let subject = format!("{} on FMSPC {}", info.tee(), hex::encode(info.fmspc()));
        Item { kind: "TCB info", subject, from: Some(from), until: Some(until) }
    });
    let identities = endorsements.qe_identities().iter().map(|identity| {
        let (from, until) = identity.validity_unix_seconds();
        Item { kind: "QE identity", subject: identity.tee().to_string(), from: Some(from), until: Some(until) }
    });
    certificates.chain(lists).chain(infos).chain(identities).collect()
}

fn line(item: &Item, is_expired: bool) -> String {
    let from = item.from.map(|from| format!("from {} ", utc(from))).unwrap_or_default();
    let until = item.until.map_or_else(|| "says no end".to_owned(), |until| format!("until {}", utc(until)));
    let mark = if is_expired { "  EXPIRED" } else { "" };
    format!("  {:<16} {}  {from}{until}{mark}\n", item.kind, item.subject)
}

fn as_json(item: &Item, is_expired: bool) -> Value {
    json!({
        "kind": item.kind,
        "subject": item.subject,
        "not_before_unix_seconds": item.from,
        "expires_unix_seconds": item.until,
        "expired": is_expired,
    })
}
