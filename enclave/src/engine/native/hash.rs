//! The hash of all tables here: fast, and keyed with a secret of the run.
//!
//! What always holds: the key is drawn by the enclave for this run and never leaves, so no owner can choose rows that
//! collide; and no answer depends on it, because tables are only asked whether a key is there.

/// A run's hash function.
#[derive(Clone, Copy)]
pub(super) struct HashKey([u64; 4]);

impl HashKey {
    pub(super) const fn new(key: [u64; 4]) -> Self {
        Self(key)
    }

    /// Two rounds of multiplying by a secret and folding the product: every bit of the word reaches every bit.
    #[inline]
    pub(super) fn word(self, word: u64) -> u64 {
        let [a, b, c, d] = self.0;
        fold(fold(word ^ a, b | 1) ^ c, d | 1)
    }

    /// Eight bytes a step, and the length at last.
    #[inline]
    pub(super) fn bytes(self, bytes: &[u8]) -> u64 {
        let [a, b, c, d] = self.0;
        let (words, rest) = bytes.as_chunks::<8>();
        let state = words.iter().fold(a, |state, word| fold(state ^ u64::from_le_bytes(*word), b | 1));
        let mut last = [0; 8];
        for (to, from) in last.iter_mut().zip(rest) {
            *to = *from;
        }
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        fold(fold(state ^ u64::from_le_bytes(last), b | 1) ^ c ^ length, d | 1)
    }
}

impl core::fmt::Debug for HashKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("HashKey")
    }
}

/// Both halves of the 128-bit product, one over the other.
#[inline]
fn fold(left: u64, right: u64) -> u64 {
    let (low, high) = left.carrying_mul(right, 0);
    low ^ high
}
