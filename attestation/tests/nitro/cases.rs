//! What is not genuine, not fresh or not accepted: one thing changed, everything signed again, exactly the checks that must fail.

use sealroom_attestation::nitro::{Age, ChallengeField, Register};
use sealroom_attestation::{Binding, CryptoProvider, Measurement, Rule, Status, TrustAnchor, vendor_roots};

use crate::world::{ATTESTED_KEY, NOW, REPORT_DATA, World};
use crate::{Case, cbor, der, run_with};

pub(crate) const CASES: &[Case] = &[
    // The chain.
    ("a certificate of the bundle does not decode", |w| w.rearrange = |b| b[2][30] ^= 0xff, &["common.endorsements"]),
    ("the root is the attacker's", |w| w.pinned = Some(aws()), &["common.trust-anchor"]),
    (
        "the root stands at the other end of the bundle",
        |w| w.rearrange = |b| b.reverse(),
        &["common.trust-anchor", "nitro.chain", "common.chain-signatures"],
    ),
    (
        "the pinned root is not in the bundle",
        |w| {
            w.rearrange = |b| {
                b.remove(0);
            }
        },
        &["common.trust-anchor", "nitro.chain"],
    ),
    ("the attacker's root signs", |w| w.authorities[1].signer = "other".into(), &["common.chain-signatures"]),
    ("the attacker signs the leaf", |w| w.leaf.signer = "other".into(), &["common.chain-signatures"]),
    (
        "an authority is left out",
        |w| {
            w.rearrange = |b| {
                b.remove(2);
            }
        },
        &["nitro.chain", "common.chain-signatures"],
    ),
    (
        "an algorithm of RSA stands in a certificate",
        |w| w.authorities[2].algorithm = der::pss(48, true),
        &["nitro.chain", "common.chain-signatures"],
    ),
    (
        "an authority has a key on another curve",
        |w| {
            let p256 = der::sequence(&[der::oid("1.2.840.10045.2.1"), der::oid("1.2.840.10045.3.1.7")]);
            w.authorities[2].public_key = der::sequence(&[p256, der::bits(&[&[4][..], &[1; 64]].concat())]);
        },
        &["nitro.chain", "common.chain-signatures"],
    ),
    ("an authority is none", |w| w.authorities[3].set_extension("2.5.29.19", &der::sequence(&[])), &["nitro.chain"]),
    ("an authority does not say that it is one", |w| w.authorities[3].remove_extension("2.5.29.19"), &["nitro.chain"]),
    (
        "an authority may not sign certificates",
        |w| w.authorities[3].set_extension("2.5.29.15", &der::tlv(0x03, &[7, 0x80])),
        &["nitro.chain"],
    ),
    ("an authority says nothing of key usage", |w| w.authorities[3].remove_extension("2.5.29.15"), &["nitro.chain"]),
    (
        "the region lets fewer authorities stand below it than do",
        |w| w.authorities[1].set_extension("2.5.29.19", &der::sequence(&[der::boolean_true(), der::integer(&[1])])),
        &["nitro.chain"],
    ),
    (
        "the leaf is an authority",
        |w| w.leaf.set_extension("2.5.29.19", &der::sequence(&[der::boolean_true()])),
        &["nitro.chain"],
    ),
    (
        "the leaf has a path length",
        |w| w.leaf.set_extension("2.5.29.19", &der::sequence(&[der::integer(&[0])])),
        &["nitro.chain"],
    ),
    ("the leaf may not sign", |w| w.leaf.set_extension("2.5.29.15", &der::tlv(0x03, &[2, 0x04])), &["nitro.chain"]),
    ("the leaf is of version 1", |w| w.leaf.version = 0, &["nitro.chain"]),
    (
        "an unknown critical extension",
        |w| w.leaf.extensions.push(("2.5.29.99".into(), true, vec![5, 0])),
        &["nitro.chain"],
    ),
    ("the leaf names another issuer", |w| w.leaf.issuer = "zone".into(), &["nitro.chain"]),
    ("the leaf has expired", |w| w.leaf.not_after = "260501000000Z", &["common.time"]),
    ("the leaf is not valid yet", |w| w.leaf.not_before = "260601000000Z", &["common.time"]),
    ("an authority has expired", |w| w.authorities[2].not_after = "260501000000Z", &["common.time"]),
    ("the root has expired", |w| w.authorities[0].not_after = "260501000000Z", &["common.time"]),
    ("another key signs the document", |w| w.signer = "other", &["nitro.signature"]),
    ("the signature was altered", |w| w.tamper = |d| *d.last_mut().unwrap() ^= 1, &["nitro.signature"]),
    // Freshness.
    ("another nonce", |w| w.nonce = cbor::bytes(&[0xd5; 64]), &["common.freshness"]),
    ("no nonce", |w| w.nonce = vec![cbor::NULL], &["common.freshness"]),
    ("an empty nonce", |w| w.nonce = cbor::bytes(&[]), &["common.freshness"]),
    ("a nonce that begins well", |w| w.nonce = cbor::bytes(&REPORT_DATA[..63]), &["common.freshness"]),
    (
        "a nonce that begins well and goes on",
        |w| w.nonce = cbor::bytes(&[&REPORT_DATA[..], &[0]].concat()),
        &["common.freshness"],
    ),
    // The policy.
    ("the document is old", |w| w.timestamp = cbor::number((NOW - 301) * 1000), &["nitro.timestamp"]),
    ("the document is of the future", |w| w.timestamp = cbor::number((NOW + 31) * 1000), &["nitro.timestamp"]),
    ("a timestamp that no clock shows", |w| w.timestamp = cbor::number(u64::MAX), &["nitro.timestamp"]),
    ("another instance", |w| w.module_id = cbor::text("i-0123456789abcdef1-enc0123456789abcdef"), &["common.machine"]),
    ("an instance that begins alike", |w| w.module_id = cbor::text("i-0123456789abcdef00"), &["common.machine"]),
    (
        "debug mode",
        |w| {
            for index in 0..3 {
                w.set_pcr(index, &[0; 48]);
            }
        },
        &["nitro.debug"],
    ),
    ("PCR0 is zero alone", |w| w.set_pcr(0, &[0; 48]), &["nitro.debug"]),
    ("PCR2 is zero alone", |w| w.set_pcr(2, &[0; 48]), &["nitro.debug"]),
    (
        "PCR1 is missing",
        |w| {
            w.pcrs.remove(1);
        },
        &["nitro.debug"],
    ),
    ("another image", |w| w.set_pcr(0, &[0x60; 48]), &["nitro.measurement"]),
    ("another kernel", |w| w.set_pcr(1, &[0x60; 48]), &["nitro.registers"]),
    ("another application", |w| w.set_pcr(2, &[0x60; 48]), &["nitro.registers"]),
    (
        "a register of the policy is missing",
        |w| {
            w.pcrs.remove(4);
        },
        &["nitro.registers"],
    ),
    ("other user data", |w| w.user_data = cbor::bytes(b"configuratioN"), &["nitro.user-data"]),
    ("user data that begins well", |w| w.user_data = cbor::bytes(b"configuration2"), &["nitro.user-data"]),
    ("no user data", |w| w.user_data = vec![cbor::NULL], &["nitro.user-data"]),
    (
        "another public key",
        |w| {
            w.public_key = cbor::bytes(&[1; 65]);
            w.accept.public_key = Rule::Require(vec![vec![2; 65]]);
        },
        &["nitro.public-key"],
    ),
    ("no public key", |w| w.accept.public_key = Rule::Require(vec![vec![2; 65]]), &["nitro.public-key"]),
    (
        "another nonce where user data answers",
        |w| {
            w.answer_in_user_data();
            w.accept.nonce = Rule::Require(vec![b"protocol 1".to_vec()]);
            w.nonce = cbor::bytes(b"protocol 2");
        },
        &["nitro.nonce"],
    ),
];

