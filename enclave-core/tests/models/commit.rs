//! A commit to sealed storage: blobs, manifest, register. Two instances, crashes between any two steps, and a host that is
//! honest or shows whatever blob it ever got.
//!
//! The steps are those of `Store::commit`, `Store::open` and `commit::carry_out`; a state of the store is a blob here, as its
//! manifest is the last thing that is put.

use crate::search::{Model, breaks, holds};

/// Most states of the store that are ever put, the first one included.
const BLOBS: usize = 5;
/// Most crashes.
const CRASHES: u8 = 3;

/// What the register is, and what the instances do: the real one, or one planted fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Compare-and-swap of version and digest, after the manifest was put.
    Digest,
    /// The same, before the manifest is put.
    SwapBeforePut,
    /// Counts only, after the manifest was put.
    CountsAfter,
    /// Counts only, before the manifest is put.
    CountsBefore,
}

#[derive(Debug, Clone, Copy)]
struct Commit {
    kind: Kind,
    honest: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Instance {
    Down,
    /// Open at a state.
    Idle {
        at: usize,
    },
    /// The next state is named; it is put (or the register was asked first, where that is the fault).
    Under {
        at: usize,
        new: usize,
    },
    /// All done but the acknowledgement.
    Swapped {
        new: usize,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Blob {
    version: u8,
    parent: usize,
    put: bool,
    acknowledged: bool,
    /// Not acknowledged when something else than its parent was built on.
    superseded: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct State {
    blobs: Vec<Blob>,
    /// Which blob the register names, and its version: a register that counts has the second only.
    register: (usize, u8),
    instances: [Instance; 2],
    crashes: u8,
    broken: Option<&'static str>,
}

#[derive(Debug, Clone)]
#[expect(dead_code, reason = "shown in a trace")]
enum Step {
    Open { instance: usize, shown: usize },
    Begin { instance: usize },
    Put { instance: usize },
    Swap { instance: usize },
    Acknowledge { instance: usize },
    Crash { instance: usize },
}

impl State {
    fn is_under(&self, blob: usize, ancestor: usize) -> bool {
        blob == ancestor || (blob != 0 && self.is_under(self.blobs[blob].parent, ancestor))
    }

    /// A change is acknowledged, perhaps after others went on from it: it must not be apart from what was acknowledged before.
    fn acknowledge(&mut self, new: usize) {
        let apart = |blob: usize| !self.is_under(new, blob) && !self.is_under(blob, new);
        if (0..self.blobs.len()).any(|blob| self.blobs[blob].acknowledged && apart(blob)) {
            self.broken = Some("an acknowledged change is lost");
        } else if self.blobs[new].superseded {
            self.broken = Some("a superseded change came back");
        }
        self.blobs[new].acknowledged = true;
    }

    /// Someone relies on this state: nothing acknowledged may be missing from it, nothing superseded may be in it.
    fn rely_on(&mut self, at: usize) {
        for blob in 0..self.blobs.len() {
            let Blob { acknowledged, superseded, .. } = self.blobs[blob];
            if acknowledged && !self.is_under(at, blob) {
                self.broken = Some("an acknowledged change is lost");
            } else if superseded && self.is_under(at, blob) {
                self.broken = Some("a superseded change came back");
            }
            let apart = !self.is_under(at, blob) && !self.is_under(blob, at);
            self.blobs[blob].superseded |= apart && !acknowledged;
        }
    }
}

impl Commit {
    fn counts(self) -> bool {
        matches!(self.kind, Kind::CountsAfter | Kind::CountsBefore)
    }

    /// Whether an instance that opens takes this blob.
    fn takes(self, state: &State, blob: usize) -> bool {
        let shown = state.blobs[blob];
        let fits = if self.counts() { shown.version == state.register.1 } else { blob == state.register.0 };
        // By a number alone even an honest host can only guess: it shows the last one that was put.
        let newer = |other: &usize| state.blobs[*other].version == shown.version && state.blobs[*other].put;
        let newest = (blob + 1..state.blobs.len()).find(newer).is_none();
        shown.put && fits && (!self.honest || !self.counts() || newest)
    }

    /// Asks the register to go from one state to the next.
    fn swap(self, state: &mut State, at: usize, new: usize) -> bool {
        let fits = if self.counts() { state.register.1 == state.blobs[at].version } else { state.register.0 == at };
        if fits {
            state.register = (new, state.blobs[new].version);
        }
        fits
    }

    /// What one instance may do.
    fn steps_of(self, state: &State, instance: usize) -> Vec<(Step, State)> {
        let mut steps = Vec::new();
        let mut go = |step, change: &dyn Fn(&mut State)| {
            let mut next = state.clone();
            change(&mut next);
            steps.push((step, next));
        };
        match state.instances[instance] {
            Instance::Down => {
                for shown in (0..state.blobs.len()).filter(|blob| self.takes(state, *blob)) {
                    go(Step::Open { instance, shown }, &|next| {
                        next.instances[instance] = Instance::Idle { at: shown };
                        next.rely_on(shown);
                    });
                }
            }
            Instance::Idle { at } if state.blobs.len() < BLOBS => go(Step::Begin { instance }, &|next| {
                let version = next.blobs[at].version + 1;
                next.blobs.push(Blob { version, parent: at, put: false, acknowledged: false, superseded: false });
                let new = next.blobs.len() - 1;
                next.instances[instance] = Instance::Under { at, new };
            }),
            Instance::Idle { .. } => {}
            Instance::Under { at, new } => {
                let first = matches!(self.kind, Kind::SwapBeforePut | Kind::CountsBefore);
                let put = state.blobs[new].put;
                let swapped = state.register == (new, state.blobs[new].version);
                if !put && (!first || swapped) {
                    go(Step::Put { instance }, &|next| {
                        next.blobs[new].put = true;
                        if first {
                            next.instances[instance] = Instance::Swapped { new };
                        }
                    });
                }
                if if first { !swapped } else { put } {
                    go(Step::Swap { instance }, &|next| {
                        next.instances[instance] = match self.swap(next, at, new) {
                            true if first => Instance::Under { at, new },
                            true => Instance::Swapped { new },
                            false => Instance::Down,
                        };
                    });
                }
            }
            Instance::Swapped { new } => go(Step::Acknowledge { instance }, &|next| {
                next.acknowledge(new);
                next.instances[instance] = Instance::Idle { at: new };
            }),
        }
        if state.instances[instance] != Instance::Down && state.crashes > 0 {
            go(Step::Crash { instance }, &|next| {
                next.instances[instance] = Instance::Down;
                next.crashes -= 1;
            });
        }
        steps
    }
}

impl Model for Commit {
    type State = State;
    type Step = Step;

    fn start(&self) -> State {
        let first = Blob { version: 0, parent: 0, put: true, acknowledged: true, superseded: false };
        let instances = [Instance::Down; 2];
        State { blobs: vec![first], register: (0, 0), instances, crashes: CRASHES, broken: None }
    }

    fn steps(&self, state: &State) -> Vec<(Step, State)> {
        (0..state.instances.len()).flat_map(|instance| self.steps_of(state, instance)).collect()
    }

    fn broken(&self, state: &State) -> Option<&'static str> {
        state.broken
    }

    fn done(&self, state: &State) -> Option<bool> {
        // Under an honest host someone can always open the store.
        self.honest.then(|| state.instances.iter().any(|instance| matches!(instance, Instance::Idle { .. })))
    }
}

#[test]
fn a_commit_loses_nothing_acknowledged_and_nothing_superseded_comes_back() {
    holds(&Commit { kind: Kind::Digest, honest: false }, 1000);
}

#[test]
fn no_crash_of_an_honest_host_locks_a_store_out() {
    holds(&Commit { kind: Kind::Digest, honest: true }, 1000);
}

#[test]
fn a_register_that_only_counts_is_found_to_lose_a_change_or_to_lock_out() {
    breaks(&Commit { kind: Kind::CountsAfter, honest: false }, "an acknowledged change is lost");
    breaks(&Commit { kind: Kind::CountsBefore, honest: true }, "locked out for ever");
}

#[test]
fn a_register_that_is_asked_before_the_manifest_is_put_is_found_to_lock_out() {
    breaks(&Commit { kind: Kind::SwapBeforePut, honest: true }, "locked out for ever");
}
