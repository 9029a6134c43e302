//! The groups of one result and what is added up in each.
//!
//! What always holds: sums are exact (128 bits); the order in which rows come changes nothing.

use super::measure::{ResultPlan, Sum, Tally};
use super::memory::{push, reserve, resize, to_usize};
use super::select::Numbers;
use super::shares::Shares;
use super::words::{NONE, WordTable};
use sealroom_enclave_core::program::{Meter, ProgramFailure};

/// Some joined rows: their codes and numbers, by the places of their sources.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    pub(super) rows: usize,
    pub(super) codes: Vec<Vec<u32>>,
    pub(super) numbers: Vec<Numbers>,
}

impl Chunk {
    fn codes(&self, place: usize) -> &[u32] {
        self.codes.get(place).map(Vec::as_slice).unwrap_or_default()
    }
}

/// All groups of one result.
#[derive(Debug)]
pub(super) struct Groups {
    /// With one dimension, the group of each code.
    direct: Vec<u32>,
    /// With more, one table for each dimension but the first: (the group so far, code) to a number.
    levels: Vec<Level>,
    /// The codes of each group's last dimension with what it is joined to (or, with one dimension, its code alone).
    count: u32,
    pub(super) tallies: Vec<TallyState>,
    pub(super) sums: Vec<Vec<i128>>,
    pub(super) squares: Vec<Vec<i128>>,
    pub(super) extremes: Vec<Vec<(i64, i64)>>,
    pub(super) lists: Vec<Vec<(u32, i64)>>,
    pub(super) shares: Shares,
    /// The group of each row of a chunk.
    rows: Vec<u32>,
}

#[derive(Debug)]
struct Level {
    table: WordTable,
    pairs: Vec<u64>,
}

/// A count of rows, or of different codes, in each group.
#[derive(Debug)]
pub(super) struct TallyState {
    pub(super) counts: Vec<u64>,
    seen: WordTable,
}

impl Groups {
    pub(super) fn new(plan: &ResultPlan, meter: &Meter) -> Self {
        let level = || Level { table: WordTable::new(meter.hash_key()), pairs: Vec::new() };
        let tally = |_: &Tally| TallyState { counts: Vec::new(), seen: WordTable::new(meter.hash_key()) };
        Self {
            direct: Vec::new(),
            levels: (1..plan.dimensions.len().max(2)).map(|_| level()).collect(),
            count: 0,
            tallies: plan.tallies.iter().map(tally).collect(),
            sums: plan.sums.iter().map(|_| Vec::new()).collect(),
            squares: plan.sums.iter().map(|_| Vec::new()).collect(),
            extremes: plan.extremes.iter().map(|_| Vec::new()).collect(),
            lists: plan.lists.iter().map(|_| Vec::new()).collect(),
            shares: Shares::new(plan),
            rows: Vec::new(),
        }
    }

    /// How many groups there are.
    pub(super) const fn count(&self) -> u32 {
        self.count
    }

    /// The codes of a group, one for each dimension.
    pub(super) fn codes(&self, dimensions: usize, group: u32) -> Vec<u32> {
        let pair = |level: usize, group: u32| {
            let pairs = self.levels.get(level).map(|level| level.pairs.as_slice()).unwrap_or_default();
            pairs.get(to_usize(group)).copied().unwrap_or(0)
        };
        let mut codes = Vec::new();
        match dimensions {
            0 => {}
            1 => codes.push(low(pair(0, group))),
            _ => {
                let mut group = group;
                for level in (0..dimensions.saturating_sub(1)).rev() {
                    let pair = pair(level, group);
                    codes.push(low(pair));
                    group = high(pair);
                }
                codes.push(group);
                codes.reverse();
            }
        }
        codes
    }

    /// Adds the rows of a chunk.
    pub(super) fn add(&mut self, plan: &ResultPlan, chunk: &Chunk, meter: &mut Meter) -> Result<(), ProgramFailure> {
        let mut rows = core::mem::take(&mut self.rows);
        self.group(plan, chunk, &mut rows, meter)?;
        let groups = to_usize(self.count);
        for (tally, state) in plan.tallies.iter().zip(&mut self.tallies) {
            resize(&mut state.counts, groups, 0, meter)?;
            state.add(*tally, chunk, &rows, meter)?;
        }
        for ((sum, sums), squares) in plan.sums.iter().zip(&mut self.sums).zip(&mut self.squares) {
            let Some(numbers) = chunk.numbers.get(sum.number) else { continue };
            resize(sums, groups, 0, meter)?;
            add_up(*sum, numbers, &rows, sums, squares, groups, meter)?;
        }
        for (number, extremes) in plan.extremes.iter().zip(&mut self.extremes) {
            resize(extremes, groups, (i64::MAX, i64::MIN), meter)?;
            each(chunk.numbers.get(*number), &rows, |group, value| {
                if let Some((least, most)) = extremes.get_mut(to_usize(group)) {
                    *least = value.min(*least);
                    *most = value.max(*most);
                }
                Ok(())
            })?;
        }
        for (number, list) in plan.lists.iter().zip(&mut self.lists) {
            reserve(list, chunk.rows, meter)?;
            each(chunk.numbers.get(*number), &rows, |group, value| {
                list.push((group, value));
                Ok(())
            })?;
        }
        self.rows = rows;
        Ok(())
    }

