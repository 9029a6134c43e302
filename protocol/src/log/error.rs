//! Why bytes are not one of the log's formats, or a signature in them does not hold.

use alloc::string::String;

/// Why a note, key, checkpoint, proof or request is refused. What stood there is not repeated: it is a stranger's text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// More bytes than the format allows.
    #[error("{found} bytes, expected at most {limit}")]
    TooLong {
        /// Largest size of this format, in bytes.
        limit: usize,
        /// Size found, in bytes.
        found: usize,
    },
    /// Not UTF-8, or with a control character other than a line feed.
    #[error("expected UTF-8 text without control characters but line feeds")]
    Text,
    /// A note's lines.
    #[error("not a signed note: expected {expected}")]
    Note {
        /// What belongs there.
        expected: &'static str,
    },
    /// A verifier key's text.
    #[error("not a verifier key: expected {expected}")]
    Key {
        /// What belongs there.
        expected: &'static str,
    },
    /// A verifier key whose id is not the one that its name and key have.
    #[error("the verifier key of {name:?} has the id {found:08x}, expected {expected:08x}")]
    KeyId {
        /// The name it says.
        name: String,
        /// What name, type and key give.
        expected: u32,
        /// What it says.
        found: u32,
    },
    /// A checkpoint's text.
    #[error("not a checkpoint: expected {expected}")]
    Checkpoint {
        /// What belongs there.
        expected: &'static str,
    },
    /// A proof's lines.
    #[error("not a proof of a log: expected {expected}")]
    Proof {
        /// What belongs there.
        expected: &'static str,
    },
    /// A request to a witness.
    #[error("not a request to a witness: expected {expected}")]
    Request {
        /// What belongs there.
        expected: &'static str,
    },
    /// No signature by this key.
    #[error("no signature by {name:?}")]
    Missing {
        /// Name of the key whose signature is missing.
        name: String,
    },
    /// A signature by this key that does not hold.
    #[error("the signature by {name:?} does not hold over this text")]
    Bad {
        /// Name of the key.
        name: String,
    },
}
