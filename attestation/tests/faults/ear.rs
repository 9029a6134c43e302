//! Faults of readers of attestation results.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use sealroom_attestation::{CryptoProvider, Ear, EarAlgorithm, EarError, EarExpected, EarKey, Policy, Tier};
use serde_json::{Value, json};

use crate::snp_world::{NOW, World};

fn pair() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap()
}

/// A genuine result's claims, changed, and signed by its Verifier all the same.
fn read(change: impl FnOnce(&mut Value)) -> Result<Ear, EarError> {
    let world = World::milan();
    let policy = Policy::new(vec![world.accept.clone().into()]).unwrap();
    let mut world = World::milan();
    world.put(0x008, &0xb_0000_u64.to_le_bytes());
    let provider = CryptoProvider::ring();
    let ear = Ear::of(&world.appraise(), &policy, provider, None, NOW).unwrap();
    let sign = |bytes: &[u8]| Ok::<_, ()>(pair().sign(bytes).as_ref().to_vec());
    let token = ear.to_jwt(EarAlgorithm::EdDsa, sign).unwrap();
    let parts: Vec<_> = token.split('.').collect();
    let mut claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    change(&mut claims);
    let signed = format!("{}.{}", parts[0], URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = URL_SAFE_NO_PAD.encode(sign(signed.as_bytes()).unwrap());
    let key = EarKey::ed25519(pair().public_key().as_ref().try_into().unwrap());
    Ear::from_jwt(&format!("{signed}.{signature}"), &key, provider, &EarExpected::at(NOW))
}

fn submod(claims: &mut Value) -> &mut Value {
    claims["submods"].as_object_mut().unwrap().values_mut().next().unwrap()
}

/// Trustee: a claim that it did not know was a panic, and a vector that was not there was one of zeros.
#[test]
fn fault_36_unknown_ear_claim_and_missing_vector() {
    let genuine = read(|_| {}).unwrap();
    assert_eq!(genuine.status(), Tier::Contraindicated);
    // A claim that AR4SI has not, a value that it has not, a vector that is none.
    for vector in
        [json!({ "trustiness": 2 }), json!({ "hardware": 300 }), json!({ "hardware": "2" }), json!([2, 2]), json!(2)]
    {
        let error = read(|claims| submod(claims)["ear_trustworthiness_vector"] = vector.clone()).unwrap_err();
        assert!(matches!(error, EarError::Form { .. }), "{vector}: {error}");
    }
    // Affirming, with nothing that affirms: no vector, an empty one, one of zeros.
    for vector in [Value::Null, json!({}), json!({ "hardware": 0, "executables": 0 })] {
        let error = read(|claims| {
            submod(claims)["ear_status"] = json!("affirming");
            submod(claims)["ear_trustworthiness_vector"] = vector.clone();
        });
        let Err(EarError::Status { status, .. }) = error else { panic!("{vector}: {error:?}") };
        assert_eq!(status, "affirming", "{vector}");
    }
    // Better than what its claims say.
    let error = read(|claims| submod(claims)["ear_status"] = json!("warning")).unwrap_err();
    assert!(matches!(error, EarError::Status { status: "warning", .. }), "{error}");
    // Without a vector and not affirming, what is not said stays unsaid.
    let silent = read(|claims| {
        submod(claims)["ear_status"] = json!("none");
        submod(claims).as_object_mut().unwrap().remove("ear_trustworthiness_vector");
    });
    let silent = silent.unwrap();
    assert_eq!(silent.submods().values().next().unwrap().vector().claims().count(), 0);
    assert_eq!(silent.status(), Tier::None);
}
