//! A host that lies while the program runs, and parties that lie in requests: what is read is what was granted, or the
//! run fails with a code, and nothing of why leaves.

use crate::host::{Host, assert_refused, decoded, proposal, receipt, released};
use crate::world::{NOW, Options, TestObject, World, dataset_object};
use sealroom_protocol::encryption::decrypt;
use sealroom_protocol::identity::SigningSecret;
use sealroom_protocol::message::{EnclaveMessage, HostMessage};
use sealroom_protocol::object::{DataKey, GROUP_PLAINTEXT_LENGTH, Manifest, Reader};
use sealroom_protocol::provider::RustCrypto;
use sealroom_protocol::run::{Announcement, Ending, Outcome, Receipt, ResultHeader, SignedReceipt, Stanza};
use sealroom_protocol::table::result::{ResultPlaintext, Withheld, decode};

/// Changes a body; the other party's body is at hand.
type Change = fn(&mut Vec<u8>, &[u8]);

/// Changes one thing in a receipt.
type Forgery = fn(&mut Receipt);

/// One whole run with a host that changed the bodies; gives all answers to the last grant.
fn run_with(world: &mut World, change: impl FnOnce(&mut Host, &World)) -> Vec<EnclaveMessage> {
    let mut host = Host::opened(world, 1);
    let proposal = host.proposed(world, 1, &[]);
    change(&mut host, world);
    let (north, south) = (world.grant("north", &proposal), world.grant("south", &proposal));
    host.send(north);
    host.send(south)
}

/// Nothing left but a complete receipt that says "failed".
#[track_caller]
fn assert_failed(world: &World, answers: &[EnclaveMessage]) {
    assert!(!released(answers));
    let signed = decoded(&receipt(answers));
    let receipt = signed.verify(&world.contract).unwrap();
    assert_eq!((receipt.outcome, receipt.ending), (Outcome::Complete, Ending::Failed));
    assert!(receipt.outputs.is_empty());
    assert_eq!(answers.len(), 2, "the answer to the grant, and the receipt");
}

/// Opens the one result as the institute.
fn open(world: &World, answers: &[EnclaveMessage]) -> ResultPlaintext {
    let mut body = Vec::new();
    for answer in answers {
        if let EnclaveMessage::OutputPart { bytes, .. } = answer {
            body.extend_from_slice(bytes);
        }
    }
    let manifest = answers.iter().find_map(|answer| match answer {
        EnclaveMessage::OutputEnd { manifest, .. } => Some(Manifest::decode(manifest).unwrap()),
        _ => None,
    });
    let manifest = manifest.unwrap();
    let signed = decoded(&receipt(answers));
    let receipt = signed.verify(&world.contract).unwrap();
    assert_eq!(receipt.outputs[0].object, manifest.id(), "the receipt names the object that left");
    let header = ResultHeader::decode(manifest.header()).unwrap();
    let Stanza { recipient, key, .. } = &header.stanzas[0];
    let associated = Stanza::associated_data(&header.contract, header.run, &header.proposal, &header.name, recipient);
    let institute = world.party("institute");
    let key = decrypt(&institute.encryption, Stanza::LABEL, &associated, key).unwrap();
    let key = DataKey::fill_with(|bytes| bytes.copy_from_slice(&key));
    let mut plaintext = Vec::new();
    let mut reader = Reader::new(&RustCrypto, &key, &manifest.id(), manifest).unwrap();
    reader.decrypt_group(0, &body[56..], &mut plaintext).unwrap();
    // Nobody else opens the stanza, and not under another name.
    let north = &world.party("north").encryption;
    assert!(decrypt(north, Stanza::LABEL, &associated, &header.stanzas[0].key).is_err());
    let renamed = Stanza::associated_data(&header.contract, header.run, &header.proposal, "other", recipient);
    assert!(decrypt(&institute.encryption, Stanza::LABEL, &renamed, &header.stanzas[0].key).is_err());
    decode(&plaintext).unwrap()
}