impl World {
    fn answer_in_user_data(&mut self) {
        self.accept.challenge_field = ChallengeField::UserData;
        self.accept.user_data = Rule::skip("the challenge stands there");
        self.accept.nonce = Rule::skip("not in use");
        self.user_data = cbor::bytes(&REPORT_DATA);
        self.nonce = vec![cbor::NULL];
    }
}

fn aws() -> TrustAnchor {
    let root = vendor_roots().find(|root| root.name == "aws.nitro-enclaves").unwrap();
    TrustAnchor::new(root.fingerprint, false).unwrap()
}

#[test]
fn what_is_wrong_fails_the_check_made_for_it() {
    run_with(CryptoProvider::ring(), CASES);
}

#[cfg(feature = "rustcrypto")]
#[test]
fn both_providers_refuse_the_same() {
    run_with(CryptoProvider::rustcrypto(), CASES);
}

#[test]
fn a_good_document_is_accepted_and_the_result_says_what_was_appraised() {
    let result = World::good().appraise().unwrap();
    assert_eq!(result.verdict().checks().len(), 19);
    assert!(result.verdict().checks().iter().all(|check| check.holds()));
    assert_eq!(*result.measurement(), Measurement::sha384([0x50; 48]));
    assert_eq!(result.attested_key(), Some(&ATTESTED_KEY));
    assert!(result.simulated(), "a root that is no vendor's");
    assert_eq!(result.machine(), Some(b"i-0123456789abcdef0".as_slice()));
    assert_eq!(result.valid_until_unix_seconds(), 1_924_992_000, "2031-01-01, the end of the certificates");
}

