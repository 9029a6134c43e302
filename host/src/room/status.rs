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
    pub(crate) missing: Vec<String>,
    pub(crate) statement_missing: bool,
    pub(crate) receipt: Option<ReceiptId>,
    /// An operator's statement about this enclave, in its envelope.
    pub(crate) operator_statement: Option<Vec<u8>>,
    pub(crate) ended: Option<Ended>,
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
