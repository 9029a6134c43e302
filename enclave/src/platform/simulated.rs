//! The enclave's side of the simulated platform: calls on descriptor 4, framed as in `docs/platforms/simulated.md`.
//! Answers are read strictly, although they come from the enclave's own launcher: version, kind, and every length
//! before a byte of it is taken.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use super::{EvidenceBundle, Platform, PlatformError, SealingKey};

const VERSION: u8 = 1;
const EVIDENCE: u8 = 0x01;
const SEALING_KEY: u8 = 0x02;
const ANSWER: u8 = 0x80;
/// Longest context of a sealing key in bytes.
const CONTEXT_LIMIT: usize = 256;
/// Length of AMD's report.
const REPORT_LENGTH: u32 = 1184;
/// Longest certificate or revocation list in bytes.
const ENDORSEMENT_LIMIT: u32 = 8192;
/// Leaf, intermediate and root certificate, revocation list.
const ENDORSEMENTS: usize = 4;
/// Length before each part of an answer.
const LENGTH: u32 = 4;

/// The simulated platform, as seen by the enclave that it started.
#[derive(Debug)]
pub struct Simulated<S = UnixStream> {
    stream: S,
}

impl<S: Read + Write> Simulated<S> {
    /// Talks to the platform over `stream`.
    #[must_use]
    pub fn new(stream: S) -> Self {
        Self { stream }
    }

    /// Sends one call and reads the header of its answer: the length of its body.
    fn call(&mut self, kind: u8, body: &[u8]) -> Result<u32, PlatformError> {
        let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
        let mut frame = vec![VERSION, kind];
        frame.extend_from_slice(&length.to_be_bytes());
        frame.extend_from_slice(body);
        self.stream.write_all(&frame)?;

        let [version, answer] = self.array()?;
        if version != VERSION {
            return Err(PlatformError::AnswerVersion { expected: VERSION, found: version });
        }
        if answer != kind | ANSWER {
            return Err(PlatformError::AnswerKind { expected: kind | ANSWER, found: answer });
        }
        self.length()
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], PlatformError> {
        let mut bytes = [0; N];
        self.stream.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn length(&mut self) -> Result<u32, PlatformError> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    /// Reads one part of an answer of which `rest` bytes are still to come.
    fn part(&mut self, rest: &mut u32, limits: core::ops::RangeInclusive<u32>) -> Result<Vec<u8>, PlatformError> {
        let found = self.length()?;
        let left = rest.checked_sub(LENGTH).and_then(|left| left.checked_sub(found));
        match left {
            Some(left) if limits.contains(&found) => *rest = left,
            _ => return Err(PlatformError::AnswerLength { found }),
        }
        let mut bytes = vec![0; usize::try_from(found).unwrap_or_default()];
        self.stream.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

impl<S: Read + Write> Platform for Simulated<S> {
    fn evidence(&mut self, report_data: &[u8; 64]) -> Result<EvidenceBundle, PlatformError> {
        let mut rest = self.call(EVIDENCE, report_data)?;
        let evidence = self.part(&mut rest, REPORT_LENGTH..=REPORT_LENGTH)?;
        let mut endorsements = Vec::with_capacity(ENDORSEMENTS);
        for _ in 0..ENDORSEMENTS {
            endorsements.push(self.part(&mut rest, 1..=ENDORSEMENT_LIMIT)?);
        }
        if rest != 0 {
            return Err(PlatformError::AnswerLength { found: rest });
        }
        Ok(EvidenceBundle { evidence, endorsements })
    }

    fn sealing_key(&mut self, context: &[u8]) -> Result<SealingKey, PlatformError> {
        if context.is_empty() || context.len() > CONTEXT_LIMIT {
            return Err(PlatformError::ContextLength { limit: CONTEXT_LIMIT, found: context.len() });
        }
        match self.call(SEALING_KEY, context)? {
            32 => SealingKey::filled_by(|key| Ok(self.stream.read_exact(key)?)),
            found => Err(PlatformError::AnswerLength { found }),
        }
    }
}

#[cfg(test)]
mod tests;
