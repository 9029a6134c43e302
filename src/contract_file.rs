//! A contract on its way through the parties: one envelope that each signs and hands on.
//!
//! What always holds: a [`ContractFile`] holds a text that keeps every rule, and only signatures of its parties that hold.
//! Whether all have signed, [`ContractFile::complete`] says; only what it returns is good for anything.

use crate::file;
use crate::identity::Identity;
use sealroom_protocol::contract::{Contract, ContractError, SignedContract};
use sealroom_protocol::dsse::{ENVELOPE_LIMIT, Envelope, PayloadType};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// A contract and the signatures that it has so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractFile {
    contract: Contract,
    envelope: Envelope,
}

/// Why a contract file cannot be read, signed or completed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContractFileError {
    /// The operating system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// The text, the envelope or a signature.
    #[error(transparent)]
    Contract(#[from] ContractError),
    /// The key that would sign is no party's.
    #[error(
        "\"{name}\" (fingerprint {fingerprint}) is no party of contract \"{contract}\"; put this identity's card into the draft"
    )]
    NotAParty {
        /// Name in the key file.
        name: String,
        /// Its fingerprint.
        fingerprint: String,
        /// Name of the contract.
        contract: String,
    },
    /// The contract gives this party other keys, or another name, than the key file has.
    #[error(
        "the contract lists the key of this identity as party \"{expected}\", with {what} that differs from the key file's; correct the draft from the card"
    )]
    OtherKeys {
        /// Name of the party in the contract.
        expected: String,
        /// `name` or `encryption key`.
        what: &'static str,
    },
}

impl ContractFile {
    /// A contract that nobody has signed yet.
    #[must_use]
    pub fn new(contract: Contract) -> Self {
        let envelope = contract.unsigned_envelope();
        Self { contract, envelope }
    }

    /// The contract in an envelope's bytes. Every signature that is there must be a party's and hold.
    ///
    /// # Errors
    /// [`ContractFileError::Contract`].
    pub fn decode(bytes: &[u8]) -> Result<Self, ContractFileError> {
        let envelope = Envelope::decode(bytes, PayloadType::Contract).map_err(ContractError::from)?;
        let contract = Contract::of_envelope(&envelope)?;
        contract.signatures(&envelope)?;
        Ok(Self { contract, envelope })
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`ContractFileError::Io`], [`ContractFileError::Contract`].
    pub fn load(path: &Path) -> Result<Self, ContractFileError> {
        let limit = u64::try_from(ENVELOPE_LIMIT).unwrap_or(u64::MAX);
        let bytes = File::open(path).and_then(|file| file::read_limited(file, limit));
        Self::decode(&bytes.map_err(|source| ContractFileError::Io { path: path.into(), source })?)
    }

    /// Writes the file, replacing an older one.
    ///
    /// # Errors
    /// [`ContractFileError::Io`].
    pub fn save(&self, path: &Path) -> Result<(), ContractFileError> {
        file::replace_public(path, &self.encode()).map_err(|source| ContractFileError::Io { path: path.into(), source })
    }

    /// Signs as the party whose keys these are. Signing is agreeing to the whole text: show it first.
    ///
    /// # Errors
    /// [`ContractFileError::NotAParty`], [`ContractFileError::OtherKeys`].
    pub fn sign(&mut self, identity: &Identity) -> Result<(), ContractFileError> {
        check_party(&self.contract, identity)?;
        self.contract.sign(&mut self.envelope, identity.signing())?;
        Ok(())
    }

    /// Adds the signatures of another copy of the same contract.
    ///
    /// # Errors
    /// [`ContractFileError::Contract`] with [`ContractError::OtherText`] when it is another contract's.
    pub fn merge(&mut self, other: &Self) -> Result<(), ContractFileError> {
        if other.contract.id() != self.contract.id() {
            return Err(ContractError::OtherText.into());
        }
        self.envelope.merge(&other.envelope, PayloadType::Contract).map_err(ContractError::from)?;
        Ok(())
    }

    /// The text and what it says.
    #[must_use]
    pub const fn contract(&self) -> &Contract {
        &self.contract
    }

    /// Names of the parties that have signed, in the order of the contract.
    #[must_use]
    pub fn signed_by(&self) -> Vec<&str> {
        self.names(true)
    }

    /// Names of the parties that have not, in the order of the contract.
    #[must_use]
    pub fn missing(&self) -> Vec<&str> {
        self.names(false)
    }

    fn names(&self, signed: bool) -> Vec<&str> {
        let parties = self.contract.terms().parties.iter();
        let wanted = parties.filter(|party| self.envelope.is_signed_by(&party.signing_key) == signed);
        wanted.map(|party| party.name.as_str()).collect()
    }

    /// The contract that every party signed.
    ///
    /// # Errors
    /// [`ContractFileError::Contract`] naming the first party whose signature is missing.
    pub fn complete(&self) -> Result<SignedContract, ContractFileError> {
        Ok(SignedContract::verify(&self.envelope)?)
    }

    /// The envelope's canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.envelope.encode()
    }
}

/// The party of the contract that this identity is, with exactly its name and keys.
///
/// # Errors
/// [`ContractFileError::NotAParty`], [`ContractFileError::OtherKeys`].
pub(crate) fn check_party(contract: &Contract, identity: &Identity) -> Result<(), ContractFileError> {
    let card = identity.card();
    let Some(party) = contract.party_by_key(&card.signing_key) else {
        return Err(ContractFileError::NotAParty {
            name: card.name.clone(),
            fingerprint: card.fingerprint(),
            contract: contract.terms().name.clone(),
        });
    };
    let what = if party.name != card.name {
        "name"
    } else if party.encryption_key != card.encryption_key {
        "encryption key"
    } else {
        return Ok(());
    };
    Err(ContractFileError::OtherKeys { expected: party.name.clone(), what })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Parties, contract_of};

    #[test]
    fn a_contract_is_complete_when_every_party_signed_and_copies_merge() {
        let parties = Parties::new();
        let contract = contract_of(&parties);
        let mut first = ContractFile::new(contract.clone());
        let mut second = first.clone();
        first.sign(&parties.alpha).unwrap();
        second.sign(&parties.beta).unwrap();
        second.sign(&parties.institute).unwrap();
        assert_eq!(first.signed_by(), ["alpha"]);
        assert_eq!(first.missing(), ["beta", "institute"]);
        let error = first.complete().unwrap_err();
        let ContractFileError::Contract(error) = error else { panic!("{error}") };
        assert_eq!(error, ContractError::SignatureMissing { party: "beta".into() });
        first.merge(&second).unwrap();
        assert_eq!(first.complete().unwrap().contract(), &contract);
        assert_eq!(ContractFile::decode(&first.encode()).unwrap(), first);
    }

    #[test]
    fn only_a_party_with_the_keys_of_the_contract_signs() {
        let parties = Parties::new();
        let mut file = ContractFile::new(contract_of(&parties));
        let stranger = Parties::new().alpha;
        assert!(matches!(file.sign(&stranger), Err(ContractFileError::NotAParty { name, .. }) if name == "alpha"));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("heart.contract");
        file.save(&path).unwrap();
        assert_eq!(ContractFile::load(&path).unwrap(), file);
    }

    #[test]
    fn copies_of_two_contracts_do_not_merge() {
        let mut one = ContractFile::new(contract_of(&Parties::new()));
        let other = ContractFile::new(contract_of(&Parties::new()));
        let ContractFileError::Contract(error) = one.merge(&other).unwrap_err() else { panic!("another error") };
        assert_eq!(error, ContractError::OtherText);
    }
}
