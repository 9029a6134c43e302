//! Stops: a contract that a party of it stopped is granted nothing more, by whatever process has the memory open next.
//!
//! What always holds: this party's own stop is on disk before [`Memory::write_stop`] returns it, and only then may it be sent;
//! another party's, which a receipt carries, is on disk before anything else that this receipt does. Something once written stays,
//! for ever, but that this party's own takes the place of another's. The write that grants looks for it, so none that was written
//! before is passed by; whatever lies there stops, also what does not read back.

use super::error::MemoryError;
use super::{Memory, store};
use redb::{ReadableDatabase, ReadableTable, TableDefinition};
use sealroom_protocol::contract::Contract;
use sealroom_protocol::id::ContractId;
use sealroom_protocol::run::{Receipt, SignedStop};

/// Contract to a stop of it: this party's own, else the first of another party that a receipt showed.
pub(super) const STOPS: TableDefinition<'_, &[u8; 32], &[u8]> = TableDefinition::new("stops");

impl Memory {
    /// Writes this party's stop of a contract down. Gives the one to send: the first of its own, whichever comes later.
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
            let known = stops.get(id.as_bytes())?.and_then(|bytes| SignedStop::decode(bytes.value()).ok());
            // One that does not read back can be shown to nobody, and another party's is not this party's to send.
            let Some(known) = known.filter(|known| self.is_own(known)) else {
                stops.insert(id.as_bytes(), stop.encode().as_slice())?;
                return Ok(stop.clone());
            };
            Ok(known)
        })
    }

    /// This party's own stop of a contract, where it stopped it.
    ///
    /// # Errors
    /// [`MemoryError::Record`] for one that does not read back: the contract is stopped all the same.
    /// [`MemoryError::Database`].
    pub fn stop_of(&self, contract: &ContractId) -> Result<Option<SignedStop>, MemoryError> {
        let stops = self.database.begin_read()?.open_table(STOPS)?;
        let stop = stops.get(contract.as_bytes())?.map(|bytes| decode(bytes.value())).transpose()?;
        Ok(stop.filter(|stop| self.is_own(stop)))
    }

    /// Whether any party's stop of a contract is in this memory, so that it grants nothing more under it.
    ///
    /// # Errors
    /// [`MemoryError::Database`].
    pub fn is_stopped(&self, contract: &ContractId) -> Result<bool, MemoryError> {
        Ok(self.database.begin_read()?.open_table(STOPS)?.get(contract.as_bytes())?.is_some())
    }

    /// Keeps the stop of a receipt that holds under the contract, and with it that a party of the contract signed this stop of it.
    /// So nothing is won by a made-up receipt. The first one stays.
    pub(super) fn keep_stop(&self, receipt: &Receipt) -> Result<(), MemoryError> {
        let Some(stop) = &receipt.stop else { return Ok(()) };
        let id = receipt.contract;
        let stop = decode(&stop.encode())?;
        let own = self.is_own(&stop);
        // A restored memory gets this party's own back, to send it.
        let is_kept = |known: &[u8]| !own || SignedStop::decode(known).is_ok_and(|known| self.is_own(&known));
        if self
            .database
            .begin_read()?
            .open_table(STOPS)?
            .get(id.as_bytes())?
            .is_some_and(|known| is_kept(known.value()))
        {
            return Ok(());
        }
        store::write(&self.database, |transaction| {
            let mut stops = transaction.open_table(STOPS)?;
            let kept = stops.get(id.as_bytes())?.is_some_and(|known| is_kept(known.value()));
            if !kept {
                stops.insert(id.as_bytes(), stop.encode().as_slice())?;
            }
            Ok(())
        })
    }

    /// Signed by whom this memory belongs to.
    fn is_own(&self, stop: &SignedStop) -> bool {
        stop.verify(&self.owner).is_ok()
    }
}

/// Refuses a contract that a party stopped.
pub(super) fn check(
    stops: &impl ReadableTable<&'static [u8; 32], &'static [u8]>,
    contract: &ContractId,
) -> Result<(), MemoryError> {
    let Some(bytes) = stops.get(contract.as_bytes())? else { return Ok(()) };
    let stop = decode(bytes.value())?;
    let said = stop.allegation();
    let (party, reason) = (said.party.clone(), said.reason.replace(char::is_control, "\u{fffd}"));
    Err(MemoryError::Stopped { contract: *contract, party, clock: said.clock, reason })
}

fn decode(bytes: &[u8]) -> Result<SignedStop, MemoryError> {
    SignedStop::decode(bytes).map_err(|_| MemoryError::Record { what: "stop" })
}
