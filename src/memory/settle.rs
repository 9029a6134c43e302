//! What receipts and other parties' grants do to the memory.
//!
//! What always holds: only a receipt that holds under the contract, of exactly the proposal that was granted and so by
//! exactly the enclave key that it was granted to, settles a grant. A complete one confirms it and counts whatever came
//! before; a void gives it back unless it was confirmed. Another party that cheats keeps nothing from being settled: the
//! proof is kept.

use super::error::MemoryError;
use super::store::{self, CHEATING, COUNTS, GRANTS, GrantState, HEADS, RECEIPTS, REQUESTS, RESTORED, SEEN};
use super::{Head, Memory, forking, late, tally};
use crate::cheating::Cheating;
use crate::forking::Forking;
use redb::{ReadableDatabase, ReadableTable, WriteTransaction};
use sealroom_protocol::contract::{Contract, Party};
use sealroom_protocol::id::{ContractId, ReceiptId};
use sealroom_protocol::run::{Outcome, Receipt, SignedGrant, SignedReceipt};

/// What a receipt did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "complete: all that a receipt can do")]
pub enum Settlement {
    /// It confirms this party's grant.
    Confirmed,
    /// It gives this party's grant back.
    GivenBack,
    /// It settles nothing that was open: known already, of a run that this party did not grant, or it grants none.
    Recorded,
}

/// A settled receipt, and who was found to cheat by it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settled {
    /// What the receipt did.
    pub settlement: Settlement,
    /// Parties whose grants in it contradict grants seen before. [`Memory::cheating`] has every one that was ever found.
    pub cheating: Vec<Cheating>,
    /// What it proves of its enclave together with a receipt that was settled before: also where a void receipt gave a grant back
    /// and this one says that the run ended. [`Memory::forking`] has every one that was ever found.
    pub forking: Option<Forking>,
}

impl Memory {
    /// Takes a receipt: verifies it under the contract and settles this party's grant by it. Where it carries a party's stop, nothing
    /// more is granted under this contract: [`MemoryError::Stopped`].
    ///
    /// # Errors
    /// [`MemoryError::NotAParty`], [`MemoryError::Receipt`], [`MemoryError::Contradiction`],
    /// [`MemoryError::Restored`] when it carries a grant of this party that the memory does not know: from then on nothing
    /// more is granted under this contract; [`MemoryError::Database`], [`MemoryError::Record`].
    pub fn settle(&self, contract: &Contract, signed: &SignedReceipt) -> Result<Settled, MemoryError> {
        let party = self.party(contract)?;
        let receipt = signed.verify(contract)?;
        // First and by itself: it binds also where the receipt settles nothing, or is refused below.
        self.keep_stop(receipt)?;
        let grants = grants_in(receipt)?;
        for grant in grants.iter().filter(|grant| grant.allegation().party == party.name) {
            self.recognise(contract, grant)?;
        }
        if self.grant(&contract.id(), receipt.proposal.run)?.is_some_and(|known| known.receipt == Some(receipt.id())) {
            return Ok(Settled { settlement: Settlement::Recorded, cheating: Vec::new(), forking: None });
        }
        store::write(&self.database, |transaction| {
            let mut cheating = Vec::new();
            for grant in &grants {
                cheating.extend(see(transaction, contract, grant)?);
            }
            let forking = forking::compare(transaction, contract, signed)?;
            match settle(transaction, contract, party, signed, receipt) {
                Ok(settlement) => Ok(Ok(Settled { settlement, cheating, forking })),
                // It settles nothing; what it proves is kept all the same.
                Err(MemoryError::Contradiction { run, known, .. }) => {
                    Ok(Err(MemoryError::Contradiction { run, known, proof: forking.map(Box::new) }))
                }
                Err(error) => Err(error),
            }
        })?
    }

    /// Takes a grant of any party, from wherever it was seen, and compares it with what is known. Whoever shows grants of
    /// this party helps it to notice that its memory was restored from an older copy.
    ///
    /// # Errors
    /// [`MemoryError::Restored`] for a grant of this party that the memory does not know: from then on nothing more is
    /// granted under this contract. [`MemoryError::Cheating`] for a second grant of another party with one run number.
    /// [`MemoryError::Database`], [`MemoryError::Record`]. A grant that does not hold under the contract is ignored.
    pub fn recognise(&self, contract: &Contract, grant: &SignedGrant) -> Result<(), MemoryError> {
        let owner = self.party(contract)?;
        let said = grant.allegation();
        let genuine = contract.party(&said.party).is_some_and(|party| grant.verify(&party.signing_key).is_ok());
        if !genuine || said.contract != contract.id() {
            return Ok(());
        }
        let id = contract.id();
        if said.party != owner.name {
            let cheating = store::write(&self.database, |transaction| see(transaction, contract, grant))?;
            return cheating.map_or(Ok(()), |cheating| Err(MemoryError::Cheating(Box::new(cheating))));
        }
        if self.grant(&id, said.run)?.is_some_and(|record| record.grant == *grant) {
            return Ok(());
        }
        store::write(&self.database, |transaction| {
            transaction.open_table(RESTORED)?.insert(id.as_bytes(), ())?;
            late::forgotten(transaction, contract, owner, said)?;
            Ok(())
        })?;
        Err(MemoryError::Restored { contract: id })
    }

    /// Parties of the contract that were found to cheat, each with the first proof that this memory was shown.
    ///
    /// # Errors
    /// [`MemoryError::Database`], [`MemoryError::Record`].
    pub fn cheating(&self, contract: &Contract) -> Result<Vec<Cheating>, MemoryError> {
        let table = self.database.begin_read()?.open_table(CHEATING)?;
        let id = contract.id();
        let mut found = Vec::new();
        for party in &contract.terms().parties {
            if let Some(grants) = table.get((id.as_bytes(), party.name.as_str()))? {
                let (first, second) = grants.value();
                let decode = |bytes| SignedGrant::decode(bytes).map_err(|_| MemoryError::Record { what: "grant" });
                found.extend(Cheating::of(contract, &decode(first)?, &decode(second)?));
            }
        }
        Ok(found)
    }
}

