//! A party's keys at home: the key file, which is secret, and the card, which goes to the others.
//! `protocol/spec/identity.md`.
//!
//! What always holds: a key file is written once, with mode 0600, and is refused when anyone else could read or write it;
//! its public halves are computed from its secrets and must agree with what it says.

use crate::file;
use crate::passphrase::{PROTECTION, Passphrase, Protected};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand_core::CryptoRng;
use sealroom_protocol::identity::{
    EncryptionPublicKey, EncryptionSecret, SigningPublicKey, SigningSecret, fingerprint,
};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const KEY_FORMAT: &str = "sealroom/1 identity";
const CARD_FORMAT: &str = "sealroom/1 card";
/// Largest key file or card, in bytes: an X-Wing key in base64 has 1,624 characters.
const FILE_LIMIT: u64 = 8 << 10;

/// A party's name and both its key pairs.
///
/// ```
/// # fn main() -> Result<(), Box<dyn core::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// use sealroom::{Identity, random};
/// let path = folder.path().join("cleveland.key");
/// let identity = Identity::generate("cleveland", &mut random())?;
/// identity.save(&path, None, &mut random())?;
/// assert_eq!(Identity::load(&path, None)?.fingerprint(), identity.fingerprint());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Identity {
    name: String,
    signing: SigningSecret,
    encryption: EncryptionSecret,
}

/// The public half of an [`Identity`]: what the others put into the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Card {
    /// The party's name: 1 to 64 of `a-z 0-9 -`, beginning with a letter.
    pub name: String,
    /// What it signs with.
    pub signing_key: SigningPublicKey,
    /// What is encrypted to it.
    pub encryption_key: EncryptionPublicKey,
}

/// Why a key file or card cannot be made or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// A name that no contract could hold.
    #[error("{name:?} is no name of a party: expected 1 to 64 of a-z, 0-9 and -, beginning with a letter")]
    Name {
        /// The name given.
        name: String,
    },
    /// There is a file of that name.
    #[error("{} exists, and a key file is never overwritten; choose another name or move it away", path.display())]
    Exists {
        /// The path given.
        path: PathBuf,
    },
    /// Others than its owner could read or write it.
    #[error("{} has mode {mode:o}: others can read or write it, so it may not be a secret any more; expected 600 (chmod 600 {})", path.display(), path.display())]
    Shared {
        /// The key file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The operating system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// A line that does not belong there. What stands in it is not repeated: it may be a secret.
    #[error("{}, line {line}: expected {expected}", path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What belongs there.
        expected: &'static str,
    },
    /// The file is encrypted and no passphrase was given.
    #[error("{} is protected by a passphrase, and none was given", path.display())]
    PassphraseNeeded {
        /// The key file.
        path: PathBuf,
    },
    /// Another passphrase, or the file was changed.
    #[error("{} does not open with this passphrase (or was changed)", path.display())]
    WrongPassphrase {
        /// The key file.
        path: PathBuf,
    },
    /// An empty passphrase protects nothing.
    #[error("the passphrase is empty; give one, or none at all")]
    EmptyPassphrase,
    /// The public keys that it names are not those of its secrets.
    #[error("the public keys in {} are not those of its secrets: the file was changed; restore it from your copy", path.display())]
    Keys {
        /// The key file.
        path: PathBuf,
    },
}

impl Identity {
    /// Fresh keys for the party of this name.
    ///
    /// # Errors
    /// [`IdentityError::Name`].
    pub fn generate(name: &str, rng: &mut dyn CryptoRng) -> Result<Self, IdentityError> {
        check_name(name)?;
        Ok(Self {
            name: name.into(),
            signing: SigningSecret::generate(rng),
            encryption: EncryptionSecret::generate(rng),
        })
    }

    /// Keys that were recovered, under a name that was checked.
    pub(crate) fn from_keys(name: &str, signing: SigningSecret, encryption: EncryptionSecret) -> Self {
        Self { name: name.into(), signing, encryption }
    }

    /// The party's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it signs with.
    #[must_use]
    pub const fn signing(&self) -> &SigningSecret {
        &self.signing
    }

    /// What it decrypts with.
    #[must_use]
    pub const fn encryption(&self) -> &EncryptionSecret {
        &self.encryption
    }

    /// The public half.
    #[must_use]
    pub fn card(&self) -> Card {
        Card { name: self.name.clone(), signing_key: self.signing.public(), encryption_key: self.encryption.public() }
    }

