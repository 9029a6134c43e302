//! What the page asks, in bytes: parts one after another, in any order.
//!
//! ```text
//! part: kind (1 byte), length (4 bytes, little-endian), that many bytes
//!
//! e  the file with the Evidence, once           c  the challenge, as it was typed, at most once
//! p  the policy's text, at most once            r  why there was no challenge, at most once
//! n  a file of Endorsements, up to 1024 times   t  the time, seconds since 1970 (8 bytes, little-endian), once
//! ```
//!
//! What always holds: a request decodes to its last byte or is refused by what is wrong with it.

use thiserror::Error;

/// Most bytes of a request.
const MAX_BYTES: usize = 64 * 1024 * 1024;
/// Most files of Endorsements, as for a folder of them.
const MAX_ENDORSEMENTS: usize = 1024;

/// What was asked of whoever made the Evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "complete: something was asked or nothing was")]
pub enum Asked {
    /// These hexadecimal digits.
    Challenge(String),
    /// Nothing, for this reason.
    Nothing(String),
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "complete: the page and the tests write each field")]
pub struct Request {
    /// The file with the Evidence, in any form in which tools hand it on.
    pub evidence: Vec<u8>,
    /// TOML or JSON; without one nothing is appraised.
    pub policy: Option<String>,
    /// Files of Endorsements, and bundles.
    pub endorsements: Vec<Vec<u8>>,
    /// What was asked, where that was said.
    pub asked: Option<Asked>,
    /// The time that it is judged as of, in seconds since 1970.
    pub at: u64,
}

/// A request that is none. In the order in which it is read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RequestError {
    /// More than is ever appraised.
    #[error("all files together have {found} bytes, expected at most {limit}")]
    TooLarge {
        /// The limit.
        limit: usize,
        /// Bytes given.
        found: usize,
    },
    /// A part ends before its length.
    #[error("the request ends inside of a part")]
    CutOff,
    /// A part of another kind.
    #[error("a part of kind {kind}, which is not known")]
    UnknownPart {
        /// Its first byte.
        kind: u8,
    },
    /// A second part where one is expected.
    #[error("two parts of kind {kind}, expected one")]
    Repeated {
        /// Its first byte.
        kind: u8,
    },
    /// No file with Evidence, or no time.
    #[error("no part of kind {kind}")]
    Missing {
        /// The first byte of what is missing.
        kind: u8,
    },
    /// Text that is no UTF-8.
    #[error("the {what} is not text")]
    NotText {
        /// Which.
        what: &'static str,
    },
    /// A time of another length.
    #[error("a time of {found} bytes, expected 8")]
    Time {
        /// Bytes given.
        found: usize,
    },
    /// Both a challenge and a reason why there is none.
    #[error("both a challenge and a reason why there is none")]
    BothAsked,
    /// More files than a folder of Endorsements may have.
    #[error("more than {limit} files of endorsements")]
    TooManyEndorsements {
        /// The limit.
        limit: usize,
    },
}

impl Request {
    /// Most bytes of a request: 64 MiB.
    pub const LIMIT: usize = MAX_BYTES;

    /// Strictly, every byte of it.
    ///
    /// # Errors
    /// [`RequestError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, RequestError> {
        if bytes.len() > MAX_BYTES {
            return Err(RequestError::TooLarge { limit: MAX_BYTES, found: bytes.len() });
        }
        let (mut evidence, mut policy, mut endorsements, mut at) = (None, None, Vec::new(), None);
        let (mut challenge, mut reason) = (None, None);
        let mut rest = bytes;
        while let Some((kind, after)) = rest.split_first() {
            let (part, after) = part(after).ok_or(RequestError::CutOff)?;
            rest = after;
            match *kind {
                b'e' => once(&mut evidence, *kind, part.to_vec())?,
                b'p' => once(&mut policy, *kind, text(part, "policy")?)?,
                b'c' => once(&mut challenge, *kind, text(part, "challenge")?)?,
                b'r' => once(&mut reason, *kind, text(part, "reason")?)?,
                b't' => once(&mut at, *kind, time(part)?)?,
                b'n' if endorsements.len() == MAX_ENDORSEMENTS => {
                    return Err(RequestError::TooManyEndorsements { limit: MAX_ENDORSEMENTS });
                }
                b'n' => endorsements.push(part.to_vec()),
                kind => return Err(RequestError::UnknownPart { kind }),
            }
        }
        let asked = match (challenge, reason) {
            (Some(_), Some(_)) => return Err(RequestError::BothAsked),
            (Some(digits), None) => Some(Asked::Challenge(digits)),
            (None, reason) => reason.map(Asked::Nothing),
        };
        let evidence = evidence.ok_or(RequestError::Missing { kind: b'e' })?;
        let at = at.ok_or(RequestError::Missing { kind: b't' })?;
        Ok(Self { evidence, policy, endorsements, asked, at })
    }

    /// The bytes that [`Request::decode`] reads, as the page writes them. A part of 4 GiB or more has none.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut put = |kind: u8, part: &[u8]| {
            bytes.push(kind);
            bytes.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_le_bytes());
            bytes.extend(part);
        };
        put(b'e', &self.evidence);
        if let Some(policy) = &self.policy {
            put(b'p', policy.as_bytes());
        }
        for file in &self.endorsements {
            put(b'n', file);
        }
        match &self.asked {
            Some(Asked::Challenge(digits)) => put(b'c', digits.as_bytes()),
            Some(Asked::Nothing(reason)) => put(b'r', reason.as_bytes()),
            None => {}
        }
        put(b't', &self.at.to_le_bytes());
        bytes
    }
}

