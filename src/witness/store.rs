//! A witness's memory: the last checkpoint that it cosigned of each log.
//!
//! What always holds: every write is one transaction, durable before it returns, in two phases, so that a torn write is never
//! taken for a commit; and only one is under way at a time.

use super::WitnessError;
use redb::{Database, Durability, ReadableDatabase, ReadableTable, StorageBackend, Table, TableDefinition, TableError};
use sealroom_protocol::log::{SignedCheckpoint, VerifierKey};

/// What is true of the whole file.
const META: TableDefinition<'_, &str, &str> = TableDefinition::new("meta");
/// Origin to the signed note, with the log's line and the witness's.
const CHECKPOINTS: TableDefinition<'_, &str, &str> = TableDefinition::new("checkpoints");

const FORMAT_KEY: &str = "format";
const FORMAT: &str = "sealroom/1 witness";
const OWNER_KEY: &str = "owner";
/// How much of the file is kept in memory.
const CACHE_BYTES: usize = 4 << 20;

/// The table of checkpoints inside a write.
pub(super) type Checkpoints<'a> = Table<'a, &'static str, &'static str>;

/// Opens the memory of this witness, or makes it in an empty storage.
pub(super) fn open(backend: impl StorageBackend, owner: &VerifierKey) -> Result<Database, WitnessError> {
    let mut builder = Database::builder();
    // Corruption from outside is then an error here instead of a panic later.
    builder.set_cache_size(CACHE_BYTES).set_check_integrity_on_open(true);
    let database = builder.create_with_backend(backend).map_err(redb::Error::from)?;
    let expected = owner.to_string();
    let fresh = match database.begin_read().map_err(redb::Error::from)?.open_table(META) {
        Ok(meta) => {
            let get = |key| Ok::<_, redb::Error>(meta.get(key)?.map(|value| value.value().to_owned()));
            if get(FORMAT_KEY)?.is_none_or(|format| format != FORMAT) {
                return Err(WitnessError::Record { what: "format" });
            }
            let found = get(OWNER_KEY)?.unwrap_or_default();
            if found != expected {
                return Err(WitnessError::Owner { expected, found });
            }
            false
        }
        Err(TableError::TableDoesNotExist(_)) => true,
        Err(error) => return Err(redb::Error::from(error).into()),
    };
    if fresh {
        let transaction = begin(&database)?;
        {
            let mut meta = transaction.open_table(META).map_err(redb::Error::from)?;
            drop(meta.insert(FORMAT_KEY, FORMAT).map_err(redb::Error::from)?);
            drop(meta.insert(OWNER_KEY, expected.as_str()).map_err(redb::Error::from)?);
            drop(transaction.open_table(CHECKPOINTS).map_err(redb::Error::from)?);
        }
        transaction.commit().map_err(redb::Error::from)?;
    }
    Ok(database)
}

/// One change, on disk before it returns, or not there at all.
pub(super) fn write<T>(
    database: &Database,
    change: impl FnOnce(&mut Checkpoints<'_>) -> Result<T, WitnessError>,
) -> Result<T, WitnessError> {
    let transaction = begin(database)?;
    let value = {
        let mut checkpoints = transaction.open_table(CHECKPOINTS).map_err(redb::Error::from)?;
        change(&mut checkpoints)?
    };
    transaction.commit().map_err(redb::Error::from)?;
    Ok(value)
}

/// The last checkpoint of a log.
pub(super) fn read(
    checkpoints: &impl ReadableTable<&'static str, &'static str>,
    origin: &str,
) -> Result<Option<SignedCheckpoint>, WitnessError> {
    let found = checkpoints.get(origin).map_err(redb::Error::from)?;
    found.map(|note| decode(note.value())).transpose()
}

/// The last checkpoint of every log.
pub(super) fn all(database: &Database) -> Result<Vec<(String, SignedCheckpoint)>, WitnessError> {
    let transaction = database.begin_read().map_err(redb::Error::from)?;
    let checkpoints = transaction.open_table(CHECKPOINTS).map_err(redb::Error::from)?;
    let mut all = Vec::new();
    for entry in checkpoints.iter().map_err(redb::Error::from)? {
        let (origin, note) = entry.map_err(redb::Error::from)?;
        all.push((origin.value().to_owned(), decode(note.value())?));
    }
    Ok(all)
}

fn decode(note: &str) -> Result<SignedCheckpoint, WitnessError> {
    SignedCheckpoint::decode(note.as_bytes()).map_err(|_| WitnessError::Record { what: "checkpoint" })
}

fn begin(database: &Database) -> Result<redb::WriteTransaction, WitnessError> {
    let mut transaction = database.begin_write().map_err(redb::Error::from)?;
    transaction.set_durability(Durability::Immediate).map_err(redb::Error::from)?;
    transaction.set_two_phase_commit(true);
    Ok(transaction)
}
