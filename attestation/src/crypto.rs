//! The cryptography that an appraisal needs, as a value: which implementation is in use is said by the caller, not chosen
//! in silence.
//!
//! Two things are asked of it: digests, and whether a signature verifies. A provider is one of those compiled in here;
//! callers can not make one, so none can be handed a provider that says yes to everything.

use core::fmt;

#[cfg(feature = "aws-lc-rs")]
mod aws_lc_rs;
mod remembered;
#[cfg(feature = "ring")]
mod ring;
#[cfg(feature = "rustcrypto")]
mod rustcrypto;

use alloc::boxed::Box;
use alloc::vec::Vec;

pub(crate) use remembered::Crypto;
pub use remembered::VerifiedSignatures;

/// A signature does not verify. There is no more to say about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadSignature;

/// The public keys that platforms sign with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PublicKey {
    /// Big-endian, without leading zeros.
    Rsa { modulus: Vec<u8>, exponent: Vec<u8> },
    /// Uncompressed point (SEC 1 section 2.3.3).
    P256(Box<[u8; 65]>),
    /// Uncompressed point.
    P384(Box<[u8; 97]>),
    /// RFC 8032.
    Ed25519([u8; 32]),
    /// Of a kind that nothing here verifies with.
    Other,
}

/// How a signature was made. The key's kind must fit; the verifier never chooses by what the Evidence says alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignatureKind {
    /// RFC 8017 section 8.1, MGF1 with SHA-384, salt of 48 bytes.
    RsaPssSha384,
    /// The same with SHA-256 and a salt of 32 bytes.
    RsaPssSha256,
    /// RFC 8017 section 8.2.
    RsaPkcs1Sha256,
    /// RFC 8017 section 8.2.
    RsaPkcs1Sha384,
    /// r and s as a DER SEQUENCE (RFC 3279 section 2.2.3).
    EcdsaP256Sha256Der,
    /// r and s, 32 bytes each, big-endian.
    EcdsaP256Sha256Fixed,
    /// r and s as a DER SEQUENCE.
    EcdsaP384Sha384Der,
    /// r and s, 48 bytes each, big-endian.
    EcdsaP384Sha384Fixed,
    /// RFC 8032.
    Ed25519,
}

impl SignatureKind {
    /// Tells the kinds apart in a digest.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::RsaPssSha384 => 1,
            Self::RsaPssSha256 => 2,
            Self::RsaPkcs1Sha256 => 3,
            Self::RsaPkcs1Sha384 => 4,
            Self::EcdsaP256Sha256Der => 5,
            Self::EcdsaP256Sha256Fixed => 6,
            Self::EcdsaP384Sha384Der => 7,
            Self::EcdsaP384Sha384Fixed => 8,
            Self::Ed25519 => 9,
        }
    }
}

type VerifyFn = fn(key: &PublicKey, kind: SignatureKind, message: &[u8], signature: &[u8]) -> Result<(), BadSignature>;

/// The cryptography that a [`Verifier`](crate::Verifier) uses.
///
/// Nobody outside this crate can make one that says yes to every signature:
///
/// ```compile_fail
/// use sealroom_attestation::CryptoProvider;
/// fn yes(genuine: CryptoProvider) -> CryptoProvider {
///     CryptoProvider { verify: |_, _, _, _| Ok(()), ..genuine }
/// }
/// ```
#[derive(Clone, Copy)]
pub struct CryptoProvider {
    name: &'static str,
    sha256: fn(&[u8]) -> [u8; 32],
    sha384: fn(&[u8]) -> [u8; 48],
    sha512: fn(&[u8]) -> [u8; 64],
    verify: VerifyFn,
}

impl CryptoProvider {
    /// *ring*: assembly, for targets with an operating system.
    #[cfg(feature = "ring")]
    #[must_use]
    pub fn ring() -> Self {
        ring::PROVIDER
    }

    /// AWS-LC: assembly, the fastest on P-384; needs a C compiler and more time to build.
    #[cfg(feature = "aws-lc-rs")]
    #[must_use]
    pub fn aws_lc_rs() -> Self {
        aws_lc_rs::PROVIDER
    }

    /// RustCrypto: portable Rust, for targets where *ring* does not build.
    #[cfg(feature = "rustcrypto")]
    #[must_use]
    pub fn rustcrypto() -> Self {
        rustcrypto::PROVIDER
    }

    /// `ring`, `aws-lc-rs` or `rustcrypto`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) fn sha256(&self, bytes: &[u8]) -> [u8; 32] {
        (self.sha256)(bytes)
    }

    pub(crate) fn sha384(&self, bytes: &[u8]) -> [u8; 48] {
        (self.sha384)(bytes)
    }

    pub(crate) fn sha512(&self, bytes: &[u8]) -> [u8; 64] {
        (self.sha512)(bytes)
    }

    /// A key of another kind than `kind` needs verifies nothing.
    pub(crate) fn verify(
        &self,
        key: &PublicKey,
        kind: SignatureKind,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), BadSignature> {
        (self.verify)(key, kind, message, signature)
    }
}

impl fmt::Debug for CryptoProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CryptoProvider({})", self.name)
    }
}
