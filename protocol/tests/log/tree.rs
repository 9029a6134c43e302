//! The tree against `ct-merkle`, and proofs with one thing changed.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sealroom_protocol::log::{ProofError, Tree, TreeError, TreeHash, TreeHead};
use sha2::Sha256;

fn leaf(number: u64) -> TreeHash {
    TreeHash::of_entry(&number.to_le_bytes())
}

fn tree(size: u64) -> Tree {
    Tree::new((0..size).map(leaf).collect())
}

fn other(size: u64) -> MemoryBackedTree<Sha256, [u8; 8]> {
    let mut tree = MemoryBackedTree::new();
    (0..size).for_each(|number| tree.push(number.to_le_bytes()));
    tree
}

fn bytes(proof: &[TreeHash]) -> Vec<u8> {
    proof.iter().flat_map(|hash| hash.as_bytes().to_vec()).collect()
}

#[test]
fn roots_and_proofs_of_three_hundred_sizes_are_those_of_another_crate() {
    let whole = tree(300);
    for size in 1..=300 {
        let theirs = other(size);
        assert_eq!(whole.head_at(size).unwrap().root.as_bytes().as_slice(), theirs.root().as_bytes().as_slice());
        for index in [0, size / 3, size / 2, size - 1] {
            let proof = theirs.prove_inclusion(usize::try_from(index).unwrap());
            assert_eq!(bytes(&whole.inclusion(index, size).unwrap()), proof.as_bytes(), "{index} of {size}");
        }
        for old in [1, size.div_ceil(3), size.div_ceil(2), size] {
            let proof = theirs.prove_consistency(usize::try_from(size - old).unwrap());
            assert_eq!(bytes(&whole.consistency(old, size).unwrap()), proof.as_bytes(), "{old} to {size}");
        }
    }
}

proptest! {
    #[test]
    fn a_proof_holds_for_its_leaf_place_and_tree_alone(size in 1_u64..200, index in 0_u64..200, bit in 0_usize..256) {
        let index = index % size;
        let whole = tree(size);
        let head = whole.head();
        let proof = whole.inclusion(index, size).unwrap();
        prop_assert_eq!(head.verify_inclusion(index, &leaf(index), &proof), Ok(()));
        prop_assert!(head.verify_inclusion(index, &leaf(size), &proof).is_err());
        for another in (0..size).filter(|another| *another != index) {
            prop_assert!(head.verify_inclusion(another, &leaf(index), &proof).is_err());
        }
        for place in 0..proof.len() {
            let mut changed = proof.clone();
            changed[place] = flip(&changed[place], bit);
            prop_assert_eq!(head.verify_inclusion(index, &leaf(index), &changed), Err(ProofError::Root { size }));
            let mut shorter = proof.clone();
            shorter.remove(place);
            prop_assert!(head.verify_inclusion(index, &leaf(index), &shorter).is_err());
            let longer = [proof.as_slice(), &proof[place..=place]].concat();
            let length = ProofError::Length { found: longer.len(), size };
            prop_assert_eq!(head.verify_inclusion(index, &leaf(index), &longer), Err(length));
        }
    }

    #[test]
    fn a_tree_extends_only_what_it_begins_with(size in 1_u64..200, old in 1_u64..200, bit in 0_usize..256) {
        let old = 1 + old % size;
        let whole = tree(size);
        let (head, before) = (whole.head(), whole.head_at(old).unwrap());
        let proof = whole.consistency(old, size).unwrap();
        prop_assert_eq!(head.verify_extends(&before, &proof), Ok(()));
        let forked = TreeHead { root: flip(&before.root, bit), ..before };
        prop_assert!(head.verify_extends(&forked, &proof).is_err());
        let grown = TreeHead { root: flip(&head.root, bit), ..head };
        prop_assert!(grown.verify_extends(&before, &proof).is_err());
        for place in 0..proof.len() {
            let mut changed = proof.clone();
            changed[place] = flip(&changed[place], bit);
            prop_assert!(head.verify_extends(&before, &changed).is_err());
            let mut shorter = proof.clone();
            shorter.remove(place);
            prop_assert!(head.verify_extends(&before, &shorter).is_err());
        }
        let longer = [proof.as_slice(), &[leaf(0)]].concat();
        prop_assert_eq!(head.verify_extends(&before, &longer), Err(ProofError::Length { found: longer.len(), size }));
    }

    #[test]
    fn no_sizes_and_hashes_make_a_verifier_panic_or_believe(size: u64, index: u64, count in 0_usize..70) {
        let head = TreeHead { size, root: leaf(1) };
        let proof = vec![leaf(2); count];
        prop_assert!(head.verify_inclusion(index, &leaf(3), &proof).is_err());
        let old = TreeHead { size: index, root: leaf(4) };
        prop_assert!(head.verify_extends(&old, &proof).is_err());
    }
}

fn flip(hash: &TreeHash, bit: usize) -> TreeHash {
    let mut bytes = *hash.as_bytes();
    bytes[bit / 8] ^= 1 << (bit % 8);
    TreeHash::from_bytes(bytes)
}

#[test]
fn the_empty_tree_is_the_beginning_of_every_tree_and_has_one_root() {
    let empty = TreeHead { size: 0, root: TreeHash::empty() };
    assert_eq!(Tree::default().head(), empty);
    assert_eq!(tree(3).head().verify_extends(&empty, &[]), Ok(()));
    assert_eq!(empty.verify_extends(&empty, &[]), Ok(()));
    let wrong = TreeHead { size: 0, root: leaf(0) };
    assert_eq!(wrong.verify_extends(&empty, &[]), Err(ProofError::Forked { old: 0, size: 0 }));
    assert_eq!(tree(3).head().verify_extends(&wrong, &[]), Err(ProofError::Forked { old: 0, size: 3 }));
    assert_eq!(tree(3).head().verify_extends(&empty, &[leaf(0)]), Err(ProofError::Length { found: 1, size: 3 }));
    assert_eq!(empty.verify_inclusion(0, &leaf(0), &[]), Err(ProofError::Range { index: 0, size: 0 }));
}

#[test]
fn what_a_tree_has_not_it_does_not_prove() {
    assert_eq!(tree(3).head_at(4), Err(TreeError::Size { known: 3, asked: 4 }));
    assert_eq!(tree(3).inclusion(3, 3), Err(TreeError::Index { index: 3, size: 3 }));
    assert_eq!(tree(3).inclusion(2, 2), Err(TreeError::Index { index: 2, size: 2 }));
    assert_eq!(tree(3).consistency(3, 2), Err(TreeError::Size { known: 2, asked: 3 }));
    assert_eq!(tree(3).head().verify_extends(&tree(4).head(), &[]), Err(ProofError::Range { index: 4, size: 3 }));
}
