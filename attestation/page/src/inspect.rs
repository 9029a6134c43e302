//! What Evidence says of itself, as JSON: `inspected` is what `sealroom inspect --json` answers for the same file.
//!
//! What always holds: nothing is verified, and the answer says so.

use sealroom_attestation::{Claim, DecodeError, Evidence, EvidenceFile};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::appraise::words;
use crate::refused::Refused;

/// The answer for a file: `inspected`, and beside it what the file says of an appraisal, `appraised_at` (seconds since 1970)
/// and `challenge` (hexadecimal), each perhaps `null`; or `failure`, as of [`appraise`](crate::appraise()).
#[must_use]
pub fn inspect(file: &[u8]) -> Value {
    decoded(file).unwrap_or_else(|error| Refused::Evidence(error).to_json())
}

fn decoded(file: &[u8]) -> Result<Value, DecodeError> {
    let file = EvidenceFile::read(file)?;
    let evidence = Evidence::decode(&file.evidence)?;
    let claim = |claim: &Claim| json!({ "name": claim.name, "value": claim.value });
    let inspected = json!({
        "verified": false,
        "warning": "NOT VERIFIED",
        "platform": evidence.platform().as_str(),
        "bytes": evidence.bytes().len(),
        "evidence_sha256": hex::encode(Sha256::digest(evidence.bytes())),
        "forms": file.forms,
        "unverified_measurement": evidence.unverified_measurement().to_string(),
        "unverified_claims": evidence.unverified_claims().iter().map(claim).collect::<Vec<_>>(),
        "needed": words(&evidence.needed()),
        "brought_endorsements": file.endorsements.len(),
    });
    Ok(json!({
        "inspected": inspected,
        "appraised_at": file.appraised_at,
        "challenge": file.challenge.map(hex::encode),
    }))
}
