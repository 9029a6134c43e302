//! Reference Values as others hand them on: CoRIM (draft-ietf-rats-corim-11), read into the accept blocks of a policy and written
//! from them.
//!
//! What always holds: a manifest gives values of Evidence and nothing else. Whom to trust, and what else is demanded, stays as an
//! accept block of the policy says it; a manifest that says more than values, or a value that no policy can say, is not
//! imported at all, and names the place. A policy is exported only when every value is in the manifest, or was left out by name.

use alloc::string::String;

use crate::crypto::{Crypto, CryptoProvider};
use crate::ear::EarKey;
use crate::policy::Policy;

mod convert;
mod decode;
mod encode;
mod error;
mod export;
mod fields;
mod import;
mod model;
mod signed;
mod states;
mod tables;
mod triples;
mod values;
mod vocabulary;

pub use error::{CorimError, CorimExportError};
pub use export::{CorimExport, CorimProfile, ExportedCorim};
pub use import::{CorimImport, ImportedBlock};

use error::form;
use model::{Manifest, Validity};

/// Larger manifests are not read.
const MAX_BYTES: usize = 1024 * 1024;

/// A manifest that decodes and is valid at the time given. Whether its signature was verified is said with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Corim {
    manifest: Manifest,
    signer: Option<String>,
    verified: bool,
}

impl Corim {
    /// A manifest that this key signed (ES256, ES384 or EdDSA; the key fixes which). Certificates inside are passed over.
    ///
    /// # Errors
    /// [`CorimError`]: of an unsigned manifest, [`NotSigned`](CorimError::NotSigned).
    pub fn signed_by(
        key: &EarKey,
        bytes: &[u8],
        provider: CryptoProvider,
        now_unix_seconds: u64,
    ) -> Result<Self, CorimError> {
        let bytes = bounded(bytes)?;
        if !signed::is_signed(bytes) {
            // What is neither is named as what it is not.
            decode::manifest(bytes)?;
            return Err(CorimError::NotSigned);
        }
        let signed = signed::read(bytes)?;
        let (found, expected) = (signed.message.algorithm.as_str(), key.algorithm().as_str());
        if found != expected {
            return Err(CorimError::Algorithm { expected, found });
        }
        let verified = signed.message.verify(key.public_key(), &Crypto::new(provider));
        verified.map_err(|_| CorimError::Signature)?;
        Self::of_signed(&signed, true, now_unix_seconds)
    }

    /// A manifest that the caller vouches for: signed or not, no signature is verified. Its dates are.
    ///
    /// # Errors
    /// [`CorimError`], but none about the signature's key.
    pub fn dangerous_unverified(bytes: &[u8], now_unix_seconds: u64) -> Result<Self, CorimError> {
        let bytes = bounded(bytes)?;
        if signed::is_signed(bytes) {
            return Self::of_signed(&signed::read(bytes)?, false, now_unix_seconds);
        }
        let manifest = decode::manifest(bytes)?;
        in_time("rim-validity", manifest.validity, now_unix_seconds)?;
        Ok(Self { manifest, signer: None, verified: false })
    }

    fn of_signed(signed: &signed::Signed<'_>, verified: bool, now: u64) -> Result<Self, CorimError> {
        in_time("signature-validity", signed.validity, now)?;
        let manifest = decode::manifest(signed.payload)?;
        in_time("rim-validity", manifest.validity, now)?;
        Ok(Self { manifest, signer: Some(signed.signer.clone()), verified })
    }

    /// Its identifier, in its author's words.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.manifest.id
    }

    /// Who says to have signed it, in their own words; [`Corim::verified`] says whether that was verified.
    #[must_use]
    pub fn signer(&self) -> Option<&str> {
        self.signer.as_deref()
    }

    /// Whether the signature was verified with the key that the caller gave.
    #[must_use]
    pub fn verified(&self) -> bool {
        self.verified
    }

    /// Who is named as responsible for it, in their own words.
    pub fn entities(&self) -> impl Iterator<Item = &str> {
        self.manifest.entities.iter().map(String::as_str)
    }

    /// The policy with the manifest's values. Each tag (CoMID) takes an accept block of its platform: the one of its own name, else
    /// the one named here, else the only one; in place of that come blocks with the manifest's values and all else as it was.
    /// Blocks that no tag takes stay as they are.
    ///
    /// # Errors
    /// [`CorimError`]; nothing is imported in part.
    pub fn import(&self, into: &Policy, block: Option<&str>) -> Result<CorimImport, CorimError> {
        import::import(&self.manifest, into, block)
    }
}

impl Policy {
    /// The policy's Reference Values as an unsigned manifest. Imported into the same policy it gives the same blocks.
    ///
    /// # Errors
    /// [`CorimExportError`]; nothing is exported in part.
    pub fn to_corim(&self, how: &CorimExport<'_>) -> Result<ExportedCorim, CorimExportError> {
        export::export(self, how)
    }
}

fn bounded(bytes: &[u8]) -> Result<&[u8], CorimError> {
    if bytes.len() > MAX_BYTES {
        return Err(CorimError::Size { limit: MAX_BYTES, found: bytes.len() });
    }
    if bytes.is_empty() {
        return Err(form("corim", "there is nothing, expected a manifest"));
    }
    Ok(signed::without_old_tags(bytes))
}

fn in_time(path: &'static str, validity: Option<Validity>, now: u64) -> Result<(), CorimError> {
    match validity {
        Some(Validity { not_before, not_after }) if not_before.is_some_and(|start| now < start) || now > not_after => {
            Err(CorimError::Validity { path, not_before, not_after, now })
        }
        _ => Ok(()),
    }
}
