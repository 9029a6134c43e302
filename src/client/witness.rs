//! A witness of others, asked for a cosignature over HTTP (C2SP tlog-witness).
//!
//! What always holds: a cosignature is handed out only if it verifies with the witness's key, over the log's own checkpoint.

use super::error::HostError;
use super::host::HostOptions;
use super::http::Http;
use super::words::printable;
use crate::log::ReceiptLog;
use reqwest::Url;
use sealroom_protocol::log::{AddCheckpoint, NoteSignature, SignedCheckpoint, Tree, VerifierKey};

/// Largest answer, in bytes: a few signature lines.
const ANSWER_LIMIT: u64 = 64 << 10;
/// How often the log begins again from the size that the witness says. Another that submits at the same time may come first.
const ATTEMPTS: usize = 3;

/// Why there is no cosignature.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AskError {
    /// It could not be asked.
    #[error(transparent)]
    Host(#[from] HostError),
    /// It refuses.
    #[error("the witness {name:?} refuses ({status}): {said}")]
    Refused {
        /// Its name.
        name: String,
        /// HTTP status, as C2SP tlog-witness lists them.
        status: u16,
        /// Its own words.
        said: String,
    },
    /// It knows more receipts of this log than there are.
    #[error(
        "the witness {name:?} cosigned {known} receipts of this log, and here are {found}: this is an old copy, or it is truncated"
    )]
    Longer {
        /// Its name.
        name: String,
        /// What it cosigned.
        known: u64,
        /// What is here.
        found: u64,
    },
    /// What it sent is no cosignature of this checkpoint by its key.
    #[error("what the witness {name:?} sent is no cosignature of this checkpoint by its key")]
    Cosignature {
        /// Its name.
        name: String,
    },
}

/// A witness's address and key.
#[derive(Debug, Clone)]
pub struct RemoteWitness {
    http: Http,
    prefix: String,
    key: VerifierKey,
}

impl RemoteWitness {
    /// A witness at an address, which may have a path. Nothing is sent yet.
    ///
    /// # Errors
    /// [`HostError::Url`], [`HostError::Certificates`].
    pub fn new(options: &HostOptions, key: VerifierKey) -> Result<Self, HostError> {
        let mut url = Url::parse(&options.url).map_err(|_| HostError::Url { url: options.url.clone() })?;
        let prefix = url.path().trim_end_matches('/').to_owned();
        url.set_path("");
        let options = HostOptions { url: url.to_string(), ..options.clone() };
        Ok(Self { http: Http::new(&options)?, prefix, key })
    }

    /// Its key.
    #[must_use]
    pub const fn key(&self) -> &VerifierKey {
        &self.key
    }

    /// Asks for a cosignature of the log's checkpoint.
    ///
    /// # Errors
    /// [`AskError`].
    pub async fn cosign(&self, log: &ReceiptLog) -> Result<NoteSignature, AskError> {
        let checkpoint = log.checkpoint().signed_by(&[log.log_key()]);
        self.ask(&checkpoint, 0, |old| log.request(old).ok()).await
    }

    /// Asks for a cosignature of a checkpoint of any log, with these leaves and the log's signature alone. `guess` is the size
    /// that the witness may have cosigned last: a right one saves a round trip.
    ///
    /// # Errors
    /// [`AskError`].
    pub async fn cosign_tree(
        &self,
        checkpoint: &SignedCheckpoint,
        tree: &Tree,
        guess: u64,
    ) -> Result<NoteSignature, AskError> {
        let size = checkpoint.allegation().head().size;
        let request = |old| Some(AddCheckpoint::new(old, tree.consistency(old, size).ok()?, checkpoint.clone()));
        self.ask(checkpoint, guess, request).await
    }

    async fn ask(
        &self,
        checkpoint: &SignedCheckpoint,
        guess: u64,
        request: impl Fn(u64) -> Option<AddCheckpoint>,
    ) -> Result<NoteSignature, AskError> {
        let path = format!("{}/add-checkpoint", self.prefix);
        let name = || self.key.name().to_owned();
        let found = checkpoint.allegation().head().size;
        let mut old = guess;
        for attempt in 1..=ATTEMPTS {
            let request = request(old).ok_or_else(|| AskError::Longer { name: name(), known: old, found })?;
            let (status, body) = self.http.post_plain(&path, request.encode(), ANSWER_LIMIT).await?;
            let said = String::from_utf8_lossy(&body);
            match (status, said.trim_end().parse()) {
                (200, _) => return self.verified(checkpoint, &body),
                (409, Ok(size)) if attempt < ATTEMPTS => old = size,
                _ => return Err(AskError::Refused { name: name(), status, said: printable(said.trim_end()) }),
            }
        }
        Err(AskError::Cosignature { name: name() })
    }

    /// The line of this witness's, if it completes the checkpoint.
    fn verified(&self, checkpoint: &SignedCheckpoint, body: &[u8]) -> Result<NoteSignature, AskError> {
        let wrong = || AskError::Cosignature { name: self.key.name().into() };
        let text = core::str::from_utf8(body).map_err(|_| wrong())?;
        let lines = NoteSignature::decode_all(text).map_err(|_| wrong())?;
        let own = |line: &NoteSignature| line.name() == self.key.name() && line.key_id() == self.key.id();
        let line = lines.into_iter().find(own).ok_or_else(wrong)?;
        let mut checkpoint = checkpoint.clone();
        checkpoint.add(line.clone()).map_err(|_| wrong())?;
        let _ = self.key.verify(checkpoint.note()).map_err(|_| wrong())?;
        Ok(line)
    }
}
