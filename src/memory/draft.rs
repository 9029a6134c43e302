//! What an amendment would carry over, by what one party's memory knows.
//!
//! What always holds: this party loses nothing by it, so its own memory takes it; what others lost they know themselves, and their
//! memories refuse a number that is too low.

use super::error::MemoryError;
use super::store::SEEN;
use super::{Head, Memory};
use redb::ReadableDatabase;
use sealroom_protocol::contract::{Amends, CarriedHead, Contract};
use sealroom_protocol::run::{Outcome, Receipt, SignedReceipt};

impl Memory {
    /// The table `[amends]` for the next version of a contract: the newest complete receipt, the highest run number and the
    /// counts that this memory knows of. The predecessor's log is for its caller to fill in.
    ///
    /// # Errors
    /// [`MemoryError::NotAParty`], [`MemoryError::Database`], [`MemoryError::Record`].
    pub fn draft_amendment(&self, contract: &Contract) -> Result<Amends, MemoryError> {
        let party = self.party(contract)?;
        // The newest version that was taken: the one given may have come too late for this party.
        let basis = match self.in_force(contract)? {
            Some(newest) if newest != contract.id() => self.contract(&newest)?.contract().clone(),
            Some(_) | None => contract.clone(),
        };
        let state = self.state(&basis)?;
        let receipts = self.receipts(&basis.id())?;
        let of_run = |receipt: &Receipt| receipt.proposal.run;
        let complete = receipts.iter().map(SignedReceipt::allegation);
        let newest =
            complete.filter(|receipt| receipt.outcome == Outcome::Complete).max_by_key(|receipt| of_run(receipt));
        let head = newest.map(|receipt| Head { run: of_run(receipt), receipt: receipt.id() });
        let carried = contract.carried_head().map(|head| Head { run: head.run, receipt: head.receipt });
        let head = state.head.into_iter().chain(head).chain(carried).max_by_key(|head| head.run);
        let runs = state.grants.iter().map(|grant| grant.run);
        let runs = runs.chain(receipts.iter().map(|receipt| of_run(receipt.allegation())));
        let highest = runs.chain(head.map(|head| head.run)).max().unwrap_or(0);
        let highest = highest.max(contract.carried_run()).max(self.highest_seen(&basis)?);
        let count = |name: &str| {
            let said = newest.and_then(|receipt| receipt.count(name)).map_or(0, |count| count.after);
            let own = if name == party.name { state.count } else { 0 };
            said.max(own).max(contract.carried_count(name))
        };
        let granting = contract.granting_parties();
        let counts: Vec<(&str, u64)> = granting.iter().map(|party| (&*party.name, count(&party.name))).collect();
        let mut amends = Amends::new(contract, highest, &counts);
        amends.head = head.map(|Head { run, receipt }| CarriedHead { run, receipt });
        Ok(amends)
    }

    /// The highest run number of any grant of any party that this memory was shown.
    fn highest_seen(&self, contract: &Contract) -> Result<u64, MemoryError> {
        let seen = self.database.begin_read()?.open_table(SEEN)?;
        let id = contract.id();
        let mut highest = 0;
        for party in &contract.terms().parties {
            let (first, last) = ((id.as_bytes(), &*party.name, 0), (id.as_bytes(), &*party.name, u64::MAX));
            let newest = seen.range(first..=last)?.next_back().transpose()?;
            highest = highest.max(newest.map_or(0, |(place, _)| place.value().2));
        }
        Ok(highest)
    }
}
