//! Cryptography as a value: the caller chooses the provider, no feature swaps one for another in silence.
//!
//! Three things are asked of it: SHA-256, RSASSA-PSS with SHA-384, ECDSA over P-384 with SHA-384. A provider is one of
//! those compiled in here; callers can not make one, so none can be handed a provider that says yes to everything.

use core::fmt;

#[cfg(feature = "ring")]
mod ring;
#[cfg(feature = "rustcrypto")]
mod rustcrypto;

/// A signature does not verify. There is no more to say about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadSignature;

/// Big-endian, without leading zeros.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(
    not(any(feature = "ring", feature = "rustcrypto")),
    expect(dead_code, reason = "without a provider nothing reads a key")
)]
pub(crate) struct RsaPublicKey<'a> {
    pub(crate) modulus: &'a [u8],
    pub(crate) exponent: &'a [u8],
}

type VerifyRsa = fn(RsaPublicKey<'_>, message: &[u8], signature: &[u8]) -> Result<(), BadSignature>;
type VerifyEcdsa = fn(public_key: &[u8; 97], message: &[u8], signature: &[u8; 96]) -> Result<(), BadSignature>;

/// The cryptography that a [`Verifier`](crate::Verifier) uses.
///
/// Nobody outside this crate can make one that says yes to every signature:
///
/// ```compile_fail
/// use sealroom_attestation::CryptoProvider;
/// fn yes(genuine: CryptoProvider) -> CryptoProvider {
///     CryptoProvider { verify_rsa_pss_sha384: |_, _, _| Ok(()), ..genuine }
/// }
/// ```
#[derive(Clone, Copy)]
pub struct CryptoProvider {
    name: &'static str,
    sha256: fn(&[u8]) -> [u8; 32],
    verify_rsa_pss_sha384: VerifyRsa,
    verify_ecdsa_p384_sha384: VerifyEcdsa,
}

impl CryptoProvider {
    /// *ring*: assembly, for targets with an operating system.
    #[cfg(feature = "ring")]
    #[must_use]
    pub fn ring() -> Self {
        ring::PROVIDER
    }

    /// RustCrypto: portable Rust, for targets where *ring* does not build.
    #[cfg(feature = "rustcrypto")]
    #[must_use]
    pub fn rustcrypto() -> Self {
        rustcrypto::PROVIDER
    }

    /// `ring` or `rustcrypto`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) fn sha256(&self, bytes: &[u8]) -> [u8; 32] {
        (self.sha256)(bytes)
    }

    /// RSASSA-PSS with SHA-384, MGF1 with SHA-384, salt of 48 bytes (RFC 8017 section 8.1.2).
    pub(crate) fn verify_rsa_pss_sha384(
        &self,
        key: RsaPublicKey<'_>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), BadSignature> {
        (self.verify_rsa_pss_sha384)(key, message, signature)
    }

    /// ECDSA over P-384 with SHA-384. The key is an uncompressed point (SEC 1 section 2.3.3), the signature big-endian r, s.
    pub(crate) fn verify_ecdsa_p384_sha384(
        &self,
        key: &[u8; 97],
        message: &[u8],
        signature: &[u8; 96],
    ) -> Result<(), BadSignature> {
        (self.verify_ecdsa_p384_sha384)(key, message, signature)
    }
}

impl fmt::Debug for CryptoProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CryptoProvider({})", self.name)
    }
}
