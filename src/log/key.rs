//! The private key of a log or a witness, in a file of its own: neither is a party's.
//!
//! What always holds: written once, with mode 0600, never over another file, and refused where others could read it.

use crate::file;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand_core::CryptoRng;
use sealroom_protocol::id::ContractId;
use sealroom_protocol::identity::SigningSecret;
use sealroom_protocol::log::{KeyUse, LogError, LogSigner, VerifierKey, WitnessSigner, origin_of};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use zeroize::{Zeroize, Zeroizing};

const FORMAT: &str = "sealroom/1 note key";
/// Largest key file, in bytes.
const FILE_LIMIT: u64 = 4 << 10;

/// A private key that signs checkpoints of logs, or cosigns those of others.
#[derive(Debug)]
pub struct NoteKey {
    /// A witness's name; a log's is its origin.
    name: Option<String>,
    secret: SigningSecret,
}

/// How it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format: String,
    #[serde(rename = "use")]
    key_use: String,
    name: Option<String>,
    seed: String,
}

/// Why a key file cannot be made or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NoteKeyError {
    /// There is a file of that name.
    #[error("{} exists, and a key file is never overwritten; choose another name or move it away", path.display())]
    Exists {
        /// The path given.
        path: PathBuf,
    },
    /// Others than its owner could read or write it.
    #[error("{} has mode {mode:o}: others can read or write it; expected 600 (chmod 600 {})", path.display(), path.display())]
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
    /// Not a key file. What stands in it is not repeated: it may be a secret.
    #[error("{} is no key of a log or a witness: expected JSON with \"format\": \"{FORMAT}\"", path.display())]
    Form {
        /// The file.
        path: PathBuf,
    },
    /// The key of a witness where that of a log belongs, or the reverse.
    #[error("this is the key of a {found}, expected that of a {expected}: one key is for one use")]
    Use {
        /// What belongs there.
        expected: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// A name that no note can hold.
    #[error(transparent)]
    Name(#[from] LogError),
}

impl NoteKey {
    /// A fresh key for logs.
    pub fn for_logs(rng: &mut dyn CryptoRng) -> Self {
        Self { name: None, secret: SigningSecret::generate(rng) }
    }

    /// A fresh key for the witness of this name: a URL without its scheme, which need not be reachable.
    ///
    /// # Errors
    /// [`NoteKeyError::Name`].
    pub fn for_witness(name: &str, rng: &mut dyn CryptoRng) -> Result<Self, NoteKeyError> {
        let secret = SigningSecret::generate(rng);
        drop(VerifierKey::new(name, KeyUse::Witness, secret.public())?);
        Ok(Self { name: Some(name.into()), secret })
    }

    /// What signs the log of a contract, whose first version this is.
    ///
    /// # Errors
    /// [`NoteKeyError::Use`].
    pub fn log(self, first: &ContractId) -> Result<LogSigner, NoteKeyError> {
        match self.name {
            None => Ok(LogSigner::new(&origin_of(first), self.secret)?),
            Some(_) => Err(NoteKeyError::Use { expected: "log", found: "witness" }),
        }
    }

    /// What cosigns.
    ///
    /// # Errors
    /// [`NoteKeyError::Use`].
    pub fn witness(self) -> Result<WitnessSigner, NoteKeyError> {
        match self.name {
            Some(name) => Ok(WitnessSigner::new(&name, self.secret)?),
            None => Err(NoteKeyError::Use { expected: "witness", found: "log" }),
        }
    }

    /// Writes the key file: mode 0600, whole or not at all, never over another file.
    ///
    /// # Errors
    /// [`NoteKeyError::Exists`], [`NoteKeyError::Io`].
    pub fn save(&self, path: &Path) -> Result<(), NoteKeyError> {
        let mut stored = Stored {
            format: FORMAT.into(),
            key_use: if self.name.is_some() { "witness" } else { "log" }.into(),
            name: self.name.clone(),
            seed: STANDARD.encode(self.secret.expose_seed()),
        };
        // Strings only: writing to memory cannot fail, and an empty file would be refused by load.
        let text = Zeroizing::new(serde_json::to_vec(&stored).unwrap_or_default());
        stored.seed.zeroize();
        file::create_private(path, &text).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => NoteKeyError::Exists { path: path.into() },
            _ => NoteKeyError::Io { path: path.into(), source },
        })
    }

    /// Reads a key file.
    ///
    /// # Errors
    /// [`NoteKeyError::Io`], [`NoteKeyError::Shared`], [`NoteKeyError::Form`].
    pub fn load(path: &Path) -> Result<Self, NoteKeyError> {
        let of_io = |source| NoteKeyError::Io { path: path.into(), source };
        let form = || NoteKeyError::Form { path: path.into() };
        let opened = File::open(path).map_err(of_io)?;
        if let Some(mode) = file::shared_bits(&opened).map_err(of_io)? {
            return Err(NoteKeyError::Shared { path: path.into(), mode });
        }
        let bytes = Zeroizing::new(file::read_limited(opened, FILE_LIMIT).map_err(of_io)?);
        let stored: Stored = serde_json::from_slice(&bytes).map_err(|_| form())?;
        let text = Zeroizing::new(stored.seed);
        let name = match (stored.key_use.as_str(), stored.name) {
            ("log", None) => None,
            ("witness", Some(name)) => Some(name),
            _ => return Err(form()),
        };
        let seed = Zeroizing::new(STANDARD.decode(text.as_bytes()).map_err(|_| form())?);
        let seed: &[u8; 32] = seed.as_slice().try_into().map_err(|_| form())?;
        if stored.format != FORMAT {
            return Err(form());
        }
        Ok(Self { name, secret: SigningSecret::from_seed(seed) })
    }
}
