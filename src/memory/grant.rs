//! Writing a grant down: every rule of a party's own memory, checked in the transaction that writes.
//!
//! What always holds: the rules are those of `docs/design/0002`, in the order below; two threads cannot both pass them.

use super::error::MemoryError;
use super::stops::{self, STOPS};
use super::store::{self, COUNTS, GRANTS, GrantRecord, GrantState, HEADS, KEYS, OBJECTS, REQUESTS, RESTORED, VERSIONS};
use super::{Head, Memory, tally};
use crate::evidence::EvidenceBundle;
use redb::{ReadableDatabase, ReadableTable};
use sealroom_protocol::contract::Contract;
use sealroom_protocol::id::ContractId;
use sealroom_protocol::run::{Proposal, SignedGrant};

/// How far a run number may lie above all that this party knows. Others may have lost runs; nobody has lost so many, and
/// one grant must not use up all numbers that there are.
pub(super) const RUN_NUMBERS_AHEAD: u64 = 1_000_000;

/// What is written down of a new grant.
#[derive(Debug)]
pub(crate) struct NewGrant {
    pub(crate) grant: SignedGrant,
    pub(crate) ciphertext: Vec<u8>,
    pub(crate) evidence: EvidenceBundle,
}

/// What the rules look at.
struct Tables<G, C, H, R, Q, O, K, V, S> {
    grants: G,
    counts: C,
    heads: H,
    restored: R,
    requests: Q,
    objects: O,
    keys: K,
    versions: V,
    stops: S,
}

impl Memory {
    /// Checks a proposal against this memory without writing: what [`Memory::write_grant`] will check again. Gives the
    /// count that the grant would have.
    pub(crate) fn check_proposal(&self, contract: &Contract, proposal: &Proposal) -> Result<u64, MemoryError> {
        let transaction = self.database.begin_read()?;
        let tables = Tables {
            grants: transaction.open_table(GRANTS)?,
            counts: transaction.open_table(COUNTS)?,
            heads: transaction.open_table(HEADS)?,
            restored: transaction.open_table(RESTORED)?,
            requests: transaction.open_table(REQUESTS)?,
            objects: transaction.open_table(OBJECTS)?,
            keys: transaction.open_table(KEYS)?,
            versions: transaction.open_table(VERSIONS)?,
            stops: transaction.open_table(STOPS)?,
        };
        self.check(&tables, contract, proposal)
    }

    /// Checks the proposal, lets `make` make the grant of the given count, and writes it. When this returns the grant is
    /// on disk and counts; only then may it be sent.
    pub(crate) fn write_grant<E: From<MemoryError>>(
        &self,
        contract: &Contract,
        proposal: &Proposal,
        make: impl FnOnce(u64) -> Result<NewGrant, E>,
    ) -> Result<GrantRecord, E> {
        let mut failed = None;
        let written = store::write(&self.database, |transaction| {
            let mut tables = Tables {
                grants: transaction.open_table(GRANTS)?,
                counts: transaction.open_table(COUNTS)?,
                heads: transaction.open_table(HEADS)?,
                restored: transaction.open_table(RESTORED)?,
                requests: transaction.open_table(REQUESTS)?,
                objects: transaction.open_table(OBJECTS)?,
                keys: transaction.open_table(KEYS)?,
                versions: transaction.open_table(VERSIONS)?,
                stops: transaction.open_table(STOPS)?,
            };
            let count = self.check(&tables, contract, proposal)?;
            let new = match make(count) {
                Ok(new) => new,
                Err(error) => {
                    failed = Some(error);
                    return Ok(None);
                }
            };
            let id = contract.id();
            let record = GrantRecord {
                run: proposal.run,
                state: GrantState::Open,
                grant: new.grant,
                ciphertext: new.ciphertext,
                request: proposal.request.as_ref().map(|request| request.request),
                receipt: None,
                evidence: new.evidence,
            };
            tables.grants.insert((id.as_bytes(), record.run), record.encode()?.as_slice())?;
            tables.counts.insert(id.as_bytes(), count)?;
            tally::moved(transaction, &id, None, record.state)?;
            if let Some(request) = &record.request {
                tables.requests.insert((id.as_bytes(), request.as_bytes()), record.run)?;
            }
            Ok(Some(record))
        })?;
        match (failed, written) {
            (Some(error), _) => Err(error),
            (None, Some(record)) => Ok(record),
            (None, None) => Err(MemoryError::Record { what: "grant" }.into()),
        }
    }

