//! The task that owns one room: it alone speaks to the enclave, one message after the other.
//!
//! What always holds: every command is answered, also when the enclave dies in the middle of it; a message that nobody
//! asked for ends the room. The run itself is in `running.rs`.

use super::command::{Accepted, Command, EvidenceAnswer, Failure, Reply, Wish};
use super::connection::Connection;
use super::launch::Process;
use super::outputs::Outputs;
use super::prefetch::Prefetch;
use super::status::{Phase, Proposed, Status};
use super::{Ended, now, stopping};
use crate::config::Limits;
use crate::refusal::Refusal;
use crate::store::Store;
use core::time::Duration;
use sealroom_protocol::binding::CHALLENGE_LIMIT;
use sealroom_protocol::contract::Contract;
use sealroom_protocol::message::{EnclaveMessage, HostMessage, RefusalMessage};
use sealroom_protocol::run::{SignedProposal, SignedReceipt};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

/// How long an enclave may take to exit after its socket is closed.
const EXIT_PATIENCE: Duration = Duration::from_secs(2);

pub(super) struct Actor {
    pub(super) connection: Connection,
    pub(super) process: Option<Process>,
    pub(super) contract: Contract,
    pub(super) store: Arc<Store>,
    pub(super) limits: Limits,
    pub(super) status: Arc<Mutex<Status>>,
    pub(super) commands: mpsc::Receiver<Command>,
    pub(super) shutdown: watch::Receiver<bool>,
    pub(super) prefetch: Prefetch,
    pub(super) outputs: Outputs,
}

impl Actor {
    /// Serves the room until it ends.
    pub(super) async fn serve(mut self) {
        let mut deferred = None;
        let ended = loop {
            let command = match deferred.take() {
                Some(command) => Some(command),
                None => tokio::select! {
                    command = self.commands.recv() => command,
                    message = self.connection.receive() => break unasked(message),
                    () = stopping(&mut self.shutdown) => None,
                },
            };
            let Some(command) = command else {
                break self.leave().await;
            };
            match self.carry_out(command, &mut deferred).await {
                Ok(()) => {}
                Err(ended) => break ended,
            }
        };
        self.end(ended, deferred).await;
    }

    async fn carry_out(&mut self, command: Command, deferred: &mut Option<Command>) -> Result<(), Ended> {
        match command {
            Command::Evidence { challenge, reply } => self.evidence(challenge, reply, deferred).await,
            Command::Propose { wish, reply } => {
                let result = self.propose(*wish).await;
                self.answer(reply, result)
            }
            Command::State { statement, reply } => {
                let message = HostMessage::State { now: now(), statement };
                let result = self.exchange(&message).await.and_then(|message| match message {
                    EnclaveMessage::Accepted { missing, statement_missing } => {
                        Ok(self.accepted(missing, statement_missing, false))
                    }
                    other => Err(unexpected(&other)),
                });
                self.answer(reply, result)
            }
            Command::Grant { grant, ciphertext, reply } => {
                let message = HostMessage::Grant { now: now(), grant, ciphertext };
                let result = self.grant(&message).await;
                let running = matches!(&result, Ok(accepted) if accepted.running);
                self.answer(reply, result)?;
                if running { self.follow_run().await } else { Ok(()) }
            }
            Command::Stop { stop, reply } => {
                let result = self.stop(stop).await;
                if result.is_err() {
                    return self.answer(reply, result);
                }
                self.mark_ended(&Ended::Stopped);
                self.answer(reply, result)?;
                Err(Ended::Stopped)
            }
            Command::Abandon { reply } => {
                let result = self.abandon().await;
                self.answer(reply, result)
            }
        }
    }

    /// Gathers challenges for a moment and has them answered by one Evidence.
    async fn evidence(
        &mut self,
        challenge: [u8; 32],
        reply: Reply<Arc<EvidenceAnswer>>,
        deferred: &mut Option<Command>,
    ) -> Result<(), Ended> {
        let mut challenges = BTreeSet::from([challenge]);
        let mut replies = vec![reply];
        let deadline = Instant::now() + Duration::from_millis(self.limits.evidence_batch_ms);
        while challenges.len() < CHALLENGE_LIMIT {
            match tokio::time::timeout_at(deadline, self.commands.recv()).await {
                Ok(Some(Command::Evidence { challenge, reply })) => {
                    let _ = challenges.insert(challenge);
                    replies.push(reply);
                }
                Ok(Some(other)) => {
                    *deferred = Some(other);
                    break;
                }
                Ok(None) | Err(_) => break,
            }
        }
        let asked: Vec<[u8; 32]> = challenges.into_iter().collect();
        let result = self.exchange(&HostMessage::Attest { challenges: asked.clone() }).await;
        let result = result.and_then(|message| match message {
            EnclaveMessage::Evidence { evidence, endorsements, challenges } if challenges == asked => {
                let status = self.status();
                let enclave_key = status.enclave_key;
                let operator_statement = status.operator_statement.as_ref().map(|kept| kept.envelope.clone());
                Ok(Arc::new(EvidenceAnswer { evidence, endorsements, challenges, enclave_key, operator_statement }))
            }
            other => Err(unexpected(&other)),
        });
        let mut outcome = Ok(());
        for reply in replies {
            outcome = self.answer(reply, result.clone());
        }
        outcome
    }

