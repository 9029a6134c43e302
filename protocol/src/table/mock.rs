//! Made-up rows for a contract's columns, to develop and try programs without anybody's data.
//!
//! What always holds: the text is one that the columns accept; nothing in it comes from any data. Numbers of a wide
//! range and free text take few different values, so that made-up datasets share keys as real ones do.

use super::cell::Cell;
use super::writer::CsvWriter;
use crate::contract::{Column, ColumnKind};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use rand_core::CryptoRng;

/// Most different values of a column without a list of values.
const VALUES: u64 = 1_000;

/// Of so many cells that may be null, one is.
const NULL_OF: u64 = 20;

/// CSV with `count` made-up rows.
#[must_use]
pub fn rows(columns: &[Column], count: u64, rng: &mut dyn CryptoRng) -> String {
    let mut writer = CsvWriter::new(columns);
    for _ in 0..count {
        let cells: Vec<Cell> = columns.iter().map(|column| cell(column, rng)).collect();
        writer.row(&cells);
    }
    writer.finish()
}

fn cell(column: &Column, rng: &mut dyn CryptoRng) -> Cell {
    if column.null && below(NULL_OF, rng) == 0 {
        return Cell::Null;
    }
    match &column.kind {
        ColumnKind::Integer { minimum, maximum } => Cell::Integer(number(*minimum, *maximum, 1, rng)),
        ColumnKind::Decimal { scale, minimum, maximum } => {
            Cell::Decimal(number(*minimum, *maximum, 10_u64.saturating_pow(u32::from(*scale)), rng))
        }
        ColumnKind::Text { maximum_length, values } if values.is_empty() => {
            let mut text = format!("{}-{}", column.name, below(VALUES, rng));
            // Names are ASCII, so any length is a boundary. The end differs more than the beginning.
            let limit = usize::try_from(*maximum_length).unwrap_or(usize::MAX);
            let from = text.len().saturating_sub(limit);
            Cell::Text(text.split_off(from))
        }
        ColumnKind::Text { values, .. } => {
            let place = usize::try_from(below(u64::try_from(values.len()).unwrap_or(1), rng)).unwrap_or(0);
            Cell::Text(values.get(place).cloned().unwrap_or_default())
        }
        ColumnKind::Boolean => Cell::Boolean(below(2, rng) == 1),
    }
}

/// From `minimum` on at most [`VALUES`] times `unit`, and not above `maximum`; of a range around 0, from 0 on.
fn number(minimum: i64, maximum: i64, unit: u64, rng: &mut dyn CryptoRng) -> i64 {
    let start = if minimum < -1_000_000 && maximum > 0 { 0 } else { minimum };
    let width = maximum.abs_diff(start).min(VALUES.saturating_mul(unit)).saturating_add(1);
    start.saturating_add_unsigned(below(width, rng))
}

/// Below `limit`, all but evenly: made-up rows promise no distribution.
fn below(limit: u64, rng: &mut dyn CryptoRng) -> u64 {
    let mut bytes = [0; 8];
    rng.fill_bytes(&mut bytes);
    u64::from_le_bytes(bytes).checked_rem(limit).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::super::{Batch, CsvDecoder, CsvError};
    use super::*;
    use core::convert::Infallible;

    struct Counter(u8);

    impl rand_core::TryRng for Counter {
        type Error = Infallible;
        fn try_next_u32(&mut self) -> Result<u32, Infallible> {
            self.try_next_u64().map(|value| u32::try_from(value >> 32).unwrap())
        }
        fn try_next_u64(&mut self) -> Result<u64, Infallible> {
            let mut bytes = [0; 8];
            self.try_fill_bytes(&mut bytes)?;
            Ok(u64::from_le_bytes(bytes))
        }
        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
            for byte in bytes {
                self.0 = self.0.wrapping_mul(197).wrapping_add(89);
                *byte = self.0;
            }
            Ok(())
        }
    }

    impl rand_core::TryCryptoRng for Counter {}

    #[test]
    fn made_up_rows_are_rows_that_the_columns_accept() {
        let columns = [
            Column::integer("id", i64::MIN, i64::MAX),
            Column::integer("age", 18, 110).or_null(),
            Column::decimal("price", 9, -1, i64::MAX),
            Column::text("a-rather-long-name", 3),
            Column::one_of("sex", &["Female", "Male"]).or_null(),
            Column::boolean("ill"),
        ];
        let text = rows(&columns, 500, &mut Counter(7));
        let mut decoder = CsvDecoder::new(&columns, 500);
        let mut nulls = 0;
        let mut visit = |batch: &Batch| {
            nulls +=
                batch.columns().iter().map(|column| (0..500).filter(|row| column.is_null(*row)).count()).sum::<usize>();
            Ok::<(), CsvError>(())
        };
        decoder.decode(text.as_bytes(), &mut visit).unwrap();
        assert_eq!(decoder.finish(&mut visit), Ok(500));
        assert!(nulls > 0, "some of a thousand cells that may be empty are");
    }
}
