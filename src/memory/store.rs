//! The tables of the memory's file, and the records in them.
//!
//! What always holds: every write is one transaction that is durable before it returns, in two phases, so that a torn write
//! is never taken for a commit.

use super::Head;
use super::error::MemoryError;
use super::stops::STOPS;
use crate::evidence::EvidenceBundle;
use redb::{Durability, ReadableTable, TableDefinition, WriteTransaction};
use sealroom_protocol::contract::Contract;
use sealroom_protocol::id::{ContractId, GrantId, ObjectId, ProposalId, ReceiptId, RequestId};
use sealroom_protocol::run::SignedGrant;
use serde::{Deserialize, Serialize};

/// What is true of the whole file.
pub(super) const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta");
/// Contract to its envelope.
pub(super) const CONTRACTS: TableDefinition<'_, &[u8; 32], &[u8]> = TableDefinition::new("contracts");
/// Object to its data key.
pub(super) const KEYS: TableDefinition<'_, &[u8; 32], &[u8; 32]> = TableDefinition::new("keys");
/// Contract and dataset to the object that is brought.
pub(super) const OBJECTS: TableDefinition<'_, (&[u8; 32], &str), &[u8; 32]> = TableDefinition::new("objects");
/// Contract and run to this party's grant: by its key there is at most one a run number.
pub(super) const GRANTS: TableDefinition<'_, (&[u8; 32], u64), &[u8]> = TableDefinition::new("grants");
/// Contract to the number of grants that are not given back.
pub(super) const COUNTS: TableDefinition<'_, &[u8; 32], u64> = TableDefinition::new("counts");
/// Contract to run and id of the newest complete receipt.
pub(super) const HEADS: TableDefinition<'_, &[u8; 32], (u64, &[u8; 32])> = TableDefinition::new("heads");
/// A contract, a run number and a receipt id.
type ReceiptPlace = (&'static [u8; 32], u64, &'static [u8; 32]);
/// Contract, run and receipt id to the receipt.
pub(super) const RECEIPTS: TableDefinition<'_, ReceiptPlace, &[u8]> = TableDefinition::new("receipts");
/// Contract and request id to the run it was granted in.
pub(super) const REQUESTS: TableDefinition<'_, (&[u8; 32], &[u8; 32]), u64> = TableDefinition::new("requests");
/// Contract, party and run to the first grant seen of it.
pub(super) const SEEN: TableDefinition<'_, (&[u8; 32], &str, u64), &[u8]> = TableDefinition::new("seen");
/// Two envelopes.
type TwoEnvelopes = (&'static [u8], &'static [u8]);
/// Contract and party to the first two grants of it that contradict each other.
pub(super) const CHEATING: TableDefinition<'_, (&[u8; 32], &str), TwoEnvelopes> = TableDefinition::new("cheating");
/// Contract and enclave key to the first two receipts of it that contradict each other.
pub(super) const FORKING: TableDefinition<'_, (&[u8; 32], &[u8; 32]), TwoEnvelopes> = TableDefinition::new("forking");
/// Contracts that this memory has forgotten grants of.
pub(super) const RESTORED: TableDefinition<'_, &[u8; 32], ()> = TableDefinition::new("restored");
/// Contracts that a party agreed to since its keys were recovered.
pub(super) const AGREED: TableDefinition<'_, &[u8; 32], ()> = TableDefinition::new("agreed");

/// The first version of a contract to the newest that was taken.
pub(super) const VERSIONS: TableDefinition<'_, &[u8; 32], &[u8; 32]> = TableDefinition::new("versions");

/// Contract to its grants by how they stand: open, confirmed, given back.
pub(super) const TALLIES: TableDefinition<'_, &[u8; 32], (u64, u64, u64)> = TableDefinition::new("tallies");

pub(super) const FORMAT_KEY: &str = "format";
pub(super) const FORMAT: &[u8] = b"sealroom/1 memory";
pub(super) const OWNER_KEY: &str = "owner";
/// There, where the memory was begun with recovered keys.
pub(super) const RECOVERED_KEY: &str = "recovered";

/// Where a grant stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::exhaustive_enums, reason = "decisions match on it")]
pub enum GrantState {
    /// Written down, perhaps sent; it counts as spent.
    Open,
    /// A complete receipt names it; it is spent.
    Confirmed,
    /// A void receipt settles it; it does not count.
    GivenBack,
}

/// A grant in the memory.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GrantRecord {
    /// The run number.
    pub run: u64,
    /// Where it stands.
    pub state: GrantState,
    /// The grant's signed part.
    pub grant: SignedGrant,
    /// Its encrypted keys, to send again.
    pub ciphertext: Vec<u8>,
    /// The request it was for.
    pub request: Option<RequestId>,
    /// The receipt that settled it.
    pub receipt: Option<ReceiptId>,
    /// The Evidence that the enclave was appraised by.
    pub evidence: EvidenceBundle,
}

impl GrantRecord {
    /// The proposal it is for.
    #[must_use]
    pub const fn proposal(&self) -> ProposalId {
        self.grant.allegation().proposal
    }

    /// Its random name.
    #[must_use]
    pub const fn id(&self) -> GrantId {
        self.grant.allegation().grant
    }
}

/// How it is stored.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    run: u64,
    state: GrantState,
    grant: String,
    ciphertext: String,
    request: Option<RequestId>,
    receipt: Option<ReceiptId>,
    evidence: EvidenceBundle,
}

