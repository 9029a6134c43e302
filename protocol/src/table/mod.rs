//! Tables: typed CSV on its way in, results on their way out. `spec/tables.md` says every rule.
//!
//! What always holds: a table is read strictly against the columns of a contract, without floating point, and no error
//! shows what stood in a cell.

mod batch;
mod cell;
mod decoder;
mod error;
pub mod mock;
pub mod result;
mod row;
mod scan;
mod writer;

#[cfg(test)]
mod tests;

pub use batch::{BATCH_ROWS, BATCH_TEXT_BYTES, Batch, ColumnBatch, TextValues, Values};
pub use cell::{Cell, Expected, Found, check_cell, parse_decimal, parse_integer, write_decimal};
pub use decoder::CsvDecoder;
pub use error::CsvError;
pub use writer::{CsvWriter, OutputRow, OutputTable};
