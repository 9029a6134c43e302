//! Appraising rooms: right before a grant is made or sent again, and on the contract's timer
//! (`docs/design/0008-evaluation.md`).
//!
//! What always holds: each appraisal draws a challenge of its own, under the contract's terms and this party's own policy; only
//! what nobody honest goes on under stops a contract, and the stop is in the party's memory before it is brought; a host that is
//! away or lies stops nothing, and what it does not answer is a warning, a count, and no grant in that room.

use super::desk::Evaluated;
use super::error::LookError;
use super::own_policy::appraise_by;
use super::site::Site;
use super::worker::Worker;
use crate::appraise::AppraisedRoom;
use crate::blocking::Room;
use crate::client::{HostError, RoomStatus, printable};
use crate::{Evaluation, Stricter, evaluate, now, random, stop};
use core::time::Duration;
use rand_core::Rng;
use sealroom_attestation::Challenge;
use sealroom_protocol::run::SignedStop;
use std::collections::BTreeMap;
use std::time::Instant;

/// Looks without an answer, one after the other, from which on nothing is granted in a room.
const UNANSWERED: u32 = 3;

/// What came of evaluating open rooms.
#[derive(Debug, Default)]
pub(super) struct Evaluations {
    /// When all of them were evaluated last.
    last: Option<Instant>,
    /// Rooms that did not hold when they were evaluated last.
    rooms: BTreeMap<String, Fault>,
}

/// What is wrong with a room.
#[derive(Debug)]
struct Fault {
    /// Looks without an answer; none where it was refused.
    unanswered: u32,
    why: String,
}

impl Evaluations {
    /// Why nothing is granted in a room, where its evaluation is not answered.
    pub(super) fn overdue(&self, room: &str) -> Option<LookError> {
        let fault = self.rooms.get(room).filter(|fault| fault.unanswered >= UNANSWERED)?;
        Some(LookError::Unevaluated { room: room.to_owned(), times: fault.unanswered })
    }

    /// What to keep an eye on.
    pub(super) fn warnings(&self) -> impl Iterator<Item = String> {
        self.rooms.iter().map(|(room, Fault { unanswered, why })| match unanswered {
            0 => format!("room {room} was evaluated and refused: {why}"),
            _ => format!("room {room} could not be evaluated: {why}"),
        })
    }

    /// Whether a room is to be evaluated: on the timer, and at each look until it has answered.
    fn waits(&self, due: bool, room: &str) -> bool {
        due || self.rooms.get(room).is_some_and(|fault| fault.unanswered > 0)
    }

    fn take(&mut self, room: &str, found: &Result<Evaluation, HostError>) -> Evaluated {
        match found {
            Ok(Evaluation::Holds) => {
                drop(self.rooms.remove(room));
                Evaluated::Holds
            }
            Ok(Evaluation::Stop { .. }) => Evaluated::Stopped,
            Ok(Evaluation::Refused { why }) => {
                drop(self.rooms.insert(room.to_owned(), Fault { unanswered: 0, why: printable(why) }));
                Evaluated::Refused
            }
            Err(error) => {
                let before = self.rooms.get(room).map_or(0, |fault| fault.unanswered);
                let fault = Fault { unanswered: before.saturating_add(1), why: printable(&error.to_string()) };
                drop(self.rooms.insert(room.to_owned(), fault));
                Evaluated::Unanswered
            }
        }
    }
}

impl Worker {
    /// Evaluates open rooms, where the contract says how often and it is time. Gives the stop that it came to.
    pub(super) fn evaluate(&mut self, site: &Site, rooms: &[RoomStatus]) -> Result<Option<SignedStop>, LookError> {
        self.evaluations.rooms.retain(|room, _| rooms.iter().any(|status| status.room == *room));
        let contract = self.planned.signed.contract().clone();
        let Some(every) = contract.terms().limits.evaluate_every.map(Duration::from_secs) else { return Ok(None) };
        let due = self.evaluations.last.is_none_or(|last| last.elapsed() >= every);
        if rooms.is_empty() {
            return Ok(None);
        }
        if due {
            self.evaluations.last = Some(Instant::now());
        }
        for status in rooms.iter().filter(|status| self.evaluations.waits(due, &status.room)).collect::<Vec<_>>() {
            let found = self.evaluation(site, &self.host.room(&status.room));
            let how = self.evaluations.take(&status.room, &found);
            self.desk.shown().evaluated(how);
            if let Ok(Evaluation::Stop { reason, .. }) = found {
                let signed = site.memory.write_stop(&contract, &stop(&contract, &site.identity, &reason, now())?)?;
                site.log(&contract, &format!("evaluated, and stopped: {reason}"));
                return Ok(Some(signed));
            }
        }
        Ok(None)
    }

