//! What is accepted, and what the result then says.

use sealroom_attestation::intel::Machine;
use sealroom_attestation::sgx::Identity;
use sealroom_attestation::{CryptoProvider, IntelTee, Needed, PckCa, Platform, Rule, Status};

use crate::certificates::Draft;
use crate::certificates::Key;
use crate::world::{Kind, World};

const ALL: [Kind; 6] = [Kind::Tdx4, Kind::Tdx5, Kind::Tdx15, Kind::Sgx3, Kind::Sgx4, Kind::Sgx5];

#[test]
fn every_version_and_body_is_accepted() {
    for kind in ALL {
        let result = World::new(kind).appraise().unwrap_or_else(|rejection| panic!("{kind:?}: {rejection}"));
        for check in result.verdict().checks() {
            let skipped = match check.id() {
                "tdx.service-td" => kind != Kind::Tdx15,
                "tdx.event-log" | "tdx.events" => true,
                _ => false,
            };
            assert!(*check.status() == Status::Pass || skipped, "{kind:?}: {check}");
        }
        let count = if result.platform() == Platform::IntelTdx { 54 } else { 45 };
        assert_eq!(result.verdict().checks().len(), count, "{kind:?}");
    }
}

#[cfg(feature = "rustcrypto")]
#[test]
fn both_providers_accept_the_same() {
    for kind in ALL {
        let result = World::new(kind).appraise_with(CryptoProvider::rustcrypto());
        assert!(result.is_ok(), "{kind:?}: {}", result.unwrap_err());
    }
}

#[test]
fn a_result_says_what_was_appraised() {
    let result = World::tdx().appraise_with(CryptoProvider::ring()).unwrap();
    assert_eq!(result.attested_key(), Some(&[0x4b; 32]));
    assert_eq!(result.measurement().to_string(), format!("sha384:{}", "3e".repeat(48)));
    assert_eq!(result.platform(), Platform::IntelTdx);
    assert!(result.simulated(), "a root that is no vendor's");
    assert_eq!(result.hardware(), "FMSPC 90c06f000000, scalable SGX, firmware UpToDate of 2026-01-01T00:00:00Z");
    assert_eq!(result.valid_until_unix_seconds(), 1_780_272_000, "2026-06-01, the end of the revocation lists");

    let result = World::sgx().appraise().unwrap();
    assert_eq!(result.measurement().to_string(), format!("sha256:{}", "3e".repeat(32)));
    assert_eq!(result.platform(), Platform::IntelSgx);
}

#[test]
fn an_enclave_is_accepted_by_its_signer_and_a_machine_by_its_instance() {
    let mut world = World::sgx();
    world.put(64, &[0]);
    world.accept_sgx().identities = vec![Identity::Signer { signer: [0x51; 32], product_id: 3, minimum_svn: 4 }];
    world.rules().machines = Rule::Require(vec![Machine::Instance([0x66; 16])]);
    assert!(world.appraise().is_ok());
}

#[test]
fn an_enclave_with_the_provisioning_key_is_accepted_where_the_policy_wants_it() {
    let mut world = World::sgx();
    world.put(48, &[0x95]);
    world.accept_sgx().attributes.set |= sealroom_attestation::sgx::attributes::PROVISION_KEY;
    assert!(world.appraise().is_ok());
}

#[test]
fn a_single_processor_under_the_processor_ca_is_accepted() {
    let mut world = World::sgx();
    let name = "Intel SGX PCK Processor CA";
    world.ca.subject = name.to_owned();
    world.pck.issuer = name.to_owned();
    world.ca_list.issuer = name.to_owned();
    world.extension.flags = None;
    for rule in ["dynamic_platform", "cached_keys", "smt"] {
        let rules = world.rules();
        let field = match rule {
            "dynamic_platform" => &mut rules.dynamic_platform,
            "cached_keys" => &mut rules.cached_keys,
            _ => &mut rules.smt,
        };
        *field = Rule::skip("not said under the processor ca");
    }
    assert!(world.appraise().is_ok());
}

#[test]
fn zeros_may_follow_a_quote_as_platforms_hand_it_out() {
    let mut world = World::tdx();
    world.tamper = |quote| quote.resize(quote.len() + 3000, 0);
    assert!(world.appraise().is_ok());
}

