//! The good world, written down for the fuzzer.

#[path = "../support/fixture.rs"]
mod written;

use sealroom_attestation::tpm::AttestationKey;
use sealroom_attestation::{Fingerprint, TrustAnchor, azure as platform, tpm as quotes};

use crate::quote::sha256;
use crate::{azure, tpm};

#[test]
#[ignore = "writes fuzz/fixture anew, which seeds of the fuzzer depend on"]
fn a_good_world_is_written_down_for_the_fuzzer() {
    let world = tpm::World::certified();
    let [roots, intermediates] = &world.lists;
    let files = [world.root.sign(), world.intermediate.sign(), roots.sign(), intermediates.sign()];
    let fingerprint = Fingerprint::from_sha256(sha256(&files[0]).try_into().unwrap());
    let accept = quotes::Accept {
        name: "tpm".to_owned(),
        trust_anchor: TrustAnchor::vouched(fingerprint, "made for the fuzzer").unwrap(),
        attestation_key: AttestationKey::Certified,
        key_purpose: world.key_purpose.clone(),
        revocation: world.revocation.clone(),
        machines: world.machines.clone(),
        quote: world.rules.clone(),
    };
    let evidence = world.evidence().unwrap();
    written::write("tpm", accept.into(), world.now, &tpm::NONCE, &evidence, &files);

    let mut world = azure::World::good();
    let files = world.hardware.endorsements();
    let fingerprint = Fingerprint::from_sha256(sha256(&files[0]).try_into().unwrap());
    world.hardware.accept.trust_anchor = TrustAnchor::new(fingerprint, true).unwrap();
    let mut report = world.hardware.accept.clone();
    report.name = "azure".to_owned();
    let accept = platform::Accept {
        name: "azure".to_owned(),
        report: platform::Report::Snp(report),
        quote: world.rules.clone(),
        vm: world.vm.clone(),
    };
    let evidence = world.evidence().unwrap();
    written::write("azure", accept.into(), world.hardware.now, &azure::NONCE, &evidence, &files);
}
