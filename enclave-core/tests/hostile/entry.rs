//! A host that lies at the first door: contracts, objects, proposals, receipts, time. Each lie is its own refusal, the
//! room is as it was, and nothing leaves.

use crate::host::{Host, assert_refused, decoded, proposal, receipt, released};
use crate::world::{NOW, Options, World, dataset_object, encrypt};
use sealroom_protocol::contract::Column;
use sealroom_protocol::dsse::{Envelope, PayloadType};
use sealroom_protocol::identity::SigningSecret;
use sealroom_protocol::message::{EnclaveMessage, HostMessage};
use sealroom_protocol::run::{Ending, Outcome, Receipt, SignedReceipt};

fn open(world: &World, envelope: Vec<u8>) -> Vec<EnclaveMessage> {
    Host::new(world, 1).send(HostMessage::Open { now: NOW, contract: envelope })
}

#[test]
fn nothing_runs_unless_every_party_signed_this_text() {
    let world = World::new(Options::default());
    let text = world.contract.text().as_bytes().to_vec();
    for missing in &world.parties {
        let mut envelope = Envelope::unsigned(PayloadType::Contract, text.clone());
        world.parties.iter().filter(|party| party.name != missing.name).for_each(|party| envelope.sign(&party.signing));
        assert_refused(&open(&world, envelope.encode()), "contract.signed");
    }
    let mut foreign = Envelope::decode(&world.envelope, PayloadType::Contract).unwrap();
    foreign.sign(&SigningSecret::from_seed(&[9; 32]));
    assert_refused(&open(&world, foreign.encode()), "contract.signed");

    // Signatures of another contract of the same parties, which differs in one random byte.
    let other = World::new(Options { random: 1, ..Options::default() });
    let mut swapped = Envelope::unsigned(PayloadType::Contract, text);
    let donor = String::from_utf8(other.envelope).unwrap();
    let own = String::from_utf8(swapped.encode()).unwrap();
    let signatures = donor.split_once("\"signatures\":").unwrap().1;
    let spliced = format!("{}\"signatures\":{signatures}", own.split_once("\"signatures\":").unwrap().0);
    assert_refused(&open(&world, spliced.into_bytes()), "contract.signed");
    swapped.sign(&world.party("north").signing);
    let mut twice = String::from_utf8(swapped.encode()).unwrap();
    let signature = twice.split_once('[').unwrap().1.split_once(']').unwrap().0.to_owned();
    twice = twice.replace("\"signatures\":[", &format!("\"signatures\":[{signature},"));
    assert_refused(&open(&world, twice.into_bytes()), "contract.envelope");
}

#[test]
fn garbage_and_messages_out_of_phase_change_nothing() {
    let world = World::new(Options::default());
    let mut host = Host::new(&world, 1);
    let early = host.send(HostMessage::Attest { challenges: vec![[1; 32]] });
    assert_refused(&early, "message.phase");
    assert_refused(&host.send(HostMessage::Open { now: NOW, contract: b"{}".to_vec() }), "contract.envelope");
    let mut host = Host::opened(&world, 1);
    assert_refused(&host.send(HostMessage::Open { now: NOW, contract: world.envelope.clone() }), "message.phase");
    assert_refused(&host.send(HostMessage::Abandon { now: NOW }), "message.phase");
    let unasked = HostMessage::Group { object: world.datasets()[0], index: 0, bytes: vec![0; 16] };
    assert_refused(&host.send(unasked), "message.phase");
    assert_refused(&host.send(HostMessage::Attest { challenges: vec![[2; 32], [1; 32]] }), "evidence.challenges");
    assert_refused(&host.send(HostMessage::Attest { challenges: Vec::new() }), "evidence.challenges");
    host.proposed(&world, 1, &[]);
}