/// A part's bytes, and what follows it.
fn part(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)
}

fn once<T>(place: &mut Option<T>, kind: u8, value: T) -> Result<(), RequestError> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(RequestError::Repeated { kind }),
    }
}

fn text(part: &[u8], what: &'static str) -> Result<String, RequestError> {
    core::str::from_utf8(part).map(str::to_owned).map_err(|_| RequestError::NotText { what })
}

fn time(part: &[u8]) -> Result<u64, RequestError> {
    let bytes = part.try_into().map_err(|_| RequestError::Time { found: part.len() })?;
    Ok(u64::from_le_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Request {
        Request {
            evidence: vec![1, 2, 3],
            policy: Some("version = 1".to_owned()),
            endorsements: vec![vec![4], Vec::new()],
            asked: Some(Asked::Challenge("6f1c".to_owned())),
            at: 1_780_000_000,
        }
    }

    #[test]
    fn a_request_reads_back_as_it_was_written() {
        let asked = [None, request().asked, Some(Asked::Nothing("an archive".to_owned()))];
        for asked in asked {
            for policy in [None, request().policy] {
                let request = Request { policy, asked: asked.clone(), ..request() };
                assert_eq!(Request::decode(&request.encode()), Ok(request));
            }
        }
    }

    #[test]
    fn a_request_that_is_cut_off_anywhere_is_none() {
        let bytes = request().encode();
        for length in 0..bytes.len() {
            let cut = Request::decode(&bytes[..length]);
            let whole_parts = [0, 8, 24, 30, 35, 44].contains(&length);
            let expected = match length {
                0 => RequestError::Missing { kind: b'e' },
                _ if whole_parts => RequestError::Missing { kind: b't' },
                _ => RequestError::CutOff,
            };
            assert_eq!(cut, Err(expected), "{length} of {}", bytes.len());
        }
    }

    #[test]
    fn each_fault_of_a_request_is_named() {
        let with = |more: &[u8]| Request::decode(&[request().encode().as_slice(), more].concat());
        assert_eq!(with(b"x\0\0\0\0"), Err(RequestError::UnknownPart { kind: b'x' }));
        for kind in [b'e', b'p', b'c'] {
            assert_eq!(with(&[kind, 0, 0, 0, 0]), Err(RequestError::Repeated { kind }));
        }
        assert_eq!(with(b"r\0\0\0\0"), Err(RequestError::BothAsked));
        assert_eq!(with(b"p\x01\0\0\0\xff"), Err(RequestError::NotText { what: "policy" }));
        assert_eq!(with(b"t\x01\0\0\0\x00"), Err(RequestError::Time { found: 1 }));
        assert_eq!(with(b"e\xff\xff\xff\xff"), Err(RequestError::CutOff));
        let many = b"n\0\0\0\0".repeat(MAX_ENDORSEMENTS - 2);
        assert!(with(&many).is_ok());
        let more = [many.as_slice(), b"n\0\0\0\0"].concat();
        assert_eq!(with(&more), Err(RequestError::TooManyEndorsements { limit: MAX_ENDORSEMENTS }));
        let long = vec![0; MAX_BYTES + 1];
        assert_eq!(Request::decode(&long), Err(RequestError::TooLarge { limit: MAX_BYTES, found: MAX_BYTES + 1 }));
    }
}
