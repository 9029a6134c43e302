//! Attestation results for others: what they say, in both forms, and what is not believed.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
};
use sealroom_attestation::{
    Accept, Binding, CryptoProvider, Ear, EarAlgorithm, EarError, EarExpected, EarKey, Endorsements, Evidence, Outcome,
    Policy, Rule, Tier, TrustAnchor, Verifier, vendor_roots,
};

use crate::vectors::{self, pinning, vendor_anchor};
use crate::world::{NOW, World};

const NONCE: [u8; 8] = *b"whatever";

fn ring() -> CryptoProvider {
    CryptoProvider::ring()
}

/// Of the report in the package, under AMD's root or another verdict on it.
fn real(challenge: Option<[u8; 64]>) -> (Ear, u64) {
    let recorded = vectors::packaged();
    let evidence = Evidence::decode(&recorded.evidence).unwrap();
    let accept = pinning(&evidence, vendor_anchor(recorded.root));
    let asked = challenge.unwrap_or(evidence.unverified_snp_claims().unwrap().report_data);
    let policy = Policy::new(vec![accept.into()]).unwrap();
    let endorsements = Endorsements::decode_all(recorded.endorsements.iter().map(Vec::as_slice)).unwrap();
    let binding = Binding::bytes(asked).unwrap();
    let appraisal = Verifier::new(ring(), &policy).appraise(evidence, &endorsements, binding, recorded.at);
    (Ear::of(&appraisal, &policy, ring(), Some(NONCE.to_vec()), recorded.at).unwrap(), recorded.at)
}

fn policy_of(world: &World) -> Policy {
    Policy::new(vec![world.accept.clone().into()]).unwrap()
}

fn ed25519() -> (Ed25519KeyPair, EarKey) {
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    let key = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
    let public = EarKey::ed25519(key.public_key().as_ref().try_into().unwrap());
    (key, public)
}

fn jwt(ear: &Ear, key: &Ed25519KeyPair) -> String {
    ear.to_jwt(EarAlgorithm::EdDsa, |bytes| Ok::<_, ()>(key.sign(bytes).as_ref().to_vec())).unwrap()
}

fn cwt(ear: &Ear, key: &Ed25519KeyPair) -> Vec<u8> {
    ear.to_cwt(EarAlgorithm::EdDsa, |bytes| Ok::<_, ()>(key.sign(bytes).as_ref().to_vec())).unwrap()
}

#[test]
fn real_hardware_is_affirmed_but_for_the_revocation_that_was_not_looked_up() {
    let (ear, _) = real(None);
    let submod = &ear.submods()["amd-sev-snp:0"];
    assert_eq!(ear.status(), Tier::Warning, "no revocation list of AMD's is recorded, so the policy skips it");
    for (claim, value) in submod.vector().claims() {
        assert_eq!(value, if claim == "instance-identity" { 32 } else { 2 }, "{claim}");
    }
    assert!(submod.vector().claims().any(|claim| claim == ("runtime-opaque", 2)));
    assert_eq!(submod.checks().len(), 39);
    assert!(submod.policies()[0].starts_with("sha256:"));
}

/// Of a recorded trust domain, under the policy that pins it without these of its run-time registers.
fn trust_domain(test: &str, left_out: &[usize]) -> Option<Ear> {
    let folder = vectors::folder(test)?;
    let evidence = Evidence::decode(&vectors::read(&folder, "tdx/dcap-qvl/tdx_quote")).unwrap();
    let endorsements = Endorsements::decode(&vectors::read(&folder, "tdx/dcap-qvl/tdx_quote_collateral.json")).unwrap();
    let root = vendor_roots().find(|root| root.name.contains("Intel")).unwrap();
    let anchor = TrustAnchor::new(root.fingerprint, false).unwrap();
    let mut accept = Accept::pinning(&evidence, anchor, "pinned");
    let Accept::Tdx(block) = &mut accept else { panic!("{accept:?}") };
    left_out.iter().for_each(|index| block.runtime_registers[*index] = Rule::skip("any value"));
    let policy = Policy::new(vec![accept]).unwrap();
    let asked = evidence.unverified_td_report().unwrap().report_data;
    let at = 1_750_846_000; // 2025-06-25
    let binding = Binding::bytes(asked).unwrap();
    let appraisal = Verifier::new(ring(), &policy).appraise(evidence, &endorsements, binding, at);
    assert_eq!(Outcome::of(&appraisal), Outcome::Accepted, "{:?}", appraisal.err().map(|error| error.to_string()));
    Some(Ear::of(&appraisal, &policy, ring(), None, at).unwrap())
}

