//! Why the store did not do what it was asked.

use crate::refusal::Refusal;

/// Why the store did not do what it was asked. For the operator's log; clients only learn the refusal.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// No such object.
    #[error("there is no such object")]
    Unknown,
    /// What is stored is not what was stored.
    #[error("what is stored does not decode")]
    Damaged,
    /// A log's order names a receipt that the store does not have.
    #[error(
        "the log of contract {contract} names receipt {receipt}, which is not in the store any more; have a party of the contract bring it (POST /v1/contracts/{contract}/receipts), or restore the store"
    )]
    ReceiptMissing {
        /// Whose log.
        contract: sealroom_protocol::id::ContractId,
        /// Which receipt.
        receipt: sealroom_protocol::id::ReceiptId,
    },
    /// Not a URL of a store.
    #[error("expected file:///absolute/folder or s3://bucket/prefix as the store's URL")]
    Url,
    /// Another host uses the state folder.
    #[error("the state folder {folder} is in use by another host")]
    InUse {
        /// Which folder.
        folder: std::path::PathBuf,
    },
    /// The store itself.
    #[error("store: {0}")]
    Backend(#[from] object_store::Error),
    /// The state folder, or a local store.
    #[error("file: {0}")]
    File(#[from] std::io::Error),
    /// A task of the host's ended early.
    #[error("a task of the host ended early")]
    Task,
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unknown => Self::ObjectUnknown,
            other => {
                tracing::error!(error = %other, "the store failed");
                Self::Store
            }
        }
    }
}
