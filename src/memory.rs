//! A party's memory: one file with the contracts it knows, the keys of its objects and every grant it ever wrote.
//!
//! What always holds, also when the process is killed at any write:
//! - a grant is on disk before anyone else can have it, and counts from then on until a receipt of that very run settles it;
//! - one run number has one grant, for ever; the count is the number of grants that are not given back;
//! - a contract that this party stopped is granted nothing more;
//! - a memory that has forgotten grants of its own, once it is shown one, grants nothing more under that contract.
//!
//! The file holds data keys: it has mode 0600 and is refused otherwise. One process opens it at a time.

mod amend;
mod draft;
mod error;
mod forking;
mod grant;
mod late;
mod recovered;
mod settle;
mod stops;
mod store;
mod tally;
#[cfg(test)]
mod tests;

pub use error::MemoryError;
pub(crate) use grant::NewGrant;
pub use settle::{Settled, Settlement};
pub use store::{GrantRecord, GrantState};
pub use tally::Tally;

use crate::file::{self, Mode, Pending};
use redb::backends::FileBackend;
use redb::{Database, ReadableDatabase, ReadableTable, StorageBackend, TableError};
use sealroom_protocol::contract::{Contract, Party, SignedContract};
use sealroom_protocol::id::{ContractId, ObjectId, ReceiptId};
use sealroom_protocol::identity::SigningPublicKey;
use sealroom_protocol::object::DataKey;
use sealroom_protocol::run::SignedReceipt;
use std::io;
use std::path::Path;
use stops::STOPS;
use store::{
    CONTRACTS, COUNTS, FORMAT, FORMAT_KEY, GRANTS, HEADS, KEYS, META, OBJECTS, OWNER_KEY, RECEIPTS, RESTORED, TALLIES,
    VERSIONS,
};

/// Memory that the database may use to read faster. It fills up as the file grows, so it is what a memory holds in the end.
const CACHE_BYTES: usize = 2 << 20;

/// One party's memory of contracts, objects, grants and receipts.
///
/// ```
/// # fn main() -> Result<(), Box<dyn core::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// use sealroom::{Identity, Memory, random};
/// let identity = Identity::generate("cleveland", &mut random())?;
/// let memory = Memory::open(&folder.path().join("cleveland.memory"), &identity.signing().public())?;
/// assert!(memory.contracts()?.is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Memory {
    database: Database,
    owner: SigningPublicKey,
    recovered: bool,
}

/// The newest complete receipt that a party holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a run and its receipt, as proposals name them")]
pub struct Head {
    /// Its run number.
    pub run: u64,
    /// Its id.
    pub receipt: ReceiptId,
}

/// How a party stands under one contract.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ContractState {
    /// Runs granted and not given back.
    pub count: u64,
    /// The contract's limit.
    pub limit: u64,
    /// The newest complete receipt.
    pub head: Option<Head>,
    /// The newer version that this memory took in its place: it grants nothing more under this one.
    pub amended_by: Option<ContractId>,
    /// Whether this memory has forgotten grants and so grants nothing more.
    pub restored: bool,
    /// Whether a party stopped the contract, this one or by a receipt another, so that this one grants nothing more under it.
    pub stopped: bool,
    /// Every grant, by run number.
    pub grants: Vec<GrantRecord>,
    /// Datasets of this party and the object of each.
    pub objects: Vec<(String, ObjectId)>,
}

