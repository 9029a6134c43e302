//! The register of level witness: leaves of a log that k of n witnesses cosign, f of them liars. Two instances, crashes at any
//! signature, and a host that is honest or shows any end of any history it ever saw.
//!
//! The steps are those of `WitnessRegister`: an opening appends a leaf that says the same state again, a change one that says the
//! next; either is done with k cosignatures. A history is a tree of leaves; a witness knows one leaf and cosigns what is under it.

use crate::search::{Model, breaks, holds};

/// Most honest witnesses.
const HONEST: usize = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// The host has the log's key: it appends any state that ever was.
    HostAppends,
    /// The host asks witnesses before it wrote the leaf down.
    AsksBeforeItWrites,
    /// Opening trusts the last cosigned leaf without a leaf of its own.
    OpensWithoutALeaf,
}

#[derive(Debug, Clone, Copy)]
struct Quorum {
    witnesses: usize,
    needed: usize,
    liars: usize,
    honest_host: bool,
    fault: Fault,
    /// Most leaves of all histories together.
    leaves: usize,
}

/// A leaf: what it is appended to, and which state it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Leaf {
    parent: usize,
    state: usize,
}

/// A state of the store: what it was made from, and whether it was acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Version {
    parent: usize,
    acknowledged: bool,
    /// Not acknowledged when something else than its parent was relied on.
    superseded: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Instance {
    Down,
    /// A leaf is being cosigned; by these honest witnesses it was. What was acknowledged when it began must be in it.
    Asking {
        leaf: usize,
        signed: u8,
        before: u8,
    },
    /// The last leaf is cosigned.
    Idle {
        leaf: usize,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct State {
    leaves: Vec<Leaf>,
    versions: Vec<Version>,
    /// What each honest witness knows.
    known: [usize; HONEST],
    /// The last leaf that an honest host wrote down.
    written: usize,
    instances: [Instance; 2],
    broken: Option<&'static str>,
}

#[derive(Debug, Clone)]
#[expect(dead_code, reason = "shown in a trace")]
enum Step {
    Open { instance: usize, tail: usize },
    Change { instance: usize },
    Write { leaf: usize },
    Cosign { instance: usize, witness: usize },
    Done { instance: usize },
    End { instance: usize },
    HostAppends { tail: usize, state: usize },
}

impl State {
    fn leaf_under(&self, leaf: usize, ancestor: usize) -> bool {
        leaf == ancestor || (leaf != 0 && self.leaf_under(self.leaves[leaf].parent, ancestor))
    }

    fn version_under(&self, version: usize, ancestor: usize) -> bool {
        version == ancestor || (version != 0 && self.version_under(self.versions[version].parent, ancestor))
    }

    fn append(&mut self, parent: usize, state: usize) -> usize {
        self.leaves.push(Leaf { parent, state });
        self.leaves.len() - 1
    }

    /// What was acknowledged so far.
    fn acknowledged(&self) -> u8 {
        (0..self.versions.len())
            .filter(|version| self.versions[*version].acknowledged)
            .map(|version| 1 << version)
            .sum()
    }

    /// Someone relies on this state: what was acknowledged before it was asked for must be in it, and nothing superseded.
    fn rely_on(&mut self, state: usize, before: u8) {
        for version in 0..self.versions.len() {
            let Version { acknowledged, superseded, .. } = self.versions[version];
            let (under, over) = (self.version_under(state, version), self.version_under(version, state));
            if before & (1 << version) != 0 && !under {
                self.broken = Some("an acknowledged change is lost");
            } else if superseded && under {
                self.broken = Some("a superseded change came back");
            }
            self.versions[version].superseded |= !under && !over && !acknowledged;
        }
    }

    /// Witnesses are all alike: states that differ in which is which are one.
    fn canonical(mut self) -> Self {
        let signed = |instance: &Instance| match instance {
            Instance::Asking { signed, .. } => *signed,
            Instance::Down | Instance::Idle { .. } => 0,
        };
        let marks = self.instances.each_ref().map(signed);
        let mut witnesses: [(usize, [bool; 2]); HONEST] =
            core::array::from_fn(|witness| (self.known[witness], marks.map(|marks| marks & (1 << witness) != 0)));
        // The places behind the honest ones are never used, and stay behind: nothing is known there.
        witnesses.sort_by(|a, b| b.cmp(a));
        self.known = witnesses.map(|(known, _)| known);
        for (index, instance) in self.instances.iter_mut().enumerate() {
            if let Instance::Asking { signed, .. } = instance {
                *signed = (0..HONEST).filter(|witness| witnesses[*witness].1[index]).map(|witness| 1 << witness).sum();
            }
        }
        self
    }
}

impl Quorum {
    fn honest(self) -> usize {
        self.witnesses - self.liars
    }

    fn enough(self, signed: u8) -> bool {
        usize::try_from(signed.count_ones()).unwrap() + self.liars >= self.needed
    }

    fn steps_of(self, state: &State, instance: usize) -> Vec<(Step, State)> {
        let mut steps = Vec::new();
        let mut go = |step, change: &dyn Fn(&mut State)| {
            let mut next = state.clone();
            change(&mut next);
            steps.push((step, next));
        };
        let room = state.leaves.len() < self.leaves;
        match state.instances[instance] {
            Instance::Down if self.fault == Fault::OpensWithoutALeaf => {
                // What k witnesses once cosigned: an answer that a host may have kept.
                let cosigned = |leaf: &usize| {
                    let signed = (0..self.honest()).filter(|witness| state.leaf_under(state.known[*witness], *leaf));
                    signed.count() + self.liars >= self.needed
                };
                for tail in (0..state.leaves.len()).filter(cosigned) {
                    go(Step::Open { instance, tail }, &|next| {
                        next.instances[instance] = Instance::Idle { leaf: tail };
                        next.rely_on(next.leaves[tail].state, next.acknowledged());
                    });
                }
            }
            Instance::Down => {
                let shown = |tail: &usize| room && (!self.honest_host || *tail == state.written);
                for tail in (0..state.leaves.len()).filter(shown) {
                    go(Step::Open { instance, tail }, &|next| {
                        let leaf = next.append(tail, next.leaves[tail].state);
                        self.ask(next, instance, leaf);
                    });
                }
            }
            Instance::Idle { leaf: tail } => {
                // An honest host takes a leaf for the end of its log only.
                if room && (!self.honest_host || tail == state.written) {
                    go(Step::Change { instance }, &|next| {
                        let parent = next.leaves[tail].state;
                        next.versions.push(Version { parent, acknowledged: false, superseded: false });
                        let leaf = next.append(tail, next.versions.len() - 1);
                        self.ask(next, instance, leaf);
                    });
                }
                go(Step::End { instance }, &|next| next.instances[instance] = Instance::Down);
            }
            Instance::Asking { leaf, signed, before } => {
                for witness in (0..self.honest()).filter(|witness| signed & (1 << witness) == 0) {
                    if state.leaf_under(leaf, state.known[witness]) {
                        go(Step::Cosign { instance, witness }, &|next| {
                            next.known[witness] = leaf;
                            next.instances[instance] =
                                Instance::Asking { leaf, signed: signed | (1 << witness), before };
                        });
                    }
                }
                if self.enough(signed) {
                    go(Step::Done { instance }, &|next| {
                        let said = next.leaves[leaf].state;
                        next.rely_on(said, before);
                        let changed = next.leaves[next.leaves[leaf].parent].state != said;
                        next.versions[said].acknowledged |= changed;
                        next.instances[instance] = Instance::Idle { leaf };
                    });
                }
                if self.fault == Fault::AsksBeforeItWrites && state.written == state.leaves[leaf].parent {
                    go(Step::Write { leaf }, &|next| next.written = leaf);
                }
                go(Step::End { instance }, &|next| next.instances[instance] = Instance::Down);
            }
        }
        steps
    }

    fn ask(self, state: &mut State, instance: usize, leaf: usize) {
        if self.fault != Fault::AsksBeforeItWrites {
            state.written = leaf;
        }
        state.instances[instance] = Instance::Asking { leaf, signed: 0, before: state.acknowledged() };
    }
}

impl Model for Quorum {
    type State = State;
    type Step = Step;

    fn start(&self) -> State {
        State {
            leaves: vec![Leaf { parent: 0, state: 0 }],
            versions: vec![Version { parent: 0, acknowledged: true, superseded: false }],
            known: [0; HONEST],
            written: 0,
            instances: [Instance::Down; 2],
            broken: None,
        }
    }

    fn steps(&self, state: &State) -> Vec<(Step, State)> {
        let mut steps: Vec<_> =
            (0..state.instances.len()).flat_map(|instance| self.steps_of(state, instance)).collect();
        if self.fault == Fault::HostAppends && state.leaves.len() < self.leaves {
            for tail in 0..state.leaves.len() {
                for said in 0..state.versions.len() {
                    let mut next = state.clone();
                    next.append(tail, said);
                    steps.push((Step::HostAppends { tail, state: said }, next));
                }
            }
        }
        steps.into_iter().map(|(step, next)| (step, next.canonical())).collect()
    }

    fn broken(&self, state: &State) -> Option<&'static str> {
        // What an honest host wrote down last is what every honest witness would extend: else none of them signs again.
        let locked = |witness: usize| !state.leaf_under(state.written, state.known[witness]);
        let resting = state.instances.iter().all(|instance| matches!(instance, Instance::Down));
        let shut = self.honest_host && resting && (0..self.honest()).any(locked);
        state.broken.or(shut.then_some("a witness is locked out for ever"))
    }
}

const SOUND: Quorum = Quorum { witnesses: 3, needed: 2, liars: 0, honest_host: false, fault: Fault::None, leaves: 5 };

#[test]
fn witnesses_lose_nothing_acknowledged_with_as_many_liars_as_are_allowed() {
    holds(&SOUND, 10_000);
    holds(&Quorum { witnesses: 4, needed: 3, liars: 1, ..SOUND }, 10_000);
    holds(&Quorum { witnesses: 4, needed: 3, ..SOUND }, 10_000);
}

#[test]
fn no_crash_of_an_honest_host_locks_a_witness_out() {
    holds(&Quorum { honest_host: true, leaves: 6, ..SOUND }, 10_000);
}

#[test]
fn twice_k_equal_to_n_plus_f_is_found_to_lose_a_change() {
    breaks(&Quorum { witnesses: 4, needed: 2, ..SOUND }, "an acknowledged change is lost");
    breaks(&Quorum { witnesses: 3, needed: 2, liars: 1, ..SOUND }, "an acknowledged change is lost");
}

#[test]
fn a_host_that_may_append_to_the_log_is_found_to_roll_it_back() {
    breaks(&Quorum { fault: Fault::HostAppends, ..SOUND }, "an acknowledged change is lost");
}

#[test]
fn a_host_that_asks_before_it_writes_is_found_to_lock_a_witness_out() {
    let fault = Fault::AsksBeforeItWrites;
    breaks(&Quorum { honest_host: true, fault, ..SOUND }, "a witness is locked out for ever");
}

#[test]
fn an_opening_that_trusts_old_cosignatures_is_found_to_roll_back() {
    breaks(&Quorum { fault: Fault::OpensWithoutALeaf, ..SOUND }, "an acknowledged change is lost");
}
