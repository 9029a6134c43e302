//! Signed manifests: the key that the caller gives decides, and dates hold at the time given.

use ring::rand::SystemRandom;
use ring::signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use sealroom_attestation::{Corim, CorimError, CryptoProvider, EarKey};

use crate::cbor::{array, bytes, int, map, negative, tag, text, uri};
use crate::policies::one;
use crate::round_trip::{NOW, plain};

fn time(seconds: u64) -> Vec<u8> {
    tag(1, int(seconds))
}

fn meta(until: u64) -> Vec<u8> {
    let signer = map(&[(int(0), text("ACME")), (int(1), uri("https://acme.example"))]);
    bytes(&map(&[(int(0), signer), (int(1), map(&[(int(0), time(NOW - 9)), (int(1), time(until))]))]))
}

fn header(algorithm: i64, more: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let first = [(int(1), negative(algorithm)), (int(3), text("application/rim+cbor"))];
    map(&[&first[..], more].concat())
}

fn message(protected: &[u8], payload: &[u8], sign: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let signed = array(&[text("Signature1"), bytes(protected), bytes(&[]), bytes(payload)]);
    tag(18, array(&[bytes(protected), map(&[]), bytes(payload), bytes(&sign(&signed))]))
}

struct Signer(Ed25519KeyPair);

impl Signer {
    fn new(seed: u8) -> Self {
        Self(Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap())
    }

    fn key(&self) -> EarKey {
        EarKey::ed25519(self.0.public_key().as_ref().try_into().unwrap())
    }

    fn manifest(&self, more: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
        let payload = one("intel-tdx", 1).to_corim(&plain()).unwrap().bytes;
        message(&header(-8, more), &payload, |bytes| self.0.sign(bytes).as_ref().to_vec())
    }
}

fn read(key: &EarKey, manifest: &[u8]) -> Result<Corim, CorimError> {
    Corim::signed_by(key, manifest, CryptoProvider::ring(), NOW)
}

#[test]
fn a_manifest_that_the_key_signed_is_read_and_says_so() {
    let signer = Signer::new(1);
    let manifest = signer.manifest(&[(int(8), meta(NOW))]);
    let corim = read(&signer.key(), &manifest).unwrap();
    assert_eq!((corim.verified(), corim.signer(), corim.id()), (true, Some("ACME"), "a manifest"));
    let policy = one("intel-tdx", 1);
    assert_eq!(corim.import(&policy, None).unwrap().policy, policy);
    let unverified = Corim::dangerous_unverified(&manifest, NOW).unwrap();
    assert_eq!((unverified.verified(), unverified.signer()), (false, Some("ACME")));
    for old in [&[0xd9, 0x01, 0xf4][..], &[0xd9, 0x01, 0xf4, 0xd9, 0x01, 0xf6]] {
        assert_eq!(read(&signer.key(), &[old, &manifest].concat()).as_ref(), Ok(&corim));
    }
}

#[test]
fn both_curves_sign_too() {
    let random = SystemRandom::new();
    for (algorithm, code) in
        [(&signature::ECDSA_P256_SHA256_FIXED_SIGNING, -7), (&signature::ECDSA_P384_SHA384_FIXED_SIGNING, -35)]
    {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap();
        let point = pair.public_key().as_ref();
        let key =
            if code == -7 { EarKey::p256(point.try_into().unwrap()) } else { EarKey::p384(point.try_into().unwrap()) };
        let payload = one("intel-tdx", 1).to_corim(&plain()).unwrap().bytes;
        let sign = |bytes: &[u8]| pair.sign(&random, bytes).unwrap().as_ref().to_vec();
        let manifest = message(&header(code, &[(int(8), meta(NOW))]), &payload, sign);
        assert!(read(&key, &manifest).unwrap().verified());
        let found = if code == -7 { "ES256" } else { "ES384" };
        assert_eq!(read(&Signer::new(1).key(), &manifest), Err(CorimError::Algorithm { expected: "EdDSA", found }));
    }
}