#[test]
fn of_several_tcb_infos_and_signers_the_ones_that_fit_are_taken() {
    let world = World::tdx();
    let chain = world.sign_chain();
    let evidence = sealroom_attestation::Evidence::decode(&world.quote(&chain)).unwrap();
    let mut files = world.endorsements();
    let mut other = World::tdx();
    other.tcb_info["fmspc"] = serde_json::json!("00906EA10000");
    files.insert(0, other.endorsements().remove(0));
    other.tcb_info["fmspc"] = serde_json::json!("90C06F000000");
    other.tcb_info["issueDate"] = serde_json::json!("2026-05-19T00:00:00Z");
    other.tcb_info["tcbLevels"][0]["tcbStatus"] = serde_json::json!("Revoked");
    files.insert(0, other.endorsements().remove(0));
    files.insert(0, Draft::leaf("Intel SGX Root CA", "Intel SGX TCB Signing", Key::Root, Key::Other).sign());
    files.extend(World::sgx().endorsements().into_iter().take(2));
    let endorsements = sealroom_attestation::Endorsements::decode_all(files.iter().map(Vec::as_slice)).unwrap();
    assert_eq!(endorsements.tcb_infos().len(), 4);
    let mut accept = World::tdx();
    let digest = crate::world::sha256(&chain[2]);
    let root = sealroom_attestation::Fingerprint::from_sha256(digest);
    accept.accept_tdx().trust_anchor = sealroom_attestation::TrustAnchor::new(root, true).unwrap();
    let policy = sealroom_attestation::Policy::new(vec![accept.accept]).unwrap();
    let verifier = sealroom_attestation::Verifier::new(CryptoProvider::ring(), &policy);
    verifier.appraise(evidence, &endorsements, world.binding, world.now).unwrap();
}

#[test]
fn what_an_appraisal_needs_is_said_by_what_intels_service_finds_it_by() {
    let world = World::tdx();
    let evidence = sealroom_attestation::Evidence::decode(&world.quote(&world.sign_chain())).unwrap();
    let tee = IntelTee::Tdx;
    assert_eq!(
        evidence.needed(),
        [
            Needed::IntelTcbInfo { tee, fmspc: [0x90, 0xc0, 0x6f, 0, 0, 0] },
            Needed::IntelQeIdentity { tee },
            Needed::IntelPckRevocationList { ca: PckCa::Platform },
            Needed::IntelRootRevocationList,
            Needed::Certificate { subject: "Intel SGX TCB Signing".to_owned() },
        ]
    );
}

#[test]
fn every_field_of_a_quote_is_shown() {
    for (kind, count) in [(Kind::Tdx15, 34), (Kind::Tdx4, 34), (Kind::Sgx3, 29)] {
        let world = World::new(kind);
        let evidence = sealroom_attestation::Evidence::decode(&world.quote(&world.sign_chain())).unwrap();
        let claims = evidence.unverified_claims();
        assert_eq!(claims.len(), count, "{kind:?}: {claims:?}");
        assert!(claims.iter().all(|claim| !claim.value.is_empty()), "{claims:?}");
    }
}

#[test]
fn collateral_that_is_missing_stale_or_of_another_platform_leaves_it_undecided_and_what_is_wrong_does_not() {
    use sealroom_attestation::Outcome;
    use serde_json::json;
    type Ending = (&'static str, fn(&mut World), Outcome);
    let cases: [Ending; 10] = [
        ("no tcb info", |world| world.brought.tcb_info = false, Outcome::Undecided),
        ("no list", |world| world.brought.ca_list = false, Outcome::Undecided),
        ("a stale list", |world| world.root_list.next_update = "260520000000Z", Outcome::Undecided),
        (
            "a stale qe identity",
            |world| world.qe_identity["nextUpdate"] = json!("2026-05-28T00:00:00Z"),
            Outcome::Undecided,
        ),
        ("tcb info of another line", |world| world.tcb_info["fmspc"] = json!("00906EA10000"), Outcome::Undecided),
        (
            "revoked, and another list is missing",
            |world| {
                world.brought.root_list = false;
                world.ca_list.serials.push(world.pck.serial.clone());
            },
            Outcome::NotAuthentic,
        ),
        (
            "stale, and signed by another",
            |world| {
                world.root_list.next_update = "260520000000Z";
                world.root_list.signer = Key::Other;
            },
            Outcome::NotAuthentic,
        ),
        ("the quote signed by another", |world| world.quote_signer = Key::Other, Outcome::NotAuthentic),
        ("bytes after the quote", |world| world.tamper = |quote| quote.push(1), Outcome::Malformed),
        ("firmware out of date", |world| world.extension.components[0] = 3, Outcome::Refused),
    ];
    for (name, change, outcome) in cases {
        let mut world = World::tdx();
        change(&mut world);
        assert_eq!(world.appraise().unwrap_err().outcome(), outcome, "{name}");
    }
}
