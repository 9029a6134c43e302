//! Canonical JSON of signed payloads: one value has exactly one byte string.
//!
//! What always holds: [`decode`] accepts only the bytes that [`encode`] would write for the value it returns. So
//! unknown fields, other field orders, spaces, other escapes, duplicate keys and trailing bytes are all refused, by one
//! comparison. Numbers are integers only. `SPEC.md`, section 2.

use alloc::vec::Vec;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Why bytes are not the canonical form of a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CanonicalError {
    /// More bytes than the format allows.
    #[error("{found} bytes, expected at most {limit}")]
    TooLong {
        /// Largest size of this format, in bytes.
        limit: usize,
        /// Size found, in bytes.
        found: usize,
    },
    /// Not JSON of the expected shape. What stood there is not repeated: it is a peer's text.
    #[error("not the JSON expected here, at byte {offset}")]
    Malformed {
        /// Where decoding stopped, in bytes from the start (one line is all that canonical JSON has).
        offset: usize,
    },
    /// The right value in another spelling.
    #[error("not in canonical form: expected exactly the bytes that encoding the value gives")]
    NotCanonical,
}

/// The canonical bytes of `value`.
///
/// # Panics
/// Never: the payload types of this crate have string keys and no floating point, and writing to memory does not fail.
#[must_use]
pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("payload types serialise to JSON without failing")
}

/// The value whose canonical form `bytes` is.
///
/// # Errors
/// [`CanonicalError`] when there are more than `limit` bytes or they are not the canonical form of a `T`.
pub fn decode<T: Serialize + DeserializeOwned>(bytes: &[u8], limit: usize) -> Result<T, CanonicalError> {
    if bytes.len() > limit {
        return Err(CanonicalError::TooLong { limit, found: bytes.len() });
    }
    let value: T =
        serde_json::from_slice(bytes).map_err(|error| CanonicalError::Malformed { offset: error.column() })?;
    if encode(&value) != bytes {
        return Err(CanonicalError::NotCanonical);
    }
    Ok(value)
}

/// Binary fields inside JSON: standard base64 with padding, the one canonical spelling.
pub(crate) mod base64_bytes {
    use alloc::string::String;
    use alloc::vec::Vec;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(crate) fn serialize<S: Serializer>(bytes: &Vec<u8>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(bytes))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text.as_bytes()).map_err(|_| de::Error::custom("expected base64"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Pair {
        number: u64,
        text: String,
    }

    #[test]
    fn one_value_has_one_spelling() {
        let good = br#"{"number":7,"text":"a"}"#;
        assert_eq!(decode(good, 64), Ok(Pair { number: 7, text: "a".into() }));
        for other in [
            r#"{"text":"a","number":7}"#,
            r#"{"number":7, "text":"a"}"#,
            r#"{"number":7,"text":"\u0061"}"#,
            " {\"number\":7,\"text\":\"a\"}",
        ] {
            assert_eq!(decode::<Pair>(other.as_bytes(), 64), Err(CanonicalError::NotCanonical), "{other}");
        }
        for broken in [
            r#"{"number":7,"text":"a","more":1}"#,
            r#"{"number":7,"number":7,"text":"a"}"#,
            r#"{"number":7}"#,
            r#"{"number":7,"text":"a"}x"#,
            r#"{"number":7.0,"text":"a"}"#,
            "",
        ] {
            let error = decode::<Pair>(broken.as_bytes(), 64).unwrap_err();
            assert!(matches!(error, CanonicalError::Malformed { .. }), "{broken}: {error:?}");
        }
        assert_eq!(decode::<Pair>(good, 3), Err(CanonicalError::TooLong { limit: 3, found: good.len() }));
    }
}
