//! One thing changed in a good machine with a TPM, and exactly the checks that must fail for it. What is wrong with a quote alone
//! stands in the cases of Azure, whose checks of it are the same.

use sealroom_attestation::tpm::{AttestationKey, EventRule, EventRules};
use sealroom_attestation::{
    Accept, DecodeError, Evidence, Fingerprint, Measurement, Outcome, Platform, PolicyError, Requirement, Rule,
    TrustAnchor,
};

use crate::quote::{ATTRIBUTES, Draft, public, sha256};
use crate::tpm::{PURPOSES, World, purposes};
use crate::{der, failed};

type Case = (&'static str, fn(&mut World), &'static [&'static str]);

const REVOCATION: &[&str] = &["common.revocation"];

const CERTIFIED: &[Case] = &[
    ("the bare key, where a certificate is wanted", |w| w.brings = AttestationKey::Pinned, &["common.endorsements"]),
    ("no intermediate", |w| w.brought[1] = false, &["common.endorsements"]),
    ("no root", |w| w.brought[0] = false, &["common.endorsements"]),
    ("another root pinned", |w| w.pinned = Some(other()), &["common.trust-anchor"]),
    ("a leaf by another key", |w| w.leaf.signer = "ark", &["common.chain-signatures"]),
    ("a leaf that is an authority", |w| w.leaf.extensions.push(authority()), &["tpm.chain"]),
    ("a leaf that may not sign", |w| w.leaf.set_extension("2.5.29.15", &der::tlv(0x03, &[5, 0x20])), &["tpm.chain"]),
    ("an authority that is none", |w| w.intermediate.remove_extension("2.5.29.19"), &["tpm.chain"]),
    (
        "a root that allows none below",
        |w| w.root.set_extension("2.5.29.19", &der::sequence(&[der::boolean_true(), der::integer(&[0])])),
        &["tpm.chain"],
    ),
    ("an expired leaf", |w| w.leaf.not_after = "260101000000Z", &["common.time"]),
    ("a revoked authority", |w| w.lists[0].serials.push(vec![1, 0]), REVOCATION),
    ("a revoked key", |w| w.lists[1].serials.push(vec![1, 1]), REVOCATION),
    ("no revocation list of the root", |w| w.brought[2] = false, REVOCATION),
    ("no revocation list of the authority", |w| w.brought[3] = false, REVOCATION),
    ("an old revocation list of the authority", |w| w.lists[1].next_update = Some("260502000000Z"), REVOCATION),
    ("a list of the authority by another key", |w| w.lists[1].signer = "ark", REVOCATION),
    (
        "a revoked key, and no list of the root",
        |w| {
            w.lists[1].serials.push(vec![1, 1]);
            w.brought[2] = false;
        },
        REVOCATION,
    ),
    // The serial number is another issuer's.
    ("the key's serial number on the root's list", |w| w.lists[0].serials.push(vec![1, 1]), &[]),
    ("a key that is certified for nothing", |w| w.leaf.remove_extension(PURPOSES), &["tpm.key"]),
    (
        "a key that is certified for a server",
        |w| w.leaf.set_extension(PURPOSES, &purposes(&["1.3.6.1.5.5.7.3.1"])),
        &["tpm.key"],
    ),
    ("purposes that are no sequence", |w| w.leaf.set_extension(PURPOSES, &[5, 0]), &["tpm.key"]),
    (
        "a key that is certified for two purposes",
        |w| w.leaf.set_extension(PURPOSES, &purposes(&["1.3.6.1.5.5.7.3.2", "2.23.133.8.3"])),
        &[],
    ),
    ("a purpose that is critical", |w| critical_purposes(w), &[]),
    (
        "a critical purpose, and behind it an unknown critical extension",
        |w| {
            critical_purposes(w);
            w.leaf.extensions.push(("2.5.29.99".to_owned(), true, vec![5, 0]));
        },
        &["tpm.chain"],
    ),
    (
        "a critical purpose of an authority",
        |w| w.intermediate.extensions.push((PURPOSES.to_owned(), true, purposes(&["2.23.133.8.3"]))),
        &["tpm.chain"],
    ),
    (
        "a critical purpose that the policy does not read",
        |w| {
            critical_purposes(w);
            w.key_purpose = Requirement::skip("the authority certifies no other keys");
        },
        &["tpm.chain"],
    ),
    (
        "a key without a purpose, where the policy says why",
        |w| {
            w.leaf.remove_extension(PURPOSES);
            w.key_purpose = Requirement::skip("the authority certifies no other keys");
        },
        &[],
    ),
    ("a key without a certificate", |w| w.quote.signer = "intermediate", &["tpm.signature"]),
    ("another machine", |w| w.machines = Rule::Require(vec![[1; 32]]), &["common.machine"]),
];

const PINNED: &[Case] = &[
    ("a certificate, where the key is pinned", |w| w.brings = AttestationKey::Certified, &["common.trust-anchor"]),
    ("another key", |w| w.quote.signer = "intermediate", &["common.trust-anchor"]),
    // The pin is over the attributes too.
    ("a key that signs anything", |w| w.attributes = ATTRIBUTES & !(1 << 16), &["common.trust-anchor", "tpm.key"]),
    (
        "a pinned key that signs anything",
        |w| {
            w.attributes = ATTRIBUTES & !(1 << 16);
            w.pinned = Some(anchor(&public(&w.quote, w.attributes)));
        },
        &["tpm.key"],
    ),
    (
        "a pinned key that came from elsewhere",
        |w| {
            w.attributes = ATTRIBUTES & !(1 << 5);
            w.pinned = Some(anchor(&public(&w.quote, w.attributes)));
        },
        &["tpm.key"],
    ),
    ("a log of something else", |w| with_log(w, b"other", false), &["tpm.event-log"]),
    ("a log without the event", |w| with_events(w, b"kernel", false, sha256(b"another")), &["tpm.events"]),
    ("a log with an event beside it", |w| with_events(w, b"extra", true, sha256(b"kernel")), &["tpm.events"]),
    ("a log that shows what is wanted", |w| with_events(w, b"extra", false, sha256(b"kernel")), &[]),
];

fn anchor(key: &[u8]) -> TrustAnchor {
    TrustAnchor::vouched(Fingerprint::from_sha256(sha256(key).try_into().unwrap()), "made in this test").unwrap()
}

fn other() -> TrustAnchor {
    TrustAnchor::vouched(Fingerprint::from_sha256([1; 32]), "made in this test").unwrap()
}

fn authority() -> (String, bool, Vec<u8>) {
    ("2.5.29.19".to_owned(), true, der::sequence(&[der::boolean_true()]))
}

fn critical_purposes(world: &mut World) {
    world.leaf.remove_extension(PURPOSES);
    world.leaf.extensions.push((PURPOSES.to_owned(), true, purposes(&["2.23.133.8.3"])));
}

/// PCR 4 as after these events, each the hash of its data.
fn with_log(world: &mut World, last: &[u8], quote_it: bool) {
    let event = |data: &[u8]| {
        let length = u32::try_from(data.len()).unwrap().to_le_bytes();
        let head = [4_u32.to_le_bytes(), 5_u32.to_le_bytes(), 1_u32.to_le_bytes()].concat();
        [&head[..], &[0x0b, 0], &sha256(data), &length, data].concat()
    };
    let spec = [b"Spec ID Event03\0".as_slice(), &[0, 0, 0, 0, 0, 2, 0, 2, 1, 0, 0, 0, 0x0b, 0, 32, 0, 0]].concat();
    let length = u32::try_from(spec.len()).unwrap().to_le_bytes();
    let header = [&[0, 0, 0, 0, 3, 0, 0, 0][..], &[0; 20], &length, &spec].concat();
    world.quote.event_log = [header, event(b"kernel"), event(last)].concat();
    let extend = |value: Vec<u8>, data: &[u8]| sha256(&[value, sha256(data)].concat());
    let value = extend(extend(vec![0; 32], b"kernel"), last);
    if quote_it {
        world.quote.values.iter_mut().find(|(index, _)| *index == 4).unwrap().1.clone_from(&value);
        let register = world.rules.registers.iter_mut().find(|register| register.index == 4);
        register.unwrap().values = Rule::skip("judged by the log");
    }
    world.rules.event_log = Rule::Require(EventRules { registers: vec![4], events: vec![] });
}

/// PCR 4 is judged by its events, not by its value.
pub(crate) fn replayed(world: &mut World) {
    with_events(world, b"kernel", true, sha256(b"kernel"));
}

/// The log of PCR 4 is replayed, and of its events nothing is demanded.
pub(crate) fn merely_replayed(world: &mut World) {
    with_log(world, b"extra", true);
}

/// One event of PCR 4 must be there, whatever is beside it.
pub(crate) fn one_event_wanted(world: &mut World) {
    with_events(world, b"extra", false, sha256(b"kernel"));
}

fn with_events(world: &mut World, last: &[u8], only: bool, digest: Vec<u8>) {
    with_log(world, last, true);
    let rule = EventRule {
        name: "kernel".to_owned(),
        register: 4,
        digests: vec![Measurement::sha256(digest.try_into().unwrap())],
        only,
    };
    world.rules.event_log = Rule::Require(EventRules { registers: vec![4], events: vec![rule] });
}

#[test]
fn one_thing_changed_trips_exactly_its_checks() {
    type Good = fn() -> World;
    let worlds: [(&[Case], Good); 2] = [(CERTIFIED, World::certified), (PINNED, World::pinned)];
    for (cases, good) in worlds {
        for (name, change, expected) in cases {
            let mut world = good();
            change(&mut world);
            match world.appraise() {
                Ok(_) => assert!(expected.is_empty(), "{name}: accepted, must fail {expected:?}"),
                Err(rejection) => assert_eq!(failed(Platform::Tpm, &rejection), *expected, "{name}: {rejection}"),
            }
        }
    }
}

#[test]
fn a_list_that_is_missing_or_old_leaves_it_open_and_a_revoked_key_does_not() {
    type Change = fn(&mut World);
    let outcome = |change: Change| {
        let mut world = World::certified();
        change(&mut world);
        world.appraise().unwrap_err().outcome()
    };
    let open: [Change; 3] =
        [|w| w.brought[2] = false, |w| w.brought[3] = false, |w| w.lists[1].next_update = Some("260502000000Z")];
    for change in open {
        assert_eq!(outcome(change), Outcome::Undecided);
    }
    let revoked: [Change; 3] = [
        |w| w.lists[1].serials.push(vec![1, 1]),
        |w| {
            w.lists[1].serials.push(vec![1, 1]);
            w.brought[2] = false;
        },
        |w| {
            w.lists[1].serials.push(vec![1, 1]);
            w.lists[1].next_update = Some("260502000000Z");
        },
    ];
    for change in revoked {
        assert_eq!(outcome(change), Outcome::NotAuthentic);
    }
}

#[test]
fn a_result_lasts_as_long_as_the_first_list_that_ends() {
    let mut world = World::certified();
    world.lists[1].next_update = Some("260529000000Z");
    let until = world.appraise().unwrap().valid_until_unix_seconds();
    assert_eq!(until, 1_780_012_800, "2026-05-29");
}

#[test]
fn a_pinned_keys_attributes_can_not_be_skipped() {
    let mut world = World::pinned();
    world.key_purpose = Requirement::skip("there is no certificate");
    let problem = "is skipped of a pinned key, whose attributes are always judged";
    let refused = PolicyError::Impossible { block: "tpm".to_owned(), field: "key_purpose", problem };
    assert_eq!(world.policy(&[]).unwrap_err(), refused);
}

#[test]
fn the_strictest_policy_demands_a_purpose_that_the_certificate_names() {
    let mut world = World::certified();
    let pinned = |world: &World| {
        let evidence = Evidence::decode(&world.evidence().unwrap()).unwrap();
        match Accept::pinning(&evidence, other(), "mine") {
            Accept::Tpm(accept) => accept.key_purpose,
            _ => panic!("a quote of a tpm"),
        }
    };
    assert_eq!(pinned(&world), Requirement::Required);
    world.leaf.remove_extension(PURPOSES);
    let why = "the key's certificate does not say that it is for an attestation key";
    assert_eq!(pinned(&world), Requirement::skip(why));
    assert_eq!(pinned(&World::pinned()), Requirement::Required);
}

#[test]
fn a_quote_that_is_not_strict_is_refused() {
    let problem = |change: fn(&mut Draft)| {
        let mut world = World::pinned();
        change(&mut world.quote);
        match world.evidence() {
            Err(DecodeError::EvidenceFormat { platform: Platform::Tpm, check: "tpm.format", problem }) => problem,
            other => panic!("{other:?}"),
        }
    };
    type Wrong = (fn(&mut Draft), &'static str);
    let all: [Wrong; 9] = [
        (|q| q.magic = 0xff54_4346, "the quote begins with 0xff544346, expected 0xff544347: no tpm made it"),
        (|q| q.kind = 0x8017, "the tpm attests 0x8017, expected 0x8018 (a quote)"),
        (|q| q.tail = vec![0], "1 bytes follow the quote"),
        (|q| q.safe = 2, "the clock's \"safe\" is 2, expected 0 or 1"),
        (|q| q.selections = vec![(0x0b, vec![0]); 9], "the quote selects from 9 banks, expected at most 8"),
        (|q| q.values.swap(0, 1), "the value of PCR 0 is out of order, twice there, or of no register"),
        (|q| q.values[2].0 = 24, "the value of PCR 24 is out of order, twice there, or of no register"),
        (|q| q.values[2].1 = vec![0; 31], "the values end early"),
        (|q| q.event_log = vec![1], "event 0 of the log ends early: 4 bytes expected at offset 0x0, 1 are left"),
    ];
    for (change, expected) in all {
        assert_eq!(problem(change), expected);
    }
}

#[test]
fn a_container_cut_anywhere_or_with_a_byte_more_is_refused() {
    let good = World::pinned().evidence().unwrap();
    for cut in 0..good.len() {
        assert!(Evidence::decode(&good[..cut]).is_err(), "{cut}");
    }
    let longer = [good, vec![0]].concat();
    assert!(matches!(Evidence::decode(&longer), Err(DecodeError::EvidenceFormat { check: "tpm.format", .. })));
}
