//! A host, or a party, that lies about grants: forwarding, signing again, replaying, swapping. Each lie is its own
//! refusal, and no run starts without every grant of one proposal.

use crate::host::{Host, assert_refused, decoded, receipt, released};
use crate::world::{NOW, Options, World, dataset_object, hex};
use sealroom_protocol::id::ContractId;
use sealroom_protocol::message::{EnclaveMessage, HostMessage};
use sealroom_protocol::run::{Ending, Grant, Outcome, Proposal, SignedStop, Stop};

/// Changes one thing in an honest grant of north, signs it again, and sends it.
fn changed(change: impl FnOnce(&mut Grant), signer: &str) -> Vec<EnclaveMessage> {
    let mut world = World::new(Options::default());
    let mut host = Host::opened(&world, 1);
    let proposal = host.proposed(&world, 1, &[]);
    let mut body = world.grant_body("north", &proposal);
    change(&mut body);
    let (grant, ciphertext) = world.sign_grant(body, &proposal, signer);
    host.send(HostMessage::Grant { now: NOW, grant, ciphertext })
}

#[test]
fn each_field_of_a_grant_is_checked() {
    assert_refused(&changed(|grant| grant.contract = ContractId::from_bytes([1; 32]), "north"), "grant.contract");
    let other = sealroom_protocol::id::ProposalId::from_bytes([1; 32]);
    assert_refused(&changed(|grant| grant.proposal = other, "north"), "grant.proposal");
    assert_refused(&changed(|grant| grant.run = 2, "north"), "grant.run");
    assert_refused(&changed(|grant| grant.count = 0, "north"), "grant.count");
    assert_refused(&changed(|grant| grant.count = 6, "north"), "grant.count");
    assert_refused(&changed(|grant| grant.expires = NOW, "north"), "grant.expiry");
    assert_refused(&changed(|grant| grant.clock = 0, "north"), "time.not-before");
    // A clock far ahead runs past the grant's own end.
    assert_refused(&changed(|grant| grant.clock = grant.expires, "north"), "grant.expiry");
    assert_refused(&changed(|grant| grant.party = "stranger".into(), "north"), "grant.party");
    assert_refused(&changed(|grant| grant.party = "institute".into(), "institute"), "grant.party");
    assert_refused(&changed(|_| {}, "south"), "grant.signature");
    assert_refused(&changed(|grant| grant.party = "south".into(), "north"), "grant.signature");
    let accepted = changed(|_| {}, "north");
    assert!(matches!(accepted.as_slice(), [EnclaveMessage::Accepted { missing, .. }] if missing == &["south"]));
}

#[test]
fn keys_open_only_for_the_party_grant_and_room_they_were_encrypted_for() {
    let mut world = World::new(Options::default());
    let mut host = Host::opened(&world, 1);
    let proposal = host.proposed(&world, 1, &[]);
    let HostMessage::Grant { grant: north, ciphertext: keys, .. } = world.grant("north", &proposal) else {
        panic!("a grant")
    };
    let HostMessage::Grant { ciphertext: others, .. } = world.grant("south", &proposal) else { panic!("a grant") };
    // The ciphertext is swapped under a good signature.
    assert_refused(
        &host.send(HostMessage::Grant { now: NOW, grant: north.clone(), ciphertext: others.clone() }),
        "grant.keys",
    );
    let mut flipped = keys.clone();
    *flipped.last_mut().unwrap() ^= 1;
    assert_refused(
        &host.send(HostMessage::Grant { now: NOW, grant: north.clone(), ciphertext: flipped }),
        "grant.keys",
    );
    // South signs north's ciphertext as its own: it was encrypted for north.
    let mut stolen = world.grant_body("south", &proposal);
    stolen.ciphertext = hex(&sealroom_protocol::hash::sha256(&keys));
    let stolen = sealroom_protocol::run::SignedGrant::sign(stolen, &world.party("south").signing).encode();
    assert_refused(&host.send(HostMessage::Grant { now: NOW, grant: stolen, ciphertext: keys.clone() }), "grant.keys");
    // A grant whose keys are for objects of another party.
    let mut swapped: Proposal = proposal.clone();
    let (a, b) = (swapped.datasets[0].object, swapped.datasets[1].object);
    swapped.datasets[0].object = b;
    swapped.datasets[1].object = a;
    let body = world.grant_body("north", &proposal);
    let (grant, ciphertext) = world.sign_grant(body, &swapped, "north");
    assert_refused(&host.send(HostMessage::Grant { now: NOW, grant, ciphertext }), "grant.objects");
    assert_refused(&host.send(HostMessage::Grant { now: NOW, grant: b"{}".to_vec(), ciphertext: keys }), "grant.form");
}

