//! The receipt bundle: one JSON file with all that a stranger needs to verify a run offline.
//!
//! What always holds: verifying needs no network, no key and no trust in who made the bundle. What it proves: every party
//! signed the contract, every granting party granted this proposal, and the enclave key in it signed the receipt; with
//! Evidence, also that the key was an enclave's that the contract accepts, unless the platform's key had leaked by then.

use crate::appraise::{AppraisalError, RoomCheck, judge};
use crate::evidence::EvidenceBundle;
use crate::file;
use crate::log::LogDemand;
use crate::memory::GrantRecord;
use crate::open::ending_text;
use crate::policy::Stricter;
use sealroom_attestation::Challenge;
use sealroom_protocol::contract::{Contract, ContractError, SignedContract};
use sealroom_protocol::dsse::{Envelope, PayloadType};
use sealroom_protocol::log::LogProof;
use sealroom_protocol::run::{Outcome, Receipt, ReceiptError, SignedError, SignedReceipt};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

const FORMAT: &str = "sealroom/1 receipt bundle";
/// Largest bundle, in bytes.
pub const BUNDLE_LIMIT: u64 = 32 << 20;

/// A contract, a receipt under it, and perhaps the Evidence of the enclave that signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptBundle {
    contract: Envelope,
    receipt: Envelope,
    evidence: Option<EvidenceBundle>,
    log_proof: Option<LogProof>,
}

/// How it is written: the envelopes as JSON objects, so that a script can read them.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format: String,
    contract: Envelope,
    receipt: Envelope,
    evidence: Option<EvidenceBundle>,
    /// The text of a `.tlog-proof`; left out where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    log_proof: Option<String>,
}

/// Why a bundle cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// The operating system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// Not a receipt bundle.
    #[error("not a receipt bundle of this version: expected JSON with \"format\": \"{FORMAT}\"")]
    Form,
    /// The receipt's form.
    #[error("the bundle's receipt: {0}")]
    Receipt(#[from] SignedError),
}

/// One check of a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BundleCheck {
    /// Fixed id.
    pub id: &'static str,
    /// What was found: `None` where it holds, else why it does not.
    pub failure: Option<String>,
    /// What it says when it holds.
    pub meaning: String,
}

/// All that could be said of a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BundleReport {
    /// What was checked, in order. After the first failure of contract or receipt nothing more is.
    pub checks: Vec<BundleCheck>,
    /// The appraisal's own checks, where there is Evidence.
    pub appraisal: Vec<RoomCheck>,
    /// Whether Evidence was appraised and accepted. Without, it is not known whether the key was an enclave's.
    pub appraised: bool,
    /// What the receipt says, once it holds.
    pub receipt: Option<Receipt>,
}

impl BundleReport {
    /// Whether every check that was made holds. [`BundleReport::appraised`] says whether the enclave was among them, and
    /// [`BundleReport::vouched`] whether anybody but the maker of the receipt takes part in it.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.receipt.is_some()
            && self.checks.iter().all(|check| check.failure.is_none())
            && self.appraisal.iter().all(RoomCheck::holds)
    }

    /// Whether somebody vouches for the key that signed the receipt: a party, whose grant names the proposal and so the key,
    /// or Evidence that was accepted. A void receipt may have neither. Anyone can make up such a one under a key of his
    /// own: that it holds decides nothing.
    #[must_use]
    pub fn vouched(&self) -> bool {
        self.appraised || self.receipt.as_ref().is_some_and(|receipt| !receipt.grants.is_empty())
    }
}

impl ReceiptBundle {
    /// A bundle without Evidence.
    ///
    /// # Panics
    /// Never: a receipt encodes to its envelope.
    #[must_use]
    pub fn new(contract: &SignedContract, receipt: &SignedReceipt) -> Self {
        let receipt =
            Envelope::decode(&receipt.encode(), PayloadType::Receipt).expect("a receipt encodes to its envelope");
        Self { contract: contract.envelope().clone(), receipt, evidence: None, log_proof: None }
    }

    /// With the Evidence that a granting party kept with its grant of the run.
    #[must_use]
    pub fn with_grant(self, record: &GrantRecord) -> Self {
        self.with_evidence(record.evidence.clone())
    }

    /// With Evidence of the enclave that signed the receipt.
    #[must_use]
    pub fn with_evidence(self, evidence: EvidenceBundle) -> Self {
        Self { evidence: Some(evidence), ..self }
    }

    /// With the proof that the receipt is in the contract's log.
    #[must_use]
    pub fn with_log_proof(self, proof: LogProof) -> Self {
        Self { log_proof: Some(proof), ..self }
    }

