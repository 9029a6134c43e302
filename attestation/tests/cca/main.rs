//! Arm CCA tokens from bytes to verdict: a recorded one, every bit flipped, and tokens of our own that differ from a good one in
//! one thing.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a panic is a test's failure report")]

mod cases;
#[path = "../nitro/cbor.rs"]
#[expect(dead_code, reason = "what other platforms' documents need")]
mod cbor;
#[path = "../appraisal/der.rs"]
#[expect(dead_code, reason = "what other platforms' chains need")]
mod der;
#[path = "../nitro/draft.rs"]
#[expect(dead_code, reason = "what platforms with certificates need")]
mod draft;
#[path = "../support/failed.rs"]
mod failed;
mod fixture;
#[path = "../support/folder.rs"]
#[expect(dead_code, reason = "the reader of one file")]
mod folder;
mod format;
mod policy;
mod recorded;
mod world;

use sealroom_attestation::{CryptoProvider, Platform, Rejection};

/// One thing changed in a good world, and exactly the checks that must fail for it.
pub(crate) type Case = (&'static str, fn(&mut world::World), &'static [&'static str]);

/// The failed checks, after a look at the whole list: closed, in order, nothing passed that could not be judged.
pub(crate) fn failed(rejection: &Rejection) -> Vec<&'static str> {
    failed::failed_of(Some(Platform::ArmCca), rejection)
}

pub(crate) fn run_with(provider: CryptoProvider, cases: &[Case]) {
    for (name, change, expected) in cases {
        let mut world = world::World::good();
        change(&mut world);
        match world.appraise_with(provider) {
            Ok(_) => panic!("{name}: accepted, must fail {expected:?}"),
            Err(rejection) => assert_eq!(failed(&rejection), *expected, "{name}: {rejection}"),
        }
    }
}

#[test]
fn every_check_of_the_closed_list_is_tripped_by_a_case() {
    let cases = cases::CASES.iter().chain(format::CASES);
    let tripped: Vec<_> = cases.flat_map(|(_, _, expected)| *expected).collect();
    for definition in Platform::ArmCca.checks() {
        // A block of another platform: a test of its own, in `policy`.
        let other_platform = definition.id == "common.platform";
        assert!(tripped.contains(&&definition.id) || other_platform, "{} has no case", definition.id);
    }
}
