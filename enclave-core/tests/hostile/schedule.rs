//! Random schedules: the host, the institute and south conspire against north. They open several rooms, withhold, replay
//! and reorder receipts and grants, lie about time and kill rooms. North keeps the rules of `docs/design/0002` and nothing
//! else. Invariants, after every step:
//!
//! - a result left only from a run that north granted, and no proposal of north's released twice;
//! - north's complete runs never exceed its limit, whatever receipts the host shows;
//! - every message is answered, and every receipt that leaves verifies.

use crate::host::{Host, decoded, released};
use crate::world::{NOW, Options, World};
use proptest::prelude::*;
use sealroom_protocol::id::ProposalId;
use sealroom_protocol::message::{EnclaveMessage, HostMessage};
use sealroom_protocol::run::{Outcome, Proposal, SignedProposal, SignedReceipt};
use std::collections::BTreeSet;

#[derive(Debug, Clone)]
enum Act {
    OpenRoom,
    KillRoom(usize),
    Propose { room: usize, run: u64, receipts: usize },
    NorthGrants(usize),
    SouthGrants { proposal: usize, count: u64 },
    Deliver { room: usize, grant: usize },
    Abandon(usize),
    TellTime { room: usize, later: u64 },
    ShowNorth(usize),
    SpoilDataset(usize),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        1 => Just(Act::OpenRoom),
        1 => (0..4_usize).prop_map(Act::KillRoom),
        6 => (0..4_usize, 0..8_u64, 0..4_usize).prop_map(|(room, run, receipts)| Act::Propose { room, run, receipts }),
        6 => any::<usize>().prop_map(Act::NorthGrants),
        5 => (any::<usize>(), 0..7_u64).prop_map(|(proposal, count)| Act::SouthGrants { proposal, count }),
        12 => (0..4_usize, any::<usize>()).prop_map(|(room, grant)| Act::Deliver { room, grant }),
        2 => (0..4_usize).prop_map(Act::Abandon),
        1 => (0..4_usize, 0..100_000_000_u64).prop_map(|(room, later)| Act::TellTime { room, later }),
        3 => any::<usize>().prop_map(Act::ShowNorth),
        1 => (0..4_usize).prop_map(Act::SpoilDataset),
    ]
}

/// North's own memory, by the rules alone.
#[derive(Default)]
struct North {
    /// Grants written down and neither confirmed nor given back.
    open: Vec<Proposal>,
    complete: u64,
    last_run: u64,
    head_run: u64,
    granted: BTreeSet<ProposalId>,
}

impl North {
    /// Grants if its rules allow; what it counts then.
    fn grant(&mut self, proposal: &Proposal, limit: u64) -> Option<u64> {
        let count = self.complete + u64::try_from(self.open.len()).unwrap() + 1;
        let allowed = count <= limit && proposal.run > self.last_run && proposal.head_run >= self.head_run;
        allowed.then(|| {
            self.open.push(proposal.clone());
            self.last_run = proposal.run;
            self.granted.insert(proposal.id());
            count
        })
    }

    /// Settles a grant by a receipt that verifies and names it.
    fn shown(&mut self, receipt: &SignedReceipt, world: &World) {
        let Ok(receipt) = receipt.verify(&world.contract) else { return };
        let Some(place) = self.open.iter().position(|open| open.id() == receipt.proposal.id()) else { return };
        self.open.remove(place);
        match receipt.outcome {
            Outcome::Complete => {
                self.complete += 1;
                self.head_run = self.head_run.max(receipt.proposal.run);
            }
            Outcome::Void => {}
        }
    }
}

struct Game {
    world: World,
    rooms: Vec<Host>,
    proposals: Vec<Proposal>,
    grants: Vec<HostMessage>,
    receipts: Vec<Vec<u8>>,
    north: North,
    released: BTreeSet<ProposalId>,
}

impl Game {
    fn new() -> Self {
        let world = World::new(Options { work: Some(100), ..Options::default() });
        let rooms = vec![Host::opened(&world, 0)];
        let (proposals, grants, receipts) = (Vec::new(), Vec::new(), Vec::new());
        Self { world, rooms, proposals, grants, receipts, north: North::default(), released: BTreeSet::new() }
    }