    /// What people compare by voice: four groups of four digits.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.card().fingerprint()
    }

    /// Writes the key file: mode 0600, whole or not at all, never over another file. With a passphrase its secrets are
    /// encrypted (half a second of work, 128 MiB).
    ///
    /// # Errors
    /// [`IdentityError::EmptyPassphrase`], [`IdentityError::Exists`], [`IdentityError::Io`].
    pub fn save(
        &self,
        path: &Path,
        passphrase: Option<&Passphrase>,
        rng: &mut dyn CryptoRng,
    ) -> Result<(), IdentityError> {
        let secrets = self.secrets();
        let card = self.card();
        let mut text = Zeroizing::new(String::with_capacity(4096));
        text.push_str(
            "# Whoever can read this file can act as this party. Keep it secret; the card is what others need.\n",
        );
        push_lines(&mut text, KEY_FORMAT, &card);
        match passphrase {
            None => push(&mut text, "secret", &Zeroizing::new(STANDARD.encode(secrets.as_slice()))),
            Some(passphrase) if passphrase.is_empty() => return Err(IdentityError::EmptyPassphrase),
            Some(passphrase) => {
                let protected = Protected::encrypt(secrets.as_slice(), passphrase, rng)
                    .map_err(|_| IdentityError::WrongPassphrase { path: path.into() })?;
                push(&mut text, "protection", PROTECTION);
                push(&mut text, "salt", &STANDARD.encode(protected.salt));
                push(&mut text, "nonce", &STANDARD.encode(protected.nonce));
                push(&mut text, "secret", &STANDARD.encode(protected.ciphertext));
            }
        }
        file::create_private(path, text.as_bytes()).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => IdentityError::Exists { path: path.into() },
            _ => IdentityError::Io { path: path.into(), source },
        })
    }

    /// Reads a key file.
    ///
    /// # Errors
    /// [`IdentityError`], in the order of its variants from `Shared` on.
    pub fn load(path: &Path, passphrase: Option<&Passphrase>) -> Result<Self, IdentityError> {
        let of_io = |source| IdentityError::Io { path: path.into(), source };
        let opened = File::open(path).map_err(of_io)?;
        if let Some(mode) = file::shared_bits(&opened).map_err(of_io)? {
            return Err(IdentityError::Shared { path: path.into(), mode });
        }
        let bytes = Zeroizing::new(file::read_limited(opened, FILE_LIMIT).map_err(of_io)?);
        let mut lines = Lines::new(path, &bytes)?;
        let card = lines.card(KEY_FORMAT)?;
        let secrets = match lines.optional("protection") {
            None => lines.bytes("secret", 64, "secret = and 64 bytes in base64")?,
            Some(PROTECTION) => {
                let salt = lines.bytes("salt", 16, "salt = and 16 bytes in base64")?;
                let nonce = lines.bytes("nonce", 12, "nonce = and 12 bytes in base64")?;
                let ciphertext = lines.bytes("secret", 80, "secret = and 80 bytes in base64")?;
                let passphrase = passphrase.ok_or_else(|| IdentityError::PassphraseNeeded { path: path.into() })?;
                let form = || lines.error("salt and nonce");
                let protected = Protected {
                    salt: salt.as_slice().try_into().map_err(|_| form())?,
                    nonce: nonce.as_slice().try_into().map_err(|_| form())?,
                    ciphertext: ciphertext.to_vec(),
                };
                protected.decrypt(passphrase).map_err(|_| IdentityError::WrongPassphrase { path: path.into() })?
            }
            Some(_) => return Err(lines.error("protection = \"scrypt-17-8-1 aes-256-gcm\"")),
        };
        lines.end()?;
        let wrong = || IdentityError::Keys { path: path.into() };
        let (signing, encryption) = secrets.split_first_chunk::<32>().ok_or_else(wrong)?;
        let encryption: &[u8; 32] = encryption.try_into().map_err(|_| wrong())?;
        let identity = Self {
            name: card.name.clone(),
            signing: SigningSecret::from_seed(signing),
            encryption: EncryptionSecret::from_seed(encryption),
        };
        if identity.card() != card {
            return Err(wrong());
        }
        Ok(identity)
    }

    fn secrets(&self) -> Zeroizing<[u8; 64]> {
        let mut secrets = Zeroizing::new([0; 64]);
        let parts = self.signing.expose_seed().iter().chain(self.encryption.expose_secret());
        secrets.iter_mut().zip(parts).for_each(|(byte, part)| *byte = *part);
        secrets
    }
}

