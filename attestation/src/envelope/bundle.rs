//! Evidence with everything that it takes to appraise it again, in one file: JSON of a closed shape.
//!
//! ```json
//! {"format":"sealroom/1 appraisal bundle","evidence":"base64","endorsements":["base64"],"appraised_at":"2026-09-01T10:12:07Z","challenge":"hex"}
//! ```

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::error::EnvelopeError;
use crate::text::{Hex, printable, utc};

/// The label of the format.
pub(super) const FORMAT: &str = "sealroom/1 appraisal bundle";
const MAX_ENDORSEMENTS: usize = 64;
const MAX_CHALLENGE: usize = 1024;

/// Evidence and Endorsements, with the time and the challenge of an appraisal. Anyone can write one: it proves nothing but what
/// the signatures in it prove.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bundle {
    /// The Evidence in the platform's own bytes.
    pub evidence: Vec<u8>,
    /// Each a file for [`Endorsements::with`](crate::Endorsements::with); at most 64.
    pub endorsements: Vec<Vec<u8>>,
    /// Seconds since 1970.
    pub appraised_at: Option<u64>,
    /// 1 to 1024 bytes.
    pub challenge: Option<Vec<u8>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    format: String,
    evidence: String,
    endorsements: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    appraised_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    challenge: Option<String>,
}

/// Another file of this project says so by the same key.
#[derive(Deserialize)]
struct Format {
    format: String,
}

impl Bundle {
    /// Evidence alone, to put more beside.
    #[must_use]
    pub fn new(evidence: Vec<u8>) -> Self {
        Self { evidence, endorsements: Vec::new(), appraised_at: None, challenge: None }
    }

    /// Whether the bytes are JSON that names a format of this project.
    #[must_use]
    pub fn sniff(bytes: &[u8]) -> bool {
        let named = bytes.len() <= super::MAX_BYTES && bytes.trim_ascii_start().first() == Some(&b'{');
        named && serde_json::from_slice(bytes).is_ok_and(|Format { format }| format.starts_with("sealroom/"))
    }

    /// As [`Bundle::write`] writes it; white space between the values does not matter, an unknown or repeated key does.
    ///
    /// # Errors
    /// [`EnvelopeError::TooLarge`], [`EnvelopeError::Json`], [`EnvelopeError::BundleFormat`], [`EnvelopeError::Bundle`].
    pub fn read(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        if bytes.len() > super::MAX_BYTES {
            return Err(EnvelopeError::TooLarge { limit: super::MAX_BYTES, found: bytes.len() });
        }
        let not_json = |error: serde_json::Error| EnvelopeError::Json { problem: printable(&error.to_string()) };
        let Format { format } = serde_json::from_slice(bytes).map_err(not_json)?;
        if format != FORMAT {
            let found = format.chars().filter(|character| !character.is_control()).take(64).collect();
            return Err(EnvelopeError::BundleFormat { found });
        }
        let wrong = |problem: String| EnvelopeError::Bundle { problem };
        let written: Written = serde_json::from_slice(bytes).map_err(|error| wrong(printable(&error.to_string())))?;
        if written.endorsements.len() > MAX_ENDORSEMENTS {
            let found = written.endorsements.len();
            return Err(wrong(format!("{found} endorsements, expected at most {MAX_ENDORSEMENTS}")));
        }
        let decode = |what: &str, text: &String| {
            STANDARD.decode(text).map_err(|_| wrong(format!("{what} is not base64 with padding")))
        };
        let endorsements = written.endorsements.iter().map(|text| decode("an endorsement", text));
        Ok(Self {
            evidence: decode("the evidence", &written.evidence)?,
            endorsements: endorsements.collect::<Result<_, _>>()?,
            appraised_at: written.appraised_at.as_deref().map(|text| time(text).map_err(wrong)).transpose()?,
            challenge: written.challenge.as_deref().map(|text| challenge(text).map_err(wrong)).transpose()?,
        })
    }

    /// The text of the file: one way for the same content.
    #[must_use]
    pub fn write(&self) -> String {
        let written = Written {
            format: FORMAT.to_owned(),
            evidence: STANDARD.encode(&self.evidence),
            endorsements: self.endorsements.iter().map(|bytes| STANDARD.encode(bytes)).collect(),
            appraised_at: self.appraised_at.map(utc),
            challenge: self.challenge.as_ref().map(|bytes| Hex(bytes).to_string()),
        };
        // Only maps with keys that are no text could fail, and there are none.
        let mut text = serde_json::to_string_pretty(&written).unwrap_or_default();
        text.push('\n');
        text
    }
}

/// Seconds since 1970 of `2026-09-01T10:12:07Z`, in that form alone.
fn time(text: &str) -> Result<u64, String> {
    let parsed = text.parse::<der::DateTime>().map(|time| time.unix_duration().as_secs()).ok();
    parsed
        .filter(|seconds| utc(*seconds) == text)
        .ok_or_else(|| String::from("appraised_at is not a time such as 2026-09-01T10:12:07Z"))
}

fn challenge(text: &str) -> Result<Vec<u8>, String> {
    let wrong = || format!("challenge is not 1 to {MAX_CHALLENGE} bytes in lower-case hexadecimal");
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.is_empty() || pairs.len() > MAX_CHALLENGE || !rest.is_empty() {
        return Err(wrong());
    }
    let byte = |pair: &[u8; 2]| core::str::from_utf8(pair).ok().and_then(crate::text::from_hex::<1>);
    pairs.iter().map(|pair| byte(pair).map(|[byte]| byte)).collect::<Option<_>>().ok_or_else(wrong)
}
