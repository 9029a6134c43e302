//! Recovery of a party's keys: what joins, and every attack of `spec/recovery.md`, section 5.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is a test's failure report")]

#[path = "../../../fuzz/targets/rng.rs"]
mod rng;

mod attacks;
mod forge;
mod world;

use sealroom_protocol::recovery::{GivenShare, RecoveryError, RecoverySet};
use world::World;

#[test]
fn any_k_helpers_give_the_keys_back() {
    let world = World::new(2, 3);
    for chosen in [[0, 1], [0, 2], [1, 2], [2, 0]] {
        let given = chosen.map(|helper| world.give(helper));
        let keys = world.set.join(&world.receiver, &given).unwrap();
        assert_eq!(keys.signing.expose_seed(), world.owner.0.expose_seed());
        assert_eq!(keys.encryption.expose_secret(), world.owner.1.expose_secret());
    }
    // More than are needed, all of them right.
    let given = [0, 1, 2].map(|helper| world.give(helper));
    assert_eq!(world.set.join(&world.receiver, &given).unwrap().signing.public(), world.owner.0.public());
}

#[test]
fn fewer_than_k_helpers_give_nothing_back() {
    let world = World::new(3, 4);
    assert_eq!(world.set.join(&world.receiver, &[]).unwrap_err(), RecoveryError::TooFew { needed: 3, found: 0 });
    let given = [world.give(0), world.give(3)];
    assert_eq!(world.set.join(&world.receiver, &given).unwrap_err(), RecoveryError::TooFew { needed: 3, found: 2 });
}

#[test]
fn files_decode_to_the_same_bytes() {
    let world = World::new(2, 32);
    let bytes = world.set.encode();
    let decoded = RecoverySet::decode(&bytes).unwrap();
    assert_eq!((decoded.encode(), &decoded), (bytes, &world.set));
    assert_eq!((decoded.name(), decoded.threshold(), decoded.shares().len()), ("cleveland", 2, 32));
    let given = world.give(31);
    assert_eq!(GivenShare::decode(&given.encode()), Ok(given.clone()));
    assert_eq!((given.index(), given.receiver()), (32, &world.receiver.public()));
}

#[test]
fn nothing_printed_shows_a_secret() {
    let world = World::new(2, 2);
    let given = [world.give(0), world.give(1)];
    let keys = world.set.join(&world.receiver, &given).unwrap();
    assert_eq!(format!("{keys:?}"), "RecoveredKeys");
}
