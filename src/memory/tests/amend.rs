//! Amendments: what a memory takes, what it refuses by name, and what ends by it.

use crate::memory::grant::NewGrant;
use crate::memory::{Head, Memory, MemoryError, Settlement};
use crate::random;
use crate::testing::{Enclave, Parties, contract_of, grant_of, id_of, sign};
use redb::backends::InMemoryBackend;
use sealroom_protocol::contract::{Amends, CarriedCounts, CarriedHead, Contract, Terms, write};
use sealroom_protocol::id::{ContractId, ObjectId, ReceiptId};
use sealroom_protocol::object::DataKey;
use sealroom_protocol::run::{Proposal, RUN_NUMBER_LIMIT, ReceiptError, SignedGrant, SignedReceipt};

pub(super) const OBJECTS: [ObjectId; 2] = [ObjectId::from_bytes([1; 32]), ObjectId::from_bytes([2; 32])];

/// A first version of three runs: run 1 has its receipt, runs 2 and 3 were granted and lost. And a memory of alpha's.
pub(super) struct World {
    pub(super) parties: Parties,
    pub(super) enclave: Enclave,
    pub(super) first: Contract,
    pub(super) head: SignedReceipt,
    pub(super) memory: Memory,
}

impl World {
    pub(super) fn new() -> Self {
        let parties = Parties::new();
        let first = contract_of(&parties);
        let enclave = Enclave::new();
        let memory = empty(&parties);
        memory.remember_contract(&sign(&first, &parties)).unwrap();
        memory.remember_key(&OBJECTS[0], &DataKey::generate(&mut random())).unwrap();
        memory.bring_object(&first.id(), "patients-alpha", &OBJECTS[0]).unwrap();
        let one = enclave.proposal(&first, 1, OBJECTS, None);
        let own = grant(&memory, &parties, &enclave, &first, &one).unwrap();
        let others = [&parties.beta, &parties.institute].map(|party| grant_of(party, &one, 1));
        let grants: Vec<SignedGrant> = core::iter::once(own).chain(others).collect();
        let head = enclave.complete(&first, &one, &grants, 0);
        memory.settle(&first, &head).unwrap();
        let world = Self { parties, enclave, first, head, memory };
        for run in [2, 3] {
            world.grant(&world.first, &world.proposal(&world.first, run)).unwrap();
        }
        world
    }

    /// A proposal on the head that all versions go on from here.
    pub(super) fn proposal(&self, contract: &Contract, run: u64) -> Proposal {
        let proposal = self.enclave.proposal(contract, run, OBJECTS, None);
        Proposal { head: Some(id_of(&self.head)), head_run: 1, ..proposal }
    }

    pub(super) fn grant(&self, contract: &Contract, proposal: &Proposal) -> Result<SignedGrant, MemoryError> {
        grant(&self.memory, &self.parties, &self.enclave, contract, proposal)
    }

    /// What alpha would sign: run 1 is the head, 3 the highest number, and all three count.
    pub(super) fn amendment(&self, change: impl FnOnce(&mut Terms, &mut Amends)) -> Contract {
        amendment_of(&self.first, &self.head, change)
    }

    pub(super) fn take(&self, contract: &Contract) -> Result<(), MemoryError> {
        self.memory.remember_contract(&sign(contract, &self.parties))
    }

    /// The refusal is the same before the signature and when all have signed, and nothing has changed.
    pub(super) fn refused(&self, change: impl FnOnce(&mut Terms, &mut Amends)) -> MemoryError {
        let contract = self.amendment(change);
        let before = self.memory.check_amendment(&contract).unwrap_err();
        let error = self.take(&contract).unwrap_err();
        assert_eq!(before.to_string(), error.to_string());
        assert_eq!(self.memory.state(&self.first).unwrap().amended_by, None);
        assert!(matches!(self.memory.contract(&contract.id()), Err(MemoryError::UnknownContract { .. })));
        error
    }
}

pub(super) fn empty(parties: &Parties) -> Memory {
    Memory::open_backend(InMemoryBackend::new(), &parties.alpha.signing().public()).unwrap()
}

pub(super) fn grant(
    memory: &Memory,
    parties: &Parties,
    enclave: &Enclave,
    contract: &Contract,
    proposal: &Proposal,
) -> Result<SignedGrant, MemoryError> {
    let make = |count| {
        let grant = grant_of(&parties.alpha, proposal, count);
        Ok::<_, MemoryError>(NewGrant { grant, ciphertext: vec![1], evidence: enclave.evidence() })
    };
    memory.write_grant(contract, proposal, make).map(|record| record.grant)
}

