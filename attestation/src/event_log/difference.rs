//! Where two accounts of what was measured part: a log and a quote, a log and another, a log and a list of digests.

use alloc::vec::Vec;
use core::fmt;

use super::algorithm::{Algorithm, Digest};
use super::decode::EventLog;
use super::replay::Register;

/// A register whose replay gives another value than was quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// The register.
    pub register: Register,
    /// What was quoted.
    pub expected: Digest,
    /// What the log gives.
    pub replayed: Digest,
    /// How many events of the log went into the register.
    pub events: usize,
    /// The quoted value is the one just before the event of this number, where there is such an event: then the log has events
    /// that had not been measured when the quote was made.
    pub agreed_before: Option<usize>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { register, expected, replayed, events, agreed_before } = self;
        write!(f, "{register} expected {expected}, replayed {replayed} from {events} events")?;
        match agreed_before {
            Some(event) => write!(f, "; it agrees up to event {event}, which the quote does not know"),
            None => Ok(()),
        }
    }
}

/// Which registers of two logs are compared: those of one kind, in one bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "complete: one for each kind of register")]
pub enum Registers {
    /// PCR 0 to 23.
    Pcrs,
    /// RTMR 0 to 3.
    Rtmrs,
}

impl Registers {
    fn all(self) -> Vec<Register> {
        match self {
            Self::Pcrs => (0..24).map(Register::Pcr).collect(),
            Self::Rtmrs => (0..4).map(Register::Rtmr).collect(),
        }
    }
}

/// The first event by which a log departs from what is expected of a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventDifference {
    /// The register.
    pub register: Register,
    /// How many events of this register come before it.
    pub position: usize,
    /// Its number in the log, or `None` where the log has no more events of this register.
    pub event: Option<usize>,
    /// What is expected there, or `None` where no event is.
    pub expected: Option<Digest>,
    /// What the log has there.
    pub found: Option<Digest>,
}

impl fmt::Display for EventDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} differs at its event {}", self.register, self.position)?;
        match self.event {
            Some(event) => write!(f, " (event {event} of the log)")?,
            None => f.write_str(" (the log has no more)")?,
        }
        match &self.expected {
            Some(digest) => write!(f, ": expected {digest}")?,
            None => f.write_str(": expected no more")?,
        }
        match &self.found {
            Some(digest) => write!(f, ", found {digest}"),
            None => f.write_str(", found nothing"),
        }
    }
}

impl EventLog {
    /// The first event of the register that is not the one expected there; `None` where all of them are and none is missing.
    /// It compares digests alone, and verifies nothing.
    #[must_use]
    pub fn first_difference(
        &self,
        algorithm: Algorithm,
        register: Register,
        expected: &[Digest],
    ) -> Option<EventDifference> {
        let mut events = self.measured_events(register);
        let mut expected = expected.iter().copied();
        for position in 0.. {
            let (event, expected) = (events.next(), expected.next());
            let found = event.and_then(|event| event.digest(algorithm));
            if event.is_none() && expected.is_none() {
                break;
            }
            if found.is_none() || found != expected {
                return Some(EventDifference {
                    register,
                    position,
                    event: event.map(|event| event.index()),
                    expected,
                    found,
                });
            }
        }
        None
    }

    /// The first event, in the order of this log, by which it departs from another; of missing events the first register's.
    #[must_use]
    pub fn first_difference_from(
        &self,
        reference: &Self,
        algorithm: Algorithm,
        registers: Registers,
    ) -> Option<EventDifference> {
        let of = |register: Register| {
            let expected: Vec<Digest> = reference.measured_digests(algorithm, register).collect();
            self.first_difference(algorithm, register, &expected)
        };
        let all = registers.all().into_iter().filter_map(of);
        all.min_by_key(|difference| difference.event.unwrap_or(usize::MAX))
    }
}
