//! Every byte of a quote by a pinned key with a bit flipped, and exactly the checks of the field that it is in.

use std::collections::BTreeSet;

use sealroom_attestation::{Binding, CryptoProvider, Endorsements, Evidence, Platform, Rejection, Verifier};

use crate::failed;
use crate::layout::{Field, Layout};
use crate::tpm::{NONCE, World};

/// The container, TPMS_ATTEST, TPMT_SIGNATURE, values, TPMT_PUBLIC (TPM 2.0 part 2).
fn fields(bytes: &[u8]) -> Vec<Field> {
    let mut layout = Layout::new(bytes);
    layout.take("container: name", 8);
    layout.length("container", 4, true);
    layout.take("attest: magic and type", 6);
    for name in ["attest: signer", "attest: extra data"] {
        let length = layout.length(name, 2, true);
        layout.take(name, length);
    }
    layout.all([
        ("attest: clock and boots", 16),
        ("attest: safe", 1),
        ("attest: firmware", 8),
        ("attest: selections", 4),
        ("attest: bank", 2),
        ("attest: selection: length", 1),
        ("attest: selection", 3),
    ]);
    let length = layout.length("attest: digest", 2, true);
    layout.take("attest: digest", length);
    let length = layout.length("container", 4, true);
    layout.all([("signature: scheme", 2), ("signature: hash", 2), ("signature: length", 2)]);
    layout.take("signature", length - 6);
    let length = layout.length("container", 4, true);
    layout.take("values: bank", 2);
    for _ in 0..(length - 2) / 33 {
        layout.all([("values: index", 1), ("values", 32)]);
    }
    layout.length("container", 4, true);
    layout.all([("key: type", 2), ("key: name's hash", 2), ("key: attributes", 4), ("key: policy: length", 2)]);
    layout.all([("key: symmetric", 2), ("key: scheme", 4), ("key: bits", 2), ("key: exponent", 4)]);
    let length = layout.length("key: modulus", 2, true);
    layout.take("key: modulus", length);
    layout.length("container", 4, true);
    assert_eq!(layout.at, bytes.len());
    layout.fields
}

/// Fields, how they end, and why some end in more than one way or by more than one check.
type Row = (&'static [&'static str], &'static [&'static [&'static str]], &'static str);

const ROWS: &[Row] = &[
    (
        &["attest: signer", "attest: extra data", "attest: clock and boots", "attest: firmware", "signature"],
        &[&["tpm.signature"]],
        "",
    ),
    (&["attest: safe"], &[&["tpm.signature"], &["tpm.format"]], "it is 0 or 1"),
    (
        &["attest: bank", "attest: selection", "attest: digest"],
        &[&["tpm.signature", "tpm.pcr-digest"]],
        "it is signed, and the values are compared with it",
    ),
    (&["values"], &[&["tpm.pcr-digest"]], ""),
    (&["container: name"], &[&["common.evidence-kind"]], ""),
    (
        &[
            "container: length",
            "attest: magic and type",
            "attest: signer: length",
            "attest: extra data: length",
            "attest: selections",
            "attest: selection: length",
            "attest: digest: length",
            "signature: length",
            "values: bank",
            "key: type",
            "key: policy: length",
            "key: symmetric",
            "key: bits",
            "key: modulus: length",
        ],
        &[&["tpm.format"]],
        "",
    ),
    (&["values: index"], &[&["tpm.pcr-digest"], &["tpm.format"]], "registers ascend, each once"),
    (
        &["signature: scheme"],
        &[&["tpm.format"], &["tpm.key", "tpm.signature"]],
        "RSASSA becomes RSAPSS, which the key is not for, and by which nothing was signed",
    ),
    (
        &["signature: hash"],
        &[&["tpm.key", "tpm.signature-scheme"]],
        "the key is not for it, nor is it one of those that are taken",
    ),
    (&["key: name's hash"], &[&["common.trust-anchor"]], ""),
    (
        &["key: attributes"],
        &[&["common.trust-anchor"], &["common.trust-anchor", "tpm.key"]],
        "the key is pinned with its attributes, of which some must be as they are",
    ),
    (
        &["key: scheme"],
        &[&["common.trust-anchor", "tpm.key"], &["tpm.format"]],
        "the key is pinned with its scheme, and the quote's is another",
    ),
    (
        &["key: exponent", "key: modulus"],
        &[&["common.trust-anchor", "tpm.signature"]],
        "another key is not the pinned one, and did not sign",
    ),
];

fn appraise(world: &World, bytes: &[u8]) -> Vec<&'static str> {
    let policy = world.policy(&[]).unwrap();
    let verifier = Verifier::new(CryptoProvider::ring(), &policy);
    let judged = |bytes| {
        let evidence = Evidence::decode(bytes)?;
        verifier.appraise(evidence, &Endorsements::none(), Binding::bytes(NONCE).unwrap(), world.now)
    };
    let rejection: Rejection = judged(bytes).unwrap_err();
    // Bytes that begin like nobody's have no list.
    if rejection.verdict().platform().is_none() {
        return rejection.verdict().failed().map(|check| check.id()).collect();
    }
    failed(Platform::Tpm, &rejection)
}

#[test]
fn every_byte_of_a_quote_trips_exactly_the_check_of_its_field() {
    let world = World::pinned();
    let good = world.evidence().unwrap();
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for field in fields(&good) {
        let row = ROWS.iter().position(|(fields, ..)| fields.contains(&&field.name[..]));
        // Every bit of what is made of bits, one of each byte elsewhere.
        let bits = if field.range.len() <= 4 { 0..8 } else { 0..1 };
        for (at, bit) in field.range.flat_map(|at| bits.clone().map(move |bit| (at, bit))) {
            let mut changed = good.clone();
            changed[at] ^= 1 << ((at + bit) % 8);
            let failed = appraise(&world, &changed);
            let end = row.and_then(|row| ROWS[row].1.iter().position(|end| **end == failed[..]));
            match end {
                Some(end) => drop(seen.insert((row, end))),
                None => wrong.push(format!("{} at {at}: {failed:?}", field.name)),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (index, (fields, ends, why)) in ROWS.iter().enumerate() {
        assert_eq!(why.is_empty(), matches!(ends, [[_]]), "{fields:?} and why");
        for end in 0..ends.len() {
            assert!(seen.contains(&(Some(index), end)), "{fields:?} never ends as {:?}", ends[end]);
        }
    }
}