#[test]
fn an_honest_run_releases_to_its_recipient_and_to_nobody_else() {
    let mut world = World::new(Options::default());
    let answers = run_with(&mut world, |_, _| {});
    let result = open(&world, &answers);
    assert_eq!((result.csv.as_str(), result.outcome.suppressed), ("rows\n6\n", 0));
}

#[test]
fn a_changed_cut_or_spliced_dataset_ends_the_run_with_a_code() {
    let changes: [Change; 5] = [
        |body, _| body[56] ^= 1,
        |body, _| *body.last_mut().unwrap() ^= 1,
        |body, _| body.truncate(body.len() - 1),
        |body, _| body.push(0),
        |body, other| *body = other.to_vec(),
    ];
    for change in changes {
        let mut world = World::new(Options::default());
        let answers = run_with(&mut world, |host, world| {
            let other = world.objects[1].body.clone();
            change(&mut host.bodies.get_mut(&world.objects[0].id).unwrap().1, &other);
        });
        assert_failed(&world, &answers);
    }
}

#[test]
fn groups_in_another_order_or_twice_end_the_run() {
    for twice in [false, true] {
        let mut world = World::new(Options::default());
        let owner = SigningSecret::from_seed(world.party("north").signing.expose_seed());
        let mut dataset = world.contract.dataset("north-rows").unwrap().clone();
        dataset.maximum_rows = 1_000;
        // Three groups of content; what it says does not matter, since it is refused before.
        let csv = vec![b'7'; GROUP_PLAINTEXT_LENGTH * 2 + 5];
        world.objects[0] = dataset_object(&dataset, &owner, &csv, &mut world.rng);
        let answers = run_with(&mut world, |host, world| {
            let body = &mut host.bodies.get_mut(&world.objects[0].id).unwrap().1;
            let group = sealroom_protocol::object::GROUP_LENGTH;
            let first: Vec<u8> = body[56..56 + group].to_vec();
            let second: Vec<u8> = body[56 + group..56 + 2 * group].to_vec();
            body[56..56 + group].copy_from_slice(if twice { &first } else { &second });
            body[56 + group..56 + 2 * group].copy_from_slice(&first);
        });
        assert_failed(&world, &answers);
    }
}

#[test]
fn a_dropped_group_ends_the_run() {
    for dropped in [0, 1] {
        let mut world = World::new(Options::default());
        let owner = SigningSecret::from_seed(world.party("north").signing.expose_seed());
        let mut dataset = world.contract.dataset("north-rows").unwrap().clone();
        dataset.maximum_rows = 1_000;
        world.objects[0] =
            dataset_object(&dataset, &owner, &vec![b'7'; GROUP_PLAINTEXT_LENGTH * 2 + 5], &mut world.rng);
        let answers = run_with(&mut world, |host, world| {
            let body = &mut host.bodies.get_mut(&world.objects[0].id).unwrap().1;
            let start = 56 + dropped * sealroom_protocol::object::GROUP_LENGTH;
            drop(body.drain(start..start + sealroom_protocol::object::GROUP_LENGTH));
        });
        assert_failed(&world, &answers);
    }
}

#[test]
fn a_row_that_breaks_the_contracts_schema_ends_the_run_and_nobody_is_told_which() {
    for csv in ["age\n30\n121\n", "age\n30\n\n", "years\n30\n", "age\n", "age\n1\n2"] {
        let mut world = World::new(Options::default());
        let owner = SigningSecret::from_seed(world.party("north").signing.expose_seed());
        let dataset = world.contract.dataset("north-rows").unwrap().clone();
        world.objects[0] = dataset_object(&dataset, &owner, csv.as_bytes(), &mut world.rng);
        let answers = run_with(&mut world, |_, _| {});
        if csv == "age\n" {
            assert_eq!(open(&world, &answers).csv, "rows\n3\n", "a dataset without rows is one");
        } else {
            assert_failed(&world, &answers);
        }
    }
}