pub(super) fn amendment_of(
    predecessor: &Contract,
    head: &SignedReceipt,
    change: impl FnOnce(&mut Terms, &mut Amends),
) -> Contract {
    let mut terms = predecessor.terms().clone();
    rand_core::Rng::fill_bytes(&mut random(), &mut terms.random);
    terms.limits.runs = 5;
    let mut amends = Amends::new(predecessor, 3, &[("alpha", 3), ("beta", 1), ("institute", 1)]);
    amends.head = Some(CarriedHead { run: head.allegation().proposal.run, receipt: id_of(head) });
    change(&mut terms, &mut amends);
    terms.amends = Some(amends);
    Contract::parse(write(&terms).as_bytes()).unwrap()
}

#[test]
fn an_exhausted_party_goes_on_under_an_amendment_and_grants_nothing_more_under_its_predecessor() {
    let world = World::new();
    let fourth = world.proposal(&world.first, 4);
    assert!(matches!(world.grant(&world.first, &fourth), Err(MemoryError::Limit { count: 3, limit: 3 })));
    let second = world.amendment(|_, _| {});
    world.memory.check_amendment(&second).unwrap();
    world.take(&second).unwrap();
    world.take(&second).unwrap();
    let (old, new) = (world.memory.state(&world.first).unwrap(), world.memory.state(&second).unwrap());
    assert_eq!((old.amended_by, old.count), (Some(second.id()), 3));
    assert_eq!((new.amended_by, new.count, new.limit), (None, 3, 5));
    assert_eq!(new.head, Some(Head { run: 1, receipt: id_of(&world.head) }));
    assert_eq!(new.objects, old.objects, "what is described as before is brought as before");
    assert_eq!(world.memory.in_force(&world.first).unwrap(), Some(second.id()));
    let error = world.grant(&world.first, &fourth).unwrap_err();
    assert!(
        matches!(error, MemoryError::Amended { contract, by } if contract == world.first.id() && by == second.id())
    );

    let used = world.grant(&second, &world.proposal(&second, 3)).unwrap_err();
    assert!(matches!(used, MemoryError::RunUsed { run: 3, highest: 3 }), "{used}");
    let headless = Proposal { head: None, head_run: 0, ..world.proposal(&second, 4) };
    assert!(matches!(world.grant(&second, &headless), Err(MemoryError::OlderHead { expected: 1, found: 0 })));
    let proposal = world.proposal(&second, 4);
    let own = world.grant(&second, &proposal).unwrap();
    assert_eq!(own.allegation().count, 4);
    let others = [&world.parties.beta, &world.parties.institute].map(|party| grant_of(party, &proposal, 2));
    let grants: Vec<SignedGrant> = core::iter::once(own).chain(others).collect();
    let mut receipt = world.enclave.complete(&second, &proposal, &grants, 1).allegation().clone();
    (receipt.counts[0].before, receipt.counts[0].after) = (3, 4);
    let receipt = SignedReceipt::sign(receipt, &world.enclave.signing);
    assert_eq!(world.memory.settle(&second, &receipt).unwrap().settlement, Settlement::Confirmed);
    assert_eq!(world.memory.state(&second).unwrap().head.map(|head| head.run), Some(4));
}

#[test]
fn an_amendment_by_which_the_party_would_lose_something_is_refused_by_name() {
    let world = World::new();
    let head = id_of(&world.head);
    let error = world.refused(|_, amends| amends.head = None);
    assert!(matches!(error, MemoryError::AmendmentHead { run: 1, expected, found: None } if expected == head));
    let other = ReceiptId::from_bytes([9; 32]);
    let error = world.refused(|_, amends| amends.head = Some(CarriedHead { run: 1, receipt: other }));
    assert!(
        matches!(error, MemoryError::AmendmentHead { run: 1, expected, found } if expected == head && found == Some(other))
    );
    let error = world.refused(|_, amends| amends.highest_run = 2);
    assert!(matches!(error, MemoryError::AmendmentRuns { expected: 3, found: 2 }), "{error}");
    let error = world.refused(|_, amends| match &mut amends.counts {
        CarriedCounts::On(counts) => counts[0].runs = 2,
        CarriedCounts::Anew => panic!("they go on"),
    });
    assert!(matches!(&error, MemoryError::AmendmentCount { party, expected: 3, found: 2 } if party == "alpha"));
    let stranger = ContractId::from_bytes([8; 32]);
    let error = world.refused(|_, amends| amends.version = 3);
    assert!(matches!(error, MemoryError::OtherVersion { expected: 2, found: 3 }), "{error}");
    let error = world.refused(|_, amends| amends.first = stranger);
    assert!(matches!(error, MemoryError::OtherFirstVersion { found, .. } if found == stranger), "{error}");
    let error = world.refused(|_, amends| amends.contract = stranger);
    assert!(
        matches!(error, MemoryError::OtherPredecessor { expected, found } if expected == world.first.id() && found == stranger)
    );
    // None of it was taken: the predecessor is in force.
    let error = world.grant(&world.first, &world.proposal(&world.first, 4)).unwrap_err();
    assert!(matches!(error, MemoryError::Limit { .. }), "{error}");
}

