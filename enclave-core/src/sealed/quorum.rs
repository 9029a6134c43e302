//! Witnesses that vouch together: k of n, of which f may lie.
//!
//! What always holds: having a [`Quorum`] means 2k > n + f, so any two sets of k witnesses share an honest one, and that one
//! never signs two histories. Cosignatures are those of C2SP tlog-cosignature, version 1 (ed25519), in note signature lines.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sealroom_protocol::identity::SigningPublicKey;
use sha2::{Digest, Sha256};

/// Most witnesses of a quorum.
const WITNESS_LIMIT: usize = 64;
/// Most lines of an answer that are looked at, and most bytes of one.
const LINE_LIMIT: usize = 256;
const LINE_LENGTH_LIMIT: usize = 512;
/// Key type of an ed25519 cosignature in a key id.
const COSIGNATURE_TYPE: u8 = 0x04;
/// What a note signature line begins with: an em dash and a space.
pub(super) const LINE_START: &str = "\u{2014} ";

/// A witness: the name and key that its operator publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the caller fills every field")]
pub struct WitnessKey {
    /// Its name: no spaces, no plus sign.
    pub name: String,
    /// Its key for cosignatures, and for nothing else.
    pub key: SigningPublicKey,
}

/// Why witnesses make no quorum.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QuorumError {
    /// Two would not share an honest witness.
    #[error(
        "{needed} of {witnesses} witnesses with {liars} liars: expected twice the first to be above the sum of the others, so that any two majorities share an honest witness; ask for more cosignatures"
    )]
    Overlap {
        /// k: how many must cosign.
        needed: usize,
        /// n: how many there are.
        witnesses: usize,
        /// f: how many may lie.
        liars: usize,
    },
    /// More are asked for than there are.
    #[error("{needed} of {witnesses} witnesses: expected at most all of them")]
    TooFew {
        /// How many must cosign.
        needed: usize,
        /// How many there are.
        witnesses: usize,
    },
    /// More witnesses than are kept.
    #[error("expected at most {limit} witnesses, found {found}")]
    TooMany {
        /// Most witnesses.
        limit: usize,
        /// Witnesses found.
        found: usize,
    },
    /// One key or name twice: one operator would count as two.
    #[error("expected distinct keys and names, found one twice: \"{name}\"")]
    Twice {
        /// The second's name.
        name: String,
    },
    /// A name that no note can carry.
    #[error("witness {index} has no name that a note can carry: expected 1 to 255 bytes without spaces and plus signs")]
    Name {
        /// Which, from 0.
        index: usize,
    },
}

/// k of n witnesses, of which f may lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quorum {
    witnesses: Vec<WitnessKey>,
    needed: usize,
    liars: usize,
}

impl Quorum {
    /// `needed` of these witnesses, of which `liars` may lie.
    ///
    /// # Errors
    /// [`QuorumError`] naming what is wrong.
    pub fn new(witnesses: Vec<WitnessKey>, needed: usize, liars: usize) -> Result<Self, QuorumError> {
        let count = witnesses.len();
        if count > WITNESS_LIMIT {
            return Err(QuorumError::TooMany { limit: WITNESS_LIMIT, found: count });
        }
        for (index, witness) in witnesses.iter().enumerate() {
            let usable = |name: &str| {
                (1..=255).contains(&name.len())
                    && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
            };
            if !usable(&witness.name) {
                return Err(QuorumError::Name { index });
            }
            let earlier = witnesses.iter().take(index);
            if earlier.into_iter().any(|other| other.name == witness.name || other.key == witness.key) {
                return Err(QuorumError::Twice { name: witness.name.clone() });
            }
        }
        if needed > count {
            return Err(QuorumError::TooFew { needed, witnesses: count });
        }
        if needed.saturating_mul(2) <= count.saturating_add(liars) {
            return Err(QuorumError::Overlap { needed, witnesses: count, liars });
        }
        Ok(Self { witnesses, needed, liars })
    }

    /// How many must cosign.
    #[must_use]
    pub const fn needed(&self) -> usize {
        self.needed
    }

    /// How many may lie without anything being lost.
    #[must_use]
    pub const fn liars(&self) -> usize {
        self.liars
    }

    /// How many may be silent, liars among them, before the store cannot go on until they are back.
    #[must_use]
    pub fn may_be_silent(&self) -> usize {
        self.witnesses.len().saturating_sub(self.needed)
    }

    /// How many witnesses cosigned this checkpoint, by the lines of their answers. Lines of others, or that do not hold, count
    /// for nothing (tlog-witness: unknown keys are ignored).
    pub(super) fn count(&self, checkpoint: &str, lines: &[String]) -> usize {
        let lines: Vec<(&str, Vec<u8>)> = lines.iter().take(LINE_LIMIT).filter_map(|line| parts(line)).collect();
        let cosigned =
            |witness: &&WitnessKey| lines.iter().any(|(name, answer)| witness.signed(checkpoint, name, answer));
        self.witnesses.iter().filter(cosigned).count()
    }
}

