//! A contract's receipts as one log in a file: what a host or an auditor keeps, and what a stranger verifies offline.
//! `protocol/spec/log.md`.
//!
//! What always holds: appending refuses whatever verifying would refuse, and signs only what extends what was there.

mod error;
mod key;
#[cfg(test)]
mod tests;
mod verify;

pub use error::{LogFailure, LogFileError};
pub use key::{NoteKey, NoteKeyError};
pub use verify::{LogDemand, LogEnclave, LogEntry, VerifiedLog};

use crate::bundle::ReceiptBundle;
use crate::evidence::EvidenceBundle;
use crate::file;
use sealroom_protocol::contract::SignedContract;
use sealroom_protocol::dsse::{Envelope, PayloadType};
use sealroom_protocol::hash::sha256;
use sealroom_protocol::id::ContractId;
use sealroom_protocol::log::{
    AddCheckpoint, Checkpoint, LogProof, LogSigner, NoteSignature, SignedCheckpoint, Tree, TreeHash, VerifierKey,
    history_after, leaf_of, origin_of,
};
use sealroom_protocol::run::{Receipt, SignedReceipt};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::path::Path;

const FORMAT: &str = "sealroom/1 log";
/// Largest log file, in bytes.
pub const LOG_LIMIT: u64 = 256 << 20;
/// Receipts of one log.
pub const ENTRIES_LIMIT: usize = 100_000;

/// A log: contract, receipts, checkpoint, and Evidence of the enclaves. Nothing of it is believed before it is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptLog {
    pub(crate) contract: Envelope,
    pub(crate) log_key: VerifierKey,
    pub(crate) leaves: Vec<TreeHash>,
    pub(crate) receipts: Vec<Envelope>,
    pub(crate) checkpoint: SignedCheckpoint,
    pub(crate) evidence: Vec<EvidenceBundle>,
}

/// How it is written.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format: String,
    contract: Envelope,
    log_key: VerifierKey,
    leaves: Vec<TreeHash>,
    receipts: Vec<Envelope>,
    checkpoint: String,
    evidence: Vec<EvidenceBundle>,
}

impl ReceiptLog {
    /// A log without receipts.
    ///
    /// # Errors
    /// [`LogFileError::Origin`] where the signer is that of another log.
    pub fn begin(contract: &SignedContract, signer: &LogSigner) -> Result<Self, LogFileError> {
        let expected = origin_of(&contract.contract().id());
        if signer.verifier().name() != expected {
            return Err(LogFileError::Origin { expected, found: signer.verifier().name().into() });
        }
        let checkpoint = signer.sign(Checkpoint::new(&expected, Tree::default().head())?);
        Ok(Self {
            contract: contract.envelope().clone(),
            log_key: signer.verifier().clone(),
            leaves: Vec::new(),
            receipts: Vec::new(),
            checkpoint,
            evidence: Vec::new(),
        })
    }

    /// Appends receipts in this order and signs the new checkpoint. All of them or none.
    ///
    /// # Errors
    /// [`LogFileError::Key`], [`LogFileError::Contract`], [`LogFileError::Receipt`], [`LogFileError::Entries`],
    /// [`LogFileError::History`].
    pub fn append(&mut self, receipts: &[SignedReceipt], signer: &LogSigner) -> Result<(), LogFileError> {
        if *signer.verifier() != self.log_key {
            return Err(LogFileError::Key);
        }
        let contract = SignedContract::verify(&self.contract)?;
        let before = self.decoded()?;
        for receipt in receipts {
            receipt.verify(contract.contract())?;
        }
        if before.len().saturating_add(receipts.len()) > ENTRIES_LIMIT {
            return Err(LogFileError::Entries { limit: ENTRIES_LIMIT });
        }
        let all: Vec<&Receipt> = before.iter().chain(receipts).map(SignedReceipt::allegation).collect();
        drop(history_after(contract.contract().carried_head(), &all)?);
        let mut tree = Tree::new(self.leaves.clone());
        let mut envelopes = Vec::with_capacity(receipts.len());
        for receipt in receipts {
            tree.push(leaf_of(receipt.allegation()));
            envelopes.push(Envelope::decode(&receipt.encode(), PayloadType::Receipt)?);
        }
        self.checkpoint = signer.sign(Checkpoint::new(self.checkpoint.allegation().origin(), tree.head())?);
        self.leaves = tree.leaves().to_vec();
        self.receipts.extend(envelopes);
        Ok(())
    }

    /// A log of parts that somebody else keeps. Nothing is verified.
    ///
    /// # Errors
    /// [`LogFileError::Entries`], [`LogFileError::Envelope`].
    pub fn assemble(
        contract: &SignedContract,
        log_key: VerifierKey,
        checkpoint: SignedCheckpoint,
        receipts: &[SignedReceipt],
    ) -> Result<Self, LogFileError> {
        if receipts.len() > ENTRIES_LIMIT {
            return Err(LogFileError::Entries { limit: ENTRIES_LIMIT });
        }
        let envelope = |receipt: &SignedReceipt| Envelope::decode(&receipt.encode(), PayloadType::Receipt);
        Ok(Self {
            contract: contract.envelope().clone(),
            log_key,
            leaves: receipts.iter().map(|receipt| leaf_of(receipt.allegation())).collect(),
            receipts: receipts.iter().map(envelope).collect::<Result<_, _>>()?,
            checkpoint,
            evidence: Vec::new(),
        })
    }

