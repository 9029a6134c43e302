//! Why an object was refused: one variant a check, in the order of the checks.
//!
//! What always holds: no variant carries plaintext, key or a peer's bytes; what a failed decryption could tell is told
//! by nothing but [`ObjectError::DecryptionFailed`].

use crate::id::ObjectId;

/// Why an object could not be written, decoded or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ObjectError {
    /// The manifest is longer than any manifest may be.
    #[error("the manifest has {found} bytes, more than the limit of {limit}; split the dataset into several objects")]
    ManifestTooLong {
        /// Most bytes of a manifest.
        limit: usize,
        /// Bytes that were given.
        found: usize,
    },
    /// The manifest ends inside a field.
    #[error("the manifest ends after {found} bytes, inside a field; fetch it again")]
    ManifestTruncated {
        /// Bytes that were given.
        found: usize,
    },
    /// The first eight bytes are not those of a manifest of version 1.
    #[error("this is not an object manifest of version 1: it does not begin with SEALOBJ1")]
    Magic,
    /// The header is longer than a header may be.
    #[error("the object header has {found} bytes, more than the limit of {limit}")]
    HeaderTooLong {
        /// Most bytes of a header.
        limit: usize,
        /// Bytes of this header.
        found: usize,
    },
    /// The body is longer than a body may be.
    #[error(
        "the object body has {found} bytes, more than the limit of {limit}; split the dataset into several objects"
    )]
    BodyTooLong {
        /// Most bytes of a body, prefix included.
        limit: u64,
        /// Bytes that the manifest states.
        found: u64,
    },
    /// No message has this length: its last chunk would be full, or shorter than a tag, or absent.
    #[error("no object body has {found} bytes: the last chunk must be present and short")]
    BodyLength {
        /// Bytes that the manifest states.
        found: u64,
    },
    /// The list does not have exactly one digest a group.
    #[error("the list of digests must have {expected} bytes for this body, found {found}; fetch the manifest again")]
    ListLength {
        /// Bytes of list that the body's length demands.
        expected: usize,
        /// Bytes that followed the body's length.
        found: usize,
    },
    /// The plaintext is longer than a plaintext may be.
    #[error("the plaintext is longer than the limit of {limit} bytes; split the dataset into several objects")]
    PlaintextTooLong {
        /// Most bytes of plaintext.
        limit: u64,
    },
    /// More bytes were said to have been put in the writer's space than it had.
    #[error("{found} bytes were said to be in a space of {space}; put no more than the space holds")]
    MoreThanSpace {
        /// Bytes that the space had.
        space: usize,
        /// Bytes that were said to be in it.
        found: usize,
    },
    /// An earlier write of this object failed, so it cannot be finished.
    #[error("an earlier write of this object failed; begin a new object")]
    WriterStopped,
    /// The provider could not set up a key or encrypt a chunk.
    #[error("the AEAD provider failed to encrypt; use another provider")]
    EncryptionFailed,
    /// The manifest is that of another object than the expected one.
    #[error("expected object {expected}, found {found}; fetch the manifest of the expected object")]
    OtherObject {
        /// The id that was asked for.
        expected: ObjectId,
        /// The id of the manifest that was given.
        found: ObjectId,
    },
    /// The key commitment does not match: another key, or the manifest was not made with this key.
    #[error("this key is not the key of this object")]
    Commitment,
    /// The first bytes of the body are not the salt and commitment of the manifest.
    #[error("the body does not begin with the salt and commitment of its manifest; fetch the body again")]
    Prefix,
    /// There is no such group in this object.
    #[error("group {index} was asked for, the object has {count}")]
    NoSuchGroup {
        /// The group that was asked for, from 0.
        index: u64,
        /// Groups of the object.
        count: u64,
    },
    /// The ciphertext does not have the length of this group.
    #[error("group {index} must have {expected} bytes, found {found}; fetch the group again")]
    GroupLength {
        /// The group, from 0.
        index: u64,
        /// Bytes of this group.
        expected: u64,
        /// Bytes that were given.
        found: usize,
    },
    /// The ciphertext of a group is not what the list of the object says.
    #[error("group {index} is not what its owner encrypted: its digest differs from the list; fetch the group again")]
    GroupDigest {
        /// The group, from 0.
        index: u64,
    },
    /// A chunk did not decrypt, now or earlier. The reader says nothing more.
    #[error("decryption failed")]
    DecryptionFailed,
}

/// Why a [`Writer`](super::Writer) stopped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError<E> {
    /// The object cannot be written.
    #[error(transparent)]
    Object(#[from] ObjectError),
    /// The sink did not take the bytes.
    #[error("the sink of the object body failed: {0}")]
    Sink(E),
}
