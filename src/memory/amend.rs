//! Taking an amendment: the predecessor ends for this party, and the next version begins where its text says.
//!
//! What always holds: a party loses nothing by it that its memory knows of (newest receipt, highest run number, count), and in
//! one write the old version ends and the new one stands. Of the versions of one contract one is in force. `docs/design/0007`.

use super::error::MemoryError;
use super::store::{self, CONTRACTS, COUNTS, GRANTS, HEADS, OBJECTS, RESTORED, VERSIONS};
use super::{Head, Memory};
use redb::{ReadableDatabase, ReadableTable, WriteTransaction};
use sealroom_protocol::contract::{Amends, CarriedCounts, Contract, Party, SignedContract};
use sealroom_protocol::id::{ContractId, ObjectId};
use sealroom_protocol::run::Grant;

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
                check(&transaction, contract, party, amends).map(drop)
            }
            Some(_) | None => Ok(()),
        };
        transaction.abort()?;
        checked
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

/// Takes a contract that all parties signed, if it is an amendment. One that was taken already changes nothing.
pub(super) fn take(transaction: &WriteTransaction, contract: &Contract, party: &Party) -> Result<(), MemoryError> {
    let Some(amends) = contract.amends() else {
        return Ok(());
    };
    let id = contract.id();
    if newest(transaction, contract)? == Some(id) {
        return Ok(());
    }
    let (before, own) = check(transaction, contract, party, amends)?;
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

/// A grant of this party that its memory did not know, under any version: where the numbers of the version in force do not cover
/// it, that one has forgotten it as well.
pub(super) fn forgotten(
    transaction: &WriteTransaction,
    contract: &Contract,
    party: &Party,
    grant: &Grant,
) -> Result<(), MemoryError> {
    let Some(newest) = newest(transaction, contract)?.filter(|newest| *newest != contract.id()) else {
        return Ok(());
    };
    let covered = match text_of(transaction, &newest)? {
        None => false,
        Some(newest) => {
            let counted = match newest.amends().map(|amends| &amends.counts) {
                Some(CarriedCounts::Anew) => true,
                Some(CarriedCounts::On(_)) | None => newest.carried_count(&party.name) >= grant.count,
            };
            counted && newest.carried_run() >= grant.run
        }
    };
    if !covered {
        transaction.open_table(RESTORED)?.insert(newest.as_bytes(), ())?;
    }
    Ok(())
}

/// The newest of a contract's versions that this memory holds.
fn newest(transaction: &WriteTransaction, contract: &Contract) -> Result<Option<ContractId>, MemoryError> {
    let first = contract.first_version();
    if let Some(newest) = store::version_of(&transaction.open_table(VERSIONS)?, &first)? {
        return Ok(Some(newest));
    }
    let known = transaction.open_table(CONTRACTS)?.get(first.as_bytes())?.is_some()
        || transaction.open_table(COUNTS)?.get(first.as_bytes())?.is_some();
    Ok(known.then_some(first))
}

/// A contract of this memory.
fn text_of(transaction: &WriteTransaction, id: &ContractId) -> Result<Option<Contract>, MemoryError> {
    let contracts = transaction.open_table(CONTRACTS)?;
    let Some(bytes) = contracts.get(id.as_bytes())? else { return Ok(None) };
    let signed = SignedContract::decode(bytes.value()).map_err(|_| MemoryError::Record { what: "contract" })?;
    Ok(Some(signed.contract().clone()))
}

fn grants(contract: &Contract, party: &Party) -> bool {
    contract.granting_parties().iter().any(|granting| granting.name == party.name)
}

/// Holds an amendment against the newest version that this memory has. Gives that version and this party's own count in it.
fn check(
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
    let own = newest(transaction, contract)?.unwrap_or(before);
    let held = text_of(transaction, &own)?;
    // One that is further on leaves out versions that came too late for this party.
    let next = held.as_ref().map_or(1, Contract::version).saturating_add(1);
    if own != before && amends.version <= next {
        return Err(match held.as_ref().and_then(Contract::amends) {
            Some(taken) if taken.contract == before => {
                MemoryError::SecondAmendment { predecessor: before, taken: own, found: contract.id() }
            }
            Some(_) | None => MemoryError::OtherPredecessor { expected: own, found: before },
        });
    }
    let head = store::head_of(&transaction.open_table(HEADS)?, &own)?;
    if let Some(Head { run, receipt }) = head {
        let found = amends.head.map(|head| (head.run, head.receipt));
        if found.is_none_or(|(named, id)| named < run || named == run && id != receipt) {
            let found = found.map(|(_, receipt)| receipt);
            return Err(MemoryError::AmendmentHead { run, expected: receipt, found });
        }
    }
    let carried = held.as_ref().map_or(0, Contract::carried_run);
    let highest = store::highest_run(&transaction.open_table(GRANTS)?, &own)?.max(carried);
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
