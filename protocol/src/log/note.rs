//! Signed notes (C2SP signed-note v1): text, an empty line, signature lines.
//!
//! What always holds: a note that decodes has one spelling, and text is nothing until a known key's signature over it
//! verified ([`super::VerifierKey::verify`]).

use super::LogError;
use super::text::{from_base64, is_name, plain};
use alloc::string::String;
use alloc::vec::Vec;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use core::fmt;

/// Largest note, in bytes.
pub const NOTE_LIMIT: usize = 128 << 10;
/// Signature lines of one note.
pub const SIGNATURES_LIMIT: usize = 64;
/// How a signature line begins.
const DASH: &str = "\u{2014} ";

/// A text and the signatures under it, none of them verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

/// One signature line. [`fmt::Display`] gives it without its line feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    pub(super) name: String,
    pub(super) key_id: u32,
    pub(super) bytes: Vec<u8>,
}

impl Note {
    pub(super) const fn new(text: String, signatures: Vec<NoteSignature>) -> Self {
        Self { text, signatures }
    }

    /// The note that these bytes spell.
    ///
    /// # Errors
    /// [`LogError::TooLong`], [`LogError::Text`], [`LogError::Note`].
    pub fn decode(bytes: &[u8]) -> Result<Self, LogError> {
        if bytes.len() > NOTE_LIMIT {
            return Err(LogError::TooLong { limit: NOTE_LIMIT, found: bytes.len() });
        }
        let note = plain(bytes).ok_or(LogError::Text)?;
        // Text may hold empty lines; the last one separates.
        let expected = "text, an empty line and signature lines";
        let (before, lines) = note.rsplit_once("\n\n").ok_or(LogError::Note { expected })?;
        let signatures = NoteSignature::decode_all(lines)?;
        Ok(Self { text: [before, "\n"].concat(), signatures })
    }

    /// The note's bytes.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut note = [self.text.as_str(), "\n"].concat();
        for signature in &self.signatures {
            note.push_str(&alloc::format!("{signature}\n"));
        }
        note
    }

    /// What is signed, with its last line feed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines, in their order.
    #[must_use]
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Adds a signature line, unless it is there.
    ///
    /// # Errors
    /// [`LogError::Note`], [`LogError::TooLong`] where it does not fit any more.
    pub fn add(&mut self, signature: NoteSignature) -> Result<(), LogError> {
        if self.signatures.contains(&signature) {
            return Ok(());
        }
        let mut longer = self.clone();
        longer.signatures.push(signature);
        *self = Self::decode(longer.encode().as_bytes())?;
        Ok(())
    }
}

impl NoteSignature {
    /// The lines that these are, each ended by a line feed: the end of a note, or a witness's answer.
    ///
    /// # Errors
    /// [`LogError::Note`].
    pub fn decode_all(lines: &str) -> Result<Vec<Self>, LogError> {
        let of = |expected| LogError::Note { expected };
        let lines = lines.strip_suffix('\n').ok_or(of("a line feed at its end"))?;
        let signatures: Vec<Self> = lines.split('\n').map(Self::decode).collect::<Result<_, _>>()?;
        if signatures.len() > SIGNATURES_LIMIT {
            return Err(of("at most 64 signature lines"));
        }
        Ok(signatures)
    }

    fn decode(line: &str) -> Result<Self, LogError> {
        let expected = "signature lines of a dash, a name and base64 of at least 5 bytes, one space between";
        let error = || LogError::Note { expected };
        let (name, text) = line.strip_prefix(DASH).and_then(|rest| rest.split_once(' ')).ok_or_else(error)?;
        let all = from_base64(text).ok_or_else(error)?;
        let (key_id, bytes) = all.split_first_chunk().ok_or_else(error)?;
        if !is_name(name) || bytes.is_empty() {
            return Err(error());
        }
        Ok(Self { name: name.into(), key_id: u32::from_be_bytes(*key_id), bytes: bytes.into() })
    }

    /// Who is said to have signed.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id of the key that is said to have signed.
    #[must_use]
    pub const fn key_id(&self) -> u32 {
        self.key_id
    }
}

impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.key_id.to_be_bytes().as_slice(), &self.bytes].concat();
        write!(f, "{DASH}{} {}", self.name, STANDARD.encode(bytes))
    }
}