impl GrantRecord {
    pub(super) fn encode(&self) -> Result<Vec<u8>, MemoryError> {
        let stored = Stored {
            run: self.run,
            state: self.state,
            grant: hex::encode(self.grant.encode()),
            ciphertext: hex::encode(&self.ciphertext),
            request: self.request,
            receipt: self.receipt,
            evidence: self.evidence.clone(),
        };
        serde_json::to_vec(&stored).map_err(|_| MemoryError::Record { what: "grant" })
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, MemoryError> {
        let error = || MemoryError::Record { what: "grant" };
        let stored: Stored = serde_json::from_slice(bytes).map_err(|_| error())?;
        let grant = hex::decode(&stored.grant).map_err(|_| error())?;
        Ok(Self {
            run: stored.run,
            state: stored.state,
            grant: SignedGrant::decode(&grant).map_err(|_| error())?,
            ciphertext: hex::decode(&stored.ciphertext).map_err(|_| error())?,
            request: stored.request,
            receipt: stored.receipt,
            evidence: stored.evidence,
        })
    }
}

/// A write that is on disk before it returns, or not there at all.
pub(super) fn write<T>(
    database: &redb::Database,
    change: impl FnOnce(&WriteTransaction) -> Result<T, MemoryError>,
) -> Result<T, MemoryError> {
    let mut transaction = database.begin_write()?;
    transaction.set_durability(Durability::Immediate)?;
    transaction.set_two_phase_commit(true);
    let value = change(&transaction)?;
    transaction.commit()?;
    Ok(value)
}

/// The grant of this run.
pub(super) fn grant_of(
    grants: &impl ReadableTable<(&'static [u8; 32], u64), &'static [u8]>,
    contract: &ContractId,
    run: u64,
) -> Result<Option<GrantRecord>, MemoryError> {
    grants.get((contract.as_bytes(), run))?.map(|bytes| GrantRecord::decode(bytes.value())).transpose()
}

/// Shows every grant of a contract, by run number.
pub(super) fn each_grant(
    grants: &impl ReadableTable<(&'static [u8; 32], u64), &'static [u8]>,
    contract: &ContractId,
    see: &mut dyn FnMut(GrantRecord),
) -> Result<(), MemoryError> {
    for entry in grants.range((contract.as_bytes(), 0)..=(contract.as_bytes(), u64::MAX))? {
        see(GrantRecord::decode(entry?.1.value())?);
    }
    Ok(())
}

/// The highest run number ever granted; 0 for none.
pub(super) fn highest_run(
    grants: &impl ReadableTable<(&'static [u8; 32], u64), &'static [u8]>,
    contract: &ContractId,
) -> Result<u64, MemoryError> {
    let mut range = grants.range((contract.as_bytes(), 0)..=(contract.as_bytes(), u64::MAX))?;
    Ok(range.next_back().transpose()?.map_or(0, |(key, _)| key.value().1))
}

/// The newest complete receipt.
pub(super) fn head_of(
    heads: &impl ReadableTable<&'static [u8; 32], (u64, &'static [u8; 32])>,
    contract: &ContractId,
) -> Result<Option<Head>, MemoryError> {
    let head = heads.get(contract.as_bytes())?;
    Ok(head.map(|head| Head { run: head.value().0, receipt: ReceiptId::from_bytes(*head.value().1) }))
}

/// The newest version that was taken of the contract with this first one.
pub(super) fn version_of(
    versions: &impl ReadableTable<&'static [u8; 32], &'static [u8; 32]>,
    first: &ContractId,
) -> Result<Option<ContractId>, MemoryError> {
    Ok(versions.get(first.as_bytes())?.map(|id| ContractId::from_bytes(*id.value())))
}

/// The object that is brought as a dataset: the one said last, else the one that the contract pins, if its key is here.
pub(super) fn object_of(
    objects: &impl ReadableTable<(&'static [u8; 32], &'static str), &'static [u8; 32]>,
    keys: &impl ReadableTable<&'static [u8; 32], &'static [u8; 32]>,
    contract: &Contract,
    dataset: &str,
) -> Result<Option<ObjectId>, MemoryError> {
    let said = objects.get((contract.id().as_bytes(), dataset))?.map(|object| ObjectId::from_bytes(*object.value()));
    let pinned = contract.dataset(dataset).and_then(|terms| terms.object);
    let candidate = pinned.or(said);
    match candidate {
        Some(object) if keys.get(object.as_bytes())?.is_some() => Ok(Some(object)),
        Some(_) | None => Ok(None),
    }
}

/// Makes every table, so that reading one never fails for its absence.
pub(super) fn open_all(transaction: &WriteTransaction) -> Result<(), MemoryError> {
    transaction.open_table(CONTRACTS)?;
    transaction.open_table(KEYS)?;
    transaction.open_table(OBJECTS)?;
    transaction.open_table(GRANTS)?;
    transaction.open_table(COUNTS)?;
    transaction.open_table(HEADS)?;
    transaction.open_table(RECEIPTS)?;
    transaction.open_table(REQUESTS)?;
    transaction.open_table(SEEN)?;
    transaction.open_table(CHEATING)?;
    transaction.open_table(FORKING)?;
    transaction.open_table(RESTORED)?;
    transaction.open_table(VERSIONS)?;
    transaction.open_table(STOPS)?;
    transaction.open_table(TALLIES)?;
    Ok(())
}
