//! The token that Trustee's tests carry, from `SEALROOM_VECTORS`: accepted under a policy derived from it, refused with one bit
//! changed.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sealroom_attestation::cca::{self, Component, ComponentValue, ExtensibleMeasurement};
use sealroom_attestation::{
    Accept, Binding, CryptoProvider, Endorsements, Evidence, Fingerprint, Policy, PolicyError, Rejection, Rule,
    TrustAnchor, Verifier,
};

use crate::world::sha256;
use crate::{der, failed};

fn folder(test: &str) -> Option<PathBuf> {
    crate::folder::folder(test).map(|folder| folder.join("cca"))
}

fn token(folder: &Path) -> Vec<u8> {
    std::fs::read(folder.join("cca-example-token.cbor")).unwrap()
}

/// The platform's key, which stands beside the token as a JWK.
fn platform_key(folder: &Path) -> Vec<u8> {
    let jwk = std::fs::read(folder.join("cpak-pub.json")).unwrap();
    let jwk: serde_json::Value = serde_json::from_slice(&jwk).unwrap();
    let coordinate = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
    let point = [&[4][..], &coordinate("x"), &coordinate("y")].concat();
    der::sequence(&[der::sequence(&[der::oid("1.2.840.10045.2.1"), der::oid("1.3.132.0.34")]), der::bits(&point)])
}

/// All that a token says, demanded.
fn pinning(evidence: &Evidence, platform_key: Vec<u8>) -> cca::Accept {
    let (platform, realm) = evidence.unverified_cca_claims().unwrap();
    let component = |found: &cca::SoftwareComponent| Component {
        component_type: found.component_type.clone().unwrap(),
        values: vec![ComponentValue { measurement: found.measurement.clone(), signer_id: found.signer_id.clone() }],
    };
    let extensible = (0..).zip(realm.extensible_measurements);
    let fingerprint = Fingerprint::from_sha256(sha256(&platform_key));
    cca::Accept {
        name: "recorded".to_owned(),
        trust_anchor: TrustAnchor::vouched(fingerprint, "the key that stands beside the recorded token").unwrap(),
        platform_key,
        instance_id: platform.instance_id,
        profiles: vec![platform.profile],
        implementation_ids: Rule::Require(vec![platform.implementation_id]),
        platform_configs: Rule::Require(vec![platform.config.clone()]),
        components: Rule::Require(platform.components.iter().map(component).collect()),
        measurements: vec![realm.initial_measurement],
        extensible_measurements: Rule::Require(
            extensible.map(|(index, value)| ExtensibleMeasurement { index, values: vec![value] }).collect(),
        ),
        personalization_values: Rule::Require(vec![realm.personalization_value]),
    }
}

fn appraise(policy: &Policy, token: &[u8]) -> Result<(), Rejection> {
    let binding = Binding::skip("recorded without a challenge of ours").unwrap();
    let evidence = Evidence::decode(token)?;
    Verifier::new(CryptoProvider::ring(), policy).appraise(evidence, &Endorsements::none(), binding, 0).map(drop)
}

#[test]
fn the_recorded_token_is_accepted() {
    let Some(folder) = folder("the_recorded_token_is_accepted") else { return };
    let token = token(&folder);
    let evidence = Evidence::decode(&token).unwrap_or_else(|error| panic!("{error}"));
    let (platform, realm) = evidence.unverified_cca_claims().unwrap();
    assert_eq!((platform.components.len(), platform.lifecycle), (13, 0x3003));
    assert_eq!(realm.hash_algorithm.as_str(), "sha-512");
    let policy = Policy::new(vec![pinning(&evidence, platform_key(&folder)).into()]).unwrap();
    assert_eq!(appraise(&policy, &token), Ok(()));
}

#[test]
fn the_policy_that_pins_a_token_is_whole_once_somebody_writes_the_platforms_key_in() {
    let Some(folder) = folder("the_policy_that_pins_a_token_is_whole_once_somebody_writes_the_platforms_key_in") else {
        return;
    };
    let token = token(&folder);
    let evidence = Evidence::decode(&token).unwrap();
    let key = platform_key(&folder);
    let by_hand = pinning(&evidence, key.clone());
    let pinned = Accept::pinning(&evidence, by_hand.trust_anchor.clone(), "recorded");
    let problem = "is no SubjectPublicKeyInfo of a P-256 or P-384 key (P-521 is not verified here)";
    let refused = PolicyError::Impossible { block: "recorded".to_owned(), field: "platform_key", problem };
    assert_eq!(Policy::new(vec![pinned.clone()]), Err(refused));
    let Accept::Cca(mut accept) = pinned else { panic!("a CCA token") };
    accept.platform_key = key;
    assert_eq!(accept, by_hand);
}

#[test]
fn every_bit_of_the_recorded_token_counts() {
    let Some(folder) = folder("every_bit_of_the_recorded_token_counts") else { return };
    let good = token(&folder);
    let evidence = Evidence::decode(&good).unwrap();
    let policy = Policy::new(vec![pinning(&evidence, platform_key(&folder)).into()]).unwrap();
    let mut appraised = 0;
    for bit in 0..good.len() * 8 {
        let mut changed = good.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let Ok(decoded) = Evidence::decode(&changed) else { continue };
        assert_ne!(decoded, evidence, "bit {bit}");
        // One bit of each byte is appraised in full.
        if bit % 8 == bit / 8 % 8 {
            let rejection = appraise(&policy, &changed).unwrap_err();
            let signature = ["cca.platform-signature", "cca.realm-signature"];
            assert!(failed(&rejection).iter().any(|id| signature.contains(id)), "bit {bit}: {rejection}");
            appraised += 1;
        }
    }
    assert!(appraised > good.len() / 2, "most changes decode: {appraised}");
}
