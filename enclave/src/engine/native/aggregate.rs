//! Carrying out an [`AggregatePlan`]: joined datasets are read into memory, united ones pass through once.
//!
//! What always holds: memory is that of the joined datasets, the groups and one batch, all of it counted; a joined row
//! is one unit of work, so that a join cannot multiply its way around the contract's limit.

use super::build::{Build, ProbeBuffers};
use super::coder::Coder;
use super::columns::{JoinKind, Source};
use super::finish::finish;
use super::groups::{Chunk, Groups};
use super::memory::to_usize;
use super::plan::AggregatePlan;
use super::select::{Numbers, select};
use super::words::NONE;
use sealroom_enclave_core::program::{Inputs, Meter, Outputs, Plan, ProgramFailure, scan};
use sealroom_protocol::table::Batch;

/// Joined rows that are handled at a time.
const CHUNK: usize = 8_192;

impl Plan for AggregatePlan {
    fn run(&self, inputs: &mut dyn Inputs, meter: &mut Meter) -> Result<Outputs, ProgramFailure> {
        let mut coders: Vec<Coder> = self.sources.codes.iter().map(|source| Coder::new(source, meter)).collect();
        let mut builds = Vec::new();
        for (number, join) in self.joins.iter().enumerate() {
            builds.push(Build::new(self, number, join, &mut coders, inputs, meter)?);
        }
        let groups = self.results.iter().map(|result| Groups::new(result, meter)).collect();
        let mut run = Run { plan: self, builds, coders, groups, buffers: Buffers::new(self) };
        for (number, united) in self.united.iter().enumerate() {
            scan(inputs, meter, &united.dataset, &united.reads, |batch, meter| run.batch(number, batch, meter))?;
            for (result, groups) in self.results.iter().zip(&mut run.groups) {
                groups.end_dataset(result, number, meter)?;
            }
        }
        let mut outputs = Outputs::new();
        for (result, groups) in self.results.iter().zip(run.groups) {
            outputs.insert(result.name.clone(), finish(result, groups, &run.coders, meter)?);
        }
        Ok(outputs)
    }
}

struct Run<'p> {
    plan: &'p AggregatePlan,
    builds: Vec<Build>,
    coders: Vec<Coder>,
    groups: Vec<Groups>,
    buffers: Buffers,
}

/// Memory that is kept from batch to batch.
#[derive(Default)]
struct Buffers {
    selection: Vec<u32>,
    /// Codes and numbers of the selected united rows, by the places of their sources.
    codes: Vec<Vec<u32>>,
    numbers: Vec<Numbers>,
    probe: ProbeBuffers,
    /// For each join, the first matching row of each selected row.
    matches: Vec<Vec<u32>>,
    tuples: Tuples,
    chunk: Chunk,
}

/// Joined rows: a place in the selection, and for each join a row of its build, or [`NONE`].
#[derive(Default)]
struct Tuples {
    united: Vec<u32>,
    joined: Vec<Vec<u32>>,
}

impl Buffers {
    fn new(plan: &AggregatePlan) -> Self {
        let numbers = || plan.sources.numbers.iter().map(|_| Numbers::default()).collect();
        let codes = || plan.sources.codes.iter().map(|_| Vec::new()).collect();
        Self {
            codes: codes(),
            numbers: numbers(),
            matches: plan.joins.iter().map(|_| Vec::new()).collect(),
            tuples: Tuples { united: Vec::new(), joined: plan.joins.iter().map(|_| Vec::new()).collect() },
            chunk: Chunk { rows: 0, codes: codes(), numbers: numbers() },
            ..Self::default()
        }
    }
}

