//! One thing changed in a good store, and the error that it must end in: the table of `protocol/spec/sealed.md`, section 8.

use crate::platform::TestPlatform;
use crate::world::{ID, World};
use sealroom_enclave_core::sealed::{FreshnessLevel, RegisterError, SealedError, Store, StoreTerms};
use sealroom_protocol::id::{ObjectId, StoreId};
use sealroom_protocol::object::{Manifest, ObjectError};

/// Where the header begins in a blob: magic, length of the manifest, its magic, length of the header.
const HEADER: usize = 8 + 4 + 8 + 4;

/// A store at level none, so that the host chooses the digest too, with one object at "2" that was at "1".
fn world() -> (World, Store) {
    let mut world = World::new(FreshnessLevel::None);
    let mut store = world.create().unwrap();
    world.write(&mut store, "a", b"1").unwrap();
    world.write(&mut store, "a", b"2").unwrap();
    (world, store)
}

fn manifest_of(store: &Store) -> ObjectId {
    store.report().unwrap().digest
}

fn object_of(store: &Store) -> ObjectId {
    store.entries().unwrap().next().unwrap().1.object
}

/// Shows `bytes` as this blob.
fn show(world: &World, name: ObjectId, bytes: Vec<u8>) {
    world.host.0.borrow_mut().disk.blobs.insert(name, bytes);
}

fn blob(world: &World, name: ObjectId) -> Vec<u8> {
    world.host.disk().blobs[&name].clone()
}

/// Shows these bytes under their own id, and points at them as the newest state.
fn point_at(world: &World, id: StoreId, version: u64, bytes: Vec<u8>) {
    let length = u32::from_le_bytes(bytes[8..12].try_into().unwrap());
    let manifest = Manifest::decode(&bytes[12..12 + usize::try_from(length).unwrap()]).unwrap();
    let record = [version.to_le_bytes().as_slice(), manifest.id().as_bytes()].concat();
    show(world, manifest.id(), bytes);
    world.host.0.borrow_mut().disk.pointers.insert(id, record);
}

fn header_length(blob: &[u8]) -> usize {
    usize::try_from(u32::from_le_bytes(blob[HEADER - 4..HEADER].try_into().unwrap())).unwrap()
}

#[test]
fn row_01_an_older_object_in_place_of_the_newest_is_refused() {
    let (mut world, store) = world();
    let expected = object_of(&store);
    let blobs = world.host.disk().blobs;
    for (found, bytes) in blobs.into_iter().filter(|(name, _)| *name != expected) {
        show(&world, expected, bytes);
        let refused = ObjectError::OtherObject { expected, found };
        assert_eq!(world.read(&store, "a"), Err(SealedError::Object(refused)));
    }
}

#[test]
fn row_02_an_older_manifest_in_place_of_the_newest_is_refused() {
    let (mut world, store) = world();
    let expected = manifest_of(&store);
    let blobs = world.host.disk().blobs;
    for (found, bytes) in blobs.into_iter().filter(|(name, _)| *name != expected) {
        show(&world, expected, bytes);
        let refused = ObjectError::OtherObject { expected, found };
        assert_eq!(world.open().map(|_| ()), Err(SealedError::Object(refused)));
    }
}

#[test]
fn row_03_a_manifest_of_another_store_is_refused() {
    let (mut world, _) = world();
    let other = StoreId::from_bytes([9; 32]);
    let terms = StoreTerms { id: other, ..world.terms() };
    let foreign = manifest_of(&Store::create(&mut world.means(), &terms).unwrap());
    let bytes = blob(&world, foreign);
    point_at(&world, ID, 1, bytes);
    assert_eq!(world.open().map(|_| ()), Err(SealedError::Misplaced { field: "store" }));
}

#[test]
fn row_04_an_object_that_is_no_manifest_is_refused() {
    let (mut world, store) = world();
    let bytes = blob(&world, object_of(&store));
    point_at(&world, ID, 3, bytes);
    assert_eq!(world.open().map(|_| ()), Err(SealedError::Misplaced { field: "kind" }));
}

