//! Results on their way out: rows of cells, and the one CSV text that they have.
//!
//! What always holds: equal tables give equal bytes. Lines end with a line feed, a cell is quoted only where it must be,
//! a decimal has all digits of its column's scale, a null is an empty cell and empty text is `""`.

use super::cell::{Cell, write_decimal};
use crate::contract::{Column, ColumnKind};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

/// What a program computed for one result, before any output rule.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(clippy::exhaustive_structs, reason = "programs make it; a new field would be a new promise of every program")]
pub struct OutputTable {
    /// The rows, in an order that does not depend on the order of any input.
    pub rows: Vec<OutputRow>,
}

/// One row of an [`OutputTable`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "programs make it; a new field would be a new promise of every program")]
pub struct OutputRow {
    /// One cell for each column of the result.
    pub cells: Vec<Cell>,
    /// The smallest number of contributing rows (or units, where the contract names a unit) that any cell stands on.
    pub contributors: u64,
    /// How many of those are left when the contributors of one owner of data are taken out, whichever owner leaves fewest:
    /// never more than there are. 0 where a program does not count it; then a contract that demands it suppresses the row.
    pub without_any_owner: u64,
}

/// Writes the canonical CSV of a result.
#[derive(Debug)]
pub struct CsvWriter<'a> {
    columns: &'a [Column],
    text: String,
}

impl<'a> CsvWriter<'a> {
    /// Begins with the line of names.
    #[must_use]
    pub fn new(columns: &'a [Column]) -> Self {
        let mut text = String::new();
        for (index, column) in columns.iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            text.push_str(&column.name);
        }
        text.push('\n');
        Self { columns, text }
    }

    /// Adds a row. The cells are those of the columns, in order; what is too many is left out.
    pub fn row(&mut self, cells: &[Cell]) {
        for (index, (column, cell)) in self.columns.iter().zip(cells).enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            // Writing to a `String` does not fail.
            let _: Result<(), core::fmt::Error> = match cell {
                Cell::Null => Ok(()),
                Cell::Integer(value) => write!(self.text, "{value}"),
                Cell::Decimal(value) => write_decimal(&mut self.text, *value, scale(column)),
                Cell::Boolean(value) => write!(self.text, "{value}"),
                Cell::Text(text) => {
                    self.write_text(text);
                    Ok(())
                }
            };
        }
        self.text.push('\n');
    }

    /// Bytes so far.
    #[must_use]
    pub const fn length(&self) -> usize {
        self.text.len()
    }

    /// The whole text.
    #[must_use]
    pub fn finish(self) -> String {
        self.text
    }

    fn write_text(&mut self, text: &str) {
        if !text.is_empty() && !text.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
            self.text.push_str(text);
            return;
        }
        self.text.push('"');
        for (index, part) in text.split('"').enumerate() {
            if index > 0 {
                self.text.push_str("\"\"");
            }
            self.text.push_str(part);
        }
        self.text.push('"');
    }
}

const fn scale(column: &Column) -> u8 {
    match column.kind {
        ColumnKind::Decimal { scale, .. } => scale,
        ColumnKind::Integer { .. } | ColumnKind::Text { .. } | ColumnKind::Boolean => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, kind: ColumnKind) -> Column {
        Column { name: name.into(), kind, null: true }
    }

    #[test]
    fn a_result_has_one_text() {
        let columns = [
            column("n", ColumnKind::Integer { minimum: 0, maximum: 9 }),
            column("d", ColumnKind::Decimal { scale: 2, minimum: -999, maximum: 999 }),
            column("t", ColumnKind::Text { maximum_length: 40, values: Vec::new() }),
            column("b", ColumnKind::Boolean),
        ];
        let mut writer = CsvWriter::new(&columns);
        writer.row(&[Cell::Integer(7), Cell::Decimal(-5), Cell::Text("plain text".into()), Cell::Boolean(true)]);
        writer.row(&[Cell::Null, Cell::Decimal(150), Cell::Text("a \"b\", c\n".into()), Cell::Null]);
        writer.row(&[Cell::Integer(-1), Cell::Null, Cell::Text(String::new()), Cell::Boolean(false)]);
        assert_eq!(writer.length(), 66);
        assert_eq!(writer.finish(), "n,d,t,b\n7,-0.05,plain text,true\n,1.50,\"a \"\"b\"\", c\n\",\n-1,,\"\",false\n");
    }
}
