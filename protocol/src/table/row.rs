//! Reading one row of CSV into a batch: the inner loop.
//!
//! What always holds: a row is judged only by bytes up to its own end, cell by cell, so a wrong cell is found whether or
//! not the rest of the row has come. The common spelling of a cell takes a short way, every other the careful one.

use super::batch::{Batch, ColumnBatch};
use super::cell::{Found, check_text, in_range, parse_boolean, parse_decimal, parse_integer};
use super::scan::{CellEnd, cell_end, digits, power_of_ten};
use crate::contract::{Column, ColumnKind};
use alloc::string::String;
use alloc::vec::Vec;

/// Why a row could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// The bytes ended first.
    Incomplete,
    /// Nothing stands on the line.
    Blank,
    /// The line ended before the last column.
    TooFew,
    /// The line went on after the last column.
    TooMany,
    /// This cell does not fit.
    Cell(Found),
}

/// What to do with each column, in the order of the text.
#[derive(Debug)]
pub(super) struct Reader {
    fields: Vec<Field>,
    /// Whether the first line, and so every line, ends with a carriage return and a line feed.
    carriage_return: bool,
    /// Content of a quoted cell without its quotes.
    unquoted: Vec<u8>,
}

#[derive(Debug)]
struct Field {
    /// Where in the batch the values go; none to skip the column.
    place: Option<usize>,
    null: bool,
    kind: ColumnKind,
}

impl Reader {
    pub(super) fn new(columns: &[Column], projection: &[usize]) -> Self {
        let field = |(index, column): (usize, &Column)| Field {
            place: projection.iter().position(|place| *place == index),
            null: column.null,
            kind: column.kind.clone(),
        };
        Self { fields: columns.iter().enumerate().map(field).collect(), carriage_return: false, unquoted: Vec::new() }
    }

    pub(super) const fn set_carriage_return(&mut self, carriage_return: bool) {
        self.carriage_return = carriage_return;
    }

    /// Reads the row at the start of `view` into `batch` and gives its length with its end; or the place of the column
    /// where that stopped. Then the caller rolls the batch back.
    #[inline]
    pub(super) fn read(&mut self, view: &[u8], batch: &mut Batch) -> Result<usize, (usize, Stop)> {
        let last = self.fields.len().saturating_sub(1);
        match view {
            [b'\n', ..] if last > 0 && !self.carriage_return => return Err((0, Stop::Blank)),
            [b'\r', b'\n', ..] if last > 0 && self.carriage_return => return Err((0, Stop::Blank)),
            [b'\r'] if self.carriage_return => return Err((0, Stop::Incomplete)),
            _ => {}
        }
        let mut rest = view;
        let mut text_bytes = 0_usize;
        for (index, field) in self.fields.iter().enumerate() {
            let at = |stop: Stop| (index, stop);
            let length = match field.place.and_then(|place| batch.column_mut(place)) {
                None => skip(rest).map_err(at)?,
                Some(column) => field.read(rest, column, &mut self.unquoted, &mut text_bytes).map_err(at)?,
            };
            rest = match rest.get(length..) {
                Some([b',', after @ ..]) if index < last => after,
                Some([b'\n', after @ ..]) if index == last && !self.carriage_return => after,
                Some([b'\r', b'\n', after @ ..]) if index == last && self.carriage_return => after,
                other => return Err(at(wrong_end(other.unwrap_or_default(), index < last, self.carriage_return))),
            };
        }
        batch.end_row(text_bytes);
        Ok(view.len().saturating_sub(rest.len()))
    }
}

/// What it means that a cell is not followed by what must follow it.
fn wrong_end(rest: &[u8], more_columns: bool, carriage_return: bool) -> Stop {
    match rest {
        [] => Stop::Incomplete,
        [b'\r'] if carriage_return => Stop::Incomplete,
        [b','] | [b',', ..] => Stop::TooMany,
        [b'\r', b'\n', ..] if carriage_return && more_columns => Stop::TooFew,
        [b'\n', ..] if !carriage_return && more_columns => Stop::TooFew,
        [b'\r' | b'\n', ..] => Stop::Cell(Found::StrayCarriageReturn),
        _ => Stop::Cell(Found::StrayQuote),
    }
}

impl Field {
    /// Reads the cell at the start of `rest` and gives its length with quotes. What follows it is the caller's to check.
    #[inline]
    fn read(
        &self,
        rest: &[u8],
        column: &mut ColumnBatch,
        unquoted: &mut Vec<u8>,
        text_bytes: &mut usize,
    ) -> Result<usize, Stop> {
        match &self.kind {
            ColumnKind::Integer { minimum, maximum } => {
                if let Some((value, length)) = short_integer(rest) {
                    column.push_number(in_range(value, *minimum, *maximum)?);
                    return Ok(length);
                }
            }
            ColumnKind::Decimal { scale, minimum, maximum } => {
                if let Some((value, length)) = short_decimal(rest, *scale) {
                    column.push_number(in_range(value, *minimum, *maximum)?);
                    return Ok(length);
                }
            }
            ColumnKind::Text { maximum_length, values } => {
                let end = cell_end(rest).ok_or(Stop::Incomplete)?;
                if end.length > 0 {
                    return self.plain_text(rest, end, *maximum_length, values, column, text_bytes);
                }
            }
            ColumnKind::Boolean => {}
        }
        self.read_carefully(rest, column, unquoted, text_bytes)
    }

