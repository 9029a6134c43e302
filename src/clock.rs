//! The two things that a caller may take from the system: the time and randomness. Everything else takes them as arguments.

use getrandom::SysRng;
use rand_core::{CryptoRng, UnwrapErr};
use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds since 1970 by the system's clock; 0 where it stands before that.
#[must_use]
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
}

/// The operating system's random number generator.
///
/// # Panics
/// On use, where the operating system has no randomness to give: nothing could be encrypted then.
#[must_use]
pub const fn random() -> impl CryptoRng {
    UnwrapErr(SysRng)
}
