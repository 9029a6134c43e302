//! The good world, written down for the fuzzer.

#[path = "../support/fixture.rs"]
mod written;

use sealroom_attestation::{Accept, Fingerprint, TrustAnchor};

use crate::events::logged;
use crate::world::{Kind, NOW, REPORT_DATA, World, sha256};

#[test]
#[ignore = "writes fuzz/fixture anew, which seeds of the fuzzer depend on"]
fn a_good_world_is_written_down_for_the_fuzzer() {
    let worlds = [
        ("tdx-4", World::new(Kind::Tdx4)),
        ("tdx-1.5", World::new(Kind::Tdx15)),
        ("tdx-log", logged()),
        ("sgx", World::new(Kind::Sgx3)),
    ];
    for (name, mut world) in worlds {
        let chain = world.sign_chain();
        let anchor = TrustAnchor::new(Fingerprint::from_sha256(sha256(&chain[2])), true).unwrap();
        match &mut world.accept {
            Accept::Tdx(accept) => accept.trust_anchor = anchor,
            Accept::Sgx(accept) => accept.trust_anchor = anchor,
            _ => panic!("not of Intel's"),
        }
        let evidence = world.evidence(&chain);
        written::write(name, world.accept.clone(), NOW, &REPORT_DATA, &evidence, &world.endorsements());
    }
}
