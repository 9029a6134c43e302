//! Two amendments of one version, each taken by somebody, and amendments that nobody can check: the way on from both.

use super::amend::{OBJECTS, World, amendment_of, empty, grant};
use crate::memory::{Head, Memory, MemoryError, Settlement};
use crate::testing::{grant_of, id_of, sign};
use sealroom_protocol::contract::{CarriedCounts, CarriedHead, Contract, RUN_NUMBERS_OF_A_VERSION, Terms, write};
use sealroom_protocol::id::{ContractId, ReceiptId};
use sealroom_protocol::run::{Proposal, SignedGrant, SignedReceipt};

/// A party's memory as it is before the first run, with the first version in it.
fn memory_of_beta(world: &World) -> Memory {
    let backend = redb::backends::InMemoryBackend::new();
    let memory = Memory::open_backend(backend, &world.parties.beta.signing().public()).unwrap();
    memory.remember_contract(&sign(&world.first, &world.parties)).unwrap();
    memory
}

fn set_count(terms: &mut CarriedCounts, place: usize, runs: u64) {
    let CarriedCounts::On(counts) = terms else { panic!("they go on") };
    counts[place].runs = runs;
}

/// A receipt of a run under an amendment that goes on from the head: all granted it, so far with these counts.
fn complete(world: &World, contract: &Contract, proposal: &Proposal, before: [u64; 3]) -> SignedReceipt {
    let parties = world.parties.all().into_iter().zip(before);
    let grants: Vec<SignedGrant> = parties.map(|(party, before)| grant_of(party, proposal, before + 1)).collect();
    let mut receipt = world.enclave.complete(contract, proposal, &grants, 0).allegation().clone();
    for (count, before) in receipt.counts.iter_mut().zip(before) {
        (count.before, count.after) = (before, before + 1);
    }
    SignedReceipt::sign(receipt, &world.enclave.signing)
}

#[test]
fn parties_of_two_lines_go_on_together_under_a_next_version_of_either() {
    // All signed both: alpha holds one, beta the other, and each granted a run of its own that never came to anything.
    let world = World::new();
    let beta = memory_of_beta(&world);
    let (left, right) = (world.amendment(|_, _| {}), world.amendment(|terms, _| terms.limits.runs = 6));
    world.take(&left).unwrap();
    beta.go_on_by_its_word(&right.id()).unwrap();
    beta.remember_contract(&sign(&right, &world.parties)).unwrap();
    world.grant(&left, &world.proposal(&left, 4)).unwrap();
    let other = |run| {
        let proposal = world.proposal(&right, run);
        let make = |count| {
            let grant = grant_of(&world.parties.beta, &proposal, count);
            let evidence = world.enclave.evidence();
            Ok::<_, MemoryError>(crate::memory::NewGrant { grant, ciphertext: vec![1], evidence })
        };
        beta.write_grant(&right, &proposal, make).unwrap_err()
    };
    // Beta brought no object, so it only shows what it would say of the number.
    assert!(matches!(other(3), MemoryError::RunUsed { run: 3, highest: 3 }));

    let both = [&world.memory, &beta];
    for line in [&left, &right] {
        let next = |change: &dyn Fn(&mut sealroom_protocol::contract::Amends)| {
            amendment_of(line, &world.head, |terms, amends| {
                terms.limits.runs = 6;
                amends.highest_run = 4;
                set_count(&mut amends.counts, 0, 4);
                change(amends);
            })
        };
        // What one of them would lose by it is refused, as ever.
        let low = next(&|amends| set_count(&mut amends.counts, 0, 3));
        let error = world.memory.check_amendment(&low).unwrap_err();
        assert!(matches!(error, MemoryError::AmendmentCount { expected: 4, found: 3, .. }), "{error}");
        let low = next(&|amends| amends.highest_run = 3);
        let error = world.memory.check_amendment(&low).unwrap_err();
        assert!(matches!(error, MemoryError::AmendmentRuns { expected: 4, found: 3 }), "{error}");
        let low = next(&|amends| set_count(&mut amends.counts, 1, 0));
        let error = beta.check_amendment(&low).unwrap_err();
        assert!(matches!(error, MemoryError::AmendmentCount { expected: 1, found: 0, .. }), "{error}");
        both.iter().for_each(|memory| memory.check_amendment(&next(&|_| {})).unwrap());
    }
    // Alpha drafts it of the version that it does not hold, and it counts what alpha granted under the other.
    let amends = world.memory.draft_amendment(&right).unwrap();
    assert_eq!((amends.contract, amends.version, amends.highest_run), (right.id(), 3, 4));
    let third = amendment_of(&right, &world.head, |terms, drafted| {
        terms.limits.runs = 6;
        *drafted = amends;
    });
    for memory in both {
        memory.remember_contract(&sign(&third, &world.parties)).unwrap();
        assert_eq!(memory.in_force(&world.first).unwrap(), Some(third.id()));
    }
    assert_eq!((world.memory.state(&third).unwrap().count, beta.state(&third).unwrap().count), (4, 1));
    for over in [&left, &right] {
        assert!(matches!(world.grant(over, &world.proposal(over, 5)), Err(MemoryError::Amended { .. })));
    }
    assert_eq!(world.grant(&third, &world.proposal(&third, 5)).unwrap().allegation().count, 5);
}

