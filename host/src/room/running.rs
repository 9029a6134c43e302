//! A run, as the host sees it: groups go in, results and a receipt come out.
//!
//! What always holds: the run ends with a receipt, or the room ends; while it goes on, only a stop is taken.

use super::actor::{Actor, refused, unasked};
use super::command::{Command, Failure, Reply};
use super::{Ended, now, stopping as stopping_host};
use crate::refusal::Refusal;
use core::time::Duration;
use sealroom_protocol::message::{EnclaveMessage, HostMessage};
use tokio::time::Instant;

/// A stop that was sent and is not answered.
struct Stopping {
    reply: Reply<Option<Vec<u8>>>,
    receipt: Option<Vec<u8>>,
}

impl Actor {
    /// Follows a run to its end.
    pub(super) async fn follow_run(&mut self) -> Result<(), Ended> {
        let limits = self.limits;
        let mut seconds = limits.run_timeout_s;
        let mut deadline = Instant::now() + Duration::from_secs(seconds);
        let mut stopping = None;
        let mut leaving = false;
        let ended = loop {
            let outcome = tokio::select! {
                message = self.connection.receive() => match message {
                    Ok(message) => self.hear(message, &mut stopping).await,
                    Err(ended) => Err(ended),
                },
                command = self.commands.recv() => self.take(command, &mut stopping).await,
                () = tokio::time::sleep_until(deadline) => Err(Ended::Timeout { what: "end the run", seconds }),
                () = stopping_host(&mut self.shutdown), if !leaving => {
                    leaving = true;
                    seconds = limits.shutdown_s;
                    deadline = Instant::now() + Duration::from_secs(seconds);
                    Ok(false)
                }
            };
            match outcome {
                Ok(false) => {}
                Ok(true) => return Ok(()),
                Err(ended) => break ended,
            }
        };
        if let Some(Stopping { reply, receipt }) = stopping {
            let result = match &ended {
                Ended::Stopped => Ok(receipt),
                other => Err(Failure::Ended(other.clone())),
            };
            self.mark_ended(&ended);
            // The ending is the same either way.
            drop(self.answer(reply, result));
        }
        Err(ended)
    }

    /// One message of the enclave. Says whether the run is over.
    async fn hear(&mut self, message: EnclaveMessage, stopping: &mut Option<Stopping>) -> Result<bool, Ended> {
        match message {
            EnclaveMessage::Read { object, index } => {
                let bytes = self.prefetch.group(object, index).await?;
                self.connection.send(&HostMessage::Group { object, index, bytes: bytes.to_vec() }).await?;
                Ok(false)
            }
            EnclaveMessage::OutputPart { name, bytes } => self.outputs.part(name, bytes).await.map(|()| false),
            EnclaveMessage::OutputEnd { name, manifest } => self.outputs.end(&name, manifest).await.map(|()| false),
            EnclaveMessage::Receipt { receipt } => {
                self.keep_receipt(&receipt).await?;
                match stopping {
                    // The end of the room is still to come.
                    Some(stopping) => {
                        stopping.receipt = Some(receipt);
                        Ok(false)
                    }
                    None => Ok(true),
                }
            }
            EnclaveMessage::Refused(refusal) => match stopping.take() {
                Some(Stopping { reply, receipt }) => {
                    self.answer(reply, Err(Failure::Refused(refused(refusal, false))))?;
                    Ok(receipt.is_some())
                }
                None => Err(Ended::enclave("the enclave refused what it had asked for")),
            },
            EnclaveMessage::Ended if stopping.is_some() => Err(Ended::Stopped),
            other => Err(unasked(Ok(other))),
        }
    }

    /// One command. Only the first stop is taken.
    async fn take(&mut self, command: Option<Command>, stopping: &mut Option<Stopping>) -> Result<bool, Ended> {
        match command {
            Some(Command::Stop { stop, reply }) if stopping.is_none() => {
                // The reply is in place before anything can fail.
                *stopping = Some(Stopping { reply, receipt: None });
                self.connection.send(&HostMessage::Stop { now: now(), stop }).await?;
            }
            Some(other) => other.refuse(Refusal::RoomRunning),
            None => return Err(Ended::Shutdown),
        }
        Ok(false)
    }
}
