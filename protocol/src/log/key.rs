//! Keys of logs and witnesses: verifier keys in text (C2SP signed-note, "Verifier keys"), and what signs.
//!
//! What always holds: a key is for one use, which its type byte says and its id covers; a log's key never cosigns, nor a
//! witness's signs a checkpoint as a log. Neither is a party's or an enclave's key.

use super::text::{from_base64, is_name};
use super::{Checkpoint, LogError, Note, NoteSignature, SignedCheckpoint};
use crate::identity::{SigningPublicKey, SigningSecret};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use core::fmt;
use core::str::FromStr;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};

/// Longest verifier key, in bytes.
const KEY_LIMIT: usize = 1 << 10;

/// What a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "decisions match on it; another type is another use")]
pub enum KeyUse {
    /// Checkpoints of a log: Ed25519 over the text (type 0x01).
    Log,
    /// Cosignatures of a witness: Ed25519 over time and text (type 0x04).
    Witness,
}

/// A public key with a name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct VerifierKey {
    name: String,
    key_use: KeyUse,
    key: SigningPublicKey,
}

/// That a key signed a note. Having one means that the signature verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Signed {
    /// A witness's latest time under this note, in Unix seconds by its own clock; 0 for a log, which says none.
    pub time: u64,
}

/// A log's private key.
#[derive(Debug)]
pub struct LogSigner {
    key: VerifierKey,
    secret: SigningSecret,
}

/// A witness's private key.
#[derive(Debug)]
pub struct WitnessSigner {
    key: VerifierKey,
    secret: SigningSecret,
}

impl KeyUse {
    const fn byte(self) -> u8 {
        match self {
            Self::Log => 0x01,
            Self::Witness => 0x04,
        }
    }
}