#[test]
fn a_grant_is_no_use_in_another_room_of_the_same_contract() {
    let mut world = World::new(Options::default());
    let (mut one, mut two) = (Host::opened(&world, 1), Host::opened(&world, 2));
    let (first, second) = (one.proposed(&world, 1, &[]), two.proposed(&world, 1, &[]));
    assert_ne!(first.id(), second.id());
    // Each room was shown to one of the two parties; neither gathers both grants.
    let north = world.grant("north", &first);
    let south = world.grant("south", &second);
    assert!(!released(&one.send(north.clone())));
    assert!(!released(&two.send(south.clone())));
    assert_refused(&one.send(south), "grant.proposal");
    assert_refused(&two.send(north), "grant.proposal");
    // An enclave that re-encrypts a grant's keys for another cannot sign for the party.
    let body = world.grant_body("north", &second);
    let (forged, ciphertext) = world.sign_grant(body, &second, "south");
    assert_refused(&two.send(HostMessage::Grant { now: NOW, grant: forged, ciphertext }), "grant.signature");
}

#[test]
fn a_grant_delivered_again_starts_nothing() {
    let mut world = World::new(Options::default());
    let mut host = Host::opened(&world, 1);
    let first = host.proposed(&world, 1, &[]);
    let north = world.grant("north", &first);
    host.send(north.clone());
    assert_refused(&host.send(north.clone()), "grant.twice");
    let south = world.grant("south", &first);
    let done = receipt(&host.send(south.clone()));
    // After the run: the room awaits no grant, and the next proposal is another.
    assert_refused(&host.send(north.clone()), "message.phase");
    host.proposed(&world, 2, &[done]);
    assert_refused(&host.send(north), "grant.proposal");
    // After a void: the same.
    assert!(!released(&host.send(HostMessage::Abandon { now: NOW })));
    assert_refused(&host.send(south), "message.phase");
}

#[test]
fn a_dropped_grant_starts_nothing_whatever_is_sent_in_its_place() {
    for (kept, dropped) in [("north", "south"), ("south", "north")] {
        let mut world = World::new(Options::default());
        let mut host = Host::opened(&world, 1);
        let proposal = host.proposed(&world, 1, &[]);
        let grant = world.grant(kept, &proposal);
        let accepted = host.send(grant.clone());
        assert!(matches!(accepted.as_slice(), [EnclaveMessage::Accepted { missing, .. }] if missing == &[dropped]));
        let object = world.datasets()[0];
        assert_refused(&host.send(HostMessage::Group { object, index: 0, bytes: vec![0; 16] }), "message.phase");
        assert_refused(&host.send(grant), "grant.twice");
        let ended = host.send(HostMessage::Abandon { now: NOW });
        assert_eq!(decoded(&receipt(&ended)).verify(&world.contract).unwrap().outcome, Outcome::Void);
        assert!(!released(&ended));
    }
}

#[test]
fn a_void_gives_every_grant_back_and_reads_nothing() {
    let mut world = World::new(Options::default());
    let mut host = Host::opened(&world, 1);
    let proposal = host.proposed(&world, 1, &[]);
    let north = world.grant("north", &proposal);
    host.send(north);
    // No body can be read from this host: a void must not need one.
    host.bodies.clear();
    let answers = host.send(HostMessage::Abandon { now: NOW });
    let signed = decoded(&receipt(&answers));
    let void = signed.verify(&world.contract).unwrap();
    assert_eq!((void.outcome, void.ending), (Outcome::Void, Ending::Abandoned));
    assert_eq!(void.grants.len(), 1);
    assert!(void.counts.iter().all(|count| count.before == 0 && count.after == 0));
    // The number is used all the same.
    assert_refused(&host.propose(&world, 1, &[]), "run.number");
}

#[test]
fn datasets_cannot_be_swapped_after_a_grant() {
    let mut world = World::new(Options::default());
    let mut host = Host::opened(&world, 1);
    let first = host.proposed(&world, 1, &[]);
    let north = world.grant("north", &first);
    host.send(north.clone());
    // Another proposal is not made while this one stands; nor is another object taken.
    assert_refused(&host.propose(&world, 2, &[]), "message.phase");
    let manifest = world.objects[0].manifest.clone();
    assert_refused(&host.send(HostMessage::Bring { manifest }), "message.phase");
    host.send(HostMessage::Abandon { now: NOW });
    let owner = sealroom_protocol::identity::SigningSecret::from_seed(world.party("south").signing.expose_seed());
    let dataset = world.contract.dataset("south-rows").unwrap().clone();
    let other = dataset_object(&dataset, &owner, b"age\n99\n", &mut world.rng);
    host.bring(&other.manifest);
    world.objects[1] = other;
    host.proposed(&world, 2, &[]);
    assert_refused(&host.send(north), "grant.proposal");
}

