//! Encrypting a dataset at home.
//!
//! What always holds: the bytes that are encrypted are the bytes that were checked, in one pass; every row keeps the
//! contract's schema, or nothing is written; memory is bounded for any size; no error repeats a value.

use crate::file::{Mode, Pending};
use crate::identity::Identity;
use crate::memory::{Memory, MemoryError};
use rand_core::CryptoRng;
use sealroom_protocol::contract::Contract;
use sealroom_protocol::id::ObjectId;
use sealroom_protocol::object::{DataKey, ObjectError, WriteError, Writer};
use sealroom_protocol::provider;
use sealroom_protocol::run::{DatasetHeader, schema_digest};
use sealroom_protocol::table::{CsvDecoder, CsvError};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// How far long work has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "two numbers of one scale")]
pub struct Progress {
    /// Bytes done.
    pub done: u64,
    /// Bytes in all.
    pub total: u64,
}

/// What to encrypt.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "arguments by name")]
pub struct DatasetSource<'a> {
    /// The CSV file.
    pub csv: &'a Path,
    /// The contract whose schema it must keep. It need not be signed yet.
    pub contract: &'a Contract,
    /// Name of the dataset in the contract.
    pub dataset: &'a str,
    /// Where `NAME.body` and `NAME.manifest` go, replacing older ones.
    pub folder: &'a Path,
}

/// A dataset that is ready to be handed to a host. Its key is in the memory.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EncryptedDataset {
    /// Its id.
    pub object: ObjectId,
    /// Rows of data.
    pub rows: u64,
    /// The file of the body.
    pub body: PathBuf,
    /// The file of the manifest.
    pub manifest: PathBuf,
    /// Bytes of the body.
    pub body_length: u64,
}

/// Why a dataset was not encrypted. Nothing was written then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatasetError {
    /// The contract has no such dataset of this party.
    #[error("contract \"{contract}\" has no dataset \"{dataset}\" of \"{party}\"; it has: {}", found.join(", "))]
    NoSuchDataset {
        /// Name of the contract.
        contract: String,
        /// The dataset asked for.
        dataset: String,
        /// The party.
        party: String,
        /// Datasets of this party in the contract.
        found: Vec<String>,
    },
    /// The operating system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// The table breaks the contract's schema.
    #[error("{}: {source}. Nothing was written", path.display())]
    Csv {
        /// The CSV file.
        path: PathBuf,
        /// Where, and what was expected.
        source: CsvError,
    },
    /// The object cannot be written.
    #[error("the encrypted object: {0}")]
    Object(#[from] ObjectError),
    /// The key could not be kept.
    #[error(transparent)]
    Memory(#[from] MemoryError),
}

/// Checks a CSV file against the contract, encrypts it under a fresh key, keeps the key in `memory` and says there that
/// this object is the one that the dataset is.
///
/// Where the contract pins another object, that one stays what is granted: a contract that pins objects is signed after
/// they are encrypted, and [`Memory::object`] then finds the pinned one by its key.
///
/// # Errors
/// [`DatasetError`]. Files that were there stay whole. What is wrong with the input is found before anything is written;
/// where the memory took the new object and its files could not be put in place, encrypt again: until then the memory
/// grants no other object as this dataset.
pub fn encrypt_dataset(
    source: DatasetSource<'_>,
    identity: &Identity,
    memory: &Memory,
    rng: &mut dyn CryptoRng,
    progress: &mut dyn FnMut(Progress),
) -> Result<EncryptedDataset, DatasetError> {
    let DatasetSource { csv, contract, dataset, folder } = source;
    let owned = contract.dataset(dataset).filter(|terms| terms.owner == identity.name());
    let terms = owned.ok_or_else(|| DatasetError::NoSuchDataset {
        contract: contract.terms().name.clone(),
        dataset: dataset.into(),
        party: identity.name().into(),
        found: contract.datasets_of(identity.name()).map(|dataset| dataset.name.clone()).collect(),
    })?;
    let of_csv = |source| DatasetError::Io { path: csv.into(), source };
    let mut input = File::open(csv).map_err(of_csv)?;
    let total = input.metadata().map_err(of_csv)?.len();

    let (body, manifest) = (folder.join(format!("{dataset}.body")), folder.join(format!("{dataset}.manifest")));
    let mut pending_body = Pending::beside(&body, Mode::Public).map_err(|source| of(&body, source))?;
    let mut pending_manifest = Pending::beside(&manifest, Mode::Public).map_err(|source| of(&manifest, source))?;

    let header = DatasetHeader::new(identity.signing().public(), dataset.into(), schema_digest(&terms.columns));
    let key = DataKey::generate(rng);
    let mut writer = Writer::new(provider::fastest(), &key, &header.encode(), rng)?;
    let mut decoder = CsvDecoder::new(&terms.columns, terms.maximum_rows);
    let of_table = |source| DatasetError::Csv { path: csv.into(), source };
    let mut sink = |bytes: &[u8]| pending_body.file().write_all(bytes);
    let mut done = 0;
    progress(Progress { done, total });
    loop {
        // Rows are read to where they are encrypted, and checked there.
        let length = match input.read(writer.space()) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(of_csv(error)),
        };
        decoder.decode(writer.space().get(..length).unwrap_or_default(), |_| Ok(())).map_err(of_table)?;
        writer.advance(length, &mut sink).map_err(|error| of_writer(&body, error))?;
        done += u64::try_from(length).unwrap_or(0);
        progress(Progress { done, total: total.max(done) });
    }
    let rows = decoder.finish(|_| Ok(())).map_err(of_table)?;
    let written = writer.finish(&mut sink).map_err(|error| of_writer(&body, error))?;
    let object = written.id();
    pending_manifest.file().write_all(&written.encode()).map_err(|source| of(&manifest, source))?;

    // First the key, then the files: an object without its key would be lost, a key without its object is only unused.
    memory.remember_key(&object, &key)?;
    memory.bring_object(&contract.id(), dataset, &object)?;
    pending_body.replace().map_err(|source| of(&body, source))?;
    pending_manifest.replace().map_err(|source| of(&manifest, source))?;
    Ok(EncryptedDataset { object, rows, body, manifest, body_length: written.body_length() })
}

