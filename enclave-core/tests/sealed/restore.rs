//! Restores that the owners order, and everything that passes for one.

use crate::world::{ID, World};
use sealroom_enclave_core::sealed::{Change, FreshnessLevel, Owners, SealedError, Store, StoreTerms};
use sealroom_protocol::id::{ObjectId, StoreId};
use sealroom_protocol::identity::SigningSecret;
use sealroom_protocol::restore::{Restore, RestoreError, SignedRestore};

fn owner(byte: u8) -> SigningSecret {
    SigningSecret::from_seed(&[byte; 32])
}

/// A store of two of three owners, at version 3; its object is 2, and was 1 at version 2.
fn owned() -> (World, Store, Restore) {
    let mut world = World::new(FreshnessLevel::Witness);
    let owners = Owners::of([21, 22, 23].map(|byte| owner(byte).public()).into(), 2).unwrap();
    let terms = StoreTerms { owners, ..world.terms() };
    let mut store = Store::create(&mut world.means(), &terms).unwrap();
    let old = world.write(&mut store, "count", b"1").unwrap();
    let new = world.write(&mut store, "count", b"2").unwrap();
    let restore = Restore {
        store: ID,
        from_version: new.version,
        from: new.digest,
        to_version: old.version,
        to: old.digest,
        reason: "counted twice on 3 May".into(),
    };
    (world, store, restore)
}

fn signed(restore: &Restore, owners: &[u8]) -> Vec<u8> {
    let mut signed = SignedRestore::sign(restore.clone(), &owner(owners[0]));
    owners[1..].iter().for_each(|byte| signed.add(&owner(*byte)));
    signed.encode()
}

fn restored(world: &mut World, order: &[u8]) -> Result<Store, SealedError> {
    world.restart();
    let level = world.level;
    Store::restore(&mut world.means(), ID, level, order)
}

#[test]
fn enough_owners_bring_an_old_state_back_as_a_new_version_once_and_it_is_logged() {
    let (mut world, _, restore) = owned();
    let order = signed(&restore, &[21, 23]);
    let store = restored(&mut world, &order).unwrap();
    let report = store.report().unwrap();
    assert_eq!((report.version, report.epoch, report.behind), (4, 4, 1));
    assert_eq!(report.restores, [restore]);
    assert_eq!(world.read(&store, "count").unwrap(), b"1");
    let again = restored(&mut world, &order).map(|_| ());
    assert_eq!(again, Err(SealedError::RestoreElsewhere { field: "newest state" }));
    let mut store = world.open().unwrap();
    world.write(&mut store, "count", b"5").unwrap();
    assert_eq!(store.report().unwrap().restores.len(), 1);
}

#[test]
fn a_state_whose_blobs_are_lost_is_left_behind_by_order() {
    let (mut world, store, restore) = owned();
    let newest = store.report().unwrap().digest;
    world.host.0.borrow_mut().disk.blobs.remove(&newest);
    world.restart();
    assert_eq!(world.open().map(|_| ()), Err(SealedError::Missing { blob: newest }));
    let store = restored(&mut world, &signed(&restore, &[22, 23])).unwrap();
    assert_eq!(world.read(&store, "count").unwrap(), b"1");
}

#[test]
fn an_order_that_is_not_one_changes_nothing() {
    let (mut world, _, restore) = owned();
    let refusals = [
        (signed(&restore, &[21]), SealedError::Restore(RestoreError::Owners { needed: 2, found: 1 })),
        (signed(&restore, &[21, 22, 9]), SealedError::Restore(RestoreError::Stranger)),
        (
            signed(&Restore { store: StoreId::from_bytes([0; 32]), ..restore.clone() }, &[21, 22]),
            SealedError::RestoreElsewhere { field: "store" },
        ),
        (
            signed(&Restore { from_version: 2, ..restore.clone() }, &[21, 22]),
            SealedError::RestoreElsewhere { field: "newest state" },
        ),
        (
            signed(&Restore { to_version: 3, to: restore.from, ..restore.clone() }, &[21, 22]),
            SealedError::RestoreElsewhere { field: "older state" },
        ),
        (signed(&Restore { to_version: 1, ..restore.clone() }, &[21, 22]), SealedError::Misplaced { field: "version" }),
        (
            signed(&Restore { to: ObjectId::from_bytes([4; 32]), ..restore.clone() }, &[21, 22]),
            SealedError::Missing { blob: ObjectId::from_bytes([4; 32]) },
        ),
    ];
    for (order, expected) in refusals {
        assert_eq!(restored(&mut world, &order).map(|_| ()), Err(expected));
    }
    let store = world.open().unwrap();
    assert_eq!(world.read(&store, "count").unwrap(), b"2");
}

#[test]
fn a_store_of_nobody_is_not_restored_and_owners_are_distinct() {
    let mut world = World::new(FreshnessLevel::Session);
    let mut store = world.create().unwrap();
    let old = world.write(&mut store, "count", b"1").unwrap();
    let new = world.write(&mut store, "count", b"2").unwrap();
    let restore = Restore {
        store: ID,
        from_version: new.version,
        from: new.digest,
        to_version: old.version,
        to: old.digest,
        reason: String::new(),
    };
    let expected = SealedError::Restore(RestoreError::Owners { needed: 0, found: 0 });
    assert_eq!(restored(&mut world, &signed(&restore, &[21])).map(|_| ()), Err(expected));
    let key = owner(1).public();
    assert_eq!(Owners::of(vec![key, key], 1), Err(SealedError::Owners { needed: 1, owners: 2 }));
    assert_eq!(Owners::of(vec![key], 0), Err(SealedError::Owners { needed: 0, owners: 1 }));
    assert_eq!(Owners::of(vec![key], 2), Err(SealedError::Owners { needed: 2, owners: 1 }));
}

#[test]
fn a_state_that_lacks_an_objects_blob_is_not_brought_back() {
    let (mut world, store, restore) = owned();
    let needed = store.entries().unwrap().next().unwrap().1.object;
    // Everything but manifests and the newest object: the object of the older state is gone.
    let manifests = [restore.from, restore.to, needed];
    let lost: Vec<ObjectId> = world.host.disk().blobs.into_keys().filter(|blob| !manifests.contains(blob)).collect();
    world.host.0.borrow_mut().disk.blobs.retain(|blob, _| manifests.contains(blob));
    let refused = restored(&mut world, &signed(&restore, &[21, 22])).map(|_| ());
    assert!(lost.iter().any(|blob| refused == Err(SealedError::Missing { blob: *blob })), "{refused:?}");
    world.restart();
    let mut store = world.open().unwrap();
    store.commit(&mut world.means(), Change::new().remove("count")).unwrap();
}