impl WitnessKey {
    fn signed(&self, checkpoint: &str, name: &str, answer: &[u8]) -> bool {
        self.verified(checkpoint, name, answer).is_some()
    }

    fn verified(&self, checkpoint: &str, name: &str, answer: &[u8]) -> Option<()> {
        let (id, rest) = answer.split_first_chunk::<4>()?;
        let (timestamp, signature) = rest.split_first_chunk::<8>()?;
        let signature: &[u8; 64] = signature.try_into().ok()?;
        if name != self.name || *id != key_id(&self.name, COSIGNATURE_TYPE, &self.key) {
            return None;
        }
        // A time is what a witness says; nothing is decided by it. tlog-cosignature: at most 2^63 - 1.
        let time = u64::from_be_bytes(*timestamp);
        i64::try_from(time).ok()?;
        let message = format!("cosignature/v1\ntime {time}\n{checkpoint}");
        self.key.verify(message.as_bytes(), signature).ok()
    }
}

/// C2SP signed-note and tlog-cosignature: the first four bytes of SHA-256 over name, newline, key type, key.
pub(super) fn key_id(name: &str, key_type: u8, key: &SigningPublicKey) -> [u8; 4] {
    let hash = Sha256::new()
        .chain_update(name.as_bytes())
        .chain_update([b'\n', key_type])
        .chain_update(key.as_bytes())
        .finalize();
    let mut id = [0; 4];
    id.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    id
}

/// Name and bytes of a note signature line.
fn parts(line: &str) -> Option<(&str, Vec<u8>)> {
    let line = Some(line).filter(|line| line.len() <= LINE_LENGTH_LIMIT)?;
    let line = line.strip_suffix('\n').unwrap_or(line);
    let (name, answer) = line.strip_prefix(LINE_START)?.split_once(' ')?;
    Some((name, STANDARD.decode(answer).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use sealroom_protocol::identity::SigningSecret;

    fn witness(byte: u8) -> WitnessKey {
        WitnessKey { name: format!("w{byte}.example"), key: SigningSecret::from_seed(&[byte; 32]).public() }
    }

    fn witnesses(count: u8) -> Vec<WitnessKey> {
        (1..=count).map(witness).collect()
    }

    #[test]
    fn two_majorities_always_share_an_honest_witness() {
        for (count, needed, liars) in [(1, 1, 0), (3, 2, 0), (4, 3, 0), (4, 3, 1), (5, 3, 0), (5, 4, 2), (7, 5, 2)] {
            let quorum = Quorum::new(witnesses(count), needed, liars).unwrap();
            assert_eq!(quorum.may_be_silent(), usize::from(count) - needed);
        }
        for (count, needed, liars) in [(1, 1, 1), (2, 1, 0), (3, 2, 1), (4, 2, 0), (5, 3, 1), (0, 0, 0)] {
            let expected = QuorumError::Overlap { needed, witnesses: usize::from(count), liars };
            assert_eq!(Quorum::new(witnesses(count), needed, liars), Err(expected));
        }
    }

    #[test]
    fn one_operator_does_not_count_twice() {
        assert_eq!(Quorum::new(witnesses(2), 3, 0), Err(QuorumError::TooFew { needed: 3, witnesses: 2 }));
        let renamed = WitnessKey { name: "other.example".into(), ..witness(1) };
        let twice = |witness: WitnessKey| QuorumError::Twice { name: witness.name };
        assert_eq!(Quorum::new(vec![witness(1), renamed.clone()], 2, 0), Err(twice(renamed)));
        assert_eq!(Quorum::new(vec![witness(1), witness(1)], 2, 0), Err(twice(witness(1))));
        let spaced = WitnessKey { name: "a b".into(), ..witness(2) };
        assert_eq!(Quorum::new(vec![witness(1), spaced], 2, 0), Err(QuorumError::Name { index: 1 }));
    }

    #[test]
    fn the_published_cosignature_holds_in_its_line_and_nowhere_else() {
        // The line and the checkpoint are the example of C2SP's page on cosignatures; its key is not published, so only the
        // parts of the line are compared here. Signatures are held by the tests of the register.
        let line = "\u{2014} witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
        let (name, answer) = parts(line).unwrap();
        assert_eq!(name, "witness.example.com/w1");
        assert_eq!((answer.len(), &answer[..4]), (76, [0x8d, 0x66, 0xcf, 0x3f].as_slice()));
        assert_eq!(u64::from_be_bytes(answer[4..12].try_into().unwrap()), 1_679_315_147);
        for broken in ["- w AAAA", "\u{2014} w", "\u{2014} w AAAA=", "\u{2014}w AAAA", ""] {
            assert_eq!(parts(broken), None, "{broken}");
        }
    }
}
