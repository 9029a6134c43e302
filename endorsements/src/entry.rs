//! An index entry: what an item is, where it came from, until when it may be used. JSON, read strictly.
//!
//! Nothing in it is trusted: its dates spare requests, and the appraisal judges the content's own.

use serde::{Deserialize, Serialize};

use crate::exchange::{MAX_VALIDATOR, Validators};

const VERSION: u32 = 1;
/// Most files that one item has.
const MAX_FILES: usize = 4;

/// See `docs/endorsements.md` for the file's form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    pub(crate) version: u32,
    pub(crate) name: String,
    pub(crate) address: String,
    /// SHA-256 of each, in hex.
    pub(crate) files: Vec<String>,
    /// When its maker last served or confirmed it, in seconds since 1970.
    pub(crate) fetched: u64,
    /// From when on it is not used, in seconds since 1970.
    pub(crate) expires: u64,
    /// Whether a caller's maximum age counts.
    pub(crate) ages: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) etag: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last_modified: Option<String>,
}

impl Entry {
    /// # Errors
    /// What is wrong, in words.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, String> {
        let entry: Self = serde_json::from_slice(bytes).map_err(|error| {
            format!("its index entry is no json of this form (line {}, column {})", error.line(), error.column())
        })?;
        if entry.version != VERSION {
            return Err(format!("its index entry has version {}, expected {VERSION}", entry.version));
        }
        // A digest is a file's name: nothing else may be one.
        let is_digest = |text: &String| {
            text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        };
        if entry.files.len() > MAX_FILES || !entry.files.iter().all(is_digest) {
            return Err("its index entry names a file that is no sha-256".into());
        }
        let is_header =
            |text: &String| text.len() <= MAX_VALIDATOR && text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
        if ![&entry.etag, &entry.last_modified].into_iter().flatten().all(is_header) {
            return Err("its index entry has a validator that is no header".into());
        }
        Ok(entry)
    }

    pub(crate) fn encode(&self) -> Result<Vec<u8>, String> {
        serde_json::to_vec_pretty(self).map_err(|error| error.to_string())
    }

    pub(crate) fn validators(&self) -> Validators {
        Validators { etag: self.etag.clone(), last_modified: self.last_modified.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(version: u32, file: &str, more: &str) -> String {
        format!(
            "{{\"version\":{version},\"name\":\"n\",\"address\":\"a\",\"files\":[\"{file}\"],\"fetched\":1,\"expires\":2,\"ages\":true{more}}}"
        )
    }

    #[test]
    fn an_entry_is_read_strictly() {
        let good = "0a".repeat(32);
        assert!(Entry::decode(json(1, &good, "").as_bytes()).is_ok());
        let name = "its index entry names a file that is no sha-256";
        for (text, why) in [
            (json(2, &good, ""), "its index entry has version 2, expected 1"),
            (json(1, "../../etc/passwd", ""), name),
            (json(1, &good.to_uppercase(), ""), name),
            (json(1, &good, ",\"x\":1"), "its index entry is no json of this form (line 1, column 154)"),
            (json(1, &good, ",\"etag\":\"a\\nb\""), "its index entry has a validator that is no header"),
            (String::new(), "its index entry is no json of this form (line 1, column 0)"),
        ] {
            assert_eq!(Entry::decode(text.as_bytes()), Err(why.into()), "{text}");
        }
    }
}
