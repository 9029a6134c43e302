//! What is learnt of a version that has ended: a grant that was forgotten, a void receipt that was a lie.
//!
//! What always holds: the version in force counts both, unless a version between says in so many words that counts began anew.

use super::amend::{newest, text_of};
use super::error::MemoryError;
use super::store::{COUNTS, RESTORED};
use redb::{ReadableTable, WriteTransaction};
use sealroom_protocol::contract::{CarriedCounts, Contract, Party};
use sealroom_protocol::run::Grant;

/// A grant of this party that its memory did not know: where no version since covers it by its numbers, the one in force has
/// forgotten it as well.
pub(super) fn forgotten(
    transaction: &WriteTransaction,
    contract: &Contract,
    party: &Party,
    grant: &Grant,
) -> Result<(), MemoryError> {
    let Some(newest) = newest(transaction, contract)?.filter(|newest| *newest != contract.id()) else {
        return Ok(());
    };
    let covers = |text: &Contract| {
        let counted = begins_anew(text) || text.carried_count(&party.name) >= grant.count;
        counted && text.carried_run() >= grant.run
    };
    let since = versions_since(transaction, contract, text_of(transaction, &newest)?)?;
    if !since.iter().any(covers) {
        transaction.open_table(RESTORED)?.insert(newest.as_bytes(), ())?;
    }
    Ok(())
}

/// A void receipt gave a run of this party back, and a complete one of the same run says that it lied: `count` is now this party's
/// count under that version. The one in force counts the run too, where it did not already.
pub(super) fn overturned(
    transaction: &WriteTransaction,
    contract: &Contract,
    party: &Party,
    count: u64,
) -> Result<(), MemoryError> {
    let Some(newest) = newest(transaction, contract)?.filter(|newest| *newest != contract.id()) else {
        return Ok(());
    };
    let Some(text) = text_of(transaction, &newest)? else { return Ok(()) };
    let next = text.amends().is_some_and(|amends| amends.contract == contract.id());
    let counted = next && text.carried_count(&party.name) >= count;
    if counted || versions_since(transaction, contract, Some(text))?.iter().any(begins_anew) {
        return Ok(());
    }
    let mut counts = transaction.open_table(COUNTS)?;
    let known = counts.get(newest.as_bytes())?.map_or(0, |known| known.value());
    counts.insert(newest.as_bytes(), known.saturating_add(1))?;
    Ok(())
}

fn begins_anew(text: &Contract) -> bool {
    text.amends().is_some_and(|amends| amends.counts == CarriedCounts::Anew)
}

/// The newest version and those that it goes on from, down to the one after `contract`, as far as this memory holds them.
fn versions_since(
    transaction: &WriteTransaction,
    contract: &Contract,
    newest: Option<Contract>,
) -> Result<Vec<Contract>, MemoryError> {
    let mut since: Vec<Contract> = Vec::new();
    let mut version = newest;
    // The number falls with each step.
    while let Some(text) = version.filter(|text| {
        text.version() > contract.version() && since.last().is_none_or(|after| text.version() < after.version())
    }) {
        let before = text.amends().map(|amends| amends.contract);
        since.push(text);
        version = before.map(|before| text_of(transaction, &before)).transpose()?.flatten();
    }
    Ok(since)
}