impl Memory {
    /// Opens the memory of the party that signs with `owner`, and makes an empty one where there is none.
    ///
    /// # Errors
    /// [`MemoryError::Io`], [`MemoryError::Shared`], [`MemoryError::Database`], [`MemoryError::Record`],
    /// [`MemoryError::Owner`].
    pub fn open(path: &Path, owner: &SigningPublicKey) -> Result<Self, MemoryError> {
        let of_io = |source: io::Error| MemoryError::Io { path: path.into(), source };
        let opened = match file::open_private(path) {
            Ok(opened) => opened,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // Made whole under another name first: killed half-way, it would be no database and no empty file either.
                let pending = Pending::beside(path, Mode::Private).map_err(of_io)?;
                let fresh = file::open_private(pending.path()).map_err(of_io)?;
                drop(Self::open_backend(FileBackend::new(fresh)?, owner)?);
                pending.create().map_err(of_io)?;
                file::open_private(path).map_err(of_io)?
            }
            Err(error) => return Err(of_io(error)),
        };
        if let Some(mode) = file::shared_bits(&opened).map_err(of_io)? {
            return Err(MemoryError::Shared { path: path.into(), mode });
        }
        Self::open_backend(FileBackend::new(opened)?, owner)
    }

    /// A memory on another storage than a file; what it writes is only as durable as that is.
    ///
    /// # Errors
    /// As [`Memory::open`], but for those of files.
    #[cfg(feature = "storage")]
    pub fn open_on(storage: impl StorageBackend, owner: &SigningPublicKey) -> Result<Self, MemoryError> {
        Self::open_backend(storage, owner)
    }

    /// A memory on any storage.
    ///
    /// # Errors
    /// As [`Memory::open`], but for those of files.
    pub(crate) fn open_backend(backend: impl StorageBackend, owner: &SigningPublicKey) -> Result<Self, MemoryError> {
        let mut builder = Database::builder();
        // Corruption from outside is then an error here instead of a panic later.
        builder.set_cache_size(CACHE_BYTES).set_check_integrity_on_open(true);
        Self::begin(builder.create_with_backend(backend)?, owner)
    }

    fn begin(database: Database, owner: &SigningPublicKey) -> Result<Self, MemoryError> {
        let fresh = match database.begin_read()?.open_table(META) {
            Ok(meta) => {
                if meta.get(FORMAT_KEY)?.is_none_or(|format| format.value() != FORMAT) {
                    return Err(MemoryError::Record { what: "format" });
                }
                let found = meta.get(OWNER_KEY)?.map(|owner| owner.value().to_vec()).unwrap_or_default();
                if found != owner.as_bytes() {
                    let found = <[u8; 32]>::try_from(found).ok().and_then(|key| SigningPublicKey::from_bytes(key).ok());
                    let found = found.map_or_else(|| "that does not read back".into(), |key| key.to_string());
                    return Err(MemoryError::Owner { expected: owner.to_string(), found });
                }
                false
            }
            Err(TableError::TableDoesNotExist(_)) => true,
            Err(error) => return Err(error.into()),
        };
        if fresh {
            store::write(&database, |transaction| {
                let mut meta = transaction.open_table(META)?;
                meta.insert(FORMAT_KEY, FORMAT)?;
                meta.insert(OWNER_KEY, owner.as_bytes().as_slice())?;
                store::open_all(transaction)
            })?;
        } else if matches!(database.begin_read()?.open_table(TALLIES), Err(TableError::TableDoesNotExist(_))) {
            // A memory of before there were amendments, stops or tallies.
            store::write(&database, |transaction| {
                store::open_all(transaction)?;
                tally::count(transaction)
            })?;
        }
        let recovered = recovered::is_marked(&database)?;
        Ok(Self { database, owner: *owner, recovered })
    }

    /// The signing key of the party whose memory it is.
    #[must_use]
    pub const fn owner(&self) -> &SigningPublicKey {
        &self.owner
    }

    /// Puts a contract that all parties signed into the memory. Doing it again changes nothing. An amendment is taken by it: its
    /// predecessor ends for this party, and the amendment stands where its text says, also for a memory that was restored.
    ///
    /// # Errors
    /// [`MemoryError::NotAParty`]; of an amendment [`MemoryError::OtherFirstVersion`], [`MemoryError::OtherVersion`],
    /// [`MemoryError::UnknownPredecessor`], [`MemoryError::SecondAmendment`], [`MemoryError::OtherPredecessor`],
    /// [`MemoryError::VersionTooFar`], [`MemoryError::AmendmentHead`], [`MemoryError::AmendmentHeadUnknown`],
    /// [`MemoryError::AmendmentRuns`], [`MemoryError::AmendmentCount`]; [`MemoryError::Database`], [`MemoryError::Record`].
    pub fn remember_contract(&self, signed: &SignedContract) -> Result<(), MemoryError> {
        let party = self.party(signed.contract())?;
        store::write(&self.database, |transaction| {
            amend::take(self, transaction, signed.contract(), party)?;
            let bytes = signed.envelope().encode();
            transaction.open_table(CONTRACTS)?.insert(signed.contract().id().as_bytes(), bytes.as_slice())?;
            Ok(())
        })
    }

    /// Every contract in the memory.
    ///
    /// # Errors
    /// [`MemoryError::Database`], [`MemoryError::Record`].
    pub fn contracts(&self) -> Result<Vec<SignedContract>, MemoryError> {
        let contracts = self.database.begin_read()?.open_table(CONTRACTS)?;
        let decode = |bytes: &[u8]| SignedContract::decode(bytes).map_err(|_| MemoryError::Record { what: "contract" });
        contracts.iter()?.map(|entry| decode(entry?.1.value())).collect()
    }

    /// One contract with all signatures.
    ///
    /// # Errors
    /// [`MemoryError::UnknownContract`], [`MemoryError::Database`], [`MemoryError::Record`].
    pub fn contract(&self, id: &ContractId) -> Result<SignedContract, MemoryError> {
        let contracts = self.database.begin_read()?.open_table(CONTRACTS)?;
        let bytes = contracts.get(id.as_bytes())?.ok_or(MemoryError::UnknownContract { contract: *id })?;
        SignedContract::decode(bytes.value()).map_err(|_| MemoryError::Record { what: "contract" })
    }

    /// Keeps the key of an object.
    ///
    /// # Errors
    /// [`MemoryError::Database`].
    pub fn remember_key(&self, object: &ObjectId, key: &DataKey) -> Result<(), MemoryError> {
        store::write(&self.database, |transaction| {
            transaction.open_table(KEYS)?.insert(object.as_bytes(), key.expose_secret())?;
            Ok(())
        })
    }

    /// Says which of this party's objects is brought as a dataset: the last one said is the one that is granted.
    ///
    /// # Errors
    /// [`MemoryError::UnknownObject`] where its key is not in the memory, [`MemoryError::Database`].
    pub fn bring_object(&self, contract: &ContractId, dataset: &str, object: &ObjectId) -> Result<(), MemoryError> {
        store::write(&self.database, |transaction| {
            if transaction.open_table(KEYS)?.get(object.as_bytes())?.is_none() {
                return Err(MemoryError::UnknownObject { object: *object });
            }
            transaction.open_table(OBJECTS)?.insert((contract.as_bytes(), dataset), object.as_bytes())?;
            Ok(())
        })
    }

    /// The object that this party brings as a dataset of a contract: the one it said last, or the one that the contract
    /// pins, if its key is here.
    ///
    /// # Errors
    /// [`MemoryError::Database`].
    pub fn object(&self, contract: &Contract, dataset: &str) -> Result<Option<ObjectId>, MemoryError> {
        let transaction = self.database.begin_read()?;
        let (objects, keys) = (transaction.open_table(OBJECTS)?, transaction.open_table(KEYS)?);
        store::object_of(&objects, &keys, contract, dataset)
    }

    /// The key of an object.
    ///
    /// # Errors
    /// [`MemoryError::UnknownObject`], [`MemoryError::Database`].
    pub fn data_key(&self, object: &ObjectId) -> Result<DataKey, MemoryError> {
        let keys = self.database.begin_read()?.open_table(KEYS)?;
        let key = keys.get(object.as_bytes())?.ok_or(MemoryError::UnknownObject { object: *object })?;
        Ok(DataKey::fill_with(|bytes| *bytes = *key.value()))
    }

    /// How this party stands under a contract.
    ///
    /// # Errors
    /// [`MemoryError::NotAParty`], [`MemoryError::Database`], [`MemoryError::Record`].
    pub fn state(&self, contract: &Contract) -> Result<ContractState, MemoryError> {
        let mut grants = Vec::new();
        let state = self.state_without_grants(contract)?;
        let table = self.database.begin_read()?.open_table(GRANTS)?;
        store::each_grant(&table, &contract.id(), &mut |grant| grants.push(grant))?;
        Ok(ContractState { grants, ..state })
    }

    fn state_without_grants(&self, contract: &Contract) -> Result<ContractState, MemoryError> {
        let party = self.party(contract)?;
        let id = contract.id();
        let transaction = self.database.begin_read()?;
        let (objects, keys) = (transaction.open_table(OBJECTS)?, transaction.open_table(KEYS)?);
        let brought = |dataset: &str| store::object_of(&objects, &keys, contract, dataset);
        let names = contract.datasets_of(&party.name).map(|dataset| dataset.name.clone());
        let brought: Result<Vec<_>, _> = names.map(|name| brought(&name).map(|object| (name, object))).collect();
        let amended_by = store::version_of(&transaction.open_table(VERSIONS)?, &contract.first_version());
        Ok(ContractState {
            count: transaction.open_table(COUNTS)?.get(id.as_bytes())?.map_or(0, |count| count.value()),
            limit: contract.terms().limits.runs,
            head: store::head_of(&transaction.open_table(HEADS)?, &id)?,
            amended_by: amended_by?.filter(|newest| *newest != id),
            restored: transaction.open_table(RESTORED)?.get(id.as_bytes())?.is_some() || self.has_forgotten(&id)?,
            stopped: transaction.open_table(STOPS)?.get(id.as_bytes())?.is_some(),
            grants: Vec::new(),
            objects: brought?.into_iter().filter_map(|(name, object)| Some((name, object?))).collect(),
        })
    }

    /// This party's grant of one run, if there is one.
    ///
    /// # Errors
    /// [`MemoryError::Database`], [`MemoryError::Record`].
    pub fn grant(&self, contract: &ContractId, run: u64) -> Result<Option<GrantRecord>, MemoryError> {
        store::grant_of(&self.database.begin_read()?.open_table(GRANTS)?, contract, run)
    }

    /// Every receipt of a contract that was settled here, by run number, void ones among them.
    ///
    /// # Errors
    /// [`MemoryError::Database`], [`MemoryError::Record`].
    pub fn receipts(&self, contract: &ContractId) -> Result<Vec<SignedReceipt>, MemoryError> {
        let receipts = self.database.begin_read()?.open_table(RECEIPTS)?;
        let (first, last) = ((contract.as_bytes(), 0, &[0; 32]), (contract.as_bytes(), u64::MAX, &[0xff; 32]));
        let decode = |bytes: &[u8]| SignedReceipt::decode(bytes).map_err(|_| MemoryError::Record { what: "receipt" });
        receipts.range(first..=last)?.map(|entry| decode(entry?.1.value())).collect()
    }

    /// Says that this file was restored from a backup: it grants nothing more under any contract it knows.
    ///
    /// # Errors
    /// [`MemoryError::Database`].
    pub fn declare_restored(&self) -> Result<(), MemoryError> {
        store::write(&self.database, |transaction| {
            let contracts = transaction.open_table(CONTRACTS)?;
            let mut restored = transaction.open_table(RESTORED)?;
            for entry in contracts.iter()? {
                restored.insert(entry?.0.value(), ())?;
            }
            Ok(())
        })
    }

    /// The party of the contract whose memory this is.
    pub(crate) fn party<'a>(&self, contract: &'a Contract) -> Result<&'a Party, MemoryError> {
        contract.party_by_key(&self.owner).ok_or(MemoryError::NotAParty { contract: contract.id() })
    }
}
