//! A CCA world of our own: a platform key, a realm key, a token that both sign, and a policy that accepts exactly that.

use sealroom_attestation::cca::{self, Component, ComponentValue, ExtensibleMeasurement, Profile};
use sealroom_attestation::{
    AttestationResult, Binding, Challenge, CryptoProvider, Endorsements, Evidence, Fingerprint, Measurement, Policy,
    Rejection, Rule, TrustAnchor, Verifier,
};

use crate::cbor::{self, Pair};
use crate::draft::{point, public_key, sign_fixed};

/// 2026-05-28.
pub(crate) const NOW: u64 = 1_780_000_000;
pub(crate) const ATTESTED_KEY: [u8; 32] = [0x4b; 32];
pub(crate) const REPORT_DATA: [u8; 64] = [0xd4; 64];

/// Everything that goes into one appraisal. Claims are keys and values as they are encoded.
pub(crate) struct World {
    pub(crate) platform: Vec<Pair>,
    pub(crate) realm: Vec<Pair>,
    pub(crate) platform_signer: &'static str,
    pub(crate) realm_signer: &'static str,
    pub(crate) platform_header: Vec<u8>,
    pub(crate) realm_header: Vec<u8>,
    /// Changes the two signed tokens, keys and values, before they are collected.
    pub(crate) collect: fn(&mut Vec<Pair>),
    /// Changes the whole token after it was signed.
    pub(crate) tamper: fn(&mut Vec<u8>),
    pub(crate) accept: cca::Accept,
    pub(crate) anchor: Option<TrustAnchor>,
    pub(crate) binding: Binding,
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    ring::digest::digest(&ring::digest::SHA256, bytes).as_ref().try_into().unwrap()
}

/// A claim by its number.
fn claim(key: u64, value: Vec<u8>) -> Pair {
    (cbor::number(key), value)
}

pub(crate) fn component(name: &str, measurement: &[u8], signer: &[u8]) -> Vec<u8> {
    cbor::map(&[
        claim(1, cbor::text(name)),
        claim(5, cbor::bytes(signer)),
        claim(4, cbor::text("1.2")),
        claim(2, cbor::bytes(measurement)),
        claim(6, cbor::text("sha-256")),
    ])
}

/// EC2 on P-384, as RFC 9053 section 7.1.1 writes it.
pub(crate) fn cose_key(point: &[u8]) -> Vec<u8> {
    let (x, y) = point[1..].split_at(48);
    cbor::map(&[
        claim(1, cbor::number(2)),
        (vec![0x20], cbor::number(2)),
        (vec![0x21], cbor::bytes(x)),
        (vec![0x22], cbor::bytes(y)),
    ])
}

impl World {
    /// Profile 1.0.0: the realm's key is a COSE_Key.
    pub(crate) fn good() -> Self {
        let realm_key = cose_key(&point("realm"));
        let platform = vec![
            claim(265, cbor::text("tag:arm.com,2023:cca_platform#1.0.0")),
            claim(10, cbor::bytes(&sha256(&realm_key))),
            claim(2396, cbor::bytes(&[0x1d; 32])),
            claim(256, cbor::bytes(&instance_id())),
            claim(2401, cbor::bytes(&[0xcf; 4])),
            claim(2395, cbor::number(0x3003)),
            claim(2402, cbor::text("sha-256")),
            claim(2400, cbor::text("https://verifier.example/")),
            claim(2399, cbor::array(&[component("RMM", &[1; 32], &[2; 32]), component("BL2", &[3; 32], &[2; 32])])),
        ];
        let digest = |byte: u8| cbor::bytes(&[byte; 32]);
        let realm = vec![
            claim(265, cbor::text("tag:arm.com,2023:realm#1.0.0")),
            claim(10, cbor::bytes(&REPORT_DATA)),
            claim(44235, cbor::bytes(&[0x99; 64])),
            claim(44238, digest(0x50)),
            claim(44239, cbor::array(&[digest(0x60), digest(0x61), digest(0), digest(0)])),
            claim(44236, cbor::text("sha-256")),
            claim(44237, cbor::bytes(&realm_key)),
            claim(44240, cbor::text("sha-256")),
        ];
        Self {
            platform,
            realm,
            platform_signer: "platform",
            realm_signer: "realm",
            platform_header: cbor::ES384.to_vec(),
            realm_header: cbor::ES384.to_vec(),
            collect: |_| {},
            tamper: |_| {},
            accept: accept(),
            anchor: None,
            binding: Binding::new(Challenge::from_random([7; 32]), ATTESTED_KEY, REPORT_DATA),
        }
    }

