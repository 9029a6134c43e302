//! The register that witnesses hold: a log of states, of which k of n witnesses cosign every extension.
//!
//! A witness that knows a log of some size cosigns only an extension of it (C2SP tlog-witness). So a leaf that k of them
//! cosigned is in every log that k of them cosign later. Reading appends a leaf too: only a tree that never was before shows
//! that the cosignatures are new.
//!
//! Witnesses cosign whatever extends a log, so only enclaves of the store may extend it: the log's key is theirs, sealed, and
//! the end of the log that a host shows must carry their signature.
//!
//! What always holds: the last leaf of a cosigned log says the newest state; every leaf has a nonce of its own; a leaf is handed
//! to the host, which writes it down, before or with the request to the witnesses. `spec/sealed.md`, section 6.

use super::bytes::Bytes;
use super::level::FreshnessLevel;
use super::means::Unavailable;
use super::quorum::{LINE_START, Quorum, key_id};
use super::register::{Anchored, Register, RegisterError};
use super::tree::Tree;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use core::fmt;
use sealroom_protocol::hash::length_prefixed;
use sealroom_protocol::id::{ObjectId, StoreId};
use sealroom_protocol::identity::{SigningPublicKey, SigningSecret};

const RECORD_LABEL: &str = "sealroom/1 sealed record";
/// Key type of an ed25519 note signature in a key id.
const LOG_SIGNATURE_TYPE: u8 = 0x01;
/// Most bytes of a field of a leaf.
const LEAF_LIMIT: usize = 256;

/// The end of a store's log, as the host has it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "whoever carries it must be able to make it")]
pub struct Tail {
    /// Leaves before the last one.
    pub size: u64,
    /// Their tree: the roots of its full subtrees, the largest first.
    pub peaks: Vec<[u8; 32]>,
    /// The last leaf.
    pub leaf: Vec<u8>,
    /// The store's signature over the checkpoint of the log with this leaf, as [`Extension::signature`] gave it.
    pub signature: [u8; 64],
}

/// A leaf to append, and the checkpoint that witnesses are to cosign.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Extension<'e> {
    /// The log's origin line.
    pub origin: &'e str,
    /// Leaves once this one is appended.
    pub size: u64,
    /// The leaf.
    pub leaf: &'e [u8],
    /// The store's signature over the checkpoint: kept with the leaf, and shown again in [`Tail::signature`].
    pub signature: &'e [u8; 64],
    /// What witnesses get: the checkpoint (C2SP tlog-checkpoint) as a note with this signature.
    pub note: &'e str,
}

/// The host's log has another size: another instance appended to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "whoever carries the log must be able to make it")]
pub struct Behind;

/// The host's part: it keeps the leaves, and carries checkpoints to the witnesses. Nothing of it is believed.
///
/// So that an honest host's crash never locks the store out, it must write the leaf down, durably, *before* it asks the first
/// witness: a witness that knows a leaf that the log has lost cosigns no other in its place.
pub trait WitnessLog {
    /// The end of the log of this origin, or that there is none.
    ///
    /// # Errors
    /// [`Unavailable`].
    fn tail(&mut self, origin: &str) -> Result<Option<Tail>, Unavailable>;

    /// Appends the leaf, then asks every witness to cosign the checkpoint, and gives what they answer: note signature lines.
    /// The outer error says that nobody knows what happened; the inner one that nothing was appended.
    ///
    /// # Errors
    /// [`Unavailable`].
    fn extend(&mut self, extension: &Extension<'_>) -> Result<Result<Vec<String>, Behind>, Unavailable>;
}

/// A register whose every answer k of n witnesses cosign: level [`FreshnessLevel::Witness`].
pub struct WitnessRegister<L> {
    quorum: Quorum,
    key: SigningSecret,
    log: L,
    /// What this life knows to be cosigned.
    known: BTreeMap<StoreId, Known>,
}

#[derive(Debug, Clone)]
struct Known {
    tree: Tree,
    newest: Option<Anchored>,
}

impl<L: WitnessLog> WitnessRegister<L> {
    /// Over this log and these witnesses, which know the public half of `key` as that of the log.
    ///
    /// Only the store's enclaves may have the key: draw it once, [`seal`](super::seal()) it, unseal it in every life. Whoever
    /// else has it can roll the store back.
    pub const fn new(quorum: Quorum, key: SigningSecret, log: L) -> Self {
        Self { quorum, key, log, known: BTreeMap::new() }
    }

    /// The origin line of a store's log.
    #[must_use]
    pub fn origin(store: &StoreId) -> String {
        format!("sealroom-sealed-store/{store}")
    }

    /// What this life knows, or what the host shows: not cosigned yet.
    fn alleged(&mut self, store: &StoreId) -> Result<Known, RegisterError> {
        if let Some(known) = self.known.get(store) {
            return Ok(known.clone());
        }
        let Some(tail) = self.log.tail(&Self::origin(store)).map_err(|Unavailable| RegisterError::Unavailable)? else {
            return Ok(Known { tree: Tree::empty(), newest: None });
        };
        let newest = Some(decode(&tail.leaf, store)?);
        let mut tree = Tree::of(tail.size, &tail.peaks).ok_or(RegisterError::Record { field: "peaks" })?;
        tree.append(&tail.leaf).ok_or(RegisterError::Record { field: "size" })?;
        let checkpoint = checkpoint(&Self::origin(store), &tree);
        self.key.public().verify(checkpoint.as_bytes(), &tail.signature).map_err(|_| RegisterError::LogSignature)?;
        Ok(Known { tree, newest })
    }

