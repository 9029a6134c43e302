//! Turning values into codes: 0 for null, others from 1, and back for the groups that come out.

use super::measure::{band_label, band_start};
use super::memory::{push, reserve, to_usize};
use super::sources::{CodeSource, How};
use super::texts::TextTable;
use super::words::WordTable;
use sealroom_enclave_core::program::{Meter, ProgramFailure};
use sealroom_protocol::contract::ColumnKind;
use sealroom_protocol::table::{Cell, ColumnBatch, Values};

/// Gives values of one column their codes.
#[derive(Debug)]
pub(super) struct Coder {
    how: How,
    kind: ColumnKind,
    words: WordTable,
    /// The number of each word.
    numbers: Vec<i64>,
    texts: TextTable,
}

impl Coder {
    pub(super) fn new(source: &CodeSource, meter: &Meter) -> Self {
        Self {
            how: source.how.clone(),
            kind: source.found.kind.clone(),
            words: WordTable::new(meter.hash_key()),
            numbers: Vec::new(),
            texts: TextTable::new(meter.hash_key()),
        }
    }

    /// Appends the codes of the rows in `selection`.
    pub(super) fn encode(
        &mut self,
        column: &ColumnBatch,
        selection: &[u32],
        codes: &mut Vec<u32>,
        meter: &mut Meter,
    ) -> Result<(), ProgramFailure> {
        reserve(codes, selection.len(), meter)?;
        let first = codes.len();
        match &self.how {
            How::Holds(condition) => condition.evaluate(column, selection, |holds| codes.push(1 + u32::from(holds))),
            How::Known => codes.resize(first.saturating_add(selection.len()), 1),
            How::Value => self.values(column, selection, 1, codes, meter)?,
            How::Band(width) => self.values(column, selection, *width, codes, meter)?,
        }
        if column.validity().is_some() {
            let new = codes.get_mut(first..).unwrap_or_default();
            for (code, row) in new.iter_mut().zip(selection) {
                if column.is_null(to_usize(*row)) {
                    *code = 0;
                }
            }
        }
        Ok(())
    }

    /// Codes as if nothing were null (a placeholder gets a code too, which no group will have).
    fn values(
        &mut self,
        column: &ColumnBatch,
        selection: &[u32],
        width: i64,
        codes: &mut Vec<u32>,
        meter: &mut Meter,
    ) -> Result<(), ProgramFailure> {
        match column.values() {
            Values::Integer(values) | Values::Decimal(values) => {
                // Equal values often follow each other.
                let mut last = None;
                for row in selection {
                    let value = values.get(to_usize(*row)).copied().unwrap_or(0);
                    let value = if width > 1 { band_start(value, width) } else { value };
                    let code = match last {
                        Some((before, code)) if before == value => code,
                        _ => self.number(value, meter)?,
                    };
                    last = Some((value, code));
                    codes.push(code);
                }
            }
            Values::Text(values) => {
                for row in selection {
                    let (id, _) = self.texts.insert(values.bytes(to_usize(*row)), meter)?;
                    codes.push(id.saturating_add(1));
                }
            }
            Values::Boolean(values) => {
                codes.extend(selection.iter().map(|row| 1 + u32::from(values.get(to_usize(*row)) == Some(&true))));
            }
        }
        Ok(())
    }

    fn number(&mut self, value: i64, meter: &mut Meter) -> Result<u32, ProgramFailure> {
        let (id, new) = self.words.insert(value.cast_unsigned(), meter)?;
        if new {
            push(&mut self.numbers, value, meter)?;
        }
        Ok(id.saturating_add(1))
    }

    /// The code of whether a flag join matched, which is never null.
    pub(super) fn matched(&self, matched: bool) -> u32 {
        match &self.how {
            How::Value | How::Band(_) => 1 + u32::from(matched),
            How::Holds(condition) => 1 + u32::from(condition.holds_for(matched)),
            How::Known => 1,
        }
    }

    /// The value that a code stands for; of a band, where it begins.
    pub(super) fn cell(&self, code: u32) -> Cell {
        let Some(id) = code.checked_sub(1) else { return Cell::Null };
        match self.kind {
            ColumnKind::Integer { .. } => Cell::Integer(self.numbers.get(to_usize(id)).copied().unwrap_or(0)),
            ColumnKind::Decimal { .. } => Cell::Decimal(self.numbers.get(to_usize(id)).copied().unwrap_or(0)),
            // What was inserted was UTF-8: the decoder checked it.
            ColumnKind::Text { .. } => Cell::Text(String::from_utf8_lossy(self.texts.text(id)).into_owned()),
            ColumnKind::Boolean => Cell::Boolean(id == 1),
        }
    }

    /// As [`cell`](Self::cell), but a band as text: `40-49`.
    pub(super) fn label(&self, code: u32) -> Cell {
        match (self.cell(code), &self.how) {
            (Cell::Integer(start), How::Band(width)) => Cell::Text(band_label(start, *width)),
            (cell, _) => cell,
        }
    }
}
