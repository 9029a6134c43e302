//! Strict, streaming, typed CSV: `spec/tables.md`, section 1.
//!
//! What always holds: bytes may come in pieces of any size, and batches and errors do not depend on how they were cut;
//! memory is bounded by one batch and one row; nothing is allocated for a cell. Columns that the reader did not ask for
//! are skipped: their quotes and commas are checked, their values are not.

use super::batch::{Batch, to_usize};
use super::cell::{Expected, Found};
use super::error::CsvError;
use super::row::{Reader, Stop};
use crate::contract::{Column, ColumnKind};
use alloc::vec::Vec;

/// Turns CSV text into [`Batch`]es.
#[derive(Debug)]
pub struct CsvDecoder {
    columns: Vec<Column>,
    maximum_rows: u64,
    reader: Reader,
    batch: Batch,
    /// The start of a row (or of the first line) whose end has not come yet.
    carry: Vec<u8>,
    /// Whether `carry` has an odd number of quotes, so that a line feed would stand inside a quoted cell.
    inside_quotes: bool,
    header_read: bool,
    rows: u64,
    row_limit: usize,
    header_limit: usize,
    failure: Option<CsvError>,
}

impl CsvDecoder {
    /// A decoder for a table of `columns` and at most `maximum_rows`, that reads all columns and so checks every cell.
    #[must_use]
    pub fn new(columns: &[Column], maximum_rows: u64) -> Self {
        let all: Vec<usize> = (0..columns.len()).collect();
        Self::with_projection(columns, maximum_rows, &all)
    }

    /// A decoder that reads only some columns. `projection` has their places in `columns`, in the order in which the
    /// batches shall have them; each place once. A place that does not exist, or comes again, gives an empty column.
    #[must_use]
    pub fn with_projection(columns: &[Column], maximum_rows: u64, projection: &[usize]) -> Self {
        let lengths = |name_or_cell: &dyn Fn(&Column) -> usize| {
            // Every byte could be a doubled quote; then two quotes around, and a comma or the line end (two bytes).
            columns.iter().map(|column| name_or_cell(column).saturating_mul(2).saturating_add(3)).sum::<usize>() + 1
        };
        Self {
            columns: columns.to_vec(),
            maximum_rows,
            reader: Reader::new(columns, projection),
            batch: Batch::new(projection.iter().filter_map(|place| columns.get(*place))),
            carry: Vec::new(),
            inside_quotes: false,
            header_read: false,
            rows: 0,
            row_limit: lengths(&|column| longest_cell(&column.kind)),
            header_limit: lengths(&|column| column.name.len()),
            failure: None,
        }
    }

    /// Rows read so far, those in the batch not yet visited among them.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// Reads `bytes`, which follow those given before, and shows each full batch to `visit`.
    ///
    /// # Errors
    /// [`CsvError`] of the first row that breaks a rule (and the same again in every later call), or what `visit` says.
    pub fn decode<E: From<CsvError>>(
        &mut self,
        mut bytes: &[u8],
        mut visit: impl FnMut(&Batch) -> Result<(), E>,
    ) -> Result<(), E> {
        while !bytes.is_empty() {
            bytes = self.step(bytes)?;
            if self.batch.is_full() {
                visit(&self.batch)?;
                self.batch.clear();
            }
        }
        Ok(())
    }

    /// Says that the text is complete: shows the last batch, and gives the number of rows.
    ///
    /// # Errors
    /// [`CsvError`] when the text stops before its end, or what `visit` says.
    pub fn finish<E: From<CsvError>>(mut self, mut visit: impl FnMut(&Batch) -> Result<(), E>) -> Result<u64, E> {
        if let Some(failure) = self.failure {
            return Err(failure.into());
        }
        if !self.header_read {
            return Err(if self.carry.is_empty() { CsvError::Empty } else { CsvError::HeaderLine }.into());
        }
        if !self.carry.is_empty() {
            let carry = core::mem::take(&mut self.carry);
            // A cell that is wrong is the better message; the line cannot be complete, or it would have been read.
            self.read_row(&carry)?;
            return Err(CsvError::Unfinished { row: self.rows.saturating_add(1) }.into());
        }
        if self.batch.rows() > 0 {
            visit(&self.batch)?;
        }
        Ok(self.rows)
    }

