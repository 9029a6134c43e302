//! A fault at every step of the host, one at a time: nothing acknowledged is lost, and the store opens.

use crate::host::Fault;
use crate::world::{Content, LEVELS, World};
use sealroom_enclave_core::sealed::{Change, FreshnessLevel, SealTo, SealedError, Store};

/// What a life does, one commit after the other.
fn changes() -> Vec<Change> {
    let signer = SealTo::Signer { minimum_version: 1 };
    vec![
        Change::new().write("a", b"1").unwrap(),
        Change::new().write("a", b"2").unwrap().write("b", b"2").unwrap().new_epoch(),
        Change::new().remove("a").seal_to(&[signer, SealTo::Measurement]),
        Change::new().write("a", b"4").unwrap().write("b", b"4").unwrap(),
    ]
}

/// What the store holds after each of them.
fn contents() -> Vec<Content> {
    let content =
        |pairs: &[(&str, &[u8])]| pairs.iter().map(|(name, value)| ((*name).into(), value.to_vec())).collect();
    vec![
        content(&[]),
        content(&[("a", b"1")]),
        content(&[("a", b"2"), ("b", b"2")]),
        content(&[("b", b"2")]),
        content(&[("a", b"4"), ("b", b"4")]),
    ]
}

/// How far a life got: how many states were acknowledged (the first one is the created store), and whether it ended early.
fn live(world: &mut World) -> (usize, bool) {
    let Ok(mut store) = world.create() else { return (0, true) };
    for (acknowledged, change) in (1..).zip(changes()) {
        if store.commit(&mut world.means(), change).is_err() {
            return (acknowledged, true);
        }
    }
    (1 + changes().len(), false)
}

fn steps(level: FreshnessLevel) -> usize {
    let mut world = World::new(level);
    assert_eq!(live(&mut world), (5, false));
    world.host.steps()
}

#[test]
fn a_fault_at_any_step_loses_nothing_acknowledged_and_the_store_opens_and_goes_on() {
    let mut tried = 0;
    for level in LEVELS {
        for at in 0..steps(level) {
            for fault in [Fault::Fail, Fault::Tear, Fault::LoseAnswer] {
                let mut world = World::new(level);
                world.host.0.borrow_mut().fault = Some((at, fault));
                let (acknowledged, ended) = live(&mut world);
                assert!(ended, "{level} {at} {fault:?}: the fault was met");
                world.host.0.borrow_mut().fault = None;
                goes_on(&mut world, acknowledged, &format!("{level}, step {at}, {fault:?}"));
                tried += 1;
            }
        }
    }
    assert!(tried > 150, "{tried} faults were tried");
}

/// The next life: the state is the last acknowledged one or the one that was under way, and it stays.
fn goes_on(world: &mut World, acknowledged: usize, case: &str) {
    world.restart();
    let mut store = match world.open() {
        Ok(store) => store,
        // Only a store that nobody was told of may not be there.
        Err(SealedError::NoStore { .. }) if acknowledged == 0 => world.create().unwrap(),
        Err(error) => panic!("{case}: {error}"),
    };
    let content = world.content(&store).unwrap();
    let allowed = &contents()[acknowledged.saturating_sub(1)..(acknowledged + 1).min(5)];
    assert!(allowed.contains(&content), "{case}: {content:?} is not one of {allowed:?}");
    world.write(&mut store, "after", b"1").unwrap();
    world.restart();
    let store: Store = world.open().unwrap();
    let mut expected = content;
    expected.insert("after".into(), b"1".to_vec());
    assert_eq!(world.content(&store).unwrap(), expected, "{case}");
}

#[test]
fn a_fault_before_the_swap_changes_nothing_and_the_same_life_goes_on() {
    for fault in [Fault::Fail, Fault::Tear, Fault::LoseAnswer] {
        let mut world = World::new(FreshnessLevel::Session);
        let mut store = world.create().unwrap();
        world.write(&mut store, "a", b"1").unwrap();
        let here = world.host.steps();
        world.host.0.borrow_mut().fault = Some((here, fault));
        assert_eq!(world.write(&mut store, "a", b"2"), Err(SealedError::Storage));
        assert_eq!(world.read(&store, "a").unwrap(), b"1");
        assert_eq!(world.write(&mut store, "a", b"3").unwrap().version, 3);
        assert_eq!(world.read(&store, "a").unwrap(), b"3");
    }
}

#[test]
fn a_swap_without_an_answer_is_in_doubt_until_the_store_is_opened_again() {
    for (fault, expected) in [(Fault::Fail, b"1"), (Fault::LoseAnswer, b"2")] {
        let mut world = World::new(FreshnessLevel::Session);
        let mut store = world.create().unwrap();
        world.write(&mut store, "a", b"1").unwrap();
        // Object, manifest, a look at the pointer, then the pointer itself.
        let here = world.host.steps() + 3;
        world.host.0.borrow_mut().fault = Some((here, fault));
        assert_eq!(world.write(&mut store, "a", b"2"), Err(SealedError::InDoubt));
        assert_eq!(world.read(&store, "a"), Err(SealedError::InDoubt));
        assert_eq!(world.write(&mut store, "a", b"3"), Err(SealedError::InDoubt));
        // The same life: its register is not a new one.
        let store = world.open().unwrap();
        assert_eq!(world.read(&store, "a").unwrap(), expected);
    }
}
