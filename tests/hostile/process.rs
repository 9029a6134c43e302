//! Broken frames, lying reads, kills and stops, against the enclave's process. None ends in a result, a panic of the
//! enclave or a hang; what is spent stays spent, and an honest crash locks nobody out while runs are left.

use crate::canary::Canaries;
use crate::enclave::{Delivered, Enclave};
use crate::errors::said;
use crate::image::built;
use crate::world::{CANARY, World};
use core::time::Duration;
use sealroom::{GrantState, Granted, Settlement, now};
use sealroom_protocol::id::ObjectId;
use sealroom_protocol::message::{EnclaveMessage, HostMessage};
use sealroom_protocol::run::{Ending, Outcome, SignedReceipt, SignedStop, Stop};
use std::io::Write;
use std::net::Shutdown;
use std::path::Path;
use std::time::Instant;

/// Waits until the process is gone.
#[track_caller]
fn ends(pid: u32) {
    let begun = Instant::now();
    while Path::new(&format!("/proc/{pid}")).exists() {
        assert!(begun.elapsed() < Duration::from_secs(20), "the enclave's process does not end");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A proposed run with both grants made and none delivered.
fn granted(world: &World, enclave: &mut Enclave, run: u64) -> [Granted; 2] {
    let room = world.appraise(|challenge| enclave.attest(vec![challenge])).unwrap();
    let proposal = enclave.propose(now(), run, vec![], world.datasets());
    ["north", "south"].map(|party| world.grant(party, &room, &proposal).unwrap())
}

fn deliver(enclave: &mut Enclave, granted: &Granted) {
    let (grant, ciphertext) = (granted.envelope(), granted.ciphertext().to_vec());
    enclave.write(&HostMessage::Grant { now: now(), grant, ciphertext });
}

/// Delivers both grants and answers the first read with what `lie` makes of it.
fn lying(world: &World, lie: impl FnOnce(&mut Enclave, ObjectId, u64, Vec<u8>)) -> Delivered {
    let mut enclave = world.enclave();
    let [north, south] = granted(world, &mut enclave, 1);
    enclave.grant(now(), &north, &world.bodies);
    deliver(&mut enclave, &south);
    assert!(matches!(enclave.read(), Some(EnclaveMessage::Accepted { .. })));
    let Some(EnclaveMessage::Read { object, index }) = enclave.read() else { panic!("a run reads") };
    let body = world.bodies.0[&object].1[56..].to_vec();
    lie(&mut enclave, object, index, body);
    enclave.until_settled(&world.bodies)
}

/// Nothing left but a complete receipt with this ending.
#[track_caller]
fn assert_ended(world: &World, delivered: &Delivered, outcome: Outcome, ending: Ending) {
    assert!(!delivered.released());
    let signed = SignedReceipt::decode(delivered.receipt.as_ref().unwrap()).unwrap();
    let receipt = signed.verify(&world.contract).unwrap();
    assert_eq!((receipt.outcome, receipt.ending), (outcome, ending));
}

#[test]
fn nothing_on_the_socket_between_host_and_enclave_is_plaintext() {
    let world = World::new();
    let mut enclave = world.enclave();
    let delivered = world.run(&mut enclave, 1, vec![]);
    assert!(delivered.released());
    // North's canary row, and the result's text.
    let canaries = Canaries::new([CANARY, "size\n2"].into_iter());
    assert!(enclave.traffic.len() > 10_000);
    assert_eq!(canaries.scan(&enclave.traffic), 0);
    enclave.traffic.extend_from_slice(format!("…{CANARY}…").as_bytes());
    assert_eq!(canaries.scan(&enclave.traffic), 1, "the same scan finds what was planted");
}

#[test]
fn a_frame_that_is_too_long_ends_the_process_before_memory_is_taken_for_it() {
    let world = World::new();
    let mut enclave = world.enclave();
    enclave.socket.write_all(&u32::MAX.to_le_bytes()).unwrap();
    assert_eq!(enclave.read(), None);
    ends(enclave.pid);
}

#[test]
fn garbage_frames_are_refused_and_the_room_goes_on() {
    let world = World::new();
    let mut enclave = world.enclave();
    for body in [vec![], vec![0xff; 40], vec![2, 253, 0, 0, 0, 0, 0, 0, 0, 16]] {
        let mut frame = u32::try_from(body.len()).unwrap().to_le_bytes().to_vec();
        frame.extend_from_slice(&body);
        enclave.socket.write_all(&frame).unwrap();
        match enclave.read().unwrap() {
            EnclaveMessage::Refused(refusal) => said(Some(&refusal), "message.frame"),
            other => panic!("expected a refusal, found {other:?}"),
        }
    }
    let delivered = world.run(&mut enclave, 1, vec![]);
    assert!(delivered.released());
}

#[test]
fn a_connection_cut_inside_a_frame_or_between_two_ends_the_process() {
    let world = World::new();
    for bytes in [&[][..], &[200, 0], &[200, 0, 0, 0, 1, 2]] {
        let mut enclave = world.enclave();
        enclave.socket.write_all(bytes).unwrap();
        enclave.socket.shutdown(Shutdown::Write).unwrap();
        assert_eq!(enclave.read(), None);
        ends(enclave.pid);
    }
}

#[test]
fn a_lie_about_what_is_read_ends_the_run_with_a_code_and_the_run_is_spent() {
    let world = World::new();
    let delivered = lying(&world, |enclave, object, index, mut bytes| {
        bytes[5] ^= 1;
        enclave.write(&HostMessage::Group { object, index, bytes });
    });
    assert_ended(&world, &delivered, Outcome::Complete, Ending::Failed);
    let signed = SignedReceipt::decode(delivered.receipt.as_ref().unwrap()).unwrap();
    let settled = world.site("north").memory.settle(&world.contract, &signed).unwrap();
    assert_eq!(settled.settlement, Settlement::Confirmed);

    let world = World::new();
    let other = world.datasets()[1];
    let delivered = lying(&world, |enclave, _, index, bytes| {
        enclave.write(&HostMessage::Group { object: other, index, bytes });
    });
    said(delivered.refusal.as_ref(), "read.unasked");

    let world = World::new();
    let delivered = lying(&world, |enclave, object, _, bytes| {
        enclave.write(&HostMessage::Group { object, index: 9, bytes });
    });
    said(delivered.refusal.as_ref(), "read.unasked");
}

/// Objects and groups that a run asked for, in order.
fn reads(world: &World) -> Vec<(ObjectId, u64)> {
    let mut enclave = world.enclave();
    let [north, south] = granted(world, &mut enclave, 1);
    enclave.grant(now(), &north, &world.bodies);
    enclave.grant(now(), &south, &world.bodies);
    core::mem::take(&mut enclave.asked)
}

#[test]
fn what_is_read_does_not_depend_on_where_a_run_failed() {
    let world = World::new();
    let expected: Vec<(ObjectId, u64)> = world.datasets().into_iter().map(|object| (object, 0)).collect();
    assert_eq!(reads(&world), expected);
    // The first dataset is spoiled; the second is read all the same.
    let mut spoiled = World::new();
    let first = spoiled.datasets()[0];
    spoiled.bodies.0.get_mut(&first).unwrap().1[60] ^= 1;
    let expected: Vec<(ObjectId, u64)> = spoiled.datasets().into_iter().map(|object| (object, 0)).collect();
    assert_eq!(reads(&spoiled), expected);
    // A limit is reached in the first.
    let limited = World::with(|terms| terms.limits.work = 1);
    let expected: Vec<(ObjectId, u64)> = limited.datasets().into_iter().map(|object| (object, 0)).collect();
    assert_eq!(reads(&limited), expected);
}

#[test]
fn messages_that_are_no_answer_to_a_read_are_refused_while_the_program_runs() {
    let world = World::new();
    let delivered = lying(&world, |enclave, object, index, bytes| {
        let refusal = enclave.refused(&HostMessage::Abandon { now: now() });
        said(Some(&refusal), "message.phase");
        enclave.write(&HostMessage::Group { object, index, bytes });
    });
    assert!(delivered.released(), "the run was not disturbed");
}

#[test]
fn a_stop_while_the_program_reads_ends_the_run_and_the_process() {
    let world = World::new();
    let stop = |signer: &str| {
        let stop = Stop { contract: world.contract.id(), party: "north".into(), reason: "enough".into(), clock: now() };
        SignedStop::sign(stop, world.site(signer).identity.signing()).encode()
    };
    let (forged, genuine) = (stop("south"), stop("north"));
    let delivered = lying(&world, |enclave, _, _, _| {
        let refusal = enclave.refused(&HostMessage::Stop { now: now(), stop: forged });
        said(Some(&refusal), "stop.signature");
        enclave.write(&HostMessage::Stop { now: now(), stop: genuine });
    });
    assert_ended(&world, &delivered, Outcome::Complete, Ending::Stopped);
}

#[test]
fn an_enclave_killed_in_any_phase_releases_nothing_and_costs_each_granter_at_most_one_run() {
    for phase in ["open", "proposed", "one grant", "running"] {
        let world = World::new();
        let mut enclave = world.enclave();
        let mut delivered = Delivered::default();
        match phase {
            "open" => {}
            "proposed" => drop(enclave.propose(now(), 1, vec![], world.datasets())),
            "one grant" => {
                let [north, _] = granted(&world, &mut enclave, 1);
                delivered = enclave.grant(now(), &north, &world.bodies);
            }
            _ => {
                let [north, south] = granted(&world, &mut enclave, 1);
                delivered = enclave.grant(now(), &north, &world.bodies);
                deliver(&mut enclave, &south);
                while !matches!(enclave.read(), Some(EnclaveMessage::Read { .. })) {}
            }
        }
        assert!(!delivered.released(), "{phase}");
        enclave.kill();
        ends(enclave.pid);
        // A new enclave needs no sealed state. What was granted to the dead one is a gap in the chain.
        let spent = !matches!(phase, "open" | "proposed");
        let mut next = world.enclave();
        let delivered = world.run(&mut next, 2, vec![]);
        let signed = SignedReceipt::decode(delivered.receipt.as_ref().unwrap()).unwrap();
        let receipt = signed.verify(&world.contract).unwrap();
        assert_eq!(receipt.gap, [1], "{phase}");
        assert_eq!(receipt.counts[0].after, if spent { 2 } else { 1 }, "{phase}");
        let north = world.site("north").memory.state(&world.contract).unwrap();
        assert_eq!(north.grants.iter().filter(|grant| grant.state == GrantState::Open).count(), 1 + usize::from(spent));
    }
}

#[test]
fn a_host_that_dies_in_any_phase_takes_its_enclave_with_it() {
    for phase in ["new", "open", "proposed", "one grant", "running"] {
        let world = World::new();
        let mut enclave = if phase == "new" { Enclave::start(&built().1, &world.state) } else { world.enclave() };
        match phase {
            "new" | "open" => {}
            "proposed" => drop(enclave.propose(now(), 1, vec![], world.datasets())),
            "one grant" => {
                let [north, _] = granted(&world, &mut enclave, 1);
                enclave.grant(now(), &north, &world.bodies);
            }
            _ => {
                let [north, south] = granted(&world, &mut enclave, 1);
                enclave.grant(now(), &north, &world.bodies);
                deliver(&mut enclave, &south);
                while !matches!(enclave.read(), Some(EnclaveMessage::Read { .. })) {}
            }
        }
        enclave.socket.shutdown(Shutdown::Both).unwrap();
        ends(enclave.pid);
    }
}

#[test]
fn a_void_receipt_gives_the_grant_back_and_the_next_run_is_no_third() {
    let world = World::new();
    let mut enclave = world.enclave();
    let [north, south] = granted(&world, &mut enclave, 1);
    enclave.grant(now(), &north, &world.bodies);
    let EnclaveMessage::Receipt { receipt } = enclave.ask(&HostMessage::Abandon { now: now() }) else {
        panic!("a void receipt")
    };
    let signed = SignedReceipt::decode(&receipt).unwrap();
    for party in ["north", "south"] {
        let memory = &world.site(party).memory;
        assert_eq!(memory.settle(&world.contract, &signed).unwrap().settlement, Settlement::GivenBack);
        assert_eq!(memory.state(&world.contract).unwrap().count, 0);
    }
    // The undelivered grant is delivered after the void: nothing of it is left.
    let late = enclave.grant(now(), &south, &world.bodies);
    said(late.refusal.as_ref(), "message.phase");
    let delivered = world.run(&mut enclave, 2, vec![]);
    assert!(delivered.released());
}
