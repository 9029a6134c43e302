//! The encrypted object: datasets, requests and results. `spec/objects.md` is its format, byte by byte.
//!
//! An object is two blobs. The **body** is one message of C2SP chunked-encryption (AES-256-GCM); the **manifest** holds
//! the header, the prefix and length of the body, and a BLAKE3 digest of each group of 64 encrypted chunks. The
//! [`ObjectId`](crate::id::ObjectId) covers the whole manifest, so an owner cannot show two contents under one id.
//!
//! What always holds:
//! - every byte that a [`Reader`] returns was checked against the list that the expected id covers, then decrypted;
//! - a [`Writer`] draws a fresh salt, and no nonce comes from anything that was stored;
//! - memory is bounded: one group, and 32 bytes of list for each MiB of the object.

#[cfg(test)]
mod c2sp_vectors;
mod cipher;
mod error;
mod key;
mod layout;
mod manifest;
mod reader;
mod writer;

pub use self::error::{ObjectError, WriteError};
pub use self::key::DataKey;
pub use self::layout::{
    CHUNK_LENGTH, GROUP_LENGTH, GROUP_PLAINTEXT_LENGTH, MAX_BODY_LENGTH, MAX_GROUPS, MAX_HEADER_LENGTH,
    MAX_MANIFEST_LENGTH, MAX_PLAINTEXT_LENGTH, PREFIX_LENGTH,
};
pub use self::manifest::Manifest;
pub use self::reader::Reader;
pub use self::writer::Writer;
