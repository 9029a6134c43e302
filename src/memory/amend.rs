//! Taking an amendment: the predecessor ends for this party, and the next version begins where its text says.
//!
//! What always holds: a party loses nothing by it that its memory knows of (newest receipt, highest run number, count), and in
//! one write the old version ends and the new one stands. Of the versions of one contract one is in force. `docs/design/0007`.

use super::error::MemoryError;
use super::store::{self, AGREED, CONTRACTS, COUNTS, GRANTS, HEADS, OBJECTS, RESTORED, VERSIONS};
use super::{Head, Memory, forking};
use redb::{ReadableDatabase, ReadableTable, WriteTransaction};
use sealroom_protocol::contract::{Amends, CarriedCounts, CarriedHead, Contract, Party, SignedContract};
use sealroom_protocol::id::{ContractId, ObjectId};

/// How far the number of an amendment may lie above that of the newest version known here. Nobody has missed so many versions,
/// and one text must not use up the numbers that there are.
const VERSIONS_AHEAD: u64 = 1_000;

impl Memory {
    /// Whether this party would lose a run, a receipt or a number by an amendment, for who is about to sign it. A contract that
    /// amends nothing, and an amendment that was taken already, are no loss.
    ///
    /// # Errors
    /// [`MemoryError::NotAParty`]; what [`Memory::remember_contract`] says of amendments.
    pub fn check_amendment(&self, contract: &Contract) -> Result<(), MemoryError> {
        let party = self.party(contract)?;
        let transaction = self.database.begin_write()?;
        let checked = match contract.amends() {
            Some(amends) if newest(&transaction, contract)? != Some(contract.id()) => {
                check(self, &transaction, contract, party, amends).map(drop)
            }
            Some(_) | None => Ok(()),
        };
        transaction.abort()?;
        checked
    }

    /// Says that this party goes on under an amendment by that one's word: this memory is new, or lost what came before, and what
    /// its party granted under earlier versions stands in the text that all signed. What it does know is still held against it.
    ///
    /// # Errors
    /// [`MemoryError::Database`].
    pub fn go_on_by_its_word(&self, amendment: &ContractId) -> Result<(), MemoryError> {
        store::write(&self.database, |transaction| {
            transaction.open_table(AGREED)?.insert(amendment.as_bytes(), ())?;
            Ok(())
        })
    }

    /// The version that is in force for this party, of those that its memory holds of one contract: given any of them. None where
    /// the memory holds none.
    ///
    /// # Errors
    /// [`MemoryError::Database`].
    pub fn in_force(&self, contract: &Contract) -> Result<Option<ContractId>, MemoryError> {
        let transaction = self.database.begin_read()?;
        let first = contract.first_version();
        if let Some(newest) = store::version_of(&transaction.open_table(VERSIONS)?, &first)? {
            return Ok(Some(newest));
        }
        let known = transaction.open_table(CONTRACTS)?.get(first.as_bytes())?.is_some();
        Ok(known.then_some(first))
    }
}

/// Takes a contract that all parties signed, if it is an amendment. One that was taken already changes nothing, nor does one that
/// the newest goes on from: that is kept for its text alone.
pub(super) fn take(
    memory: &Memory,
    transaction: &WriteTransaction,
    contract: &Contract,
    party: &Party,
) -> Result<(), MemoryError> {
    let Some(amends) = contract.amends() else {
        return Ok(());
    };
    let id = contract.id();
    let newest = newest(transaction, contract)?;
    if newest == Some(id) {
        return Ok(());
    }
    if let Some(newest) = newest
        && let Some(newest) = text_of(transaction, &newest)?
        && goes_on_from(transaction, &newest, &id)?
    {
        return Ok(());
    }
    let (before, own) = check(memory, transaction, contract, party, amends)?;
    transaction.open_table(VERSIONS)?.insert(amends.first.as_bytes(), id.as_bytes())?;
    if let Some(head) = amends.head {
        transaction.open_table(HEADS)?.insert(id.as_bytes(), (head.run, head.receipt.as_bytes()))?;
    }
    let count = match &amends.counts {
        CarriedCounts::Anew => 0,
        CarriedCounts::On(_) if grants(contract, party) => contract.carried_count(&party.name),
        // What a party has spent stays spent, also through a version in which it grants nothing.
        CarriedCounts::On(_) => own,
    };
    transaction.open_table(COUNTS)?.insert(id.as_bytes(), count)?;
    bring_along(transaction, contract, party, &before)
}

