//! The log of a contract's receipts in published formats: RFC 6962 tree, C2SP notes, checkpoints, cosignatures, proofs, and
//! what is said to a witness. `spec/log.md`.
//!
//! What always holds: no enclave links this (feature `log`); nothing here makes a receipt believable, that is for the
//! signatures and grants in it. What decodes encodes to the same bytes.

mod checkpoint;
mod error;
mod history;
mod key;
mod note;
mod proof;
mod quorum;
mod text;
mod tree;
mod witness;

pub use checkpoint::{Checkpoint, SignedCheckpoint};
pub use error::LogError;
pub use history::{History, HistoryError, Place, history, history_after, leaf_of, origin_of};
pub use key::{KeyUse, LogSigner, Signed, VerifierKey, WitnessSigner};
pub use note::{NOTE_LIMIT, Note, NoteSignature, SIGNATURES_LIMIT};
pub use proof::{LogProof, PROOF_LIMIT};
pub use quorum::{Cosigned, Quorum, QuorumError};
pub use tree::{HASHES_LIMIT, ProofError, Tree, TreeError, TreeHash, TreeHead};
pub use witness::{ADD_CHECKPOINT_LIMIT, AddCheckpoint, WitnessRefusal, origin_hash};