#[test]
fn row_05_a_state_under_another_version_number_is_refused() {
    let (mut world, store) = world();
    let bytes = blob(&world, manifest_of(&store));
    for version in [1, 2, 4, u64::MAX] {
        point_at(&world, ID, version, bytes.clone());
        assert_eq!(world.open().map(|_| ()), Err(SealedError::Misplaced { field: "version" }));
    }
}

#[test]
fn row_06_a_blob_that_is_cut_anywhere_is_refused() {
    let (mut world, store) = world();
    for (name, is_manifest) in [(manifest_of(&store), true), (object_of(&store), false)] {
        let good = blob(&world, name);
        for length in 0..good.len() {
            show(&world, name, good[..length].to_vec());
            let refused = if is_manifest { world.open().map(|_| ()) } else { world.read(&store, "a").map(|_| ()) };
            let expected = if length < 8 { SealedError::Version } else { SealedError::Length { found: length } };
            assert_eq!(refused, Err(expected), "cut at {length}");
        }
        show(&world, name, good);
    }
}

#[test]
fn row_07_a_blob_with_bytes_added_is_refused() {
    let (mut world, store) = world();
    let longer = [blob(&world, object_of(&store)), vec![0]].concat();
    let found = longer.len();
    show(&world, object_of(&store), longer);
    assert_eq!(world.read(&store, "a"), Err(SealedError::Length { found }));
}

#[test]
fn row_08_a_flipped_bit_of_a_header_is_another_object() {
    let (mut world, store) = world();
    for (name, is_manifest) in [(manifest_of(&store), true), (object_of(&store), false)] {
        let good = blob(&world, name);
        for bit in HEADER * 8..(HEADER + header_length(&good)) * 8 {
            let mut bytes = good.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            show(&world, name, bytes);
            let refused = if is_manifest { world.open().map(|_| ()) } else { world.read(&store, "a").map(|_| ()) };
            let Err(SealedError::Object(ObjectError::OtherObject { expected, .. })) = refused else {
                panic!("bit {bit}: {refused:?}");
            };
            assert_eq!(expected, name);
        }
        show(&world, name, good);
    }
}

#[test]
fn row_09_a_flipped_bit_anywhere_else_is_refused() {
    let (mut world, store) = world();
    let name = object_of(&store);
    let good = blob(&world, name);
    let header = HEADER..HEADER + header_length(&good);
    for place in (0..good.len()).filter(|place| !header.contains(place)) {
        let mut bytes = good.clone();
        bytes[place] ^= 0x10;
        show(&world, name, bytes);
        let refused = world.read(&store, "a").unwrap_err();
        let typed = matches!(refused, SealedError::Version | SealedError::Length { .. } | SealedError::Object(_));
        assert!(typed, "byte {place}: {refused:?}");
    }
}

#[test]
fn row_10_a_changed_field_of_the_header_is_refused_also_where_the_host_chooses_the_digest() {
    let (mut world, store) = world();
    let good = blob(&world, manifest_of(&store));
    let mut changed = |place: usize, bit: u8| {
        let mut bytes = good.clone();
        bytes[HEADER + place] ^= bit;
        point_at(&world, ID, 3, bytes);
        world.open().map(|_| ()).unwrap_err()
    };
    // Magic, kind, level, store, version, epoch, length of the name, number of slots, first slot's length and magic.
    assert_eq!(changed(0, 1), SealedError::Version);
    assert_eq!(changed(8, 1), SealedError::Header { field: "kind" });
    assert_eq!(changed(8, 7), SealedError::Header { field: "end" });
    let (written, offered) = (FreshnessLevel::Session, FreshnessLevel::None);
    assert_eq!(changed(9, 1), SealedError::LevelLowered { written, offered });
    assert_eq!(changed(9, 4), SealedError::Header { field: "freshness level" });
    for place in 10..42 {
        assert_eq!(changed(place, 1), SealedError::Misplaced { field: "store" });
    }
    for place in 42..50 {
        assert_eq!(changed(place, 1), SealedError::Misplaced { field: "version" });
    }
    for place in 50..58 {
        assert_eq!(changed(place, 1), SealedError::Misplaced { field: "store or epoch" });
    }
    assert_eq!(changed(58, 1), SealedError::Header { field: "slots" });
    assert_eq!(changed(62, 2), SealedError::Header { field: "slots" });
    assert_eq!(changed(63, 1), SealedError::Header { field: "slots" });
    assert_eq!(changed(67, 1), SealedError::Version);
}

