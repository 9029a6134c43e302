//! What a stranger writes of a recovery: a set of shares, a share that was given back.

use super::rng::Counter;
use super::shown::shown;
use sealroom_protocol::identity::{EncryptionSecret, SigningSecret};
use sealroom_protocol::recovery::{GivenShare, Helper, Owner, RecoverySet};
use std::sync::LazyLock;

/// The party of the seeds whose keys have this seed.
fn keys(seed: u8) -> (SigningSecret, EncryptionSecret) {
    (SigningSecret::from_seed(&[seed; 32]), EncryptionSecret::from_seed(&[seed; 32]))
}

/// The only set that the owner of the seeds ever signed: 2 of 3.
pub(crate) static SET: LazyLock<RecoverySet> = LazyLock::new(|| {
    let owner = keys(1);
    let helper = |seed: u8| {
        let (signing, encryption) = keys(seed);
        Helper::new(&format!("helper-{seed}"), signing.public(), encryption.public())
    };
    let helpers = [2, 3, 4].map(helper);
    let owner = Owner { name: "owner", signing: &owner.0, encryption: &owner.1 };
    RecoverySet::split(owner, &helpers, 2, &mut Counter::new()).expect("three helpers, each once")
});

/// Share 1 and share 2 of that set, given back.
pub(crate) static GIVEN: LazyLock<[GivenShare; 2]> = LazyLock::new(|| {
    [2, 3].map(|seed| {
        let (signing, encryption) = keys(seed);
        let receiver = receiver().public();
        SET.give(&signing, &encryption, &receiver, &mut Counter::new()).expect("a share of one's own")
    })
});

fn receiver() -> EncryptionSecret {
    EncryptionSecret::from_seed(&[9; 32])
}

/// Each form has one spelling; what the owner's key signed is its set; a helper gives no share of another set; and beside a good
/// share only the good one joins, into the owner's keys.
pub(crate) fn recovery(bytes: &[u8]) -> bool {
    let set = shown(RecoverySet::decode(bytes));
    if let Some(set) = &set {
        assert_eq!(set.encode(), bytes);
        let own = *set.signing_key() == keys(1).0.public();
        assert!(!own || *set == *SET, "nobody signed this set");
        let (signing, encryption) = keys(2);
        let given = shown(set.give(&signing, &encryption, &receiver().public(), &mut Counter::new()));
        assert!(given.is_none() || own, "a share of the owner opened in another set");
        if !own {
            assert!(shown(set.join(&receiver(), &*GIVEN)).is_none());
        }
    }
    let given = shown(GivenShare::decode(bytes));
    if let Some(given) = &given {
        assert_eq!(given.encode(), bytes);
        let [first, second] = &*GIVEN;
        match shown(SET.join(&receiver(), &[first.clone(), given.clone()])) {
            Some(keys_back) => {
                assert_eq!(given, second, "nobody signed this share");
                assert_eq!(keys_back.signing.public(), *SET.signing_key());
            }
            None => assert_ne!(given, second),
        }
    }
    set.is_some() || given.is_some()
}
