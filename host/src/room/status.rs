//! What the host knows of a room, for anyone who asks. All of it is the host's claim.

use super::Ended;
use super::launch::{Log, Started};
use sealroom_protocol::id::{ContractId, ProposalId, ReceiptId};
use sealroom_protocol::identity::SigningPublicKey;

/// Where a room is, as its host sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// No proposal.
    Attest,
    /// A proposal waits for grants.
    Grant,
    /// A run is going on.
    Run,
    /// Over.
    Ended,
}

/// A room's state, shared between its task and who asks.
#[derive(Debug, Clone)]
pub(crate) struct Status {
    pub(crate) contract: ContractId,
    pub(crate) enclave_key: SigningPublicKey,
    pub(crate) started: Started,
    pub(crate) log: Log,
    /// Unix seconds.
    pub(crate) opened: u64,
    pub(crate) phase: Phase,
    pub(crate) proposal: Option<Proposed>,
    /// The highest run number that was proposed here; 0 where none was.
    pub(crate) highest: u64,
    pub(crate) missing: Vec<String>,
    pub(crate) statement_missing: bool,
    pub(crate) receipt: Option<ReceiptId>,
    /// The operator's statement about this enclave.
    pub(crate) operator_statement: Option<OperatorStatement>,
    pub(crate) ended: Option<Ended>,
}

/// A statement that the contract's operator signed about this enclave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OperatorStatement {
    /// Who signed it.
    pub(crate) operator: SigningPublicKey,
    /// Its envelope.
    pub(crate) envelope: Vec<u8>,
    /// First second (Unix time) at which it is void.
    pub(crate) expires: u64,
}

/// The current proposal.
#[derive(Debug, Clone)]
pub(crate) struct Proposed {
    pub(crate) id: ProposalId,
    pub(crate) run: u64,
    /// Its envelope.
    pub(crate) proposal: Vec<u8>,
    /// The announcement's envelope, where there is a request.
    pub(crate) request: Option<Vec<u8>>,
}
