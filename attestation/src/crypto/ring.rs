//! The provider on *ring*. Its PSS verification takes exactly a salt as long as the digest: 48 bytes.

use ring::{digest, signature};

use super::{BadSignature, CryptoProvider, RsaPublicKey};

pub(super) const PROVIDER: CryptoProvider =
    CryptoProvider { name: "ring", sha256, verify_rsa_pss_sha384, verify_ecdsa_p384_sha384 };

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = digest::digest(&digest::SHA256, bytes);
    let mut out = [0; 32];
    out.copy_from_slice(digest.as_ref());
    out
}

fn verify_rsa_pss_sha384(key: RsaPublicKey<'_>, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
    let key = signature::RsaPublicKeyComponents { n: key.modulus, e: key.exponent };
    key.verify(&signature::RSA_PSS_2048_8192_SHA384, message, signature).map_err(|_| BadSignature)
}

fn verify_ecdsa_p384_sha384(public_key: &[u8; 97], message: &[u8], signature: &[u8; 96]) -> Result<(), BadSignature> {
    signature::UnparsedPublicKey::new(&signature::ECDSA_P384_SHA384_FIXED, public_key)
        .verify(message, signature)
        .map_err(|_| BadSignature)
}
