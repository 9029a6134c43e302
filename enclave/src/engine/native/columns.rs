//! The columns that a computation can name: those of the united datasets, and those of joined ones.
//!
//! What always holds: a united column is one that every united dataset has, with one type; its range is as wide as
//! all of theirs, and it may be null where it may be null in one.

use super::arguments::dataset_names;
use sealroom_enclave_core::program::ProgramRefusal;
use sealroom_protocol::contract::{Column, ColumnKind, Dataset, Terms};

/// How rows of a joined dataset meet those of the united ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JoinKind {
    /// A row for each match; none where there is none.
    Inner,
    /// A row for each match; one with nulls where there is none.
    Left,
    /// No columns, but `matched`: whether there is a match.
    Flag,
}

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// A column of the united datasets, by its place in the first of them.
    United(usize),
    /// A column of a joined dataset.
    Joined {
        /// Which join.
        join: usize,
        /// Place in the joined dataset's columns.
        place: usize,
    },
    /// Whether a flag join matched.
    Matched(usize),
}

/// A column that was found, with all that can be known of it before data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) source: Source,
    pub(super) kind: ColumnKind,
    pub(super) null: bool,
}

/// The tables of a computation.
#[derive(Debug)]
pub(super) struct Tables<'a> {
    pub(super) united: Vec<&'a Dataset>,
    pub(super) joined: Vec<(&'a Dataset, JoinKind)>,
}

impl<'a> Tables<'a> {
    /// The datasets of these names, united.
    pub(super) fn unite(terms: &'a Terms, argument: &str, names: &[&str]) -> Result<Self, ProgramRefusal> {
        let united = names.iter().map(|name| dataset(terms, argument, name)).collect::<Result<Vec<_>, _>>()?;
        if united.is_empty() {
            return Err(super::arguments::wrong(argument, "at least one dataset"));
        }
        Ok(Self { united, joined: Vec::new() })
    }

    /// The column that `text` names, of joined rows: `column` of the united datasets, or `dataset.column` of a joined
    /// one; of a flag join only `dataset.matched`.
    pub(super) fn find(&self, argument: &str, text: &str) -> Result<Found, ProgramRefusal> {
        self.find_in(argument, text, false)
    }

    /// The column that `text` names, of the datasets' own rows before they are joined.
    pub(super) fn find_before_joins(&self, argument: &str, text: &str) -> Result<Found, ProgramRefusal> {
        self.find_in(argument, text, true)
    }

    fn find_in(&self, argument: &str, text: &str, before_joins: bool) -> Result<Found, ProgramRefusal> {
        let Some((name, column)) = text.split_once('.') else {
            return self.find_united(argument, text);
        };
        let join = self.joined.iter().position(|(dataset, _)| dataset.name == name);
        let Some((join, (dataset, kind))) = join.and_then(|join| Some((join, self.joined.get(join)?))) else {
            let known = self.joined.iter().map(|(dataset, _)| dataset.name.as_str()).collect::<Vec<_>>();
            return Err(ProgramRefusal::UnknownDataset {
                argument: argument.to_owned(),
                dataset: name.to_owned(),
                known: if known.is_empty() { "no dataset (nothing is joined)".to_owned() } else { known.join(", ") },
            });
        };
        if *kind == JoinKind::Flag && !before_joins {
            if column == "matched" {
                return Ok(Found { source: Source::Matched(join), kind: ColumnKind::Boolean, null: false });
            }
            return Err(ProgramRefusal::ColumnType {
                argument: argument.to_owned(),
                column: text.to_owned(),
                expected: format!("{name}.matched, the one column of a flag join"),
            });
        }
        let (place, found) = column_of(dataset, argument, column)?;
        Ok(Found {
            source: Source::Joined { join, place },
            kind: found.kind.clone(),
            null: found.null || *kind == JoinKind::Left,
        })
    }

