//! What a file with Evidence in it holds: the Evidence as the platform made it, out of the forms in which tools hand it on
//! (digits, base64, PEM, JSON of several tools, binary headers, this project's own bundle).
//!
//! What always holds: nothing is believed and nothing is repaired. A form is taken off only where it is that form to the last
//! byte; what is left is for [`Evidence::decode`], which decides whether it is Evidence. Work is bounded by the length, which is
//! limited, and by the number of forms around each other, which is too. Endorsements, a time and a challenge that come along are
//! the file's words: whoever appraises says whether to use them.

mod binary;
mod bundle;
mod error;
mod json;
mod text;

pub use bundle::Bundle;
pub use error::EnvelopeError;

use alloc::borrow::{Cow, ToOwned};
use alloc::string::String;
use alloc::vec::Vec;

use crate::evidence::Evidence;
use crate::platform::Platform;

/// Largest file that is read, in bytes.
const MAX_BYTES: usize = 16 * 1024 * 1024;
/// Forms around each other: base64 in JSON in base64 is three.
const MAX_DEPTH: usize = 3;

/// Evidence out of a file, with what else stood there. Nothing of it is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EvidenceFile {
    /// The Evidence, for [`Evidence::decode`].
    pub evidence: Vec<u8>,
    /// Endorsements that came along, each for [`Endorsements::with`](crate::Endorsements::with).
    pub endorsements: Vec<Vec<u8>>,
    /// When the file says that it was appraised, in seconds since 1970.
    pub appraised_at: Option<u64>,
    /// The challenge that the file says the Evidence answers.
    pub challenge: Option<Vec<u8>>,
    /// What was taken off, outermost first, in words. Empty for the platform's own bytes.
    pub forms: Vec<String>,
}

impl EvidenceFile {
    /// Largest file that is read, in bytes: 16 MiB.
    pub const LIMIT: usize = MAX_BYTES;

    /// Takes every known form off. Binary that is none of them is given as it is, for [`Evidence::decode`] to name what is wrong.
    ///
    /// # Errors
    /// [`EnvelopeError`]: the size, and text that is no known form to its end.
    pub fn read(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        if bytes.len() > MAX_BYTES {
            return Err(EnvelopeError::TooLarge { limit: MAX_BYTES, found: bytes.len() });
        }
        let mut file = Self {
            evidence: Vec::new(),
            endorsements: Vec::new(),
            appraised_at: None,
            challenge: None,
            forms: Vec::new(),
        };
        let mut left = Cow::Borrowed(bytes);
        // One turn more than there may be forms: the last finds out that nothing is left to take off.
        for _ in 0..=MAX_DEPTH {
            match file.take_off(&left)? {
                Some(inner) => left = Cow::Owned(inner),
                None => {
                    file.evidence = left.into_owned();
                    return Ok(file);
                }
            }
        }
        Err(EnvelopeError::TooDeep { limit: MAX_DEPTH })
    }

    /// What is inside the outermost form, or `None` where there is no form.
    fn take_off(&mut self, bytes: &[u8]) -> Result<Option<Vec<u8>>, EnvelopeError> {
        if bytes.is_empty() {
            return Err(EnvelopeError::Empty);
        }
        let sniffed = Evidence::sniff(bytes);
        match text::of(bytes) {
            // A report is known by its length alone, which a text can have by chance; no other platform's Evidence is mistaken
            // for text, and one is JSON itself.
            Some(_) if matches!(sniffed, Some(platform) if platform != Platform::AmdSevSnp) => Ok(None),
            Some(text) => self.take_off_text(text).map(Some),
            None => binary::take_off(bytes, sniffed, self),
        }
    }

    fn take_off_text(&mut self, text: &str) -> Result<Vec<u8>, EnvelopeError> {
        match text.as_bytes().first() {
            None => Err(EnvelopeError::Empty),
            Some(b'{' | b'[') => json::take_off(text, self),
            Some(b'-') if text.starts_with("-----BEGIN ") => text::pem(text, self),
            Some(_) => {
                let (bytes, form) = text::digits(text)?;
                self.forms.push(form.to_owned());
                Ok(bytes)
            }
        }
    }
}