#[test]
fn a_receipt_of_each_line_for_one_run_number_keeps_nobody_from_going_on() {
    let world = World::new();
    let (left, right) = (world.amendment(|_, _| {}), world.amendment(|terms, _| terms.limits.runs = 6));
    world.take(&left).unwrap();
    let proposal = world.proposal(&left, 4);
    let own = world.grant(&left, &proposal).unwrap();
    let mut receipt = complete(&world, &left, &proposal, [3, 1, 1]).allegation().clone();
    receipt.grants[0] = own.envelope().clone();
    let receipt = SignedReceipt::sign(receipt, &world.enclave.signing);
    world.memory.settle(&left, &receipt).unwrap();
    let elsewhere = CarriedHead { run: 4, receipt: ReceiptId::from_bytes([9; 32]) };
    let next = |of: &Contract, head| {
        amendment_of(of, &world.head, |_, amends| {
            (amends.highest_run, amends.head) = (4, Some(head));
            set_count(&mut amends.counts, 0, 4);
        })
    };
    // On its own line another receipt of that run would forget its own.
    let error = world.memory.check_amendment(&next(&left, elsewhere)).unwrap_err();
    assert!(matches!(error, MemoryError::AmendmentHead { run: 4, .. }), "{error}");
    let older = CarriedHead { run: 1, receipt: id_of(&world.head) };
    let error = world.memory.check_amendment(&next(&right, older)).unwrap_err();
    assert!(matches!(error, MemoryError::AmendmentHead { run: 4, .. }), "{error}");
    let third = next(&right, elsewhere);
    world.take(&third).unwrap();
    let state = world.memory.state(&third).unwrap();
    assert_eq!((state.count, state.head.map(|head| head.receipt)), (4, Some(elsewhere.receipt)));
    let proposal = Proposal { head: Some(elsewhere.receipt), head_run: 4, ..world.proposal(&third, 5) };
    assert_eq!(world.grant(&third, &proposal).unwrap().allegation().count, 5);
}

#[test]
fn an_amendment_names_no_run_number_that_leaves_none_and_no_party_grants_one_of_a_later_version() {
    let world = World::new();
    let last = world.first.last_run();
    assert_eq!(last, RUN_NUMBERS_OF_A_VERSION);
    // The worst that an amendment can say still leaves as many numbers as a version has.
    let worst = world.amendment(|_, amends| amends.highest_run = last);
    let mut terms: Terms = worst.terms().clone();
    terms.amends.as_mut().unwrap().highest_run = last + 1;
    let error = Contract::parse(write(&terms).as_bytes()).unwrap_err();
    assert!(error.to_string().contains("expected 1 to 8589934592"), "{error}");
    world.take(&worst).unwrap();
    assert_eq!(worst.last_run(), 2 * RUN_NUMBERS_OF_A_VERSION);
    let error = world.grant(&worst, &world.proposal(&worst, last + 1_000_001)).unwrap_err();
    assert!(matches!(error, MemoryError::RunTooFar { known, .. } if known == last), "{error}");
    world.grant(&worst, &world.proposal(&worst, last + 1)).unwrap();
    // An honest party never grants a number that the next version could not name.
    let error = world.grant(&worst, &world.proposal(&worst, worst.last_run() + 1)).unwrap_err();
    assert!(matches!(error, MemoryError::RunOfLaterVersion { last, .. } if last == worst.last_run()), "{error}");
    // Who was away, and knows nothing of all this, takes the next version all the same.
    let away = memory_of_beta(&world);
    let third = amendment_of(&worst, &world.head, |_, amends| {
        amends.highest_run = worst.last_run();
        amends.head = None;
    });
    away.remember_contract(&sign(&third, &world.parties)).unwrap();
}

