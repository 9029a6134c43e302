//! This party's own stops: a contract that it stopped is granted nothing more, by whatever process has the memory open next.
//!
//! What always holds: a stop is on disk before [`Memory::write_stop`] returns it, and only then may it be sent; the first one of
//! a contract stays, for ever; the write that grants looks for it, so none that was written before is passed by; whatever lies
//! there stops, also what does not read back.

use super::error::MemoryError;
use super::{Memory, store};
use redb::{ReadableDatabase, ReadableTable, TableDefinition};
use sealroom_protocol::contract::Contract;
use sealroom_protocol::id::ContractId;
use sealroom_protocol::run::SignedStop;

/// Contract to this party's stop of it.
pub(super) const STOPS: TableDefinition<'_, &[u8; 32], &[u8]> = TableDefinition::new("stops");

impl Memory {
    /// Writes this party's stop of a contract down. Gives the one to send: the first that was written, whichever comes later.
    ///
    /// The contract need not be in the memory: a stop needs nothing else.
    ///
    /// # Errors
    /// [`MemoryError::NotAParty`], [`MemoryError::ForeignStop`], [`MemoryError::Database`]; nothing is written then.
    pub fn write_stop(&self, contract: &Contract, stop: &SignedStop) -> Result<SignedStop, MemoryError> {
        let (id, party) = (contract.id(), self.party(contract)?);
        if !stop.verify(&self.owner).is_ok_and(|said| said.contract == id && said.party == party.name) {
            return Err(MemoryError::ForeignStop { contract: id });
        }
        store::write(&self.database, |transaction| {
            let mut stops = transaction.open_table(STOPS)?;
            let known = stops.get(id.as_bytes())?.map(|bytes| SignedStop::decode(bytes.value()));
            // One that does not read back can be shown to nobody.
            let Some(Ok(known)) = known else {
                stops.insert(id.as_bytes(), stop.encode().as_slice())?;
                return Ok(stop.clone());
            };
            Ok(known)
        })
    }

    /// This party's stop of a contract, where it stopped it.
    ///
    /// # Errors
    /// [`MemoryError::Record`] for one that does not read back: the contract is stopped all the same.
    /// [`MemoryError::Database`].
    pub fn stop_of(&self, contract: &ContractId) -> Result<Option<SignedStop>, MemoryError> {
        let stops = self.database.begin_read()?.open_table(STOPS)?;
        let stop = stops.get(contract.as_bytes())?;
        stop.map(|bytes| decode(bytes.value())).transpose()
    }
}

/// Refuses a contract that this party stopped.
pub(super) fn check(
    stops: &impl ReadableTable<&'static [u8; 32], &'static [u8]>,
    contract: &ContractId,
) -> Result<(), MemoryError> {
    let Some(bytes) = stops.get(contract.as_bytes())? else { return Ok(()) };
    let stop = decode(bytes.value())?;
    let said = stop.allegation();
    Err(MemoryError::Stopped { contract: *contract, clock: said.clock, reason: said.reason.clone() })
}

fn decode(bytes: &[u8]) -> Result<SignedStop, MemoryError> {
    SignedStop::decode(bytes).map_err(|_| MemoryError::Record { what: "stop" })
}
