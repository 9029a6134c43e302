//! Why a log cannot be made or read, and why one does not hold.

use sealroom_protocol::contract::ContractError;
use sealroom_protocol::dsse::EnvelopeError;
use sealroom_protocol::id::ReceiptId;
use sealroom_protocol::log::{HistoryError, LogError, ProofError, QuorumError, TreeError};
use sealroom_protocol::run::{ReceiptError, SignedError};
use std::io;
use std::path::PathBuf;

/// Why a log's file cannot be made, read or continued.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogFileError {
    /// The operating system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// Not a log of this version.
    #[error("not a log of this version: expected JSON with \"format\": \"{}\"", super::FORMAT)]
    Form,
    /// Too many receipts.
    #[error("expected at most {limit} receipts in one log")]
    Entries {
        /// How many.
        limit: usize,
    },
    /// A key of another log.
    #[error("the log's key is named {found:?}, and the log of this contract {expected:?}")]
    Origin {
        /// The origin that the contract gives.
        expected: String,
        /// The key's name.
        found: String,
    },
    /// Another key than the one that signed what is there.
    #[error("the log was signed with another key; go on with the one it began with, or begin a log of your own")]
    Key,
    /// The contract's signatures.
    #[error("the log's contract: {0}")]
    Contract(#[from] ContractError),
    /// A receipt's form.
    #[error("a receipt of the log: {0}")]
    Signed(#[from] SignedError),
    /// A receipt's envelope.
    #[error("a receipt of the log: {0}")]
    Envelope(#[from] EnvelopeError),
    /// A receipt that does not hold under the contract.
    #[error("a receipt does not belong into this log: {0}")]
    Receipt(#[from] ReceiptError),
    /// Receipts in an order that is no history.
    #[error("receipts in this order are no history: {0}")]
    History(#[from] HistoryError),
    /// A receipt that is not in the log.
    #[error("receipt {receipt} is not in the log")]
    Absent {
        /// Its id.
        receipt: ReceiptId,
    },
    /// A note, key or checkpoint.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A proof that the log cannot give.
    #[error(transparent)]
    Tree(#[from] TreeError),
}

/// Why a log does not hold: the first check that fails, in the order of `protocol/spec/log.md`, section 8.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LogFailure {
    /// The contract's form or signatures.
    #[error("the contract: {0}")]
    Contract(ContractError),
    /// A checkpoint of another log.
    #[error("the checkpoint is of the log {found:?}, and the log of this contract is {expected:?}")]
    Origin {
        /// The origin that the contract gives.
        expected: String,
        /// What the checkpoint or its key says.
        found: String,
    },
    /// The log's signature on a checkpoint.
    #[error("the log's signature: {0}")]
    Signature(LogError),
    /// Too few cosignatures, or one that does not hold.
    #[error("{0}")]
    Witnesses(QuorumError),
    /// Less than the checkpoint counts.
    #[error("the log is truncated: it has {found} {what}, expected {expected}")]
    Truncated {
        /// `leaves` or `receipts`.
        what: &'static str,
        /// How many there are.
        found: u64,
        /// How many there must be.
        expected: u64,
    },
    /// More than the checkpoint counts: nobody signed for these.
    #[error("the log has {found} {what}, and {expected} are signed for")]
    Surplus {
        /// `leaves` or `receipts`.
        what: &'static str,
        /// How many there are.
        found: u64,
        /// How many there must be.
        expected: u64,
    },
    /// The leaves are not those of a checkpoint.
    #[error("the log is forked: its first {size} receipts are not those of a checkpoint that was signed")]
    Forked {
        /// The checkpoint's size.
        size: u64,
    },
    /// A receipt stands where another of the log belongs.
    #[error("the log is reordered: the receipt at place {index} belongs at place {belongs}")]
    Reordered {
        /// Where it stands, from 0.
        index: usize,
        /// Where it belongs.
        belongs: usize,
    },
    /// A receipt that is none of the log's.
    #[error("the receipt at place {index} was edited: it is none of those that the log has")]
    Edited {
        /// Where it stands, from 0.
        index: usize,
    },
    /// A receipt of the log whose form does not hold.
    #[error("the receipt at place {index}: {source}")]
    Form {
        /// Where it stands, from 0.
        index: usize,
        /// What is wrong.
        source: SignedError,
    },
    /// A receipt of the log that does not hold under the contract.
    #[error("the receipt at place {index}: {source}")]
    Receipt {
        /// Where it stands, from 0.
        index: usize,
        /// What is wrong.
        source: ReceiptError,
    },
    /// Receipts in an order that is no history.
    #[error(transparent)]
    History(HistoryError),
    /// It does not go on where the log of its contract's predecessor stopped.
    #[error("the log does not go on from its predecessor's: {what}")]
    Predecessor {
        /// What does not fit.
        what: &'static str,
    },
    /// A proof of one receipt.
    #[error("the receipt is not proven to be in the log: {0}")]
    Proof(ProofError),
}

impl LogFailure {
    /// The id of the check that failed.
    #[must_use]
    pub const fn check(&self) -> &'static str {
        match self {
            Self::Contract(_) => "log.contract",
            Self::Origin { .. } | Self::Signature(_) => "log.checkpoint",
            Self::Witnesses(_) => "log.witnesses",
            Self::Truncated { .. } => "log.truncated",
            Self::Surplus { .. } => "log.surplus",
            Self::Forked { .. } | Self::History(HistoryError::Forked { .. }) => "log.forked",
            Self::Reordered { .. } | Self::History(HistoryError::Reordered { .. }) => "log.reordered",
            Self::Edited { .. } | Self::Form { .. } | Self::Receipt { .. } => "log.edited",
            Self::History(HistoryError::Repeated { .. }) => "log.repeated",
            Self::History(_) => "log.incomplete",
            Self::Proof(_) => "log.proof",
            Self::Predecessor { .. } => "log.predecessor",
        }
    }
}