#[test]
fn counts_begin_anew_where_the_text_says_so_and_run_numbers_never_do() {
    let world = World::new();
    let anew = world.amendment(|_, amends| amends.counts = CarriedCounts::Anew);
    world.take(&anew).unwrap();
    assert_eq!(world.memory.state(&anew).unwrap().count, 0);
    assert!(matches!(world.grant(&anew, &world.proposal(&anew, 3)), Err(MemoryError::RunUsed { highest: 3, .. })));
    assert_eq!(world.grant(&anew, &world.proposal(&anew, 4)).unwrap().allegation().count, 1);
}

#[test]
fn of_two_amendments_the_first_that_is_complete_counts_and_the_second_is_refused() {
    let world = World::new();
    let (second, rival) = (world.amendment(|_, _| {}), world.amendment(|terms, _| terms.limits.runs = 100));
    world.take(&second).unwrap();
    let error = world.take(&rival).unwrap_err();
    let (before, taken, other) = (world.first.id(), second.id(), rival.id());
    assert!(
        matches!(error, MemoryError::SecondAmendment { predecessor, taken: first, found } if (predecessor, first, found) == (before, taken, other))
    );
    let error = world.grant(&rival, &world.proposal(&rival, 4)).unwrap_err();
    assert!(matches!(error, MemoryError::Amended { by, .. } if by == taken), "{error}");
    let third = amendment_of(&second, &world.head, |_, _| {});
    world.take(&third).unwrap();
    assert_eq!(world.memory.state(&second).unwrap().amended_by, Some(third.id()));
    assert!(matches!(world.grant(&second, &world.proposal(&second, 4)), Err(MemoryError::Amended { .. })));
    world.grant(&third, &world.proposal(&third, 4)).unwrap();
    // Shown again, an older version is still over, and so is its rival.
    world.take(&second).unwrap();
    world.take(&world.first).unwrap();
    assert!(
        matches!(world.take(&rival), Err(MemoryError::OtherPredecessor { expected, .. }) if expected == third.id())
    );
    assert_eq!(world.memory.in_force(&world.first).unwrap(), Some(third.id()));
    let over = world.memory.draft_amendment(&second).unwrap_err();
    assert!(matches!(over, MemoryError::Amended { by, .. } if by == third.id()), "{over}");
}

#[test]
fn nothing_is_granted_under_an_amendment_that_the_memory_does_not_hold() {
    let world = World::new();
    let second = world.amendment(|_, _| {});
    let error = world.grant(&second, &world.proposal(&second, 4)).unwrap_err();
    assert!(matches!(error, MemoryError::UnknownContract { contract } if contract == second.id()), "{error}");
    // One that leaves out the version in between is no loss; the one left out is then over.
    let third = amendment_of(&second, &world.head, |_, _| {});
    world.take(&third).unwrap();
    world.take(&second).unwrap();
    assert_eq!(world.memory.state(&second).unwrap().amended_by, Some(third.id()));
    assert!(matches!(world.grant(&second, &world.proposal(&second, 4)), Err(MemoryError::Amended { .. })));
    world.grant(&third, &world.proposal(&third, 4)).unwrap();
}