#[test]
fn a_document_may_be_tagged_and_its_map_may_end_with_a_break() {
    let mut world = World::good();
    world.open = true;
    world.tamper = |document| document.insert(0, 0xd2);
    assert!(world.appraise().is_ok());
}

#[test]
fn the_challenge_may_stand_in_user_data_where_the_policy_says_so() {
    let mut world = World::good();
    world.answer_in_user_data();
    let result = world.appraise().unwrap();
    let freshness = result.verdict().checks().iter().find(|check| check.id() == "common.freshness").unwrap();
    assert!(freshness.found().starts_with("user_data d4d4"), "{}", freshness.found());
}

#[test]
fn an_archive_is_accepted_where_the_policy_and_the_binding_say_why() {
    let mut world = World::good();
    world.now = NOW + 1_000_000;
    world.accept.timestamp = Rule::skip("an archive, appraised at the time of its certificates");
    world.binding = Binding::skip("an archive").unwrap();
    let result = world.appraise().unwrap();
    assert_eq!(result.attested_key(), None);
    let timestamp = result.verdict().checks().iter().find(|check| check.id() == "nitro.timestamp").unwrap();
    let reason = "an archive, appraised at the time of its certificates".to_owned();
    assert_eq!(*timestamp.status(), Status::Skipped { reason });
}

#[test]
fn the_youngest_and_the_oldest_that_the_policy_allows_are_accepted() {
    for made in [NOW - 300, NOW, NOW + 30] {
        let mut world = World::good();
        world.timestamp = cbor::number(made * 1000);
        world.accept.timestamp = Rule::Require(Age { maximum_seconds: 300, skew_seconds: 30 });
        assert!(world.appraise().is_ok(), "{made}");
    }
}

#[test]
fn a_register_may_be_named_alone_with_its_only_value() {
    let mut world = World::good();
    let register = |index| Register { index, values: vec![[0x50 + index; 48]] };
    world.accept.registers = Rule::Require(vec![register(2), register(1)]);
    assert!(world.appraise().is_ok());
}