#[test]
fn row_11_the_epoch_key_of_another_store_or_epoch_does_not_fit() {
    let (mut world, store) = world();
    let other = StoreId::from_bytes([9; 32]);
    let terms = StoreTerms { id: other, ..world.terms() };
    let foreign = manifest_of(&Store::create(&mut world.means(), &terms).unwrap());
    let (good, foreign) = (blob(&world, manifest_of(&store)), blob(&world, foreign));
    // Both headers have the same lengths: put the foreign slot into this store's header.
    let mut bytes = good;
    let slots = HEADER + 62..HEADER + header_length(&foreign);
    bytes[slots.clone()].copy_from_slice(&foreign[slots]);
    point_at(&world, ID, 3, bytes);
    assert_eq!(world.open().map(|_| ()), Err(SealedError::Misplaced { field: "store or epoch" }));
}

#[test]
fn row_12_a_header_changed_under_a_slot_that_fits_is_not_the_keys() {
    let (mut world, store) = world();
    // The newest manifest's body under the header of the one before it: same store, epoch and slot.
    let newest = blob(&world, manifest_of(&store));
    let mut bytes = newest.clone();
    bytes[HEADER + 42] = 2;
    point_at(&world, ID, 2, bytes);
    assert_eq!(world.open().map(|_| ()), Err(SealedError::Object(ObjectError::Commitment)));
    point_at(&world, ID, 3, newest);
    world.open().unwrap();
}

#[test]
fn row_13_an_old_state_is_what_it_is_said_to_be_at_each_level() {
    for level in [FreshnessLevel::None, FreshnessLevel::Session, FreshnessLevel::Witness] {
        let mut world = World::new(level);
        let mut store = world.create().unwrap();
        world.write(&mut store, "a", b"1").unwrap();
        let old = store.report().unwrap();
        let backup = world.host.disk();
        world.write(&mut store, "a", b"2").unwrap();
        let newest = store.report().unwrap();
        world.host.restore_disk(backup);
        let anchored = |report: &sealroom_enclave_core::sealed::Report| {
            Some(sealroom_enclave_core::sealed::Anchored { version: report.version, digest: report.digest })
        };
        // The same life, asked again.
        let same_life = world.open().map(|store| store.report().unwrap().version);
        let rolled_back = RegisterError::Rollback { expected: anchored(&newest), found: anchored(&old) };
        assert_eq!(
            same_life,
            match level {
                FreshnessLevel::None => Ok(2),
                FreshnessLevel::Session => Err(rolled_back.into()),
                FreshnessLevel::Witness => Err(RegisterError::Conflict { found: None }.into()),
            }
        );
        // The next life.
        world.restart();
        let next_life = world.open().map(|store| store.report().unwrap().version);
        assert_eq!(
            next_life,
            match level {
                FreshnessLevel::None | FreshnessLevel::Session => Ok(2),
                FreshnessLevel::Witness => Err(RegisterError::Cosignatures { needed: 2, found: 0 }.into()),
            }
        );
    }
}

#[test]
fn row_14_another_image_or_machine_opens_nothing() {
    let (mut world, _) = world();
    for platform in [TestPlatform::new(2, 1), TestPlatform { machine: 2, ..TestPlatform::new(1, 1) }] {
        world.platform = platform;
        assert_eq!(world.open().map(|_| ()), Err(SealedError::OtherEnclave { slots: 1 }));
    }
}
