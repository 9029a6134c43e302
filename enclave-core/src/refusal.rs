//! Why the enclave refuses a message: one variant a check, in the order of the checks.
//!
//! What always holds: only public fields stand here (contract text, ids, names, times). Nothing that depends on data,
//! and no decryption failure says more than that it failed.

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
use sealroom_protocol::run::{GrantKeysError, HeaderError, ReceiptError, SignedError};

/// Why a message was refused. The room is as it was before.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Not a message.
    #[error("{0}")]
    Frame(#[from] FrameError),
    /// Not now.
    #[error("{request:?} is not possible while the room is {phase:?}")]
    Phase {
        /// Where the room is.
        phase: Phase,
        /// What was asked.
        request: Request,
    },
    /// The contract's envelope is not one.
    #[error("contract: {0}")]
    ContractEnvelope(EnvelopeError),
    /// The contract's text or signatures.
    #[error("contract: {0}")]
    Contract(ContractError),
    /// A program that this image does not have.
    #[error("this image has no program \"{name}\"; it has {known}")]
    UnknownProgram {
        /// The contract's program.
        name: String,
        /// The image's programs.
        known: String,
    },
    /// The program that the contract names.
    #[error("program: {0}")]
    Program(ProgramRefusal),
    /// The list of challenges.
    #[error("challenges: {0}")]
    Challenges(#[from] ChallengeListError),
    /// A manifest's form.
    #[error("manifest: {0}")]
    Manifest(ObjectError),
    /// A header's form.
    #[error("manifest: {0}")]
    Header(HeaderError),
    /// A dataset that no dataset of the contract matches.
    #[error("the object {object} is no dataset of this contract: no dataset has its {what}")]
    ForeignDataset {
        /// The object.
        object: ObjectId,
        /// The first part that no dataset matches.
        what: &'static str,
    },
    /// A request object of another contract or of one who may not ask.
    #[error("the object {object} is no request under this contract: its {what} is another")]
    ForeignRequest {
        /// The object.
        object: ObjectId,
        /// What differs.
        what: &'static str,
    },
    /// Too many manifests.
    #[error("more than {limit} objects were brought")]
    TooManyObjects {
        /// As many as one contract can use.
        limit: usize,
    },
    /// The contract is not in force yet.
    #[error("the contract begins at {not_before}, and it is {now} by the earliest clock")]
    TooEarly {
        /// The contract's begin (Unix seconds).
        not_before: u64,
        /// The earliest clock.
        now: u64,
    },
    /// The contract is over.
    #[error("the contract expired at {expires}, and it is {now} by the latest clock")]
    Expired {
        /// The contract's expiry (Unix seconds).
        expires: u64,
        /// The latest clock.
        now: u64,
    },
    /// A receipt of the chain.
    #[error("receipt {position} of those brought: {source}")]
    ReceiptForm {
        /// Which, from 1, oldest first.
        position: usize,
        /// What is wrong with its form.
        source: SignedError,
    },
    /// A receipt of the chain does not hold.
    #[error("receipt {position} of those brought: {source}")]
    Receipt {
        /// Which, from 1, oldest first.
        position: usize,
        /// What does not hold.
        source: ReceiptError,
    },
    /// A receipt that is nobody's head.
    #[error("receipt {position} of those brought is void; only complete ones count")]
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
    #[error("run number {found} was used; expected at least {expected}")]
    RunNumber {
        /// The lowest that is free here.
        expected: u64,
        /// The number asked for.
        found: u64,
    },
    /// No runs left.
    #[error("{party} has granted {count} of {limit} runs")]
    RunsUsed {
        /// Whose count is reached.
        party: String,
        /// The count.
        count: u64,
        /// The contract's limit.
        limit: u64,
    },
    /// Not the contract's datasets.
    #[error("{found} datasets were named, expected the contract's {expected}")]
    DatasetCount {
        /// As many as the contract has.
        expected: usize,
        /// As many as were named.
        found: usize,
    },
    /// An object that was not brought, or is another dataset's.
    #[error("the object {object} was not brought as dataset \"{dataset}\"")]
    Dataset {
        /// The dataset it should be.
        dataset: String,
        /// The object named.
        object: ObjectId,
    },
    /// The contract pins another object.
    #[error("the contract pins dataset \"{dataset}\" to {expected}, found {found}")]
    PinnedDataset {
        /// Which dataset.
        dataset: String,
        /// The object in the contract.
        expected: ObjectId,
        /// The object named.
        found: ObjectId,
    },
    /// A request where there is no choice, or none where there is one.
    #[error("the contract leaves {} choice of arguments, and {} request was brought", if *.expected { "a" } else { "no" }, if *.expected { "no" } else { "a" })]
    RequestPresence {
        /// Whether a request belongs here.
        expected: bool,
    },
    /// The announcement's form.
    #[error("request: {0}")]
    RequestForm(SignedError),
    /// Who asks.
    #[error("request: \"{party}\" may not ask under this contract")]
    Requester {
        /// Who the announcement says asks.
        party: String,
    },
    /// The announcement's signature.
    #[error("request: {0}")]
    RequestSignature(EnvelopeError),
    /// The announcement's bindings.
    #[error("request: its {what} is not this contract's or not the brought object's")]
    RequestBinding {
        /// What differs.
        what: &'static str,
    },
    /// A request that was answered before.
    #[error("request {request} was used in run {run}")]
    RequestUsed {
        /// Its id.
        request: RequestId,
        /// The run that used it.
        run: u64,
    },
    /// A statement's form or one that the contract does not ask for.
    #[error("statement: {0}")]
    StatementForm(SignedError),
    /// The statement's content.
    #[error("statement: its {what} is not what the contract asks for")]
    Statement {
        /// What differs.
        what: &'static str,
    },
    /// The grant's form.
    #[error("grant: {0}")]
    GrantForm(SignedError),
    /// One who has nothing to grant.
    #[error("grant: \"{party}\" has nothing to grant under this contract")]
    GrantParty {
        /// Who the grant says it is by.
        party: String,
    },
    /// The grant's signature.
    #[error("grant of {party}: {source}")]
    GrantSignature {
        /// Whose.
        party: String,
        /// What does not hold.
        source: EnvelopeError,
    },
    /// A grant of another contract.
    #[error("grant of {party}: it is for contract {found}, expected {expected}")]
    GrantContract {
        /// Whose.
        party: String,
        /// This room's.
        expected: ContractId,
        /// The grant's.
        found: ContractId,
    },
    /// A grant of another proposal.
    #[error("grant of {party}: it is for proposal {found}, expected {expected}")]
    GrantProposal {
        /// Whose.
        party: String,
        /// The one proposed.
        expected: ProposalId,
        /// The grant's.
        found: ProposalId,
    },
    /// A grant of another run number.
    #[error("grant of {party}: it is for run {found}, expected {expected}")]
    GrantRun {
        /// Whose.
        party: String,
        /// The proposal's.
        expected: u64,
        /// The grant's.
        found: u64,
    },
    /// The party granted already.
    #[error("grant of {party}: this party has granted the proposal already")]
    GrantTwice {
        /// Whose.
        party: String,
    },
    /// The grant is over.
    #[error("grant of {party}: it expired at {expires}, and it is {now} by the latest clock")]
    GrantExpired {
        /// Whose.
        party: String,
        /// First second at which it is void.
        expires: u64,
        /// The latest clock.
        now: u64,
    },
    /// The party's own count.
    #[error("grant of {party}: it would be run {count} of {limit} by the party's own count")]
    GrantCount {
        /// Whose.
        party: String,
        /// Its count.
        count: u64,
        /// The contract's limit.
        limit: u64,
    },
    /// The grant's ciphertext.
    #[error("grant of {party}: {source}")]
    GrantKeys {
        /// Whose.
        party: String,
        /// What is wrong, or only that decryption failed.
        source: GrantKeysError,
    },
    /// Keys for other objects than the party's own.
    #[error("grant of {party}: it holds keys for {found:?}, expected its own objects {expected:?}")]
    GrantObjects {
        /// Whose.
        party: String,
        /// The party's objects in the proposal.
        expected: Vec<ObjectId>,
        /// The objects granted.
        found: Vec<ObjectId>,
    },
    /// The stop's form.
    #[error("stop: {0}")]
    StopForm(SignedError),
    /// Not by a party of this contract.
    #[error("stop: \"{party}\" is no party of this contract")]
    StopParty {
        /// Who the stop says it is by.
        party: String,
    },
    /// The stop's signature.
    #[error("stop: {0}")]
    StopSignature(EnvelopeError),
    /// A stop of another contract.
    #[error("stop: it is for contract {found}, expected {expected}")]
    StopContract {
        /// This room's.
        expected: ContractId,
        /// The stop's.
        found: ContractId,
    },
    /// A group of chunks that was not asked for.
    #[error("a group that was not asked for: object {object}, index {index}")]
    UnaskedGroup {
        /// The object named.
        object: ObjectId,
        /// The index named.
        index: u64,
    },
    /// The platform made no Evidence.
    #[error("the platform made no Evidence")]
    Platform,
}