    /// The proof in it that the receipt is in the contract's log, not verified.
    #[must_use]
    pub const fn log_proof(&self) -> Option<&LogProof> {
        self.log_proof.as_ref()
    }

    /// The Evidence in it, not verified.
    #[must_use]
    pub const fn evidence(&self) -> Option<&EvidenceBundle> {
        self.evidence.as_ref()
    }

    /// The bundle's JSON.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let stored = Stored {
            format: FORMAT.into(),
            contract: self.contract.clone(),
            receipt: self.receipt.clone(),
            evidence: self.evidence.clone(),
            log_proof: self.log_proof.as_ref().map(LogProof::encode),
        };
        // String keys and no floating point: writing to memory cannot fail. An empty bundle would be refused by decode.
        serde_json::to_vec_pretty(&stored).unwrap_or_default()
    }

    /// Reads a bundle; nothing is verified yet.
    ///
    /// # Errors
    /// [`BundleError::Form`].
    pub fn decode(bytes: &[u8]) -> Result<Self, BundleError> {
        let stored: Stored = serde_json::from_slice(bytes).map_err(|_| BundleError::Form)?;
        if stored.format != FORMAT {
            return Err(BundleError::Form);
        }
        let log_proof = stored.log_proof.map(|text| LogProof::decode(text.as_bytes())).transpose();
        let log_proof = log_proof.map_err(|_| BundleError::Form)?;
        Ok(Self { contract: stored.contract, receipt: stored.receipt, evidence: stored.evidence, log_proof })
    }

    /// Reads a bundle's file.
    ///
    /// # Errors
    /// [`BundleError::Io`], [`BundleError::Form`].
    pub fn load(path: &Path) -> Result<Self, BundleError> {
        let bytes = File::open(path).and_then(|file| file::read_limited(file, BUNDLE_LIMIT));
        Self::decode(&bytes.map_err(|source| BundleError::Io { path: path.into(), source })?)
    }

    /// Writes a bundle's file, replacing an older one.
    ///
    /// # Errors
    /// [`BundleError::Io`].
    pub fn save(&self, path: &Path) -> Result<(), BundleError> {
        file::replace_public(path, &self.encode()).map_err(|source| BundleError::Io { path: path.into(), source })
    }

    /// The receipt, not verified.
    ///
    /// # Errors
    /// [`BundleError::Receipt`].
    pub fn receipt(&self) -> Result<SignedReceipt, BundleError> {
        Ok(SignedReceipt::decode(&self.receipt.encode())?)
    }

    /// The contract, with all signatures verified.
    ///
    /// # Errors
    /// [`ContractError`].
    pub fn contract(&self) -> Result<SignedContract, ContractError> {
        SignedContract::decode(&self.contract.encode())
    }

    /// Verifies everything, offline. Certificates are judged at `now`, or, where none is given, at the receipt's time:
    /// that is signed, and no earlier than any grant's clock; what the bundle says of its own appraisal is signed by nobody.
    #[must_use]
    pub fn verify(&self, now: Option<u64>) -> BundleReport {
        let mut report = BundleReport { checks: Vec::new(), appraisal: Vec::new(), appraised: false, receipt: None };
        let signed = match self.contract() {
            Ok(signed) => signed,
            Err(error) => {
                report.push("bundle.contract", Err(error.to_string()), String::new());
                return report;
            }
        };
        let contract = signed.contract();
        let names: Vec<&str> = contract.terms().parties.iter().map(|party| party.name.as_str()).collect();
        report.push(
            "bundle.contract",
            Ok(()),
            format!("contract \"{}\" is signed by {}", contract.terms().name, names.join(", ")),
        );
        let receipt = match self.receipt() {
            Ok(receipt) => receipt,
            Err(error) => {
                report.push("bundle.receipt", Err(error.to_string()), String::new());
                return report;
            }
        };
        match receipt.verify(contract) {
            Ok(receipt) => report.say(contract, receipt),
            Err(error) => {
                let id = failed_check(&error);
                report.push(id, Err(error.to_string()), String::new());
                return report;
            }
        }
        report.witness(contract, &receipt, self.log_proof.as_ref());
        if let Some(evidence) = &self.evidence {
            report.appraise(contract, receipt.allegation(), evidence, now);
        }
        report
    }
}

/// Which check a receipt fails at.
fn failed_check(error: &ReceiptError) -> &'static str {
    match error {
        ReceiptError::Signature(_) => "receipt.signature",
        ReceiptError::Contract { .. } => "receipt.contract",
        ReceiptError::Grant { .. } | ReceiptError::GrantOfAnother { .. } | ReceiptError::Grants { .. } => {
            "receipt.grants"
        }
        ReceiptError::Outputs => "receipt.outputs",
        ReceiptError::Counts { .. } => "receipt.counts",
        ReceiptError::Attachment { .. } => "receipt.attachments",
        _ => "receipt.proposal",
    }
}

