//! How many of a group's contributors one owner of data brings, for contracts whose minimum must hold without each owner.
//!
//! What always holds: an owner is counted for every contributor that it alone brings. A unit that several owners have
//! counts for the first whose dataset was read, so what is left without an owner is never more than the others have.

use super::groups::TallyState;
use super::measure::ResultPlan;
use super::memory::{resize, to_usize};
use sealroom_enclave_core::program::{Meter, ProgramFailure};

/// Contributors by owner; empty where no rule asks.
#[derive(Debug)]
pub(super) struct Shares {
    /// For each tally of contributors, its counts when the last dataset ended.
    before: Vec<Vec<u64>>,
    /// For each owner and each tally of contributors, the counts of its datasets.
    owners: Vec<Vec<Vec<u64>>>,
}

impl Shares {
    pub(super) fn new(plan: &ResultPlan) -> Self {
        let tallies = || plan.contributors.iter().map(|_| Vec::new()).collect();
        let owners = plan.owners.iter().flatten().max().map_or(0, |last| last.saturating_add(1));
        Self { before: tallies(), owners: (0..owners).map(|_| tallies()).collect() }
    }

    /// Counts what was added since the last call for the owner of this dataset.
    pub(super) fn end_dataset(
        &mut self,
        plan: &ResultPlan,
        dataset: usize,
        tallies: &[TallyState],
        meter: &mut Meter,
    ) -> Result<(), ProgramFailure> {
        let Some(owner) = plan.owners.as_ref().and_then(|owners| owners.get(dataset)) else { return Ok(()) };
        let Some(owner) = self.owners.get_mut(*owner) else { return Ok(()) };
        for ((place, before), share) in plan.contributors.iter().zip(&mut self.before).zip(owner) {
            let counts = tallies.get(*place).map(|tally| tally.counts.as_slice()).unwrap_or_default();
            resize(before, counts.len(), 0, meter)?;
            resize(share, counts.len(), 0, meter)?;
            for ((now, before), share) in counts.iter().zip(before).zip(share) {
                *share = share.saturating_add(now.saturating_sub(*before));
                *before = *now;
            }
        }
        Ok(())
    }

    /// The most that one owner brings to a group, by the place of a tally among those of contributors; none where it
    /// was not counted.
    pub(super) fn largest(&self, place: usize, group: u32) -> Option<u64> {
        let share = |owner: &Vec<Vec<u64>>| owner.get(place)?.get(to_usize(group)).copied();
        self.owners.iter().map(|owner| share(owner).unwrap_or(0)).max()
    }
}
