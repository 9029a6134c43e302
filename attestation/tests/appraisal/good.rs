//! What is accepted, and what the result then says.

use sealroom_attestation::snp::{Product, SigningKey};
use sealroom_attestation::{CryptoProvider, Platform, Status, Step};

use crate::world::{ATTESTED_KEY, World};

fn worlds() -> impl Iterator<Item = (String, World)> {
    let lines = [Product::Milan, Product::Genoa, Product::Turin];
    let all = lines.into_iter().flat_map(|line| [2, 3, 4, 5].map(|version| (line, version)));
    all.filter(|(line, version)| !(*line == Product::Turin && *version == 2)).flat_map(|(line, version)| {
        [SigningKey::Vcek, SigningKey::Vlek]
            .map(|kind| (format!("{line} version {version} {}", kind.as_str()), World::new(line, kind, version)))
    })
}

#[test]
fn every_line_version_and_key_kind_is_accepted() {
    for (name, world) in worlds() {
        let result = world.appraise().unwrap_or_else(|rejection| panic!("{name}: {rejection}"));
        assert!(result.verdict().checks().iter().all(|check| check.holds()), "{name}");
        assert_eq!(result.verdict().checks().len(), 39, "{name}");
    }
}

#[cfg(feature = "rustcrypto")]
#[test]
fn both_providers_accept_the_same() {
    for (name, world) in worlds() {
        let result = world.appraise_with(CryptoProvider::rustcrypto());
        assert!(result.is_ok(), "{name}: {}", result.unwrap_err());
    }
}

#[test]
fn a_result_says_what_was_appraised() {
    let result = World::milan().appraise_with(CryptoProvider::ring()).unwrap();
    assert_eq!(result.attested_key(), Some(&ATTESTED_KEY));
    assert_eq!(result.challenge(), Some(&[7; 32]));
    assert_eq!(result.measurement().to_string(), format!("sha384:{}", "3e".repeat(48)));
    assert_eq!(result.platform(), Platform::AmdSevSnp);
    assert!(result.simulated(), "a root that is no vendor's");
    assert_eq!(result.machine(), Some([0xc1; 64].as_slice()));
    assert_eq!(result.hardware(), "Milan, bootloader 3, tee 1, snp 8, microcode 213");
    assert_eq!(result.valid_until_unix_seconds(), 1_780_272_000, "2026-06-01, the end of the revocation list");
    assert_eq!(result.verdict().accept_block(), "test");
    assert_eq!(result.verdict().held(), 39);
}

#[test]
fn a_skipped_check_says_the_policys_reason() {
    let result = World::milan().appraise().unwrap();
    let check = result.verdict().checks().iter().find(|check| check.id() == "snp.author-key").unwrap();
    assert_eq!(*check.status(), Status::Skipped { reason: "the test has no author key".to_owned() });
    assert_eq!(check.definition().step, Step::Policy);
}

#[test]
fn a_simulated_root_is_called_that_whatever_its_name_says() {
    let result = World::milan().appraise().unwrap();
    let check = result.verdict().checks().iter().find(|check| check.id() == "common.trust-anchor").unwrap();
    assert!(check.found().starts_with("SIMULATED root sha256:"), "{}", check.found());
}

#[test]
fn a_masked_chip_id_is_accepted_where_the_policy_says_why() {
    use sealroom_attestation::{Requirement, Rule};
    let mut world = World::milan();
    world.put(0x1a0, &[0; 64]);
    world.accept.machines = Rule::skip("any machine");
    world.accept.visible_chip_id = Requirement::skip("the cloud masks chip ids");
    assert_eq!(world.appraise().unwrap().machine(), None);
}

#[test]
fn an_author_key_is_accepted_where_the_policy_names_it() {
    let mut world = World::milan();
    world.report[0x048] |= 1;
    world.accept.author_key_digests = sealroom_attestation::Rule::Require(vec![[9; 48], [0xa0; 48]]);
    assert!(world.appraise().is_ok());
}

#[test]
fn the_hardware_id_may_be_wrapped_in_an_octet_string() {
    let mut world = World::milan();
    world.leaf.set_extension("1.3.6.1.4.1.3704.1.4", &crate::der::octets(&[0xc1; 64]));
    assert!(world.appraise().is_ok());
}