    /// Appends a leaf that says `newest`, and lets it be cosigned.
    fn extend(
        &mut self,
        store: &StoreId,
        mut tree: Tree,
        newest: Anchored,
        nonce: &[u8; 32],
    ) -> Result<(), RegisterError> {
        let leaf = encode(store, newest, nonce);
        tree.append(&leaf).ok_or(RegisterError::Record { field: "size" })?;
        let (origin, size) = (Self::origin(store), tree.size());
        let checkpoint = checkpoint(&origin, &tree);
        let signature = self.key.sign(checkpoint.as_bytes());
        let note = note(&origin, &self.key.public(), &checkpoint, &signature);
        // Until it is known to be cosigned, the next call takes what the host wrote down.
        self.known.remove(store);
        let extension = Extension { origin: &origin, size, leaf: &leaf, signature: &signature, note: &note };
        let answer = self.log.extend(&extension).map_err(|Unavailable| RegisterError::Unavailable)?;
        let lines = answer.map_err(|Behind| RegisterError::Conflict { found: None })?;
        let (needed, found) = (self.quorum.needed(), self.quorum.count(&checkpoint, &lines));
        if found < needed {
            return Err(RegisterError::Cosignatures { needed, found });
        }
        self.known.insert(*store, Known { tree, newest: Some(newest) });
        Ok(())
    }
}

impl<L: WitnessLog> Register for WitnessRegister<L> {
    fn level(&self) -> FreshnessLevel {
        FreshnessLevel::Witness
    }

    fn read(&mut self, store: &StoreId, nonce: &[u8; 32]) -> Result<Option<Anchored>, RegisterError> {
        let Known { tree, newest } = self.alleged(store)?;
        // Where there is no log there is nothing to extend: a host that hides one gains a refusal to create another.
        if let Some(newest) = newest {
            self.extend(store, tree, newest, nonce)?;
        }
        Ok(newest)
    }

    fn compare_and_swap(
        &mut self,
        store: &StoreId,
        expected: Option<Anchored>,
        new: Anchored,
        nonce: &[u8; 32],
    ) -> Result<(), RegisterError> {
        let Known { tree, newest } = self.alleged(store)?;
        if newest != expected {
            return Err(RegisterError::Conflict { found: newest });
        }
        self.extend(store, tree, new, nonce)
    }
}

/// The checkpoint's text: origin, size, root, each ended by a newline.
fn checkpoint(origin: &str, tree: &Tree) -> String {
    format!("{origin}\n{}\n{}\n", tree.size(), STANDARD.encode(tree.root()))
}

/// The text, an empty line, and the log's signature line (C2SP signed-note, ed25519).
fn note(origin: &str, key: &SigningPublicKey, checkpoint: &str, signature: &[u8; 64]) -> String {
    let key_id = key_id(origin, LOG_SIGNATURE_TYPE, key);
    let line = STANDARD.encode([key_id.as_slice(), signature].concat());
    format!("{checkpoint}\n{LINE_START}{origin} {line}\n")
}

fn encode(store: &StoreId, state: Anchored, nonce: &[u8; 32]) -> Vec<u8> {
    let version = state.version.to_le_bytes();
    length_prefixed(RECORD_LABEL, &[store.as_bytes(), &version, state.digest.as_bytes(), nonce])
}

/// The state that a leaf of this store's log says.
fn decode(leaf: &[u8], store: &StoreId) -> Result<Anchored, RegisterError> {
    let field = |field| RegisterError::Record { field };
    let mut bytes = Bytes::new(leaf);
    if bytes.prefixed(LEAF_LIMIT) != Some(RECORD_LABEL.as_bytes()) {
        return Err(field("label"));
    }
    if bytes.prefixed(LEAF_LIMIT) != Some(store.as_bytes().as_slice()) {
        return Err(field("store"));
    }
    let version = bytes.prefixed(LEAF_LIMIT).and_then(|version| version.try_into().ok()).map(u64::from_le_bytes);
    let version = version.filter(|version| *version > 0).ok_or(field("version"))?;
    let digest: Option<[u8; 32]> = bytes.prefixed(LEAF_LIMIT).and_then(|digest| digest.try_into().ok());
    let digest = ObjectId::from_bytes(digest.ok_or(field("digest"))?);
    bytes.prefixed(LEAF_LIMIT).filter(|nonce| nonce.len() == 32).ok_or(field("nonce"))?;
    bytes.end().ok_or(field("end"))?;
    Ok(Anchored { version, digest })
}

impl<L> fmt::Debug for WitnessRegister<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WitnessRegister")
            .field("quorum", &self.quorum)
            .field("known", &self.known)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leaf_has_one_encoding_and_belongs_to_one_store() {
        let store = StoreId::from_bytes([1; 32]);
        let state = Anchored { version: 7, digest: ObjectId::from_bytes([2; 32]) };
        let leaf = encode(&store, state, &[3; 32]);
        assert_eq!(decode(&leaf, &store), Ok(state));
        let refused = |leaf: &[u8], field| assert_eq!(decode(leaf, &store), Err(RegisterError::Record { field }));
        assert_eq!(decode(&leaf, &StoreId::from_bytes([9; 32])), Err(RegisterError::Record { field: "store" }));
        refused(&[leaf.as_slice(), &[0]].concat(), "end");
        refused(&leaf[..leaf.len() - 1], "nonce");
        refused(&leaf[4..], "label");
        let zero = Anchored { version: 0, ..state };
        refused(&encode(&store, zero, &[3; 32]), "version");
    }
}
