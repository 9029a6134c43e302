//! Decoded rows, column by column: what programs read.
//!
//! What always holds: every column of a [`Batch`] has exactly [`Batch::rows`] entries, every value lies in its column's
//! type and range, text is UTF-8, and a null has a placeholder (0, empty, false) in the values. `spec/tables.md`.

use crate::contract::{Column, ColumnKind};
use alloc::vec::Vec;

/// Most rows of one batch. Batches of a given text are cut at the same rows however the bytes arrived.
pub const BATCH_ROWS: usize = 8_192;

/// A batch ends early once its text reaches this many bytes, so that memory stays bounded for wide text.
pub const BATCH_TEXT_BYTES: usize = 4 << 20;

/// Some consecutive rows of a table, with the columns that the reader asked for, in that order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    rows: usize,
    text_bytes: usize,
    columns: Vec<ColumnBatch>,
}

/// One column of a [`Batch`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnBatch {
    values: Values,
    /// Entry by entry whether a value is there; none for a column that has no nulls by its schema.
    validity: Option<Vec<bool>>,
}

/// The values of one column.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "programs match on it; a new type is a new contract version")]
pub enum Values {
    /// Whole numbers.
    Integer(Vec<i64>),
    /// Units of 10^-scale, the scale standing in the schema.
    Decimal(Vec<i64>),
    /// UTF-8 text.
    Text(TextValues),
    /// True or false.
    Boolean(Vec<bool>),
}

/// Text of one column, end to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextValues {
    /// Where each text begins, and at last where the last one ends: one entry more than there are rows.
    offsets: Vec<u32>,
    bytes: Vec<u8>,
}

impl Batch {
    pub(super) fn new<'a>(columns: impl Iterator<Item = &'a Column>) -> Self {
        Self { rows: 0, text_bytes: 0, columns: columns.map(ColumnBatch::new).collect() }
    }

    /// How many rows there are.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// The columns, in the order that was asked for.
    #[must_use]
    pub fn columns(&self) -> &[ColumnBatch] {
        &self.columns
    }

    /// The column at `position` of those that were asked for.
    #[must_use]
    pub fn column(&self, position: usize) -> Option<&ColumnBatch> {
        self.columns.get(position)
    }

    #[inline]
    pub(super) fn column_mut(&mut self, position: usize) -> Option<&mut ColumnBatch> {
        self.columns.get_mut(position)
    }

    #[inline]
    pub(super) const fn is_full(&self) -> bool {
        self.rows >= BATCH_ROWS || self.text_bytes >= BATCH_TEXT_BYTES
    }

    /// Counts a row whose cells were all pushed.
    #[inline]
    pub(super) const fn end_row(&mut self, text_bytes: usize) {
        self.rows = self.rows.saturating_add(1);
        self.text_bytes = self.text_bytes.saturating_add(text_bytes);
    }

    /// Drops the cells of a row that was not ended.
    pub(super) fn roll_back(&mut self) {
        let rows = self.rows;
        for column in &mut self.columns {
            column.truncate(rows);
        }
    }

    pub(super) fn clear(&mut self) {
        self.rows = 0;
        self.text_bytes = 0;
        self.roll_back();
    }
}

impl ColumnBatch {
    fn new(column: &Column) -> Self {
        let values = match column.kind {
            ColumnKind::Integer { .. } => Values::Integer(Vec::new()),
            ColumnKind::Decimal { .. } => Values::Decimal(Vec::new()),
            ColumnKind::Text { .. } => Values::Text(TextValues { offsets: alloc::vec![0], bytes: Vec::new() }),
            ColumnKind::Boolean => Values::Boolean(Vec::new()),
        };
        Self { values, validity: column.null.then(Vec::new) }
    }

    /// The values; where [`is_null`](Self::is_null) says so, a placeholder.
    #[must_use]
    pub const fn values(&self) -> &Values {
        &self.values
    }

    /// Row by row whether a value is there, or none where the schema allows no null.
    #[must_use]
    pub fn validity(&self) -> Option<&[bool]> {
        self.validity.as_deref()
    }

    /// Whether there is no value in `row`. False beyond the last row.
    #[must_use]
    #[inline]
    pub fn is_null(&self, row: usize) -> bool {
        self.validity.as_ref().is_some_and(|validity| validity.get(row) == Some(&false))
    }

    /// Whole numbers and decimals (in units of 10^-scale) alike; none for other types.
    #[must_use]
    pub fn numbers(&self) -> Option<&[i64]> {
        match &self.values {
            Values::Integer(values) | Values::Decimal(values) => Some(values),
            Values::Text(_) | Values::Boolean(_) => None,
        }
    }

    #[inline]
    pub(super) fn push_number(&mut self, value: i64) {
        if let Values::Integer(values) | Values::Decimal(values) = &mut self.values {
            values.push(value);
        }
        self.push_validity(true);
    }

    #[inline]
    pub(super) fn push_text(&mut self, text: &[u8]) {
        if let Values::Text(values) = &mut self.values {
            values.bytes.extend_from_slice(text);
            values.end();
        }
        self.push_validity(true);
    }

    #[inline]
    pub(super) fn push_boolean(&mut self, value: bool) {
        if let Values::Boolean(values) = &mut self.values {
            values.push(value);
        }
        self.push_validity(true);
    }

    #[inline]
    pub(super) fn push_null(&mut self) {
        match &mut self.values {
            Values::Integer(values) | Values::Decimal(values) => values.push(0),
            Values::Text(values) => values.end(),
            Values::Boolean(values) => values.push(false),
        }
        self.push_validity(false);
    }

    #[inline]
    fn push_validity(&mut self, valid: bool) {
        if let Some(validity) = &mut self.validity {
            validity.push(valid);
        }
    }

    fn truncate(&mut self, rows: usize) {
        match &mut self.values {
            Values::Integer(values) | Values::Decimal(values) => values.truncate(rows),
            Values::Text(values) => values.truncate(rows),
            Values::Boolean(values) => values.truncate(rows),
        }
        if let Some(validity) = &mut self.validity {
            validity.truncate(rows);
        }
    }
}

impl TextValues {
    /// The text in `row` as UTF-8 bytes; empty beyond the last row.
    #[must_use]
    #[inline]
    pub fn bytes(&self, row: usize) -> &[u8] {
        let range = match self.offsets.get(row..) {
            Some([start, end, ..]) => to_usize(*start)..to_usize(*end),
            _ => return &[],
        };
        self.bytes.get(range).unwrap_or_default()
    }

    /// All texts in order.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.offsets.windows(2).map(|pair| match pair {
            [start, end] => self.bytes.get(to_usize(*start)..to_usize(*end)).unwrap_or_default(),
            _ => &[],
        })
    }

    /// A batch holds at most [`BATCH_TEXT_BYTES`] and one row more, each text at most 64 KiB: an offset fits easily.
    #[inline]
    fn end(&mut self) {
        self.offsets.push(u32::try_from(self.bytes.len()).unwrap_or(u32::MAX));
    }

    fn truncate(&mut self, rows: usize) {
        self.offsets.truncate(rows.saturating_add(1));
        self.bytes.truncate(self.offsets.last().map_or(0, |end| to_usize(*end)));
    }
}

/// Lossless wherever a pointer has 32 bits or more, which is every target.
#[inline]
pub(super) fn to_usize(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}
