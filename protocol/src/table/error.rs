//! Why a CSV text is not the table that a contract describes.
//!
//! What always holds: an error names the place (data row from 1, column name) and the kind of what stood there, never
//! what stood there. Inside an enclave not even this leaves: there it becomes one code.

use super::cell::{Expected, Found};
use alloc::string::String;

/// Why a CSV text is refused, in the order of the checks. Rows count from 1 after the line with the names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CsvError {
    /// There is no line at all.
    #[error("the file is empty, expected a first line with the names of the columns")]
    Empty,
    /// The text begins with a byte order mark.
    #[error("the file begins with a byte order mark (EF BB BF), expected UTF-8 without one")]
    ByteOrderMark,
    /// The first line has another number of names.
    #[error("the first line names {found} columns, expected {expected}, as in the contract")]
    HeaderCount {
        /// How many columns the contract has.
        expected: usize,
        /// How many names stand there.
        found: usize,
    },
    /// A name in the first line is not the contract's.
    #[error("the first line has another name at place {place}, expected \"{expected}\"")]
    HeaderName {
        /// Which place, from 1.
        place: usize,
        /// The contract's name.
        expected: String,
    },
    /// The first line is no CSV line of a length that the contract's names can have.
    #[error("the first line is not a line of column names, expected those of the contract, separated by commas")]
    HeaderLine,
    /// More rows than the contract allows.
    #[error("row {row}: expected at most {limit} rows")]
    TooManyRows {
        /// The first row too many.
        row: u64,
        /// The contract's limit.
        limit: u64,
    },
    /// A line with nothing on it, in a table of more than one column.
    #[error("row {row}: the line is blank")]
    BlankLine {
        /// Which row.
        row: u64,
    },
    /// A row has too few or too many cells.
    #[error("row {row}: expected {expected} cells, found {}", if *.too_many { "more" } else { "fewer" })]
    CellCount {
        /// Which row.
        row: u64,
        /// How many columns there are.
        expected: usize,
        /// Whether there are too many; else too few.
        too_many: bool,
    },
    /// A cell does not fit its column.
    #[error("row {row}, column \"{column}\": expected {expected}, found {found}")]
    Cell {
        /// Which row.
        row: u64,
        /// Name of the column.
        column: String,
        /// What the column allows.
        expected: Expected,
        /// Of which kind the cell was.
        found: Found,
    },
    /// A row is longer than any row of these columns can be.
    #[error("row {row}: the line is longer than {limit} bytes, which no row of these columns is")]
    RowTooLong {
        /// Which row.
        row: u64,
        /// The longest line there can be, in bytes with its end.
        limit: usize,
    },
    /// The text stops inside a line.
    #[error("row {row}: the file stops inside this line, expected a line end; is the file complete")]
    Unfinished {
        /// Which row.
        row: u64,
    },
}
