//! Granting: the keys of this party's objects, for one run, to the enclave that was appraised.
//!
//! What always holds: the grant is in the party's memory, on disk, before this module returns it, so nobody can have one that
//! does not count; its keys are encrypted to the run key of a proposal that the appraised enclave signed, and open nowhere
//! else.

use crate::contract_file::{ContractFileError, check_party};
use crate::identity::Identity;
use crate::memory::{GrantRecord, Memory, MemoryError, NewGrant};
use crate::review::ReviewedProposal;
use rand_core::CryptoRng;
use sealroom_protocol::contract::time_text;
use sealroom_protocol::hash::sha256;
use sealroom_protocol::id::{GrantId, ObjectId};
use sealroom_protocol::identity::KeyError;
use sealroom_protocol::object::DataKey;
use sealroom_protocol::run::{Grant, SignedGrant};

/// When a grant is made and how long it holds, in Unix seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "two arguments of one type that could be swapped")]
pub struct GrantTimes {
    /// This machine's clock.
    pub clock: u64,
    /// First second at which the grant is void.
    pub expires: u64,
}

/// A grant that is written down and may be sent. Sending it again is harmless.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    grant: SignedGrant,
    ciphertext: Vec<u8>,
}

/// Why nothing was granted. No key left this machine.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GrantError {
    /// Another identity than the one that reviewed.
    #[error("expected the party that reviewed, \"{expected}\", found \"{found}\"; who grants reviews")]
    OtherParty {
        /// Who reviewed.
        expected: String,
        /// Who would grant.
        found: String,
    },
    /// The identity is not the party that the contract lists.
    #[error(transparent)]
    Party(#[from] ContractFileError),
    /// It would be void at once.
    #[error("expected an end of the grant after now, {}, found {}; give it longer", time_text(*.clock), time_text(*.expires))]
    Times {
        /// This machine's clock.
        clock: u64,
        /// When it would end.
        expires: u64,
    },
    /// The contract's time.
    #[error("expected a time from {} to {}, in which the contract holds, found {} by this machine's clock; set the clock, or agree on an amendment (sealroom contract amend)", time_text(*.not_before), time_text(*.expires), time_text(*.clock))]
    OutsideContract {
        /// First second.
        not_before: u64,
        /// First second after.
        expires: u64,
        /// This machine's clock.
        clock: u64,
    },
    /// The appraisal holds no longer: the time between the review and the grant counts too.
    #[error("expected a time before the end of the appraisal, {}, found {} by this machine's clock; appraise the room again", time_text(*.valid_until), time_text(*.clock))]
    StaleAppraisal {
        /// First second at which it no longer holds.
        valid_until: u64,
        /// This machine's clock.
        clock: u64,
    },
    /// The run key cannot be encrypted to.
    #[error(
        "expected a run's key that can be encrypted to, found: {0}; grant nothing: this enclave does not work as it should"
    )]
    RunKey(#[from] KeyError),
    /// The memory refuses, or could not write.
    #[error(transparent)]
    Memory(#[from] MemoryError),
}

impl ReviewedProposal<'_> {
    /// Grants it: writes the grant down, then returns it. From that moment it counts, sent or not.
    ///
    /// # Errors
    /// [`GrantError`]; nothing is written then.
    pub fn grant(
        self,
        identity: &Identity,
        memory: &Memory,
        times: GrantTimes,
        rng: &mut dyn CryptoRng,
    ) -> Result<Granted, GrantError> {
        let contract = self.room.contract();
        check_party(contract, identity)?;
        if identity.name() != self.party {
            return Err(GrantError::OtherParty { expected: self.party, found: identity.name().into() });
        }
        let GrantTimes { clock, expires } = times;
        if expires <= clock {
            return Err(GrantError::Times { clock, expires });
        }
        let terms = contract.terms();
        if clock < terms.not_before || clock >= terms.expires {
            return Err(GrantError::OutsideContract { not_before: terms.not_before, expires: terms.expires, clock });
        }
        let valid_until = self.room.attestation().valid_until_unix_seconds();
        if clock >= valid_until {
            return Err(GrantError::StaleAppraisal { valid_until, clock });
        }
        let proposal = &self.proposal;
        let mut objects: Vec<ObjectId> = terms
            .datasets
            .iter()
            .zip(&proposal.datasets)
            .filter(|(dataset, _)| dataset.owner == self.party)
            .map(|(_, proposed)| proposed.object)
            .collect();
        objects.extend(
            proposal.request.as_ref().filter(|request| request.requester == self.party).map(|request| request.object),
        );
        objects.sort_unstable();
        objects.dedup();
        let keys: Result<Vec<DataKey>, MemoryError> = objects.iter().map(|object| memory.data_key(object)).collect();
        let keys = keys?;
        let granted: Vec<(ObjectId, &DataKey)> = objects.into_iter().zip(&keys).collect();
        let mut id = [0; 32];
        rng.fill_bytes(&mut id);
        let id = GrantId::from_bytes(id);
        let ciphertext =
            Grant::encrypt_keys(&contract.id(), &proposal.id(), &self.party, &id, &proposal.run_key, &granted, rng)?;
        let record = memory.write_grant(contract, proposal, |count| {
            let grant = Grant {
                contract: contract.id(),
                proposal: proposal.id(),
                party: self.party.clone(),
                grant: id,
                run: proposal.run,
                count,
                clock,
                expires,
                ciphertext: hex::encode(sha256(&ciphertext)),
            };
            let grant = SignedGrant::sign(grant, identity.signing());
            Ok::<_, MemoryError>(NewGrant { grant, ciphertext, evidence: self.room.evidence().clone() })
        })?;
        Ok(Granted::of(&record))
    }
}

impl Granted {
    /// A grant in the memory, to send it again: it is the same one, and counts once.
    #[must_use]
    pub fn of(record: &GrantRecord) -> Self {
        Self { grant: record.grant.clone(), ciphertext: record.ciphertext.clone() }
    }

    /// The signed part, which anyone may read.
    #[must_use]
    pub const fn grant(&self) -> &SignedGrant {
        &self.grant
    }

    /// The signed part's envelope, as it is sent.
    #[must_use]
    pub fn envelope(&self) -> Vec<u8> {
        self.grant.encode()
    }

    /// The encrypted keys, as they are sent.
    #[must_use]
    pub fn ciphertext(&self) -> &[u8] {
        &self.ciphertext
    }

    /// The run number.
    #[must_use]
    pub const fn run(&self) -> u64 {
        self.grant.allegation().run
    }
}

#[cfg(test)]
mod tests;
