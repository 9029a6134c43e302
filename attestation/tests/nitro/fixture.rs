//! The good world, written down for the fuzzer.

#[path = "../support/fixture.rs"]
mod written;

use sealroom_attestation::{Fingerprint, TrustAnchor};

use crate::world::{NOW, REPORT_DATA, World};

#[test]
#[ignore = "writes fuzz/fixture anew, which seeds of the fuzzer depend on"]
fn a_good_world_is_written_down_for_the_fuzzer() {
    let world = World::good();
    let (document, root) = world.document();
    let digest = ring::digest::digest(&ring::digest::SHA256, &root);
    let fingerprint = Fingerprint::from_sha256(digest.as_ref().try_into().unwrap());
    let mut accept = world.accept;
    accept.trust_anchor = TrustAnchor::new(fingerprint, true).unwrap();
    written::write("nitro", accept.into(), NOW, &REPORT_DATA, &document, &[]);
}
