//! The good world, written down for the fuzzer.

#[path = "../support/fixture.rs"]
mod written;

use sealroom_attestation::{Fingerprint, TrustAnchor};

use crate::draft::{Draft, ListDraft};
use crate::world::{CHALLENGE, NOW, World};

#[test]
#[ignore = "writes fuzz/fixture anew, which seeds of the fuzzer depend on"]
fn a_good_world_is_written_down_for_the_fuzzer() {
    let world = World::good();
    let mut files: Vec<_> = world.authorities.iter().map(Draft::sign).collect();
    let digest = ring::digest::digest(&ring::digest::SHA256, &files[0]);
    let fingerprint = Fingerprint::from_sha256(digest.as_ref().try_into().unwrap());
    files.push(world.leaf.sign());
    files.extend(world.lists.iter().map(ListDraft::sign));
    let report = world.report();
    let mut accept = world.accept;
    accept.trust_anchor = TrustAnchor::new(fingerprint, true).unwrap();
    written::write("gpu", accept.into(), NOW, &CHALLENGE, &report, &files);
}