#[test]
fn an_amendment_whose_number_leaves_none_for_others_is_refused() {
    let world = World::new();
    let far = |version| {
        world.amendment(|_, amends| (amends.contract, amends.version) = (ContractId::from_bytes([7; 32]), version))
    };
    for version in [1_002, 1_000_000] {
        let error = world.memory.check_amendment(&far(version)).unwrap_err();
        assert!(matches!(error, MemoryError::VersionTooFar { known: 1, found } if found == version), "{error}");
    }
    world.memory.check_amendment(&far(1_001)).unwrap();
}

#[test]
fn a_named_head_is_no_older_than_ones_own_and_none_that_lacks_ones_grant() {
    let world = World::new();
    // Runs 2 and 3 were granted, so their receipts may be there. None of run 4 can be.
    let receipt = ReceiptId::from_bytes([9; 32]);
    let head = |run| {
        move |_: &mut Terms, amends: &mut sealroom_protocol::contract::Amends| {
            (amends.head, amends.highest_run) = (Some(CarriedHead { run, receipt }), 9);
        }
    };
    let error = world.refused(head(4));
    assert!(
        matches!(error, MemoryError::AmendmentHeadUnknown { run: 4, found, highest: 3 } if found == receipt),
        "{error}"
    );
    world.memory.check_amendment(&world.amendment(head(3))).unwrap();
    // An older copy of the memory says so too, and takes it once it was shown that receipt, or by its party's word.
    let proposal = world.proposal(&world.first, 3);
    let granted = world.memory.grant(&world.first.id(), 3).unwrap().unwrap();
    assert_eq!(granted.proposal(), proposal.id());
    let others = [&world.parties.beta, &world.parties.institute].map(|party| grant_of(party, &proposal, 2));
    let grants: Vec<SignedGrant> = core::iter::once(granted.grant).chain(others).collect();
    let third = world.enclave.complete(&world.first, &proposal, &grants, 1);
    let next = world.amendment(|_, amends| amends.head = Some(CarriedHead { run: 3, receipt: id_of(&third) }));
    let older = empty(&world.parties);
    older.remember_contract(&sign(&world.first, &world.parties)).unwrap();
    let error = older.check_amendment(&next).unwrap_err();
    assert!(matches!(error, MemoryError::AmendmentHeadUnknown { run: 3, highest: 0, .. }), "{error}");
    let by_word = empty(&world.parties);
    by_word.remember_contract(&sign(&world.first, &world.parties)).unwrap();
    by_word.go_on_by_its_word(&next.id()).unwrap();
    assert!(matches!(older.settle(&world.first, &third), Err(MemoryError::Restored { .. })));
    for memory in [&older, &by_word] {
        memory.remember_contract(&sign(&next, &world.parties)).unwrap();
        assert_eq!(memory.state(&next).unwrap().count, 3);
    }
}

