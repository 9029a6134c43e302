//! Key epochs, re-wrapping to other policies, newer images and newer firmware.

use crate::platform::TestPlatform;
use crate::world::{HERE, ID, World};
use sealroom_enclave_core::sealed::{Change, FreshnessLevel, SealTo, SealedError, Store, StoreTerms};

const OLD: SealTo = SealTo::Signer { minimum_version: 1 };
const NEW: SealTo = SealTo::Signer { minimum_version: 2 };

/// A store that is sealed to a signer's images from version 1 on, with one object.
fn signers_store() -> (World, Store) {
    let mut world = World::new(FreshnessLevel::Witness);
    let terms = StoreTerms { seal_to: vec![OLD], ..world.terms() };
    let mut store = Store::create(&mut world.means(), &terms).unwrap();
    world.write(&mut store, "a", b"1").unwrap();
    (world, store)
}

#[test]
fn a_newer_image_takes_a_store_over_and_leaves_the_older_one_behind() {
    let (mut world, _) = signers_store();
    world.platform = TestPlatform::new(2, 2);
    world.restart();
    let mut store = world.open().unwrap();
    assert_eq!(world.read(&store, "a").unwrap(), b"1");
    // While both images run, both policies: the older one still opens it.
    store.commit(&mut world.means(), Change::new().seal_to(&[NEW, OLD])).unwrap();
    world.platform = TestPlatform::new(1, 1);
    world.restart();
    assert_eq!(world.open().unwrap().report().unwrap().seal_to, [NEW, OLD]);
    world.platform = TestPlatform::new(2, 2);
    world.restart();
    let mut store = world.open().unwrap();
    store.commit(&mut world.means(), Change::new().seal_to(&[NEW])).unwrap();
    world.write(&mut store, "a", b"2").unwrap();
    world.platform = TestPlatform::new(1, 1);
    world.restart();
    assert_eq!(world.open().map(|_| ()), Err(SealedError::Downgrade { minimum: 2, found: 1 }));
    world.platform = TestPlatform::new(3, 3);
    world.restart();
    let store = world.open().unwrap();
    assert_eq!(world.read(&store, "a").unwrap(), b"2");
}

#[test]
fn what_is_sealed_to_one_measurement_is_nobody_elses() {
    let mut world = World::new(FreshnessLevel::Session);
    world.create().unwrap();
    world.platform = TestPlatform::new(2, 9);
    world.restart();
    assert_eq!(world.open().map(|_| ()), Err(SealedError::OtherEnclave { slots: 1 }));
    world.platform = TestPlatform { machine: 2, ..TestPlatform::new(1, 1) };
    assert_eq!(world.open().map(|_| ()), Err(SealedError::OtherEnclave { slots: 1 }));
}

#[test]
fn newer_firmware_opens_what_older_firmware_sealed_and_a_new_epoch_moves_to_it() {
    let mut world = World::new(FreshnessLevel::Session);
    world.create().unwrap();
    world.platform.firmware = 2;
    world.restart();
    let mut store = world.open().unwrap();
    store.commit(&mut world.means(), Change::new().new_epoch()).unwrap();
    world.restart();
    world.open().unwrap();
    // Firmware that went back cannot derive the newer key.
    world.platform.firmware = 1;
    assert_eq!(world.open().map(|_| ()), Err(SealedError::OtherEnclave { slots: 1 }));
}

#[test]
fn an_older_key_is_kept_until_the_last_object_under_it_is_written_again() {
    let mut world = World::new(FreshnessLevel::Witness);
    let mut store = world.create().unwrap();
    world.write(&mut store, "a", b"1").unwrap();
    world.write(&mut store, "b", b"2").unwrap();
    store.commit(&mut world.means(), Change::new().new_epoch()).unwrap();
    assert_eq!((store.behind().unwrap(), store.report().unwrap().epoch), (vec!["a".into(), "b".into()], 4));
    world.write(&mut store, "b", b"3").unwrap();
    store.commit(&mut world.means(), Change::new().new_epoch()).unwrap();
    world.restart();
    let mut store = world.open().unwrap();
    assert_eq!(store.behind().unwrap(), ["a", "b"]);
    assert_eq!((world.read(&store, "a").unwrap(), world.read(&store, "b").unwrap()), (b"1".to_vec(), b"3".to_vec()));
    for name in store.behind().unwrap() {
        let value = world.read(&store, &name).unwrap();
        world.write(&mut store, &name, &value).unwrap();
    }
    assert_eq!(store.report().unwrap().behind, 0);
    world.restart();
    let store = world.open().unwrap();
    assert_eq!((world.read(&store, "a").unwrap(), world.read(&store, "b").unwrap()), (b"1".to_vec(), b"3".to_vec()));
}

#[test]
fn a_debugger_or_a_bad_key_ends_the_search_for_a_slot() {
    let (mut world, mut store) = signers_store();
    store.commit(&mut world.means(), Change::new().seal_to(&[HERE, OLD])).unwrap();
    world.platform.debug = true;
    world.restart();
    assert_eq!(Store::open(&mut world.means(), ID, FreshnessLevel::None).map(|_| ()), Err(SealedError::DebugEnclave));
    world.platform = TestPlatform { defect: crate::platform::Defect::Zero, ..TestPlatform::new(1, 1) };
    world.restart();
    assert_eq!(Store::open(&mut world.means(), ID, FreshnessLevel::None).map(|_| ()), Err(SealedError::KeyZero));
}
