//! The key of one object.
//!
//! What always holds: it lives in one place on the heap, is wiped when dropped, and is shown only by
//! [`DataKey::expose_secret`].

use alloc::boxed::Box;
use core::fmt;
use rand_core::CryptoRng;
use zeroize::Zeroize;

/// The 32-byte input key of one encrypted object. Make a fresh one for each object.
///
/// It cannot be copied, compared, shown or serialised:
///
/// ```compile_fail
/// # fn with(key: sealroom_protocol::object::DataKey) {
/// let copy = key.clone();
/// # }
/// ```
/// ```compile_fail
/// # fn with(a: sealroom_protocol::object::DataKey, b: sealroom_protocol::object::DataKey) {
/// assert!(a == b);
/// # }
/// ```
/// ```compile_fail
/// # fn with(key: sealroom_protocol::object::DataKey) {
/// println!("{key}");
/// # }
/// ```
/// ```compile_fail
/// # fn with(key: sealroom_protocol::object::DataKey) {
/// let text = serde_json::to_string(&key);
/// # }
/// ```
pub struct DataKey(Box<[u8; Self::LENGTH]>);

impl DataKey {
    /// Bytes of a data key.
    pub const LENGTH: usize = 32;

    /// A fresh key from a cryptographic random number generator, written straight to its place.
    #[must_use]
    pub fn generate(rng: &mut dyn CryptoRng) -> Self {
        Self::fill_with(|bytes| rng.fill_bytes(bytes))
    }

    /// The key that `fill` writes in its place. For keys that come out of a grant.
    #[must_use]
    pub fn fill_with(fill: impl FnOnce(&mut [u8; Self::LENGTH])) -> Self {
        let mut key = Self(Box::new([0; Self::LENGTH]));
        fill(&mut key.0);
        key
    }

    /// The key that `fill` writes in its place, or its error; then what was written is wiped.
    ///
    /// # Errors
    /// That of `fill`.
    pub fn try_fill_with<E>(fill: impl FnOnce(&mut [u8; Self::LENGTH]) -> Result<(), E>) -> Result<Self, E> {
        let mut key = Self(Box::new([0; Self::LENGTH]));
        fill(&mut key.0)?;
        Ok(key)
    }

    /// The secret bytes. Each call is reviewed: today the key derivation of this module, and what encrypts a grant.
    #[must_use]
    pub fn expose_secret(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }
}

impl Drop for DataKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn a_key_shows_its_name_only() {
        let key = DataKey::fill_with(|bytes| bytes.fill(0xab));
        assert_eq!(format!("{key:?}"), "DataKey");
        assert_eq!(key.expose_secret(), &[0xab; 32]);
    }

    #[test]
    fn a_key_that_could_not_be_filled_is_no_key() {
        let refused: Result<DataKey, &str> = DataKey::try_fill_with(|_| Err("short"));
        assert_eq!(refused.map(|_| ()), Err("short"));
    }
}