    #[inline]
    fn plain_text(
        &self,
        rest: &[u8],
        end: CellEnd,
        maximum_length: u32,
        values: &[String],
        column: &mut ColumnBatch,
        text_bytes: &mut usize,
    ) -> Result<usize, Stop> {
        let text = rest.get(..end.length).ok_or(Stop::Incomplete)?;
        if !end.ascii && core::str::from_utf8(text).is_err() {
            return Err(Found::NotUtf8.into());
        }
        check_text(text, maximum_length, values)?;
        *text_bytes = text_bytes.saturating_add(text.len());
        column.push_text(text);
        Ok(end.length)
    }

    /// Every spelling: empty, quoted, long numbers, and all that is wrong.
    #[cold]
    fn read_carefully(
        &self,
        rest: &[u8],
        column: &mut ColumnBatch,
        unquoted: &mut Vec<u8>,
        text_bytes: &mut usize,
    ) -> Result<usize, Stop> {
        let (text, length) = match rest {
            [b'"', ..] => {
                let length = quoted(rest, Some(unquoted))?;
                (unquoted.as_slice(), length)
            }
            _ => {
                let end = cell_end(rest).ok_or(Stop::Incomplete)?;
                (rest.get(..end.length).ok_or(Stop::Incomplete)?, end.length)
            }
        };
        if length == 0 {
            if !self.null {
                return Err(Found::EmptyCell.into());
            }
            column.push_null();
            return Ok(0);
        }
        match &self.kind {
            ColumnKind::Integer { minimum, maximum } => {
                column.push_number(in_range(parse_integer(text)?, *minimum, *maximum)?);
            }
            ColumnKind::Decimal { scale, minimum, maximum } => {
                column.push_number(in_range(parse_decimal(text, *scale)?, *minimum, *maximum)?);
            }
            ColumnKind::Text { maximum_length, values } => {
                if core::str::from_utf8(text).is_err() {
                    return Err(Found::NotUtf8.into());
                }
                check_text(text, *maximum_length, values)?;
                *text_bytes = text_bytes.saturating_add(text.len());
                column.push_text(text);
            }
            ColumnKind::Boolean => column.push_boolean(parse_boolean(text)?),
        }
        Ok(length)
    }
}

/// The length of the cell at the start of `rest`, its content unseen.
#[inline]
fn skip(rest: &[u8]) -> Result<usize, Stop> {
    match rest {
        [b'"', ..] => quoted(rest, None),
        _ => cell_end(rest).map(|end| end.length).ok_or(Stop::Incomplete),
    }
}

/// The length of the quoted cell at the start of `rest` with its quotes; its content goes to `content`.
fn quoted(rest: &[u8], mut content: Option<&mut Vec<u8>>) -> Result<usize, Stop> {
    if let Some(content) = &mut content {
        content.clear();
    }
    let mut at = 1_usize;
    loop {
        let tail = rest.get(at..).ok_or(Stop::Incomplete)?;
        let length = tail.iter().position(|byte| *byte == b'"').ok_or(Stop::Incomplete)?;
        let (before, from_quote) = tail.split_at_checked(length).ok_or(Stop::Incomplete)?;
        if let Some(content) = &mut content {
            content.extend_from_slice(before);
        }
        at = at.saturating_add(length).saturating_add(1);
        match from_quote {
            [b'"', b'"', ..] => {
                at = at.saturating_add(1);
                if let Some(content) = &mut content {
                    content.push(b'"');
                }
            }
            // What comes after a quote decides whether it closes the cell.
            [_] | [] => return Err(Stop::Incomplete),
            _ => return Ok(at),
        }
    }
}

/// The common spelling of an integer: perhaps `-`, 1 to 15 digits that do not begin with 0, and then a separator.
#[inline]
fn short_integer(rest: &[u8]) -> Option<(i64, usize)> {
    let (negative, unsigned) = match rest {
        [b'-', unsigned @ ..] => (true, unsigned),
        _ => (false, rest),
    };
    let (value, length) = digits(unsigned)?;
    let leading_zero = unsigned.first() == Some(&b'0') && (length > 1 || negative);
    if leading_zero || !matches!(unsigned.get(length), Some(b',' | b'\n' | b'\r')) {
        return None;
    }
    let value = value.cast_signed();
    Some(if negative { (value.wrapping_neg(), length.saturating_add(1)) } else { (value, length) })
}

/// The common spelling of a decimal: perhaps `-`, 1 to 7 digits, perhaps a point and 1 to 7 digits, then a separator.
#[inline]
fn short_decimal(rest: &[u8], scale: u8) -> Option<(i64, usize)> {
    let (negative, unsigned) = match rest {
        [b'-', unsigned @ ..] => (true, unsigned),
        _ => (false, rest),
    };
    let (whole, mut length) = digits(unsigned)?;
    if length > 7 || (unsigned.first() == Some(&b'0') && length > 1) {
        return None;
    }
    let scale = u32::from(scale);
    let mut value = whole.wrapping_mul(power_of_ten(scale));
    if unsigned.get(length) == Some(&b'.') {
        let (fraction, places) = digits(unsigned.get(length.saturating_add(1)..)?)?;
        let missing = scale.checked_sub(u32::try_from(places).ok()?)?;
        if places > 7 {
            return None;
        }
        value = value.wrapping_add(fraction.wrapping_mul(power_of_ten(missing)));
        length = length.saturating_add(places).saturating_add(1);
    }
    if !matches!(unsigned.get(length), Some(b',' | b'\n' | b'\r')) {
        return None;
    }
    let value = value.cast_signed();
    Some(if negative { (value.wrapping_neg(), length.saturating_add(1)) } else { (value, length) })
}
