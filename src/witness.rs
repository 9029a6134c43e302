//! A witness: it cosigns checkpoints of logs that only grow, and remembers the last one of each. `protocol/spec/log.md`, section 7.
//!
//! What always holds: comparing with the last checkpoint and writing the new one is one transaction, on disk before any
//! cosignature is handed out; so no crash, and no two requests at once, make it cosign two histories.

#[cfg(feature = "witness")]
mod serve;
mod store;
#[cfg(test)]
mod tests;

#[cfg(feature = "witness")]
pub use serve::serve_witness;

use crate::file::{self, Mode, Pending};
use redb::backends::FileBackend;
use redb::{Database, StorageBackend};
use sealroom_protocol::log::{
    AddCheckpoint, KeyUse, LogError, NoteSignature, SignedCheckpoint, VerifierKey, WitnessRefusal, WitnessSigner,
    origin_hash,
};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// A witness of some logs, with its key and its memory of them.
#[derive(Debug)]
pub struct Witness {
    database: Database,
    signer: WitnessSigner,
    /// By origin.
    logs: BTreeMap<String, VerifierKey>,
}

/// Why a witness does not answer with a cosignature.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WitnessError {
    /// What was asked for is refused.
    #[error(transparent)]
    Refused(#[from] WitnessRefusal),
    /// A key of a witness where that of a log belongs.
    #[error("{name:?} is the key of a witness, expected that of a log (type 1)")]
    NotALog {
        /// Its name.
        name: String,
    },
    /// Two keys for one log.
    #[error("the log {origin:?} is named twice, with two keys")]
    LogTwice {
        /// Its origin.
        origin: String,
    },
    /// The operating system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// The memory's database.
    #[error("the witness's memory: {0}")]
    Database(#[from] redb::Error),
    /// The memory of another witness.
    #[error("this is the memory of the witness {found:?}, expected that of {expected:?}: a key has one memory")]
    Owner {
        /// The verifier key that opens it.
        expected: String,
        /// Whose it is.
        found: String,
    },
    /// Something in the memory does not read back. Nothing is cosigned then.
    #[error("the witness's memory holds a {what} that does not read back; it was changed, or its disk is failing")]
    Record {
        /// What it is.
        what: &'static str,
    },
}

impl From<LogError> for WitnessError {
    fn from(error: LogError) -> Self {
        Self::Refused(error.into())
    }
}

impl Witness {
    /// Opens a witness's memory, and makes an empty one where there is none. A log's origin is its key's name.
    ///
    /// One key has one memory, for ever: a copy of an old one would cosign what it has forgotten.
    ///
    /// # Errors
    /// [`WitnessError`], but for its first variant.
    pub fn open(path: &Path, signer: WitnessSigner, logs: Vec<VerifierKey>) -> Result<Self, WitnessError> {
        let of_io = |source: io::Error| WitnessError::Io { path: path.into(), source };
        let of_database = |error: redb::DatabaseError| WitnessError::Database(error.into());
        let opened = match file::open_private(path) {
            Ok(opened) => opened,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // Made whole under another name first: killed half-way, it would be no database and no empty file either.
                let pending = Pending::beside(path, Mode::Private).map_err(of_io)?;
                let fresh = file::open_private(pending.path()).map_err(of_io)?;
                let backend = FileBackend::new(fresh).map_err(of_database)?;
                drop(store::open(backend, signer.verifier())?);
                pending.create().map_err(of_io)?;
                file::open_private(path).map_err(of_io)?
            }
            Err(error) => return Err(of_io(error)),
        };
        Self::open_backend(FileBackend::new(opened).map_err(of_database)?, signer, logs)
    }

    /// The same on another storage than a file.
    pub(crate) fn open_backend(
        backend: impl StorageBackend,
        signer: WitnessSigner,
        logs: Vec<VerifierKey>,
    ) -> Result<Self, WitnessError> {
        let mut known = BTreeMap::new();
        for log in logs {
            let origin = log.name().to_owned();
            match log.key_use() {
                KeyUse::Log => {}
                KeyUse::Witness => return Err(WitnessError::NotALog { name: origin }),
            }
            if known.insert(origin.clone(), log.clone()).is_some_and(|before| before != log) {
                return Err(WitnessError::LogTwice { origin });
            }
        }
        let database = store::open(backend, signer.verifier())?;
        Ok(Self { database, signer, logs: known })
    }

    /// What others verify its cosignatures with.
    #[must_use]
    pub const fn verifier(&self) -> &VerifierKey {
        self.signer.verifier()
    }

    /// Answers `add-checkpoint`: a cosignature at `now` (Unix seconds), which is never before an earlier one of the same log.
    ///
    /// # Errors
    /// [`WitnessError::Refused`], whose status says what HTTP says; [`WitnessError::Database`], [`WitnessError::Record`].
    pub fn add_checkpoint(&self, body: &[u8], now: u64) -> Result<NoteSignature, WitnessError> {
        let request = AddCheckpoint::decode(body)?;
        let origin = request.checkpoint.allegation().origin();
        let log = self.logs.get(origin).ok_or(WitnessRefusal::UnknownOrigin)?;
        // A request that is wrong whatever was signed before costs no write.
        log.verify(request.checkpoint.note()).map_err(WitnessRefusal::Signature)?;
        store::write(&self.database, |checkpoints| {
            let latest = store::read(checkpoints, origin)?;
            let head = latest.as_ref().map(|latest| *latest.allegation().head());
            let _ = request.judge(log, head.as_ref())?;
            let before = match &latest {
                Some(latest) => self.time_of(latest)?,
                None => 1,
            };
            let line = self.signer.cosign(&request.checkpoint, now.max(before));
            let mut kept = request.checkpoint.signed_by(&[log]);
            kept.add(line.clone())?;
            drop(checkpoints.insert(origin, kept.encode().as_str()).map_err(redb::Error::from)?);
            Ok(line)
        })
    }

    /// Answers the monitoring read: the last checkpoint that was cosigned of the log whose origin has this SHA-256, with the
    /// log's signature and the cosignature.
    ///
    /// # Errors
    /// [`WitnessError::Database`], [`WitnessError::Record`].
    pub fn checkpoint(&self, hash: &str) -> Result<Option<SignedCheckpoint>, WitnessError> {
        // A log that is no longer named was cosigned all the same.
        for (origin, checkpoint) in store::all(&self.database)? {
            if origin_hash(&origin) == hash {
                return Ok(Some(checkpoint));
            }
        }
        Ok(None)
    }

    fn time_of(&self, checkpoint: &SignedCheckpoint) -> Result<u64, WitnessError> {
        let signed = self.verifier().verify(checkpoint.note());
        Ok(signed.map_err(|_| WitnessError::Record { what: "checkpoint" })?.time)
    }
}
