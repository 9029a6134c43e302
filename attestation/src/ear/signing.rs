//! Keys that results are signed with, and the algorithms by their names in JOSE and numbers in COSE.

use alloc::boxed::Box;

use super::EarError;
use crate::certificate::{Certificate, key_of_info};
use crate::crypto::{PublicKey, SignatureKind};

/// How a result is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "complete: those that both forms and every provider here have")]
pub enum EarAlgorithm {
    /// Ed25519 (RFC 8037; COSE -8).
    EdDsa,
    /// ECDSA over P-256 with SHA-256, r and s of 32 bytes each (RFC 7518; COSE -7).
    Es256,
    /// ECDSA over P-384 with SHA-384, r and s of 48 bytes each (COSE -35).
    Es384,
}

impl EarAlgorithm {
    /// As `alg` of a JWT says it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
        }
    }

    pub(super) fn cose(self) -> i8 {
        match self {
            Self::EdDsa => -8,
            Self::Es256 => -7,
            Self::Es384 => -35,
        }
    }
}

/// The public key of a Verifier. It fixes the algorithm too: a token never chooses how it is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarKey {
    key: PublicKey,
    algorithm: EarAlgorithm,
}

impl EarKey {
    /// RFC 8032.
    #[must_use]
    pub fn ed25519(key: [u8; 32]) -> Self {
        Self { key: PublicKey::Ed25519(key), algorithm: EarAlgorithm::EdDsa }
    }

    /// Uncompressed point (SEC 1 section 2.3.3).
    #[must_use]
    pub fn p256(point: [u8; 65]) -> Self {
        Self { key: PublicKey::P256(Box::new(point)), algorithm: EarAlgorithm::Es256 }
    }

    /// Uncompressed point.
    #[must_use]
    pub fn p384(point: [u8; 97]) -> Self {
        Self { key: PublicKey::P384(Box::new(point)), algorithm: EarAlgorithm::Es384 }
    }

    /// From a SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7), DER, of Ed25519, P-256 or P-384.
    ///
    /// # Errors
    /// [`EarError::Key`].
    pub fn from_info(der: &[u8]) -> Result<Self, EarError> {
        Self::of(key_of_info(der).ok_or(EarError::Key)?)
    }

    /// The key of a certificate, of Ed25519, P-256 or P-384. Whoever names a certificate so trusts its key: its dates, its issuer
    /// and what it is for are not judged.
    ///
    /// # Errors
    /// [`EarError::Key`].
    pub fn from_certificate(certificate: &Certificate) -> Result<Self, EarError> {
        Self::of(certificate.key.clone())
    }

    fn of(key: PublicKey) -> Result<Self, EarError> {
        let algorithm = match &key {
            PublicKey::Ed25519(_) => EarAlgorithm::EdDsa,
            PublicKey::P256(_) => EarAlgorithm::Es256,
            PublicKey::P384(_) => EarAlgorithm::Es384,
            PublicKey::Rsa { .. } | PublicKey::Other => return Err(EarError::Key),
        };
        Ok(Self { key, algorithm })
    }

    /// What it verifies.
    #[must_use]
    pub fn algorithm(&self) -> EarAlgorithm {
        self.algorithm
    }

    pub(crate) fn public_key(&self) -> &PublicKey {
        &self.key
    }

    pub(super) fn signature_kind(&self) -> SignatureKind {
        match self.algorithm {
            EarAlgorithm::EdDsa => SignatureKind::Ed25519,
            EarAlgorithm::Es256 => SignatureKind::EcdsaP256Sha256Fixed,
            EarAlgorithm::Es384 => SignatureKind::EcdsaP384Sha384Fixed,
        }
    }
}
