//! Appraisals of TDX and SGX quotes from bytes to verdict: real Evidence, every byte changed, and worlds that differ from a good
//! one in one thing.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a panic is a test's failure report")]

mod attributes;
mod authenticity;
mod certificates;
mod chain;
mod collateral;
#[path = "../appraisal/der.rs"]
#[expect(dead_code, reason = "shared with the tests of SEV-SNP, whose certificates need more of it")]
mod der;
mod documents;
#[path = "../event_log/build.rs"]
#[expect(dead_code, reason = "shared with the tests of event logs, which make others too")]
mod event_log;
mod events;
#[path = "../support/failed.rs"]
mod failed;
mod fixture;
mod flips;
#[path = "../support/folder.rs"]
mod folder;
mod forged;
mod good;
mod log_bytes;
mod pck;
mod policy;
mod real;
mod status;
mod world;
mod written;

use sealroom_attestation::{CryptoProvider, Platform, Rejection};

use crate::world::World;

/// One thing changed in a good world, and exactly the checks that must fail for it.
pub(crate) type Case = (&'static str, fn(&mut World), &'static [&'static str]);

/// The failed checks, after a look at the whole list: closed, in order, nothing passed that could not be judged.
pub(crate) fn failed(rejection: &Rejection) -> Vec<&'static str> {
    failed::failed_of(Some(rejection.verdict().platform().unwrap()), rejection)
}

fn run(cases: &[Case], new: fn() -> World) {
    for (name, change, expected) in cases {
        let mut world = new();
        change(&mut world);
        match world.appraise_with(CryptoProvider::ring()) {
            Ok(_) => panic!("{name}: accepted, must fail {expected:?}"),
            Err(rejection) => assert_eq!(failed(&rejection), *expected, "{name}: {rejection}"),
        }
    }
}

#[test]
fn every_check_of_the_closed_lists_is_tripped_by_a_case() {
    let shared = [authenticity::CASES, chain::CASES, policy::CASES, status::CASES];
    for (platform, own) in [
        (Platform::IntelTdx, vec![authenticity::TDX_CASES, policy::TDX_CASES, events::CASES]),
        (Platform::IntelSgx, vec![policy::SGX_CASES]),
    ] {
        let cases = shared.iter().chain(&own).flat_map(|list| list.iter());
        let tripped: Vec<_> = cases.flat_map(|(_, _, expected)| *expected).collect();
        for definition in platform.checks() {
            // What decoding alone decides is tripped by `flips`.
            let by_decoding = flips::BY_DECODING.contains(&definition.id);
            assert!(tripped.contains(&&definition.id) || by_decoding, "{} has no case", definition.id);
        }
    }
}
