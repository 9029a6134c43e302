//! What a hostile host can show who waits for a result: another's, another run's, or one that a stolen platform key made.

use crate::envelopes::attacks;
use crate::errors::refuses;
use crate::thief::Thief;
use crate::world::World;
use sealroom::{GrantState, now, open_result};
use sealroom_protocol::contract::{Column, OutputRules, ResultTerms, Role};
use sealroom_protocol::message::{EnclaveMessage, HostMessage};
use sealroom_protocol::run::{Count, Ending, Outcome, Output, Receipt, SignedReceipt};

#[test]
fn a_leaked_platform_key_makes_no_result_that_anyone_opens() {
    let world = World::new();
    let thief = Thief::new();
    // Appraisal cannot tell: the threat model says so, and operator statements are the answer.
    let room = thief.room(&world);
    let proposal = thief.proposal(&world);
    // South fell for it; north did not grant.
    let south = world.grant("south", &room, &thief.sign(proposal.clone())).unwrap();
    let forged = |grants| Receipt {
        contract: world.contract.id(),
        outcome: Outcome::Complete,
        ending: Ending::Released,
        proposal: proposal.clone(),
        grants,
        statement: None,
        stop: None,
        outputs: vec![Output {
            name: "size".into(),
            recipients: vec!["institute".into()],
            object: world.datasets()[0],
        }],
        counts: ["north", "south"].map(|party| Count { party: party.into(), before: 0, after: 1 }).into(),
        gap: vec![],
        time: now(),
    };
    let south = south.grant().envelope().clone();
    for grants in [vec![], vec![south.clone()], vec![south.clone(), south]] {
        let receipt = SignedReceipt::sign(forged(grants), &thief.signing);
        let opened = open_result(&world.contract, &world.site("institute").identity, &receipt, &[], [].as_slice());
        refuses(opened, "open.receipt");
    }
}

#[test]
fn results_swapped_between_runs_or_recipients_are_not_opened() {
    let world = World::new();
    let mut enclave = world.enclave();
    let first = world.run(&mut enclave, 1, vec![]);
    let first_receipt = SignedReceipt::decode(first.receipt.as_ref().unwrap()).unwrap();
    for name in ["north", "south"] {
        world.site(name).memory.settle(&world.contract, &first_receipt).unwrap();
    }
    let second = world.run(&mut enclave, 2, vec![first.receipt.clone().unwrap()]);
    let second_receipt = SignedReceipt::decode(second.receipt.as_ref().unwrap()).unwrap();
    let institute = &world.site("institute").identity;
    let manifest = second.manifest.as_ref().unwrap();
    let swapped = open_result(&world.contract, institute, &first_receipt, manifest, second.body.as_slice());
    refuses(swapped, "open.named");
    let north = &world.site("north").identity;
    let other = open_result(&world.contract, north, &second_receipt, manifest, second.body.as_slice());
    refuses(other, "open.recipient");
    let mut spliced = second.body.clone();
    spliced[60] ^= 1;
    let spliced = open_result(&world.contract, institute, &second_receipt, manifest, spliced.as_slice());
    refuses(spliced, "open.object");
    let cut = open_result(&world.contract, institute, &second_receipt, manifest, &second.body[..100]);
    refuses(cut, "open.body");
    let good = open_result(&world.contract, institute, &second_receipt, manifest, second.body.as_slice()).unwrap();
    assert_eq!(good.run, 2);
}

#[test]
fn results_swapped_between_names_are_not_opened() {
    let world = World::with(|terms| {
        terms.program = terms.program.clone().with("list_result", "list".into());
        let north = terms.parties.iter_mut().find(|party| party.name == "north").unwrap();
        north.roles = vec![Role::Data, Role::Result];
        let columns = vec![Column::text("domain", 60)];
        terms.results.push(ResultTerms::new("list", &["north"], columns, OutputRules::new(1, 10, 1_000)));
    });
    let mut enclave = world.enclave();
    let delivered = world.run(&mut enclave, 1, vec![]);
    let receipt = SignedReceipt::decode(delivered.receipt.as_ref().unwrap()).unwrap();
    let (size, list) = (&delivered.outputs["size"], &delivered.outputs["list"]);
    let open = |party: &str, manifest: &[u8], body: &[u8]| {
        open_result(&world.contract, &world.site(party).identity, &receipt, manifest, body)
    };
    refuses(open("institute", &list.0, &list.1), "open.recipient");
    refuses(open("north", &size.0, &size.1), "open.recipient");
    refuses(open("north", &list.0, &size.1), "open.object");
    // The name stands in the header, and the header in the id that the receipt names.
    let place = list.0.windows(6).position(|window| window == b"\"list\"").unwrap();
    let mut manifest = list.0.clone();
    manifest[place..place + 6].copy_from_slice(b"\"size\"");
    refuses(open("north", &manifest, &list.1), "open.named");
    assert_eq!(open("institute", &size.0, &size.1).unwrap().plaintext.csv, "size\n2\n");
    assert_eq!(open("north", &list.0, &list.1).unwrap().plaintext.csv, "domain\nb.example\nc.example\n");
}

#[test]
fn a_receipt_without_or_with_a_swapped_signature_opens_and_settles_nothing() {
    let world = World::new();
    let mut enclave = world.enclave();
    let first = world.run(&mut enclave, 1, vec![]);
    let genuine = first.receipt.clone().unwrap();
    let site = world.site("north");
    site.memory.settle(&world.contract, &SignedReceipt::decode(&genuine).unwrap()).unwrap();
    world.site("south").memory.settle(&world.contract, &SignedReceipt::decode(&genuine).unwrap()).unwrap();
    let second = world.run(&mut enclave, 2, vec![genuine.clone()]);
    let institute = &world.site("institute").identity;
    let manifest = second.manifest.as_ref().unwrap();
    for receipt in attacks(second.receipt.as_ref().unwrap(), &genuine) {
        let receipt = SignedReceipt::decode(&receipt).unwrap();
        refuses(open_result(&world.contract, institute, &receipt, manifest, second.body.as_slice()), "open.receipt");
        refuses(site.memory.settle(&world.contract, &receipt), "memory.receipt");
    }
    let state = site.memory.state(&world.contract).unwrap();
    assert_eq!(
        state.grants.iter().filter(|grant| grant.state == GrantState::Open).count(),
        1,
        "the second run stays open"
    );
}

#[test]
fn a_run_that_gave_no_result_is_not_answered_with_an_older_one() {
    let world = World::new();
    let mut enclave = world.enclave();
    let first = world.run(&mut enclave, 1, vec![]);
    let room = world.appraise(|challenge| enclave.attest(vec![challenge])).unwrap();
    let receipt = SignedReceipt::decode(first.receipt.as_ref().unwrap()).unwrap();
    for name in ["north", "south"] {
        world.site(name).memory.settle(&world.contract, &receipt).unwrap();
    }
    let proposal = enclave.propose(now(), 2, vec![first.receipt.clone().unwrap()], world.datasets());
    let north = world.grant("north", &room, &proposal).unwrap();
    enclave.grant(now(), &north, &world.bodies);
    let EnclaveMessage::Receipt { receipt: void } = enclave.ask(&HostMessage::Abandon { now: now() }) else {
        panic!("a void receipt")
    };
    let void = SignedReceipt::decode(&void).unwrap();
    let institute = &world.site("institute").identity;
    refuses(
        open_result(&world.contract, institute, &void, first.manifest.as_ref().unwrap(), first.body.as_slice()),
        "open.ending",
    );
}
