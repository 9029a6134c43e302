//! What an amendment would carry over, by what one party's memory knows, and by receipts that others bring.
//!
//! What always holds: this party loses nothing by it, so its own memory takes it; what others lost they know themselves, and their
//! memories refuse a number that is too low. Nobody raises a number far by what only they signed: run numbers come from complete
//! receipts and own grants, those that others were seen to grant count up to [`RUN_NUMBERS_AHEAD`] above them, and none is beyond
//! the versions before.

use super::error::MemoryError;
use super::grant::RUN_NUMBERS_AHEAD;
use super::store::SEEN;
use super::{Head, Memory};
use redb::ReadableDatabase;
use sealroom_protocol::contract::{Amends, CarriedHead, Contract};
use sealroom_protocol::run::{Outcome, Receipt, ReceiptError, SignedGrant, SignedReceipt};

impl Memory {
    /// The table `[amends]` for the next version of a contract: the newest complete receipt, the highest run number and the
    /// counts that this memory knows of. The predecessor's log is for its caller to fill in.
    ///
    /// # Errors
    /// [`MemoryError::NotAParty`], [`MemoryError::Amended`] where a newer version is in force: amend that;
    /// [`MemoryError::Database`], [`MemoryError::Record`].
    pub fn draft_amendment(&self, contract: &Contract) -> Result<Amends, MemoryError> {
        self.draft_amendment_with(contract, &[])
    }

    /// The same by what these receipts say too, of the contract or of the version in force: for a memory that lost its own, and
    /// for who was not there. Nothing of them is remembered; to settle them is another thing.
    ///
    /// # Errors
    /// As [`Memory::draft_amendment`], and [`MemoryError::Receipt`] for one that does not hold.
    pub fn draft_amendment_with(&self, contract: &Contract, brought: &[SignedReceipt]) -> Result<Amends, MemoryError> {
        let party = self.party(contract)?;
        // The newest version that was taken: the one given may have come too late for this party, or be of another line.
        let basis = match self.in_force(contract)? {
            Some(newest) if newest != contract.id() => self.contract(&newest)?.contract().clone(),
            Some(_) | None => contract.clone(),
        };
        if basis.version() > contract.version() {
            return Err(MemoryError::Amended { contract: contract.id(), by: basis.id() });
        }
        for receipt in brought {
            let found = receipt.allegation().contract;
            let of = [contract, &basis].into_iter().find(|version| version.id() == found);
            let of = of.ok_or(ReceiptError::Contract { expected: contract.id(), found })?;
            receipt.verify(of)?;
        }
        let state = self.state(&basis)?;
        let known = self.receipts(&basis.id())?;
        let all = || known.iter().chain(brought).map(SignedReceipt::allegation);
        let run = |receipt: &&Receipt| receipt.proposal.run;
        let complete = || all().filter(|receipt| receipt.outcome == Outcome::Complete);
        let newest = complete().max_by_key(run);
        let newest = newest.map(|receipt| Head { run: run(&receipt), receipt: receipt.id() });
        let carried = contract.carried_head().map(|head| Head { run: head.run, receipt: head.receipt });
        let head = state.head.into_iter().chain(newest).chain(carried).max_by_key(|head| head.run);

        let granted = |receipt: &Receipt| {
            let grants = receipt.grants.iter().filter_map(|grant| SignedGrant::decode(&grant.encode()).ok());
            grants.filter(|grant| grant.verify(&self.owner).is_ok()).map(|grant| grant.allegation().run).max()
        };
        let own = state.grants.iter().map(|grant| grant.run).chain(all().filter_map(granted));
        let own = own.chain(complete().map(|receipt| receipt.proposal.run)).chain(head.map(|head| head.run));
        let own = own.max().unwrap_or(0).max(contract.carried_run()).max(basis.carried_run());
        let near = own.saturating_add(RUN_NUMBERS_AHEAD);
        let others = all().map(|receipt| receipt.proposal.run).filter(|run| *run <= near).max();
        let highest = own.max(others.unwrap_or(0)).max(self.highest_seen(&basis, near)?).min(contract.last_run());

        let count = |name: &str| {
            let said = complete().filter_map(|receipt| receipt.count(name)).map(|count| count.after).max();
            let own = if name == party.name { state.count } else { 0 };
            said.unwrap_or(0).max(own).max(contract.carried_count(name))
        };
        let granting = contract.granting_parties();
        let counts: Vec<(&str, u64)> = granting.iter().map(|party| (&*party.name, count(&party.name))).collect();
        let mut amends = Amends::new(contract, highest, &counts);
        amends.head = head.map(|Head { run, receipt }| CarriedHead { run, receipt });
        Ok(amends)
    }

    /// The highest run number of any grant of any party that this memory was shown, up to `most`.
    fn highest_seen(&self, contract: &Contract, most: u64) -> Result<u64, MemoryError> {
        let seen = self.database.begin_read()?.open_table(SEEN)?;
        let id = contract.id();
        let mut highest = 0;
        for party in &contract.terms().parties {
            let (first, last) = ((id.as_bytes(), &*party.name, 0), (id.as_bytes(), &*party.name, most));
            let newest = seen.range(first..=last)?.next_back().transpose()?;
            highest = highest.max(newest.map_or(0, |(place, _)| place.value().2));
        }
        Ok(highest)
    }
}