#[test]
fn evidence_binds_this_room_and_every_challenge() {
    let world = World::new(Options::default());
    let report_data =
        |host: &mut Host, challenges: Vec<[u8; 32]>| match host.send(HostMessage::Attest { challenges }).as_slice() {
            [EnclaveMessage::Evidence { evidence, .. }] => evidence.clone(),
            other => panic!("expected Evidence, found {other:?}"),
        };
    let (mut one, mut two) = (Host::opened(&world, 1), Host::opened(&world, 2));
    let first = report_data(&mut one, vec![[1; 32]]);
    assert_eq!(first, report_data(&mut one, vec![[1; 32]]), "the signing key stays the same");
    assert_ne!(first, report_data(&mut two, vec![[1; 32]]), "another room of the same contract has another key");
    assert_ne!(first, report_data(&mut one, vec![[2; 32]]));
    let other = World::new(Options { random: 1, ..Options::default() });
    assert_ne!(first, report_data(&mut Host::opened(&other, 1), vec![[1; 32]]), "another contract");
}

#[test]
fn only_datasets_of_the_contract_and_their_owners_come_in() {
    let mut world = World::new(Options::default());
    let mut host = Host::opened(&world, 1);
    let north = world.contract.dataset("north-rows").unwrap().clone();
    let mut renamed = north.clone();
    renamed.name = "west-rows".into();
    let mut widened = north.clone();
    widened.columns.push(Column::integer("weight", 0, 500));
    let south = SigningSecret::from_seed(world.party("south").signing.expose_seed());
    let own = SigningSecret::from_seed(world.party("north").signing.expose_seed());
    for (dataset, owner) in [(&renamed, &own), (&north, &south), (&widened, &own)] {
        let object = dataset_object(dataset, owner, b"age\n1\n", &mut world.rng);
        assert_refused(&host.send(HostMessage::Bring { manifest: object.manifest }), "object.dataset");
    }
    let mut manifest = world.objects[0].manifest.clone();
    manifest.push(0);
    assert_refused(&host.send(HostMessage::Bring { manifest }), "object.manifest");
    let foreign = encrypt(b"{\"kind\":\"result\"}", b"", &mut world.rng);
    assert_refused(&host.send(HostMessage::Bring { manifest: foreign.manifest }), "object.header");
}

#[test]
fn datasets_are_proposed_as_their_owners_named_them() {
    let world = World::new(Options::default());
    let mut host = Host::opened(&world, 1);
    let mut ask =
        |datasets| host.send(HostMessage::Propose { now: NOW, run: 1, receipts: vec![], datasets, request: None });
    let [north, south] = world.datasets()[..] else { panic!("two datasets") };
    assert_refused(&ask(vec![south, north]), "proposal.dataset");
    assert_refused(&ask(vec![north, north]), "proposal.dataset");
    assert_refused(&ask(vec![north]), "proposal.datasets");
    assert_refused(&ask(vec![north, sealroom_protocol::id::ObjectId::from_bytes([0; 32])]), "proposal.dataset");
    let said = proposal(&ask(vec![north, south]));
    assert_eq!(said.datasets.iter().map(|dataset| dataset.object).collect::<Vec<_>>(), [north, south]);
}

#[test]
fn time_is_judged_by_the_latest_clock_and_never_runs_back() {
    let world = World::new(Options::default());
    let mut host = Host::opened(&world, 1);
    let terms = world.contract.terms();
    let mut ask = |now| {
        host.send(HostMessage::Propose { now, run: 1, receipts: vec![], datasets: world.datasets(), request: None })
    };
    assert_refused(&ask(terms.not_before - 1), "time.not-before");
    assert_refused(&ask(terms.expires), "time.expiry");
    // The clock that showed the end is set back: the room remembers.
    assert_refused(&ask(NOW), "time.expiry");
}

#[test]
fn a_contract_that_expires_while_grants_are_awaited_ends_in_a_void_receipt() {
    let mut world = World::new(Options::default());
    let mut host = Host::opened(&world, 1);
    let proposal = host.proposed(&world, 1, &[]);
    let north = world.grant("north", &proposal);
    host.send(north);
    let HostMessage::Grant { grant, ciphertext, .. } = world.grant("south", &proposal) else { panic!("a grant") };
    let now = world.contract.terms().expires;
    let answers = host.send(HostMessage::Grant { now, grant, ciphertext });
    let signed = decoded(&receipt(&answers));
    let receipt = signed.verify(&world.contract).unwrap();
    assert_eq!((receipt.outcome, receipt.ending), (Outcome::Void, Ending::Expired));
    assert!(!released(&answers));
}

