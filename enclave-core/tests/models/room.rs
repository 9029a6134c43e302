//! The order of a room: two enclaves at a time, two granting parties with memories, and a host that starts and kills enclaves,
//! proposes what it likes, withholds and repeats grants and receipts, and may have the second party on its side.
//!
//! The phases are those of the table in `enclave-core/src/phase.rs`, asked by the model itself; the rules of a party's memory
//! are those of `docs/design/0002`. A run counts as used once its program may decrypt, whatever comes of it.

use crate::memory::{Memory, Proposal};
use crate::search::Model;
use sealroom_enclave_core::{Phase, Request};

/// Most proposals that are ever made, of any model here.
const PROPOSALS: usize = 3;
const PARTIES: usize = 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// An enclave keeps a run's key once it was used or given back.
    KeepsKey,
    /// An enclave abandons a run whose data it decrypted.
    VoidAfterDecryption,
    /// A party sends a grant, and then writes it down.
    SendsFirst,
    /// A party grants any run number, used or not.
    GrantsAnyRun,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    pub(crate) limit: u8,
    /// Most enclaves that are ever started.
    pub(crate) starts: u8,
    /// Most proposals, and highest run number.
    pub(crate) proposals: usize,
    /// Whether the second party keeps the rules; else it grants everything, always.
    pub(crate) both_honest: bool,
    pub(crate) fault: Fault,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Enclave {
    number: u8,
    phase: PhaseMark,
    proposed_run: u8,
    proposal: usize,
    granted: u8,
    /// Proposals whose keys it has.
    keys: u8,
}

/// [`Phase`], which has no hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum PhaseMark {
    New,
    Open,
    Proposed,
    Running,
    Ended,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct State {
    pub(crate) enclaves: [Option<Enclave>; 2],
    pub(crate) started: u8,
    pub(crate) proposals: Vec<Proposal>,
    /// For each proposal the parties whose grants the host has.
    pub(crate) sent: [u8; PROPOSALS],
    /// Proposals of which the host has a receipt.
    pub(crate) void: u8,
    pub(crate) complete: u8,
    pub(crate) memories: [Memory; PARTIES],
    /// Runs in which a party's data could be decrypted.
    pub(crate) used: [u8; PARTIES],
}

#[derive(Debug, Clone)]
#[expect(dead_code, reason = "shown in a trace")]
pub(crate) enum Step {
    Start { enclave: usize },
    Kill { enclave: usize },
    Propose { enclave: usize, run: u8, head: u8 },
    Write { party: usize, proposal: usize },
    Send { party: usize, proposal: usize },
    Crash { party: usize },
    Deliver { enclave: usize, party: usize, proposal: usize },
    Complete { enclave: usize },
    Abandon { enclave: usize },
    Stop { enclave: usize },
    Settle { party: usize, proposal: usize, complete: bool },
}

/// What a step does to everything, and to the enclave that takes it.
type Effect<'e> = &'e dyn Fn(&mut State, &mut Enclave);

const fn mark(phase: Phase) -> PhaseMark {
    match phase {
        Phase::New => PhaseMark::New,
        Phase::Open => PhaseMark::Open,
        Phase::Proposed => PhaseMark::Proposed,
        Phase::Running => PhaseMark::Running,
        Phase::Ended => PhaseMark::Ended,
    }
}

impl PhaseMark {
    /// Where the real table leads.
    fn after(self, request: Request) -> Option<Self> {
        let phase = match self {
            Self::New => Phase::New,
            Self::Open => Phase::Open,
            Self::Proposed => Phase::Proposed,
            Self::Running => Phase::Running,
            Self::Ended => Phase::Ended,
        };
        phase.after(request).ok().map(mark)
    }
}

const fn bit(index: usize) -> u8 {
    1 << index
}

impl Room {
    fn honest(self, party: usize) -> bool {
        party == 0 || self.both_honest
    }