#[test]
fn a_limit_on_work_ends_the_run_after_it_was_spent_and_only_the_recipient_is_told() {
    let mut world = World::new(Options { work: Some(5), ..Options::default() });
    let answers = run_with(&mut world, |_, _| {});
    assert_eq!(open(&world, &answers).outcome.withheld, Some(Withheld::Limit));
    let signed = decoded(&receipt(&answers));
    assert!(signed.allegation().counts.iter().all(|count| count.after == 1), "the first thing a run spends is its run");
}

#[test]
fn what_output_rules_decide_stands_inside_the_result_only() {
    let mut small = World::new(Options { minimum_group_size: Some(7), ..Options::default() });
    let answers = run_with(&mut small, |_, _| {});
    let result = open(&small, &answers);
    assert_eq!((result.csv.as_str(), result.outcome.suppressed), ("rows\n", 1));
    let mut long = World::new(Options { maximum_bytes: Some(6), ..Options::default() });
    let withheld = run_with(&mut long, |_, _| {});
    assert!(open(&long, &withheld).outcome.withheld.is_some());
    // From outside the three look the same: one result of one size, one receipt.
    let mut whole = World::new(Options::default());
    let released = run_with(&mut whole, |_, _| {});
    let shape = |answers: &[EnclaveMessage]| -> Vec<usize> {
        answers
            .iter()
            .map(|answer| match answer {
                EnclaveMessage::OutputPart { bytes, .. } => bytes.len(),
                EnclaveMessage::OutputEnd { manifest, .. } => manifest.len(),
                _ => 0,
            })
            .collect()
    };
    assert_eq!(shape(&answers), shape(&released));
    assert_eq!(shape(&withheld), shape(&released));
}

#[test]
fn a_receipt_is_refused_when_one_thing_in_it_is_changed_and_signed_again() {
    let mut world = World::new(Options::default());
    let mut host = Host::opened(&world, 1);
    let good = host.complete_run(&mut world, 1, &[]);
    let thief = SigningSecret::from_seed(&[3; 32]);
    let changes: [(Forgery, &str); 9] = [
        (|receipt| receipt.outputs[0].recipients = vec!["north".into()], "outputs"),
        (|receipt| receipt.outputs[0].name = "other".into(), "outputs"),
        (|receipt| receipt.outputs.clear(), "outputs"),
        (|receipt| receipt.outcome = Outcome::Void, "outputs"),
        (|receipt| receipt.counts[0].after = 5, "counts"),
        (|receipt| receipt.gap.push(1), "gap"),
        (|receipt| drop(receipt.grants.pop()), "grant"),
        (|receipt| receipt.grants.reverse(), "grant"),
        (|receipt| receipt.proposal.run = 2, "gap"),
    ];
    for (change, what) in changes {
        let mut receipt = decoded(&good).allegation().clone();
        change(&mut receipt);
        // Signed by a key that its own proposal names: that alone changes the proposal, so every grant is of another.
        let as_it_was = SignedReceipt::sign(receipt.clone(), &thief);
        assert!(as_it_was.verify(&world.contract).is_err(), "{what}: signed by another key than the proposal's");
        receipt.proposal.enclave_key = thief.public();
        let error = SignedReceipt::sign(receipt, &thief).verify(&world.contract).unwrap_err().to_string();
        assert!(error.contains("grant") || error.contains(what), "{what}: {error}");
    }
}

fn ask(host: &mut Host, world: &World, request: Option<Vec<u8>>) -> Vec<EnclaveMessage> {
    host.send(HostMessage::Propose { now: NOW, run: 1, receipts: vec![], datasets: world.datasets(), request })
}

fn chosen(world: &mut World, content: &[u8]) -> (Host, TestObject, Announcement) {
    let (object, announcement) = world.request(content, 5);
    let mut host = Host::opened(world, 1);
    host.bodies.insert(object.id, (object.manifest.clone(), object.body.clone()));
    host.bring(&object.manifest);
    (host, object, announcement)
}

