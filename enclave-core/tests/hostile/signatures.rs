//! Every signature that the room relies on, taken away and swapped for another genuine one of its signer: each is missed
//! where it is needed, and the room is as it was.

use crate::envelopes::attacks;
use crate::host::{Host, assert_refused, proposal};
use crate::world::{NOW, Options, World};
use sealroom_protocol::contract::Contract;
use sealroom_protocol::dsse::{Envelope, PayloadType};
use sealroom_protocol::id::ContractId;
use sealroom_protocol::message::{EnclaveMessage, HostMessage};

fn grant_of(message: HostMessage) -> (Vec<u8>, Vec<u8>) {
    match message {
        HostMessage::Grant { grant, ciphertext, .. } => (grant, ciphertext),
        other => panic!("expected a grant, found {other:?}"),
    }
}

#[test]
fn a_contract_without_or_with_swapped_signatures_opens_nothing() {
    let (world, other) = (World::new(Options::default()), World::new(Options { random: 1, ..Options::default() }));
    for contract in attacks(&world.envelope, &other.envelope) {
        let mut host = Host::new(&world, 1);
        assert_refused(&host.send(HostMessage::Open { now: NOW, contract }), "contract.signed");
    }
    // Each alone, and all but each: nobody's signature can stand for another's.
    for party in &world.parties {
        let mut alone = Envelope::unsigned(PayloadType::Contract, world.contract.text().as_bytes().to_vec());
        alone.sign(&party.signing);
        let mut host = Host::new(&world, 1);
        assert_refused(&host.send(HostMessage::Open { now: NOW, contract: alone.encode() }), "contract.signed");
    }
    assert_ne!(
        Contract::of_envelope(&Envelope::decode(&other.envelope, PayloadType::Contract).unwrap()).unwrap().id(),
        world.contract.id()
    );
}

#[test]
fn a_grant_without_or_with_a_swapped_signature_is_none() {
    let mut world = World::new(Options::default());
    let (mut host, mut elsewhere) = (Host::opened(&world, 1), Host::opened(&world, 2));
    let (proposal, other) = (host.proposed(&world, 1, &[]), elsewhere.proposed(&world, 1, &[]));
    let (genuine, ciphertext) = grant_of(world.grant("north", &proposal));
    let (donor, _) = grant_of(world.grant("north", &other));
    for grant in attacks(&genuine, &donor) {
        let message = HostMessage::Grant { now: NOW, grant, ciphertext: ciphertext.clone() };
        assert_refused(&host.send(message), "grant.signature");
    }
    let accepted = host.send(HostMessage::Grant { now: NOW, grant: genuine, ciphertext });
    assert!(matches!(accepted.as_slice(), [EnclaveMessage::Accepted { .. }]), "{accepted:?}");
}

#[test]
fn a_stop_without_or_with_a_swapped_signature_stops_nothing() {
    let world = World::new(Options::default());
    let stop = |contract| match world.stop("north", contract, "north") {
        HostMessage::Stop { stop, .. } => stop,
        other => panic!("expected a stop, found {other:?}"),
    };
    let mut host = Host::opened(&world, 1);
    for stop in attacks(&stop(world.contract.id()), &stop(ContractId::from_bytes([1; 32]))) {
        assert_refused(&host.send(HostMessage::Stop { now: NOW, stop }), "stop.signature");
    }
    host.proposed(&world, 1, &[]);
}

#[test]
fn a_statement_without_or_with_a_swapped_signature_is_not_recorded() {
    let world = World::new(Options { cross_border: true, ..Options::default() });
    let mut host = Host::opened(&world, 1);
    let id = host.proposed(&world, 1, &[]).id();
    let state = |region: &str| match world.statement(id, region, "institute") {
        HostMessage::State { statement, .. } => statement,
        other => panic!("expected a statement, found {other:?}"),
    };
    for statement in attacks(&state("CH"), &state("DE")) {
        assert_refused(&host.send(HostMessage::State { now: NOW, statement }), "statement.form");
    }
}

#[test]
fn a_request_without_or_with_a_swapped_signature_is_not_asked() {
    let mut world = World::new(Options { choices: true, ..Options::default() });
    let (object, announcement) = world.request(br#"{"side":"left"}"#, 5);
    let (_, other) = world.request(br#"{"side":"left"}"#, 6);
    let (genuine, donor) = (world.announce(announcement, "institute"), world.announce(other, "institute"));
    let mut host = Host::opened(&world, 1);
    host.bring(&object.manifest);
    let mut ask = |request| {
        let datasets = world.datasets();
        host.send(HostMessage::Propose { now: NOW, run: 1, receipts: vec![], datasets, request: Some(request) })
    };
    for request in attacks(&genuine, &donor) {
        assert_refused(&ask(request), "request.signature");
    }
    proposal(&ask(genuine));
}

#[test]
fn a_receipt_without_or_with_a_swapped_signature_is_no_head() {
    let mut world = World::new(Options::default());
    let mut host = Host::opened(&world, 1);
    let first = host.complete_run(&mut world, 1, &[]);
    let second = host.complete_run(&mut world, 2, core::slice::from_ref(&first));
    for receipt in attacks(&first, &second) {
        assert_refused(&host.propose(&world, 3, &[receipt]), "receipt.verify");
    }
    host.proposed(&world, 3, &[first, second]);
}