#[test]
fn a_real_trust_domain_with_all_of_its_lists_is_affirmed() {
    let Some(ear) = trust_domain("a_real_trust_domain_with_all_of_its_lists_is_affirmed", &[]) else { return };
    assert_eq!(ear.status(), Tier::Affirming, "{ear:?}");
}

#[test]
fn a_trust_domain_whose_run_time_registers_nobody_judges_has_a_warning_for_its_executables() {
    for left_out in [&[0, 1, 2, 3][..], &[0], &[1], &[2], &[3]] {
        let test = "a_trust_domain_whose_run_time_registers_nobody_judges_has_a_warning_for_its_executables";
        let Some(ear) = trust_domain(test, left_out) else { return };
        assert_eq!(ear.status(), Tier::Warning, "{left_out:?}");
        for (claim, value) in ear.submods()["intel-tdx:0"].vector().claims() {
            assert_eq!(value, if claim == "executables" { 32 } else { 2 }, "{claim} without {left_out:?}");
        }
    }
}

#[test]
fn simulated_evidence_is_never_affirmed_though_every_check_holds() {
    let world = World::milan();
    let policy = policy_of(&world);
    let appraisal = world.appraise();
    assert_eq!(Outcome::of(&appraisal), Outcome::Accepted);
    let ear = Ear::of(&appraisal, &policy, ring(), None, NOW).unwrap();
    assert_eq!(ear.status(), Tier::Contraindicated);
    assert!(ear.submods()["amd-sev-snp:0"].vector().claims().any(|claim| claim == ("runtime-opaque", 96)));
}

#[test]
fn stale_evidence_is_contraindicated_and_missing_endorsements_say_nothing() {
    let (ear, _) = real(Some([9; 64]));
    assert_eq!(ear.status(), Tier::Contraindicated);
    assert!(ear.submods()["amd-sev-snp:0"].vector().claims().any(|claim| claim == ("sourced-data", 96)));
    let mut world = World::milan();
    world.brought = [false; 4];
    let policy = policy_of(&world);
    let ear = Ear::of(&world.appraise(), &policy, ring(), None, NOW).unwrap();
    assert_eq!(ear.status(), Tier::None);
    assert_eq!(ear.submods()["amd-sev-snp:0"].vector().claims().count(), 0);
}

