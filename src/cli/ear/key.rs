//! Keys of Verifiers in files: the secret one that results are signed with, PKCS #8 (RFC 5958), and the public one that they are
//! believed under, SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7). Both DER or PEM, as `openssl` writes them.
//!
//! What always holds: a secret key that others can read is refused; its bytes are wiped, and stand in no message. The key decides
//! how a result is signed.

use crate::cli::evidence_file;
use crate::cli::exit::Failure;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use core::fmt;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use sealroom_attestation::{EarAlgorithm, EarKey, EvidenceFile};
use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use zeroize::Zeroizing;

/// Largest key file, in bytes.
const LIMIT: u64 = 16 << 10;
const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

/// What a result is signed with.
pub(super) enum SigningKey {
    Ed25519(Ed25519KeyPair),
    P256(EcdsaKeyPair),
    P384(EcdsaKeyPair),
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey")
    }
}

impl SigningKey {
    /// From a file that only its owner can read.
    pub(super) fn load(path: &Path) -> Result<Self, Failure> {
        let bytes = secret_file(path)?;
        let der = pkcs8(&bytes).ok_or_else(|| wrong_form(path))?;
        if let Ok(key) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der) {
            return Ok(Self::Ed25519(key));
        }
        let random = SystemRandom::new();
        if let Ok(key) = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der, &random) {
            return Ok(Self::P256(key));
        }
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &der, &random);
        key.map(Self::P384).map_err(|_| wrong_form(path))
    }

    /// How it signs.
    pub(super) const fn algorithm(&self) -> EarAlgorithm {
        match self {
            Self::Ed25519(_) => EarAlgorithm::EdDsa,
            Self::P256(_) => EarAlgorithm::Es256,
            Self::P384(_) => EarAlgorithm::Es384,
        }
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Failure> {
        match self {
            Self::Ed25519(key) => Ok(key.sign(message).as_ref().to_vec()),
            Self::P256(key) | Self::P384(key) => {
                let signature = key.sign(&SystemRandom::new(), message);
                let signature = signature.map_err(|_| Failure::local("the system gave no randomness to sign with"))?;
                Ok(signature.as_ref().to_vec())
            }
        }
    }
}

/// A Verifier's public key.
pub(super) fn public_key(path: &Path) -> Result<EarKey, Failure> {
    let bytes = evidence_file::read_given(path)?;
    let refused = |error: &dyn fmt::Display| {
        Failure::local(format!("{}: {error}", path.display()))
            .hint("a PEM or DER file with the Verifier's public key; openssl pkey -in verifier.key -pubout makes it")
    };
    let file = EvidenceFile::read(&bytes).map_err(|error| refused(&error))?;
    EarKey::from_info(&file.evidence).map_err(|error| refused(&error))
}

fn secret_file(path: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let of = |source: std::io::Error| Failure::local(format!("{}: {source}", path.display()));
    let file = File::open(path).map_err(of)?;
    let mode = file.metadata().map_err(of)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        let message =
            format!("{}: its mode is {mode:o}, expected one by which only its owner can read it", path.display());
        return Err(Failure::local(message).hint(format!("chmod 600 {}", path.display())));
    }
    // Room for all of it at once, so that no part of a secret is left in a buffer that grew.
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(LIMIT).unwrap_or(0).saturating_add(1)));
    file.take(LIMIT).read_to_end(&mut bytes).map_err(of)?;
    Ok(bytes)
}

/// DER out of DER or PEM.
fn pkcs8(bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    // A PrivateKeyInfo is a sequence.
    if bytes.first() == Some(&0x30) {
        return Some(Zeroizing::new(bytes.to_vec()));
    }
    let (_, rest) = core::str::from_utf8(bytes).ok()?.split_once(BEGIN)?;
    let (body, _) = rest.split_once(END)?;
    let mut text = Zeroizing::new(Vec::with_capacity(body.len()));
    text.extend(body.bytes().filter(|byte| !byte.is_ascii_whitespace()));
    let mut der = Zeroizing::new(Vec::with_capacity(text.len()));
    STANDARD.decode_vec(text.as_slice(), &mut der).ok()?;
    Some(der)
}

fn wrong_form(path: &Path) -> Failure {
    let message = format!(
        "{}: expected a key of Ed25519, P-256 or P-384 in PKCS #8 without a passphrase, DER or PEM (\"{BEGIN}\")",
        path.display()
    );
    Failure::local(message).hint(
        "openssl genpkey -algorithm ed25519 -out verifier.key makes one; openssl pkcs8 -topk8 -nocrypt turns other forms into it",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 8410 section 10.3 and 10.1: the examples of a private key and of its public key.
    const SECRET: &str = "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC";
    const PUBLIC: &str = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";

    fn file(folder: &Path, bytes: &[u8], mode: u32) -> std::path::PathBuf {
        let path = folder.join("key");
        std::fs::write(&path, bytes).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    #[test]
    fn a_key_without_its_public_half_is_read_from_pem_and_der() {
        let folder = tempfile::tempdir().unwrap();
        let pem = format!("{BEGIN}\n{SECRET}\n{END}\n");
        for bytes in [pem.into_bytes(), STANDARD.decode(SECRET).unwrap()] {
            let key = SigningKey::load(&file(folder.path(), &bytes, 0o600)).unwrap();
            assert_eq!((key.algorithm(), key.sign(b"words").unwrap().len()), (EarAlgorithm::EdDsa, 64));
        }
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{PUBLIC}\n-----END PUBLIC KEY-----\n");
        let read = public_key(&file(folder.path(), pem.as_bytes(), 0o644)).unwrap();
        let raw = STANDARD.decode(PUBLIC).unwrap();
        assert_eq!(read, EarKey::ed25519(*raw.last_chunk().unwrap()));
    }

    #[test]
    fn a_key_that_others_can_read_or_of_another_form_is_refused_without_a_word_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let der = STANDARD.decode(SECRET).unwrap();
        let said = |path: &Path| SigningKey::load(path).unwrap_err().message;
        let path = file(folder.path(), &der, 0o640);
        assert!(said(&path).ends_with("its mode is 640, expected one by which only its owner can read it"));
        for bytes in [&der[..47], b"-----BEGIN EC PRIVATE KEY-----", SECRET.as_bytes(), b""] {
            let message = said(&file(folder.path(), bytes, 0o600));
            assert!(message.contains("expected a key of Ed25519, P-256 or P-384 in PKCS #8"), "{message}");
            assert!(!message.contains("MC4C"), "{message}");
        }
        let message = public_key(&file(folder.path(), &der, 0o600)).unwrap_err().message;
        assert!(message.contains("expected the SubjectPublicKeyInfo of a key"), "{message}");
    }
}
