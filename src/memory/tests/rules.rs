//! Each rule, by changing one thing in a proposal or receipt that holds.

use crate::memory::grant::NewGrant;
use crate::memory::store::{TALLIES, write};
use crate::memory::{GrantState, Head, Memory, MemoryError, Settlement, Tally};
use crate::random;
use crate::testing::{Enclave, Parties, RUNS, contract_of, contract_with, grant_of, id_of};
use redb::backends::InMemoryBackend;
use sealroom_protocol::contract::Contract;
use sealroom_protocol::id::{ObjectId, RequestId};
use sealroom_protocol::object::DataKey;
use sealroom_protocol::run::{Proposal, ReceiptError, SignedGrant, SignedReceipt};

/// Alpha's memory and everything that goes with it.
struct World {
    parties: Parties,
    contract: Contract,
    memory: Memory,
    enclave: Enclave,
}

const OBJECTS: [ObjectId; 2] = [ObjectId::from_bytes([1; 32]), ObjectId::from_bytes([2; 32])];

impl World {
    fn new() -> Self {
        let parties = Parties::new();
        let contract = contract_of(&parties);
        let memory = Self::memory(&parties, &contract);
        Self { parties, contract, memory, enclave: Enclave::new() }
    }

    fn memory(parties: &Parties, contract: &Contract) -> Memory {
        let memory = Memory::open_backend(InMemoryBackend::new(), &parties.alpha.signing().public()).unwrap();
        memory.remember_key(&OBJECTS[0], &DataKey::generate(&mut random())).unwrap();
        memory.bring_object(&contract.id(), "patients-alpha", &OBJECTS[0]).unwrap();
        memory
    }

    fn proposal(&self, run: u64) -> Proposal {
        self.enclave.proposal(&self.contract, run, OBJECTS, None)
    }

    fn grant(&self, proposal: &Proposal) -> Result<SignedGrant, MemoryError> {
        grant_in(&self.memory, self, proposal)
    }

    /// Grants of the other parties.
    fn others(&self, proposal: &Proposal) -> [SignedGrant; 2] {
        [grant_of(&self.parties.beta, proposal, 1), grant_of(&self.parties.institute, proposal, 1)]
    }

    fn complete(&self, proposal: &Proposal, own: &SignedGrant, before: u64) -> SignedReceipt {
        let [beta, institute] = self.others(proposal);
        self.enclave.complete(&self.contract, proposal, &[own.clone(), beta, institute], before)
    }

    fn count(&self) -> u64 {
        self.memory.state(&self.contract).unwrap().count
    }
}

fn grant_in(memory: &Memory, world: &World, proposal: &Proposal) -> Result<SignedGrant, MemoryError> {
    let make = |count| {
        let grant = grant_of(&world.parties.alpha, proposal, count);
        Ok::<_, MemoryError>(NewGrant { grant, ciphertext: vec![1], evidence: world.enclave.evidence() })
    };
    memory.write_grant(&world.contract, proposal, make).map(|record| record.grant)
}

fn next(proposal: &Proposal, head: &SignedReceipt) -> Proposal {
    let head_run = head.allegation().proposal.run;
    Proposal { run: proposal.run + 1, head: Some(id_of(head)), head_run, ..proposal.clone() }
}

#[test]
fn a_grant_counts_when_it_is_written_and_a_complete_receipt_confirms_it() {
    let world = World::new();
    let proposal = world.proposal(1);
    let grant = world.grant(&proposal).unwrap();
    assert_eq!((world.count(), grant.allegation().count), (1, 1));
    let receipt = world.complete(&proposal, &grant, 0);
    assert_eq!(world.memory.settle(&world.contract, &receipt).unwrap().settlement, Settlement::Confirmed);
    assert_eq!(world.memory.settle(&world.contract, &receipt).unwrap().settlement, Settlement::Recorded);
    let state = world.memory.state(&world.contract).unwrap();
    assert_eq!((state.count, state.limit), (1, RUNS));
    assert_eq!(state.head, Some(Head { run: 1, receipt: id_of(&receipt) }));
    assert_eq!(state.grants[0].state, GrantState::Confirmed);
    assert_eq!(world.memory.receipts(&world.contract.id()).unwrap(), [receipt]);
}

