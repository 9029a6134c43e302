//! The files that a TPM's tools write of a quote, each in the forms in which they write it, as the parts of one Evidence.
//! Nothing is verified. Structures: TPM 2.0 part 2, by its sections; forms: the manual of tpm2-tools (`tpm2_quote`,
//! `tpm2_readpublic`, its pages "signature" and "pcrs_format").
//!
//! What always holds: a form is taken only where the file is that form to its last byte; the registers are those that the quote
//! selects, whatever else the file of values holds.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use der::asn1::{AnyRef, UintRef};
use der::{Decode as _, Sequence};
use thiserror::Error;
use x509_cert::spki::SubjectPublicKeyInfoRef;

use super::attest::Attest;
use super::evidence::QuoteParts;
use super::key::Public;
use super::quote::MAX_MESSAGE;
use super::signature::{ECDSA, RSASSA, Scheme, Signature};
use super::values;
use crate::certificate::Certificate;
use crate::endorsements::pem_blocks;
use crate::event_log::{Algorithm, EventLog, LogError};
use crate::x509;

/// What each file is limited to is said by its decoder; no file of a key is longer.
const MAX_KEY: usize = 64 * 1024;

/// What the tools wrote of one quote, file by file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "complete: what a quote comes in, but for its key")]
pub struct QuoteFiles<'a> {
    /// TPMS_ATTEST (`tpm2_quote --message`), or TPM2B_ATTEST, which is its length in two bytes and it.
    pub quote: &'a [u8],
    /// TPMT_SIGNATURE (`tpm2_quote --signature`, form "tss"), or a bare signature (form "plain"): PKCS #1 v1.5 of RSA, DER of
    /// ECDSA, of the hash that the quote's own digest has the length of.
    pub signature: &'a [u8],
    /// The registers' values: what `tpm2_pcrread` prints, or what it and `tpm2_quote` write, in each of their three forms
    /// ("serialized", "values", "marshaled").
    pub registers: &'a [u8],
    /// The event log of the boot (`binary_bios_measurements`), or nothing.
    pub event_log: &'a [u8],
}

/// A file that is not what its tool writes, or files that do not belong to each other. In the order in which they are read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FilesError {
    /// No quote.
    #[error("{problem}; bring what tpm2_quote --message writes")]
    Quote {
        /// What is wrong with it.
        problem: String,
    },
    /// Evidence holds the values of one bank.
    #[error("the quote selects {selected}, expected registers of one bank; quote them again, one bank alone")]
    Selection {
        /// Banks and registers, in words.
        selected: String,
    },
    /// No signature.
    #[error("{problem}; bring what tpm2_quote --signature writes, form tss, or plain with RSASSA or ECDSA")]
    Signature {
        /// What is wrong with it.
        problem: String,
    },
    /// No values in any form.
    #[error(
        "the file of {length} bytes has no register values in a known form: {problem}; bring what tpm2_pcrread prints or writes"
    )]
    Registers {
        /// Bytes of the file.
        length: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// A register that was quoted has no value.
    #[error("no value of {bank} PCR {register}, which the quote selects; read the registers that were quoted")]
    RegisterMissing {
        /// The bank that was quoted.
        bank: Algorithm,
        /// The register.
        register: u8,
    },
    /// A register has two values, or one of another bank's length.
    #[error("{bank} PCR {register} has {problem}")]
    RegisterValue {
        /// The bank that was quoted.
        bank: Algorithm,
        /// The register.
        register: u8,
        /// What is wrong with its value.
        problem: String,
    },
    /// No event log.
    #[error(transparent)]
    EventLog(#[from] LogError),
    /// No attestation key.
    #[error("{problem}; bring the key's certificate, or what tpm2_readpublic --output writes, form tss or tpmt")]
    Key {
        /// What is wrong with it.
        problem: String,
    },
    /// A public key that nothing says to be a TPM's.
    #[error(
        "a public key alone does not say that its tpm signs nothing else with it; bring what tpm2_readpublic --output writes, form tss or tpmt"
    )]
    KeyAlone,
    /// A chain, where one certificate stands in Evidence.
    #[error("{found} certificates, expected the attestation key's alone; those above it are endorsements")]
    KeyChain {
        /// How many.
        found: usize,
    },
}

