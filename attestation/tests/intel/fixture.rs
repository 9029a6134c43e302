//! The good world, written down for the fuzzer.

#[path = "../support/fixture.rs"]
mod written;

use sealroom_attestation::{Accept, Fingerprint, TrustAnchor};

use crate::world::{Kind, NOW, REPORT_DATA, World, sha256};

#[test]
#[ignore = "writes fuzz/fixture anew, which seeds of the fuzzer depend on"]
fn a_good_world_is_written_down_for_the_fuzzer() {
    for (name, kind) in [("tdx-4", Kind::Tdx4), ("tdx-1.5", Kind::Tdx15), ("sgx", Kind::Sgx3)] {
        let mut world = World::new(kind);
        let chain = world.sign_chain();
        let anchor = TrustAnchor::new(Fingerprint::from_sha256(sha256(&chain[2])), true).unwrap();
        match &mut world.accept {
            Accept::Tdx(accept) => accept.trust_anchor = anchor,
            Accept::Sgx(accept) => accept.trust_anchor = anchor,
            _ => panic!("not of Intel's"),
        }
        let quote = world.quote(&chain);
        written::write(name, world.accept.clone(), NOW, &REPORT_DATA, &quote, &world.endorsements());
    }
}