#[test]
fn a_void_receipt_gives_back_the_grant_but_never_the_run_number() {
    let world = World::new();
    let proposal = world.proposal(1);
    let grant = world.grant(&proposal).unwrap();
    // Delivered or not: a void settles it.
    let void = world.enclave.void(&world.contract, &proposal, &[], 0);
    assert_eq!(world.memory.settle(&world.contract, &void).unwrap().settlement, Settlement::GivenBack);
    assert_eq!(world.count(), 0);
    assert_eq!(world.memory.state(&world.contract).unwrap().head, None);
    let again = Enclave::new().proposal(&world.contract, 1, OBJECTS, None);
    assert!(matches!(world.grant(&again), Err(MemoryError::RunUsed { run: 1, highest: 1 })));
    world.grant(&world.proposal(2)).unwrap();
    // The void was a lie: what ran counts all the same.
    let complete = world.complete(&proposal, &grant, 0);
    assert_eq!(world.memory.settle(&world.contract, &complete).unwrap().settlement, Settlement::Confirmed);
    assert_eq!(world.count(), 2);
    let error = world.memory.settle(&world.contract, &void).unwrap_err();
    assert!(matches!(error, MemoryError::Contradiction { run: 1, known, .. } if known == id_of(&complete)), "{error}");
    assert_eq!(world.count(), 2);
}

#[test]
fn a_receipt_of_another_proposal_or_enclave_settles_nothing() {
    let world = World::new();
    let proposal = world.proposal(1);
    world.grant(&proposal).unwrap();
    let other = Enclave::new();
    let other_proposal = other.proposal(&world.contract, 1, OBJECTS, None);
    let void = other.void(&world.contract, &other_proposal, &[], 0);
    assert_eq!(world.memory.settle(&world.contract, &void).unwrap().settlement, Settlement::Recorded);
    let forged = other.void(&world.contract, &proposal, &[], 0);
    let error = world.memory.settle(&world.contract, &forged).unwrap_err();
    assert!(matches!(error, MemoryError::Receipt(ReceiptError::Signature(_))), "{error}");
    assert_eq!(world.count(), 1);
}

#[test]
fn a_proposal_that_breaks_one_rule_is_refused_by_that_rule() {
    let world = World::new();
    let first = world.proposal(1);
    let grant = world.grant(&first).unwrap();
    let receipt = world.complete(&first, &grant, 0);
    let good = next(&first, &receipt);
    let check = |proposal: &Proposal| world.memory.check_proposal(&world.contract, proposal);
    // Before the receipt is settled, its successor's head is unknown.
    assert!(matches!(check(&good), Err(MemoryError::UnknownHead { run: 1, .. })));
    world.memory.settle(&world.contract, &receipt).unwrap();
    assert_eq!(check(&good).unwrap(), 2);

    let older = Proposal { head: None, head_run: 0, ..good.clone() };
    assert!(matches!(check(&older), Err(MemoryError::OlderHead { expected: 1, found: 0 })));
    let forked = Proposal { head: Some(id_of(&world.enclave.void(&world.contract, &first, &[], 0))), ..good.clone() };
    assert!(matches!(check(&forked), Err(MemoryError::UnknownHead { run: 1, .. })));
    let ahead = Proposal { run: 6, head_run: 5, ..good.clone() };
    assert!(matches!(check(&ahead), Err(MemoryError::UnknownHead { run: 5, .. })));
    let used = Proposal { run: 1, ..good.clone() };
    assert!(matches!(check(&used), Err(MemoryError::RunUsed { run: 1, highest: 1 })));
    assert!(matches!(check(&first), Err(MemoryError::Granted { .. })));
    let mut swapped = good.clone();
    swapped.datasets[0].object = OBJECTS[1];
    let error = check(&swapped).unwrap_err();
    assert!(
        matches!(&error, MemoryError::OtherObject { dataset, found, .. } if dataset == "patients-alpha" && *found == OBJECTS[1])
    );
    let foreign = contract_of(&world.parties);
    let error = world.memory.check_proposal(&foreign, &good).unwrap_err();
    assert!(matches!(error, MemoryError::OtherContract { .. }), "{error}");
    assert_eq!(world.grant(&good).unwrap().allegation().count, 2);
}