    async fn propose(&mut self, wish: Wish) -> Result<Proposed, Failure> {
        let mut prefetch = Prefetch::new(Arc::clone(&self.store));
        for object in wish.datasets.iter().chain(&wish.request_object) {
            let (bytes, manifest) = self.store.manifest(object).await?;
            match self.exchange(&HostMessage::Bring { manifest: bytes.to_vec() }).await? {
                EnclaveMessage::Brought { object: brought } if brought == *object => {}
                other => return Err(unexpected(&other)),
            }
            prefetch.add(*object, manifest);
        }
        let Wish { run, receipts, datasets, request, .. } = wish;
        let message = HostMessage::Propose { now: now(), run, receipts, datasets, request: request.clone() };
        let proposal = match self.exchange(&message).await? {
            EnclaveMessage::Proposed { proposal } => proposal,
            other => return Err(unexpected(&other)),
        };
        let decoded = SignedProposal::decode(&proposal);
        let decoded = decoded.map_err(|_| Ended::enclave("what the enclave proposed is not a proposal"))?;
        let said = decoded.allegation();
        let proposed = Proposed { id: said.id(), run: said.run, proposal, request };
        self.prefetch = prefetch;
        let granting = self.contract.granting_parties().iter().map(|party| party.name.clone()).collect();
        let statement_missing = self.contract.terms().cross_border.is_some();
        let mut status = self.status();
        status.phase = Phase::Grant;
        status.proposal = Some(proposed.clone());
        status.highest = proposed.run;
        status.missing = granting;
        status.statement_missing = statement_missing;
        Ok(proposed)
    }

    async fn grant(&mut self, message: &HostMessage) -> Result<Accepted, Failure> {
        match self.exchange(message).await? {
            EnclaveMessage::Accepted { missing, statement_missing } => {
                let running = missing.is_empty() && !statement_missing;
                Ok(self.accepted(missing, statement_missing, running))
            }
            // The contract or a grant had expired: the proposal is over.
            EnclaveMessage::Receipt { receipt } => {
                self.keep_receipt(&receipt).await?;
                Ok(Accepted { missing: Vec::new(), statement_missing: false, running: false, receipt: Some(receipt) })
            }
            other => Err(unexpected(&other)),
        }
    }

    fn accepted(&self, missing: Vec<String>, statement_missing: bool, running: bool) -> Accepted {
        let mut status = self.status();
        status.missing.clone_from(&missing);
        status.statement_missing = statement_missing;
        if running {
            status.phase = Phase::Run;
        }
        Accepted { missing, statement_missing, running, receipt: None }
    }

    async fn stop(&mut self, stop: Vec<u8>) -> Result<Option<Vec<u8>>, Failure> {
        let mut answer = self.exchange(&HostMessage::Stop { now: now(), stop }).await?;
        let mut receipt = None;
        if let EnclaveMessage::Receipt { receipt: void } = answer {
            self.keep_receipt(&void).await?;
            receipt = Some(void);
            answer = self.connection.answer().await?;
        }
        match answer {
            EnclaveMessage::Ended => Ok(receipt),
            other => Err(unexpected(&other)),
        }
    }

    async fn abandon(&mut self) -> Result<Vec<u8>, Failure> {
        match self.exchange(&HostMessage::Abandon { now: now() }).await? {
            EnclaveMessage::Receipt { receipt } => {
                self.keep_receipt(&receipt).await?;
                Ok(receipt)
            }
            other => Err(unexpected(&other)),
        }
    }

    /// Stores a receipt; the proposal that it settles is over.
    pub(super) async fn keep_receipt(&mut self, bytes: &[u8]) -> Result<(), Ended> {
        let broken = || Ended::enclave("what the enclave gave as a receipt is none of this contract");
        let receipt = SignedReceipt::decode(bytes).map_err(|_| broken())?;
        let said = receipt.allegation();
        if said.contract != self.contract.id() {
            return Err(broken());
        }
        self.store.keep_receipt(&receipt, None).await.map_err(|error| {
            tracing::error!(%error, "a receipt cannot be stored");
            Ended::Store
        })?;
        self.outputs.clear();
        let mut status = self.status();
        status.phase = Phase::Attest;
        status.proposal = None;
        status.missing.clear();
        status.statement_missing = false;
        status.receipt = Some(said.id());
        Ok(())
    }

