//! A room: one contract inside one enclave process, owned by one task.
//!
//! What always holds: whoever asks a room gets an answer, also when its enclave hangs, dies or lies about the message
//! format; the enclave ends with its room.

mod actor;
mod command;
mod connection;
mod ended;
mod launch;
mod outputs;
mod prefetch;
mod running;
mod status;
#[cfg(test)]
pub(crate) mod tests;

pub use ended::Ended;

pub(crate) use command::{Accepted, EvidenceAnswer, Wish};
pub(crate) use launch::{Peer, launch};
pub(crate) use status::{OperatorStatement, Phase, Proposed, Status};

use crate::config::Limits;
use crate::refusal::Refusal;
use crate::store::Store;
use actor::Actor;
use command::{Command, Reply};
use connection::Connection;
use core::time::Duration;
use outputs::Outputs;
use prefetch::Prefetch;
use sealroom_protocol::contract::Contract;
use sealroom_protocol::identity::SigningPublicKey;
use sealroom_protocol::message::{EnclaveMessage, HostMessage};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

/// Commands that may wait for one room.
const WAITING: usize = 256;

/// What a room is opened with.
#[derive(Debug)]
pub(crate) struct Opening {
    pub(crate) contract: Contract,
    /// The contract's envelope.
    pub(crate) envelope: Vec<u8>,
    /// Who started the room; its results count as this party's bytes.
    pub(crate) owner: SigningPublicKey,
}

/// A room that was opened. Its task lives on until the room ends, whoever holds this.
#[derive(Debug)]
pub(crate) struct Room {
    owner: SigningPublicKey,
    contract: Contract,
    status: Arc<Mutex<Status>>,
    commands: mpsc::Sender<Command>,
    task: JoinHandle<()>,
}

impl Room {
    /// Hands the contract to a started enclave.
    ///
    /// # Errors
    /// [`Refusal::Enclave`] when the enclave refuses the contract, [`Refusal::RoomFailed`] when it dies or does not answer.
    pub(crate) async fn open(
        peer: Peer,
        opening: Opening,
        store: Arc<Store>,
        limits: Limits,
        shutdown: watch::Receiver<bool>,
    ) -> Result<Self, Refusal> {
        let Peer { socket, started, log, mut process } = peer;
        let Opening { contract, envelope, owner } = opening;
        let mut connection = Connection::new(socket, limits.answer_timeout_s);
        let message = HostMessage::Open { now: now(), contract: envelope };
        let failure = match connection.exchange(&message).await {
            Ok(EnclaveMessage::Opened { enclave_key }) => match SigningPublicKey::from_bytes(enclave_key) {
                Ok(enclave_key) => {
                    let status = Status {
                        contract: contract.id(),
                        enclave_key,
                        started,
                        log,
                        opened: now(),
                        phase: Phase::Attest,
                        proposal: None,
                        highest: 0,
                        missing: Vec::new(),
                        statement_missing: false,
                        receipt: None,
                        operator_statement: None,
                        ended: None,
                    };
                    let status = Arc::new(Mutex::new(status));
                    let (sender, commands) = mpsc::channel(WAITING);
                    let actor = Actor {
                        connection,
                        process,
                        contract: contract.clone(),
                        prefetch: Prefetch::new(Arc::clone(&store)),
                        outputs: Outputs::new(Arc::clone(&store), owner, limits.results_mib),
                        store,
                        limits,
                        status: Arc::clone(&status),
                        commands,
                        shutdown,
                    };
                    let task = tokio::spawn(actor.serve());
                    return Ok(Self { owner, contract, status, commands: sender, task });
                }
                Err(_) => Refusal::RoomFailed(Ended::enclave("what the enclave gave as its key is none")),
            },
            Ok(EnclaveMessage::Refused(refusal)) => actor::refused(refusal, true),
            Ok(other) => Refusal::RoomFailed(actor::unasked(Ok(other))),
            Err(ended) => Refusal::RoomFailed(ended),
        };
        drop(connection);
        if let Some(process) = &mut process {
            drop(process.end(Duration::from_secs(1)).await);
        }
        Err(failure)
    }

    /// Who started it.
    pub(crate) const fn owner(&self) -> &SigningPublicKey {
        &self.owner
    }

    /// Its contract.
    pub(crate) const fn contract(&self) -> &Contract {
        &self.contract
    }

    /// What is known of it now.
    pub(crate) fn status(&self) -> Status {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).phase == Phase::Ended
    }

    /// Keeps an operator's statement, to go with Evidence. Only the same operator's that holds for longer replaces one.
    pub(crate) fn keep_operator_statement(&self, statement: OperatorStatement) {
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        let replaces =
            |kept: &OperatorStatement| kept.operator == statement.operator && kept.expires < statement.expires;
        if status.operator_statement.as_ref().is_none_or(replaces) {
            status.operator_statement = Some(statement);
        }
    }

    pub(crate) async fn evidence(&self, challenge: [u8; 32]) -> Result<Arc<EvidenceAnswer>, Refusal> {
        self.ask(|reply| Command::Evidence { challenge, reply }).await
    }

    pub(crate) async fn propose(&self, wish: Wish) -> Result<Proposed, Refusal> {
        self.ask(|reply| Command::Propose { wish: Box::new(wish), reply }).await
    }

    pub(crate) async fn state(&self, statement: Vec<u8>) -> Result<Accepted, Refusal> {
        self.ask(|reply| Command::State { statement, reply }).await
    }

    pub(crate) async fn grant(&self, grant: Vec<u8>, ciphertext: Vec<u8>) -> Result<Accepted, Refusal> {
        self.ask(|reply| Command::Grant { grant, ciphertext, reply }).await
    }

    pub(crate) async fn stop(&self, stop: Vec<u8>) -> Result<Option<Vec<u8>>, Refusal> {
        self.ask(|reply| Command::Stop { stop, reply }).await
    }

    pub(crate) async fn abandon(&self) -> Result<Vec<u8>, Refusal> {
        self.ask(|reply| Command::Abandon { reply }).await
    }

    /// Waits until the room has ended and everything of it is stored.
    pub(crate) async fn finished(&self) {
        // Closed when the task drops its end, also by a panic.
        self.commands.closed().await;
        while !self.task.is_finished() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn ask<T>(&self, command: impl FnOnce(Reply<T>) -> Command) -> Result<T, Refusal> {
        let (reply, answer) = oneshot::channel();
        match self.commands.try_send(command(reply)) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(_)) => return Err(Refusal::RoomBusy),
            Err(mpsc::error::TrySendError::Closed(_)) => return Err(self.over()),
        }
        answer.await.unwrap_or_else(|_| Err(self.over()))
    }

    fn over(&self) -> Refusal {
        Refusal::RoomEnded(self.status().ended.unwrap_or_else(|| Ended::enclave("the room's task ended")))
    }
}

/// Waits until the host shuts down.
async fn stopping(shutdown: &mut watch::Receiver<bool>) {
    // An error means that nobody is there any more who could say so.
    drop(shutdown.wait_for(|stopping| *stopping).await);
}

/// The host's clock in Unix seconds.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
