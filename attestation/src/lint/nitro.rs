//! What an accept block for Nitro enclaves may have been meant otherwise.

use alloc::borrow::ToOwned;
use alloc::format;

use super::Warn;
use crate::platform::nitro::Accept;
use crate::policy::Rule;

/// A day: an enclave makes a document in milliseconds, so an older one is not the answer to a question.
const OLD: u64 = 24 * 3600;

pub(super) fn lint(block: &Accept, warn: Warn<'_>) {
    match &block.timestamp {
        Rule::Require(age) if age.maximum_seconds <= OLD => {}
        Rule::Require(age) => {
            warn("document-age", format!("a document may be {} hours old", age.maximum_seconds / 3600));
        }
        Rule::Skip { .. } => warn("document-age", "a document of any age passes".to_owned()),
    }
}