    /// Reads until the bytes end or the batch is full; gives what is left.
    fn step<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], CsvError> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        let result =
            if self.header_read && self.carry.is_empty() { self.read_rows(bytes) } else { self.complete(bytes) };
        if let Err(failure) = &result {
            self.failure = Some(failure.clone());
        }
        result
    }

    /// Reads whole rows straight from `bytes`; the start of a last one that is not whole goes to `carry`.
    fn read_rows<'a>(&mut self, mut bytes: &'a [u8]) -> Result<&'a [u8], CsvError> {
        while !bytes.is_empty() && !self.batch.is_full() {
            let Some(length) = self.read_row(bytes)? else {
                self.inside_quotes = false;
                return self.complete(bytes);
            };
            bytes = bytes.get(length..).unwrap_or_default();
        }
        Ok(bytes)
    }

    /// Moves bytes to `carry` up to the end of its row, and reads that. Gives what is left.
    fn complete<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a [u8], CsvError> {
        let limit = if self.header_read { self.row_limit } else { self.header_limit };
        // One byte more than a row can have shows that it is too long; no more is ever kept.
        let room = limit.saturating_add(1).saturating_sub(self.carry.len());
        let mut inside_quotes = self.inside_quotes;
        let end = bytes.iter().take(room).position(|byte| {
            inside_quotes ^= *byte == b'"';
            *byte == b'\n' && !inside_quotes
        });
        self.inside_quotes = inside_quotes;
        let taken = end.map_or_else(|| room.min(bytes.len()), |end| end.saturating_add(1));
        let (line, rest) = bytes.split_at_checked(taken).unwrap_or((bytes, &[]));
        self.carry.extend_from_slice(line);
        if end.is_none() && self.carry.len() <= limit {
            return Ok(rest);
        }
        let line = core::mem::take(&mut self.carry);
        self.inside_quotes = false;
        if !self.header_read {
            self.read_header(&line)?;
        } else if self.read_row(&line)? != Some(line.len()) {
            // Not reached: quotes that hide a line end from the count above are a wrong cell for the row.
            return Err(CsvError::Unfinished { row: self.rows.saturating_add(1) });
        }
        self.carry = line;
        self.carry.clear();
        Ok(rest)
    }

    /// Reads the row at the start of `bytes` and gives its length; none when it does not end there.
    #[inline]
    fn read_row(&mut self, bytes: &[u8]) -> Result<Option<usize>, CsvError> {
        let row = self.rows.saturating_add(1);
        if self.rows >= self.maximum_rows {
            return Err(CsvError::TooManyRows { row, limit: self.maximum_rows });
        }
        // The view ends where a row must have ended, so that a long line is judged the same in one piece or in many.
        let view = bytes.get(..self.row_limit.saturating_add(1)).unwrap_or(bytes);
        match self.reader.read(view, &mut self.batch) {
            Ok(length) => {
                self.rows = row;
                Ok(Some(length))
            }
            Err((place, stop)) => {
                self.batch.roll_back();
                self.explain(row, place, stop, view.len())
            }
        }
    }

    /// What a row that could not be read means.
    fn explain(&self, row: u64, place: usize, stop: Stop, length: usize) -> Result<Option<usize>, CsvError> {
        let found = match stop {
            Stop::Incomplete if length > self.row_limit => {
                return Err(CsvError::RowTooLong { row, limit: self.row_limit });
            }
            Stop::Incomplete => return Ok(None),
            Stop::Blank => return Err(CsvError::BlankLine { row }),
            Stop::TooFew => return Err(CsvError::CellCount { row, expected: self.columns.len(), too_many: false }),
            Stop::TooMany => return Err(CsvError::CellCount { row, expected: self.columns.len(), too_many: true }),
            Stop::Cell(found) => found,
        };
        Err(self.columns.get(place).map_or(
            CsvError::CellCount { row, expected: self.columns.len(), too_many: true },
            |column| CsvError::Cell {
                row,
                column: column.name.clone(),
                expected: Expected { kind: column.kind.clone(), null: column.null },
                found,
            },
        ))
    }

    /// Compares the first line with the columns' names. Names need no quotes, but may have them.
    fn read_header(&mut self, line: &[u8]) -> Result<(), CsvError> {
        if line.starts_with(&[0xef, 0xbb, 0xbf]) {
            return Err(CsvError::ByteOrderMark);
        }
        let Some(names) = line.strip_suffix(b"\n") else { return Err(CsvError::HeaderLine) };
        let (names, carriage_return) = match names.strip_suffix(b"\r") {
            Some(names) => (names, true),
            None => (names, false),
        };
        let expected = self.columns.len();
        let found = names.split(|byte| *byte == b',').count();
        if found != expected {
            return Err(CsvError::HeaderCount { expected, found });
        }
        for (index, (name, column)) in names.split(|byte| *byte == b',').zip(&self.columns).enumerate() {
            let bare = name.strip_prefix(b"\"").and_then(|name| name.strip_suffix(b"\"")).unwrap_or(name);
            if bare != column.name.as_bytes() {
                return Err(CsvError::HeaderName { place: index.saturating_add(1), expected: column.name.clone() });
            }
        }
        self.reader.set_carriage_return(carriage_return);
        self.header_read = true;
        Ok(())
    }
}

/// The most bytes that a value of this kind has as text, quotes apart.
fn longest_cell(kind: &ColumnKind) -> usize {
    match kind {
        ColumnKind::Integer { .. } => 20,
        ColumnKind::Decimal { .. } => 21,
        ColumnKind::Text { maximum_length, .. } => to_usize(*maximum_length),
        ColumnKind::Boolean => 5,
    }
}

impl From<Found> for Stop {
    fn from(found: Found) -> Self {
        Self::Cell(found)
    }
}