    /// Says that a dataset of this owner was added whole.
    pub(super) fn end_dataset(
        &mut self,
        plan: &ResultPlan,
        dataset: usize,
        meter: &mut Meter,
    ) -> Result<(), ProgramFailure> {
        self.shares.end_dataset(plan, dataset, &self.tallies, meter)
    }

    /// The group of each row.
    fn group(
        &mut self,
        plan: &ResultPlan,
        chunk: &Chunk,
        rows: &mut Vec<u32>,
        meter: &mut Meter,
    ) -> Result<(), ProgramFailure> {
        rows.clear();
        match plan.dimensions.as_slice() {
            [] => {
                rows.resize(chunk.rows, 0);
                self.count = self.count.max(u32::from(chunk.rows > 0));
            }
            [only] => {
                let Some(level) = self.levels.first_mut() else { return Ok(()) };
                for code in chunk.codes(*only) {
                    let at = to_usize(*code);
                    if at >= self.direct.len() {
                        resize(&mut self.direct, at.saturating_add(1), NONE, meter)?;
                    }
                    let Some(group) = self.direct.get_mut(at) else { continue };
                    if *group == NONE {
                        *group = self.count;
                        self.count = self.count.checked_add(1).ok_or(ProgramFailure::Overflow)?;
                        push(&mut level.pairs, u64::from(*code), meter)?;
                    }
                    rows.push(*group);
                }
            }
            [first, others @ ..] => {
                rows.extend_from_slice(chunk.codes(*first));
                for (level, dimension) in self.levels.iter_mut().zip(others) {
                    for (row, code) in rows.iter_mut().zip(chunk.codes(*dimension)) {
                        let pair = u64::from(*row) << 32 | u64::from(*code);
                        let (id, new) = level.table.insert(pair, meter)?;
                        if new {
                            push(&mut level.pairs, pair, meter)?;
                        }
                        *row = id;
                    }
                }
                self.count = self.levels.last().map_or(0, |level| level.table.count());
            }
        }
        Ok(())
    }
}

impl TallyState {
    fn add(&mut self, tally: Tally, chunk: &Chunk, rows: &[u32], meter: &mut Meter) -> Result<(), ProgramFailure> {
        match (tally.filter, tally.distinct) {
            (None, None) => rows.iter().for_each(|group| self.one_more(*group)),
            (Some((place, least)), None) => {
                for (group, code) in rows.iter().zip(chunk.codes(place)) {
                    if *code >= least {
                        self.one_more(*group);
                    }
                }
            }
            (filter, Some(distinct)) => {
                let mut filters = filter.map(|(place, least)| (chunk.codes(place).iter(), least));
                for (group, code) in rows.iter().zip(chunk.codes(distinct)) {
                    let passes =
                        filters.as_mut().is_none_or(|(codes, least)| codes.next().is_some_and(|code| *code >= *least));
                    // A null is no unit and no value.
                    if passes && *code > 0 && self.seen.insert(u64::from(*group) << 32 | u64::from(*code), meter)?.1 {
                        self.one_more(*group);
                    }
                }
            }
        }
        Ok(())
    }

    #[inline]
    fn one_more(&mut self, group: u32) {
        if let Some(count) = self.counts.get_mut(to_usize(group)) {
            *count = count.saturating_add(1);
        }
    }
}

fn add_up(
    sum: Sum,
    numbers: &Numbers,
    rows: &[u32],
    sums: &mut [i128],
    squares: &mut Vec<i128>,
    groups: usize,
    meter: &mut Meter,
) -> Result<(), ProgramFailure> {
    // A placeholder is 0, so nulls change no sum; and 2^64 numbers of 64 bits fit.
    for (group, value) in rows.iter().zip(&numbers.values) {
        if let Some(sum) = sums.get_mut(to_usize(*group)) {
            *sum = sum.saturating_add(i128::from(*value));
        }
    }
    if sum.squares {
        resize(squares, groups, 0, meter)?;
        for (group, value) in rows.iter().zip(&numbers.values) {
            if let Some(square) = squares.get_mut(to_usize(*group)) {
                let wide = i128::from(*value);
                let more = wide.checked_mul(wide).and_then(|wide| square.checked_add(wide));
                *square = more.ok_or(ProgramFailure::Overflow)?;
            }
        }
    }
    Ok(())
}

/// Every number that is known, with its group.
fn each(
    numbers: Option<&Numbers>,
    rows: &[u32],
    mut visit: impl FnMut(u32, i64) -> Result<(), ProgramFailure>,
) -> Result<(), ProgramFailure> {
    let Some(numbers) = numbers else { return Ok(()) };
    let mut known = numbers.known.iter();
    for (group, value) in rows.iter().zip(&numbers.values) {
        if numbers.known.is_empty() || known.next() == Some(&true) {
            visit(*group, *value)?;
        }
    }
    Ok(())
}

fn low(pair: u64) -> u32 {
    u32::try_from(pair & u64::from(u32::MAX)).unwrap_or(0)
}

fn high(pair: u64) -> u32 {
    u32::try_from(pair >> 32).unwrap_or(0)
}