#[test]
fn the_chain_of_receipts_is_taken_only_whole_and_in_order() {
    let mut world = World::new(Options::default());
    let mut host = Host::opened(&world, 1);
    let first = host.complete_run(&mut world, 1, &[]);
    let second = host.complete_run(&mut world, 2, core::slice::from_ref(&first));
    let mut ask = |receipts: &[&Vec<u8>]| {
        let receipts: Vec<Vec<u8>> = receipts.iter().map(|receipt| (*receipt).clone()).collect();
        host.propose(&world, 3, &receipts)
    };
    assert_refused(&ask(&[&second, &first]), "receipt.chain");
    assert_refused(&ask(&[&first, &first]), "receipt.chain");
    assert_refused(&ask(&[&first, &b"{}".to_vec()]), "receipt.form");
    let mut forged: Receipt = decoded(&second).allegation().clone();
    forged.counts[0].after = 1;
    forged.counts[0].before = 0;
    let platform_thief = SigningSecret::from_seed(&[8; 32]);
    forged.proposal.enclave_key = platform_thief.public();
    // A stolen platform key signs a receipt of a run that nobody granted to it.
    assert_refused(&ask(&[&first, &SignedReceipt::sign(forged, &platform_thief).encode()]), "receipt.verify");
    let mut foreign = decoded(&second).allegation().clone();
    foreign.time += 1;
    assert_refused(&ask(&[&first, &SignedReceipt::sign(foreign, &platform_thief).encode()]), "receipt.verify");
    let said = proposal(&ask(&[&first, &second]));
    assert_eq!((said.head, said.head_run), (Some(decoded(&second).allegation().id()), 2));
}

#[test]
fn a_void_receipt_is_nobodys_head() {
    let world = World::new(Options::default());
    let mut host = Host::opened(&world, 1);
    host.proposed(&world, 1, &[]);
    let void = receipt(&host.send(HostMessage::Abandon { now: NOW }));
    assert_eq!(decoded(&void).verify(&world.contract).unwrap().outcome, Outcome::Void);
    assert_refused(&host.propose(&world, 2, &[void]), "receipt.void");
}

#[test]
fn an_older_head_is_shown_openly_and_leaves_a_gap() {
    let mut world = World::new(Options::default());
    let mut host = Host::opened(&world, 1);
    let first = host.complete_run(&mut world, 1, &[]);
    host.complete_run(&mut world, 2, core::slice::from_ref(&first));
    // The host withholds the second receipt and starts another enclave: it may propose run 3 over head 1, which every
    // party that knows run 2 refuses (its own head is newer); if all had lost it, the receipt would say so.
    let mut fork = Host::opened(&world, 2);
    assert_refused(&fork.propose(&world, 1, core::slice::from_ref(&first)), "run.number");
    let proposal = fork.proposed(&world, 3, &[first]);
    assert_eq!(proposal.head_run, 1);
    let mut north = world.grant_body("north", &proposal);
    north.count = 3;
    let (grant, ciphertext) = world.sign_grant(north, &proposal, "north");
    fork.send(HostMessage::Grant { now: NOW, grant, ciphertext });
    let south = world.grant("south", &proposal);
    let signed = decoded(&receipt(&fork.send(south)));
    let receipt = signed.verify(&world.contract).unwrap();
    assert_eq!(receipt.gap, [2]);
    let after: Vec<u64> = receipt.counts.iter().map(|count| count.after).collect();
    assert_eq!(after, [3, 2], "the higher number counts");
}

#[test]
fn a_run_number_is_used_once_and_runs_end_at_the_limit() {
    let mut world = World::new(Options { single_run: true, ..Options::default() });
    let mut host = Host::opened(&world, 1);
    let receipt = host.complete_run(&mut world, 1, &[]);
    assert_refused(&host.propose(&world, 1, core::slice::from_ref(&receipt)), "run.number");
    assert_refused(&host.propose(&world, 1, &[]), "run.number");
    assert_refused(&host.propose(&world, u64::MAX, &[]), "run.number");
    assert_refused(&host.propose(&world, 1 << 53, &[]), "run.number");
    assert_refused(&host.propose(&world, 2, &[receipt]), "run.limit");
}
