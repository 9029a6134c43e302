//! Why an agent does not start, or a look at a host did not end well.

use super::desk::Look;
use crate::client::HostError;
use crate::contract_file::ContractFileError;
use crate::grant::GrantError;
use crate::log::NoteKeyError;
use crate::memory::MemoryError;
use crate::review::ReviewError;
use crate::statement::StatementError;
use crate::witness::WitnessError;
use sealroom_attestation::PolicyTextError;
use sealroom_protocol::id::ContractId;
use sealroom_protocol::identity::SigningPublicKey;
use sealroom_protocol::log::LogError;
use std::io;
use std::path::PathBuf;

/// Why an agent does not start, or stops.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AgentError {
    /// A contract's file.
    #[error("{}: {source}", path.display())]
    Contract {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: ContractFileError,
    },
    /// A contract under which this party grants nothing.
    #[error("{}: expected a contract under which \"{party}\" grants, found one in which it has nothing to grant; take it out of the configuration", path.display())]
    NothingToGrant {
        /// The contract's file.
        path: PathBuf,
        /// The party.
        party: String,
    },
    /// One contract under two headings.
    #[error("expected each contract once, found {contract} twice; keep one [[contract]] of it")]
    Twice {
        /// The contract.
        contract: ContractId,
    },
    /// Where the host stands is for this party to state, or not.
    #[error("{}: expected host_region {expected}, found {found}", path.display())]
    Region {
        /// The contract's file.
        path: PathBuf,
        /// What belongs there.
        expected: String,
        /// What stands there.
        found: String,
    },
    /// A policy's file.
    #[error("{}: {source}; docs/policy.md has every field of every platform", path.display())]
    Policy {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: PolicyTextError,
    },
    /// A host's address or certificates.
    #[error(transparent)]
    Host(#[from] HostError),
    /// A file or folder of this machine.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The party's memory.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// The key of the witness.
    #[error(transparent)]
    WitnessKey(#[from] NoteKeyError),
    /// The verifier key of a log that the witness is to cosign.
    #[error("a log of the witness: {0}")]
    Log(#[from] LogError),
    /// The witness.
    #[error(transparent)]
    Witness(#[from] WitnessError),
    /// A stop of the party's own could not be signed.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// The system gives no thread for a contract.
    #[error("a thread for a contract: {0}")]
    Thread(io::Error),
}

/// Why a look at a host did not end as it should.
#[derive(Debug, thiserror::Error)]
pub(super) enum LookError {
    #[error(transparent)]
    Host(#[from] HostError),
    #[error(transparent)]
    Review(#[from] ReviewError),
    #[error(transparent)]
    Grant(#[from] GrantError),
    #[error(transparent)]
    Memory(#[from] MemoryError),
    #[error(transparent)]
    Statement(#[from] StatementError),
    #[error("the agent's folder: {0}")]
    Folder(#[from] io::Error),
    #[error(
        "expected at most {maximum} runs granted, as this agent's configuration says, found {count} with this one; raise maximum_runs, or leave it"
    )]
    OwnLimit { maximum: u64, count: u64 },
    #[error(
        "run {run}: expected the enclave that it was granted to, {expected}, found {found} in its room; the grant is not sent to another"
    )]
    OtherEnclave { run: u64, expected: SigningPublicKey, found: SigningPublicKey },
    #[error(
        "room {room}: expected Evidence to evaluate it by, found none in {times} looks, one after the other; nothing is granted in it until it brings some"
    )]
    Unevaluated { room: String, times: u32 },
    #[error("this agent failed while it looked at the host: a defect; please report it")]
    Defect,
}

impl LookError {
    /// Whose doing it is.
    pub(super) const fn look(&self) -> Look {
        match self {
            Self::Host(HostError::Appraisal(_))
            | Self::Review(_)
            | Self::OwnLimit { .. }
            | Self::OtherEnclave { .. } => Look::Refused,
            Self::Host(HostError::Memory(error)) | Self::Memory(error) => of_memory(error),
            Self::Host(_) | Self::Unevaluated { .. } => Look::Host,
            Self::Grant(GrantError::Memory(error)) => of_memory(error),
            Self::Grant(_) | Self::Statement(_) => Look::Refused,
            Self::Folder(_) | Self::Defect => Look::Failed,
        }
    }
}

const fn of_memory(error: &MemoryError) -> Look {
    match error {
        MemoryError::Io { .. } | MemoryError::Database(_) | MemoryError::Record { .. } => Look::Failed,
        _ => Look::Refused,
    }
}
