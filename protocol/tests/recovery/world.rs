//! An owner, its helpers, a set, and who gets the keys back.

use super::rng::Counter;
use sealroom_protocol::identity::{EncryptionSecret, SigningSecret};
use sealroom_protocol::recovery::{GivenShare, Helper, Owner, RecoveryError, RecoverySet};

pub(crate) type Keys = (SigningSecret, EncryptionSecret);

pub(crate) struct World {
    pub(crate) owner: Keys,
    pub(crate) helpers: Vec<Keys>,
    pub(crate) set: RecoverySet,
    pub(crate) receiver: EncryptionSecret,
}

pub(crate) fn keys(seed: u8) -> Keys {
    (SigningSecret::from_seed(&[seed; 32]), EncryptionSecret::from_seed(&[seed ^ 0x80; 32]))
}

pub(crate) fn helper(name: &str, keys: &Keys) -> Helper {
    Helper::new(name, keys.0.public(), keys.1.public())
}

/// A set of these helpers, named `helper-1` and so on.
pub(crate) fn split(owner: &Keys, helpers: &[&Keys], threshold: u8) -> Result<RecoverySet, RecoveryError> {
    let helpers: Vec<Helper> =
        helpers.iter().zip(1..).map(|(keys, number)| helper(&format!("helper-{number}"), keys)).collect();
    RecoverySet::split(
        Owner { name: "cleveland", signing: &owner.0, encryption: &owner.1 },
        &helpers,
        threshold,
        &mut Counter::new(),
    )
}

impl World {
    pub(crate) fn new(threshold: u8, helpers: u8) -> Self {
        let owner = keys(1);
        let helpers: Vec<Keys> = (0..helpers).map(|number| keys(10 + number)).collect();
        let set = split(&owner, &helpers.iter().collect::<Vec<_>>(), threshold).unwrap();
        Self { owner, helpers, set, receiver: EncryptionSecret::from_seed(&[200; 32]) }
    }

    /// The share of a helper, numbered from 0, given to the receiver.
    pub(crate) fn give(&self, helper: usize) -> GivenShare {
        self.give_to(helper, &self.receiver)
    }

    pub(crate) fn give_to(&self, helper: usize, receiver: &EncryptionSecret) -> GivenShare {
        let (signing, encryption) = &self.helpers[helper];
        self.set.give(signing, encryption, &receiver.public(), &mut Counter::new()).unwrap()
    }
}