    fn check<G, C, H, R, Q, O, K, V, S>(
        &self,
        tables: &Tables<G, C, H, R, Q, O, K, V, S>,
        contract: &Contract,
        proposal: &Proposal,
    ) -> Result<u64, MemoryError>
    where
        G: ReadableTable<(&'static [u8; 32], u64), &'static [u8]>,
        C: ReadableTable<&'static [u8; 32], u64>,
        H: ReadableTable<&'static [u8; 32], (u64, &'static [u8; 32])>,
        R: ReadableTable<&'static [u8; 32], ()>,
        Q: ReadableTable<(&'static [u8; 32], &'static [u8; 32]), u64>,
        O: ReadableTable<(&'static [u8; 32], &'static str), &'static [u8; 32]>,
        K: ReadableTable<&'static [u8; 32], &'static [u8; 32]>,
        V: ReadableTable<&'static [u8; 32], &'static [u8; 32]>,
        S: ReadableTable<&'static [u8; 32], &'static [u8]>,
    {
        let id = contract.id();
        let party = self.party(contract)?;
        if proposal.contract != id {
            return Err(MemoryError::OtherContract { expected: id, found: proposal.contract });
        }
        in_force(store::version_of(&tables.versions, &contract.first_version())?, contract)?;
        stops::check(&tables.stops, &id)?;
        if tables.restored.get(id.as_bytes())?.is_some() || self.has_forgotten(&id)? {
            return Err(MemoryError::Restored { contract: id });
        }
        let same_run = store::grant_of(&tables.grants, &id, proposal.run)?;
        if same_run.is_some_and(|record| record.proposal() == proposal.id()) {
            return Err(MemoryError::Granted { proposal: proposal.id() });
        }
        let highest = store::highest_run(&tables.grants, &id)?.max(contract.carried_run());
        if proposal.run <= highest {
            return Err(MemoryError::RunUsed { run: proposal.run, highest });
        }
        let last = contract.last_run();
        if proposal.run > last {
            return Err(MemoryError::RunOfLaterVersion { run: proposal.run, last });
        }
        let known = highest.max(proposal.head_run);
        if proposal.run > known.saturating_add(RUN_NUMBERS_AHEAD) {
            return Err(MemoryError::RunTooFar { run: proposal.run, known });
        }
        check_head(store::head_of(&tables.heads, &id)?, proposal)?;
        for dataset in contract.datasets_of(&party.name) {
            let proposed = proposal.datasets.iter().find(|proposed| proposed.name == dataset.name);
            let expected = store::object_of(&tables.objects, &tables.keys, contract, &dataset.name)?;
            match proposed {
                Some(proposed) if Some(proposed.object) != expected => {
                    let (dataset, found) = (dataset.name.clone(), proposed.object);
                    return Err(MemoryError::OtherObject { dataset, expected, found });
                }
                Some(_) | None => {}
            }
        }
        if let Some(request) = &proposal.request
            && let Some(run) = tables.requests.get((id.as_bytes(), request.request.as_bytes()))?
        {
            return Err(MemoryError::RequestUsed { run: run.value() });
        }
        let count = tables.counts.get(id.as_bytes())?.map_or(0, |count| count.value());
        let limit = contract.terms().limits.runs;
        if count >= limit {
            return Err(MemoryError::Limit { count, limit });
        }
        Ok(count.saturating_add(1))
    }
}

/// Of the versions of one contract the newest that was taken is in force, and an amendment that was not taken is not.
fn in_force(newest: Option<ContractId>, contract: &Contract) -> Result<(), MemoryError> {
    let id = contract.id();
    match (newest, contract.amends()) {
        (Some(newest), _) if newest == id => Ok(()),
        (None, None) => Ok(()),
        (Some(newest), Some(amends)) if amends.contract == newest => Err(MemoryError::UnknownContract { contract: id }),
        (Some(newest), _) => Err(MemoryError::Amended { contract: id, by: newest }),
        (None, Some(_)) => Err(MemoryError::UnknownContract { contract: id }),
    }
}

/// A proposal goes on from exactly the head that this party holds.
///
/// A newer one that is genuine carries a grant of this party, so it can be settled first; one that cannot is not genuine.
fn check_head(own: Option<Head>, proposal: &Proposal) -> Result<(), MemoryError> {
    let own_run = own.map_or(0, |head| head.run);
    if proposal.head_run < own_run {
        return Err(MemoryError::OlderHead { expected: own_run, found: proposal.head_run });
    }
    match proposal.head {
        Some(found) if own != Some(Head { run: proposal.head_run, receipt: found }) => {
            Err(MemoryError::UnknownHead { run: proposal.head_run, found })
        }
        None if own.is_some() => Err(MemoryError::OlderHead { expected: own_run, found: 0 }),
        Some(_) | None => Ok(()),
    }
}
