//! What every refusal must say: the check, what was expected, what was found, what to do.
//!
//! What always holds: a [`Refused`] without one of its parts is a finding, whoever refused.

use core::fmt::{self, Display};
use sealroom_protocol::message::RefusalMessage;

/// A refusal, by an enclave or by a party's own code.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the three things that a refusal says")]
pub struct Refused {
    /// The stable id of the check that failed.
    pub check: String,
    /// What happened: "expected …, found …".
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

impl Refused {
    /// The refusal of a party's code, whose words end in what to do: "expected …, found …; do this".
    #[must_use]
    pub fn in_words(check: &str, words: &dyn Display) -> Self {
        let words = words.to_string();
        let (message, hint) = words.rsplit_once("; ").unwrap_or((&words, ""));
        Self { check: check.into(), message: message.into(), hint: hint.into() }
    }

    /// The refusal of an enclave.
    #[must_use]
    pub fn by_enclave(refusal: &RefusalMessage) -> Self {
        let RefusalMessage { check, message, hint } = refusal.clone();
        Self { check, message, hint }
    }

    /// What it fails to say, if anything.
    #[must_use]
    pub fn lacks(&self) -> Option<&'static str> {
        let named = self.check.split_once('.').is_some_and(|(group, name)| !group.is_empty() && !name.is_empty());
        let after = |text: &str| self.message.split_once(text).map(|(_, rest)| rest.trim().to_owned());
        let expected =
            after("expected ").and_then(|rest| rest.split_once(", found").map(|(first, _)| first.to_owned()));
        let found = after(", found").map(|rest| rest.trim_start_matches(':').trim().to_owned());
        let empty = |text: Option<String>| text.is_none_or(|text| text.trim().is_empty());
        if !named {
            Some("the id of its check")
        } else if empty(expected) {
            Some("what was expected")
        } else if empty(found) {
            Some("what was found")
        } else if self.hint.trim().is_empty() {
            Some("what to do")
        } else {
            None
        }
    }
}

impl Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.check, self.message, self.hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_that_leaves_out_one_part_is_found() {
        let good = Refused::in_words("a.b", &"the grant of x: expected 1, found: 2; do it again");
        assert_eq!(good.lacks(), None);
        let change = |check: &str, message: &str, hint: &str| {
            Refused { check: check.into(), message: message.into(), hint: hint.into() }.lacks()
        };
        assert_eq!(change("ab", &good.message, &good.hint), Some("the id of its check"));
        assert_eq!(change("a.b", "it did not work", &good.hint), Some("what was expected"));
        assert_eq!(change("a.b", "expected 1, found ", &good.hint), Some("what was found"));
        assert_eq!(change("a.b", &good.message, " "), Some("what to do"));
    }
}