impl Run<'_> {
    fn batch(&mut self, dataset: usize, batch: &Batch, meter: &mut Meter) -> Result<(), ProgramFailure> {
        let plan = self.plan;
        let buffers = &mut self.buffers;
        select(batch, &plan.filters, &mut buffers.selection);
        let column = |source: Source| match source {
            Source::United(_) => plan.read_of(source).and_then(|read| batch.column(read)),
            Source::Joined { .. } | Source::Matched(_) => None,
        };
        for ((source, coder), codes) in plan.sources.codes.iter().zip(&mut self.coders).zip(&mut buffers.codes) {
            if let Some(column) = column(source.found.source) {
                codes.clear();
                coder.encode(column, &buffers.selection, codes, meter)?;
            }
        }
        for (found, numbers) in plan.sources.numbers.iter().zip(&mut buffers.numbers) {
            if let Some(column) = column(found.source) {
                numbers.clear();
                numbers.append(column, &buffers.selection, meter)?;
            }
        }
        for ((join, build), matches) in plan.joins.iter().zip(&self.builds).zip(&mut buffers.matches) {
            build.probe(batch, &join.united_keys, &buffers.selection, &mut buffers.probe, matches);
        }
        self.join(dataset, meter)
    }

    /// Makes the joined rows of the selection and adds them, a chunk at a time.
    fn join(&mut self, dataset: usize, meter: &mut Meter) -> Result<(), ProgramFailure> {
        let mut tuples = core::mem::take(&mut self.buffers.tuples);
        let matches = core::mem::take(&mut self.buffers.matches);
        tuples.clear();
        let unique = self.builds.iter().all(Build::is_unique);
        for place in 0..u32::try_from(self.buffers.selection.len()).unwrap_or(u32::MAX) {
            let firsts = matches.iter().map(|matches| matches.get(to_usize(place)).copied().unwrap_or(NONE));
            let kinds = self.plan.joins.iter().map(|join| join.kind);
            if firsts.clone().zip(kinds).any(|(first, kind)| kind == JoinKind::Inner && first == NONE) {
                continue;
            }
            if unique {
                tuples.push(place, firsts);
            } else {
                self.multiply(dataset, place, &firsts.collect::<Vec<_>>(), &mut tuples, meter)?;
            }
        }
        self.flush(dataset, &mut tuples, meter)?;
        self.buffers.tuples = tuples;
        self.buffers.matches = matches;
        Ok(())
    }

    /// Every combination of the rows that match one united row.
    fn multiply(
        &mut self,
        dataset: usize,
        place: u32,
        firsts: &[u32],
        tuples: &mut Tuples,
        meter: &mut Meter,
    ) -> Result<(), ProgramFailure> {
        let mut current = firsts.to_vec();
        loop {
            tuples.push(place, current.iter().copied());
            if tuples.united.len() >= CHUNK {
                self.flush(dataset, tuples, meter)?;
            }
            // As an odometer: the last join that has another row goes on, those after it begin again.
            let mut moved = false;
            for ((now, first), build) in current.iter_mut().zip(firsts).zip(&self.builds).rev() {
                let next = if *now == NONE { NONE } else { build.next(*now) };
                if next != NONE {
                    *now = next;
                    moved = true;
                    break;
                }
                *now = *first;
            }
            if !moved {
                return Ok(());
            }
        }
    }

    /// Adds the joined rows to every result that this dataset belongs to.
    fn flush(&mut self, dataset: usize, tuples: &mut Tuples, meter: &mut Meter) -> Result<(), ProgramFailure> {
        let rows = tuples.united.len();
        if !self.builds.is_empty() {
            meter.work(u64::try_from(rows).unwrap_or(u64::MAX))?;
        }
        let buffers = &mut self.buffers;
        buffers.chunk.rows = rows;
        let to = buffers.chunk.codes.iter_mut().zip(&buffers.codes);
        for ((place, (codes, united)), (source, coder)) in
            to.enumerate().zip(self.plan.sources.codes.iter().zip(&self.coders))
        {
            codes.clear();
            match source.found.source {
                Source::United(_) => codes.extend(gather(united, &tuples.united)),
                Source::Joined { join, .. } => {
                    let (build, rows) = (self.builds.get(join), tuples.joined.get(join));
                    if let Some((from, rows)) = build.and_then(|build| build.codes.get(place)).zip(rows) {
                        codes.extend(gather(from, rows));
                    }
                }
                Source::Matched(join) => {
                    let rows = tuples.joined.get(join).map(Vec::as_slice).unwrap_or_default();
                    codes.extend(rows.iter().map(|row| coder.matched(*row != NONE)));
                }
            }
        }
        let to = buffers.chunk.numbers.iter_mut().zip(&buffers.numbers);
        for ((place, (numbers, united)), found) in to.enumerate().zip(&self.plan.sources.numbers) {
            numbers.clear();
            let (from, rows) = match found.source {
                Source::United(_) => (Some(united), Some(&tuples.united)),
                Source::Joined { join, .. } => {
                    (self.builds.get(join).and_then(|build| build.numbers.get(place)), tuples.joined.get(join))
                }
                Source::Matched(_) => (None, None),
            };
            if let Some((from, rows)) = from.zip(rows) {
                numbers.values.extend(gather(&from.values, rows));
                // Beyond the last row stands NONE, which is no known number.
                if found.null && from.known.is_empty() {
                    numbers.known.extend(rows.iter().map(|row| *row != NONE));
                } else if found.null {
                    numbers.known.extend(gather(&from.known, rows));
                }
            }
        }
        for (result, groups) in self.plan.results.iter().zip(&mut self.groups) {
            if result.includes.get(dataset) == Some(&true) {
                groups.add(result, &buffers.chunk, meter)?;
            }
        }
        tuples.clear();
        Ok(())
    }
}

impl Tuples {
    fn push(&mut self, place: u32, joined: impl Iterator<Item = u32>) {
        self.united.push(place);
        for (to, row) in self.joined.iter_mut().zip(joined) {
            to.push(row);
        }
    }

    fn clear(&mut self) {
        self.united.clear();
        self.joined.iter_mut().for_each(Vec::clear);
    }
}

/// The values at these places; the default (0, false) where there is none.
fn gather<'a, T: Copy + Default>(from: &'a [T], places: &'a [u32]) -> impl Iterator<Item = T> + 'a {
    places.iter().map(|place| from.get(to_usize(*place)).copied().unwrap_or_default())
}
