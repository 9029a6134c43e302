//! Rows of a batch that take part, and the numbers of theirs that are needed.

use super::condition::Condition;
use super::memory::{reserve, to_usize};
use sealroom_enclave_core::program::{Meter, ProgramFailure};
use sealroom_protocol::table::{Batch, ColumnBatch};

/// Numbers of some rows; where `known` is empty, all of them are known.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    pub(super) values: Vec<i64>,
    pub(super) known: Vec<bool>,
}

impl Numbers {
    /// Appends the numbers of the rows in `selection`.
    pub(super) fn append(
        &mut self,
        column: &ColumnBatch,
        selection: &[u32],
        meter: &mut Meter,
    ) -> Result<(), ProgramFailure> {
        let values = column.numbers().unwrap_or_default();
        reserve(&mut self.values, selection.len(), meter)?;
        // Some datasets of a union may have nulls where others have none.
        if column.validity().is_some() || !self.known.is_empty() {
            let before = self.values.len();
            let missing = before.saturating_sub(self.known.len());
            reserve(&mut self.known, missing.saturating_add(selection.len()), meter)?;
            self.known.resize(before, true);
            self.known.extend(selection.iter().map(|row| !column.is_null(to_usize(*row))));
        }
        self.values.extend(selection.iter().map(|row| values.get(to_usize(*row)).copied().unwrap_or(0)));
        Ok(())
    }

    pub(super) fn clear(&mut self) {
        self.values.clear();
        self.known.clear();
    }
}

/// The rows that fulfil all conditions.
pub(super) fn select(batch: &Batch, filters: &[(usize, Condition)], selection: &mut Vec<u32>) {
    selection.clear();
    selection.extend(0..u32::try_from(batch.rows()).unwrap_or(u32::MAX));
    let mut holds = Vec::new();
    for (read, condition) in filters {
        if let Some(column) = batch.column(*read) {
            holds.clear();
            condition.evaluate(column, selection, |row| holds.push(row));
            let mut each = holds.iter();
            selection.retain(|_| each.next() == Some(&true));
        }
    }
}

/// Whether one of these columns has no value in this row.
pub(super) fn has_null(batch: &Batch, columns: &[usize], row: usize) -> bool {
    columns.iter().any(|column| batch.column(*column).is_some_and(|column| column.is_null(row)))
}
