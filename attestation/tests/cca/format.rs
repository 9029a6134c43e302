//! Tokens that are not as Arm writes them: refused before anything is verified.

use sealroom_attestation::{CryptoProvider, Evidence, Rejection};

use crate::draft::point;
use crate::world::{World, component, cose_key};
use crate::{Case, cbor, failed, run_with};

const TOKEN: &[&str] = &["cca.token"];
const PLATFORM: &[&str] = &["cca.platform-claims"];
const REALM: &[&str] = &["cca.realm-claims"];

pub(crate) const CASES: &[Case] = &[
    ("a token that is too long", |w| w.tamper = |t| t.resize(70_000, 0), &["common.evidence-size"]),
    ("bytes after the token", |w| w.tamper = |t| t.push(0), TOKEN),
    ("no realm token", |w| w.collect = |t| drop(t.pop()), TOKEN),
    ("no platform token", |w| w.collect = |t| drop(t.remove(0)), TOKEN),
    ("two platform tokens", |w| w.collect = |t| t[1].0 = t[0].0.clone(), TOKEN),
    ("a third token", |w| w.collect = |t| t.push((cbor::number(44242), t[0].1.clone())), TOKEN),
    ("an unknown token", |w| w.collect = |t| t[1].0 = cbor::number(44242), TOKEN),
    ("RSA stands in a header", |w| w.platform_header = vec![0xa1, 0x01, 0x39, 0x01, 0x00], TOKEN),
    ("a key id stands in a header", |w| w.realm_header = vec![0xa2, 1, 0x38, 0x22, 4, 0x41, 0], TOKEN),
    ("ES512 with a signature of ES384", |w| w.realm_header = vec![0xa1, 0x01, 0x38, 0x23], TOKEN),
    ("an unknown claim of the platform", |w| w.platform[7].0 = cbor::number(2407), PLATFORM),
    ("a claim of the platform twice", |w| w.platform[7] = w.platform[6].clone(), PLATFORM),
    ("more claims than there are", |w| w.platform.push(w.platform[7].clone()), PLATFORM),
    ("no lifecycle", |w| w.remove_platform(2395), PLATFORM),
    ("no profile", |w| w.remove_platform(265), PLATFORM),
    ("no challenge", |w| w.remove_platform(10), PLATFORM),
    ("no components", |w| w.set_platform(2399, cbor::array(&[])), PLATFORM),
    ("a newer profile", |w| w.set_platform(265, cbor::text("tag:arm.com,2024:cca_platform#2.0.0")), PLATFORM),
    ("a challenge of no digest's length", |w| w.set_platform(10, cbor::bytes(&[5; 33])), PLATFORM),
    ("an instance id of another kind", |w| w.set_platform(256, cbor::bytes(&[2; 33])), PLATFORM),
    ("a short instance id", |w| w.set_platform(256, cbor::bytes(&[1; 32])), PLATFORM),
    ("a short implementation id", |w| w.set_platform(2396, cbor::bytes(&[1; 31])), PLATFORM),
    ("a lifecycle beyond its range", |w| w.set_platform(2395, cbor::number(0x1_3000)), PLATFORM),
    ("a hash algorithm that is broken", |w| w.set_platform(2402, cbor::text("sha-1")), PLATFORM),
    ("a configuration without an end", |w| w.set_platform(2401, cbor::bytes(&[0; 1025])), PLATFORM),
    ("a service that steers a terminal", |w| w.set_platform(2400, cbor::text("\u{1b}[2J")), PLATFORM),
    (
        "a component's measurement of no digest's length",
        |w| w.set_platform(2399, cbor::array(&[component("RMM", &[1; 31], &[2; 32])])),
        PLATFORM,
    ),
    (
        "a component without a signer",
        |w| {
            let component = cbor::map(&[(cbor::number(2), cbor::bytes(&[1; 32]))]);
            w.set_platform(2399, cbor::array(&[component]));
        },
        PLATFORM,
    ),
    (
        "an unknown key of a component",
        |w| {
            let component = cbor::map(&[(cbor::number(3), cbor::bytes(&[1; 32]))]);
            w.set_platform(2399, cbor::array(&[component]));
        },
        PLATFORM,
    ),
    (
        "more components than anyone has",
        |w| w.set_platform(2399, cbor::array(&vec![component("RMM", &[1; 32], &[2; 32]); 65])),
        PLATFORM,
    ),
    ("an unknown claim of the realm", |w| w.realm[2].0 = cbor::number(44243), REALM),
    ("a claim of the realm twice", |w| w.realm[3] = w.realm[5].clone(), REALM),
    ("no challenge of the realm", |w| w.remove_realm(10), REALM),
    ("no profile of the realm", |w| w.remove_realm(265), REALM),
    ("another profile of the realm", |w| w.set_realm(265, cbor::text("tag:arm.com,2024:realm#2.0.0")), REALM),
    ("a short challenge", |w| w.set_realm(10, cbor::bytes(&[0xd4; 32])), REALM),
    ("a short personalization value", |w| w.set_realm(44235, cbor::bytes(&[0x99; 63])), REALM),
    ("a measurement of another algorithm's length", |w| w.set_realm(44238, cbor::bytes(&[0x50; 48])), REALM),
    ("three extensible measurements", |w| w.set_realm(44239, cbor::array(&vec![cbor::bytes(&[0x60; 32]); 3])), REALM),
    ("a hash algorithm of the realm that is broken", |w| w.set_realm(44236, cbor::text("md5")), REALM),
    ("a bare point where a COSE_Key belongs", |w| w.set_key(&point("realm")), REALM),
    (
        "a key on P-521",
        |w| {
            let coordinate = cbor::bytes(&[1; 66]);
            let one = |key: u8, value: Vec<u8>| (vec![key], value);
            let parts = [
                one(1, cbor::number(2)),
                one(0x20, cbor::number(3)),
                one(0x21, coordinate.clone()),
                one(0x22, coordinate),
            ];
            w.set_key(&cbor::map(&parts));
        },
        REALM,
    ),
    (
        "a coordinate that is too short",
        |w| {
            let key = cose_key(&point("realm"));
            // The y coordinate loses its last byte.
            let mut short = key[..key.len() - 1].to_vec();
            let head = short.len() - 48;
            short[head] -= 1;
            w.set_key(&short);
        },
        REALM,
    ),
];

#[test]
fn what_is_not_as_arm_writes_it_does_not_decode() {
    run_with(CryptoProvider::ring(), CASES);
}

#[test]
fn a_curve_that_is_not_verified_here_is_named() {
    let mut world = World::legacy();
    world.set_key(&[&[4][..], &[1; 132]].concat());
    let error = Evidence::decode(&world.token()).unwrap_err();
    let expected = "evidence is not strict arm-cca: the realm's key is on P-521, which no provider here verifies";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn every_beginning_of_a_token_is_refused_by_name() {
    let token = World::good().token();
    for length in 3..token.len() {
        let rejection = Rejection::from(Evidence::decode(&token[..length]).unwrap_err());
        // SEV-SNP's reports have a length of their own.
        assert_eq!(failed(&rejection), ["cca.token"], "{length}");
    }
}
