//! Why the memory refuses.

use crate::cheating::Cheating;
use crate::forking::Forking;
use sealroom_protocol::contract::time_text;
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
    #[error(
        "expected a party of contract {contract}, found this one, which is none; use the memory of the party that signed"
    )]
    NotAParty {
        /// The contract.
        contract: ContractId,
    },
    /// The contract was never put into this memory.
    #[error(
        "expected a contract of this memory, found {contract}; add it, signed by all, before anything is granted under it"
    )]
    UnknownContract {
        /// The contract.
        contract: ContractId,
    },
    /// No key of this object.
    #[error("expected an object whose key is in this memory, found {object}; encrypt the dataset again")]
    UnknownObject {
        /// The object.
        object: ObjectId,
    },
    /// The memory has forgotten grants: it was restored from a backup, or begun anew.
    #[error(
        "expected a memory of all your grants under contract {contract}, found one that was restored from an older copy or begun anew; it grants nothing more under it: agree on an amendment (sealroom contract amend)"
    )]
    Restored {
        /// The contract.
        contract: ContractId,
    },
    /// An amendment took its place: it has ended for this party.
    #[error(
        "expected the version of this contract that is in force, {by}, found {contract}, which that one amends; use the room of the newer one"
    )]
    Amended {
        /// The contract that has ended.
        contract: ContractId,
        /// The newest version in this memory.
        by: ContractId,
    },
    /// A party stopped the contract: this one, or one whose stop a receipt showed.
    #[error("expected a contract that no party stopped, found {contract}, which {party} stopped at {}: {}; nothing more is granted under it: agree on an amendment (sealroom contract amend)", time_text(*.clock), if reason.is_empty() { "without a reason" } else { reason })]
    Stopped {
        /// The contract.
        contract: ContractId,
        /// Who stopped it, by its name in the contract.
        party: String,
        /// When, by that party's clock then (Unix seconds).
        clock: u64,
        /// Why, in that party's own words then; what steers a terminal is replaced.
        reason: String,
    },
    /// A stop of another contract, or by somebody else.
    #[error(
        "expected a stop of contract {contract} that is signed by the party whose memory this is, found another one"
    )]
    ForeignStop {
        /// The contract.
        contract: ContractId,
    },
    /// An amendment that names another first version than its predecessor does.
    #[error(
        "expected an amendment that names {expected} as the first version, as its predecessor does, found one that names {found}; do not sign it: have it corrected"
    )]
    OtherFirstVersion {
        /// The first version by the predecessor's word.
        expected: ContractId,
        /// The one named.
        found: ContractId,
    },
    /// An amendment whose version number is not the predecessor's and one.
    #[error(
        "expected an amendment with version number {expected}, one above its predecessor's, found {found}; do not sign it: have it corrected"
    )]
    OtherVersion {
        /// The predecessor's number and one.
        expected: u64,
        /// The number it says.
        found: u64,
    },
    /// An amendment of a contract that this memory knows nothing of.
    #[error(
        "expected an amendment of a contract in this memory, found one of {predecessor}, first version {first}, and neither is here, so nothing shows whether it counts all that you granted; give this memory the version that you signed before (sealroom contract sign --before), or, where it is new or lost all of it, say that you go on by the amendment's word (--on-its-word)"
    )]
    UnknownPredecessor {
        /// The predecessor named.
        predecessor: ContractId,
        /// The first version named.
        first: ContractId,
    },
    /// A second amendment of one predecessor.
    #[error(
        "expected no other amendment of contract {predecessor} than {taken}, which you hold signed by all, found {found}; who holds that one goes on with you under a next version of either, signed by all (sealroom contract amend)"
    )]
    SecondAmendment {
        /// The predecessor.
        predecessor: ContractId,
        /// The amendment that was taken.
        taken: ContractId,
        /// The other one.
        found: ContractId,
    },
    /// An amendment of another version than the newest in this memory.
    #[error(
        "expected an amendment of {expected}, the newest version in your memory, or a later version that leaves some out, found one of {found}; take the one that the others took"
    )]
    OtherPredecessor {
        /// The newest version in this memory.
        expected: ContractId,
        /// The predecessor named.
        found: ContractId,
    },
    /// An amendment whose number leaves too few for those to come.
    #[error(
        "expected an amendment with a version number not far above {known}, the newest version in this memory, found {found}; do not sign it: have it corrected"
    )]
    VersionTooFar {
        /// The number of the newest version in this memory.
        known: u64,
        /// The number it says.
        found: u64,
    },
    /// An amendment that goes on from a receipt that there cannot be.
    #[error(
        "expected an amendment that goes on from a run that you granted, the highest is {highest}, found one from receipt {found} of run {run}, which is not complete without your grant; do not sign it: have it corrected. If this memory was restored or lost grants, give it that receipt first, or say that you go on by the amendment's word (sealroom contract sign --on-its-word)"
    )]
    AmendmentHeadUnknown {
        /// The run named.
        run: u64,
        /// The receipt named.
        found: ReceiptId,
        /// The highest number that this party granted.
        highest: u64,
    },
    /// An amendment that forgets a receipt.
    #[error("expected an amendment that goes on from the receipt of run {run} that you hold, {expected}, or from a later run's, found one from {}; do not sign it: have the newest receipt named", found.map_or_else(|| "no receipt".into(), |found| found.to_string()))]
    AmendmentHead {
        /// Run of the newest complete receipt in this memory.
        run: u64,
        /// That receipt.
        expected: ReceiptId,
        /// The receipt named.
        found: Option<ReceiptId>,
    },
    /// An amendment under which run numbers would be used again.
    #[error(
        "expected an amendment whose highest_run is at least {expected}, the highest run number that you granted, found {found}; do not sign it: have the number corrected"
    )]
    AmendmentRuns {
        /// The highest number granted.
        expected: u64,
        /// The number named.
        found: u64,
    },
    /// An amendment that gives runs back.
    #[error(
        "expected an amendment that counts at least {expected} runs of \"{party}\", as your memory does, found {found}; do not sign it: have the number corrected, or have the text say that counts begin anew"
    )]
    AmendmentCount {
        /// This party.
        party: String,
        /// Its own count.
        expected: u64,
        /// The count named.
        found: u64,
    },
    /// A receipt that does not hold.
    #[error(
        "expected a receipt that holds under the contract, found: {0}; settle nothing by it, and ask others for theirs"
    )]
    Receipt(#[from] ReceiptError),
    /// Two receipts of one proposal contradict each other: the enclave, or who holds its key, cheats.
    #[error(
        "run {run}: expected the receipt that the same enclave signed before, {known}, found one that contradicts it; {}, and stop the contract",
        if proof.is_some() { "both are in your memory: show them to the others (sealroom cheating export)" } else { "keep both" }
    )]
    Contradiction {
        /// The run number.
        run: u64,
        /// The receipt that is known.
        known: ReceiptId,
        /// Both of them, where they prove that the enclave was forked: then the memory has kept them.
        proof: Option<Box<Forking>>,
    },
    /// The run number was used already, or is below one that was.
    #[error(
        "expected a run number above {highest}, the highest that you granted, found {run}; ask for a proposal with a higher one"
    )]
    RunUsed {
        /// The proposed number.
        run: u64,
        /// The highest number granted.
        highest: u64,
    },
    /// A run number far above all that this party knows: granting it would use up the numbers below.
    #[error(
        "expected a run number not too far above {known}, the highest that you know of, found {run}; ask for a proposal with a lower one"
    )]
    RunTooFar {
        /// The proposed number.
        run: u64,
        /// The highest number that this party granted or holds a receipt of.
        known: u64,
    },
    /// A run number that belongs to the versions to come.
    #[error(
        "expected a run number of this version, which ends at {last}, found {run}; ask for a proposal with a lower one, or, where none is left, agree on an amendment (sealroom contract amend)"
    )]
    RunOfLaterVersion {
        /// The proposed number.
        run: u64,
        /// The last number of this version.
        last: u64,
    },
    /// The proposal goes on from an older receipt than this party knows.
    #[error(
        "expected a proposal that goes on from run {expected}, whose receipt you hold, found one from run {found}; runs would be forgotten: give the host that receipt"
    )]
    OlderHead {
        /// Run of the head in memory.
        expected: u64,
        /// Run of the proposal's head.
        found: u64,
    },
    /// The proposal goes on from a receipt that this party does not know.
    #[error(
        "expected a proposal that goes on from a receipt that you settled, found receipt {found} of run {run}; fetch the receipts and settle them first"
    )]
    UnknownHead {
        /// Run of the proposal's head.
        run: u64,
        /// The proposal's head.
        found: ReceiptId,
    },
    /// The limit of runs is reached.
    #[error(
        "expected fewer than {limit} runs granted and not given back, found {count}; none is left under this contract: agree on an amendment with more (sealroom contract amend)"
    )]
    Limit {
        /// Runs granted and not given back.
        count: u64,
        /// The contract's limit.
        limit: u64,
    },
    /// The request ran before, or waits in another proposal.
    #[error("expected a request that you granted to no run, found the one of run {run}; ask for a fresh one")]
    RequestUsed {
        /// The run.
        run: u64,
    },
    /// The proposal names another object than this party encrypted for the contract.
    #[error("dataset \"{dataset}\": expected {}, found object {found}; ask for a proposal of the dataset that you encrypted last", expected.map_or_else(|| "one that you encrypted for this contract".into(), |object| object.to_string()))]
    OtherObject {
        /// The dataset.
        dataset: String,
        /// The object this party encrypted last for it.
        expected: Option<ObjectId>,
        /// The object proposed.
        found: ObjectId,
    },
    /// A proposal under another contract.
    #[error("expected a proposal of contract {expected}, found one of {found}; ask for one of this room")]
    OtherContract {
        /// The contract at hand.
        expected: ContractId,
        /// The contract it names.
        found: ContractId,
    },
    /// Two grants by one party for one run number and different proposals.
    #[error(
        "expected one proposal of each party for a run, found: {0}; keep both grants, show them to the others, and stop the contract"
    )]
    Cheating(Box<Cheating>),
    /// This proposal was granted before.
    #[error("expected a proposal that you have not granted, found {proposal}; send that grant again instead")]
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
