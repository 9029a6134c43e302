//! Who someone is: an ed25519 signing key and an X-Wing encryption key, public and secret halves.
//!
//! What always holds: having a public key means it decodes to a usable point or lattice element; a secret never leaves
//! this module except by [`SigningSecret::expose_seed`] and [`EncryptionSecret::expose_secret`], which exist to store it.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use core::fmt;
use core::str::FromStr;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use hpke::kem::XWing;
use hpke::{Deserializable, Kem, Serializable};
use rand_core::CryptoRng;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use zeroize::Zeroizing;

/// Length of an encoded X-Wing public key (draft-connolly-cfrg-xwing-kem, section 5.6), in bytes.
pub const ENCRYPTION_PUBLIC_KEY_LENGTH: usize = 1216;

/// Why text or bytes are not a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The text does not begin with the prefix of this kind of key.
    #[error("expected a key that begins with \"{prefix}\"")]
    Prefix {
        /// The prefix of this kind of key.
        prefix: &'static str,
    },
    /// Not base64 of the right length.
    #[error("expected {expected} bytes in standard base64 after the prefix")]
    Encoding {
        /// Length of this kind of key in bytes.
        expected: usize,
    },
    /// The bytes are no usable public key (not on the curve, of small order, or not reduced).
    #[error("the bytes are not a usable public key")]
    Unusable,
}

/// An ed25519 public key (RFC 8032). Text form: `ed25519:` and base64.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SigningPublicKey([u8; 32]);

/// An X-Wing public key. Text form: `xwing:` and base64.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EncryptionPublicKey(Box<[u8]>);

/// A party's or enclave's ed25519 private key. Zeroised on drop; cannot be cloned, compared or printed.
pub struct SigningSecret(Box<SigningKey>);

/// An X-Wing private key (a 32-byte seed). Zeroised on drop; cannot be cloned, compared or printed.
pub struct EncryptionSecret(Box<Zeroizing<[u8; 32]>>);

/// A signature that does not hold under the named key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not hold")]
#[non_exhaustive]
pub struct BadSignature;

impl SigningPublicKey {
    const PREFIX: &'static str = "ed25519:";

    /// The key with these bytes.
    ///
    /// # Errors
    /// [`KeyError::Unusable`] for a non-canonical encoding or a point of small order.
    pub fn from_bytes(bytes: [u8; 32]) -> Result<Self, KeyError> {
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| KeyError::Unusable)?;
        // A small-order key verifies signatures over messages nobody signed.
        if key.is_weak() || key.to_edwards().compress().to_bytes() != bytes {
            return Err(KeyError::Unusable);
        }
        Ok(Self(bytes))
    }

    /// Its 32 bytes (RFC 8032, section 5.1.5).
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Verifies one signature, strictly (no malleability, no small-order points).
    ///
    /// # Errors
    /// [`BadSignature`] when it does not hold.
    pub fn verify(&self, message: &[u8], signature: &[u8; 64]) -> Result<(), BadSignature> {
        let key = VerifyingKey::from_bytes(&self.0).map_err(|_| BadSignature)?;
        key.verify_strict(message, &Signature::from_bytes(signature)).map_err(|_| BadSignature)
    }
}

impl EncryptionPublicKey {
    const PREFIX: &'static str = "xwing:";

    /// The key with these bytes.
    ///
    /// # Errors
    /// [`KeyError::Unusable`] when the length is not 1,216 or the ML-KEM part is not reduced.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        <XWing as Kem>::PublicKey::from_bytes(bytes).map_err(|_| KeyError::Unusable)?;
        Ok(Self(bytes.into()))
    }

    /// Its 1,216 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn kem(&self) -> Result<<XWing as Kem>::PublicKey, KeyError> {
        <XWing as Kem>::PublicKey::from_bytes(&self.0).map_err(|_| KeyError::Unusable)
    }
}

/// A short name of a party's two public keys that people compare by voice: four groups of four hexadecimal digits
/// of SHA-256 (64 bits: enough against a mistake, and the whole keys stand in the contract that all sign).
#[must_use]
pub fn fingerprint(signing: &SigningPublicKey, encryption: &EncryptionPublicKey) -> String {
    let digest = crate::hash::labelled_sha256("sealroom/1 fingerprint", &[signing.as_bytes(), encryption.as_bytes()]);
    let digits = hex::encode(digest);
    let groups: Vec<&str> = [0..4, 4..8, 8..12, 12..16].into_iter().filter_map(|range| digits.get(range)).collect();
    groups.join("-")
}

impl SigningSecret {
    /// A fresh key.
    pub fn generate(rng: &mut dyn CryptoRng) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(seed.as_mut_slice());
        Self::from_seed(&seed)
    }

    /// The key that this seed stands for (RFC 8032, section 5.1.5).
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(Box::new(SigningKey::from_bytes(seed)))
    }

    /// The seed, to store it.
    #[must_use]
    pub fn expose_seed(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> SigningPublicKey {
        SigningPublicKey(self.0.verifying_key().to_bytes())
    }

    /// Signs `message`, which must begin with a label (DSSE's own, or one of ours).
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

impl EncryptionSecret {
    /// A fresh key.
    pub fn generate(rng: &mut dyn CryptoRng) -> Self {
        let mut seed = Box::new(Zeroizing::new([0; 32]));
        rng.fill_bytes(seed.as_mut_slice());
        Self(seed)
    }

    /// The key that this seed stands for (draft-connolly-cfrg-xwing-kem, section 5.2).
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(Box::new(Zeroizing::new(*seed)))
    }

    /// The seed, to store it.
    #[must_use]
    pub fn expose_secret(&self) -> &[u8; 32] {
        &self.0
    }

    /// The public half.
    ///
    /// # Panics
    /// Never: every 32-byte seed is an X-Wing private key.
    #[must_use]
    pub fn public(&self) -> EncryptionPublicKey {
        EncryptionPublicKey(XWing::sk_to_pk(&self.kem()).to_bytes().as_slice().into())
    }

    pub(crate) fn kem(&self) -> <XWing as Kem>::PrivateKey {
        <XWing as Kem>::PrivateKey::from_bytes(self.0.as_slice()).expect("every 32-byte seed is an X-Wing private key")
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret")
    }
}

impl fmt::Debug for EncryptionSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EncryptionSecret")
    }
}

fn decode_key(text: &str, prefix: &'static str, expected: usize) -> Result<Vec<u8>, KeyError> {
    let rest = text.strip_prefix(prefix).ok_or(KeyError::Prefix { prefix })?;
    let limit = expected.saturating_mul(2);
    let bytes = Some(rest).filter(|rest| rest.len() <= limit).and_then(|rest| STANDARD.decode(rest).ok());
    bytes.filter(|bytes| bytes.len() == expected).ok_or(KeyError::Encoding { expected })
}

impl FromStr for SigningPublicKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let bytes = decode_key(text, Self::PREFIX, 32)?;
        Self::from_bytes(bytes.try_into().map_err(|_| KeyError::Encoding { expected: 32 })?)
    }
}

impl FromStr for EncryptionPublicKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        Self::from_bytes(&decode_key(text, Self::PREFIX, ENCRYPTION_PUBLIC_KEY_LENGTH)?)
    }
}

macro_rules! text_form {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}{}", Self::PREFIX, STANDARD.encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let text = self.to_string();
                write!(f, "{}…", text.get(..20).unwrap_or(&text))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    };
}

text_form!(SigningPublicKey);
text_form!(EncryptionPublicKey);
