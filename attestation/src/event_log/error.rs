//! What can be wrong with an event log: bytes that do not decode, and a replay that gives other values than were quoted.

use alloc::vec::Vec;

use thiserror::Error;

use super::{Algorithm, Difference, Register};
use crate::text::joined;

/// Bytes that are not an event log. Events are numbered as they stand in the log, the header being 0.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LogError {
    /// More bytes than any platform logs.
    #[error("the event log has {found} bytes, expected at most {limit}")]
    Size {
        /// The limit.
        limit: usize,
        /// Bytes given.
        found: usize,
    },
    /// The log ends inside of an event.
    #[error("event {event} of the log ends early: {wanted} bytes expected at offset {offset:#x}, {left} are left")]
    Truncated {
        /// Number of the event.
        event: usize,
        /// Where the field begins that is cut off.
        offset: usize,
        /// Its length.
        wanted: usize,
        /// Bytes left.
        left: usize,
    },
    /// The header is a Spec ID event of another version (PFP 10.4.5.1).
    #[error(
        "the event log's header is version {major}.{minor}, expected 2.0; update the verifier if the platform is newer"
    )]
    HeaderVersion {
        /// specVersionMajor.
        major: u8,
        /// specVersionMinor.
        minor: u8,
    },
    /// The header says that it holds more or less than it does, or lists no algorithm or too many.
    #[error("the event log's header {problem}")]
    Header {
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The header lists an algorithm that is not known, with a wrong digest size, or twice.
    #[error(
        "the event log's header lists algorithm {id:#06x} with digests of {size} bytes, which is unknown, wrong or there twice"
    )]
    HeaderAlgorithm {
        /// TPM_ALG_ID.
        id: u16,
        /// Digest size that the header gives it.
        size: u16,
    },
    /// An event has another number of digests than the header lists algorithms (PFP 10.2.2).
    #[error(
        "event {event} of the log has {found} digests, expected {expected}, one for each bank that the header lists"
    )]
    DigestCount {
        /// Number of the event.
        event: usize,
        /// Algorithms in the header.
        expected: usize,
        /// Digests in the event.
        found: u32,
    },
    /// An event has a digest that the header does not announce, or two of one algorithm.
    #[error(
        "event {event} of the log has a digest of algorithm {found:#06x}, which the header does not list or the event has twice"
    )]
    DigestAlgorithm {
        /// Number of the event.
        event: usize,
        /// TPM_ALG_ID.
        found: u16,
    },
    /// More events than any platform logs.
    #[error("the event log has more than {limit} events")]
    EventCount {
        /// The limit.
        limit: usize,
    },
    /// A start-up locality other than 0, 3 or 4, or a second one (PFP 10.4.5.3).
    #[error("event {event} of the log gives the start-up locality as {found}, expected one such event with 0, 3 or 4")]
    StartupLocality {
        /// Number of the event.
        event: usize,
        /// What it says.
        found: u8,
    },
}

/// Why a log is not the one behind quoted values. Nothing in the log may be believed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// No register is quoted: then every log would do.
    #[error("no register is quoted, so there is nothing to hold the event log against")]
    NothingQuoted,
    /// No such register, or not in this algorithm: PCR 0 to 23; RTMR 0 to 3, SHA-384 only.
    #[error("there is no register {register} of {algorithm}")]
    NoSuchRegister {
        /// The register.
        register: Register,
        /// The bank.
        algorithm: Algorithm,
    },
    /// One register is quoted twice: it would be left to chance which value counts.
    #[error("{register} is quoted twice, expected once and in one bank")]
    QuotedTwice {
        /// The register.
        register: Register,
    },
    /// Nothing is accepted under this algorithm.
    #[error("{algorithm} is not accepted; quote the bank of sha256, sha384 or sha512")]
    AlgorithmRefused {
        /// The algorithm.
        algorithm: Algorithm,
    },
    /// The log has no digests of this algorithm.
    #[error("the event log has no digests of {algorithm}; quote a bank that it logs")]
    NoSuchBank {
        /// The algorithm.
        algorithm: Algorithm,
    },
    /// The replay gives other values. All registers that differ, in the order in which they were quoted.
    #[error("the event log does not give the quoted values: {}", joined(.registers, "; "))]
    Diverges {
        /// At least one.
        registers: Vec<Difference>,
    },
}
