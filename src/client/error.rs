//! What can go wrong between a party and a host.

use crate::appraise::AppraisalError;
use crate::memory::MemoryError;
use core::fmt;
use sealroom_protocol::contract::ContractError;
use sealroom_protocol::dsse::EnvelopeError;
use sealroom_protocol::id::ObjectId;
use sealroom_protocol::object::ObjectError;
use sealroom_protocol::run::SignedError;
use std::io;
use std::path::PathBuf;

/// A refusal in the host's own words. Nobody verified them: also where it passes on what an enclave refused.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HostProblem {
    /// HTTP status.
    pub status: u16,
    /// Stable id of the check, such as `object.offset` or `grant.proposal`.
    pub check: String,
    /// What happened.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// The host's clock in Unix seconds, where it told.
    pub now: Option<u64>,
}

impl fmt::Display for HostProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the host says: {} ({}); {}", self.message, self.check, self.hint)
    }
}

/// Why talking to a host did not work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// The URL is not one of a host.
    #[error("{url:?} is not the address of a host: expected http:// or https://, a name, perhaps a port, and no path")]
    Url {
        /// The URL given.
        url: String,
    },
    /// The root certificates cannot be used.
    #[error("the root certificates: {what}")]
    Certificates {
        /// What is wrong.
        what: String,
    },
    /// No answer, or the connection broke.
    #[error("{url} does not answer: {what}")]
    Unreachable {
        /// The host.
        url: String,
        /// What the network said.
        what: String,
    },
    /// The answer took too long.
    #[error("{url} did not answer in time; it may be busy: try again, or give it longer")]
    TimedOut {
        /// The host.
        url: String,
    },
    /// A run that goes on for longer than its party waits.
    #[error("room {room}: the run still goes on after {seconds} seconds; look again later, give it longer, or stop it")]
    Running {
        /// The room's name.
        room: String,
        /// How long was waited.
        seconds: u64,
    },
    /// The host refuses.
    #[error("{0}")]
    Problem(HostProblem),
    /// The answer is not of the API's shape.
    #[error(
        "the host's answer to {path} is not what the API promises: {what}; is it another version, or no Sealroom host"
    )]
    Answer {
        /// The path that was asked for.
        path: String,
        /// What is wrong.
        what: &'static str,
    },
    /// The answer is longer than the API allows.
    #[error("the host's answer to {path} is longer than {limit} bytes")]
    TooLong {
        /// The path that was asked for.
        path: String,
        /// The limit, in bytes.
        limit: u64,
    },
    /// A file of this machine.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// An object that is not the one asked for, or is broken.
    #[error("object {object}: {source}")]
    Object {
        /// The object asked for.
        object: ObjectId,
        /// What is wrong with it.
        source: ObjectError,
    },
    /// The host brought a contract that is not one, or another one than asked for.
    #[error("the host's contract: {0}")]
    Contract(#[from] ContractError),
    /// A signed document that is not one.
    #[error("the host brought a {what} that does not decode: {source}")]
    Signed {
        /// Which document.
        what: &'static str,
        /// What is wrong with it.
        source: SignedError,
    },
    /// A receipt that does not decode, does not hold, or contradicts another. Every other one was settled.
    #[error(
        "receipt {place} of those that the host shows: {source}; every other one is settled, so ask the host where this one is from, or another host for its own"
    )]
    Receipt {
        /// Which one, counted from 1, oldest first.
        place: usize,
        /// What is wrong with it.
        source: Box<Self>,
    },
    /// A document about something else.
    #[error("the host brought a {what} of something else than was asked for")]
    Other {
        /// Which document.
        what: &'static str,
    },
    /// An envelope that is not one.
    #[error("the host's envelope: {0}")]
    Envelope(#[from] EnvelopeError),
    /// The appraisal.
    #[error(transparent)]
    Appraisal(#[from] AppraisalError),
    /// This party's memory.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// An upload or download that does not get on.
    #[error("object {object}: no progress after {attempts} attempts, the last of which said: {last}")]
    Stuck {
        /// The object.
        object: ObjectId,
        /// How often it was tried.
        attempts: u32,
        /// The last error.
        last: Box<Self>,
    },
}

impl HostError {
    /// Whether the host refused by this check.
    #[must_use]
    pub fn is_problem(&self, check: &str) -> bool {
        matches!(self, Self::Problem(problem) if problem.check == check)
    }
}
