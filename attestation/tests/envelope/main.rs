//! Evidence in the forms in which tools hand it on: each gives the same bytes, each with one thing wrong is refused by name, and
//! no bytes make the reader panic or work for long.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a panic is a test's failure report")]

mod bundles;
mod forms;
mod refused;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sealroom_attestation::{EnvelopeError, EvidenceFile};

/// Bytes that begin and end as an SEV-SNP report does, with every value in between.
pub(crate) fn report() -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..=255).cycle().take(1184).collect();
    bytes[..4].copy_from_slice(&[2, 0, 0, 0]);
    bytes
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub(crate) fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn read(text: impl AsRef<[u8]>) -> Result<EvidenceFile, EnvelopeError> {
    EvidenceFile::read(text.as_ref())
}
