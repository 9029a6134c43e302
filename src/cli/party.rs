//! Flags of parties, and what they mean: a party with its keys and memory, a contract.
//!
//! What always holds: a passphrase comes from a prompt, a file or the environment, never from the command line, where every
//! process of the machine could read it.

use super::exit::{Exit, Failure};
use super::output::Output;
use super::typed::{TEXT_LIMIT, read};
use clap::Args;
use rand_core::Rng;
use sealroom::{Contract, ContractFile, Identity, IdentityError, Memory, MemoryError, Passphrase, random};
use sealroom_protocol::id::ContractId;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// What a file with a passphrase has to be shorter than, in bytes.
const PASSPHRASE_FILE_LIMIT: usize = 4_096;

/// Where the passphrase of a key file comes from.
#[derive(Debug, Clone, Args)]
pub(crate) struct PassphraseFlags {
    /// File that holds the key file's passphrase (its first line)
    #[arg(long, value_name = "FILE", conflicts_with = "passphrase_env")]
    passphrase_file: Option<PathBuf>,
    /// Environment variable that holds the key file's passphrase
    #[arg(long, value_name = "NAME")]
    passphrase_env: Option<String>,
}

impl PassphraseFlags {
    /// The passphrase that was pointed at, if one was.
    pub(crate) fn given(&self) -> Result<Option<Passphrase>, Failure> {
        if let Some(path) = &self.passphrase_file {
            let of = |source| Failure::local(format!("{}: {source}", path.display()));
            // One piece of memory, wiped: growing it would leave copies.
            let mut bytes = Zeroizing::new(vec![0; PASSPHRASE_FILE_LIMIT]);
            let length = std::fs::File::open(path).and_then(|mut file| fill(&mut file, &mut bytes)).map_err(of)?;
            let bytes = bytes.get(..length).filter(|_| length < PASSPHRASE_FILE_LIMIT).ok_or_else(|| {
                let message = format!("{}: expected less than {PASSPHRASE_FILE_LIMIT} bytes", path.display());
                Failure::new(Exit::Malformed, message)
            })?;
            let text = core::str::from_utf8(bytes).ok();
            let text = text.ok_or_else(|| Failure::local(format!("{}: expected UTF-8 text", path.display())))?;
            return Ok(Some(Passphrase::new(text.lines().next().unwrap_or_default().to_owned())));
        }
        let Some(name) = &self.passphrase_env else { return Ok(None) };
        let value = std::env::var(name);
        let value = value.map_err(|_| Failure::local(format!("the environment has no text called {name}")))?;
        Ok(Some(Passphrase::new(value)))
    }

    /// Asks a person for it.
    pub(crate) fn asked(question: &str) -> Result<Passphrase, Failure> {
        if !Output::can_ask() {
            return Err(Failure::local("a passphrase is needed, and this is no terminal to ask for it")
                .hint("point at it with --passphrase-file or --passphrase-env"));
        }
        super::output::say(question);
        let line = console::Term::stderr().read_secure_line();
        line.map(Passphrase::new).map_err(|source| Failure::local(format!("the terminal: {source}")))
    }
}

/// Who acts: a key file, and the memory that belongs to it.
#[derive(Debug, Clone, Args)]
pub(crate) struct PartyFlags {
    /// Key file of the party that acts
    #[arg(long = "as", value_name = "KEY")]
    key: PathBuf,
    /// The party's memory of grants and receipts [default: beside the key file, with the extension memory]
    #[arg(long, value_name = "FILE")]
    memory: Option<PathBuf>,
    #[command(flatten)]
    passphrase: PassphraseFlags,
}

impl PartyFlags {
    /// The party's keys.
    pub(crate) fn identity(&self) -> Result<Identity, Failure> {
        load_identity(&self.key, &self.passphrase)
    }

    /// The party's memory.
    pub(crate) fn memory(&self, identity: &Identity) -> Result<Memory, Failure> {
        Ok(Memory::open(&self.memory_path(), &identity.signing().public())?)
    }

