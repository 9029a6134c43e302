//! The provider on RustCrypto, for targets without an operating system. Only public values pass through it.

use p384::ecdsa::signature::Verifier;
use rsa::BoxedUint;
use sha2::{Digest, Sha256, Sha384};

use super::{BadSignature, CryptoProvider, RsaPublicKey};

/// The salt that AMD's certificates use: as long as the digest.
const SALT_BYTES: usize = 48;

pub(super) const PROVIDER: CryptoProvider =
    CryptoProvider { name: "rustcrypto", sha256, verify_rsa_pss_sha384, verify_ecdsa_p384_sha384 };

fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn verify_rsa_pss_sha384(key: RsaPublicKey<'_>, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
    let modulus = BoxedUint::from_be_slice_vartime(key.modulus);
    let exponent = BoxedUint::from_be_slice_vartime(key.exponent);
    let key = rsa::PublicKey::new(modulus, exponent).map_err(|_| BadSignature)?;
    let key = rsa::pss::VerifyingKey::<Sha384>::new_with_salt_len(key, SALT_BYTES);
    let signature = rsa::pss::Signature::try_from(signature).map_err(|_| BadSignature)?;
    key.verify(message, &signature).map_err(|_| BadSignature)
}

fn verify_ecdsa_p384_sha384(public_key: &[u8; 97], message: &[u8], signature: &[u8; 96]) -> Result<(), BadSignature> {
    let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(public_key).map_err(|_| BadSignature)?;
    let signature = p384::ecdsa::Signature::from_slice(signature).map_err(|_| BadSignature)?;
    key.verify(message, &signature).map_err(|_| BadSignature)
}