    /// The id of its contract, by the file's word.
    #[must_use]
    pub fn contract_id(&self) -> ContractId {
        ContractId::from_bytes(sha256(self.contract.payload()))
    }

    /// Adds Evidence of an enclave that signed one of the receipts, unless there is some.
    pub fn add_evidence(&mut self, evidence: EvidenceBundle) {
        if self.evidence.iter().all(|known| known.enclave_key != evidence.enclave_key) {
            self.evidence.push(evidence);
        }
    }

    /// Adds a cosignature. Whether it holds is for [`ReceiptLog::verify`].
    ///
    /// # Errors
    /// [`LogFileError::Log`].
    pub fn add_cosignature(&mut self, line: NoteSignature) -> Result<(), LogFileError> {
        Ok(self.checkpoint.add(line)?)
    }

    /// The request to a witness that cosigned the first `old` receipts last.
    ///
    /// # Errors
    /// [`LogFileError::Tree`].
    pub fn request(&self, old: u64) -> Result<AddCheckpoint, LogFileError> {
        let size = self.checkpoint.allegation().head().size;
        let proof = Tree::new(self.leaves.clone()).consistency(old, size)?;
        Ok(AddCheckpoint::new(old, proof, self.checkpoint.clone()))
    }

    /// The proof that receipt `index` is in this log, as the checkpoint has it.
    ///
    /// # Errors
    /// [`LogFileError::Tree`].
    pub fn prove(&self, index: u64) -> Result<LogProof, LogFileError> {
        let size = self.checkpoint.allegation().head().size;
        let hashes = Tree::new(self.leaves.clone()).inclusion(index, size)?;
        Ok(LogProof::new(index, hashes, self.checkpoint.clone()))
    }

    /// Where a receipt stands in this log.
    ///
    /// # Errors
    /// [`LogFileError::Absent`].
    pub fn place_of(&self, receipt: &Receipt) -> Result<u64, LogFileError> {
        let leaf = leaf_of(receipt);
        let place = self.leaves.iter().zip(0..).find(|(known, _)| **known == leaf).map(|(_, place)| place);
        place.ok_or_else(|| LogFileError::Absent { receipt: receipt.id() })
    }

    /// The receipts, not verified.
    ///
    /// # Errors
    /// [`LogFileError::Signed`].
    pub fn decoded(&self) -> Result<Vec<SignedReceipt>, LogFileError> {
        let decode = |envelope: &Envelope| SignedReceipt::decode(&envelope.encode());
        Ok(self.receipts.iter().map(decode).collect::<Result<_, _>>()?)
    }

    /// The checkpoint, not verified.
    #[must_use]
    pub const fn checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }

    /// The log's key, as the file says.
    #[must_use]
    pub const fn log_key(&self) -> &VerifierKey {
        &self.log_key
    }

    /// Receipt `index` as a bundle, with Evidence of its enclave where there is some.
    pub(crate) fn bundle(&self, contract: &SignedContract, receipt: &SignedReceipt) -> ReceiptBundle {
        let bundle = ReceiptBundle::new(contract, receipt);
        let key = &receipt.allegation().proposal.enclave_key;
        match self.evidence.iter().find(|evidence| evidence.enclave_key == *key) {
            Some(evidence) => bundle.with_evidence(evidence.clone()),
            None => bundle,
        }
    }

    /// The file's JSON.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let stored = Stored {
            format: FORMAT.into(),
            contract: self.contract.clone(),
            log_key: self.log_key.clone(),
            leaves: self.leaves.clone(),
            receipts: self.receipts.clone(),
            checkpoint: self.checkpoint.encode(),
            evidence: self.evidence.clone(),
        };
        // String keys and no floating point: writing to memory cannot fail. An empty file would be refused by decode.
        serde_json::to_vec_pretty(&stored).unwrap_or_default()
    }

    /// Reads a log; nothing is verified yet.
    ///
    /// # Errors
    /// [`LogFileError::Form`], [`LogFileError::Entries`], [`LogFileError::Log`].
    pub fn decode(bytes: &[u8]) -> Result<Self, LogFileError> {
        let stored: Stored = serde_json::from_slice(bytes).map_err(|_| LogFileError::Form)?;
        if stored.format != FORMAT {
            return Err(LogFileError::Form);
        }
        if stored.leaves.len() > ENTRIES_LIMIT || stored.receipts.len() > ENTRIES_LIMIT {
            return Err(LogFileError::Entries { limit: ENTRIES_LIMIT });
        }
        Ok(Self {
            contract: stored.contract,
            log_key: stored.log_key,
            leaves: stored.leaves,
            receipts: stored.receipts,
            checkpoint: SignedCheckpoint::decode(stored.checkpoint.as_bytes())?,
            evidence: stored.evidence,
        })
    }

    /// Reads a log's file.
    ///
    /// # Errors
    /// [`LogFileError::Io`], and those of [`ReceiptLog::decode`].
    pub fn load(path: &Path) -> Result<Self, LogFileError> {
        let bytes = File::open(path).and_then(|file| file::read_limited(file, LOG_LIMIT));
        Self::decode(&bytes.map_err(|source| LogFileError::Io { path: path.into(), source })?)
    }

    /// Writes a log's file, replacing an older one.
    ///
    /// # Errors
    /// [`LogFileError::Io`].
    pub fn save(&self, path: &Path) -> Result<(), LogFileError> {
        file::replace_public(path, &self.encode()).map_err(|source| LogFileError::Io { path: path.into(), source })
    }
}