#[test]
fn grants_never_exceed_the_limit_and_a_gap_stays_counted() {
    let world = World::new();
    for run in 1..=RUNS {
        // Nobody ever shows a receipt.
        assert_eq!(world.grant(&world.proposal(run)).unwrap().allegation().count, run);
    }
    let error = world.grant(&world.proposal(RUNS + 1)).unwrap_err();
    assert!(matches!(error, MemoryError::Limit { count: RUNS, limit: RUNS }), "{error}");
}

#[test]
fn a_request_is_used_while_a_grant_for_it_is_not_given_back() {
    let world = World::new();
    let request = Some(RequestId::from_bytes([5; 32]));
    let first = world.enclave.proposal(&world.contract, 1, OBJECTS, request);
    world.grant(&first).unwrap();
    let second = world.enclave.proposal(&world.contract, 2, OBJECTS, request);
    assert!(matches!(world.grant(&second), Err(MemoryError::RequestUsed { run: 1 })));
    let void = world.enclave.void(&world.contract, &first, &[], 0);
    world.memory.settle(&world.contract, &void).unwrap();
    world.grant(&second).unwrap();
}

#[test]
fn a_memory_that_is_shown_an_own_grant_it_does_not_know_grants_nothing_more() {
    let world = World::new();
    let backup = World::memory(&world.parties, &world.contract);
    let proposal = world.proposal(1);
    let grant = world.grant(&proposal).unwrap();
    // The backup knows nothing of it, and would reuse the run number; a receipt shows it.
    let receipt = world.complete(&proposal, &grant, 0);
    assert!(matches!(backup.settle(&world.contract, &receipt), Err(MemoryError::Restored { .. })));
    let next = world.proposal(2);
    assert!(matches!(grant_in(&backup, &world, &next), Err(MemoryError::Restored { .. })));
    assert!(backup.state(&world.contract).unwrap().restored);
    // So does the bare grant, from wherever it was seen; but not a forged one, or the known one.
    let other = World::memory(&world.parties, &world.contract);
    let forged = SignedGrant::sign(grant.allegation().clone(), world.parties.beta.signing());
    other.recognise(&world.contract, &forged).unwrap();
    assert!(matches!(other.recognise(&world.contract, &grant), Err(MemoryError::Restored { .. })));
    world.memory.recognise(&world.contract, &grant).unwrap();
    assert!(!world.memory.state(&world.contract).unwrap().restored);
}

#[test]
fn two_grants_of_one_party_for_one_run_number_prove_that_it_cheats() {
    let world = World::new();
    let (first, second) = (world.proposal(1), Enclave::new().proposal(&world.contract, 1, OBJECTS, None));
    let grants = [grant_of(&world.parties.beta, &first, 1), grant_of(&world.parties.beta, &second, 1)];
    world.memory.recognise(&world.contract, &grants[0]).unwrap();
    world.memory.recognise(&world.contract, &grants[0]).unwrap();
    let MemoryError::Cheating(cheating) = world.memory.recognise(&world.contract, &grants[1]).unwrap_err() else {
        panic!("not found out")
    };
    assert_eq!((cheating.party(), cheating.run()), ("beta", 1));
    assert_eq!(cheating.grants(), (&grants[0], &grants[1]));
    assert_eq!(world.memory.cheating(&world.contract).unwrap(), [*cheating]);
}