impl Card {
    /// What people compare by voice: four groups of four digits.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.signing_key, &self.encryption_key)
    }

    /// The card as text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("# Public card of a party. Compare by voice: {}\n", self.fingerprint());
        push_lines(&mut text, CARD_FORMAT, self);
        text
    }

    /// Writes the card's text, replacing an older one.
    ///
    /// # Errors
    /// [`IdentityError::Io`].
    pub fn save(&self, path: &Path) -> Result<(), IdentityError> {
        file::replace_public(path, self.to_text().as_bytes())
            .map_err(|source| IdentityError::Io { path: path.into(), source })
    }

    /// Reads a card. Its fingerprint is for people to compare: anyone can write a card of any name.
    ///
    /// # Errors
    /// [`IdentityError::Io`], [`IdentityError::Form`], [`IdentityError::Name`].
    pub fn load(path: &Path) -> Result<Self, IdentityError> {
        let of_io = |source| IdentityError::Io { path: path.into(), source };
        let bytes = file::read_limited(File::open(path).map_err(of_io)?, FILE_LIMIT).map_err(of_io)?;
        let mut lines = Lines::new(path, &bytes)?;
        let card = lines.card(CARD_FORMAT)?;
        lines.end()?;
        Ok(card)
    }
}

fn check_name(name: &str) -> Result<(), IdentityError> {
    let letters = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    let begins = name.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
    if begins && name.len() <= 64 && name.bytes().all(letters) {
        Ok(())
    } else {
        Err(IdentityError::Name { name: name.into() })
    }
}

fn push(text: &mut String, key: &str, value: &str) {
    for part in [key, " = \"", value, "\"\n"] {
        text.push_str(part);
    }
}

fn push_lines(text: &mut String, format: &str, card: &Card) {
    push(text, "format", format);
    push(text, "name", &card.name);
    push(text, "signing-key", &card.signing_key.to_string());
    push(text, "encryption-key", &card.encryption_key.to_string());
}

/// The lines of a file, each `key = "value"` in a fixed order: TOML that needs no parser which would copy secrets about.
struct Lines<'a> {
    path: &'a Path,
    lines: core::iter::Peekable<core::str::Lines<'a>>,
    line: usize,
}

impl<'a> Lines<'a> {
    fn new(path: &'a Path, bytes: &'a [u8]) -> Result<Self, IdentityError> {
        let expected = "UTF-8 text";
        let text =
            core::str::from_utf8(bytes).map_err(|_| IdentityError::Form { path: path.into(), line: 1, expected })?;
        Ok(Self { path, lines: text.lines().peekable(), line: 0 })
    }

    fn error(&self, expected: &'static str) -> IdentityError {
        IdentityError::Form { path: self.path.into(), line: self.line.max(1), expected }
    }

    /// The value of the next line, if it has this key.
    fn optional(&mut self, key: &str) -> Option<&'a str> {
        while self.lines.next_if(|line| line.starts_with('#')).is_some() {
            self.line += 1;
        }
        let value = self.lines.peek()?.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"')?;
        self.lines.next();
        self.line += 1;
        Some(value)
    }

    fn value(&mut self, key: &str, expected: &'static str) -> Result<&'a str, IdentityError> {
        let value = self.optional(key);
        if value.is_none() {
            self.line += 1;
        }
        value.ok_or_else(|| self.error(expected))
    }

    fn bytes(&mut self, key: &str, length: usize, expected: &'static str) -> Result<Zeroizing<Vec<u8>>, IdentityError> {
        let text = self.value(key, expected)?;
        // Room for every decoded byte at once, so that no part of a secret is left in a buffer that grew.
        let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
        STANDARD.decode_vec(text, &mut bytes).map_err(|_| self.error(expected))?;
        if bytes.len() == length { Ok(bytes) } else { Err(self.error(expected)) }
    }

    fn card(&mut self, format: &'static str) -> Result<Card, IdentityError> {
        if self.value("format", "a format line")? != format {
            return Err(self.error(format));
        }
        let name = self.value("name", "name = and the party's name")?.to_owned();
        check_name(&name)?;
        let expected = "signing-key = and a key that begins with ed25519:";
        let signing_key = self.value("signing-key", expected)?.parse().map_err(|_| self.error(expected))?;
        let expected = "encryption-key = and a key that begins with xwing:";
        let encryption_key = self.value("encryption-key", expected)?.parse().map_err(|_| self.error(expected))?;
        Ok(Card { name, signing_key, encryption_key })
    }

    fn end(&mut self) -> Result<(), IdentityError> {
        if self.lines.next().is_some() {
            self.line += 1;
            return Err(self.error("the end of the file"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
