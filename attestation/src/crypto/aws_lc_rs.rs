//! The provider on AWS-LC. Its PSS verification takes exactly a salt as long as the digest.

use aws_lc_rs::{digest, signature};

use super::{BadSignature, CryptoProvider, PublicKey, SignatureKind};

pub(super) const PROVIDER: CryptoProvider = CryptoProvider { name: "aws-lc-rs", sha256, sha384, sha512, verify };

fn sha256(bytes: &[u8]) -> [u8; 32] {
    hash(&digest::SHA256, bytes)
}

fn sha384(bytes: &[u8]) -> [u8; 48] {
    hash(&digest::SHA384, bytes)
}

fn sha512(bytes: &[u8]) -> [u8; 64] {
    hash(&digest::SHA512, bytes)
}

fn hash<const N: usize>(algorithm: &'static digest::Algorithm, bytes: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(digest::digest(algorithm, bytes).as_ref());
    out
}

fn verify(key: &PublicKey, kind: SignatureKind, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
    let rsa = |parameters: &'static signature::RsaParameters| match key {
        PublicKey::Rsa { modulus, exponent } => signature::RsaPublicKeyComponents { n: modulus, e: exponent }
            .verify(parameters, message, signature)
            .map_err(|_| BadSignature),
        _ => Err(BadSignature),
    };
    let other = |algorithm: &'static dyn signature::VerificationAlgorithm, public: &[u8]| {
        signature::UnparsedPublicKey::new(algorithm, public).verify(message, signature).map_err(|_| BadSignature)
    };
    match (kind, key) {
        (SignatureKind::RsaPssSha384, _) => rsa(&signature::RSA_PSS_2048_8192_SHA384),
        (SignatureKind::RsaPssSha256, _) => rsa(&signature::RSA_PSS_2048_8192_SHA256),
        (SignatureKind::RsaPkcs1Sha256, _) => rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
        (SignatureKind::RsaPkcs1Sha384, _) => rsa(&signature::RSA_PKCS1_2048_8192_SHA384),
        (SignatureKind::EcdsaP256Sha256Der, PublicKey::P256(key)) => {
            other(&signature::ECDSA_P256_SHA256_ASN1, key.as_slice())
        }
        (SignatureKind::EcdsaP256Sha256Fixed, PublicKey::P256(key)) => {
            other(&signature::ECDSA_P256_SHA256_FIXED, key.as_slice())
        }
        (SignatureKind::EcdsaP384Sha384Der, PublicKey::P384(key)) => {
            other(&signature::ECDSA_P384_SHA384_ASN1, key.as_slice())
        }
        (SignatureKind::EcdsaP384Sha384Fixed, PublicKey::P384(key)) => {
            other(&signature::ECDSA_P384_SHA384_FIXED, key.as_slice())
        }
        (SignatureKind::Ed25519, PublicKey::Ed25519(key)) => other(&signature::ED25519, key),
        _ => Err(BadSignature),
    }
}
