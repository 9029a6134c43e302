//! How a contract's grants stand, in numbers, and the newest of what there is: what costs the same however much there is.
//!
//! What always holds: the numbers change in the transaction that changes a grant, and no rule rests on them.

use super::error::MemoryError;
use super::store::{GRANTS, GrantRecord, GrantState, RECEIPTS, TALLIES};
use super::{ContractState, Memory};
use core::ops::Bound;
use redb::{ReadableDatabase, ReadableTable, WriteTransaction};
use sealroom_protocol::contract::Contract;
use sealroom_protocol::id::{ContractId, ReceiptId};
use sealroom_protocol::run::SignedReceipt;

/// Grants of one contract by how they stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "complete: one number a state")]
pub struct Tally {
    /// Without a receipt.
    pub open: u64,
    /// Confirmed by a complete receipt.
    pub confirmed: u64,
    /// Given back by a void one.
    pub given_back: u64,
}

impl Tally {
    const fn place(&mut self, state: GrantState) -> &mut u64 {
        match state {
            GrantState::Open => &mut self.open,
            GrantState::Confirmed => &mut self.confirmed,
            GrantState::GivenBack => &mut self.given_back,
        }
    }

    /// One grant changes its state; `before` is none for a new one.
    pub(crate) const fn moved(&mut self, before: Option<GrantState>, after: GrantState) {
        if let Some(before) = before {
            *self.place(before) = self.place(before).saturating_sub(1);
        }
        *self.place(after) = self.place(after).saturating_add(1);
    }
}

/// Counts one grant of a contract that changes its state.
pub(super) fn moved(
    transaction: &WriteTransaction,
    contract: &ContractId,
    before: Option<GrantState>,
    after: GrantState,
) -> Result<(), MemoryError> {
    let mut tallies = transaction.open_table(TALLIES)?;
    let mut tally = of(&tallies, contract)?;
    tally.moved(before, after);
    tallies.insert(contract.as_bytes(), (tally.open, tally.confirmed, tally.given_back))?;
    Ok(())
}

/// Counts every grant of a memory of before there were tallies.
pub(super) fn count(transaction: &WriteTransaction) -> Result<(), MemoryError> {
    for entry in transaction.open_table(GRANTS)?.iter()? {
        let (place, record) = entry?;
        let contract = ContractId::from_bytes(*place.value().0);
        moved(transaction, &contract, None, GrantRecord::decode(record.value())?.state)?;
    }
    Ok(())
}

fn of(
    tallies: &impl ReadableTable<&'static [u8; 32], (u64, u64, u64)>,
    contract: &ContractId,
) -> Result<Tally, MemoryError> {
    let (open, confirmed, given_back) = tallies.get(contract.as_bytes())?.map_or((0, 0, 0), |tally| tally.value());
    Ok(Tally { open, confirmed, given_back })
}

impl Memory {
    /// How this party stands under a contract, without its grants.
    ///
    /// # Errors
    /// [`MemoryError::NotAParty`], [`MemoryError::Database`], [`MemoryError::Record`].
    pub fn standing(&self, contract: &Contract) -> Result<(ContractState, Tally), MemoryError> {
        let tally = of(&self.database.begin_read()?.open_table(TALLIES)?, &contract.id())?;
        Ok((self.state_without_grants(contract)?, tally))
    }

    /// Shows the newest grants of a contract, the newest first.
    ///
    /// # Errors
    /// [`MemoryError::Database`], [`MemoryError::Record`].
    pub fn newest_grants(
        &self,
        contract: &ContractId,
        most: usize,
        see: &mut dyn FnMut(&GrantRecord),
    ) -> Result<(), MemoryError> {
        let grants = self.database.begin_read()?.open_table(GRANTS)?;
        let range = grants.range((contract.as_bytes(), 0)..=(contract.as_bytes(), u64::MAX))?;
        for entry in range.rev().take(most) {
            see(&GrantRecord::decode(entry?.1.value())?);
        }
        Ok(())
    }

    /// Receipts of a contract that were settled here, at most so many, by run number: the first ones, or those after a run's
    /// receipt. For who holds no more of them at once.
    ///
    /// # Errors
    /// [`MemoryError::Database`], [`MemoryError::Record`].
    pub fn receipts_after(
        &self,
        contract: &ContractId,
        after: Option<(u64, ReceiptId)>,
        most: usize,
    ) -> Result<Vec<SignedReceipt>, MemoryError> {
        let receipts = self.database.begin_read()?.open_table(RECEIPTS)?;
        let last = (contract.as_bytes(), u64::MAX, &[0xff; 32]);
        let first = match &after {
            None => Bound::Included((contract.as_bytes(), 0, &[0; 32])),
            Some((run, id)) => Bound::Excluded((contract.as_bytes(), *run, id.as_bytes())),
        };
        let decode = |bytes: &[u8]| SignedReceipt::decode(bytes).map_err(|_| MemoryError::Record { what: "receipt" });
        let range = receipts.range((first, Bound::Included(last)))?;
        range.take(most).map(|entry| decode(entry?.1.value())).collect()
    }
}