    /// Tells a memory that was begun with recovered keys that its party is about to sign a contract.
    pub(crate) fn agree(&self, identity: &Identity, contract: &ContractId, output: Output) -> Result<(), Failure> {
        if !self.memory_path().exists() {
            return Ok(());
        }
        match Memory::open(&self.memory_path(), &identity.signing().public()) {
            Ok(memory) => Ok(memory.agree(contract)?),
            Err(MemoryError::Database(error)) if matches!(*error, redb::Error::DatabaseAlreadyOpen) => {
                output.note("the memory is in use; if your keys were recovered, sign again when nothing has it open");
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Where it is.
    pub(crate) fn memory_path(&self) -> PathBuf {
        self.memory.clone().unwrap_or_else(|| self.key.with_extension("memory"))
    }
}

/// Reads a key file, asking for its passphrase where it has one.
pub(crate) fn load_identity(path: &Path, flags: &PassphraseFlags) -> Result<Identity, Failure> {
    match Identity::load(path, flags.given()?.as_ref()) {
        Err(IdentityError::PassphraseNeeded { .. }) => {
            let passphrase = PassphraseFlags::asked(&format!("Passphrase of {}:", path.display()))?;
            Ok(Identity::load(path, Some(&passphrase))?)
        }
        loaded => Ok(loaded?),
    }
}

/// Reads until the buffer is full or the file ends; gives how much was read.
fn fill(file: &mut std::fs::File, buffer: &mut [u8]) -> std::io::Result<usize> {
    use std::io::Read;
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(length) => filled = filled.saturating_add(length),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Writes a file that only its owner may read, replacing an older one: under another name first, so it is whole or not there.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut name = [0; 8];
    random().fill_bytes(&mut name);
    let partial = path.with_extension(format!("{}.partial", hex::encode(name)));
    // A file of this name that is there already, or a link, is never opened: it would keep its mode and its readers.
    let opened = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&partial);
    let written = opened.and_then(|file| {
        let written = replace_with(&partial, file, path, bytes);
        if written.is_err() {
            // What was written is a secret; that it could not be removed would say less than why it is there.
            drop(std::fs::remove_file(&partial));
        }
        written
    });
    written.map_err(|source| Failure::local(format!("{}: {source}", path.display())))
}

fn replace_with(partial: &Path, mut file: std::fs::File, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(partial, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    std::fs::File::open(folder)?.sync_all()
}

/// A contract in a file: its text, or an envelope with the signatures that it has so far.
pub(crate) fn contract_file(path: &Path) -> Result<ContractFile, Failure> {
    let bytes = read(path, TEXT_LIMIT)?;
    let at = |mut failure: Failure| {
        failure.message = format!("{}: {}", path.display(), failure.message);
        failure
    };
    if bytes.first() == Some(&b'{') {
        return ContractFile::decode(&bytes).map_err(|error| at(error.into()));
    }
    if let Ok(text) = core::str::from_utf8(&bytes) {
        let blanks = sealroom::Draft::new(text).blanks();
        if !blanks.is_empty() {
            let message = format!("{} has blanks left: {}", path.display(), blanks.join(", "));
            return Err(Failure::new(Exit::Malformed, message).hint("sealroom contract new --from fills them"));
        }
    }
    let contract = Contract::parse(&bytes).map_err(|error| at(error.into()))?;
    Ok(ContractFile::new(contract))
}

/// The contract in a file, whoever signed it.
pub(crate) fn contract(path: &Path) -> Result<Contract, Failure> {
    contract_file(path).map(|file| file.contract().clone())
}

#[cfg(test)]
mod tests {
    use super::{PASSPHRASE_FILE_LIMIT, PassphraseFlags, write_private};
    use std::fs;
    use std::os::unix::fs::{MetadataExt, symlink};

    #[test]
    fn a_result_is_its_owners_alone_and_follows_no_link() {
        let folder = tempfile::tempdir().unwrap();
        let (path, elsewhere) = (folder.path().join("result.csv"), folder.path().join("elsewhere"));
        fs::write(&elsewhere, "theirs").unwrap();
        symlink(&elsewhere, &path).unwrap();
        write_private(&path, b"secret").unwrap();
        assert_eq!(fs::read(&elsewhere).unwrap(), b"theirs");
        assert_eq!(fs::read(&path).unwrap(), b"secret");
        assert_eq!(fs::symlink_metadata(&path).unwrap().mode() & 0o7777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing else is left");
    }

    #[test]
    fn a_result_that_cannot_take_its_place_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("result.csv");
        fs::create_dir(&path).unwrap();
        write_private(&path, b"secret").unwrap_err();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_passphrase_is_the_first_line_of_a_short_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("passphrase");
        let given = |bytes: &[u8]| {
            fs::write(&path, bytes).unwrap();
            PassphraseFlags { passphrase_file: Some(path.clone()), passphrase_env: None }.given()
        };
        assert!(given(b"correct horse\nbattery").unwrap().is_some());
        let failure = given(&[b'x'; PASSPHRASE_FILE_LIMIT]).unwrap_err();
        assert_eq!(failure.message, format!("{}: expected less than 4096 bytes", path.display()));
        let failure = given(&[0xff]).unwrap_err();
        assert_eq!(failure.message, format!("{}: expected UTF-8 text", path.display()));
    }
}
