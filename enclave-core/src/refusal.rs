//! Why the enclave refuses a message: one variant a check, in the order of the checks.
//!
//! What always holds: each says what was expected and what was found, in public fields only (contract text, ids, names,
//! times). Nothing that depends on data, and no decryption failure says more than that it failed.

mod words;

use crate::phase::{Phase, Request};
use crate::program::ProgramRefusal;
use alloc::string::String;
use alloc::vec::Vec;
use sealroom_protocol::binding::ChallengeListError;
use sealroom_protocol::contract::ContractError;
use sealroom_protocol::dsse::EnvelopeError;
use sealroom_protocol::id::{ContractId, ObjectId, ProposalId, ReceiptId, RequestId};
use sealroom_protocol::message::FrameError;
use sealroom_protocol::object::ObjectError;
use sealroom_protocol::run::{GrantKeysError, HeaderError, RUN_NUMBER_LIMIT, ReceiptError, SignedError};

/// Why a message was refused. The room is as it was before.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Not a message.
    #[error("expected exactly one message within the limit, found: {0}")]
    Frame(#[from] FrameError),
    /// Not now.
    #[error("expected a message that the phase {phase:?} allows, found {request:?}")]
    Phase {
        /// Where the room is.
        phase: Phase,
        /// What was asked.
        request: Request,
    },
    /// The contract's envelope is not one.
    #[error("contract: expected the envelope of a contract, found: {0}")]
    ContractEnvelope(EnvelopeError),
    /// The contract's text or signatures.
    #[error("contract: expected a text that keeps the rules and that every party and nobody else signed, found: {0}")]
    Contract(ContractError),
    /// A program that this image does not have.
    #[error("expected a program of this image ({known}), found \"{name}\"")]
    UnknownProgram {
        /// The contract's program.
        name: String,
        /// The image's programs.
        known: String,
    },
    /// The program that the contract names.
    #[error("program: expected arguments that the program takes, found: {0}")]
    Program(ProgramRefusal),
    /// The list of challenges.
    #[error("expected 1 to 256 different challenges in order, found: {0}")]
    Challenges(#[from] ChallengeListError),
    /// A manifest's form.
    #[error("expected the manifest of an object, found: {0}")]
    Manifest(ObjectError),
    /// A header's form.
    #[error("expected the header of a dataset or request, found: {0}")]
    Header(HeaderError),
    /// A dataset that no dataset of the contract matches.
    #[error("expected a dataset of this contract, found object {object} with a {what} that none of them has")]
    ForeignDataset {
        /// The object.
        object: ObjectId,
        /// The first part that no dataset matches.
        what: &'static str,
    },
    /// A request object of another contract or of one who may not ask.
    #[error("expected a request under this contract, found object {object} with another {what}")]
    ForeignRequest {
        /// The object.
        object: ObjectId,
        /// What differs.
        what: &'static str,
    },
    /// The contract is not in force yet.
    #[error("expected a time not before the contract's begin, {not_before}, found {now} by the earliest clock")]
    TooEarly {
        /// The contract's begin (Unix seconds).
        not_before: u64,
        /// The earliest clock.
        now: u64,
    },
    /// The contract is over.
    #[error("expected a time before the contract's expiry, {expires}, found {now} by the latest clock")]
    Expired {
        /// The contract's expiry (Unix seconds).
        expires: u64,
        /// The latest clock.
        now: u64,
    },
    /// A receipt of the chain.
    #[error("receipt {position} of those brought: expected the envelope of a receipt, found: {source}")]
    ReceiptForm {
        /// Which, from 1, oldest first.
        position: usize,
        /// What is wrong with its form.
        source: SignedError,
    },
    /// A receipt of the chain does not hold.
    #[error("receipt {position} of those brought: expected one that holds under this contract, found: {source}")]
    Receipt {
        /// Which, from 1, oldest first.
        position: usize,
        /// What does not hold.
        source: ReceiptError,
    },
    /// A receipt that is nobody's head.
    #[error("receipt {position} of those brought: expected a complete one, found a void one")]
    VoidReceipt {
        /// Which, from 1, oldest first.
        position: usize,
    },
    /// Receipts that are not one chain.
    #[error(
        "receipt {position} of those brought does not follow the one before: expected head {expected:?}, found {found:?}"
    )]
    Chain {
        /// Which, from 1, oldest first.
        position: usize,
        /// Id of the receipt before it.
        expected: Option<ReceiptId>,
        /// The head it names.
        found: Option<ReceiptId>,
    },
    /// A run number that was used.
    #[error("expected a run number from {expected} to {RUN_NUMBER_LIMIT}, found {found}")]
    RunNumber {
        /// The lowest that is free here.
        expected: u64,
        /// The number asked for.
        found: u64,
    },
    /// No runs left.
    #[error("expected fewer than {limit} runs granted by {party}, found {count}")]
    RunsUsed {
        /// Whose count is reached.
        party: String,
        /// The count.
        count: u64,
        /// The contract's limit.
        limit: u64,
    },
    /// Not the contract's datasets.
    #[error("expected the contract's {expected} datasets, found {found}")]
    DatasetCount {
        /// As many as the contract has.
        expected: usize,
        /// As many as were named.
        found: usize,
    },
    /// An object that was not brought, or is another dataset's.
    #[error("expected an object that was brought as dataset \"{dataset}\", found {object}")]
    Dataset {
        /// The dataset it should be.
        dataset: String,
        /// The object named.
        object: ObjectId,
    },
    /// The contract pins another object.
    #[error("dataset \"{dataset}\": expected the pinned object {expected}, found {found}")]
    PinnedDataset {
        /// Which dataset.
        dataset: String,
        /// The object in the contract.
        expected: ObjectId,
        /// The object named.
        found: ObjectId,
    },
    /// A request where there is no choice, or none where there is one.
    #[error("the contract leaves {} choice of arguments: expected {} request, found {}", if *.expected { "a" } else { "no" }, if *.expected { "a" } else { "no" }, if *.expected { "none" } else { "one" })]
    RequestPresence {
        /// Whether a request belongs here.
        expected: bool,
    },
    /// The announcement's form.
    #[error("request: expected the envelope of an announcement, found: {0}")]
    RequestForm(SignedError),
    /// Who asks.
    #[error("request: expected a party that may ask under this contract, found \"{party}\"")]
    Requester {
        /// Who the announcement says asks.
        party: String,
    },
    /// The announcement's signature.
    #[error("request: expected the requester's signature, found: {0}")]
    RequestSignature(EnvelopeError),
    /// The announcement's bindings.
    #[error("request: expected the {what} of this contract and of the object that was brought, found another")]
    RequestBinding {
        /// What differs.
        what: &'static str,
    },
    /// A request that was answered before.
    #[error("expected a request that no run used, found {request}, which run {run} used")]
    RequestUsed {
        /// Its id.
        request: RequestId,
        /// The run that used it.
        run: u64,
    },
    /// A statement's form or one that the contract does not ask for.
    #[error("expected a statement signed by the party that the contract names, found: {0}")]
    StatementForm(SignedError),
    /// The statement's content.
    #[error("statement: expected {expected}, found {found}")]
    Statement {
        /// What the contract asks for.
        expected: &'static str,
        /// What came.
        found: &'static str,
    },
    /// The grant's form.
    #[error("expected the envelope of a grant, found: {0}")]
    GrantForm(SignedError),
    /// One who has nothing to grant.
    #[error("grant: expected one by a data party or the requester, found one by \"{party}\"")]
    GrantParty {
        /// Who the grant says it is by.
        party: String,
    },
    /// The grant's signature.
    #[error("grant of {party}: expected that party's signature, found: {source}")]
    GrantSignature {
        /// Whose.
        party: String,
        /// What does not hold.
        source: EnvelopeError,
    },
    /// A grant of another contract.
    #[error("grant of {party}: expected one for contract {expected}, found one for {found}")]
    GrantContract {
        /// Whose.
        party: String,
        /// This room's.
        expected: ContractId,
        /// The grant's.
        found: ContractId,
    },
    /// A grant of another proposal.
    #[error("grant of {party}: expected one for proposal {expected}, found one for {found}")]
    GrantProposal {
        /// Whose.
        party: String,
        /// The one proposed.
        expected: ProposalId,
        /// The grant's.
        found: ProposalId,
    },
    /// A grant of another run number.
    #[error("grant of {party}: expected one for run {expected}, found one for {found}")]
    GrantRun {
        /// Whose.
        party: String,
        /// The proposal's.
        expected: u64,
        /// The grant's.
        found: u64,
    },
    /// The party granted already.
    #[error("grant of {party}: expected one of each party for a proposal, found a second")]
    GrantTwice {
        /// Whose.
        party: String,
    },
    /// The grant is over.
    #[error("grant of {party}: expected an end after {now} (the latest clock), found {expires}")]
    GrantExpired {
        /// Whose.
        party: String,
        /// First second at which it is void.
        expires: u64,
        /// The latest clock.
        now: u64,
    },
    /// The party's own count.
    #[error("grant of {party}: expected a count of 1 to {limit}, found {count}")]
    GrantCount {
        /// Whose.
        party: String,
        /// Its count.
        count: u64,
        /// The contract's limit.
        limit: u64,
    },
    /// The grant's ciphertext.
    #[error("grant of {party}: expected keys encrypted to this run by that party, found: {source}")]
    GrantKeys {
        /// Whose.
        party: String,
        /// What is wrong, or only that decryption failed.
        source: GrantKeysError,
    },
    /// Keys for other objects than the party's own.
    #[error("grant of {party}: expected keys for its own objects {expected:?}, found {found:?}")]
    GrantObjects {
        /// Whose.
        party: String,
        /// The party's objects in the proposal.
        expected: Vec<ObjectId>,
        /// The objects granted.
        found: Vec<ObjectId>,
    },
    /// The stop's form.
    #[error("expected the envelope of a stop, found: {0}")]
    StopForm(SignedError),
    /// Not by a party of this contract.
    #[error("stop: expected one by a party of this contract, found one by \"{party}\"")]
    StopParty {
        /// Who the stop says it is by.
        party: String,
    },
    /// The stop's signature.
    #[error("stop: expected the signature of the party that it names, found: {0}")]
    StopSignature(EnvelopeError),
    /// A stop of another contract.
    #[error("stop: expected one of contract {expected}, found one of {found}")]
    StopContract {
        /// This room's.
        expected: ContractId,
        /// The stop's.
        found: ContractId,
    },
    /// A group of chunks that was not asked for.
    #[error("expected the group that the run asked for, found group {index} of object {object}")]
    UnaskedGroup {
        /// The object named.
        object: ObjectId,
        /// The index named.
        index: u64,
    },
    /// The platform made no Evidence.
    #[error("expected Evidence of the platform, found none")]
    Platform,
}