#[test]
fn an_amendment_that_came_too_late_for_a_party_is_amended_by_the_next() {
    let world = World::new();
    let second = world.amendment(|_, _| {});
    // Signed, and before the others have signed too one more run of the old version is granted.
    world
        .memory
        .settle(&world.first, &world.enclave.void(&world.first, &world.proposal(&world.first, 3), &[], 1))
        .unwrap();
    world.grant(&world.first, &world.proposal(&world.first, 4)).unwrap();
    let error = world.take(&second).unwrap_err();
    assert!(matches!(error, MemoryError::AmendmentRuns { expected: 4, found: 3 }), "{error}");
    // Who granted nothing since, here a memory that was restored, has taken it, and takes what amends it.
    let auditor = empty(&world.parties);
    auditor.remember_contract(&sign(&world.first, &world.parties)).unwrap();
    auditor.settle(&world.first, &world.head).unwrap_err();
    auditor.remember_contract(&sign(&second, &world.parties)).unwrap();
    let amends = world.memory.draft_amendment(&second).unwrap();
    assert_eq!((amends.contract, amends.first, amends.version), (second.id(), world.first.id(), 3));
    assert_eq!((amends.highest_run, amends.head.map(|head| head.run)), (4, Some(1)));
    let third = amendment_of(&second, &world.head, |_, terms| *terms = amends);
    for memory in [&world.memory, &auditor] {
        memory.remember_contract(&sign(&third, &world.parties)).unwrap();
        assert_eq!(memory.in_force(&world.first).unwrap(), Some(third.id()));
    }
}

#[test]
fn a_draft_counts_what_the_memory_knows_of_and_is_taken_by_it() {
    let world = World::new();
    let amends = world.memory.draft_amendment(&world.first).unwrap();
    assert_eq!((amends.contract, amends.first, amends.version), (world.first.id(), world.first.id(), 2));
    assert_eq!(amends.head, Some(CarriedHead { run: 1, receipt: id_of(&world.head) }));
    assert_eq!(amends.highest_run, 3);
    let count = |party: &str, runs| sealroom_protocol::contract::CarriedCount { party: party.into(), runs };
    let counts = vec![count("alpha", 3), count("beta", 1), count("institute", 1)];
    assert_eq!(amends.counts, CarriedCounts::On(counts));
    // What others were seen to grant moves the highest number.
    let far = grant_of(&world.parties.beta, &world.proposal(&world.first, 9), 2);
    world.memory.recognise(&world.first, &far).unwrap();
    // What lies so far off that one party can only have made it up moves nothing.
    for made_up in [2_000_000, world.first.last_run(), world.first.last_run() + 1, RUN_NUMBER_LIMIT] {
        let grant = grant_of(&world.parties.beta, &world.proposal(&world.first, made_up), 2);
        world.memory.recognise(&world.first, &grant).unwrap();
        let void = world.enclave.void(&world.first, &world.proposal(&world.first, made_up), &[grant], 1);
        world.memory.settle(&world.first, &void).unwrap();
        let amends = world.memory.draft_amendment_with(&world.first, &[void]).unwrap();
        assert_eq!(amends.highest_run, 9, "{made_up}");
    }
    let amends = world.memory.draft_amendment(&world.first).unwrap();
    assert_eq!(amends.highest_run, 9);
    world.take(&world.amendment(|_, drafted| *drafted = amends)).unwrap();
}

#[test]
fn a_restored_memory_goes_on_under_an_amendment_unless_that_does_not_cover_what_it_forgot() {
    let world = World::new();
    let second = world.amendment(|_, _| {});
    let restored = empty(&world.parties);
    restored.remember_contract(&sign(&world.first, &world.parties)).unwrap();
    let forgotten = world.memory.grant(&world.first.id(), 3).unwrap().unwrap().grant;
    assert!(matches!(restored.recognise(&world.first, &forgotten), Err(MemoryError::Restored { .. })));
    restored.remember_contract(&sign(&second, &world.parties)).unwrap();
    let state = restored.state(&second).unwrap();
    assert_eq!((state.count, state.restored, state.head.map(|head| head.run)), (3, false, Some(1)));
    restored.remember_key(&OBJECTS[0], &DataKey::generate(&mut random())).unwrap();
    restored.bring_object(&second.id(), "patients-alpha", &OBJECTS[0]).unwrap();
    let go_on = |run| grant(&restored, &world.parties, &world.enclave, &second, &world.proposal(&second, run));
    assert_eq!(go_on(4).unwrap().allegation().count, 4);
    // What the text counts changes nothing more. What it does not count, nobody knew of.
    assert!(matches!(restored.recognise(&world.first, &forgotten), Err(MemoryError::Restored { .. })));
    go_on(5).unwrap();
    let unknown = grant_of(&world.parties.alpha, &world.proposal(&world.first, 7), 4);
    assert!(matches!(restored.recognise(&world.first, &unknown), Err(MemoryError::Restored { .. })));
    assert!(restored.state(&second).unwrap().restored);
    assert!(matches!(go_on(6), Err(MemoryError::Restored { contract }) if contract == second.id()));
}

