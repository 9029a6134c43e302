//! Receipts by which an enclave is found to be forked, kept as proof.
//!
//! What always holds: the proof is written in the transaction that finds it, also where the second receipt settles nothing; one
//! proof an enclave key will do.

use super::Memory;
use super::error::MemoryError;
use super::store::{FORKING, RECEIPTS};
use crate::forking::Forking;
use redb::{ReadableDatabase, ReadableTable, TableError, WriteTransaction};
use sealroom_protocol::contract::Contract;
use sealroom_protocol::id::ReceiptId;
use sealroom_protocol::run::SignedReceipt;

impl Memory {
    /// Enclave keys of the contract that were found to have signed two receipts of one run, each with the first proof that this
    /// memory was shown.
    ///
    /// # Errors
    /// [`MemoryError::Database`], [`MemoryError::Record`].
    pub fn forking(&self, contract: &Contract) -> Result<Vec<Forking>, MemoryError> {
        let table = match self.database.begin_read()?.open_table(FORKING) {
            Ok(table) => table,
            // A memory of before proofs were kept, to which nothing was written since.
            Err(TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        let id = contract.id();
        let mut found = Vec::new();
        for entry in table.range((id.as_bytes(), &[0; 32])..=(id.as_bytes(), &[0xff; 32]))? {
            let (_, receipts) = entry?;
            let (first, second) = receipts.value();
            found.extend(Forking::of(contract, &decode(first)?, &decode(second)?));
        }
        Ok(found)
    }
}

/// Compares a receipt with those of its run that are in the memory, and keeps the two that contradict each other.
pub(super) fn compare(
    transaction: &WriteTransaction,
    contract: &Contract,
    signed: &SignedReceipt,
) -> Result<Option<Forking>, MemoryError> {
    let (id, run) = (contract.id(), signed.allegation().proposal.run);
    let receipts = transaction.open_table(RECEIPTS)?;
    let mut found = None;
    for entry in receipts.range((id.as_bytes(), run, &[0; 32])..=(id.as_bytes(), run, &[0xff; 32]))? {
        found = Forking::of(contract, &decode(entry?.1.value())?, signed);
        if found.is_some() {
            break;
        }
    }
    if let Some(forking) = &found {
        let mut proofs = transaction.open_table(FORKING)?;
        let place = (id.as_bytes(), forking.enclave_key().as_bytes());
        if proofs.get(place)?.is_none() {
            let (first, second) = forking.receipts();
            proofs.insert(place, (first.encode().as_slice(), second.encode().as_slice()))?;
        }
    }
    Ok(found)
}

/// Whether a proof is kept that one enclave key signed exactly these two receipts, in whichever version.
pub(super) fn proves(transaction: &WriteTransaction, receipts: [ReceiptId; 2]) -> Result<bool, MemoryError> {
    for entry in transaction.open_table(FORKING)?.iter()? {
        let (_, proof) = entry?;
        let (first, second) = proof.value();
        let proven = [decode(first)?.allegation().id(), decode(second)?.allegation().id()];
        if receipts.iter().all(|receipt| proven.contains(receipt)) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn decode(bytes: &[u8]) -> Result<SignedReceipt, MemoryError> {
    SignedReceipt::decode(bytes).map_err(|_| MemoryError::Record { what: "receipt" })
}