/// The newest of a contract's versions that this memory holds.
pub(super) fn newest(transaction: &WriteTransaction, contract: &Contract) -> Result<Option<ContractId>, MemoryError> {
    let first = contract.first_version();
    if let Some(newest) = store::version_of(&transaction.open_table(VERSIONS)?, &first)? {
        return Ok(Some(newest));
    }
    let known = transaction.open_table(CONTRACTS)?.get(first.as_bytes())?.is_some()
        || transaction.open_table(COUNTS)?.get(first.as_bytes())?.is_some();
    Ok(known.then_some(first))
}

/// A contract of this memory.
pub(super) fn text_of(transaction: &WriteTransaction, id: &ContractId) -> Result<Option<Contract>, MemoryError> {
    let contracts = transaction.open_table(CONTRACTS)?;
    let Some(bytes) = contracts.get(id.as_bytes())? else { return Ok(None) };
    let signed = SignedContract::decode(bytes.value()).map_err(|_| MemoryError::Record { what: "contract" })?;
    Ok(Some(signed.contract().clone()))
}

/// Whether a version goes on from another one, as far as this memory holds what is between.
fn goes_on_from(transaction: &WriteTransaction, newer: &Contract, older: &ContractId) -> Result<bool, MemoryError> {
    let mut version = Some(newer.clone());
    while let Some(text) = version {
        let Some(amends) = text.amends() else { return Ok(false) };
        if amends.contract == *older {
            return Ok(true);
        }
        // The number falls with each step, or the text is none that a memory has taken.
        version = text_of(transaction, &amends.contract)?.filter(|before| before.version() < text.version());
    }
    Ok(false)
}

pub(super) fn grants(contract: &Contract, party: &Party) -> bool {
    contract.granting_parties().iter().any(|granting| granting.name == party.name)
}

/// Holds an amendment against the newest version that this memory has. Gives that version and this party's own count in it.
fn check(
    memory: &Memory,
    transaction: &WriteTransaction,
    contract: &Contract,
    party: &Party,
    amends: &Amends,
) -> Result<(ContractId, u64), MemoryError> {
    let before = amends.contract;
    let predecessor = text_of(transaction, &before)?;
    if let Some(expected) = predecessor.as_ref().map(Contract::first_version).filter(|first| *first != amends.first) {
        return Err(MemoryError::OtherFirstVersion { expected, found: amends.first });
    }
    if let Some(expected) = predecessor.as_ref().map(|text| text.version().saturating_add(1))
        && expected != amends.version
    {
        return Err(MemoryError::OtherVersion { expected, found: amends.version });
    }
    // Only the first version is number 1.
    if amends.version == 2 && before != amends.first {
        return Err(MemoryError::OtherPredecessor { expected: amends.first, found: before });
    }
    let agreed = transaction.open_table(AGREED)?.get(contract.id().as_bytes())?.is_some();
    let Some(own) = newest(transaction, contract)? else {
        // A memory of recovered keys knows nothing, says so, and grants only what its party agreed to since.
        if agreed || memory.is_recovered() {
            return Ok((before, 0));
        }
        return Err(MemoryError::UnknownPredecessor { predecessor: before, first: amends.first });
    };
    let held = text_of(transaction, &own)?;
    let number = held.as_ref().map_or(1, Contract::version);
    if amends.version <= number {
        return Err(match held.as_ref().and_then(Contract::amends) {
            Some(taken) if taken.contract == before => {
                MemoryError::SecondAmendment { predecessor: before, taken: own, found: contract.id() }
            }
            Some(_) | None => MemoryError::OtherPredecessor { expected: own, found: before },
        });
    }
    if amends.version > number.saturating_add(VERSIONS_AHEAD) {
        return Err(MemoryError::VersionTooFar { known: number, found: amends.version });
    }
    let carried = held.as_ref().map_or(0, Contract::carried_run);
    let highest = store::highest_run(&transaction.open_table(GRANTS)?, &own)?.max(carried);
    let restored = transaction.open_table(RESTORED)?.get(own.as_bytes())?.is_some();
    let forgetful = agreed || restored || memory.has_forgotten(&own)?;
    let granted_all = !forgetful && held.as_ref().is_some_and(|held| grants(held, party));
    let stand = Stand { head: store::head_of(&transaction.open_table(HEADS)?, &own)?, highest, granted_all };
    // An amendment of what this party holds is on its line. One that leaves versions out may be, but not after a fork.
    let own_line = own == before || held.as_ref().is_none_or(|held| held.amends().is_none());
    // Of the two receipts of a forked enclave one party holds one and another the other: who holds the proof goes on from either.
    let forked = match (stand.head, amends.head) {
        (Some(head), Some(named)) if head.run == named.run && head.receipt != named.receipt => {
            forking::proves(transaction, [head.receipt, named.receipt])?
        }
        (Some(_) | None, Some(_) | None) => false,
    };
    stand.check_head(amends.head, own == before, own_line && !forked)?;
    if amends.highest_run < highest {
        return Err(MemoryError::AmendmentRuns { expected: highest, found: amends.highest_run });
    }
    let count = transaction.open_table(COUNTS)?.get(own.as_bytes())?.map_or(0, |count| count.value());
    let found = contract.carried_count(&party.name);
    match amends.counts {
        CarriedCounts::On(_) if grants(contract, party) && found < count => {
            Err(MemoryError::AmendmentCount { party: party.name.clone(), expected: count, found })
        }
        CarriedCounts::On(_) | CarriedCounts::Anew => Ok((own, count)),
    }
}

