//! HPKE to one key: how a data key reaches the enclave, a recipient, or a data party who must see a request.
//!
//! What always holds: the associated data says everything that the ciphertext belongs to, so none opens anywhere else.
//! RFC 9180 base mode, KEM X-Wing (0x647a, X25519 + ML-KEM-768), HKDF-SHA-256, AES-256-GCM. `SPEC.md`, section 6.

use crate::identity::{EncryptionPublicKey, EncryptionSecret, KeyError};
use alloc::vec::Vec;
use hpke::aead::AesGcm256;
use hpke::kdf::HkdfSha256;
use hpke::kem::XWing;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// Length of the encapsulated key at the front of every ciphertext, in bytes.
pub const ENCAPSULATED_KEY_LENGTH: usize = 1120;

/// Decryption failed; nothing more is said, so that a peer learns nothing from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("decryption failed")]
#[non_exhaustive]
pub struct DecryptionFailed;

/// Encrypts `plaintext` to `recipient`: encapsulated key (1,120 bytes) ‖ ciphertext ‖ tag (16 bytes).
///
/// # Errors
/// [`KeyError::Unusable`] when the key cannot be encrypted to.
pub fn encrypt_to(
    recipient: &EncryptionPublicKey,
    label: &str,
    associated_data: &[u8],
    plaintext: &[u8],
    mut rng: &mut dyn CryptoRng,
) -> Result<Vec<u8>, KeyError> {
    let (encapsulated, ciphertext) = hpke::single_shot_seal_with_rng::<AesGcm256, HkdfSha256, XWing>(
        &OpModeS::Base,
        &recipient.kem()?,
        label.as_bytes(),
        plaintext,
        associated_data,
        &mut rng,
    )
    .map_err(|_| KeyError::Unusable)?;
    let mut bytes = encapsulated.to_bytes().to_vec();
    bytes.extend_from_slice(&ciphertext);
    Ok(bytes)
}

/// Decrypts what [`encrypt_to`] made for this key, label and associated data.
///
/// # Errors
/// [`DecryptionFailed`], whatever the reason.
pub fn decrypt(
    secret: &EncryptionSecret,
    label: &str,
    associated_data: &[u8],
    bytes: &[u8],
) -> Result<Zeroizing<Vec<u8>>, DecryptionFailed> {
    let (encapsulated, ciphertext) = bytes.split_at_checked(ENCAPSULATED_KEY_LENGTH).ok_or(DecryptionFailed)?;
    let encapsulated = <XWing as Kem>::EncappedKey::from_bytes(encapsulated).map_err(|_| DecryptionFailed)?;
    hpke::single_shot_open::<AesGcm256, HkdfSha256, XWing>(
        &OpModeR::Base,
        &secret.kem(),
        &encapsulated,
        label.as_bytes(),
        ciphertext,
        associated_data,
    )
    .map(Zeroizing::new)
    .map_err(|_| DecryptionFailed)
}