#[test]
fn another_key_a_changed_byte_and_no_signature_are_told_apart() {
    let signer = Signer::new(1);
    let manifest = signer.manifest(&[(int(8), meta(NOW))]);
    assert_eq!(read(&Signer::new(2).key(), &manifest), Err(CorimError::Signature));
    let unsigned = one("intel-tdx", 1).to_corim(&plain()).unwrap().bytes;
    assert_eq!(read(&signer.key(), &unsigned), Err(CorimError::NotSigned));
    let place = manifest.len() - 100;
    let mut changed = manifest.clone();
    changed[place] ^= 1;
    assert_eq!(read(&signer.key(), &changed), Err(CorimError::Signature));
}

#[test]
fn dates_of_the_signature_and_of_the_manifest_hold_at_the_time_given() {
    let signer = Signer::new(1);
    let manifest = signer.manifest(&[(int(8), meta(NOW + 1))]);
    let at = |now| Corim::signed_by(&signer.key(), &manifest, CryptoProvider::ring(), now).map(drop);
    let refused = |now| {
        Err(CorimError::Validity { path: "signature-validity", not_before: Some(NOW - 9), not_after: NOW + 1, now })
    };
    assert_eq!((at(NOW - 9), at(NOW + 1)), (Ok(()), Ok(())));
    assert_eq!((at(NOW - 10), at(NOW + 2)), (refused(NOW - 10), refused(NOW + 2)));
    assert_eq!(
        Corim::dangerous_unverified(&manifest, NOW + 2).map(drop),
        refused(NOW + 2),
        "unverified is not timeless"
    );
    let validity = (int(4), map(&[(int(1), time(NOW))]));
    let one_claim = crate::cbor::claim(text("owners"), &[(4, tag(560, bytes(&[1; 48])))]);
    let unsigned = crate::cbor::corim(
        &[crate::cbor::module("x", &[crate::cbor::triple(crate::cbor::named("Intel", "TDX"), &[one_claim])])],
        &[validity],
    );
    assert_eq!(Corim::dangerous_unverified(&unsigned, NOW).map(drop), Ok(()));
    let error = CorimError::Validity { path: "rim-validity", not_before: None, not_after: NOW, now: NOW + 1 };
    assert_eq!(Corim::dangerous_unverified(&unsigned, NOW + 1), Err(error));
}

#[test]
fn a_header_that_says_more_or_less_than_the_draft_has_is_refused_by_name() {
    let signer = Signer::new(1);
    let claims =
        |issuer: &str, until: u64| map(&[(int(1), text(issuer)), (int(4), int(until)), (int(5), int(NOW - 9))]);
    assert!(read(&signer.key(), &signer.manifest(&[(int(15), claims("ACME", NOW))])).is_ok());
    assert!(read(&signer.key(), &signer.manifest(&[(int(8), meta(NOW)), (int(15), claims("ACME", NOW))])).is_ok());
    let with = |more: &[(Vec<u8>, Vec<u8>)]| match read(&signer.key(), &signer.manifest(more)).unwrap_err() {
        CorimError::Form { path, problem } => {
            assert!(path.starts_with("signature"), "{path}");
            problem
        }
        CorimError::Unmappable { found, .. } => found,
        error => panic!("{error}"),
    };
    let two = "corim-meta and CWT-Claims name two signers, or two times";
    assert_eq!(with(&[(int(8), meta(NOW)), (int(15), claims("EMCA", NOW))]), two);
    assert_eq!(with(&[(int(8), meta(NOW)), (int(15), claims("ACME", NOW + 1))]), two);
    assert_eq!(with(&[]), "neither corim-meta nor CWT-Claims in the protected header");
    assert_eq!(
        with(&[(int(8), meta(NOW)), (int(2), array(&[int(77)]))]),
        "crit in the protected header, expected none"
    );
    assert_eq!(with(&[(int(8), meta(NOW)), (int(258), int(1))]), "a signed digest of a manifest");
    assert_eq!(
        with(&[(int(8), meta(NOW)), (int(99), int(1))]),
        "the label 99 in the protected header is not known here"
    );
    assert_eq!(
        with(&[(int(8), meta(NOW)), (int(3), text("application/cose"))]),
        "the content type \"application/cose\", expected \"application/rim+cbor\""
    );
}
