//! What a store does when everyone is honest, at every level, and what it refuses of its own caller.

use crate::host::Disk;
use crate::world::{HERE, ID, LEVELS, World};
use sealroom_enclave_core::sealed::{Change, FreshnessLevel, SealTo, SealedError, Store, StoreTerms};
use std::collections::BTreeMap;

#[test]
fn what_was_committed_is_there_in_the_next_life_at_every_level() {
    for level in LEVELS {
        let mut world = World::new(level);
        let mut store = world.create().unwrap();
        let change = Change::new().write("a", b"1").unwrap().write("b", &[7; 3_000_000]).unwrap();
        assert_eq!(store.commit(&mut world.means(), change).unwrap().version, 2);
        let change = Change::new().write("a", b"").unwrap().remove("missing");
        let committed = store.commit(&mut world.means(), change).unwrap();
        assert_eq!((committed.version, committed.obsolete.len()), (3, 2));
        world.restart();
        let store = world.open().unwrap();
        let expected = BTreeMap::from([("a".into(), Vec::new()), ("b".into(), vec![7; 3_000_000])]);
        assert_eq!(world.content(&store).unwrap(), expected);
        assert!(world.recorder.pairs() >= 190, "the recorder saw every chunk");
    }
}

#[test]
#[should_panic(expected = "one key and nonce encrypted twice")]
fn a_generator_that_repeats_itself_after_a_restore_is_found_by_the_recorder() {
    let mut world = World::new(FreshnessLevel::None);
    world.create().unwrap();
    let (disk, rng) = (world.host.disk(), world.rng.clone());
    for value in [b"1", b"2"] {
        world.host.restore_disk(disk.clone());
        world.rng = rng.clone();
        let mut store = world.open().unwrap();
        world.write(&mut store, "a", value).unwrap();
    }
}

#[test]
fn blobs_that_are_obsolete_are_not_needed_any_more() {
    let mut world = World::new(FreshnessLevel::Witness);
    let mut store = world.create().unwrap();
    for value in [b"1", b"2", b"3"] {
        let obsolete = world.write(&mut store, "a", value).unwrap().obsolete;
        world.host.0.borrow_mut().disk.blobs.retain(|name, _| !obsolete.contains(name));
    }
    world.restart();
    let store = world.open().unwrap();
    assert_eq!(world.read(&store, "a").unwrap(), b"3");
    assert_eq!(world.host.disk().blobs.len(), 2, "a manifest and an object");
}

#[test]
fn a_caller_that_demands_more_than_there_is_is_refused() {
    for offered in LEVELS {
        let mut world = World::new(offered);
        world.create().unwrap();
        for demanded in LEVELS {
            let opened = Store::open(&mut world.means(), ID, demanded).map(|_| ());
            let expected =
                if offered.satisfies(demanded) { Ok(()) } else { Err(SealedError::Freshness { demanded, offered }) };
            assert_eq!(opened, expected);
        }
    }
}

#[test]
fn a_report_and_every_object_say_their_level() {
    for level in LEVELS {
        let mut world = World::new(level);
        let mut store = world.create().unwrap();
        world.write(&mut store, "a", b"1").unwrap();
        let report = store.report().unwrap();
        assert_eq!((report.level, report.version, report.objects, report.below_level), (level, 2, 1, 0));
        assert!(report.to_string().starts_with(&format!("freshness {level}: store {ID}, version 2")), "{report}");
        assert_eq!(store.entries().unwrap().next().unwrap().1.level, level);
        let opened = store.read(&mut world.means(), "a", FreshnessLevel::None).unwrap();
        assert_eq!((opened.level, opened.version), (level, 2));
    }
}

