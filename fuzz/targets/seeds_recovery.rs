//! Where fuzzing of recovery begins.

use super::recovery::{GIVEN, SET};

/// A set, and two shares of it that were given back.
pub(crate) fn recoveries() -> Vec<Vec<u8>> {
    let [first, second] = &*GIVEN;
    vec![SET.encode(), first.encode(), second.encode()]
}