impl BundleReport {
    fn push(&mut self, id: &'static str, result: Result<(), String>, meaning: String) {
        self.checks.push(BundleCheck { id, failure: result.err(), meaning });
    }

    fn say(&mut self, contract: &Contract, receipt: &Receipt) {
        let proposal = &receipt.proposal;
        let granting: Vec<&str> = contract.granting_parties().iter().map(|party| party.name.as_str()).collect();
        let grants = match receipt.outcome {
            Outcome::Complete => format!("granted by {}", granting.join(", ")),
            Outcome::Void => format!("{} of {} parties granted, so it is void", receipt.grants.len(), granting.len()),
        };
        let outputs: Vec<String> = receipt
            .outputs
            .iter()
            .map(|output| format!("{} {} to {}", output.name, output.object, output.recipients.join(", ")))
            .collect();
        let outputs = if outputs.is_empty() { "nothing left".into() } else { outputs.join("; ") };
        let gap =
            if receipt.gap.is_empty() { String::new() } else { format!("; no receipt of runs {:?}", receipt.gap) };
        self.push("receipt.signature", Ok(()), format!("signed by enclave key {}", proposal.enclave_key));
        self.push("receipt.contract", Ok(()), format!("of contract {}", contract.id()));
        let datasets = proposal.datasets.iter().map(|dataset| format!("{} {}", dataset.name, dataset.object));
        let inputs: Vec<String> = datasets.collect();
        self.push(
            "receipt.proposal",
            Ok(()),
            format!("run {}, proposal {}, inputs {}{gap}", proposal.run, proposal.id(), inputs.join(", ")),
        );
        self.push("receipt.grants", Ok(()), grants);
        self.push("receipt.outputs", Ok(()), format!("{}; {outputs}", ending_text(receipt.ending)));
        let counts: Vec<String> =
            receipt.counts.iter().map(|count| format!("{} {}", count.party, count.after)).collect();
        self.push("receipt.counts", Ok(()), format!("runs after it: {}", counts.join(", ")));
        let attached = match (&receipt.statement, &receipt.stop) {
            (None, None) => "none demanded, none there",
            (Some(_), None) => "the statement about the host's region is the named party's",
            (None, Some(_)) => "the stop is a party's",
            (Some(_), Some(_)) => "the statement and the stop are those of parties",
        };
        self.push("receipt.attachments", Ok(()), attached.into());
        self.receipt = Some(receipt.clone());
    }

    /// The log, where the contract asks for witnesses or the bundle has a proof.
    fn witness(&mut self, contract: &Contract, receipt: &SignedReceipt, proof: Option<&LogProof>) {
        let demand = LogDemand::of(contract);
        let Some(proof) = proof else {
            if demand.quorum.needed() > 0 {
                let failure = "the contract asks for witnesses' cosignatures, and no proof with them is there";
                self.push("receipt.log", Err(failure.into()), String::new());
            }
            return;
        };
        match demand.verify_proof(contract, receipt, proof) {
            Ok(cosigned) => {
                let names: Vec<&str> = cosigned.iter().map(|witness| witness.name.as_str()).collect();
                let by = if names.is_empty() { "no witness that the contract names".into() } else { names.join(", ") };
                let meaning = format!("receipt {} of the contract's log, cosigned by {by}", proof.index);
                self.push("receipt.log", Ok(()), meaning);
            }
            Err(failure) => self.push("receipt.log", Err(failure.to_string()), String::new()),
        }
    }

    fn appraise(&mut self, contract: &Contract, receipt: &Receipt, evidence: &EvidenceBundle, now: Option<u64>) {
        let same = receipt.proposal.enclave_key == evidence.enclave_key;
        let result =
            if same { Ok(()) } else { Err("the Evidence is of another enclave key than the receipt's".to_owned()) };
        self.push("bundle.enclave-key", result, "the Evidence is about the key that signed the receipt".into());
        // Whoever reads a bundle asked no challenge: that one of the list is answered shows what the key is, not when.
        let challenge = evidence.challenges.first().copied().unwrap_or_default();
        let at = now.unwrap_or(receipt.time);
        match judge(contract, evidence, Challenge::from_random(challenge), &Stricter::as_signed(), at) {
            Ok((attestation, checks)) => {
                self.appraisal = checks;
                self.appraisal.extend(attestation.verdict().checks().iter().map(RoomCheck::of));
                self.appraised = same;
            }
            Err(AppraisalError::Refused(refusal)) => self.appraisal = refusal.checks,
            Err(error) => self.push("bundle.policy", Err(error.to_string()), String::new()),
        }
    }
}

#[cfg(test)]
mod tests;