#[test]
fn both_forms_read_back_as_they_were_written_with_every_kind_of_key() {
    let (ear, at) = real(None);
    let random = SystemRandom::new();
    let (key, public) = ed25519();
    assert_eq!(Ear::from_jwt(&jwt(&ear, &key), &public, ring(), &EarExpected::at(at).nonce(&NONCE)), Ok(ear.clone()));
    assert_eq!(Ear::from_cwt(&cwt(&ear, &key), &public, ring(), &EarExpected::at(at).nonce(&NONCE)), Ok(ear.clone()));
    for (algorithm, signing) in [
        (EarAlgorithm::Es256, &ECDSA_P256_SHA256_FIXED_SIGNING),
        (EarAlgorithm::Es384, &ECDSA_P384_SHA384_FIXED_SIGNING),
    ] {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(signing, &random).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(signing, pkcs8.as_ref(), &random).unwrap();
        let point = key.public_key().as_ref();
        let public = match algorithm {
            EarAlgorithm::Es256 => EarKey::p256(point.try_into().unwrap()),
            _ => EarKey::p384(point.try_into().unwrap()),
        };
        let sign = |bytes: &[u8]| key.sign(&random, bytes).map(|signature| signature.as_ref().to_vec());
        let text = ear.to_jwt(algorithm, sign).unwrap();
        assert_eq!(Ear::from_jwt(&text, &public, ring(), &EarExpected::at(at)), Ok(ear.clone()));
        let bytes = ear.to_cwt(algorithm, sign).unwrap();
        assert_eq!(Ear::from_cwt(&bytes, &public, ring(), &EarExpected::at(at)), Ok(ear.clone()));
        let other = ed25519().1;
        let found = algorithm.as_str().to_owned();
        let refused = Err(EarError::Algorithm { expected: "EdDSA", found });
        assert_eq!(Ear::from_jwt(&text, &other, ring(), &EarExpected::at(at)), refused);
        assert_eq!(Ear::from_cwt(&bytes, &other, ring(), &EarExpected::at(at)), refused);
    }
}

#[test]
fn a_changed_token_is_not_believed_and_no_change_makes_a_panic() {
    let (ear, at) = real(None);
    let (key, public) = ed25519();
    let (text, bytes) = (jwt(&ear, &key), cwt(&ear, &key));
    for index in 0..text.len() {
        let mut changed = text.clone().into_bytes();
        changed[index] = if changed[index] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert!(Ear::from_jwt(&changed, &public, ring(), &EarExpected::at(at)).is_err(), "byte {index}");
    }
    for index in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[index] ^= 1;
        assert!(Ear::from_cwt(&changed, &public, ring(), &EarExpected::at(at)).is_err(), "byte {index}");
        assert!(Ear::from_cwt(&bytes[..index], &public, ring(), &EarExpected::at(at)).is_err(), "cut at {index}");
    }
    assert_eq!(
        Ear::from_jwt(&jwt(&ear, &ed25519().0), &public, ring(), &EarExpected::at(at)),
        Err(EarError::Signature)
    );
}

#[test]
fn a_token_for_another_time_or_nonce_is_not_believed() {
    let (ear, at) = real(None);
    let (key, public) = ed25519();
    let text = jwt(&ear, &key);
    let end = ear.expires_at_unix_seconds().unwrap();
    for now in [at - 1, end] {
        let refused = Err(EarError::Time { issued_at: at, expires_at: end, now });
        assert_eq!(Ear::from_jwt(&text, &public, ring(), &EarExpected::at(now)), refused);
    }
    assert_eq!(Ear::from_jwt(&text, &public, ring(), &EarExpected::at(at).nonce(b"another!")), Err(EarError::Nonce));
    assert_eq!(Ear::from_jwt(&text, &public, ring(), &EarExpected::at(at).nonce(&NONCE[..7])), Err(EarError::Nonce));
}

fn token(claims: &str) -> Result<Ear, EarError> {
    token_for(claims, &EarExpected::at(100).maximum_age(3600))
}

fn token_for(claims: &str, expected: &EarExpected<'_>) -> Result<Ear, EarError> {
    let (key, public) = ed25519();
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(r#"{"alg":"EdDSA"}"#), URL_SAFE_NO_PAD.encode(claims));
    let text = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes())));
    Ear::from_jwt(&text, &public, ring(), expected)
}