    /// Profile CCA-SSD/1.0.0: the realm names no profile, and its key is a bare point.
    pub(crate) fn legacy() -> Self {
        let mut world = Self::good();
        world.set_platform(265, cbor::text("http://arm.com/CCA-SSD/1.0.0"));
        world.realm.remove(0);
        world.set_key(&point("realm"));
        world.accept.profiles = vec![Profile::Legacy];
        world
    }

    /// The realm's key and the challenge that binds it.
    pub(crate) fn set_key(&mut self, key: &[u8]) {
        self.set_realm(44237, cbor::bytes(key));
        self.set_platform(10, cbor::bytes(&sha256(key)));
    }

    pub(crate) fn set_platform(&mut self, key: u64, value: Vec<u8>) {
        set(&mut self.platform, key, value);
    }

    pub(crate) fn set_realm(&mut self, key: u64, value: Vec<u8>) {
        set(&mut self.realm, key, value);
    }

    pub(crate) fn remove_platform(&mut self, key: u64) {
        self.platform.retain(|(known, _)| *known != cbor::number(key));
    }

    pub(crate) fn remove_realm(&mut self, key: u64) {
        self.realm.retain(|(known, _)| *known != cbor::number(key));
    }

    pub(crate) fn token(&self) -> Vec<u8> {
        let mut tokens = vec![
            claim(44234, cbor::bytes(&signed(&self.platform_header, &self.platform, self.platform_signer))),
            claim(44241, cbor::bytes(&signed(&self.realm_header, &self.realm, self.realm_signer))),
        ];
        (self.collect)(&mut tokens);
        let mut token = [&[0xd9, 0x01, 0x8f][..], &cbor::map(&tokens)].concat();
        (self.tamper)(&mut token);
        token
    }

    pub(crate) fn appraise(self) -> Result<AttestationResult, Rejection> {
        self.appraise_with(CryptoProvider::ring())
    }

    pub(crate) fn appraise_with(self, provider: CryptoProvider) -> Result<AttestationResult, Rejection> {
        let token = self.token();
        let mut accept = self.accept;
        if let Some(anchor) = self.anchor {
            accept.trust_anchor = anchor;
        }
        let policy = Policy::new(vec![accept.into()]).unwrap();
        let evidence = Evidence::decode(&token)?;
        Verifier::new(provider, &policy).appraise(evidence, &Endorsements::none(), self.binding, NOW)
    }
}

fn set(claims: &mut [Pair], key: u64, value: Vec<u8>) {
    claims.iter_mut().find(|(known, _)| *known == cbor::number(key)).unwrap().1 = value;
}

/// COSE_Sign1, tagged.
pub(crate) fn signed(header: &[u8], claims: &[Pair], signer: &str) -> Vec<u8> {
    let payload = cbor::map(claims);
    let signature = sign_fixed(signer, &cbor::sig_structure(header, &payload));
    let parts = [cbor::bytes(header), cbor::map(&[]), cbor::bytes(&payload), cbor::bytes(&signature)];
    [&[0xd2][..], &cbor::array(&parts)].concat()
}

fn instance_id() -> [u8; 33] {
    let mut id = [0x7e; 33];
    id[0] = 1;
    id
}

/// Accepts exactly this world, and skips nothing that can be judged in it.
fn accept() -> cca::Accept {
    let value = |byte: u8| ComponentValue { measurement: vec![byte; 32], signer_id: vec![2; 32] };
    let rem = |index: u8| ExtensibleMeasurement { index, values: vec![Measurement::sha256([0x60 + index; 32])] };
    let platform_key = public_key("platform");
    let fingerprint = Fingerprint::from_sha256(sha256(&platform_key));
    cca::Accept {
        name: "test".to_owned(),
        trust_anchor: TrustAnchor::new(fingerprint, true).unwrap(),
        platform_key,
        instance_id: instance_id(),
        profiles: vec![Profile::V1],
        implementation_ids: Rule::Require(vec![[0x1d; 32]]),
        platform_configs: Rule::Require(vec![vec![0xcf; 4]]),
        components: Rule::Require(vec![
            Component { component_type: "BL2".to_owned(), values: vec![value(9), value(3)] },
            Component { component_type: "RMM".to_owned(), values: vec![value(1)] },
        ]),
        measurements: vec![Measurement::sha256([0x50; 32])],
        extensible_measurements: Rule::Require(vec![rem(0), rem(1)]),
        personalization_values: Rule::Require(vec![[0x99; 64]]),
    }
}
