//! The headers of encrypted objects: whose a dataset is, which run a result is of. Canonical JSON, bound into the key
//! commitment and into the object's id.
//!
//! What always holds: a header says its kind first, so none is ever taken for another's.

use crate::canonical::{self, CanonicalError, base64_bytes};
use crate::contract::{Column, ColumnKind};
use crate::hash::labelled_sha256;
use crate::id::{ContractId, ProposalId, RequestId};
use crate::identity::SigningPublicKey;
use crate::object::MAX_HEADER_LENGTH;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Why a header is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// Its form.
    #[error("header: {0}")]
    Form(#[from] CanonicalError),
    /// Another kind of object.
    #[error("expected the header of a {expected}")]
    Kind {
        /// The kind that belongs here.
        expected: &'static str,
    },
}

/// Header of a dataset: its owner's key, the dataset's name and schema. Made once, at home; the same object may serve
/// several contracts (each with its own signatures).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DatasetHeader {
    kind: String,
    /// Who owns it.
    pub owner: SigningPublicKey,
    /// Its name in the contract.
    pub name: String,
    /// [`schema_digest`] of its columns, in hexadecimal digits.
    pub schema: String,
}

/// Header of a request: the contract it is made under, its id and who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RequestHeader {
    kind: String,
    /// The contract it is made under.
    pub contract: ContractId,
    /// Its fresh id.
    pub request: RequestId,
    /// Who asks.
    pub requester: SigningPublicKey,
}

/// Header of a result: everything it belongs to, and its key for each recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ResultHeader {
    kind: String,
    /// The contract.
    pub contract: ContractId,
    /// The run number.
    pub run: u64,
    /// The proposal that was granted.
    pub proposal: ProposalId,
    /// The result's name in the contract.
    pub name: String,
    /// The object's key, encrypted to each recipient, in the contract's order.
    pub stanzas: Vec<Stanza>,
}

/// The key of a result for one recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Stanza {
    /// The recipient's name in the contract.
    pub recipient: String,
    /// HPKE ciphertext of the 32-byte key ([`crate::encryption`]).
    #[serde(with = "base64_bytes")]
    pub key: Vec<u8>,
}

impl Stanza {
    /// A stanza.
    #[must_use]
    pub const fn new(recipient: String, key: Vec<u8>) -> Self {
        Self { recipient, key }
    }

    /// HPKE label of a result's stanza.
    pub const LABEL: &'static str = "sealroom/1 result key";

    /// What the ciphertext belongs to.
    #[must_use]
    pub fn associated_data(
        contract: &ContractId,
        run: u64,
        proposal: &ProposalId,
        name: &str,
        recipient: &str,
    ) -> Vec<u8> {
        crate::hash::length_prefixed(
            Self::LABEL,
            &[contract.as_bytes(), &run.to_le_bytes(), proposal.as_bytes(), name.as_bytes(), recipient.as_bytes()],
        )
    }
}

macro_rules! header {
    ($name:ident, $kind:literal, $new:ident($($field:ident: $type:ty),*)) => {
        impl $name {
            const KIND: &'static str = $kind;

            /// A header of these.
            #[must_use]
            pub fn new($($field: $type),*) -> Self {
                Self { kind: Self::KIND.into(), $($field),* }
            }

            /// Its canonical bytes.
            #[must_use]
            pub fn encode(&self) -> Vec<u8> {
                canonical::encode(self)
            }

            /// The header that these bytes spell.
            ///
            /// # Errors
            /// [`HeaderError`] unless they are the canonical form of a header of this kind.
            pub fn decode(bytes: &[u8]) -> Result<Self, HeaderError> {
                let header: Self = canonical::decode(bytes, MAX_HEADER_LENGTH)?;
                if header.kind != Self::KIND {
                    return Err(HeaderError::Kind { expected: Self::KIND });
                }
                Ok(header)
            }
        }
    };
}

header!(DatasetHeader, "dataset", new(owner: SigningPublicKey, name: String, schema: String));
header!(RequestHeader, "request", new(contract: ContractId, request: RequestId, requester: SigningPublicKey));
header!(ResultHeader, "result", new(
    contract: ContractId, run: u64, proposal: ProposalId, name: String, stanzas: Vec<Stanza>));

/// Digest of a table's columns, in hexadecimal digits: two schemas that differ in anything differ in it.
#[must_use]
pub fn schema_digest(columns: &[Column]) -> String {
    let lines: Vec<String> = columns.iter().map(describe).collect();
    let fields: Vec<&[u8]> = lines.iter().map(String::as_bytes).collect();
    hex::encode(labelled_sha256("sealroom/1 schema", &fields))
}

/// One line a column. Names have no spaces, and text values come last, each with its length.
fn describe(column: &Column) -> String {
    let null = if column.null { "null" } else { "never-null" };
    let name = &column.name;
    match &column.kind {
        ColumnKind::Integer { minimum, maximum } => format!("{name} {null} integer {minimum} {maximum}"),
        ColumnKind::Decimal { scale, minimum, maximum } => {
            format!("{name} {null} decimal {scale} {minimum} {maximum}")
        }
        ColumnKind::Text { maximum_length, values } => {
            let mut line = format!("{name} {null} text {maximum_length}");
            for value in values {
                line.push_str(&format!(" {}:{value}", value.len()));
            }
            line
        }
        ColumnKind::Boolean => format!("{name} {null} boolean"),
    }
}