impl VerifierKey {
    /// A key of this name and use.
    ///
    /// # Errors
    /// [`LogError::Key`] for a name that no note can hold.
    pub fn new(name: &str, key_use: KeyUse, key: SigningPublicKey) -> Result<Self, LogError> {
        if !is_name(name) || name.len() > 256 {
            return Err(LogError::Key { expected: "a name of 1 to 256 bytes without white space and \"+\"" });
        }
        Ok(Self { name: name.into(), key_use, key })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it signs.
    #[must_use]
    pub const fn key_use(&self) -> KeyUse {
        self.key_use
    }

    /// The key alone.
    #[must_use]
    pub const fn key(&self) -> &SigningPublicKey {
        &self.key
    }

    /// Its id, which signature lines name.
    #[must_use]
    pub fn id(&self) -> u32 {
        let hash = Sha256::new_with_prefix(&self.name).chain_update([b'\n', self.key_use.byte()]);
        let [a, b, c, d, ..]: [u8; 32] = hash.chain_update(self.key.as_bytes()).finalize().into();
        u32::from_be_bytes([a, b, c, d])
    }

    /// Verifies this key's signatures under a note: at least one, and all that there are. For a witness the latest time of them.
    ///
    /// # Errors
    /// [`LogError::Missing`], [`LogError::Bad`].
    pub fn verify(&self, note: &Note) -> Result<Signed, LogError> {
        let id = self.id();
        let own = note.signatures().iter().filter(|line| line.name == self.name && line.key_id == id);
        let mut signed = None;
        for line in own {
            let time = self.verify_line(note.text(), &line.bytes)?;
            signed = Some(Signed { time: signed.map_or(time, |signed: Signed| signed.time.max(time)) });
        }
        signed.ok_or_else(|| LogError::Missing { name: self.name.clone() })
    }

    fn verify_line(&self, text: &str, bytes: &[u8]) -> Result<u64, LogError> {
        let bad = || LogError::Bad { name: self.name.clone() };
        let (time, message, signature) = match self.key_use {
            KeyUse::Log => (0, text.to_string(), bytes),
            KeyUse::Witness => {
                let (time, signature) = bytes.split_first_chunk().ok_or_else(bad)?;
                let time = u64::from_be_bytes(*time);
                // C2SP tlog-cosignature: no cosignature of a checkpoint is without its time, and none above 2^63 - 1.
                if time == 0 || time > i64::MAX.unsigned_abs() {
                    return Err(bad());
                }
                (time, cosigned(time, text), signature)
            }
        };
        let signature = signature.try_into().map_err(|_| bad())?;
        self.key.verify(message.as_bytes(), signature).map_err(|_| bad())?;
        Ok(time)
    }

    fn line(&self, bytes: Vec<u8>) -> NoteSignature {
        NoteSignature { name: self.name.clone(), key_id: self.id(), bytes }
    }
}

/// What a witness signs (C2SP tlog-cosignature, "Ed25519 signed message").
fn cosigned(time: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

impl LogSigner {
    /// A log of this origin.
    ///
    /// # Errors
    /// [`LogError::Key`].
    pub fn new(origin: &str, secret: SigningSecret) -> Result<Self, LogError> {
        Ok(Self { key: VerifierKey::new(origin, KeyUse::Log, secret.public())?, secret })
    }

    /// What others verify its checkpoints with.
    #[must_use]
    pub const fn verifier(&self) -> &VerifierKey {
        &self.key
    }

    /// Signs a checkpoint of its own log. It MUST extend every one that was signed before.
    #[must_use]
    pub fn sign(&self, checkpoint: Checkpoint) -> SignedCheckpoint {
        let text = checkpoint.text();
        let line = self.key.line(self.secret.sign(text.as_bytes()).to_vec());
        SignedCheckpoint::new(checkpoint, Note::new(text, vec![line]))
    }
}

impl WitnessSigner {
    /// A witness of this name.
    ///
    /// # Errors
    /// [`LogError::Key`].
    pub fn new(name: &str, secret: SigningSecret) -> Result<Self, LogError> {
        Ok(Self { key: VerifierKey::new(name, KeyUse::Witness, secret.public())?, secret })
    }

    /// What others verify its cosignatures with.
    #[must_use]
    pub const fn verifier(&self) -> &VerifierKey {
        &self.key
    }

    /// Cosigns a checkpoint. It MUST extend every one of its origin that was cosigned before, and the latest must be on disk.
    /// `time` is Unix seconds; 0, which would say nothing, is taken as 1.
    #[must_use]
    pub fn cosign(&self, checkpoint: &SignedCheckpoint, time: u64) -> NoteSignature {
        let time = time.clamp(1, i64::MAX.unsigned_abs());
        let signature = self.secret.sign(cosigned(time, checkpoint.note().text()).as_bytes());
        self.key.line([time.to_be_bytes().as_slice(), &signature].concat())
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [[self.key_use.byte()].as_slice(), self.key.as_bytes()].concat();
        write!(f, "{}+{:08x}+{}", self.name, self.id(), STANDARD.encode(key))
    }
}

impl FromStr for VerifierKey {
    type Err = LogError;

    fn from_str(text: &str) -> Result<Self, LogError> {
        let of = |expected| LogError::Key { expected };
        let form = || of("a name, 8 hexadecimal digits and base64, with \"+\" between");
        // Base64 may hold a "+" of its own; names and digits do not.
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(digits), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(form());
        };
        let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() > KEY_LIMIT || digits.len() != 8 || !digits.bytes().all(digit) {
            return Err(form());
        }
        let found = u32::from_str_radix(digits, 16).map_err(|_| form())?;
        let key = from_base64(key).ok_or_else(form)?;
        let expected = "type 1 (a log) or 4 (a witness) and an Ed25519 key of 32 bytes";
        let key_use = match key.first() {
            Some(0x01) => KeyUse::Log,
            Some(0x04) => KeyUse::Witness,
            _ => return Err(of(expected)),
        };
        let bytes = key.split_first().and_then(|(_, key)| key.try_into().ok()).ok_or(of(expected))?;
        let key = SigningPublicKey::from_bytes(bytes).map_err(|_| of("a usable Ed25519 key"))?;
        let key = Self::new(name, key_use, key)?;
        match key.id() {
            id if id == found => Ok(key),
            expected => Err(LogError::KeyId { name: name.into(), expected, found }),
        }
    }
}

impl Serialize for VerifierKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for VerifierKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