#[test]
fn a_party_that_cheats_keeps_nothing_from_being_settled_and_its_two_grants_are_kept() {
    let world = World::new();
    let forged = [Enclave::new(), Enclave::new()].map(|enclave| {
        let proposal = enclave.proposal(&world.contract, 77, OBJECTS, None);
        let grant = grant_of(&world.parties.beta, &proposal, 1);
        (enclave.void(&world.contract, &proposal, core::slice::from_ref(&grant), 0), grant)
    });
    let proposal = world.proposal(1);
    let grant = world.grant(&proposal).unwrap();
    let settle = |receipt: &SignedReceipt| world.memory.settle(&world.contract, receipt).unwrap();
    assert_eq!(settle(&forged[0].0).cheating, []);
    let found = settle(&forged[1].0);
    assert_eq!((found.settlement, found.cheating.len()), (Settlement::Recorded, 1));
    // Also one that is shown late, after the proof and again and again.
    assert_eq!(settle(&world.complete(&proposal, &grant, 0)).settlement, Settlement::Confirmed);
    assert_eq!(settle(&forged[1].0).settlement, Settlement::Recorded);
    let kept = world.memory.cheating(&world.contract).unwrap();
    assert_eq!(kept, found.cheating);
    assert_eq!(kept[0].grants(), (&forged[0].1, &forged[1].1));
    assert_eq!(world.memory.cheating(&contract_of(&world.parties)).unwrap(), []);
}

#[test]
fn both_receipts_of_a_forked_enclave_are_kept_in_whatever_order_they_are_shown() {
    let world = World::new();
    let proposal = world.proposal(1);
    let grant = world.grant(&proposal).unwrap();
    let void = world.enclave.void(&world.contract, &proposal, &[], 0);
    let complete = world.complete(&proposal, &grant, 0);
    let settle = |receipt: &SignedReceipt| world.memory.settle(&world.contract, receipt);
    assert_eq!(settle(&void).unwrap().forking, None);
    assert_eq!(world.memory.forking(&world.contract).unwrap(), []);
    // It counts again, and says what it proves.
    let settled = settle(&complete).unwrap();
    let forking = settled.forking.unwrap();
    assert_eq!((settled.settlement, forking.run()), (Settlement::Confirmed, 1));
    assert_eq!((forking.enclave_key(), forking.receipts()), (&world.enclave.signing.public(), (&void, &complete)));
    assert_eq!(world.memory.forking(&world.contract).unwrap(), core::slice::from_ref(&forking));
    // A third changes nothing, and is refused with a proof of its own.
    let again = world.complete(&proposal, &grant, 0);
    let MemoryError::Contradiction { run: 1, known, proof: Some(proof) } = settle(&again).unwrap_err() else {
        panic!("not refused")
    };
    assert_eq!((known, proof.receipts().1), (id_of(&complete), &again));
    assert_eq!(world.memory.forking(&world.contract).unwrap(), [forking]);
    assert_eq!(world.memory.forking(&contract_of(&world.parties)).unwrap(), []);
}

#[test]
fn what_a_refused_receipt_proves_is_kept_though_it_settles_nothing() {
    let world = World::new();
    let proposal = world.proposal(1);
    let grant = world.grant(&proposal).unwrap();
    let (complete, other) = (world.complete(&proposal, &grant, 0), world.complete(&proposal, &grant, 0));
    world.memory.settle(&world.contract, &complete).unwrap();
    let before = world.memory.state(&world.contract).unwrap();
    let refused = world.memory.settle(&world.contract, &other).unwrap_err();
    assert!(refused.to_string().contains("both are in your memory"), "{refused}");
    assert_eq!(world.memory.state(&world.contract).unwrap(), before);
    let kept = world.memory.forking(&world.contract).unwrap();
    assert_eq!(kept[0].receipts(), (&complete, &other));
    // Two voids prove nothing to others; the second is refused all the same.
    let second = next(&proposal, &complete);
    world.grant(&second).unwrap();
    let void = world.enclave.void(&world.contract, &second, &[], 1);
    let mut later = void.allegation().clone();
    later.time += 1;
    let later = SignedReceipt::sign(later, &world.enclave.signing);
    world.memory.settle(&world.contract, &void).unwrap();
    let refused = world.memory.settle(&world.contract, &later).unwrap_err();
    assert!(matches!(refused, MemoryError::Contradiction { run: 2, proof: None, .. }), "{refused}");
    assert_eq!(world.memory.forking(&world.contract).unwrap(), kept);
}