#[test]
fn a_request_is_taken_only_from_its_requester_for_this_contract_and_object() {
    let mut world = World::new(Options { choices: true, ..Options::default() });
    let (mut host, _, announcement) = chosen(&mut world, br#"{"side":"left"}"#);
    assert_refused(&ask(&mut host, &world, None), "request.presence");
    assert_refused(&ask(&mut host, &world, Some(b"{}".to_vec())), "request.form");
    let mut by = |change: fn(&mut Announcement), signer| {
        let mut announcement = announcement.clone();
        change(&mut announcement);
        let signed = world.announce(announcement, signer);
        ask(&mut host, &world, Some(signed))
    };
    assert_refused(&by(|_| {}, "north"), "request.signature");
    assert_refused(&by(|a| a.requester = "north".into(), "north"), "request.party");
    assert_refused(
        &by(|a| a.contract = sealroom_protocol::id::ContractId::from_bytes([0; 32]), "institute"),
        "request.binding",
    );
    assert_refused(
        &by(|a| a.request = sealroom_protocol::id::RequestId::from_bytes([0; 32]), "institute"),
        "request.binding",
    );
    assert_refused(
        &by(|a| a.object = sealroom_protocol::id::ObjectId::from_bytes([0; 32]), "institute"),
        "request.binding",
    );
    // Every data party is shown the request, or none runs.
    assert_refused(&by(|a| drop(a.keys.pop()), "institute"), "request.binding");
    proposal(&by(|_| {}, "institute"));
    let mut plain = World::new(Options::default());
    let mut host = Host::opened(&plain, 1);
    let (_, announcement) = plain.request(b"{}", 5);
    let signed = plain.announce(announcement, "institute");
    assert_refused(&ask(&mut host, &plain, Some(signed)), "request.presence");
}

#[test]
fn only_choices_of_the_contract_run_and_a_used_request_does_not_run_again() {
    for (content, runs) in [
        (br#"{"side":"left"}"#.as_slice(), true),
        (br#"{"side":"up"}"#, false),
        (br#"{"side":"left","more":1}"#, false),
        (br#"{"side": "left"}"#, false),
        (b"{}", false),
    ] {
        let mut world = World::new(Options { choices: true, ..Options::default() });
        let (mut host, object, announcement) = chosen(&mut world, content);
        let signed = world.announce(announcement, "institute");
        let proposal = proposal(&ask(&mut host, &world, Some(signed.clone())));
        world.objects.push(object);
        let grants = ["north", "south", "institute"].map(|party| world.grant(party, &proposal));
        let [north, south, institute] = grants;
        host.send(north);
        host.send(south);
        let answers = host.send(institute);
        let done = receipt(&answers);
        assert_eq!(released(&answers), runs, "{}", String::from_utf8_lossy(content));
        let signed_receipt = decoded(&done);
        signed_receipt.verify(&world.contract).unwrap();
        let datasets = proposal.datasets.iter().map(|dataset| dataset.object).collect();
        let again = HostMessage::Propose { now: NOW, run: 2, receipts: vec![done], datasets, request: Some(signed) };
        assert_refused(&host.send(again), "request.used");
    }
}

#[test]
fn a_room_takes_any_number_of_requests_and_forgets_what_was_brought_longest_ago() {
    let mut world = World::new(Options { choices: true, ..Options::default() });
    let mut host = Host::opened(&world, 1);
    let mut first = None;
    for run in 1..=40 {
        let (object, announcement) = world.request(br#"{"side":"left"}"#, u8::try_from(run).unwrap());
        // As a host does it: all that a proposal needs, before each.
        for manifest in world.objects.iter().map(|object| &object.manifest).chain([&object.manifest]) {
            host.bring(manifest);
        }
        let request = Some(world.announce(announcement, "institute"));
        first = first.or_else(|| request.clone());
        let wish =
            |request| HostMessage::Propose { now: NOW, run, receipts: vec![], datasets: world.datasets(), request };
        if run == 40 {
            assert_refused(&host.send(wish(first.clone())), "request.binding");
        }
        assert_eq!(proposal(&host.send(wish(request))).run, run);
        drop(host.send(HostMessage::Abandon { now: NOW }));
    }
}