#[test]
fn what_was_written_below_the_witnesses_stays_below_until_it_is_written_again() {
    let mut world = World::new(FreshnessLevel::None);
    let mut store = world.create().unwrap();
    world.write(&mut store, "a", b"1").unwrap();
    // The log of the witnesses begins where the host's word says that the store stands.
    world.level = FreshnessLevel::Witness;
    world.restart();
    store.move_to(world.register.as_mut(), &mut world.rng).unwrap();
    assert_eq!(store.report().unwrap().below_level, 1);
    let (demanded, offered) = (FreshnessLevel::Witness, FreshnessLevel::Session);
    assert_eq!(world.read(&store, "a"), Err(SealedError::Freshness { demanded, offered }));
    world.write(&mut store, "a", b"1").unwrap();
    assert_eq!(world.read(&store, "a").unwrap(), b"1");
    let mut lower = crate::world::register(FreshnessLevel::None, &world.host, 0, 0);
    let (demanded, offered) = (FreshnessLevel::Witness, FreshnessLevel::None);
    let moved = store.move_to(lower.as_mut(), &mut world.rng);
    assert_eq!(moved, Err(SealedError::Freshness { demanded, offered }));
    // And the host's word is not enough any more.
    let report = store.report().unwrap();
    let mut record = report.version.to_le_bytes().to_vec();
    record.extend_from_slice(report.digest.as_bytes());
    world.host.0.borrow_mut().disk.pointers.insert(ID, record);
    world.level = FreshnessLevel::None;
    world.restart();
    let (written, offered) = (FreshnessLevel::Witness, FreshnessLevel::None);
    assert_eq!(world.open().map(|_| ()), Err(SealedError::LevelLowered { written, offered }));
}

#[test]
fn a_store_is_begun_once_and_opened_only_when_it_was_begun() {
    for level in LEVELS {
        let mut world = World::new(level);
        assert_eq!(world.open().map(|_| ()), Err(SealedError::NoStore { store: ID }));
        world.create().unwrap();
        assert_eq!(world.create().map(|_| ()), Err(SealedError::Exists { store: ID, version: 1 }));
    }
}

#[test]
fn missing_blobs_are_never_a_fresh_start() {
    let mut world = World::new(FreshnessLevel::Witness);
    let store = world.create().unwrap();
    let blob = store.report().unwrap().digest;
    let logs = world.host.disk().logs;
    world.host.restore_disk(Disk { logs, ..Disk::default() });
    world.restart();
    assert_eq!(world.open().map(|_| ()), Err(SealedError::Missing { blob }));
}

#[test]
fn what_a_store_cannot_keep_is_refused_before_anything_changes() {
    let mut world = World::new(FreshnessLevel::Session);
    let terms = StoreTerms { seal_to: Vec::new(), ..world.terms() };
    let none = SealedError::TooMany { what: "seal policies", limit: 4, found: 0 };
    assert_eq!(Store::create(&mut world.means(), &terms).map(|_| ()), Err(none));
    let mut store = world.create().unwrap();
    let five = Change::new().seal_to(&[HERE; 5]);
    let refused = SealedError::TooMany { what: "seal policies", limit: 4, found: 5 };
    assert_eq!(store.commit(&mut world.means(), five), Err(refused));
    let newer = Change::new().seal_to(&[SealTo::Signer { minimum_version: 2 }]);
    let refused = SealedError::Downgrade { minimum: 2, found: 1 };
    assert_eq!(store.commit(&mut world.means(), newer), Err(refused));
    for name in [String::new(), "n".repeat(256)] {
        let found = name.len();
        assert_eq!(Change::new().write(&name, b"").map(|_| ()), Err(SealedError::Name { limit: 255, found }));
    }
    let found = (64 << 20) + 1;
    let long = world.write(&mut store, "long", &vec![0; found]);
    assert_eq!(long, Err(SealedError::TooLong { limit: 64 << 20, found }));
    assert_eq!(world.read(&store, "a"), Err(SealedError::NoObject));
    assert_eq!(world.write(&mut store, "a", b"1").unwrap().version, 2);
}
