//! One event, as it stands in the log. What it says is an allegation.

use super::algorithm::{Algorithm, Digest};
use super::kind::EventType;

/// One line of a log that nothing vouches for yet.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    pub(super) index: usize,
    pub(super) register: u32,
    pub(super) kind: EventType,
    /// In the crypto-agile form: TPMT_HA after TPMT_HA, that is identifier, digest. Else one SHA-1 digest.
    pub(super) tagged: bool,
    pub(super) digests: &'a [u8],
    pub(super) data: &'a [u8],
}

impl<'a> Event<'a> {
    /// Its number in the log; the header is 0.
    #[must_use]
    pub fn index(&self) -> usize {
        self.index
    }

    /// Which register it went into: a PCR's number, or in a confidential guest's log one more than a run-time register's.
    #[must_use]
    pub fn register(&self) -> u32 {
        self.register
    }

    /// What the log calls it.
    #[must_use]
    pub fn kind(&self) -> EventType {
        self.kind
    }

    /// Its digest in this bank, or `None` where the log has no such bank.
    #[must_use]
    pub fn digest(&self, algorithm: Algorithm) -> Option<Digest> {
        self.digests().find(|digest| digest.algorithm() == algorithm)
    }

    /// Its digests, in the order of the log.
    pub fn digests(&self) -> impl Iterator<Item = Digest> + use<'a> {
        let (mut rest, tagged) = (self.digests, self.tagged);
        core::iter::from_fn(move || {
            if !tagged {
                return Digest::new(Algorithm::Sha1, core::mem::take(&mut rest));
            }
            let (id, after) = rest.split_first_chunk::<2>()?;
            let algorithm = Algorithm::from_tpm_id(u16::from_le_bytes(*id))?;
            let (digest, after) = after.split_at_checked(algorithm.digest_bytes())?;
            rest = after;
            Digest::new(algorithm, digest)
        })
    }

    /// Its data, of any length and any content.
    #[must_use]
    pub fn data(&self) -> &'a [u8] {
        self.data
    }
}
