//! What a host brings for an appraisal, and what is kept of it so that a stranger can appraise again later.
//!
//! What always holds: nothing here is believed; it is what was received, to the byte.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sealroom_protocol::identity::SigningPublicKey;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Evidence of a room with all that an appraisal needs besides a policy and the time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "the form in which bundles hold it; a new field is a new bundle format")]
pub struct EvidenceBundle {
    /// The key that the enclave says it signs with.
    pub enclave_key: SigningPublicKey,
    /// Evidence in the vendor's format.
    #[serde(with = "base64_text")]
    pub evidence: Vec<u8>,
    /// Endorsements: certificates and revocation lists, DER or PEM.
    #[serde(with = "base64_texts")]
    pub endorsements: Vec<Vec<u8>>,
    /// The challenges that it answers, in ascending order.
    #[serde(with = "hex_texts")]
    pub challenges: Vec<[u8; 32]>,
    /// The operator's signed statement, where one came along.
    pub operator_statement: Option<OperatorEnvelope>,
    /// When it was appraised (Unix seconds); 0 before that.
    pub appraised: u64,
}

/// The bytes of an operator's statement in its envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
#[expect(clippy::exhaustive_structs, reason = "bytes and nothing else")]
pub struct OperatorEnvelope(#[serde(with = "base64_text")] pub Vec<u8>);

/// Bytes as standard base64.
pub(crate) mod base64_text {
    use super::{Deserialize, Deserializer, Engine, STANDARD, Serializer, de};

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map_err(|_| de::Error::custom("expected base64"))
    }
}

/// A list of bytes as standard base64.
pub(crate) mod base64_texts {
    use super::{Deserialize, Deserializer, Engine, STANDARD, Serialize, Serializer, de};

    pub(crate) fn serialize<S: Serializer>(list: &[Vec<u8>], serializer: S) -> Result<S::Ok, S::Error> {
        list.iter().map(|bytes| STANDARD.encode(bytes)).collect::<Vec<String>>().serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Vec<u8>>, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        let decoded: Result<_, _> = texts.iter().map(|text| STANDARD.decode(text)).collect();
        decoded.map_err(|_| de::Error::custom("expected base64"))
    }
}

/// A list of 32 bytes each as hexadecimal digits.
pub(crate) mod hex_texts {
    use super::{Deserialize, Deserializer, Serialize, Serializer, de};

    pub(crate) fn serialize<S: Serializer>(list: &[[u8; 32]], serializer: S) -> Result<S::Ok, S::Error> {
        list.iter().map(hex::encode).collect::<Vec<String>>().serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<[u8; 32]>, D::Error> {
        let decode = |text: &String| {
            let mut bytes = [0; 32];
            hex::decode_to_slice(text, &mut bytes).map(|()| bytes)
        };
        let decoded: Result<_, _> = Vec::<String>::deserialize(deserializer)?.iter().map(decode).collect();
        decoded.map_err(|_| de::Error::custom("expected 64 hexadecimal digits"))
    }
}