fn grants_in(receipt: &Receipt) -> Result<Vec<SignedGrant>, MemoryError> {
    let decode = |envelope: &sealroom_protocol::dsse::Envelope| SignedGrant::decode(&envelope.encode());
    let grants: Result<Vec<_>, _> = receipt.grants.iter().map(decode).collect();
    grants.map_err(|_| MemoryError::Record { what: "grant" })
}

/// Keeps the first grant seen of each party and run, and finds the second. Both are kept then: one proof a party will do. Of run
/// numbers that the contract's version does not have nothing is kept: nothing runs there.
fn see(
    transaction: &WriteTransaction,
    contract: &Contract,
    grant: &SignedGrant,
) -> Result<Option<Cheating>, MemoryError> {
    let said = grant.allegation();
    if said.run > contract.last_run() {
        return Ok(None);
    }
    let id = contract.id();
    let mut seen = transaction.open_table(SEEN)?;
    let place = (id.as_bytes(), said.party.as_str(), said.run);
    let known = seen.get(place)?.map(|bytes| SignedGrant::decode(bytes.value()));
    match known {
        None => {
            seen.insert(place, grant.encode().as_slice())?;
            Ok(None)
        }
        Some(known) => {
            let found = Cheating::of(contract, &known.map_err(|_| MemoryError::Record { what: "grant" })?, grant);
            if let Some(cheating) = &found {
                let (first, second) = cheating.grants();
                let mut proofs = transaction.open_table(CHEATING)?;
                let place = (id.as_bytes(), said.party.as_str());
                if proofs.get(place)?.is_none() {
                    proofs.insert(place, (first.encode().as_slice(), second.encode().as_slice()))?;
                }
            }
            Ok(found)
        }
    }
}

fn settle(
    transaction: &WriteTransaction,
    contract: &Contract,
    party: &Party,
    signed: &SignedReceipt,
    receipt: &Receipt,
) -> Result<Settlement, MemoryError> {
    let (id, receipt_id, run) = (contract.id(), receipt.id(), receipt.proposal.run);
    let granting = contract.granting_parties().iter().any(|granting| granting.name == party.name);
    let mut grants = transaction.open_table(GRANTS)?;
    let record = store::grant_of(&grants, &id, run)?.filter(|record| record.proposal() == receipt.proposal.id());
    let Some(mut record) = record else {
        // A complete receipt of a run that every data party granted is only the head of those that granted it. A party
        // that grants nothing has no head: it takes receipts as they come.
        if !granting {
            keep(transaction, &id, run, &receipt_id, signed)?;
        }
        return Ok(Settlement::Recorded);
    };
    if let Some(known) = record.receipt.filter(|known| *known != receipt_id) {
        let overturned = record.state == GrantState::GivenBack && receipt.outcome == Outcome::Complete;
        if !overturned {
            return Err(MemoryError::Contradiction { run, known, proof: None });
        }
    }
    let settlement = match (record.state, receipt.outcome) {
        (GrantState::Open, Outcome::Void) => Settlement::GivenBack,
        // Also after a void, which was a lie then: what ran counts.
        (GrantState::Open | GrantState::GivenBack, Outcome::Complete) => Settlement::Confirmed,
        (GrantState::Confirmed, _) | (GrantState::GivenBack, Outcome::Void) => Settlement::Recorded,
    };
    let count = transaction.open_table(COUNTS)?.get(id.as_bytes())?.map_or(0, |count| count.value());
    let mut requests = transaction.open_table(REQUESTS)?;
    match settlement {
        Settlement::GivenBack => {
            transaction.open_table(COUNTS)?.insert(id.as_bytes(), count.saturating_sub(1))?;
            if let Some(request) = &record.request {
                requests.remove((id.as_bytes(), request.as_bytes()))?;
            }
        }
        Settlement::Confirmed => {
            if record.state == GrantState::GivenBack {
                let count = count.saturating_add(1);
                transaction.open_table(COUNTS)?.insert(id.as_bytes(), count)?;
                late::overturned(transaction, contract, party, count)?;
            }
            if let Some(request) = &record.request {
                requests.insert((id.as_bytes(), request.as_bytes()), run)?;
            }
            let mut heads = transaction.open_table(HEADS)?;
            let newer = store::head_of(&heads, &id)?.is_none_or(|Head { run: known, .. }| known < run);
            if newer {
                heads.insert(id.as_bytes(), (run, receipt_id.as_bytes()))?;
            }
        }
        Settlement::Recorded => return Ok(settlement),
    }
    let before = record.state;
    record.state = if settlement == Settlement::Confirmed { GrantState::Confirmed } else { GrantState::GivenBack };
    record.receipt = Some(receipt_id);
    grants.insert((id.as_bytes(), run), record.encode()?.as_slice())?;
    tally::moved(transaction, &id, Some(before), record.state)?;
    keep(transaction, &id, run, &receipt_id, signed)?;
    Ok(settlement)
}

fn keep(
    transaction: &WriteTransaction,
    contract: &ContractId,
    run: u64,
    receipt: &ReceiptId,
    signed: &SignedReceipt,
) -> Result<(), MemoryError> {
    let place = (contract.as_bytes(), run, receipt.as_bytes());
    transaction.open_table(RECEIPTS)?.insert(place, signed.encode().as_slice())?;
    Ok(())
}
