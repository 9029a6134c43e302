//! What a program counts as the contributors of a row of a result, in words: rows of data, values of a unit, keys, or parties.
//!
//! What always holds: it says what the native programs do (`docs/programs.md`); of a name that is none of theirs, rows.

use super::terms::{ArgumentValue, ResultTerms};
use super::{Contract, prose};
use alloc::format;
use alloc::string::{String, ToString};

/// What the minimum group size is a number of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted<'c> {
    Rows,
    /// Different values of this column.
    Values(&'c str),
    /// Rows, or values of the column that a requester chooses.
    RowsOrValues,
    /// Keys that enough parties share: the result is their number.
    SharedKeys,
    /// Parties that have the key, which is the row.
    Holders,
}

impl<'c> Counted<'c> {
    /// What is counted in this result of the contract.
    pub(super) fn of(contract: &'c Contract, result: &ResultTerms) -> Self {
        let program = &contract.terms().program;
        let names = |argument: &str| matches!(program.arguments.get(argument), Some(ArgumentValue::Text(name)) if *name == result.name);
        match program.name.as_str() {
            "overlap" if names("list_result") => Self::Holders,
            "overlap" => Self::SharedKeys,
            _ => match program.arguments.get("unit") {
                Some(ArgumentValue::Text(unit)) => Self::Values(unit),
                _ if program.choices.contains_key("unit") => Self::RowsOrValues,
                _ => Self::Rows,
            },
        }
    }

    /// Which groups leave.
    pub(super) fn groups(self, result: &ResultTerms) -> String {
        let size = result.rules.minimum_group_size;
        let number = prose::number(size);
        let whose = if result.rules.minimum_without_each_owner { ", whichever one owner's are left out" } else { "" };
        let who = if result.rules.minimum_without_each_owner { ", whichever one of them is left out" } else { "" };
        match (self, size) {
            (Self::Rows, 1) => "a row may stand for a single row of data".to_string(),
            (Self::Values(unit), 1) => format!("a row may stand for a single value of {unit}"),
            (Self::RowsOrValues, 1) => {
                "a row may stand for a single row of data, or value of the unit chosen".to_string()
            }
            (Self::SharedKeys, 1) => "it is told however few keys are shared".to_string(),
            (Self::Rows, _) => {
                format!("each row stands for {number} or more rows of data{whose}, others are suppressed")
            }
            (Self::Values(unit), _) => {
                format!("each row stands for {number} or more different values of {unit}{whose}, others are suppressed")
            }
            (Self::RowsOrValues, _) => format!(
                "each row stands for {number} or more rows of data, or different values of the unit chosen{whose}, others are suppressed"
            ),
            (Self::SharedKeys, _) => format!("it is told only where {number} or more keys are shared{whose}"),
            (Self::Holders, 1) => {
                "each row is a key that enough parties have, as the program's arguments say".to_string()
            }
            (Self::Holders, _) => format!("each row is a key that {number} or more parties have{who}"),
        }
    }

    /// What a recipient may work out.
    pub(super) fn risk(self, result: &ResultTerms, others: &[&str]) -> String {
        let (name, size) = (&result.name, result.rules.minimum_group_size);
        let (all, any) = (prose::and_quoted(others), prose::or_quoted(others));
        let (known, number) = (prose::number(size.saturating_sub(1)), prose::number(size));
        let (what, group) = match (self, size) {
            (Self::Holders, _) => return format!("{all} may see the keys themselves in {name}, yours among them"),
            (Self::SharedKeys, 1) => return format!("{all} may learn from {name} that a single key is shared"),
            (Self::Rows | Self::Values(_) | Self::RowsOrValues, 1) => {
                return format!("{all} may see rows of {name} that stand for one person");
            }
            (Self::Rows, _) => ("rows".to_string(), format!("a group of {number} in {name}")),
            (Self::Values(unit), _) => (format!("values of {unit}"), format!("a group of {number} in {name}")),
            (Self::RowsOrValues, _) => ("rows or values".to_string(), format!("a group of {number} in {name}")),
            (Self::SharedKeys, _) => ("keys".to_string(), format!("the {number} that {name} counts")),
        };
        format!("if {any} knows {known} of the {what} in {group}, the last one can be worked out: no noise was agreed")
    }

    /// Whether one data party can bring a single row of another over the minimum with rows of its own. A key that is made up is
    /// nobody else's, so it is not shared.
    pub(super) const fn can_be_made_up(self) -> bool {
        match self {
            Self::Rows | Self::Values(_) | Self::RowsOrValues => true,
            Self::SharedKeys | Self::Holders => false,
        }
    }
}