    fn enclave_steps(self, state: &State, index: usize, steps: &mut Vec<(Step, State)>) {
        let Some(enclave) = state.enclaves[index] else {
            if state.started < self.starts {
                let mut next = state.clone();
                next.started += 1;
                let phase = PhaseMark::New.after(Request::Open).unwrap();
                let number = next.started;
                next.enclaves[index] =
                    Some(Enclave { number, phase, proposed_run: 0, proposal: 0, granted: 0, keys: 0 });
                steps.push((Step::Start { enclave: index }, next));
            }
            return;
        };
        let mut go = |step, change: &dyn Fn(&mut State, &mut Enclave)| {
            let (mut next, mut changed) = (state.clone(), enclave);
            change(&mut next, &mut changed);
            next.enclaves[index] = Some(changed).filter(|enclave| enclave.phase != PhaseMark::Ended);
            steps.push((step, next));
        };
        if let Some(phase) = enclave.phase.after(Request::Propose).filter(|_| state.proposals.len() < self.proposals) {
            let complete = |proposal: &usize| state.complete & bit(*proposal) != 0;
            let known = (0..state.proposals.len()).filter(complete).map(|proposal| state.proposals[proposal].run);
            for head in core::iter::once(0).chain(known) {
                for run in head.max(enclave.proposed_run) + 1..=u8::try_from(self.proposals).unwrap() {
                    go(Step::Propose { enclave: index, run, head }, &|next, changed| {
                        next.proposals.push(Proposal { enclave: changed.number, run, head });
                        let proposal = next.proposals.len() - 1;
                        let keys = changed.keys | bit(proposal);
                        *changed = Enclave { phase, proposed_run: run, proposal, granted: 0, keys, ..*changed };
                    });
                }
            }
        }
        for proposal in 0..state.proposals.len() {
            self.deliveries(state, enclave, proposal, &mut |party, step: Effect<'_>| {
                go(Step::Deliver { enclave: index, party, proposal }, step);
            });
        }
        if enclave.phase == PhaseMark::Running {
            go(Step::Complete { enclave: index }, &|next, changed| {
                next.complete |= bit(changed.proposal);
                changed.phase = PhaseMark::Open;
            });
        }
        let abandon = enclave.phase.after(Request::Abandon);
        let planted = self.fault == Fault::VoidAfterDecryption && enclave.phase == PhaseMark::Running;
        if let Some(phase) = abandon.or(planted.then_some(PhaseMark::Open)) {
            go(Step::Abandon { enclave: index }, &|next, changed| {
                self.void(next, changed);
                changed.phase = phase;
            });
        }
        if let Some(phase) = enclave.phase.after(Request::Stop) {
            go(Step::Stop { enclave: index }, &|next, changed| {
                match changed.phase {
                    PhaseMark::Proposed => self.void(next, changed),
                    PhaseMark::Running => next.complete |= bit(changed.proposal),
                    PhaseMark::New | PhaseMark::Open | PhaseMark::Ended => {}
                }
                changed.phase = phase;
            });
        }
        // A host may kill an enclave at any time; one that ended is as good as killed.
        let mut next = state.clone();
        next.enclaves[index] = None;
        steps.push((Step::Kill { enclave: index }, next));
    }

    /// A void receipt: the key is wiped before it is signed.
    fn void(self, state: &mut State, enclave: &mut Enclave) {
        state.void |= bit(enclave.proposal);
        if self.fault != Fault::KeepsKey {
            enclave.keys &= !bit(enclave.proposal);
        }
    }

    /// Every grant of this proposal that the host can bring, and what it does in this enclave.
    fn deliveries(self, state: &State, enclave: Enclave, proposal: usize, go: &mut dyn FnMut(usize, Effect<'_>)) {
        // A grant opens only with the key of its proposal, in the enclave that made it.
        if enclave.keys & bit(proposal) == 0 || state.proposals[proposal].enclave != enclave.number {
            return;
        }
        let awaited = enclave.phase.after(Request::Grant).filter(|_| enclave.proposal == proposal);
        // With a key that should be gone, the grants of an older proposal would be taken in an open room.
        let replayed = self.fault == Fault::KeepsKey && enclave.phase == PhaseMark::Open;
        let Some(running) = awaited.or(replayed.then_some(PhaseMark::Running)) else { return };
        for party in 0..PARTIES {
            let there = state.sent[proposal] & bit(party) != 0 || !self.honest(party);
            let granted = if enclave.proposal == proposal && !replayed { enclave.granted } else { 0 };
            if !there || granted & bit(party) != 0 {
                continue;
            }
            go(party, &|next, changed| {
                let all = if replayed { self.all_there(next, proposal) } else { granted | bit(party) };
                (changed.proposal, changed.granted) = (proposal, all);
                if all == bit(PARTIES) - 1 {
                    if self.fault != Fault::KeepsKey {
                        changed.keys &= !bit(proposal);
                    }
                    changed.phase = running;
                    next.used.iter_mut().for_each(|used| *used += 1);
                }
            });
        }
    }

    fn all_there(self, state: &State, proposal: usize) -> u8 {
        let there = |party: &usize| state.sent[proposal] & bit(*party) != 0 || !self.honest(*party);
        (0..PARTIES).filter(there).map(bit).sum()
    }

    fn party_steps(self, state: &State, party: usize, steps: &mut Vec<(Step, State)>) {
        let memory = &state.memories[party];
        let mut go = |step, change: &dyn Fn(&mut State)| {
            let mut next = state.clone();
            change(&mut next);
            steps.push((step, next));
        };
        for proposal in 0..state.proposals.len() {
            if memory.allows(self.limit, self.fault == Fault::GrantsAnyRun, &state.proposals, proposal) {
                if self.fault == Fault::SendsFirst {
                    go(Step::Send { party, proposal }, &|next| {
                        next.sent[proposal] |= bit(party);
                        next.memories[party].unwritten = Some(proposal);
                    });
                } else {
                    // Once written it may be sent at any time, by this life or the next; a host that has it may still wait.
                    go(Step::Write { party, proposal }, &|next| {
                        next.memories[party].write(proposal);
                        next.sent[proposal] |= bit(party);
                    });
                }
            }
            for complete in [false, true] {
                let receipts = if complete { state.complete } else { state.void };
                if receipts & bit(proposal) != 0 {
                    let settled = |next: &mut State| {
                        next.memories[party].settle(&state.proposals, proposal, complete);
                    };
                    go(Step::Settle { party, proposal, complete }, &settled);
                }
            }
        }
        if let Some(proposal) = memory.unwritten {
            go(Step::Write { party, proposal }, &|next| {
                next.memories[party].write(proposal);
                next.memories[party].unwritten = None;
            });
            go(Step::Crash { party }, &|next| next.memories[party].unwritten = None);
        }
    }

    /// Whether an honest host can bring about one more run, where both parties have one left.
    fn goes_on(self, state: &State) -> bool {
        let mut memories = state.memories.clone();
        for memory in &mut memories {
            for proposal in 0..state.proposals.len() {
                for (receipts, complete) in [(state.void, false), (state.complete, true)] {
                    if receipts & bit(proposal) != 0 {
                        memory.settle(&state.proposals, proposal, complete);
                    }
                }
            }
        }
        let left = memories.iter().all(|memory| memory.count < self.limit && memory.unwritten.is_none());
        let highest = state.proposals.iter().map(|proposal| proposal.run).max().unwrap_or(0);
        let newest = memories.iter().map(|memory| memory.head).max().unwrap_or(0);
        let next = Proposal { enclave: u8::MAX, run: highest + 1, head: newest };
        let proposals = [state.proposals.as_slice(), &[next]].concat();
        !left
            || memories.iter().all(|memory| {
                memory.allows(self.limit, self.fault == Fault::GrantsAnyRun, &proposals, proposals.len() - 1)
            })
    }
}