#[test]
fn stops_by_parties_end_the_room_in_every_phase_and_others_do_not() {
    let mut world = World::new(Options::default());
    let id = world.contract.id();
    let mut host = Host::opened(&world, 1);
    assert_refused(&host.send(world.stop("north", id, "south")), "stop.signature");
    assert_refused(&host.send(world.stop("stranger", id, "south")), "stop.party");
    assert_refused(&host.send(world.stop("north", ContractId::from_bytes([1; 32]), "north")), "stop.contract");
    assert_refused(&host.send(HostMessage::Stop { now: NOW, stop: vec![0] }), "stop.form");
    assert_eq!(host.send(world.stop("institute", id, "institute")), [EnclaveMessage::Ended]);
    assert_refused(&host.propose(&world, 1, &[]), "message.phase");

    let mut host = Host::opened(&world, 1);
    let proposal = host.proposed(&world, 1, &[]);
    let north = world.grant("north", &proposal);
    host.send(north);
    let answers = host.send(world.stop("south", id, "south"));
    let signed = decoded(&receipt(&answers));
    let void = signed.verify(&world.contract).unwrap();
    assert_eq!((void.outcome, void.ending, void.stop.is_some()), (Outcome::Void, Ending::Stopped, true));
    assert_eq!(answers.last(), Some(&EnclaveMessage::Ended));

    let mut host = Host::opened(&world, 1);
    let proposal = host.proposed(&world, 1, &[]);
    let HostMessage::Stop { stop, .. } = world.stop("north", id, "north") else { panic!("a stop") };
    host.stop_while_running = Some(stop);
    let (north, south) = (world.grant("north", &proposal), world.grant("south", &proposal));
    host.send(north);
    let answers = host.send(south);
    let signed = decoded(&receipt(&answers));
    let complete = signed.verify(&world.contract).unwrap();
    assert_eq!((complete.outcome, complete.ending), (Outcome::Complete, Ending::Stopped), "all granted, so it counts");
    assert!(!released(&answers));
    assert_eq!(answers.last(), Some(&EnclaveMessage::Ended));
}

#[test]
fn a_huge_run_number_or_a_long_reason_makes_no_receipt_that_nobody_can_read() {
    let mut world = World::new(Options::default());
    let mut host = Host::opened(&world, 1);
    let proposal = host.proposed(&world, (1 << 53) - 1, &[]);
    let north = world.grant("north", &proposal);
    host.send(north);
    let signed = decoded(&receipt(&host.send(HostMessage::Abandon { now: NOW })));
    let gap = &signed.verify(&world.contract).unwrap().gap;
    assert_eq!((gap.len(), gap.first()), (64, Some(&1)));

    let mut host = Host::opened(&world, 1);
    host.proposed(&world, 1, &[]);
    for (length, check) in [(1_025, Some("stop.form")), (1_024, None)] {
        let reason = "x".repeat(length);
        let stop = Stop { contract: world.contract.id(), party: "north".into(), reason, clock: NOW };
        let stop = SignedStop::sign(stop, &world.party("north").signing).encode();
        let answers = host.send(HostMessage::Stop { now: NOW, stop });
        match check {
            Some(check) => assert_refused(&answers, check),
            None => drop(decoded(&receipt(&answers)).verify(&world.contract).unwrap()),
        }
    }
}

#[test]
fn no_grant_is_taken_before_the_region_is_stated_and_only_by_the_named_party() {
    let mut world = World::new(Options { cross_border: true, ..Options::default() });
    let mut host = Host::opened(&world, 1);
    let proposal = host.proposed(&world, 1, &[]);
    let id = proposal.id();
    let north = world.grant("north", &proposal);
    assert_refused(&host.send(north.clone()), "statement.content");
    assert_refused(&host.send(world.statement(id, "US", "institute")), "statement.content");
    assert_refused(&host.send(world.statement(id, "CH", "north")), "statement.form");
    let other = sealroom_protocol::id::ProposalId::from_bytes([1; 32]);
    assert_refused(&host.send(world.statement(other, "CH", "institute")), "statement.content");
    host.send(world.statement(id, "CH", "institute"));
    // Another allowed region after the first was shown: whoever granted has not seen it.
    assert_refused(&host.send(world.statement(id, "DE", "institute")), "statement.content");
    host.send(north);
    let south = world.grant("south", &proposal);
    let signed = decoded(&receipt(&host.send(south)));
    let receipt = signed.verify(&world.contract).unwrap();
    assert!(receipt.statement.is_some(), "the statement is recorded with the run");
}
