//! The log of an amendment, beside the log of the version before.

use super::{World, nothing_asked};
use crate::log::{LogFailure, ReceiptLog, VerifiedLog};
use crate::random;
use crate::testing::{Parties, sign};
use sealroom_protocol::contract::{Amends, CarriedCounts, CarriedHead, CarriedLog, Contract, write};
use sealroom_protocol::id::ReceiptId;
use sealroom_protocol::identity::SigningSecret;
use sealroom_protocol::log::{LogSigner, origin_of};

/// The log of the next version with these numbers: one run after what the world has.
fn next_log(world: &World, before: &VerifiedLog, change: impl FnOnce(&mut Amends)) -> VerifiedLog {
    let mut terms = before.contract.terms().clone();
    rand_core::Rng::fill_bytes(&mut random(), &mut terms.random);
    let mut amends = Amends::new(&before.contract, 4, &[("alpha", 4), ("beta", 4), ("institute", 4)]);
    let head = world.receipts[3].allegation();
    amends.head = Some(CarriedHead { run: 4, receipt: head.id() });
    amends.log = Some(CarriedLog { size: before.head.size, root: *before.head.root.as_bytes() });
    change(&mut amends);
    terms.amends = Some(amends);
    let contract = Contract::parse(write(&terms).as_bytes()).unwrap();
    let signer = LogSigner::new(&origin_of(&contract.id()), SigningSecret::generate(&mut random())).unwrap();
    let mut log = ReceiptLog::begin(&sign(&contract, &world.parties), &signer).unwrap();
    if contract.carried_head().is_some_and(|named| named.receipt == head.id()) {
        let fifth = World::complete(&contract, &world.parties, &world.enclave, 5, Some(&world.receipts[3]));
        if fifth.verify(&contract).is_ok() {
            log.append(&[fifth], &signer).unwrap();
        }
    }
    log.verify(&nothing_asked(), None).unwrap()
}

#[track_caller]
fn refused(world: &World, before: &VerifiedLog, change: impl FnOnce(&mut Amends), why: &str) {
    let failure = next_log(world, before, change).follows(before).unwrap_err();
    assert_eq!(failure.check(), "log.predecessor");
    assert!(matches!(&failure, LogFailure::Predecessor { what } if what.contains(why)), "{failure}");
}

#[test]
fn a_log_of_an_amendment_goes_on_where_its_predecessors_stopped_or_is_refused_by_name() {
    let world = World::new();
    let before = world.log().verify(&nothing_asked(), None).unwrap();
    let next = next_log(&world, &before, |_| {});
    assert_eq!(next.entries.len(), 1, "its first receipt goes on from one of the other log");
    next.follows(&before).unwrap();
    // What came into the old log later changes nothing, unless it is another history.
    let late = world.next(5, &world.receipts[3]);
    let longer = world.log_of(&[world.receipts.clone(), vec![late]].concat()).verify(&nothing_asked(), None).unwrap();
    next.follows(&longer).unwrap();
    let cut = world.log_of(&world.receipts[..3]).verify(&nothing_asked(), None).unwrap();
    assert!(matches!(next.follows(&cut), Err(LogFailure::Predecessor { what }) if what.contains("size and root")));
    // Without size and root the head alone ties them.
    next_log(&world, &before, |amends| amends.log = None).follows(&longer).unwrap();

    assert!(matches!(before.follows(&next), Err(LogFailure::Predecessor { what }) if what.contains("amends nothing")));
    let stranger = World { parties: Parties::new(), ..World::new() };
    let other = stranger.log().verify(&nothing_asked(), None).unwrap();
    assert!(matches!(next.follows(&other), Err(LogFailure::Predecessor { what }) if what.contains("another one")));
    refused(&world, &before, |amends| amends.version = 3, "number of the version");
    refused(&world, &before, |amends| amends.log.as_mut().unwrap().root = [0; 32], "size and root");
    refused(&world, &before, |amends| amends.log.as_mut().unwrap().size = 9, "size and root");
    let older = CarriedHead { run: 3, receipt: world.receipts[2].allegation().id() };
    refused(&world, &before, |amends| amends.head = Some(older), "newest complete receipt");
    let unknown = CarriedHead { run: 4, receipt: ReceiptId::from_bytes([7; 32]) };
    refused(&world, &before, |amends| amends.head = Some(unknown), "newest complete receipt");
    refused(&world, &before, |amends| amends.head = None, "newest complete receipt");
    let fewer = |amends: &mut Amends| match &mut amends.counts {
        CarriedCounts::On(counts) => counts[1].runs = 3,
        CarriedCounts::Anew => panic!("they go on"),
    };
    refused(&world, &before, fewer, "counts more runs");
    next_log(&world, &before, |amends| amends.counts = CarriedCounts::Anew).follows(&before).unwrap();
}
