//! Why the memory refuses.

use crate::cheating::Cheating;
use sealroom_protocol::id::{ContractId, ObjectId, ProposalId, ReceiptId};
use sealroom_protocol::run::ReceiptError;
use std::io;
use std::path::PathBuf;

/// Why the memory cannot be opened, or refuses to write something down.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MemoryError {
    /// The operating system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The memory file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// Others than its owner could read or write it. It holds data keys.
    #[error("{} has mode {mode:o}: others can read or write it, and it holds data keys; expected 600 (chmod 600 {})", path.display(), path.display())]
    Shared {
        /// The memory file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The database.
    #[error("the memory's database: {0}")]
    Database(Box<redb::Error>),
    /// The file is the memory of another party.
    #[error(
        "this memory belongs to the party with signing key {found}, expected {expected}; each party has a file of its own"
    )]
    Owner {
        /// The party that opens it.
        expected: String,
        /// The party it belongs to.
        found: String,
    },
    /// A record that this version did not write.
    #[error("the memory holds a {what} that does not read back; it was written by another version, or changed")]
    Record {
        /// What does not read back.
        what: &'static str,
    },
    /// This party is not in the contract.
    #[error("this party is none of contract {contract}")]
    NotAParty {
        /// The contract.
        contract: ContractId,
    },
    /// The contract was never put into this memory.
    #[error("contract {contract} is not in this memory; add it, signed by all, before anything is granted under it")]
    UnknownContract {
        /// The contract.
        contract: ContractId,
    },
    /// No key of this object.
    #[error("the key of object {object} is not in this memory; encrypt the dataset again")]
    UnknownObject {
        /// The object.
        object: ObjectId,
    },
    /// The memory has forgotten grants: it was restored from a backup, or begun anew.
    #[error(
        "this memory was restored from an older copy, or begun anew: there are grants of yours under contract {contract} that it does not know, so it grants nothing more under it; go on with an amendment"
    )]
    Restored {
        /// The contract.
        contract: ContractId,
    },
    /// A receipt that does not hold.
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
    /// Two receipts of one proposal contradict each other: the enclave, or who holds its key, cheats.
    #[error(
        "run {run}: this receipt contradicts one that the same enclave signed before ({known}); keep both, and stop the contract"
    )]
    Contradiction {
        /// The run number.
        run: u64,
        /// The receipt that is known.
        known: ReceiptId,
    },
    /// The run number was used already, or is below one that was.
    #[error(
        "run number {run} is not above {highest}, the highest that you granted; the host must propose a higher one"
    )]
    RunUsed {
        /// The proposed number.
        run: u64,
        /// The highest number granted.
        highest: u64,
    },
    /// A run number far above all that this party knows: granting it would use up the numbers below.
    #[error(
        "run number {run} is too far above {known}, the highest that you know of; the host must propose a lower one"
    )]
    RunTooFar {
        /// The proposed number.
        run: u64,
        /// The highest number that this party granted or holds a receipt of.
        known: u64,
    },
    /// The proposal goes on from an older receipt than this party knows.
    #[error(
        "the proposal goes on from run {found}, but you hold the receipt of run {expected}: runs would be forgotten; give the host that receipt"
    )]
    OlderHead {
        /// Run of the head in memory.
        expected: u64,
        /// Run of the proposal's head.
        found: u64,
    },
    /// The proposal goes on from a receipt that this party does not know.
    #[error(
        "the proposal goes on from receipt {found} of run {run}, which you have not settled; fetch the receipts and settle them first"
    )]
    UnknownHead {
        /// Run of the proposal's head.
        run: u64,
        /// The proposal's head.
        found: ReceiptId,
    },
    /// The limit of runs is reached.
    #[error("{count} of {limit} runs are granted and not given back: none is left under this contract")]
    Limit {
        /// Runs granted and not given back.
        count: u64,
        /// The contract's limit.
        limit: u64,
    },
    /// The request ran before, or waits in another proposal.
    #[error("the request of this proposal was granted in run {run} already; ask for a fresh one")]
    RequestUsed {
        /// The run.
        run: u64,
    },
    /// The proposal names another object than this party encrypted for the contract.
    #[error("dataset \"{dataset}\": the proposal names object {found}, expected {}", expected.map_or_else(|| "one that you encrypted for this contract".into(), |object| object.to_string()))]
    OtherObject {
        /// The dataset.
        dataset: String,
        /// The object this party encrypted last for it.
        expected: Option<ObjectId>,
        /// The object proposed.
        found: ObjectId,
    },
    /// A proposal under another contract.
    #[error("the proposal is of contract {found}, expected {expected}")]
    OtherContract {
        /// The contract at hand.
        expected: ContractId,
        /// The contract it names.
        found: ContractId,
    },
    /// Two grants by one party for one run number and different proposals.
    #[error("{0}")]
    Cheating(Box<Cheating>),
    /// This proposal was granted before.
    #[error("proposal {proposal} was granted already; send that grant again instead")]
    Granted {
        /// The proposal.
        proposal: ProposalId,
    },
}

macro_rules! database_errors {
    ($($error:ty),*) => {
        $(impl From<$error> for MemoryError {
            fn from(error: $error) -> Self {
                Self::Database(Box::new(error.into()))
            }
        })*
    };
}

database_errors!(
    redb::DatabaseError,
    redb::TransactionError,
    redb::TableError,
    redb::StorageError,
    redb::CommitError,
    redb::SetDurabilityError
);
