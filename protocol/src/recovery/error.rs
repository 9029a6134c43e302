//! Why keys cannot be split, a set or a share not be used, or shares not be joined.

use super::{HELPERS_LIMIT, SHARE_LENGTH};
use crate::canonical::CanonicalError;
use crate::dsse::EnvelopeError;
use crate::identity::KeyError;
use alloc::string::String;

/// What is wrong, in the order of the checks of `spec/recovery.md`. Names are of `a-z 0-9 -`, so they can be shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecoveryError {
    /// More bytes than the file may have.
    #[error("expected at most {limit} bytes, found {found}")]
    TooLong {
        /// Most bytes.
        limit: usize,
        /// Bytes found.
        found: usize,
    },
    /// The envelope's form, or a signature in it.
    #[error("{0}; take it from its maker again")]
    Envelope(#[from] EnvelopeError),
    /// The payload is not the canonical form.
    #[error("{0}; take it from its maker again")]
    Payload(#[from] CanonicalError),
    /// A name of an owner or helper that no card has. It is not repeated.
    #[error("expected names of 1 to 64 of a-z, 0-9 and -, beginning with a letter")]
    Name,
    /// How many shares there are and how many are needed.
    #[error("expected that 2 or more of at most {HELPERS_LIMIT} helpers are needed, found {threshold} of {helpers}")]
    Threshold {
        /// Needed.
        threshold: usize,
        /// There.
        helpers: usize,
    },
    /// A share's number is not the one that belongs there.
    #[error("expected share {expected}, found share {found}")]
    ShareOrder {
        /// The number that belongs there.
        expected: u8,
        /// The number found.
        found: u8,
    },
    /// A helper would have two shares and count twice.
    #[error("helper \"{helper}\" has a key that another helper of the set has; choose somebody else")]
    Repeated {
        /// The helper's name.
        helper: String,
    },
    /// The owner would be lost with its own share.
    #[error("helper \"{helper}\" has a key of the owner itself, which is what would be lost; choose somebody else")]
    Owner {
        /// The helper's name.
        helper: String,
    },
    /// A share that no encoder makes.
    #[error("share {index}: expected a ciphertext of {SHARE_LENGTH} bytes, found {found}")]
    Length {
        /// The share's number.
        index: u8,
        /// Bytes found.
        found: usize,
    },
    /// A key cannot be encrypted to.
    #[error("{0}")]
    Key(#[from] KeyError),
    /// Whoever wants to give a share has none in this set.
    #[error(
        "expected a helper of this set, found a key that no share is encrypted to; use the key file that the card was made with"
    )]
    NoHelper,
    /// A share of another set than the one it is joined with.
    #[error("share {index} is of another set, or of another owner; ask its helper for the one of this file")]
    OtherSet {
        /// The share's number.
        index: u8,
    },
    /// A share that was given to somebody else.
    #[error("share {index} was given to another key; ask its helper to give it to this one's card")]
    OtherReceiver {
        /// The share's number.
        index: u8,
    },
    /// A share that the set has not, or share 0, which would be the keys themselves.
    #[error("expected a share from 1 to {helpers}, found share {found}")]
    Index {
        /// Shares of the set.
        helpers: u8,
        /// The number found.
        found: u8,
    },
    /// The same share again.
    #[error("share {index} is there twice and counts once; leave one of them out")]
    Twice {
        /// The share's number.
        index: u8,
    },
    /// A share does not decrypt.
    #[error("share {index} does not decrypt; take it from its maker again")]
    Decryption {
        /// The share's number.
        index: u8,
    },
    /// A share is not what the owner committed to.
    #[error(
        "share {index} of \"{helper}\" is not the one that the owner made: who gave it gave a wrong one; leave it out, and keep the file as proof"
    )]
    Commitment {
        /// The share's number.
        index: u8,
        /// Its helper's name.
        helper: String,
    },
    /// Not enough shares.
    #[error("expected {needed} shares, found {found}; ask more helpers")]
    TooFew {
        /// Needed.
        needed: u8,
        /// Found.
        found: usize,
    },
    /// The shares hold and give other keys than the owner's.
    #[error(
        "every share is what the owner committed to, and together they give other keys: the set was made wrong, and nobody can use it"
    )]
    Keys,
}