    /// One message and its answer; a refusal of the enclave is an error like others, and leaves the room as it was.
    async fn exchange(&mut self, message: &HostMessage) -> Result<EnclaveMessage, Failure> {
        match self.connection.exchange(message).await? {
            EnclaveMessage::Refused(refusal) => Err(Failure::Refused(refused(refusal, false))),
            answer => Ok(answer),
        }
    }

    /// Answers, and says whether the room has ended. Its status says so before anyone is told.
    pub(super) fn answer<T>(&self, reply: Reply<T>, result: Result<T, Failure>) -> Result<(), Ended> {
        let (result, outcome) = match result {
            Ok(value) => (Ok(value), Ok(())),
            Err(Failure::Refused(refusal)) => (Err(refusal), Ok(())),
            Err(Failure::Ended(ended)) => (Err(Refusal::RoomFailed(ended.clone())), Err(ended)),
        };
        if let Err(ended) = &outcome {
            self.mark_ended(ended);
        }
        // Whoever asked may be gone.
        drop(reply.send(result));
        outcome
    }

    pub(super) fn mark_ended(&self, ended: &Ended) {
        let mut status = self.status();
        status.phase = Phase::Ended;
        status.ended = Some(ended.clone());
    }

    /// Leaves the room in order: grants of an open proposal are given back by a void receipt.
    async fn leave(&mut self) -> Ended {
        let proposed = self.status().phase == Phase::Grant;
        if proposed {
            match self.abandon().await {
                Ok(_) => {}
                Err(Failure::Ended(ended)) => return ended,
                Err(Failure::Refused(refusal)) => tracing::warn!(check = refusal.check(), "a proposal stays open"),
            }
        }
        Ended::Shutdown
    }

    async fn end(mut self, mut ended: Ended, deferred: Option<Command>) {
        self.mark_ended(&ended);
        drop(self.connection);
        if let Some(process) = &mut self.process {
            let how = process.end(EXIT_PATIENCE).await;
            if let Ended::Enclave { reason } = &mut ended {
                *reason = format!("{reason} ({how})");
            }
        }
        {
            let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
            tracing::info!(contract = %status.contract, check = ended.check(), reason = %ended, "room ended");
            status.ended = Some(ended.clone());
        }
        self.commands.close();
        if let Some(command) = deferred {
            command.refuse(Refusal::RoomEnded(ended.clone()));
        }
        while let Some(command) = self.commands.recv().await {
            command.refuse(Refusal::RoomEnded(ended.clone()));
        }
    }

    pub(super) fn status(&self) -> MutexGuard<'_, Status> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An enclave's refusal as the host passes it on.
pub(super) fn refused(refusal: RefusalMessage, opening: bool) -> Refusal {
    // What it sends is bounded by its frame; what is passed on, by what people read.
    let shorten = |text: String| text.chars().filter(|letter| !letter.is_control()).take(1_000).collect::<String>();
    let RefusalMessage { check, message, hint } = refusal;
    Refusal::Enclave { check: shorten(check), message: shorten(message), hint: shorten(hint), opening }
}

/// The kind of a message, for a log: never its content.
const fn kind(message: &EnclaveMessage) -> &'static str {
    match message {
        EnclaveMessage::Opened { .. } => "an opening",
        EnclaveMessage::Evidence { .. } => "Evidence",
        EnclaveMessage::Brought { .. } => "a taken manifest",
        EnclaveMessage::Proposed { .. } => "a proposal",
        EnclaveMessage::Accepted { .. } => "an acceptance",
        EnclaveMessage::Read { .. } => "a read",
        EnclaveMessage::OutputPart { .. } | EnclaveMessage::OutputEnd { .. } => "a result",
        EnclaveMessage::Receipt { .. } => "a receipt",
        EnclaveMessage::Ended => "its end",
        EnclaveMessage::Refused(_) => "a refusal",
    }
}

pub(super) fn unexpected(message: &EnclaveMessage) -> Failure {
    Failure::Ended(unasked(Ok::<_, Ended>(message)))
}

/// Ends the room over a message that nobody asked for.
pub(super) fn unasked<M: core::borrow::Borrow<EnclaveMessage>>(message: Result<M, Ended>) -> Ended {
    match message {
        Ok(message) => Ended::enclave(format!("the enclave sent {} that nobody asked for", kind(message.borrow()))),
        Err(ended) => ended,
    }
}