impl QuoteFiles<'_> {
    /// Reads each file, and picks the registers that the quote selects. For [`assemble`](super::assemble), or Azure's.
    ///
    /// # Errors
    /// [`FilesError`]: the first file that is not what it should be.
    pub fn parts(&self) -> Result<QuoteParts, FilesError> {
        let quote = without_length(self.quote);
        if quote.len() > MAX_MESSAGE {
            let problem = format!("the quote has {} bytes, expected at most {MAX_MESSAGE}", quote.len());
            return Err(FilesError::Quote { problem });
        }
        let attest = Attest::decode(quote).map_err(|problem| FilesError::Quote { problem })?;
        let selection = || FilesError::Selection { selected: attest.selection_words() };
        let [(bank, registers)] = attest.selections.as_slice() else { return Err(selection()) };
        let bank = Algorithm::from_tpm_id(*bank).ok_or_else(selection)?;
        let signature = signature(self.signature, attest.digest.len())?;
        let values = values::read(self.registers, bank, registers)?;
        if !self.event_log.is_empty() {
            EventLog::decode(self.event_log)?;
        }
        Ok(QuoteParts { quote: quote.to_vec(), signature, bank, values, event_log: self.event_log.to_vec() })
    }
}

/// The attestation key as Evidence holds it, out of its file: a certificate (DER, perhaps with zeros behind it, as a TPM's
/// storage has them, or PEM), TPM2B_PUBLIC or TPMT_PUBLIC. At most 64 KiB.
///
/// # Errors
/// [`FilesError::Key`], [`FilesError::KeyAlone`], [`FilesError::KeyChain`].
pub fn attestation_key(file: &[u8]) -> Result<Vec<u8>, FilesError> {
    if file.len() > MAX_KEY {
        return Err(key(format!("the key's file has {} bytes, expected at most {MAX_KEY}", file.len())));
    }
    if file.starts_with(b"-----BEGIN ") {
        return key_of_text(file);
    }
    if file.first() == Some(&0x30) {
        return certificate(file);
    }
    // What decodes as it is has no length before it.
    let public = if Public::decode(file).is_ok() { file } else { without_length(file) };
    Public::decode(public).map_err(key)?;
    Ok(public.to_vec())
}

fn key_of_text(file: &[u8]) -> Result<Vec<u8>, FilesError> {
    let blocks = pem_blocks(file).map_err(|error| key(error.to_string()))?;
    if blocks.iter().any(|block| block.label.ends_with("PUBLIC KEY")) {
        return Err(FilesError::KeyAlone);
    }
    match blocks.as_slice() {
        [block] if block.label == "CERTIFICATE" => certificate(&block.bytes),
        blocks if blocks.iter().all(|block| block.label == "CERTIFICATE") => {
            Err(FilesError::KeyChain { found: blocks.len() })
        }
        _ => Err(key(String::from("the key's file holds a pem block that is no certificate"))),
    }
}

fn certificate(file: &[u8]) -> Result<Vec<u8>, FilesError> {
    // An index of the TPM's storage may be longer than the certificate in it.
    let der = match AnyRef::from_der_partial(file) {
        Ok((_, rest)) if rest.iter().all(|byte| *byte == 0) => {
            file.get(..file.len().saturating_sub(rest.len())).unwrap_or(file)
        }
        _ => file,
    };
    match Certificate::from_der(der) {
        Ok(certificate) => Ok(certificate.der().to_vec()),
        Err(_) if x509::decode::<SubjectPublicKeyInfoRef<'_>>(der).is_ok() => Err(FilesError::KeyAlone),
        Err(error) => Err(key(error.to_string())),
    }
}

fn key(problem: String) -> FilesError {
    FilesError::Key { problem }
}

/// TPM2B (section 10.4): a length of two bytes before as many.
fn without_length(file: &[u8]) -> &[u8] {
    match file.split_first_chunk() {
        Some((length, rest)) if usize::from(u16::from_be_bytes(*length)) == rest.len() => rest,
        _ => file,
    }
}

fn signature(file: &[u8], digest_bytes: usize) -> Result<Vec<u8>, FilesError> {
    let Err(problem) = Signature::decode(file) else { return Ok(file.to_vec()) };
    // The quote's digest is of the hash of its signature (part 3, TPM2_Quote).
    let hashes = [Algorithm::Sha256, Algorithm::Sha384, Algorithm::Sha512];
    let hash = hashes.into_iter().find(|hash| hash.digest_bytes() == digest_bytes);
    hash.and_then(|hash| bare(file, hash)).ok_or(FilesError::Signature { problem })
}

/// RFC 8017 section 8.2, of keys of 2048, 3072 and 4096 bits; or RFC 3279 section 2.2.3.
fn bare(file: &[u8], hash: Algorithm) -> Option<Vec<u8>> {
    #[derive(Sequence)]
    struct Ecdsa<'a> {
        r: UintRef<'a>,
        s: UintRef<'a>,
    }
    let scheme = |scheme| Scheme { scheme, hash: hash.tpm_id() };
    if matches!(file.len(), 256 | 384 | 512) {
        return Some(scheme(RSASSA).written(&[file]));
    }
    let signature: Ecdsa<'_> = x509::decode(file).ok()?;
    Some(scheme(ECDSA).written(&[signature.r.as_bytes(), signature.s.as_bytes()]))
}