    fn play(&mut self, act: &Act) {
        let limit = self.world.contract.terms().limits.runs;
        match *act {
            Act::OpenRoom => {
                let seed = u8::try_from(self.rooms.len() + 1).unwrap();
                self.rooms.push(Host::opened(&self.world, seed));
            }
            Act::KillRoom(room) => {
                let room = room % self.rooms.len();
                let seed = u8::try_from(100 + self.proposals.len()).unwrap_or(255);
                self.rooms[room] = Host::opened(&self.world, seed);
            }
            Act::Propose { room, run, receipts } => {
                let receipts = &self.receipts[self.receipts.len() - receipts.min(self.receipts.len())..];
                let complete = |receipt: &&Vec<u8>| decoded(receipt).allegation().outcome == Outcome::Complete;
                let receipts: Vec<Vec<u8>> = receipts.iter().filter(complete).cloned().collect();
                let datasets = self.world.datasets();
                self.send(room, HostMessage::Propose { now: NOW, run, receipts, datasets, request: None });
            }
            Act::NorthGrants(index) => {
                let Some(proposal) = pick(&self.proposals, index).cloned() else { return };
                let Some(count) = self.north.grant(&proposal, limit) else { return };
                let mut body = self.world.grant_body("north", &proposal);
                body.count = count;
                let (grant, ciphertext) = self.world.sign_grant(body, &proposal, "north");
                self.grants.push(HostMessage::Grant { now: NOW, grant, ciphertext });
            }
            Act::SouthGrants { proposal, count } => {
                let Some(proposal) = pick(&self.proposals, proposal).cloned() else { return };
                let mut body = self.world.grant_body("south", &proposal);
                body.count = count;
                let (grant, ciphertext) = self.world.sign_grant(body, &proposal, "south");
                self.grants.push(HostMessage::Grant { now: NOW, grant, ciphertext });
            }
            Act::Deliver { room, grant } => {
                let Some(grant) = pick(&self.grants, grant).cloned() else { return };
                self.send(room, grant);
            }
            Act::Abandon(room) => self.send(room, HostMessage::Abandon { now: NOW }),
            Act::TellTime { room, later } => self.send(room, HostMessage::Abandon { now: NOW + later }),
            Act::ShowNorth(index) => {
                let Some(receipt) = pick(&self.receipts, index) else { return };
                self.north.shown(&decoded(receipt), &self.world);
            }
            Act::SpoilDataset(room) => {
                let room = room % self.rooms.len();
                let object = self.world.objects[0].id;
                self.rooms[room].bodies.get_mut(&object).unwrap().1[60] ^= 1;
            }
        }
        assert!(self.north.complete + u64::try_from(self.north.open.len()).unwrap() <= limit);
    }

    fn send(&mut self, room: usize, message: HostMessage) {
        let room = room % self.rooms.len();
        let answers = self.rooms[room].send(message);
        assert!(!answers.is_empty(), "every message is answered");
        for answer in &answers {
            match answer {
                EnclaveMessage::Proposed { proposal } => {
                    self.proposals.push(SignedProposal::decode(proposal).unwrap().allegation().clone());
                }
                EnclaveMessage::Receipt { receipt } => {
                    let signed = decoded(receipt);
                    let verified = signed.verify(&self.world.contract).unwrap();
                    if released(&answers) {
                        let proposal = verified.proposal.id();
                        assert!(self.north.granted.contains(&proposal), "a result of a run that north never granted");
                        assert!(self.released.insert(proposal), "one proposal released twice");
                    }
                    self.receipts.push(receipt.clone());
                }
                _ => {}
            }
        }
        let limit = self.world.contract.terms().limits.runs;
        assert!(u64::try_from(self.released.len()).unwrap() <= limit, "more results than runs");
    }
}

fn pick<T>(items: &[T], index: usize) -> Option<&T> {
    // New ones are more interesting than old ones, and both are wanted.
    let recent = items.len().saturating_sub(4);
    let items = if index.is_multiple_of(3) { items } else { &items[recent..] };
    if items.is_empty() { None } else { items.get(index / 3 % items.len()) }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_schedule_of_a_conspiring_host_exceeds_an_honest_partys_limit(acts in prop::collection::vec(act(), 1..60)) {
        let mut game = Game::new();
        for act in &acts {
            game.play(act);
        }
    }
}

#[test]
fn the_schedules_reach_released_results_so_the_property_says_something() {
    let mut game = Game::new();
    for run in 1..=5 {
        game.play(&Act::Propose { room: 0, run, receipts: 4 });
        let newest = (game.proposals.len() - 1) * 3;
        game.play(&Act::NorthGrants(newest));
        game.play(&Act::SouthGrants { proposal: newest, count: run });
        let grants = game.grants.len();
        game.play(&Act::Deliver { room: 0, grant: (grants - 2) * 3 });
        game.play(&Act::Deliver { room: 0, grant: (grants - 1) * 3 });
        game.play(&Act::ShowNorth((game.receipts.len() - 1) * 3));
    }
    assert_eq!(game.released.len(), 5);
    game.play(&Act::Propose { room: 0, run: 6, receipts: 4 });
    assert_eq!(game.proposals.len(), 5, "the enclave refuses a sixth run");
}