fn of(path: &Path, source: io::Error) -> DatasetError {
    DatasetError::Io { path: path.into(), source }
}

fn of_writer(path: &Path, error: WriteError<io::Error>) -> DatasetError {
    match error {
        WriteError::Object(error) => error.into(),
        WriteError::Sink(source) => of(path, source),
        _ => ObjectError::EncryptionFailed.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;
    use crate::testing::{Parties, contract_of};
    use sealroom_protocol::object::{Manifest, PREFIX_LENGTH, Reader};
    use std::fs;

    struct Home {
        folder: tempfile::TempDir,
        parties: Parties,
        contract: Contract,
        memory: Memory,
    }

    impl Home {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let parties = Parties::new();
            let contract = contract_of(&parties);
            let memory = Memory::open(&folder.path().join("memory"), &parties.alpha.signing().public()).unwrap();
            Self { folder, parties, contract, memory }
        }

        fn encrypt(&self, csv: &str, dataset: &str) -> Result<EncryptedDataset, DatasetError> {
            let path = self.folder.path().join("patients.csv");
            fs::write(&path, csv).unwrap();
            let source = DatasetSource { csv: &path, contract: &self.contract, dataset, folder: self.folder.path() };
            encrypt_dataset(source, &self.parties.alpha, &self.memory, &mut random(), &mut |_| {})
        }
    }

    #[test]
    fn an_encrypted_dataset_opens_with_the_key_in_the_memory() {
        let home = Home::new();
        let csv = format!("age,city\n{}", "63,Z\u{fc}rich\n,\n".replace(",\n,\n", ",\n").replace("\n,", "\n1,"));
        let encrypted = home.encrypt(&csv, "patients-alpha").unwrap();
        assert_eq!(encrypted.rows, 2);
        let manifest = Manifest::decode(&fs::read(&encrypted.manifest).unwrap()).unwrap();
        let body = fs::read(&encrypted.body).unwrap();
        assert_eq!(u64::try_from(body.len()).unwrap(), encrypted.body_length);
        assert!(!body.windows(4).any(|window| window == b"rich"));
        let key = home.memory.data_key(&encrypted.object).unwrap();
        let mut reader = Reader::new(provider::fastest(), &key, &encrypted.object, manifest).unwrap();
        let mut plaintext = Vec::new();
        reader.decrypt_group(0, &body[PREFIX_LENGTH..], &mut plaintext).unwrap();
        assert_eq!(plaintext, csv.as_bytes());
        assert_eq!(home.memory.object(&home.contract, "patients-alpha").unwrap(), Some(encrypted.object));
    }

    #[test]
    fn a_wrong_cell_is_named_by_file_row_and_column_and_nothing_is_written() {
        let home = Home::new();
        let mut csv = String::from("age,city\n");
        for row in 0..200 {
            csv.push_str(if row == 150 { "secret-4711,Basel\n" } else { "63,Basel\n" });
        }
        let error = home.encrypt(&csv, "patients-alpha").unwrap_err().to_string();
        assert!(error.contains("patients.csv: row 151, column \"age\": expected"), "{error}");
        assert!(error.ends_with("Nothing was written") && !error.contains("4711"), "{error}");
        let mut names: Vec<_> =
            fs::read_dir(home.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["memory", "patients.csv"]);
        assert_eq!(home.memory.object(&home.contract, "patients-alpha").unwrap(), None);
    }

    #[test]
    fn another_partys_dataset_is_refused() {
        let home = Home::new();
        let error = home.encrypt("age,city\n1,Basel\n", "patients-beta").unwrap_err();
        let DatasetError::NoSuchDataset { found, .. } = error else { panic!("{error}") };
        assert_eq!(found, ["patients-alpha"]);
    }

    #[test]
    fn encrypting_again_brings_the_new_object_and_keeps_the_old_key() {
        let home = Home::new();
        let one = home.encrypt("age,city\n1,Basel\n", "patients-alpha").unwrap();
        let two = home.encrypt("age,city\n1,Basel\n", "patients-alpha").unwrap();
        assert_ne!(one.object, two.object);
        assert_eq!(home.memory.object(&home.contract, "patients-alpha").unwrap(), Some(two.object));
        home.memory.data_key(&one.object).unwrap();
        assert_eq!(fs::read_dir(home.folder.path()).unwrap().count(), 4);
    }
}
