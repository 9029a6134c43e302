//! From groups to rows of a result.
//!
//! What always holds: rows stand in the order of their groups' values (numbers by value, text by its bytes, false before
//! true, null last), whatever the order of the data; each quotient is exact and rounded once.

use super::coder::Coder;
use super::groups::Groups;
use super::measure::{Output, ResultPlan};
use super::memory::to_usize;
use super::rational::{divide, power_of_ten};
use sealroom_enclave_core::program::{Meter, ProgramFailure};
use sealroom_protocol::table::{Cell, OutputRow, OutputTable};

/// Bytes counted for each cell that comes out.
const CELL_BYTES: usize = 64;

/// The rows of one result.
pub(super) fn finish(
    result: &ResultPlan,
    mut groups: Groups,
    coders: &[Coder],
    meter: &mut Meter,
) -> Result<OutputTable, ProgramFailure> {
    for list in &mut groups.lists {
        list.sort_unstable();
    }
    let dimensions: Vec<&Coder> = result.dimensions.iter().filter_map(|code| coders.get(*code)).collect();
    let cells = result.outputs.len().saturating_add(dimensions.len());
    meter.allocate(to_usize(groups.count()).saturating_mul(cells).saturating_mul(CELL_BYTES))?;
    let mut rows = Vec::new();
    for group in 0..groups.count() {
        let codes = groups.codes(dimensions.len(), group);
        let order: Vec<(bool, Cell)> =
            dimensions.iter().zip(&codes).map(|(coder, code)| (*code == 0, coder.cell(*code))).collect();
        let counts = Counts { groups: &groups, group };
        let mut cells = Vec::with_capacity(result.outputs.len());
        for (output, decimal) in result.outputs.iter().zip(&result.decimals) {
            let number =
                match *output {
                    Output::Group { dimension, label } => {
                        let coder = dimensions.get(dimension).zip(codes.get(dimension));
                        cells.push(coder.map_or(Cell::Null, |(coder, code)| {
                            if label { coder.label(*code) } else { coder.cell(*code) }
                        }));
                        continue;
                    }
                    _ => counts.number(output)?,
                };
            cells.push(match number {
                None => Cell::Null,
                Some(number) if *decimal => Cell::Decimal(number),
                Some(number) => Cell::Integer(number),
            });
        }
        let contributors = result.contributors.iter().map(|tally| counts.tally(*tally)).min().unwrap_or(0);
        let without_any_owner = result.contributors.iter().enumerate().map(|(place, tally)| {
            counts.tally(*tally).saturating_sub(groups.shares.largest(place, group).unwrap_or(u64::MAX))
        });
        let without_any_owner = without_any_owner.min().unwrap_or(0);
        rows.push((order, OutputRow { cells, contributors, without_any_owner }));
    }
    rows.sort_by(|(left, _), (right, _)| left.cmp(right));
    Ok(OutputTable { rows: rows.into_iter().map(|(_, row)| row).collect() })
}

/// One group's counts and sums.
struct Counts<'a> {
    groups: &'a Groups,
    group: u32,
}

impl Counts<'_> {
    fn number(&self, output: &Output) -> Result<Option<i64>, ProgramFailure> {
        let exact = |value: u64| i64::try_from(value).map_err(|_| ProgramFailure::Overflow);
        Ok(match *output {
            Output::Group { .. } => None,
            Output::Count { tally } => Some(exact(self.tally(tally))?),
            Output::Sum { sum } => Some(i64::try_from(self.sum(sum)).map_err(|_| ProgramFailure::Overflow)?),
            Output::Mean { sum, tally, from, to } => {
                let count = i128::from(self.tally(tally));
                let denominator = count.checked_mul(power_of_ten(from)?).ok_or(ProgramFailure::Overflow)?;
                if count == 0 { None } else { Some(divide(self.sum(sum), denominator, to)?) }
            }
            Output::Variance { sum, tally, from, to } => self.variance(sum, tally, from, to)?,
            Output::Share { part, whole, factor, to } => {
                let whole = i128::from(self.tally(whole));
                let part = i128::from(self.tally(part)).checked_mul(factor).ok_or(ProgramFailure::Overflow)?;
                if whole == 0 { None } else { Some(divide(part, whole, to)?) }
            }
            Output::Minimum { extreme } => self.extreme(extreme).map(|(least, _)| least),
            Output::Maximum { extreme } => self.extreme(extreme).map(|(_, most)| most),
            Output::Quantile { list, percent } => self.quantile(list, percent),
        })
    }

    fn tally(&self, tally: usize) -> u64 {
        let counts = self.groups.tallies.get(tally).map(|tally| tally.counts.as_slice()).unwrap_or_default();
        counts.get(to_usize(self.group)).copied().unwrap_or(0)
    }

    fn sum(&self, sum: usize) -> i128 {
        self.groups.sums.get(sum).and_then(|sums| sums.get(to_usize(self.group))).copied().unwrap_or(0)
    }

    /// Sample variance, exactly: (n Σx² - (Σx)²) / (n (n - 1)); none of fewer than two values.
    fn variance(&self, sum: usize, tally: usize, from: u8, to: u8) -> Result<Option<i64>, ProgramFailure> {
        let count = i128::from(self.tally(tally));
        if count < 2 {
            return Ok(None);
        }
        let squares = self.groups.squares.get(sum).and_then(|all| all.get(to_usize(self.group))).copied().unwrap_or(0);
        let sum = self.sum(sum);
        let unit = power_of_ten(from)?;
        let exact = || {
            let numerator = count.checked_mul(squares)?.checked_sub(sum.checked_mul(sum)?)?;
            let pairs = count.checked_mul(count.checked_sub(1)?)?;
            Some((numerator, pairs.checked_mul(unit)?.checked_mul(unit)?))
        };
        let (numerator, denominator) = exact().ok_or(ProgramFailure::Overflow)?;
        divide(numerator, denominator, to).map(Some)
    }

    fn extreme(&self, extreme: usize) -> Option<(i64, i64)> {
        let extremes = self.groups.extremes.get(extreme)?.get(to_usize(self.group)).copied()?;
        (extremes.0 <= extremes.1).then_some(extremes)
    }

    /// Nearest rank: the value at place ceil(percent * n / 100), from 1.
    fn quantile(&self, list: usize, percent: u8) -> Option<i64> {
        let list = self.groups.lists.get(list)?;
        let start = list.partition_point(|(group, _)| *group < self.group);
        let end = list.partition_point(|(group, _)| *group <= self.group);
        let values = list.get(start..end)?;
        let rank = values.len().saturating_mul(usize::from(percent)).div_ceil(100);
        values.get(rank.checked_sub(1)?).map(|(_, value)| *value)
    }
}
