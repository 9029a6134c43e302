//! Flags of parties, and what they mean: a party with its keys and memory, a contract.
//!
//! What always holds: a passphrase comes from a prompt, a file or the environment, never from the command line, where every
//! process of the machine could read it.

use super::exit::{Exit, Failure};
use super::output::Output;
use super::typed::{TEXT_LIMIT, read};
use clap::Args;
use sealroom::{Contract, ContractFile, Identity, IdentityError, Memory, MemoryError, Passphrase};
use sealroom_protocol::id::ContractId;
use std::path::{Path, PathBuf};

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
            let text = std::fs::read_to_string(path);
            let text = text.map_err(|source| Failure::local(format!("{}: {source}", path.display())))?;
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

/// Writes a file that only its owner may read, replacing an older one: under another name first, so it is whole or not there.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let partial = path.with_extension(format!("{}.partial", std::process::id()));
    let written = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&partial);
    let written = written.and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    let written = written.and_then(|()| std::fs::rename(&partial, path));
    written.map_err(|source| Failure::local(format!("{}: {source}", path.display())))
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
