//! The provider on RustCrypto, for targets without an operating system. Only public values pass through it.

use p384::ecdsa::signature::Verifier;
use rsa::BoxedUint;
use rsa::pkcs1v15;
use rsa::pss;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::{BadSignature, CryptoProvider, PublicKey, SignatureKind};

pub(super) const PROVIDER: CryptoProvider = CryptoProvider { name: "rustcrypto", sha256, sha384, sha512, verify };

/// As in the other providers: shorter keys are broken, longer ones cost too much.
const RSA_MODULUS_BYTES: core::ops::RangeInclusive<usize> = 256..=1024;

fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn sha384(bytes: &[u8]) -> [u8; 48] {
    Sha384::digest(bytes).into()
}

fn sha512(bytes: &[u8]) -> [u8; 64] {
    Sha512::digest(bytes).into()
}

fn verify(key: &PublicKey, kind: SignatureKind, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
    match (kind, key) {
        (SignatureKind::RsaPssSha384, key) => {
            let key = pss::VerifyingKey::<Sha384>::new_with_salt_len(rsa_key(key)?, 48);
            by(&key, message, pss::Signature::try_from(signature))
        }
        (SignatureKind::RsaPssSha256, key) => {
            let key = pss::VerifyingKey::<Sha256>::new_with_salt_len(rsa_key(key)?, 32);
            by(&key, message, pss::Signature::try_from(signature))
        }
        (SignatureKind::RsaPkcs1Sha256, key) => {
            by(&pkcs1v15::VerifyingKey::<Sha256>::new(rsa_key(key)?), message, pkcs1v15::Signature::try_from(signature))
        }
        (SignatureKind::RsaPkcs1Sha384, key) => {
            by(&pkcs1v15::VerifyingKey::<Sha384>::new(rsa_key(key)?), message, pkcs1v15::Signature::try_from(signature))
        }
        (SignatureKind::EcdsaP256Sha256Der, PublicKey::P256(key)) => {
            by(&p256_key(key.as_slice())?, message, p256::ecdsa::Signature::from_der(signature))
        }
        (SignatureKind::EcdsaP256Sha256Fixed, PublicKey::P256(key)) => {
            by(&p256_key(key.as_slice())?, message, p256::ecdsa::Signature::from_slice(signature))
        }
        (SignatureKind::EcdsaP384Sha384Der, PublicKey::P384(key)) => {
            by(&p384_key(key.as_slice())?, message, p384::ecdsa::Signature::from_der(signature))
        }
        (SignatureKind::EcdsaP384Sha384Fixed, PublicKey::P384(key)) => {
            by(&p384_key(key.as_slice())?, message, p384::ecdsa::Signature::from_slice(signature))
        }
        (SignatureKind::Ed25519, PublicKey::Ed25519(key)) => {
            let key = ed25519_dalek::VerifyingKey::from_bytes(key).map_err(|_| BadSignature)?;
            let signature = ed25519_dalek::Signature::from_slice(signature).map_err(|_| BadSignature)?;
            key.verify_strict(message, &signature).map_err(|_| BadSignature)
        }
        _ => Err(BadSignature),
    }
}

fn by<S, E>(key: &impl Verifier<S>, message: &[u8], signature: Result<S, E>) -> Result<(), BadSignature> {
    key.verify(message, &signature.map_err(|_| BadSignature)?).map_err(|_| BadSignature)
}

fn rsa_key(key: &PublicKey) -> Result<rsa::PublicKey, BadSignature> {
    let PublicKey::Rsa { modulus, exponent } = key else { return Err(BadSignature) };
    if !RSA_MODULUS_BYTES.contains(&modulus.len()) {
        return Err(BadSignature);
    }
    let modulus = BoxedUint::from_be_slice_vartime(modulus);
    let exponent = BoxedUint::from_be_slice_vartime(exponent);
    rsa::PublicKey::new(modulus, exponent).map_err(|_| BadSignature)
}

fn p256_key(point: &[u8]) -> Result<p256::ecdsa::VerifyingKey, BadSignature> {
    p256::ecdsa::VerifyingKey::from_sec1_bytes(point).map_err(|_| BadSignature)
}

fn p384_key(point: &[u8]) -> Result<p384::ecdsa::VerifyingKey, BadSignature> {
    p384::ecdsa::VerifyingKey::from_sec1_bytes(point).map_err(|_| BadSignature)
}
