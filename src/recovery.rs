//! Recovery of a party's keys, from a party's side: cards in, a key file out. `docs/recovery.md`, `protocol/spec/recovery.md`.
//!
//! What always holds: what is recovered is the keys, never what a party remembers: its memory begins as one that forgot
//! every grant ([`Memory::begin_recovered`](crate::Memory::begin_recovered)).

use crate::identity::{Card, Identity};
use rand_core::CryptoRng;
use sealroom_protocol::recovery::{GivenShare, Helper, Owner, RecoveryError, RecoverySet};

impl Identity {
    /// Splits these keys so that any `needed` of the helpers can give them back, and fewer have nothing.
    ///
    /// # Errors
    /// [`RecoveryError`], where so many helpers can not be, or one of them is there twice or is this party.
    pub fn split(&self, helpers: &[Card], needed: u8, rng: &mut dyn CryptoRng) -> Result<RecoverySet, RecoveryError> {
        let helpers: Vec<Helper> =
            helpers.iter().map(|card| Helper::new(&card.name, card.signing_key, card.encryption_key.clone())).collect();
        let owner = Owner { name: self.name(), signing: self.signing(), encryption: self.encryption() };
        RecoverySet::split(owner, &helpers, needed, rng)
    }

    /// As a helper, gives the share that this party keeps to who asks for it. Show a person to whom: whoever gets enough
    /// shares has the owner's keys, and anyone can make a card.
    ///
    /// # Errors
    /// [`RecoveryError::NoHelper`], [`RecoveryError::Decryption`], [`RecoveryError::Commitment`].
    pub fn give_share(
        &self,
        set: &RecoverySet,
        receiver: &Card,
        rng: &mut dyn CryptoRng,
    ) -> Result<GivenShare, RecoveryError> {
        set.give(self.signing(), self.encryption(), &receiver.encryption_key, rng)
    }

    /// As the receiver, joins shares into the identity that was lost.
    ///
    /// # Errors
    /// [`RecoveryError`]; a wrong share is named.
    pub fn join_shares(&self, set: &RecoverySet, shares: &[GivenShare]) -> Result<Self, RecoveryError> {
        let keys = set.join(self.encryption(), shares)?;
        Ok(Self::from_keys(set.name(), keys.signing, keys.encryption))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Enclave, Parties, contract_of};
    use crate::{Memory, MemoryError, random};

    fn parties() -> [Identity; 4] {
        ["cleveland", "basel", "bern", "chur"].map(|name| Identity::generate(name, &mut random()).unwrap())
    }

    #[test]
    fn keys_come_back_from_two_of_three_helpers() {
        let [owner, basel, bern, chur] = parties();
        let set = owner.split(&[basel.card(), bern.card(), chur.card()], 2, &mut random()).unwrap();
        let receiver = Identity::generate("cleveland-anew", &mut random()).unwrap();
        let given = [&chur, &basel].map(|helper| helper.give_share(&set, &receiver.card(), &mut random()).unwrap());
        let recovered = receiver.join_shares(&set, &given).unwrap();
        assert_eq!(recovered.card(), owner.card());
        assert_eq!(recovered.signing().expose_seed(), owner.signing().expose_seed());
        let refused = receiver.join_shares(&set, &given[..1]).unwrap_err();
        assert_eq!(refused, RecoveryError::TooFew { needed: 2, found: 1 });
    }

    #[test]
    fn a_recovered_partys_memory_grants_only_what_it_agreed_to_since() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("alpha.memory");
        let (parties, enclave) = (Parties::new(), Enclave::new());
        let owner = parties.alpha.signing().public();
        let (old, new) = (contract_of(&parties), contract_of(&parties));
        drop(Memory::begin_recovered(&path, &owner).unwrap());
        let taken = Memory::begin_recovered(&path, &owner).unwrap_err();
        assert!(matches!(taken, MemoryError::Io { source, .. } if source.kind() == std::io::ErrorKind::AlreadyExists));
        let objects = [[1; 32], [2; 32]].map(sealroom_protocol::id::ObjectId::from_bytes);
        let memory = Memory::open(&path, &owner).unwrap();
        memory.agree(&new.id()).unwrap();
        for contract in [&old, &new] {
            let key = sealroom_protocol::object::DataKey::generate(&mut random());
            memory.remember_key(&objects[0], &key).unwrap();
            memory.bring_object(&contract.id(), "patients-alpha", &objects[0]).unwrap();
        }
        let ask =
            |memory: &Memory, contract| memory.check_proposal(contract, &enclave.proposal(contract, 1, objects, None));
        assert!(matches!(ask(&memory, &old), Err(MemoryError::Restored { contract }) if contract == old.id()));
        assert!(memory.is_recovered() && memory.state(&old).unwrap().restored);
        assert_eq!(ask(&memory, &new).unwrap(), 1);
        drop(memory);
        // It stays so when it is opened again, and an ordinary memory is none.
        let again = Memory::open(&path, &owner).unwrap();
        assert!(matches!(ask(&again, &old), Err(MemoryError::Restored { .. })));
        assert_eq!(ask(&again, &new).unwrap(), 1);
        let ordinary = Memory::open(&folder.path().join("other.memory"), &owner).unwrap();
        ordinary.agree(&old.id()).unwrap();
        assert!(!ordinary.is_recovered() && !ordinary.state(&old).unwrap().restored);
    }
}
