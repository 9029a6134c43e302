//! A receipt's place in a log, as one text (C2SP tlog-proof v1).

use super::text::{line, number};
use super::{LogError, SignedCheckpoint, TreeHash, tree::HASHES_LIMIT};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Largest proof, in bytes.
pub const PROOF_LIMIT: usize = 256 << 10;
/// Its first line.
const FIRST: &str = "c2sp.org/tlog-proof@v1";

/// An index, an inclusion proof and the checkpoint that they lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the published form")]
pub struct LogProof {
    /// Which leaf, from 0.
    pub index: u64,
    /// The inclusion proof, from the leaf's sibling up.
    pub hashes: Vec<TreeHash>,
    /// The checkpoint.
    pub checkpoint: SignedCheckpoint,
}

impl LogProof {
    /// A proof. Nothing is verified.
    #[must_use]
    pub const fn new(index: u64, hashes: Vec<TreeHash>, checkpoint: SignedCheckpoint) -> Self {
        Self { index, hashes, checkpoint }
    }

    /// The proof that these bytes spell.
    ///
    /// # Errors
    /// [`LogError`]: the first line, form of the hashes, the checkpoint's note.
    pub fn decode(bytes: &[u8]) -> Result<Self, LogError> {
        let of = |expected| LogError::Proof { expected };
        if bytes.len() > PROOF_LIMIT {
            return Err(LogError::TooLong { limit: PROOF_LIMIT, found: bytes.len() });
        }
        let text = core::str::from_utf8(bytes).map_err(|_| LogError::Text)?;
        let (first, rest) = line(text).ok_or(of(FIRST))?;
        if first != FIRST {
            return Err(of("c2sp.org/tlog-proof@v1 as its first line"));
        }
        let (index, rest) = line(rest).ok_or(of("a line with the index"))?;
        let index = index.strip_prefix("index ").and_then(number).ok_or(of("a line \"index\" and a number"))?;
        let (hashes, note) = hashes(rest).ok_or(of("at most 63 hashes in base64 and an empty line"))?;
        Ok(Self { index, hashes, checkpoint: SignedCheckpoint::decode(note.as_bytes())? })
    }

    /// The proof's text.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut text = format!("{FIRST}\nindex {}\n", self.index);
        write_hashes(&mut text, &self.hashes);
        text.push_str(&self.checkpoint.encode());
        text
    }
}

/// Hashes, one a line, up to an empty line; and what follows it.
pub(super) fn hashes(text: &str) -> Option<(Vec<TreeHash>, &str)> {
    let mut hashes = Vec::new();
    let mut rest = text;
    loop {
        let (hash, after) = line(rest)?;
        rest = after;
        if hash.is_empty() {
            return Some((hashes, rest));
        }
        if hashes.len() >= HASHES_LIMIT {
            return None;
        }
        hashes.push(hash.parse().ok()?);
    }
}

/// The same, written.
pub(super) fn write_hashes(text: &mut String, hashes: &[TreeHash]) {
    for hash in hashes {
        text.push_str(&format!("{hash}\n"));
    }
    text.push('\n');
}