    fn find_united(&self, argument: &str, name: &str) -> Result<Found, ProgramRefusal> {
        let mut found: Option<Found> = None;
        for dataset in &self.united {
            let (place, column) = column_of(dataset, argument, name)?;
            found = Some(match found {
                None => Found { source: Source::United(place), kind: column.kind.clone(), null: column.null },
                Some(before) => Found {
                    kind: wider(&before.kind, &column.kind).ok_or_else(|| ProgramRefusal::ColumnType {
                        argument: argument.to_owned(),
                        column: format!("{}.{name}", dataset.name),
                        expected: "the same type in all united datasets".to_owned(),
                    })?,
                    null: before.null || column.null,
                    ..before
                },
            });
        }
        found.ok_or_else(|| super::arguments::wrong(argument, "a column of a dataset"))
    }
}

/// A dataset of the contract.
pub(super) fn dataset<'a>(terms: &'a Terms, argument: &str, name: &str) -> Result<&'a Dataset, ProgramRefusal> {
    terms.datasets.iter().find(|dataset| dataset.name == name).ok_or_else(|| ProgramRefusal::UnknownDataset {
        argument: argument.to_owned(),
        dataset: name.to_owned(),
        known: dataset_names(terms),
    })
}

/// A column of a dataset, with its place.
pub(super) fn column_of<'a>(
    dataset: &'a Dataset,
    argument: &str,
    name: &str,
) -> Result<(usize, &'a Column), ProgramRefusal> {
    dataset.columns.iter().enumerate().find(|(_, column)| column.name == name).ok_or_else(|| {
        ProgramRefusal::UnknownColumn {
            argument: argument.to_owned(),
            dataset: dataset.name.clone(),
            column: name.to_owned(),
        }
    })
}

/// Whether values of two columns can be compared: the same type, and the same scale.
pub(super) fn comparable(left: &ColumnKind, right: &ColumnKind) -> bool {
    wider(left, right).is_some()
}

/// The type that holds the values of both.
fn wider(left: &ColumnKind, right: &ColumnKind) -> Option<ColumnKind> {
    use ColumnKind::{Boolean, Decimal, Integer, Text};
    match (left, right) {
        (Integer { minimum: a, maximum: b }, Integer { minimum: c, maximum: d }) => {
            Some(Integer { minimum: *a.min(c), maximum: *b.max(d) })
        }
        (Decimal { scale, minimum: a, maximum: b }, Decimal { scale: other, minimum: c, maximum: d })
            if scale == other =>
        {
            Some(Decimal { scale: *scale, minimum: *a.min(c), maximum: *b.max(d) })
        }
        (Text { maximum_length: a, values: some }, Text { maximum_length: b, values: more }) => {
            let mut values = Vec::new();
            if !some.is_empty() && !more.is_empty() {
                values.extend(some.iter().chain(more).cloned());
                values.sort_unstable();
                values.dedup();
            }
            Some(Text { maximum_length: *a.max(b), values })
        }
        (Boolean, Boolean) => Some(Boolean),
        (Integer { .. } | Decimal { .. } | Text { .. } | Boolean, _) => None,
    }
}

/// Whether a result column of type `outer` holds every value that `inner` allows; else what it must be.
pub(super) fn must_hold(outer: &ColumnKind, inner: &ColumnKind) -> Result<(), String> {
    let wide = wider(outer, inner);
    let holds = match (outer, &wide) {
        // A closed list that stays open on one side is as open as the other.
        (
            ColumnKind::Text { maximum_length, values },
            Some(ColumnKind::Text { maximum_length: needed, values: all }),
        ) => maximum_length == needed && (values.is_empty() || values == all),
        (_, wide) => wide.as_ref() == Some(outer),
    };
    if holds {
        return Ok(());
    }
    Err(match inner {
        ColumnKind::Integer { minimum, maximum } => format!("an integer that may be from {minimum} to {maximum}"),
        ColumnKind::Decimal { scale, .. } => format!("a decimal of scale {scale} with a range that holds the source's"),
        ColumnKind::Text { maximum_length, values } if values.is_empty() => {
            format!("text of at least {maximum_length} bytes without a list of values")
        }
        ColumnKind::Text { maximum_length, values } => {
            format!("text of at least {maximum_length} bytes that may be any of the source's {} values", values.len())
        }
        ColumnKind::Boolean => "a boolean".to_owned(),
    })
}