#[test]
fn a_result_that_contradicts_itself_or_says_what_nobody_knows_is_refused() {
    let with = |submod: &str| {
        token(&format!(
            r#"{{"eat_profile":"tag:ietf.org,2026:rats/ear#04","iat":1,"ear_verifier_id":{{"developer":"d","build":"b"}},"submods":{{"x":{submod}}}}}"#
        ))
    };
    let status = |status, claims| Err(EarError::Status { submod: "x".to_owned(), status, claims });
    // A check that failed stands beside no word of trust; where nothing is known it may have failed for want of something.
    for (word, tier) in [("affirming", None), ("warning", None), ("contraindicated", Some(Tier::Contraindicated))] {
        let read = with(&format!(
            r#"{{"ear_status":"{word}","ear_trustworthiness_vector":{{"hardware":2}},"ear_verifier_claims":{{"sealroom-checks":[["tdx.debug","pass"],["tdx.measurement","fail"]]}}}}"#
        ));
        match tier {
            Some(tier) => assert_eq!(read.unwrap().status(), tier),
            None => assert_eq!(read, status(word, "contraindicated")),
        }
    }
    let unknown = r#"{"ear_status":"none","ear_verifier_claims":{"sealroom-checks":[["tdx.measurement","fail"]]}}"#;
    assert_eq!(with(unknown).unwrap().status(), Tier::None);
    assert!(with(r#"{"ear_status":"warning","ear_trustworthiness_vector":{"hardware":32,"executables":0}}"#).is_ok());
    let failing = with(r#"{"ear_status":"affirming","ear_trustworthiness_vector":{"hardware":96}}"#);
    assert_eq!(failing, status("affirming", "contraindicated"));
    assert_eq!(with(r#"{"ear_status":"affirming"}"#), status("affirming", "none"));
    for (submod, expected) in [
        (r#"{"ear_status":"affirming","ear_trustworthiness_vector":{"hardwear":2}}"#, "hardwear"),
        (r#"{"ear_status":"affirming","ear_trustworthiness_vector":{"hardware":300}}"#, "300"),
        (r#"{"ear_status":"perfect"}"#, "perfect"),
        (r#"{"ear_trustworthiness_vector":{"hardware":2}}"#, "ear_status"),
    ] {
        match with(submod) {
            Err(EarError::Form { problem }) => assert!(problem.contains(expected), "{problem}"),
            other => panic!("{submod}: {other:?}"),
        }
    }
    let profile = r#"{"eat_profile":"tag:github.com,2023:veraison/ear","iat":1,"ear_verifier_id":{"developer":"d","build":"b"},"submods":{}}"#;
    assert_eq!(token(profile), Err(EarError::Profile { found: "tag:github.com,2023:veraison/ear".to_owned() }));
}

#[test]
fn a_key_that_is_there_twice_is_refused_at_every_depth() {
    let good = r#"{"ear_status":"affirming","ear_trustworthiness_vector":{"hardware":2}}"#;
    let bad = r#"{"ear_status":"contraindicated","ear_trustworthiness_vector":{"hardware":96}}"#;
    let whole = |more: &str, submods: &str| {
        token(&format!(
            r#"{{"eat_profile":"tag:ietf.org,2026:rats/ear#04","iat":1,"exp":1000,{more}"ear_verifier_id":{{"developer":"d","build":"b"}},"submods":{{{submods}}}}}"#
        ))
    };
    let one = format!(r#""x":{good}"#);
    assert_eq!(whole("", &one).unwrap().status(), Tier::Affirming);
    let vector = r#""x":{"ear_status":"affirming","ear_trustworthiness_vector":{"hardware":96,"hardware":2}}"#;
    let own = |claims: &str| format!(r#""x":{{"ear_status":"none","ear_verifier_claims":{{{claims}}}}}"#);
    for (more, submods, key) in [
        ("", format!(r#""x":{bad},"x":{good}"#), "x"),
        ("", format!(r#""x":{good},"\u0078":{bad}"#), "x"),
        ("", vector.to_owned(), "hardware"),
        ("", r#""x":{"ear_status":"none","ear_status":"affirming"}"#.to_owned(), "ear_status"),
        ("", own(r#""sealroom-checks":[["a","fail"]],"sealroom-checks":[]"#), "sealroom-checks"),
        ("", own(r#""theirs":[{"a":1,"a":2}]"#), "a"),
        (r#""exp":1000,"#, one.clone(), "exp"),
        (r#""theirs":1,"theirs":2,"#, one.clone(), "theirs"),
        (r#""theirs":{"a":{"b":1,"b":1}},"#, one.clone(), "b"),
    ] {
        match whole(more, &submods) {
            Err(EarError::Form { problem }) => {
                assert!(problem.starts_with(&format!("the claims: key \"{key}\" occurs twice")), "{problem}");
            }
            other => panic!("{more} {submods}: {other:?}"),
        }
    }
}

#[test]
fn a_result_without_an_end_is_read_only_where_its_reader_says_how_old_it_may_be() {
    let read = |end: &str, expected: &EarExpected<'_>| {
        let rest = r#""ear_verifier_id":{"developer":"d","build":"b"},"submods":{"x":{"ear_status":"none"}}"#;
        token_for(&format!(r#"{{"eat_profile":"tag:ietf.org,2026:rats/ear#04","iat":50,{end}{rest}}}"#), expected)
    };
    let at = EarExpected::at;
    assert_eq!(read("", &at(51)), Err(EarError::NoEnd { issued_at: 50 }));
    assert!(read("", &at(149).maximum_age(100)).is_ok());
    let over = |now, expires_at| Err(EarError::Time { issued_at: 50, expires_at, now });
    assert_eq!(read("", &at(150).maximum_age(100)), over(150, 150));
    assert_eq!(read("", &at(49).maximum_age(100)), over(49, 150));
    // Of two ends the first counts, whoever says it.
    assert!(read(r#""exp":200,"#, &at(199)).is_ok());
    assert_eq!(read(r#""exp":200,"#, &at(199).maximum_age(100)), over(199, 150));
    assert_eq!(read(r#""exp":200,"#, &at(200).maximum_age(1000)), over(200, 200));
    assert!(read(r#""exp":200,"#, &at(199).maximum_age(u64::MAX)).is_ok());
    assert_eq!(
        over(1_756_721_527, 200).map(|_: Ear| ()).unwrap_err().to_string(),
        "the attestation result is from 1970-01-01T00:00:50Z to 1970-01-01T00:03:20Z, not at 2025-09-01T10:12:07Z"
    );
}

/// The crate `ear` is another implementation. Its package is fetched and never built (it needs OpenSSL); README has a token.
#[test]
fn the_token_of_another_implementation_is_read() {
    let test = "the_token_of_another_implementation_is_read";
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo"))).unwrap();
    let registries = std::fs::read_dir(home.join("registry/src")).into_iter().flatten().flatten();
    let Some(readme) = registries.map(|entry| entry.path().join("ear-0.6.0/README.md")).find(|path| path.is_file())
    else {
        assert!(std::env::var_os("SEALROOM_REQUIRE_ALL").is_none(), "{test} needs the package ear 0.6.0");
        println!(
            "NOT RUN {test}: cargo fetch --manifest-path attestation/tests/ear/Cargo.toml brings the package ear 0.6.0"
        );
        return;
    };
    let readme = std::fs::read_to_string(readme).unwrap();
    let between = |from: &str, to: &str| readme.split_once(from).unwrap().1.split_once(to).unwrap().0.to_owned();
    let coordinate = |name: &str| URL_SAFE_NO_PAD.decode(between(&format!("\"{name}\":\""), "\"")).unwrap();
    let point = [vec![4], coordinate("x"), coordinate("y")].concat();
    let key = EarKey::p256(point.try_into().unwrap());
    let ear =
        Ear::from_jwt(&between("let signed = \"", "\""), &key, ring(), &EarExpected::at(2).maximum_age(60)).unwrap();
    assert_eq!(ear.verifier(), ("https://veraison-project.org", "vsts 0.0.1"));
    assert_eq!((ear.submods().len(), ear.submods()["test"].status()), (1, Tier::None));
}