#[test]
fn a_memory_that_lost_everything_takes_an_amendment_and_no_earlier_version_comes_back() {
    let world = World::new();
    let second = world.amendment(|_, _| {});
    let lost = empty(&world.parties);
    let complete = sign(&second, &world.parties);
    for error in [lost.check_amendment(&second), lost.remember_contract(&complete)].map(Result::unwrap_err) {
        let id = world.first.id();
        assert!(
            matches!(error, MemoryError::UnknownPredecessor { predecessor, first } if (predecessor, first) == (id, id))
        );
    }
    lost.go_on_by_its_word(&second.id()).unwrap();
    lost.remember_contract(&complete).unwrap();
    lost.remember_contract(&sign(&world.first, &world.parties)).unwrap();
    let error = lost.check_proposal(&world.first, &world.proposal(&world.first, 4)).unwrap_err();
    assert!(matches!(error, MemoryError::Amended { by, .. } if by == second.id()), "{error}");
    assert_eq!(lost.state(&second).unwrap().count, 3);
}

#[test]
fn a_receipt_of_the_predecessor_that_comes_late_settles_there_and_moves_nothing_here() {
    let world = World::new();
    let second = world.amendment(|_, _| {});
    world.take(&second).unwrap();
    let proposal = world.proposal(&world.first, 2);
    let own = world.memory.grant(&world.first.id(), 2).unwrap().unwrap();
    let proposal = Proposal { ..proposal };
    assert_eq!(own.proposal(), proposal.id());
    let void = world.enclave.void(&world.first, &proposal, &[], 1);
    assert_eq!(world.memory.settle(&world.first, &void).unwrap().settlement, Settlement::GivenBack);
    let (old, new) = (world.memory.state(&world.first).unwrap(), world.memory.state(&second).unwrap());
    assert_eq!((old.count, new.count), (2, 3));
    let refused = world.memory.settle(&second, &void).unwrap_err();
    assert!(matches!(refused, MemoryError::Receipt(ReceiptError::Contract { .. })), "{refused}");
}

#[test]
fn a_receipt_that_does_not_begin_where_the_amendment_says_does_not_hold() {
    let world = World::new();
    let second = world.amendment(|_, _| {});
    let proposal = world.proposal(&second, 4);
    let receipt = |change: &dyn Fn(&mut Proposal), before: u64| {
        let mut proposal = proposal.clone();
        change(&mut proposal);
        let grants: Vec<_> = world.parties.all().map(|party| grant_of(party, &proposal, 2)).into();
        let mut receipt = world.enclave.complete(&second, &proposal, &grants, 1).allegation().clone();
        (receipt.counts[0].before, receipt.counts[0].after) = (before, before + 1);
        SignedReceipt::sign(receipt, &world.enclave.signing)
    };
    receipt(&|_| {}, 3).verify(&second).unwrap();
    let refused = |change: &dyn Fn(&mut Proposal), before| receipt(change, before).verify(&second).unwrap_err();
    let counts = ReceiptError::Counts { party: "alpha".into() };
    for before in [1, 2, 4] {
        assert_eq!(refused(&|_| {}, before), counts, "{before}");
    }
    let numbers = ReceiptError::Proposal { what: "its run number" };
    assert_eq!(refused(&|proposal| proposal.run = 3, 3), numbers);
    let head = ReceiptError::Proposal { what: "its head" };
    assert_eq!(refused(&|proposal| (proposal.head, proposal.head_run) = (None, 0), 3), head);
    assert_eq!(refused(&|proposal| proposal.head = Some(ReceiptId::from_bytes([1; 32])), 3), head);
    assert_eq!(refused(&|proposal| proposal.head_run = 3, 3), head);
    // One that goes on from a later run of the same version may count more, and never less.
    let later = |proposal: &mut Proposal| (proposal.run, proposal.head_run) = (6, 5);
    receipt(&later, 4).verify(&second).unwrap();
    assert_eq!(refused(&later, 2), counts);
}
