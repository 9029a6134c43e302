//! `sealroom inspect`: what Evidence says, of whatever platform, in words.
//!
//! What always holds: nothing is verified, and every form of the output says so at every value.

use super::evidence_file::decode_evidence;
use super::exit::Failure;
use super::output::Output;
use clap::Args;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::path::PathBuf;

/// What is typed.
#[derive(Debug, Args)]
#[command(after_help = "Nothing is verified: anyone can write such bytes. sealroom appraise verifies them.

Examples:
  sealroom inspect quote.bin
  curl -s https://service.example/attestation | sealroom inspect - --json")]
pub(crate) struct Typed {
    /// Evidence in a file, in any form in which tools hand it on (- is standard input)
    evidence: PathBuf,
}

/// Decodes, and prints every claim.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let (file, evidence) = decode_evidence(&typed.evidence)?;
    let claims = evidence.unverified_claims();
    let needed: Vec<String> = evidence.needed().iter().map(ToString::to_string).collect();
    let digest = hex::encode(Sha256::digest(evidence.bytes()));
    let measurement = evidence.unverified_measurement().to_string();
    let named = |claim: &sealroom_attestation::Claim| json!({ "name": claim.name, "value": claim.value });
    let fields = json!({
        "verified": false,
        "warning": "NOT VERIFIED",
        "platform": evidence.platform().as_str(),
        "bytes": evidence.bytes().len(),
        "evidence_sha256": digest,
        "forms": file.forms,
        "unverified_measurement": measurement,
        "unverified_claims": claims.iter().map(named).collect::<Vec<Value>>(),
        "needed": needed,
        "brought_endorsements": file.endorsements.len(),
    });
    let mut text = format!(
        "NOT VERIFIED  anyone can write such bytes; sealroom appraise verifies them\n\
         NOT VERIFIED  {} Evidence, {} bytes, sha256:{digest}\n",
        evidence.platform(),
        evidence.bytes().len(),
    );
    for form in &file.forms {
        text.push_str(&format!("NOT VERIFIED  taken out of: {form}\n"));
    }
    let width = claims.iter().map(|claim| claim.name.len()).max().unwrap_or(0).min(40);
    text.push_str(&format!("NOT VERIFIED  {:<width$}  {measurement}\n", "measurement"));
    for claim in claims.iter().filter(|claim| claim.name != "measurement") {
        text.push_str(&format!("NOT VERIFIED  {:<width$}  {}\n", claim.name, claim.value));
    }
    if !needed.is_empty() {
        text.push_str("an appraisal needs:\n");
        for item in &needed {
            text.push_str(&format!("  {item}\n"));
        }
    }
    output.answer(fields, text)
}
