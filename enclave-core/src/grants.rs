//! The grants of one proposal: who must grant, who has, and the keys that came with them.
//!
//! What always holds: a key is kept only when its grant's signature, proposal, expiry, count and ciphertext held, and
//! only for the granting party's own objects; all are wiped when this value is dropped.

use crate::refusal::Refusal;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use sealroom_protocol::contract::Contract;
use sealroom_protocol::dsse::Envelope;
use sealroom_protocol::id::{ContractId, ObjectId, ProposalId};
use sealroom_protocol::identity::EncryptionSecret;
use sealroom_protocol::object::DataKey;
use sealroom_protocol::run::{Proposal, SignedGrant};

/// Grants so far.
#[derive(Debug)]
pub(crate) struct Grants {
    contract: ContractId,
    proposal: ProposalId,
    run: u64,
    /// In the contract's order of parties.
    parties: Vec<Granting>,
    keys: BTreeMap<ObjectId, DataKey>,
}

#[derive(Debug)]
struct Granting {
    party: String,
    /// The party's own objects in the proposal, ascending.
    objects: Vec<ObjectId>,
    grant: Option<SignedGrant>,
}

impl Grants {
    /// No grants yet, for this proposal.
    pub(crate) fn new(contract: &Contract, proposal: &Proposal) -> Self {
        let parties = contract.granting_parties();
        let parties = parties.into_iter().map(|party| {
            let datasets = &contract.terms().datasets;
            let owned = datasets.iter().zip(&proposal.datasets).filter(|(terms, _)| terms.owner == party.name);
            let mut objects: Vec<ObjectId> = owned.map(|(_, proposed)| proposed.object).collect();
            let asked = proposal.request.as_ref().filter(|request| request.requester == party.name);
            objects.extend(asked.map(|request| request.object));
            objects.sort_unstable();
            objects.dedup();
            Granting { party: party.name.clone(), objects, grant: None }
        });
        Self {
            contract: proposal.contract,
            proposal: proposal.id(),
            run: proposal.run,
            parties: parties.collect(),
            keys: BTreeMap::new(),
        }
    }

    /// Takes one grant; gives the clock of who signed it.
    pub(crate) fn take(
        &mut self,
        contract: &Contract,
        bytes: &[u8],
        ciphertext: &[u8],
        run_secret: &EncryptionSecret,
        latest: u64,
    ) -> Result<u64, Refusal> {
        let signed = SignedGrant::decode(bytes).map_err(Refusal::GrantForm)?;
        let party = signed.allegation().party.clone();
        let terms = contract.terms();
        let key = contract.party(&party).map(|party| party.signing_key);
        let granting = self.parties.iter_mut().find(|granting| granting.party == party);
        let (Some(key), Some(granting)) = (key, granting) else {
            return Err(Refusal::GrantParty { party });
        };
        let grant = match signed.verify(&key) {
            Ok(grant) => grant,
            Err(source) => return Err(Refusal::GrantSignature { party, source }),
        };
        if grant.contract != self.contract {
            return Err(Refusal::GrantContract { party, expected: self.contract, found: grant.contract });
        }
        if grant.proposal != self.proposal {
            return Err(Refusal::GrantProposal { party, expected: self.proposal, found: grant.proposal });
        }
        if grant.run != self.run {
            return Err(Refusal::GrantRun { party, expected: self.run, found: grant.run });
        }
        if granting.grant.is_some() {
            return Err(Refusal::GrantTwice { party });
        }
        if grant.clock < terms.not_before {
            return Err(Refusal::TooEarly { not_before: terms.not_before, now: grant.clock });
        }
        let now = latest.max(grant.clock);
        if grant.expires <= now {
            return Err(Refusal::GrantExpired { party, expires: grant.expires, now });
        }
        if grant.count == 0 || grant.count > terms.limits.runs {
            return Err(Refusal::GrantCount { party, count: grant.count, limit: terms.limits.runs });
        }
        let keys = match grant.decrypt_keys(run_secret, ciphertext) {
            Ok(keys) => keys,
            Err(source) => return Err(Refusal::GrantKeys { party, source }),
        };
        if !keys.objects().eq(&granting.objects) {
            let (expected, found) = (granting.objects.clone(), keys.objects().copied().collect());
            return Err(Refusal::GrantObjects { party, expected, found });
        }
        let clock = grant.clock;
        self.keys.extend(keys.into_keys());
        granting.grant = Some(signed);
        Ok(clock)
    }

    /// Parties whose grant is missing, in the contract's order.
    pub(crate) fn missing(&self) -> Vec<String> {
        let missing = self.parties.iter().filter(|granting| granting.grant.is_none());
        missing.map(|granting| granting.party.clone()).collect()
    }

    /// Whether any grant is over at `now`.
    pub(crate) fn any_expired(&self, now: u64) -> bool {
        self.signed().any(|(_, grant)| grant.allegation().expires <= now)
    }

    /// The grants that came, as a receipt carries them.
    pub(crate) fn envelopes(&self) -> Vec<Envelope> {
        self.signed().map(|(_, grant)| grant.envelope().clone()).collect()
    }

    /// Every granting party, with what its grant says it has counted.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (&str, u64)> {
        self.parties.iter().map(|granting| {
            (granting.party.as_str(), granting.grant.as_ref().map_or(0, |grant| grant.allegation().count))
        })
    }

    /// Wipes every key that came.
    pub(crate) fn forget_keys(&mut self) {
        self.keys.clear();
    }

    /// Takes the key of one object, by value: each opens one reader.
    pub(crate) fn take_key(&mut self, object: &ObjectId) -> Option<DataKey> {
        self.keys.remove(object)
    }

    fn signed(&self) -> impl Iterator<Item = (&str, &SignedGrant)> {
        self.parties.iter().filter_map(|granting| granting.grant.as_ref().map(|grant| (granting.party.as_str(), grant)))
    }
}
