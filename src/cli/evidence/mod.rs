//! `sealroom evidence`: the files in which a platform's tools leave the parts of its Evidence, put together into the one file that
//! every other command takes.
//!
//! What always holds: what is written decodes as Evidence of that platform; nothing is verified, and the answer says so.

mod azure;
mod quote;
mod tdx;
mod tpm;

use super::exit::{Exit, Failure};
use super::output::{self, Output};
use super::typed;
use clap::Subcommand;
use sealroom_attestation::{DecodeError, Evidence, EvidenceFile};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::path::Path;

/// What is typed.
#[derive(Debug, Subcommand)]
pub(crate) enum Typed {
    /// Put the files of a TPM 2.0 quote into one: quote, signature, registers, attestation key, event log
    Tpm(tpm::Typed),
    /// The same of an Azure confidential VM, whose paravisor's report says whose key it is
    Azure(azure::Typed),
    /// Put the quote of a trust domain and its event log into one: what a policy with event_log needs
    Tdx(tdx::Typed),
}

impl Typed {
    /// The command as typed.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Tpm(_) => "evidence tpm",
            Self::Azure(_) => "evidence azure",
            Self::Tdx(_) => "evidence tdx",
        }
    }

    /// Puts the files together.
    pub(crate) fn run(&self, output: Output) -> Result<(), Failure> {
        match self {
            Self::Tpm(typed) => tpm::run(typed, output),
            Self::Azure(typed) => azure::run(typed, output),
            Self::Tdx(typed) => tdx::run(typed, output),
        }
    }
}

/// Writes Evidence that was put together, or says why these parts make none.
fn write(assembled: Result<Vec<u8>, DecodeError>, path: &Path, output: Output) -> Result<(), Failure> {
    let refused = |problem: String| Failure::new(Exit::Malformed, format!("these files make no evidence: {problem}"));
    let bytes = assembled.map_err(|error| refused(error.to_string()))?;
    if bytes.len() > EvidenceFile::LIMIT {
        return Err(refused(format!("{} bytes, expected at most {}", bytes.len(), EvidenceFile::LIMIT)));
    }
    let evidence = Evidence::decode(&bytes).map_err(|error| refused(error.to_string()))?;
    if path.as_os_str() == "-" {
        if output.json {
            return Err(Failure::local("standard output can not have the Evidence and the answer in JSON")
                .hint("give --output FILE, or leave --json out"));
        }
        return output::print_bytes(&bytes);
    }
    typed::write(path, &bytes)?;
    let platform = evidence.platform();
    let digest = hex::encode(Sha256::digest(&bytes));
    let size = typed::size(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    let fields = json!({
        "verified": false,
        "platform": platform.as_str(),
        "file": path,
        "bytes": bytes.len(),
        "evidence_sha256": digest,
    });
    let text = format!(
        "wrote {} ({platform}, {size}), sha256:{digest}\nNOTHING WAS VERIFIED: sealroom appraise says whether it is genuine",
        path.display()
    );
    output.answer(fields, text)
}
