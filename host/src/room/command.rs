//! What is asked of a room, and how each is answered.

use super::Ended;
use super::status::Proposed;
use crate::refusal::Refusal;
use crate::store::StoreError;
use sealroom_protocol::id::ObjectId;
use sealroom_protocol::identity::SigningPublicKey;
use std::sync::Arc;
use tokio::sync::oneshot;

/// Where an answer goes. Whoever asked may be gone.
pub(super) type Reply<T> = oneshot::Sender<Result<T, Refusal>>;

/// One thing that is asked of a room.
#[derive(Debug)]
pub(super) enum Command {
    Evidence { challenge: [u8; 32], reply: Reply<Arc<EvidenceAnswer>> },
    Propose { wish: Box<Wish>, reply: Reply<Proposed> },
    State { statement: Vec<u8>, reply: Reply<Accepted> },
    Grant { grant: Vec<u8>, ciphertext: Vec<u8>, reply: Reply<Accepted> },
    Stop { stop: Vec<u8>, reply: Reply<Option<Vec<u8>>> },
    Abandon { reply: Reply<Vec<u8>> },
}

/// A proposal as it is asked for.
#[derive(Debug)]
pub(crate) struct Wish {
    pub(crate) run: u64,
    /// Complete receipts, oldest first.
    pub(crate) receipts: Vec<Vec<u8>>,
    /// In the contract's order.
    pub(crate) datasets: Vec<ObjectId>,
    /// The announcement's envelope.
    pub(crate) request: Option<Vec<u8>>,
    /// The object that it announces.
    pub(crate) request_object: Option<ObjectId>,
}

/// Evidence, and which challenges it answers.
#[derive(Debug, Clone)]
pub(crate) struct EvidenceAnswer {
    pub(crate) evidence: Vec<u8>,
    pub(crate) endorsements: Vec<Vec<u8>>,
    pub(crate) challenges: Vec<[u8; 32]>,
    pub(crate) enclave_key: SigningPublicKey,
    pub(crate) operator_statement: Option<Vec<u8>>,
}

/// A statement or grant was taken.
#[derive(Debug, Clone)]
pub(crate) struct Accepted {
    pub(crate) missing: Vec<String>,
    pub(crate) statement_missing: bool,
    pub(crate) running: bool,
    /// The void receipt, where the contract or a grant had expired.
    pub(crate) receipt: Option<Vec<u8>>,
}

/// Why a command was not carried out.
#[derive(Debug, Clone)]
pub(super) enum Failure {
    /// Refused; the room goes on.
    Refused(Refusal),
    /// The room has ended over it.
    Ended(Ended),
}

impl From<Ended> for Failure {
    fn from(ended: Ended) -> Self {
        Self::Ended(ended)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Refused(error.into())
    }
}

impl Command {
    /// Answers with a refusal.
    pub(super) fn refuse(self, refusal: Refusal) {
        match self {
            Self::Evidence { reply, .. } => drop(reply.send(Err(refusal))),
            Self::Propose { reply, .. } => drop(reply.send(Err(refusal))),
            Self::State { reply, .. } | Self::Grant { reply, .. } => drop(reply.send(Err(refusal))),
            Self::Stop { reply, .. } => drop(reply.send(Err(refusal))),
            Self::Abandon { reply } => drop(reply.send(Err(refusal))),
        }
    }
}
