//! The Merkle tree of RFC 6962, section 2.1, over leaf hashes: roots, inclusion and consistency proofs, made and verified.
//!
//! What always holds: a proof verifies only with exactly as many hashes as sizes and index ask for. Verifying follows RFC
//! 9162, sections 2.1.3.2 and 2.1.4.2, and works on any size below 2^63 without holding a tree.

use super::text::from_base64;
use alloc::string::String;
use alloc::vec::Vec;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use core::fmt;
use core::str::FromStr;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};

/// Hashes in one proof: no tree of fewer than 2^63 leaves needs more.
pub const HASHES_LIMIT: usize = 63;

/// A leaf, node or root hash. Text form: base64.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TreeHash([u8; 32]);

/// A tree's size and root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "what a tree head is, in RFC 6962")]
pub struct TreeHead {
    /// Number of leaves.
    pub size: u64,
    /// The root.
    pub root: TreeHash,
}

/// Leaf hashes in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    leaves: Vec<TreeHash>,
}

/// A proof was asked for that the tree cannot give.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TreeError {
    /// A size above the tree's, or an old size above the new.
    #[error("a tree of {known} leaves has no proof for the size {asked}")]
    Size {
        /// The largest that could be asked for.
        known: u64,
        /// What was.
        asked: u64,
    },
    /// A leaf that is not among those of the size.
    #[error("there is no leaf {index} among the first {size}")]
    Index {
        /// Which leaf.
        index: u64,
        /// Of how many.
        size: u64,
    },
}

/// Why a proof does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// An index that the tree has not, or an old tree that is larger than the new.
    #[error("{index} is not below {size}, the number of leaves")]
    Range {
        /// Index of the leaf, or size of the old tree.
        index: u64,
        /// Size of the tree.
        size: u64,
    },
    /// More or fewer hashes than the sizes ask for.
    #[error("the proof has {found} hashes, which is not what a tree of {size} leaves asks for")]
    Length {
        /// How many it has.
        found: usize,
        /// Size of the tree.
        size: u64,
    },
    /// The hashes lead to another root.
    #[error("the proof does not lead to the root of the tree of {size} leaves")]
    Root {
        /// Size of the tree.
        size: u64,
    },
    /// The old root is not what the proof's hashes give: the new tree does not begin with the old one.
    #[error("the tree of {size} leaves does not begin with that of {old}")]
    Forked {
        /// Size of the old tree.
        old: u64,
        /// Size of the new one.
        size: u64,
    },
}

impl TreeHash {
    /// The hash with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The hash of a leaf: `SHA-256(0x00 ‖ entry)`.
    #[must_use]
    pub fn of_entry(entry: &[u8]) -> Self {
        Self(Sha256::new_with_prefix([0]).chain_update(entry).finalize().into())
    }

    /// The root of no leaves: SHA-256 of nothing.
    #[must_use]
    pub fn empty() -> Self {
        Self(Sha256::digest([]).into())
    }

    /// `SHA-256(0x01 ‖ left ‖ right)`.
    fn node(left: &Self, right: &Self) -> Self {
        Self(Sha256::new_with_prefix([1]).chain_update(left.0).chain_update(right.0).finalize().into())
    }
}

impl fmt::Display for TreeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for TreeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TreeHash({self})")
    }
}

impl FromStr for TreeHash {
    type Err = super::LogError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = from_base64(text).and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or(super::LogError::Proof { expected: "a hash of 32 bytes in base64" })
    }
}

impl Serialize for TreeHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TreeHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl Tree {
    /// A tree of these leaves.
    #[must_use]
    pub const fn new(leaves: Vec<TreeHash>) -> Self {
        Self { leaves }
    }

    /// Appends a leaf.
    pub fn push(&mut self, leaf: TreeHash) {
        self.leaves.push(leaf);
    }

    /// The leaves.
    #[must_use]
    pub fn leaves(&self) -> &[TreeHash] {
        &self.leaves
    }

    /// Its size and root.
    #[must_use]
    pub fn head(&self) -> TreeHead {
        TreeHead { size: length(&self.leaves), root: root_of(&self.leaves) }
    }

    /// Size and root of its first `size` leaves.
    ///
    /// # Errors
    /// [`TreeError::Size`].
    pub fn head_at(&self, size: u64) -> Result<TreeHead, TreeError> {
        Ok(TreeHead { size, root: root_of(self.first(size)?) })
    }

    /// The proof that leaf `index` is among the first `size` (RFC 6962, section 2.1.1).
    ///
    /// # Errors
    /// [`TreeError`].
    pub fn inclusion(&self, index: u64, size: u64) -> Result<Vec<TreeHash>, TreeError> {
        let mut rest = self.first(size)?;
        let place = usize::try_from(index).ok().filter(|place| *place < rest.len());
        let mut place = place.ok_or(TreeError::Index { index, size })?;
        let mut proof = Vec::new();
        while rest.len() > 1 {
            let (left, right) = halves(rest);
            let (beside, inside) = if place < left.len() { (right, left) } else { (left, right) };
            place = if place < left.len() { place } else { place.saturating_sub(left.len()) };
            proof.push(root_of(beside));
            rest = inside;
        }
        proof.reverse();
        Ok(proof)
    }

