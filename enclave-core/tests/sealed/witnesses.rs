//! Witnesses that decide as those outside do, or lie, or say nothing; and what a register makes of their answers.

use crate::host::Disk;
use crate::world::{ID, World};
use sealroom_enclave_core::sealed::{FreshnessLevel, RegisterError, SealedError, WitnessKey};
use sealroom_protocol::hash::sha256;
use sealroom_protocol::identity::SigningSecret;
use sealroom_protocol::log::{
    AddCheckpoint, KeyUse, SignedCheckpoint, Tree, TreeHash, TreeHead, VerifierKey, WitnessSigner,
};
use std::collections::BTreeMap;

/// Seed of the store's log key, which witnesses know the public half of.
pub(crate) const LOG_SEED: [u8; 32] = [0x77; 32];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Honest,
    Silent,
    /// Signs whatever it is shown.
    Liar,
}

#[derive(Debug)]
pub(crate) struct TestWitness {
    signer: WitnessSigner,
    pub(crate) mode: Mode,
    /// Origin to the latest checkpoint that it cosigned.
    known: BTreeMap<String, TreeHead>,
}

impl TestWitness {
    pub(crate) fn new(byte: u8) -> Self {
        let signer = WitnessSigner::new(&format!("w{byte}.example"), SigningSecret::from_seed(&[byte; 32])).unwrap();
        Self { signer, mode: Mode::Honest, known: BTreeMap::new() }
    }

    pub(crate) fn key(&self) -> WitnessKey {
        let key = self.signer.verifier();
        WitnessKey { name: key.name().into(), key: *key.key() }
    }

    /// What this witness answers to the host that has these leaves: the request goes through its published form, and the
    /// decision is that of the witness that others run.
    pub(crate) fn cosign(&mut self, origin: &str, note: &str, leaves: &[&[u8]]) -> Option<String> {
        let tree = Tree::new(leaves.iter().map(|leaf| TreeHash::of_entry(leaf)).collect());
        let latest = self.known.get(origin);
        let old = latest.map_or(0, |head| head.size);
        let checkpoint = SignedCheckpoint::decode(note.as_bytes()).ok()?;
        let size = checkpoint.allegation().head().size;
        let request = AddCheckpoint::new(old, tree.consistency(old, size).unwrap_or_default(), checkpoint);
        let request = AddCheckpoint::decode(request.encode().as_bytes()).unwrap();
        let log = VerifierKey::new(origin, KeyUse::Log, SigningSecret::from_seed(&LOG_SEED).public()).unwrap();
        let head = match self.mode {
            Mode::Silent => return None,
            Mode::Liar => *request.checkpoint.allegation().head(),
            Mode::Honest => request.judge(&log, latest).ok()?,
        };
        self.known.insert(origin.into(), head);
        Some(format!("{}\n", self.signer.cosign(&request.checkpoint, 1_790_000_000)))
    }
}

/// RFC 6962 section 2.1.
fn root(leaves: &[&[u8]]) -> [u8; 32] {
    match leaves {
        [] => sha256(&[]),
        [leaf] => sha256(&[&[0], *leaf].concat()),
        _ => {
            let half = leaves.len().next_power_of_two() / 2;
            sha256(&[[1].as_slice(), &root(&leaves[..half]), &root(&leaves[half..])].concat())
        }
    }
}

/// Roots of the full subtrees, the largest first.
pub(crate) fn peaks(leaves: &[&[u8]]) -> Vec<[u8; 32]> {
    if leaves.is_empty() {
        return Vec::new();
    }
    let full = (leaves.len() + 1).next_power_of_two() / 2;
    let (left, right) = leaves.split_at(full);
    [vec![root(left)], peaks(right)].concat()
}

fn modes(world: &World, modes: &[Mode]) {
    world.host.0.borrow_mut().witnesses.iter_mut().zip(modes).for_each(|(witness, mode)| witness.mode = *mode);
}

fn cosignatures(needed: usize, found: usize) -> SealedError {
    RegisterError::Cosignatures { needed, found }.into()
}

/// A store with one object at 1, a backup of the disk, and the object at 2.
fn two_states(world: &mut World) -> Disk {
    let mut store = world.create().unwrap();
    world.write(&mut store, "count", b"1").unwrap();
    let backup = world.host.disk();
    world.write(&mut store, "count", b"2").unwrap();
    backup
}

#[test]
fn an_old_disk_is_refused_at_level_witness_whoever_is_silent() {
    for silent in 0..3 {
        let mut world = World::new(FreshnessLevel::Witness);
        let backup = two_states(&mut world);
        let newest = world.host.disk();
        world.host.restore_disk(backup);
        let mut all = [Mode::Honest; 3];
        all[silent] = Mode::Silent;
        modes(&world, &all);
        world.restart();
        assert_eq!(world.open().map(|_| ()), Err(cosignatures(2, 0)));
        world.host.restore_disk(newest);
        world.restart();
        let store = world.open().unwrap();
        assert_eq!(world.read(&store, "count").unwrap(), b"2");
    }
}