    /// What an appraisal of the room now means. An error where it was not answered.
    fn evaluation(&self, site: &Site, room: &Room) -> Result<Evaluation, HostError> {
        let contract = self.planned.signed.contract();
        let (challenge, found) = self.challenge(site, room);
        match found {
            Ok(appraised) => match (evaluate(contract, Ok(&appraised), now()), &self.planned.policy) {
                (Evaluation::Holds, Some(policy)) => Ok(match appraise_by(policy, &appraised, challenge) {
                    Ok(()) => Evaluation::Holds,
                    // What this party alone demands ends nothing for the others.
                    Err(error) => Evaluation::Refused { why: format!("by your own policy: {error}") },
                }),
                (evaluation, _) => Ok(evaluation),
            },
            Err(HostError::Appraisal(error)) => Ok(evaluate(contract, Err(&error), now())),
            // A contract that ended has, whether or not anybody answers.
            Err(error) => evaluate::expired(contract, now()).ok_or(error),
        }
    }

    /// Appraises the room under the contract's terms, and under this party's own policy besides.
    pub(super) fn appraise(&self, site: &Site, room: &Room) -> Result<AppraisedRoom, LookError> {
        let (challenge, found) = self.challenge(site, room);
        let judged = found.and_then(|appraised| match &self.planned.policy {
            Some(policy) => Ok(appraise_by(policy, &appraised, challenge).map(|()| appraised)?),
            None => Ok(appraised),
        });
        let place = match &judged {
            Ok(_) => 0,
            Err(HostError::Appraisal(_)) => 1,
            // Nothing was appraised.
            Err(_) => return Ok(judged?),
        };
        if let Some(count) = self.desk.shown().appraised.get_mut(place) {
            *count = count.saturating_add(1);
        }
        Ok(judged?)
    }

    /// Sends a fresh challenge and appraises the answer under the contract's terms. Gives the challenge too.
    fn challenge(&self, site: &Site, room: &Room) -> ([u8; 32], Result<AppraisedRoom, HostError>) {
        let mut challenge = [0; 32];
        random().fill_bytes(&mut challenge);
        let (contract, asked) = (self.planned.signed.contract(), Challenge::from_random(challenge));
        (challenge, room.appraise(contract, &site.identity, asked, &Stricter::as_signed(), now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_that_does_not_answer_is_asked_again_warned_of_and_from_the_third_time_on_granted_nothing() {
        let mut evaluations = Evaluations::default();
        let away = || Err(HostError::TimedOut { url: "https://host.example".into() });
        assert!(evaluations.waits(true, "4a7c") && !evaluations.waits(false, "4a7c"));
        for times in 1..=4 {
            assert!(evaluations.overdue("4a7c").is_none() == (times <= UNANSWERED));
            assert_eq!(evaluations.take("4a7c", &away()), Evaluated::Unanswered);
            assert!(evaluations.waits(false, "4a7c") && !evaluations.waits(false, "other"));
        }
        let warnings: Vec<String> = evaluations.warnings().collect();
        assert_eq!(
            warnings,
            [
                "room 4a7c could not be evaluated: https://host.example did not answer in time; it may be busy: try again, or give it longer"
            ]
        );
        assert_eq!(
            evaluations.overdue("4a7c").unwrap().to_string(),
            "room 4a7c: expected Evidence to evaluate it by, found none in 4 looks, one after the other; nothing is granted in it until it brings some"
        );
        // A refusal is an answer, and stays a warning until the room holds.
        let refused = Ok(Evaluation::Refused { why: "snp.measurement\u{1b}".into() });
        assert_eq!(evaluations.take("4a7c", &refused), Evaluated::Refused);
        assert!(evaluations.overdue("4a7c").is_none() && !evaluations.waits(false, "4a7c"));
        let warnings: Vec<String> = evaluations.warnings().collect();
        assert_eq!(warnings, ["room 4a7c was evaluated and refused: snp.measurement\u{fffd}"]);
        assert_eq!(evaluations.take("4a7c", &Ok(Evaluation::Holds)), Evaluated::Holds);
        assert_eq!(evaluations.warnings().count(), 0);
    }
}
