//! What a computation needs of each row, once, whichever results ask for it.

use super::columns::{Found, Source};
use super::condition::Condition;

/// How a value becomes a code: a small number that is 0 for null.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum How {
    /// Equal values have equal codes, from 1.
    Value,
    /// Values of one band of this width have equal codes, from 1.
    Band(i64),
    /// 1 where the condition does not hold, 2 where it does.
    Holds(Condition),
    /// 1 for every value.
    Known,
}

/// One code of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CodeSource {
    pub(super) found: Found,
    pub(super) how: How,
}

/// All that is taken of a row.
#[derive(Debug, Default)]
pub(super) struct Sources {
    pub(super) codes: Vec<CodeSource>,
    /// Integers and decimals.
    pub(super) numbers: Vec<Found>,
}

impl Sources {
    /// The place of this code among [`codes`](Self::codes).
    pub(super) fn code(&mut self, found: Found, how: How) -> usize {
        place_of(&mut self.codes, CodeSource { found, how })
    }

    /// The place of this number among [`numbers`](Self::numbers).
    pub(super) fn number(&mut self, found: Found) -> usize {
        place_of(&mut self.numbers, found)
    }

    /// Every column that some code or number is made of.
    pub(super) fn columns(&self) -> impl Iterator<Item = Source> {
        self.codes.iter().map(|code| code.found.source).chain(self.numbers.iter().map(|found| found.source))
    }
}

/// Where `item` stands in `list`; it is added when it is not there.
pub(super) fn place_of<T: PartialEq>(list: &mut Vec<T>, item: T) -> usize {
    list.iter().position(|there| *there == item).unwrap_or_else(|| {
        list.push(item);
        list.len().saturating_sub(1)
    })
}