#[test]
fn an_old_disk_is_refused_with_as_many_liars_and_silent_ones_as_are_allowed() {
    // Three of four, one of which may lie: 2·3 > 4 + 1.
    let mut world = World::with_witnesses(4, 3, 1);
    let backup = two_states(&mut world);
    world.host.restore_disk(backup);
    modes(&world, &[Mode::Liar, Mode::Honest, Mode::Honest, Mode::Honest]);
    world.restart();
    assert_eq!(world.open().map(|_| ()), Err(cosignatures(3, 1)));
    // A second liar is one too many, and with it the refusal is gone if the third signature comes from one that was down.
    let mut world = World::with_witnesses(4, 3, 1);
    let mut store = world.create().unwrap();
    world.write(&mut store, "count", b"1").unwrap();
    let backup = world.host.disk();
    modes(&world, &[Mode::Honest, Mode::Honest, Mode::Honest, Mode::Silent]);
    world.write(&mut store, "count", b"2").unwrap();
    world.host.restore_disk(backup);
    modes(&world, &[Mode::Liar, Mode::Honest, Mode::Honest, Mode::Honest]);
    world.restart();
    assert_eq!(world.open().map(|_| ()), Err(cosignatures(3, 2)));
}

#[test]
fn with_too_few_witnesses_nothing_is_acknowledged_and_it_goes_on_when_they_are_back() {
    let mut world = World::new(FreshnessLevel::Witness);
    let mut store = world.create().unwrap();
    modes(&world, &[Mode::Honest, Mode::Silent, Mode::Silent]);
    assert_eq!(world.write(&mut store, "count", b"1").map(|_| ()), Err(SealedError::InDoubt));
    assert_eq!(world.read(&store, "count"), Err(SealedError::InDoubt));
    assert_eq!(world.open().map(|_| ()), Err(cosignatures(2, 1)));
    modes(&world, &[Mode::Honest; 3]);
    let mut store = world.open().unwrap();
    // The host wrote it down before it asked, so it became true after all.
    assert_eq!(world.read(&store, "count").unwrap(), b"1");
    world.write(&mut store, "count", b"2").unwrap();
}

#[test]
fn of_two_instances_one_goes_on_and_the_other_is_told() {
    let mut world = World::new(FreshnessLevel::Witness);
    let mut first = world.create().unwrap();
    let mut other = World::new(FreshnessLevel::Witness);
    other.host = world.host.clone();
    other.restart();
    other.rng = rand_core::SeedableRng::from_seed([8; 32]);
    other.recorder = world.recorder.clone();
    let mut second = other.open().unwrap();
    let expected = Some(anchored(&first));
    let conflict = SealedError::Forked { expected, found: None };
    assert_eq!(world.write(&mut first, "count", b"1").map(|_| ()), Err(conflict.clone()));
    assert_eq!(world.read(&first, "count"), Err(conflict));
    other.write(&mut second, "count", b"2").unwrap();
    assert_eq!(other.read(&second, "count").unwrap(), b"2");
    second.confirm(&mut other.means()).unwrap();
    assert_eq!(first.confirm(&mut world.means()), Err(SealedError::Forked { expected, found: None }));
}

#[test]
fn two_instances_on_two_copies_of_the_disk_do_not_both_go_on() {
    let mut world = World::new(FreshnessLevel::Witness);
    let mut first = world.create().unwrap();
    let copy = world.host.disk();
    let mut other = World::new(FreshnessLevel::Witness);
    other.host = world.host.clone();
    other.restart();
    other.rng = rand_core::SeedableRng::from_seed([8; 32]);
    other.recorder = world.recorder.clone();
    let mut second = other.open().unwrap();
    other.write(&mut second, "count", b"2").unwrap();
    world.host.restore_disk(copy);
    assert_eq!(world.write(&mut first, "count", b"1").map(|_| ()), Err(SealedError::InDoubt));
    assert_eq!(world.open().map(|_| ()), Err(cosignatures(2, 0)));
}

fn anchored(store: &sealroom_enclave_core::sealed::Store) -> sealroom_enclave_core::sealed::Anchored {
    let report = store.report().unwrap();
    sealroom_enclave_core::sealed::Anchored { version: report.version, digest: report.digest }
}

#[test]
fn a_store_that_the_witnesses_know_already_is_not_moved_to_them_again() {
    let mut world = World::new(FreshnessLevel::Witness);
    let mut store = world.create().unwrap();
    let expected = SealedError::Forked { expected: None, found: Some(anchored(&store)) };
    assert_eq!(store.move_to(world.register.as_mut(), &mut world.rng), Err(expected.clone()));
    assert_eq!(store.report(), Err(expected));
}

#[test]
fn a_host_cannot_append_to_the_log_itself() {
    let mut world = World::new(FreshnessLevel::Witness);
    two_states(&mut world);
    let origin = format!("sealroom-sealed-store/{ID}");
    let mut disk = world.host.disk();
    // A genuine leaf of the state at 1, appended behind that of the state at 2: witnesses would cosign an extension of it.
    let old = disk.logs[&origin][1].clone();
    disk.logs.get_mut(&origin).unwrap().push(old);
    world.host.restore_disk(disk.clone());
    world.restart();
    assert_eq!(world.open().map(|_| ()), Err(RegisterError::LogSignature.into()));
    // The same with another last leaf under the last signature.
    let log = disk.logs.get_mut(&origin).unwrap();
    log.pop();
    let last = log.len() - 1;
    log[last].0 = log[1].0.clone();
    world.host.restore_disk(disk);
    world.restart();
    assert_eq!(world.open().map(|_| ()), Err(RegisterError::LogSignature.into()));
}

#[test]
fn a_hidden_log_does_not_let_a_store_be_begun_again() {
    let mut world = World::new(FreshnessLevel::Witness);
    two_states(&mut world);
    world.host.restore_disk(Disk::default());
    world.restart();
    assert_eq!(world.open().map(|_| ()), Err(SealedError::NoStore { store: ID }));
    assert_eq!(world.create().map(|_| ()), Err(SealedError::InDoubt));
    world.restart();
    assert_eq!(world.open().map(|_| ()), Err(cosignatures(2, 0)));
}
