//! The names of things: 32-byte identifiers, written as 64 lowercase hexadecimal digits.
//!
//! What always holds: two kinds of id never mix (each is a type of its own), and text form is canonical.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Text that is not 64 lowercase hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an id of 64 lowercase hexadecimal digits")]
#[non_exhaustive]
pub struct IdError;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, bincode::Encode, bincode::Decode)]
        pub struct $name([u8; 32]);

        impl $name {
            /// The id with these 32 bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }

            /// Its 32 bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                decode_hex(text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&hex::encode(self.0))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    };
}

id!(
    /// SHA-256 of a contract's text.
    ContractId
);
id!(
    /// The id of an encrypted object: it covers header, salt, commitment, length and the digest of every group of chunks.
    ObjectId
);
id!(
    /// The labelled hash of a proposal's payload.
    ProposalId
);
id!(
    /// The labelled hash of a receipt's payload.
    ReceiptId
);
id!(
    /// A random name of one grant, drawn by the granting party.
    GrantId
);
id!(
    /// A random name of one request, drawn by the requester.
    RequestId
);
id!(
    /// A random name of one sealed store, drawn when it is created.
    StoreId
);
id!(
    /// A random name of one set of shares, drawn by the party whose keys it recovers.
    RecoverySetId
);
id!(
    /// The labelled hash of one share of a party's keys, which says nothing of it.
    ShareCommitment
);

fn decode_hex(text: &str) -> Result<[u8; 32], IdError> {
    let canonical = text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let mut bytes = [0; 32];
    if !canonical || hex::decode_to_slice(text, &mut bytes).is_err() {
        return Err(IdError);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn only_64_lowercase_digits_are_an_id() {
        let id = ContractId::from_bytes([0xab; 32]);
        assert_eq!(id.to_string().parse(), Ok(id));
        for text in ["", &"a".repeat(63), &"A".repeat(64), &"g".repeat(64), &"a".repeat(66)] {
            assert_eq!(text.parse::<ContractId>(), Err(IdError));
        }
    }
}