/// How this party stands under the newest version that it holds.
struct Stand {
    head: Option<Head>,
    /// The highest run number that it granted under any version.
    highest: u64,
    /// No run of that version is complete without a grant in this memory.
    granted_all: bool,
}

impl Stand {
    /// The head of an amendment is not older than this party's, and none that there cannot be. `direct`: it amends that version;
    /// `own_line`: what it amends and that version are not both amendments of one before them, and no fork is proven.
    fn check_head(&self, named: Option<CarriedHead>, direct: bool, own_line: bool) -> Result<(), MemoryError> {
        if let Some(Head { run, receipt }) = self.head {
            let lost = named.is_none_or(|named| named.run < run);
            // Two lines can each have a receipt of one run: each party's count has its own, and one of them is the head.
            let other = own_line && named.is_some_and(|named| named.run == run && named.receipt != receipt);
            if lost || other {
                let found = named.map(|named| named.receipt);
                return Err(MemoryError::AmendmentHead { run, expected: receipt, found });
            }
        }
        match named {
            Some(named) if direct && self.granted_all && named.run > self.highest => {
                let (run, found) = (named.run, named.receipt);
                Err(MemoryError::AmendmentHeadUnknown { run, found, highest: self.highest })
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// The objects that this party brought go on being its datasets, where these are described as before.
fn bring_along(
    transaction: &WriteTransaction,
    contract: &Contract,
    party: &Party,
    before: &ContractId,
) -> Result<(), MemoryError> {
    let Some(predecessor) = text_of(transaction, before)? else {
        return Ok(());
    };
    let mut objects = transaction.open_table(OBJECTS)?;
    for dataset in contract.datasets_of(&party.name) {
        let known = predecessor.dataset(&dataset.name).filter(|known| {
            known.columns == dataset.columns
                && predecessor.party(&known.owner).is_some_and(|owner| owner.signing_key == party.signing_key)
        });
        let Some(known) = known else { continue };
        let name = known.name.as_str();
        // What was encrypted for the new version already is the one to be granted.
        if objects.get((contract.id().as_bytes(), name))?.is_some() {
            continue;
        }
        let brought = objects.get((before.as_bytes(), name))?;
        let Some(brought) = brought.map(|object| ObjectId::from_bytes(*object.value())) else { continue };
        objects.insert((contract.id().as_bytes(), name), brought.as_bytes())?;
    }
    Ok(())
}
