//! Appraisals from bytes to verdict: real Evidence, every bit flipped, and chains that differ from a good one in one thing.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a panic is a test's failure report")]

mod authenticity;
mod der;
mod ear;
mod endorsements;
#[path = "../support/failed.rs"]
mod failed;
mod flips;
#[path = "../support/folder.rs"]
mod folder;
mod forged;
mod good;
mod page;
mod page_left_out;
mod policy;
mod real;
mod seen;
mod vectors;
mod world;
mod written;

use sealroom_attestation::{CryptoProvider, Platform, Rejection};

/// One thing changed in a good world, and exactly the checks that must fail for it.
pub(crate) type Case = (&'static str, fn(&mut world::World), &'static [&'static str]);

/// The failed checks, after a look at the whole list: closed, in order, nothing passed that could not be judged.
pub(crate) fn failed(rejection: &Rejection) -> Vec<&'static str> {
    failed::failed_of(rejection.verdict().platform(), rejection)
}

fn run(cases: &[Case], new: fn() -> world::World) {
    run_with(CryptoProvider::ring(), cases, new);
}

fn run_with(provider: CryptoProvider, cases: &[Case], new: fn() -> world::World) {
    for (name, change, expected) in cases {
        let mut world = new();
        change(&mut world);
        match world.appraise_with(provider) {
            Ok(_) => panic!("{name}: accepted, must fail {expected:?}"),
            Err(rejection) => assert_eq!(failed(&rejection), *expected, "{name}: {rejection}"),
        }
    }
}

#[test]
fn every_check_of_the_closed_list_is_tripped_by_a_case() {
    let cases = authenticity::CASES.iter().chain(authenticity::LEAF_CASES).chain(policy::CASES);
    let tripped: Vec<_> = cases.flat_map(|(_, _, expected)| *expected).collect();
    for definition in Platform::AmdSevSnp.checks() {
        // What decoding alone decides is tripped by the flipped bits and the lengths.
        let by_decoding = ["common.evidence-size", "snp.version", "snp.reserved"].contains(&definition.id);
        // With one platform there is no Evidence of another yet.
        let one_platform = definition.id == "common.platform";
        assert!(tripped.contains(&&definition.id) || by_decoding || one_platform, "{} has no case", definition.id);
    }
}
