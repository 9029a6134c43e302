//! Signatures on a contract: one by each party, over the text itself.
//!
//! What always holds: having a [`SignedContract`] means that every party signed this text, and nobody else did.

use super::Contract;
use super::error::ContractError;
use super::terms::Party;
use crate::dsse::{Envelope, EnvelopeError, PayloadType};
use crate::identity::{SigningPublicKey, SigningSecret};
use alloc::string::String;
use alloc::vec::Vec;

/// A contract that every party signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedContract {
    contract: Contract,
    envelope: Envelope,
}

impl SignedContract {
    /// The contract in this envelope, if every party signed it and nobody else did.
    ///
    /// # Errors
    /// [`ContractError`]: of the text first, then the first party whose signature is missing or does not hold, then a
    /// foreign signature.
    pub fn verify(envelope: &Envelope) -> Result<Self, ContractError> {
        let contract = Contract::of_envelope(envelope)?;
        envelope.verify_all(&contract.signing_keys()).map_err(|error| contract.name_signer(error))?;
        Ok(Self { contract, envelope: envelope.clone() })
    }

    /// [`verify`](Self::verify) of an envelope's bytes.
    ///
    /// # Errors
    /// [`ContractError::Envelope`] where the bytes are no envelope of a contract, and those of [`verify`](Self::verify).
    pub fn decode(bytes: &[u8]) -> Result<Self, ContractError> {
        Self::verify(&Envelope::decode(bytes, PayloadType::Contract)?)
    }

    /// What was signed.
    #[must_use]
    pub const fn contract(&self) -> &Contract {
        &self.contract
    }

    /// The envelope with all signatures, to keep and to pass on.
    #[must_use]
    pub const fn envelope(&self) -> &Envelope {
        &self.envelope
    }
}

/// Who has signed so far, and who has not; in the order of the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Signatures<'a> {
    /// Parties whose signatures hold.
    pub signed: Vec<&'a Party>,
    /// Parties whose signatures are not there.
    pub missing: Vec<&'a Party>,
}

impl Contract {
    /// The contract in an envelope, whoever signed it.
    ///
    /// # Errors
    /// [`ContractError::Envelope`] for an envelope of something else, and those of [`Contract::parse`].
    pub fn of_envelope(envelope: &Envelope) -> Result<Self, ContractError> {
        // An envelope made in memory was not decoded: only decoding checks its type and the order of its signatures.
        let envelope = Envelope::decode(&envelope.encode(), PayloadType::Contract)?;
        Self::parse(envelope.payload())
    }

    /// The envelope of this text that nobody has signed yet.
    #[must_use]
    pub fn unsigned_envelope(&self) -> Envelope {
        Envelope::unsigned(PayloadType::Contract, self.text().as_bytes().to_vec())
    }

    /// Adds the signature of the party whose key this is.
    ///
    /// # Errors
    /// [`ContractError::OtherText`] for an envelope of another contract, [`ContractError::SignatureForeign`] for the key
    /// of no party.
    pub fn sign<'a>(&'a self, envelope: &mut Envelope, secret: &SigningSecret) -> Result<&'a Party, ContractError> {
        self.refuse_other_text(envelope)?;
        let key = secret.public();
        let foreign = || ContractError::SignatureForeign { key_id: hex::encode(key.as_bytes()) };
        let party = self.party_by_key(&key).ok_or_else(foreign)?;
        envelope.sign(secret);
        Ok(party)
    }

    /// Verifies the signatures that are there.
    ///
    /// # Errors
    /// [`ContractError::OtherText`], [`ContractError::SignatureBad`] or [`ContractError::SignatureForeign`].
    pub fn signatures<'a>(&'a self, envelope: &Envelope) -> Result<Signatures<'a>, ContractError> {
        self.refuse_other_text(envelope)?;
        let (signed, missing): (Vec<_>, Vec<_>) =
            self.terms().parties.iter().partition(|party| envelope.is_signed_by(&party.signing_key));
        let keys: Vec<SigningPublicKey> = signed.iter().map(|party| party.signing_key).collect();
        envelope.verify_all(&keys).map_err(|error| self.name_signer(error))?;
        Ok(Signatures { signed, missing })
    }

    fn refuse_other_text(&self, envelope: &Envelope) -> Result<(), ContractError> {
        let envelope = Envelope::decode(&envelope.encode(), PayloadType::Contract)?;
        if envelope.payload() == self.text().as_bytes() { Ok(()) } else { Err(ContractError::OtherText) }
    }

    fn signing_keys(&self) -> Vec<SigningPublicKey> {
        self.terms().parties.iter().map(|party| party.signing_key).collect()
    }

    /// Says the party's name where the envelope says a key.
    fn name_signer(&self, error: EnvelopeError) -> ContractError {
        let name = |key| self.party_by_key(key).map_or_else(String::new, |party| party.name.clone());
        match error {
            EnvelopeError::Missing { key } => ContractError::SignatureMissing { party: name(&key) },
            EnvelopeError::Bad { key } => ContractError::SignatureBad { party: name(&key) },
            EnvelopeError::Foreign { key_id } => ContractError::SignatureForeign { key_id },
            other => ContractError::Envelope(other),
        }
    }
}
