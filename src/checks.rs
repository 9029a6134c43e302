//! The stable id of the check behind each refusal of a party's own code, for programs and for logs. Its words, the
//! error's `Display`, say what was expected, what was found, and what to do.
//!
//! What always holds: an id never changes its meaning; one within another error keeps its own.

use crate::appraise::AppraisalError;
#[cfg(feature = "client")]
use crate::client::HostError;
use crate::contract_file::ContractFileError;
use crate::grant::GrantError;
use crate::memory::MemoryError;
use crate::open::OpenError;
use crate::request::RequestError;
use crate::review::ReviewError;

impl ReviewError {
    /// The id of the check that failed.
    #[must_use]
    pub const fn check(&self) -> &'static str {
        match self {
            Self::Party(error) => error.check(),
            Self::NothingToGrant { .. } => "review.party",
            Self::Form(_) => "review.form",
            Self::Enclave(_) => "review.enclave",
            Self::Content { .. } => "review.content",
            Self::TooEarly { .. } => "review.not-before",
            Self::Expired { .. } => "review.expiry",
            Self::StaleAppraisal { .. } => "review.appraisal",
            Self::RequestMissing => "review.request",
            Self::Request(error) => error.check(),
            Self::Memory(error) => error.check(),
        }
    }
}

impl GrantError {
    /// The id of the check that failed.
    #[must_use]
    pub const fn check(&self) -> &'static str {
        match self {
            Self::OtherParty { .. } => "granting.party",
            Self::Party(error) => error.check(),
            Self::Times { .. } => "granting.expiry",
            Self::OutsideContract { .. } => "granting.contract",
            Self::StaleAppraisal { .. } => "granting.appraisal",
            Self::RunKey(_) => "granting.run-key",
            Self::Memory(error) => error.check(),
        }
    }
}

impl OpenError {
    /// The id of the check that failed.
    #[must_use]
    pub const fn check(&self) -> &'static str {
        match self {
            Self::Party(error) => error.check(),
            Self::Receipt(_) => "open.receipt",
            Self::Log(failure) => failure.check(),
            Self::Unwitnessed { .. } => "log.witnesses",
            Self::NothingLeft { .. } => "open.ending",
            Self::Object(_) => "open.object",
            Self::NotInReceipt { .. } => "open.named",
            Self::NotARecipient { .. } => "open.recipient",
            Self::Header { .. } => "open.header",
            Self::Undecryptable => "open.decryption",
            Self::Io(_) => "open.body",
            Self::TooLong { .. } => "open.length",
            Self::Plaintext(_) => "open.plaintext",
        }
    }
}

impl MemoryError {
    /// The id of the check that failed.
    #[must_use]
    pub const fn check(&self) -> &'static str {
        match self {
            Self::Io { .. } => "memory.file",
            Self::Shared { .. } => "memory.shared",
            Self::Database(_) => "memory.database",
            Self::Owner { .. } => "memory.owner",
            Self::Record { .. } => "memory.record",
            Self::NotAParty { .. } => "memory.party",
            Self::UnknownContract { .. } => "memory.contract-unknown",
            Self::UnknownObject { .. } => "memory.object-unknown",
            Self::Restored { .. } => "memory.restored",
            Self::Amended { .. } => "memory.amended",
            Self::Stopped { .. } => "memory.stopped",
            Self::ForeignStop { .. } => "memory.stop",
            Self::OtherFirstVersion { .. } => "memory.amendment-first",
            Self::OtherVersion { .. } => "memory.amendment-version",
            Self::UnknownPredecessor { .. } => "memory.amendment-unknown",
            Self::SecondAmendment { .. } => "memory.amendment-second",
            Self::OtherPredecessor { .. } => "memory.amendment-predecessor",
            Self::VersionTooFar { .. } => "memory.amendment-distance",
            Self::AmendmentHead { .. } => "memory.amendment-head",
            Self::AmendmentHeadUnknown { .. } => "memory.amendment-head-unknown",
            Self::AmendmentRuns { .. } => "memory.amendment-runs",
            Self::AmendmentCount { .. } => "memory.amendment-count",
            Self::Receipt(_) => "memory.receipt",
            Self::Contradiction { .. } => "memory.contradiction",
            Self::RunUsed { .. } => "memory.run-number",
            Self::RunTooFar { .. } => "memory.run-distance",
            Self::RunOfLaterVersion { .. } => "memory.run-version",
            Self::OlderHead { .. } => "memory.older-head",
            Self::UnknownHead { .. } => "memory.unknown-head",
            Self::Limit { .. } => "memory.run-limit",
            Self::RequestUsed { .. } => "memory.request-used",
            Self::OtherObject { .. } => "memory.object",
            Self::OtherContract { .. } => "memory.contract",
            Self::Cheating(_) => "memory.cheating",
            Self::Granted { .. } => "memory.granted",
        }
    }
}

impl RequestError {
    /// The id of the check that failed.
    #[must_use]
    pub const fn check(&self) -> &'static str {
        match self {
            Self::Party(error) => error.check(),
            Self::NoChoice => "asking.choice",
            Self::Role { .. } => "asking.role",
            Self::UnknownArgument { .. } => "asking.argument-unknown",
            Self::MissingArgument { .. } => "asking.argument-missing",
            Self::Value { .. } => "asking.value",
            Self::Key { .. } => "asking.key",
            Self::Object(_) => "asking.object",
            Self::Memory(error) => error.check(),
            Self::Announcement(_) => "asking.announcement",
            Self::Binding { .. } => "asking.binding",
            Self::Unreadable => "asking.readable",
        }
    }
}

impl ContractFileError {
    /// The id of the check that failed.
    #[must_use]
    pub const fn check(&self) -> &'static str {
        match self {
            Self::Io { .. } => "contract.file",
            Self::Contract(_) => "contract.signed",
            Self::NotAParty { .. } => "contract.party",
            Self::OtherKeys { .. } => "contract.keys",
        }
    }
}

impl AppraisalError {
    /// The id of the check that failed: of a refusal the first one, as the Verifier names it.
    #[must_use]
    pub fn check(&self) -> &str {
        match self {
            Self::Policy(_) => "appraisal.policy",
            Self::Refused(refusal) => refusal.failed().next().map_or("appraisal.refused", |check| check.id),
        }
    }
}

#[cfg(feature = "client")]
impl HostError {
    /// The id of the check that failed; where the host, or the enclave behind it, refused, its own word for it, which nobody
    /// verified.
    #[must_use]
    pub fn check(&self) -> &str {
        match self {
            Self::Url { .. } => "client.url",
            Self::Certificates { .. } => "client.certificates",
            Self::Unreachable { .. } => "client.unreachable",
            Self::TimedOut { .. } => "client.time",
            Self::Running { .. } => "client.running",
            Self::Problem(problem) => &problem.check,
            Self::Answer { .. } => "client.answer",
            Self::TooLong { .. } => "client.length",
            Self::Io { .. } => "client.file",
            Self::Object { .. } => "client.object",
            Self::Contract(_) => "client.contract",
            Self::Signed { .. } => "client.signed",
            Self::Receipt { source, .. } => source.check(),
            Self::Other { .. } => "client.other",
            Self::Envelope(_) => "client.envelope",
            Self::Appraisal(error) => error.check(),
            Self::Memory(error) => error.check(),
            Self::Stuck { last, .. } => last.check(),
        }
    }
}
