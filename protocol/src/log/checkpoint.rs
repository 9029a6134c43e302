//! Checkpoints (C2SP tlog-checkpoint v1): which log, how many leaves, which root; and the note that carries one.

use super::text::{line, number};
use super::{LogError, Note, NoteSignature, TreeHead, VerifierKey};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// What a log says of itself at one size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    head: TreeHead,
    extensions: Vec<String>,
}

/// A checkpoint in its note; no signature is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: Note,
}

impl Checkpoint {
    /// A checkpoint of the log of this origin.
    ///
    /// # Errors
    /// [`LogError::Checkpoint`] for an origin that is no line.
    pub fn new(origin: &str, head: TreeHead) -> Result<Self, LogError> {
        let checkpoint = Self { origin: origin.into(), head, extensions: Vec::new() };
        if origin.chars().any(char::is_control) {
            return Err(LogError::Checkpoint { expected: "an origin of one line" });
        }
        Self::decode(&checkpoint.text())
    }

    /// The checkpoint that a note's text is.
    ///
    /// # Errors
    /// [`LogError::Checkpoint`].
    pub fn decode(text: &str) -> Result<Self, LogError> {
        let of = |expected| LogError::Checkpoint { expected };
        let three = || of("three lines: origin, size, root");
        let (origin, rest) = line(text).ok_or_else(three)?;
        let (size, rest) = line(rest).ok_or_else(three)?;
        let (root, rest) = line(rest).ok_or_else(three)?;
        if origin.is_empty() {
            return Err(of("an origin"));
        }
        let size = number(size).ok_or(of("a size in decimal, without leading zeros, at most 2^63 - 1"))?;
        let root = root.parse().map_err(|_| of("a root of 32 bytes in base64"))?;
        let extensions = match rest.strip_suffix('\n') {
            None if rest.is_empty() => Vec::new(),
            None => return Err(of("a line feed at its end")),
            Some(lines) => lines.split('\n').map(ToString::to_string).collect(),
        };
        if extensions.iter().any(String::is_empty) {
            return Err(of("no empty lines"));
        }
        Ok(Self { origin: origin.into(), head: TreeHead { size, root }, extensions })
    }

    /// Its text, which is what is signed.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("{}\n{}\n{}\n", self.origin, self.head.size, self.head.root);
        for extension in &self.extensions {
            text.push_str(extension);
            text.push('\n');
        }
        text
    }

    /// Which log.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Size and root.
    #[must_use]
    pub const fn head(&self) -> &TreeHead {
        &self.head
    }

    /// Lines that the log added, which nothing here reads.
    #[must_use]
    pub fn extensions(&self) -> &[String] {
        &self.extensions
    }
}

impl SignedCheckpoint {
    pub(super) const fn new(checkpoint: Checkpoint, note: Note) -> Self {
        Self { checkpoint, note }
    }

    /// The signed note of a checkpoint.
    ///
    /// # Errors
    /// [`LogError`]: the note's form, or the checkpoint's.
    pub fn decode(bytes: &[u8]) -> Result<Self, LogError> {
        let note = Note::decode(bytes)?;
        Ok(Self { checkpoint: Checkpoint::decode(note.text())?, note })
    }

    /// The note's bytes.
    #[must_use]
    pub fn encode(&self) -> String {
        self.note.encode()
    }

    /// What it says, whoever signed it.
    #[must_use]
    pub const fn allegation(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The note.
    #[must_use]
    pub const fn note(&self) -> &Note {
        &self.note
    }

    /// The same checkpoint with the signature lines of these keys alone.
    #[must_use]
    pub fn signed_by(&self, keys: &[&VerifierKey]) -> Self {
        let of = |line: &&NoteSignature| keys.iter().any(|key| key.name() == line.name() && key.id() == line.key_id());
        let lines = self.note.signatures().iter().filter(of).cloned().collect();
        Self { checkpoint: self.checkpoint.clone(), note: Note::new(self.note.text().into(), lines) }
    }

    /// Adds a cosignature in place of what its key signed before.
    ///
    /// # Errors
    /// [`LogError::Note`], [`LogError::TooLong`] where it does not fit any more.
    pub fn replace(&mut self, signature: NoteSignature) -> Result<(), LogError> {
        let other = |line: &&NoteSignature| line.name() != signature.name() || line.key_id() != signature.key_id();
        let lines = self.note.signatures().iter().filter(other).cloned().collect();
        let mut note = Note::new(self.note.text().into(), lines);
        note.add(signature)?;
        self.note = note;
        Ok(())
    }

    /// Adds a cosignature.
    ///
    /// # Errors
    /// [`LogError::Note`], [`LogError::TooLong`] where it does not fit any more.
    pub fn add(&mut self, signature: NoteSignature) -> Result<(), LogError> {
        self.note.add(signature)
    }
}