    /// The proof that the first `size` leaves begin with the first `old` (RFC 6962, section 2.1.2).
    ///
    /// # Errors
    /// [`TreeError::Size`].
    pub fn consistency(&self, old: u64, size: u64) -> Result<Vec<TreeHash>, TreeError> {
        let mut rest = self.first(size)?;
        let left_of = usize::try_from(old).ok().filter(|old| *old <= rest.len());
        let mut old = left_of.ok_or(TreeError::Size { known: size, asked: old })?;
        let mut proof = Vec::new();
        if old == 0 {
            return Ok(proof);
        }
        let mut whole = true;
        while old < rest.len() {
            let (left, right) = halves(rest);
            if old <= left.len() {
                proof.push(root_of(right));
                rest = left;
            } else {
                proof.push(root_of(left));
                old = old.saturating_sub(left.len());
                rest = right;
                whole = false;
            }
        }
        if !whole {
            proof.push(root_of(rest));
        }
        proof.reverse();
        Ok(proof)
    }

    fn first(&self, size: u64) -> Result<&[TreeHash], TreeError> {
        let first = usize::try_from(size).ok().and_then(|size| self.leaves.get(..size));
        first.ok_or(TreeError::Size { known: length(&self.leaves), asked: size })
    }
}

impl TreeHead {
    /// Verifies that `leaf` stands at `index` in this tree.
    ///
    /// # Errors
    /// [`ProofError`].
    pub fn verify_inclusion(&self, index: u64, leaf: &TreeHash, proof: &[TreeHash]) -> Result<(), ProofError> {
        let size = self.size;
        if index >= size {
            return Err(ProofError::Range { index, size });
        }
        let length = ProofError::Length { found: proof.len(), size };
        let (mut place, mut last, mut root) = (index, size.saturating_sub(1), *leaf);
        for hash in proof {
            if last == 0 {
                return Err(length);
            }
            if place % 2 == 1 || place == last {
                root = TreeHash::node(hash, &root);
                up_to_odd(&mut place, &mut last);
            } else {
                root = TreeHash::node(&root, hash);
            }
            (place, last) = (place >> 1, last >> 1);
        }
        match (last, root == self.root) {
            (0, true) => Ok(()),
            (0, false) => Err(ProofError::Root { size }),
            _ => Err(length),
        }
    }

    /// Verifies that this tree begins with `old`.
    ///
    /// # Errors
    /// [`ProofError`].
    pub fn verify_extends(&self, old: &Self, proof: &[TreeHash]) -> Result<(), ProofError> {
        let size = self.size;
        let length = ProofError::Length { found: proof.len(), size };
        if old.size > size {
            return Err(ProofError::Range { index: old.size, size });
        }
        if old.size == 0 || old.size == size {
            // The empty tree has one root, whatever a head says.
            let empty = old.size != 0 || old.root == TreeHash::empty();
            let same = empty && (old.size != size || old.root == self.root);
            let forked = ProofError::Forked { old: old.size, size };
            return if !proof.is_empty() { Err(length) } else { same.then_some(()).ok_or(forked) };
        }
        let whole = [old.root];
        let begins = if old.size.is_power_of_two() { whole.as_slice() } else { &[] };
        let mut hashes = begins.iter().chain(proof);
        let Some(first) = hashes.next() else { return Err(length) };
        let (mut place, mut last) = (old.size.saturating_sub(1), size.saturating_sub(1));
        while place % 2 == 1 {
            (place, last) = (place >> 1, last >> 1);
        }
        let (mut old_root, mut root) = (*first, *first);
        for hash in hashes {
            if last == 0 {
                return Err(length);
            }
            if place % 2 == 1 || place == last {
                old_root = TreeHash::node(hash, &old_root);
                root = TreeHash::node(hash, &root);
                up_to_odd(&mut place, &mut last);
            } else {
                root = TreeHash::node(&root, hash);
            }
            (place, last) = (place >> 1, last >> 1);
        }
        if last != 0 {
            return Err(length);
        }
        match (old_root == old.root, root == self.root) {
            (true, true) => Ok(()),
            (true, false) => Err(ProofError::Root { size }),
            (false, _) => Err(ProofError::Forked { old: old.size, size }),
        }
    }
}

/// Up the tree as long as the node is a left one.
fn up_to_odd(place: &mut u64, last: &mut u64) {
    while place.is_multiple_of(2) && *place != 0 {
        (*place, *last) = (*place >> 1, *last >> 1);
    }
}

fn length(leaves: &[TreeHash]) -> u64 {
    u64::try_from(leaves.len()).unwrap_or(u64::MAX)
}

/// The two sides of a tree of two leaves or more: the left has the largest power of two below their number.
fn halves(leaves: &[TreeHash]) -> (&[TreeHash], &[TreeHash]) {
    leaves.split_at(leaves.len().div_ceil(2).next_power_of_two())
}

fn root_of(leaves: &[TreeHash]) -> TreeHash {
    match leaves {
        [] => TreeHash::empty(),
        [leaf] => *leaf,
        leaves => {
            let (left, right) = halves(leaves);
            TreeHash::node(&root_of(left), &root_of(right))
        }
    }
}
