//! `sealroom watch`: appraise an open room again and again, and stop its contract where the platform is revoked, its firmware
//! fell behind, or the contract has expired.
//!
//! What always holds: a stop is in the party's memory before it is sent; while another process has that, nothing is sent, and
//! the room is evaluated again.

use super::appraise::StricterFlags;
use super::exit::{Exit, Failure};
use super::output::Output;
use super::remote::{Remote, RoomFlags, block_on};
use super::stop::not_brought;
use super::typed::{self, PartyFlags};
use clap::Args;
use core::time::Duration;
use rand_core::Rng;
use sealroom::{Evaluation, HostError, Identity, Memory, evaluate, now, random, stop};
use sealroom_attestation::Challenge;
use serde_json::json;

/// What is typed.
#[derive(Debug, Args)]
#[command(
    after_help = "The contract says how often (evaluate_every in [limits]), unless you say it. It grants nothing. A stop ends the contract in every
room; the receipt of what it ended says why. Exits with 0 once the room has ended, with 5 after a stop.

Example:
  sealroom watch --room https://host.example/rooms/4a7c --as cleveland.key
  sealroom watch --room … --as cleveland.key --once         evaluates a single time"
)]
pub(crate) struct Typed {
    #[command(flatten)]
    room: RoomFlags,
    #[command(flatten)]
    party: PartyFlags,
    #[command(flatten)]
    stricter: StricterFlags,
    /// Seconds between two appraisals [default: the contract's]
    #[arg(long, value_name = "SECONDS")]
    every: Option<u64>,
    /// Evaluate a single time
    #[arg(long)]
    once: bool,
}

/// Watches.
pub(crate) fn run(typed: &Typed, output: Output) -> Result<(), Failure> {
    let identity = typed.party.identity()?;
    block_on(async {
        let remote = typed.room.remote(Some(&identity)).await?;
        let every = match (typed.every.or(remote.contract().terms().limits.evaluate_every), typed.once) {
            (Some(seconds), _) => Duration::from_secs(seconds.max(1)),
            (None, true) => Duration::from_secs(1),
            (None, false) => {
                return Err(Failure::local("the contract does not say how often its rooms are evaluated")
                    .hint("say it with --every SECONDS"));
            }
        };
        let mut evaluated: u64 = 0;
        loop {
            let ended = remote.room.status().await.is_ok_and(|status| status.ended.is_some());
            if ended {
                let fields = json!({ "room": remote.url(), "evaluated": evaluated, "ended": true });
                return output.answer(fields, "the room has ended");
            }
            let found = look(typed, output, &identity, &remote).await?;
            evaluated = evaluated.saturating_add(1);
            match found {
                Evaluation::Holds if typed.once => {
                    let fields = json!({ "room": remote.url(), "evaluated": evaluated, "ended": false });
                    return output.answer(fields, "the room holds");
                }
                Evaluation::Refused { why } if typed.once => return Err(Failure::new(Exit::Refused, why)),
                Evaluation::Holds => {}
                Evaluation::Refused { why } => output.note(format!("refused, grant it nothing: {why}")),
                Evaluation::Stop { reason, .. } => {
                    match Memory::open(&typed.party.memory_path(), &identity.signing().public()) {
                        // Opened only now: other commands of this party need it while this one watches.
                        Ok(memory) => return end(&identity, &memory, &remote, &reason).await,
                        Err(error) if typed.once => return Err(error.into()),
                        Err(error) => output.note(format!("not stopped yet ({reason}): {error}")),
                    }
                }
            }
            tokio::time::sleep(every).await;
        }
    })
}

/// One appraisal, and what it means. A host that does not answer is no ground for a stop.
async fn look(typed: &Typed, output: Output, identity: &Identity, remote: &Remote) -> Result<Evaluation, Failure> {
    let mut bytes = [0; 32];
    random().fill_bytes(&mut bytes);
    let challenge = Challenge::from_random(bytes);
    let appraised =
        remote.room.appraise(remote.contract(), identity, challenge, &typed.stricter.meaning(), now()).await;
    match appraised {
        Ok(room) => Ok(evaluate(remote.contract(), Ok(&room), now())),
        Err(HostError::Appraisal(error)) => Ok(evaluate(remote.contract(), Err(&error), now())),
        Err(error) if typed.once => Err(error.into()),
        Err(error) => {
            output.note(format!("not evaluated: {error}"));
            Ok(Evaluation::Refused { why: "the host does not answer".to_owned() })
        }
    }
}

/// Stops the contract, keeps what the receipt settles, and says why.
async fn end(identity: &Identity, memory: &Memory, remote: &Remote, reason: &str) -> Result<(), Failure> {
    let signed = memory.write_stop(remote.contract(), &stop(remote.contract(), identity, reason, now())?)?;
    let receipt = remote.room.stop(&signed, identity).await.map_err(|error| not_brought(error.into()))?;
    if let Some(receipt) = &receipt {
        // A version that this memory does not take was stopped all the same.
        drop(memory.remember_contract(&remote.signed));
        drop(memory.settle(remote.contract(), receipt)?);
    }
    let with = receipt.map_or_else(
        || "nothing had been proposed".to_owned(),
        |receipt| format!("receipt {} says so", typed::brief(&receipt.allegation().id())),
    );
    Err(Failure::new(Exit::Refused, format!("stopped the contract: {reason}; {with}")))
}