#[test]
fn a_restored_party_drafts_from_receipts_that_others_give_it() {
    let world = World::new();
    let restored = empty(&world.parties);
    restored.remember_contract(&sign(&world.first, &world.parties)).unwrap();
    assert!(matches!(restored.settle(&world.first, &world.head), Err(MemoryError::Restored { .. })));
    let own = world.memory.grant(&world.first.id(), 3).unwrap().unwrap().grant;
    let void = world.enclave.void(&world.first, &world.proposal(&world.first, 3), &[own], 1);
    let blind = restored.draft_amendment(&world.first).unwrap();
    assert_eq!((blind.highest_run, blind.head), (0, None));
    let drafted = restored.draft_amendment_with(&world.first, &[void, world.head.clone()]).unwrap();
    assert_eq!((drafted.highest_run, drafted.head.map(|head| head.receipt)), (3, Some(id_of(&world.head))));
    let CarriedCounts::On(counts) = &drafted.counts else { panic!("they go on") };
    assert_eq!(counts.iter().map(|count| count.runs).collect::<Vec<_>>(), [1, 1, 1]);
    // One that does not hold counts for nothing, whoever brings it.
    let forged = SignedReceipt::sign(world.head.allegation().clone(), world.parties.beta.signing());
    let error = restored.draft_amendment_with(&world.first, &[forged]).unwrap_err();
    assert!(matches!(error, MemoryError::Receipt(_)), "{error}");
    let second = world.amendment(|_, _| {});
    let proposal = world.proposal(&second, 4);
    let elsewhere = complete(&world, &second, &proposal, [3, 1, 1]);
    let error = restored.draft_amendment_with(&world.first, &[elsewhere]).unwrap_err();
    assert!(matches!(error, MemoryError::Receipt(sealroom_protocol::run::ReceiptError::Contract { .. })), "{error}");
    let late = grant(&restored, &world.parties, &world.enclave, &world.first, &world.proposal(&world.first, 4));
    assert!(matches!(late, Err(MemoryError::Restored { .. })));
}

#[test]
fn parties_that_were_shown_the_two_receipts_of_a_forked_enclave_go_on_from_either_once_both_are_seen() {
    let world = World::new();
    let beta = memory_of_beta(&world);
    // Beta was shown another receipt of run 1 than alpha: by the same enclave key, with the same grants.
    let mut forked = world.head.allegation().clone();
    forked.time += 1;
    let forked = SignedReceipt::sign(forked, &world.enclave.signing);
    granted_by_beta(&world, &beta);
    assert_eq!(beta.settle(&world.first, &forked).unwrap().settlement, Settlement::Confirmed);
    let versions = [&world.head, &forked].map(|head| amendment_of(&world.first, head, |_, _| {}));
    for (memory, refused) in [(&world.memory, &versions[1]), (&beta, &versions[0])] {
        let error = memory.check_amendment(refused).unwrap_err();
        assert!(matches!(error, MemoryError::AmendmentHead { run: 1, found: Some(_), .. }), "{error}");
    }
    // Each shows the other what it was shown.
    for (memory, other) in [(&world.memory, &forked), (&beta, &world.head)] {
        let error = memory.settle(&world.first, other).unwrap_err();
        assert!(matches!(error, MemoryError::Contradiction { run: 1, proof: Some(_), .. }), "{error}");
    }
    for memory in [&world.memory, &beta] {
        versions.iter().for_each(|version| memory.check_amendment(version).unwrap());
        // Only from these two, and nothing that was counted is lost.
        let named = |receipt, runs| {
            amendment_of(&world.first, &world.head, |_, amends| {
                amends.head = Some(CarriedHead { run: 1, receipt });
                (0..2).for_each(|place| set_count(&mut amends.counts, place, runs));
            })
        };
        let error = memory.check_amendment(&named(ReceiptId::from_bytes([9; 32]), 3)).unwrap_err();
        assert!(matches!(error, MemoryError::AmendmentHead { run: 1, .. }), "{error}");
        let error = memory.check_amendment(&named(id_of(&forked), 0)).unwrap_err();
        assert!(matches!(error, MemoryError::AmendmentCount { found: 0, .. }), "{error}");
        memory.remember_contract(&sign(&versions[1], &world.parties)).unwrap();
        let head = memory.state(&versions[1]).unwrap().head;
        assert_eq!(head, Some(Head { run: 1, receipt: id_of(&forked) }));
    }
}

/// Beta grants run 1, with the grant that is in the receipts of it.
fn granted_by_beta(world: &World, beta: &Memory) {
    let said = &world.head.allegation().grants[1];
    let grant = SignedGrant::decode(&said.encode()).unwrap();
    let object = sealroom_protocol::object::DataKey::generate(&mut crate::random());
    beta.remember_key(&OBJECTS[1], &object).unwrap();
    beta.bring_object(&world.first.id(), "patients-beta", &OBJECTS[1]).unwrap();
    let proposal = world.enclave.proposal(&world.first, 1, OBJECTS, None);
    let evidence = world.enclave.evidence();
    let new = crate::memory::NewGrant { grant, ciphertext: vec![1], evidence };
    drop(beta.write_grant(&world.first, &proposal, |_| Ok::<_, MemoryError>(new)).unwrap());
}