#[test]
fn a_memory_serves_one_party_and_its_contracts_only() {
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("memory");
    drop(Memory::open(&path, &world.parties.alpha.signing().public()).unwrap());
    let error = Memory::open(&path, &world.parties.beta.signing().public()).unwrap_err();
    assert!(matches!(error, MemoryError::Owner { .. }), "{error}");
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let error = Memory::open(&path, &world.parties.alpha.signing().public()).unwrap_err();
    assert!(matches!(error, MemoryError::Shared { mode: 0o644, .. }), "{error}");
    let foreign = contract_with(&Parties::new(), |_| {});
    assert!(matches!(world.memory.state(&foreign), Err(MemoryError::NotAParty { .. })));
}

#[test]
fn grants_are_tallied_by_how_they_stand_and_a_memory_of_before_that_counts_them_when_it_is_opened() {
    let mut world = World::new();
    let tally = |world: &World| world.memory.standing(&world.contract).unwrap().1;
    assert_eq!(tally(&world), Tally::default());
    let first = world.proposal(1);
    let grant = world.grant(&first).unwrap();
    assert_eq!(tally(&world), Tally { open: 1, ..Tally::default() });
    let void = world.enclave.void(&world.contract, &first, &[], 0);
    drop(world.memory.settle(&world.contract, &void).unwrap());
    assert_eq!(tally(&world), Tally { given_back: 1, ..Tally::default() });
    // It was a lie.
    let complete = world.complete(&first, &grant, 0);
    drop(world.memory.settle(&world.contract, &complete).unwrap());
    assert_eq!(tally(&world), Tally { confirmed: 1, ..Tally::default() });
    drop(world.grant(&next(&first, &complete)).unwrap());
    let expected = Tally { open: 1, confirmed: 1, given_back: 0 };
    assert_eq!(tally(&world), expected);
    let Memory { database, owner, .. } = world.memory;
    write(&database, |transaction| Ok(transaction.delete_table(TALLIES)?)).unwrap();
    world.memory = Memory::begin(database, &owner).unwrap();
    assert_eq!(tally(&world), expected);
    let mut runs = Vec::new();
    world.memory.newest_grants(&world.contract.id(), 1, &mut |grant| runs.push((grant.run, grant.state))).unwrap();
    assert_eq!(runs, [(2, GrantState::Open)]);
}

#[test]
fn receipts_are_read_in_parts_that_are_together_all_of_them() {
    let world = World::new();
    let (id, mut proposal, mut kept) = (world.contract.id(), world.proposal(1), Vec::new());
    for before in 0..3 {
        let grant = world.grant(&proposal).unwrap();
        let receipt = world.complete(&proposal, &grant, before);
        drop(world.memory.settle(&world.contract, &receipt).unwrap());
        proposal = next(&proposal, &receipt);
        kept.push(receipt);
    }
    let after = |place: usize, most| {
        let after = kept.get(place).map(|receipt| (receipt.allegation().proposal.run, id_of(receipt)));
        world.memory.receipts_after(&id, after, most).unwrap()
    };
    assert_eq!(after(9, 2), kept[..2]);
    assert_eq!(after(1, 2), kept[2..]);
    assert_eq!(after(2, 2), []);
}
