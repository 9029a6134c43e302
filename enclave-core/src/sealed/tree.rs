//! The Merkle tree of RFC 6962 as far as a register needs it: append a leaf, tell the root.
//!
//! What always holds: a tree is as many peaks as its size has bits that are set, the largest first; two trees of one size and
//! root have the same leaves.

use alloc::vec::Vec;
use sha2::{Digest, Sha256};

/// A hash of the tree.
pub(super) type Hash = [u8; 32];

/// Leaves appended so far, folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tree {
    size: u64,
    peaks: Vec<Hash>,
}

impl Tree {
    pub(super) const fn empty() -> Self {
        Self { size: 0, peaks: Vec::new() }
    }

    /// A tree that someone else folded, if so many peaks can be of this size.
    pub(super) fn of(size: u64, peaks: &[Hash]) -> Option<Self> {
        let expected = usize::try_from(size.count_ones()).ok()?;
        (peaks.len() == expected).then(|| Self { size, peaks: peaks.to_vec() })
    }

    pub(super) const fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf, unless the tree is as large as trees get.
    pub(super) fn append(&mut self, leaf: &[u8]) -> Option<()> {
        let size = self.size.checked_add(1)?;
        // RFC 6962 section 2.1: a leaf is hashed behind 0x00, an inner node behind 0x01.
        let mut node: Hash = Sha256::new_with_prefix([0]).chain_update(leaf).finalize().into();
        for _ in 0..self.size.trailing_ones() {
            node = inner(&self.peaks.pop()?, &node);
        }
        self.peaks.push(node);
        self.size = size;
        Some(())
    }

    /// The root; that of no leaves is the hash of nothing.
    pub(super) fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let smallest = peaks.next().copied().unwrap_or_else(|| Sha256::digest([]).into());
        peaks.fold(smallest, |right, left| inner(left, &right))
    }
}

fn inner(left: &Hash, right: &Hash) -> Hash {
    Sha256::new_with_prefix([1]).chain_update(left).chain_update(right).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6962 section 2.1, word for word: split at the largest power of two below the number of leaves.
    fn root(leaves: &[Vec<u8>]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [leaf] => Sha256::new_with_prefix([0]).chain_update(leaf).finalize().into(),
            _ => {
                let half = leaves.len().next_power_of_two() / 2;
                inner(&root(&leaves[..half]), &root(&leaves[half..]))
            }
        }
    }

    #[test]
    fn roots_are_those_of_the_definition() {
        let leaves: Vec<Vec<u8>> = (0..70_u8).map(|byte| alloc::vec![byte; usize::from(byte)]).collect();
        let mut tree = Tree::empty();
        for count in 0..leaves.len() {
            assert_eq!(tree.root(), root(&leaves[..count]), "{count} leaves");
            assert_eq!(Tree::of(tree.size(), &tree.peaks), Some(tree.clone()));
            assert_eq!(
                Tree::of(tree.size() + 1, &tree.peaks).is_some(),
                (count + 1).count_ones() == count.count_ones()
            );
            tree.append(&leaves[count]).unwrap();
        }
        assert_eq!(tree.size(), 70);
    }

    #[test]
    fn a_tree_that_is_full_takes_no_leaf() {
        let mut tree = Tree { size: u64::MAX, peaks: alloc::vec![[0; 32]; 64] };
        assert_eq!(tree.append(b"leaf"), None);
    }
}
