//! What a log asks a witness, and what a witness decides (C2SP tlog-witness, `add-checkpoint`).
//!
//! What always holds: deciding is pure. Whoever serves it compares and writes in one transaction (`src/witness`).

use super::proof::{hashes, write_hashes};
use super::text::{line, number};
use super::{LogError, NOTE_LIMIT, ProofError, SignedCheckpoint, TreeHash, TreeHead, VerifierKey};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use sha2::{Digest, Sha256};

/// Largest request, in bytes: a note, 63 hashes and the old size.
pub const ADD_CHECKPOINT_LIMIT: usize = NOTE_LIMIT + (32 << 10);

/// A log's request for a cosignature.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the published form")]
pub struct AddCheckpoint {
    /// The size that the log believes the witness to have signed last.
    pub old: u64,
    /// The consistency proof from there.
    pub proof: Vec<TreeHash>,
    /// What is to be cosigned.
    pub checkpoint: SignedCheckpoint,
}

/// Why a witness does not cosign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WitnessRefusal {
    /// The request's form.
    #[error(transparent)]
    Form(#[from] LogError),
    /// An origin that this witness was not told of.
    #[error("this witness does not know the origin of this checkpoint")]
    UnknownOrigin,
    /// The log's signature.
    #[error("the log's signature: {0}")]
    Signature(LogError),
    /// An old size above the checkpoint's.
    #[error("the old size {old} is above the checkpoint's size {size}")]
    OldSize {
        /// As asked.
        old: u64,
        /// Of the checkpoint.
        size: u64,
    },
    /// Another size than what was cosigned last.
    #[error(
        "the latest checkpoint of this log that was cosigned here has {latest} leaves, and the request begins at {old}"
    )]
    Conflict {
        /// As asked.
        old: u64,
        /// What it is.
        latest: u64,
    },
    /// Not an extension of what was cosigned last.
    #[error("this checkpoint does not extend what was cosigned: {0}")]
    Inconsistent(#[from] ProofError),
}

impl WitnessRefusal {
    /// The HTTP status that the published page gives it.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Form(_) | Self::OldSize { .. } => 400,
            Self::Signature(_) => 403,
            Self::UnknownOrigin => 404,
            Self::Conflict { .. } => 409,
            Self::Inconsistent(_) => 422,
        }
    }
}

impl AddCheckpoint {
    /// A request.
    #[must_use]
    pub const fn new(old: u64, proof: Vec<TreeHash>, checkpoint: SignedCheckpoint) -> Self {
        Self { old, proof, checkpoint }
    }

    /// The request that a body spells.
    ///
    /// # Errors
    /// [`LogError`].
    pub fn decode(body: &[u8]) -> Result<Self, LogError> {
        let of = |expected| LogError::Request { expected };
        if body.len() > ADD_CHECKPOINT_LIMIT {
            return Err(LogError::TooLong { limit: ADD_CHECKPOINT_LIMIT, found: body.len() });
        }
        let text = core::str::from_utf8(body).map_err(|_| LogError::Text)?;
        let (old, rest) = line(text).ok_or(of("a line with the old size"))?;
        let old = old.strip_prefix("old ").and_then(number).ok_or(of("a line \"old\" and a number"))?;
        let (proof, note) = hashes(rest).ok_or(of("at most 63 hashes in base64 and an empty line"))?;
        Ok(Self { old, proof, checkpoint: SignedCheckpoint::decode(note.as_bytes())? })
    }

    /// The request's body.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut text = format!("old {}\n", self.old);
        write_hashes(&mut text, &self.proof);
        text.push_str(&self.checkpoint.encode());
        text
    }

    /// Whether a witness that knows this log's key and cosigned `latest` last may cosign: then the head to write down.
    ///
    /// # Errors
    /// [`WitnessRefusal`], in the order of the published page.
    pub fn judge(&self, log: &VerifierKey, latest: Option<&TreeHead>) -> Result<TreeHead, WitnessRefusal> {
        let head = *self.checkpoint.allegation().head();
        log.verify(self.checkpoint.note()).map_err(WitnessRefusal::Signature)?;
        if self.old > head.size {
            return Err(WitnessRefusal::OldSize { old: self.old, size: head.size });
        }
        let nothing = TreeHead { size: 0, root: TreeHash::empty() };
        let latest = latest.unwrap_or(&nothing);
        if self.old != latest.size {
            return Err(WitnessRefusal::Conflict { old: self.old, latest: latest.size });
        }
        head.verify_extends(latest, &self.proof)?;
        Ok(head)
    }
}

/// What a witness's monitoring read calls a log: SHA-256 of its origin, in hexadecimal digits.
#[must_use]
pub fn origin_hash(origin: &str) -> String {
    hex::encode(Sha256::digest(origin))
}
