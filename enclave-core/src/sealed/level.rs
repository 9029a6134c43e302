//! Freshness levels: what keeps a sealed state from being rolled back.
//!
//! What always holds: levels are matched, never ordered by number; a demand that is not met is refused.

use core::fmt;

/// Against which rollback a sealed store is protected. `docs/design/0005-sealed-storage.md` has the table of attacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "decisions match on it")]
pub enum FreshnessLevel {
    /// None: the newest state is whatever the host says it is.
    None,
    /// Within one life of the enclave no state is served that is older than one that this life has seen. What was there
    /// when it began is the host's word.
    Session,
    /// No acknowledged state is ever lost to an older one, also not between lives or from another instance, as long as
    /// enough witnesses are honest.
    Witness,
}

impl FreshnessLevel {
    /// Whether this level gives what is demanded.
    #[must_use]
    pub const fn satisfies(self, demanded: Self) -> bool {
        match (self, demanded) {
            (Self::None | Self::Session | Self::Witness, Self::None)
            | (Self::Session | Self::Witness, Self::Session)
            | (Self::Witness, Self::Witness) => true,
            (Self::None, Self::Session | Self::Witness) | (Self::Session, Self::Witness) => false,
        }
    }

    /// The level of an object that was written at `written` and is read from a store whose register gives `register`.
    ///
    /// What came to the witnesses from a store of a lower level may have been stale when it came.
    #[must_use]
    pub const fn of_object(register: Self, written: Self) -> Self {
        match (register, written) {
            (Self::Witness, Self::Witness) => Self::Witness,
            (Self::Session, Self::None | Self::Session | Self::Witness)
            | (Self::Witness, Self::None | Self::Session) => Self::Session,
            (Self::None, Self::None | Self::Session | Self::Witness) => Self::None,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Session => "session",
            Self::Witness => "witness",
        }
    }

    /// Its byte in a header.
    pub(super) const fn byte(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Session => 1,
            Self::Witness => 2,
        }
    }

    pub(super) const fn of_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::None),
            1 => Some(Self::Session),
            2 => Some(Self::Witness),
            _ => None,
        }
    }
}

impl fmt::Display for FreshnessLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::FreshnessLevel::{None, Session, Witness};
    use super::*;

    #[test]
    fn a_level_satisfies_itself_and_what_asks_for_less() {
        let all = [None, Session, Witness];
        let met: alloc::vec::Vec<_> = all.iter().map(|level| all.map(|demanded| level.satisfies(demanded))).collect();
        assert_eq!(met, [[true, false, false], [true, true, false], [true, true, true]]);
    }

    #[test]
    fn what_was_written_below_the_witnesses_is_not_raised_by_them() {
        assert_eq!(FreshnessLevel::of_object(Witness, None), Session);
        assert_eq!(FreshnessLevel::of_object(Witness, Session), Session);
        assert_eq!(FreshnessLevel::of_object(Witness, Witness), Witness);
        assert_eq!(FreshnessLevel::of_object(Session, Witness), Session);
        assert_eq!(FreshnessLevel::of_object(None, Witness), None);
    }

    #[test]
    fn each_level_has_a_byte_of_its_own() {
        for level in [None, Session, Witness] {
            assert_eq!(FreshnessLevel::of_byte(level.byte()), Some(level));
        }
        assert_eq!(FreshnessLevel::of_byte(3), Option::None);
    }
}