impl Model for Room {
    type State = State;
    type Step = Step;

    fn start(&self) -> State {
        let memory = Memory { grants: Vec::new(), count: 0, head: 0, unwritten: None };
        State {
            enclaves: [None; 2],
            started: 0,
            proposals: Vec::new(),
            sent: [0; PROPOSALS],
            void: 0,
            complete: 0,
            memories: [memory.clone(), memory],
            used: [0; PARTIES],
        }
    }

    fn steps(&self, state: &State) -> Vec<(Step, State)> {
        let mut steps = Vec::new();
        (0..state.enclaves.len()).for_each(|index| self.enclave_steps(state, index, &mut steps));
        (0..PARTIES).filter(|party| self.honest(*party)).for_each(|party| self.party_steps(state, party, &mut steps));
        // Which of two places an enclave runs in makes no difference.
        steps.iter_mut().for_each(|(_, next)| next.enclaves.sort_unstable());
        steps
    }

    fn broken(&self, state: &State) -> Option<&'static str> {
        let mut honest = (0..PARTIES).filter(|party| self.honest(*party));
        if honest.clone().any(|party| state.used[party] > self.limit) {
            return Some("more runs than an honest party allows");
        }
        let twice = |memory: &Memory| {
            let runs: Vec<u8> = memory.grants.iter().map(|(granted, _)| state.proposals[*granted].run).collect();
            (1..runs.len()).any(|place| runs[..place].contains(&runs[place]))
        };
        if honest.any(|party| twice(&state.memories[party])) {
            return Some("an honest party granted one run number twice");
        }
        let shut = self.both_honest && self.fault == Fault::None && !self.goes_on(state);
        shut.then_some("parties with runs left are locked out for ever")
    }
}
