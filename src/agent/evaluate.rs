//! Evaluating open rooms on the contract's timer (`docs/design/0008-evaluation.md`), beside the appraisal before every grant.
//!
//! What always holds: only what nobody honest goes on under stops a contract, and the stop is on disk before it is brought; a
//! host that is away or lies stops nothing.

use super::error::LookError;
use super::site::Site;
use super::worker::Worker;
use crate::client::{HostError, RoomStatus};
use crate::{Evaluation, Stricter, draw_challenge, evaluate, now, random, stop};
use core::time::Duration;
use sealroom_protocol::run::SignedStop;
use std::time::Instant;

impl Worker {
    /// Evaluates open rooms, where the contract says how often and it is time. Gives the stop that it came to.
    pub(super) fn evaluate(&mut self, site: &Site, rooms: &[RoomStatus]) -> Result<Option<SignedStop>, LookError> {
        let contract = self.planned.signed.contract();
        let Some(every) = contract.terms().limits.evaluate_every.map(Duration::from_secs) else { return Ok(None) };
        if rooms.is_empty() || self.evaluated.is_some_and(|evaluated| evaluated.elapsed() < every) {
            return Ok(None);
        }
        self.evaluated = Some(Instant::now());
        for status in rooms {
            let (room, challenge) = (self.host.room(&status.room), draw_challenge(&mut random()));
            let appraised = room.appraise(contract, &site.identity, challenge, &Stricter::as_signed(), now());
            let evaluation = match &appraised {
                Ok(appraised) => evaluate(contract, Ok(appraised), now()),
                Err(HostError::Appraisal(error)) => evaluate(contract, Err(error), now()),
                Err(_) => continue,
            };
            match evaluation {
                Evaluation::Holds => {}
                Evaluation::Refused { why } => site.log(contract, &format!("evaluated, and refused: {why}")),
                Evaluation::Stop { reason, .. } => {
                    let signed = stop(contract, &site.identity, &reason, now())?;
                    site.decisions.keep_stop(&contract.id(), &signed)?;
                    site.log(contract, &format!("evaluated, and stopped: {reason}"));
                    return Ok(Some(signed));
                }
            }
        }
        Ok(None)
    }
}
