//! A room of an amendment begins where its text says, and nothing of its predecessor means anything in it.

use crate::host::{Host, assert_refused, decoded, proposal, receipt, released};
use crate::world::{NOW, Options, World};
use sealroom_protocol::contract::{Amends, CarriedCounts, CarriedHead, Contract, Terms, write};
use sealroom_protocol::dsse::{Envelope, PayloadType};
use sealroom_protocol::message::HostMessage;
use sealroom_protocol::run::ReceiptError;

/// The next version of a world's contract, signed by all: the same parties with the same data. Runs 1 to 3 were granted; run 1
/// has the receipt, north lost a run more than south.
fn amended(before: &World, options: Options, receipt: &[u8], change: impl FnOnce(&mut Terms)) -> World {
    let mut terms = before.contract.terms().clone();
    terms.random = [0xa6; 32];
    let counts = before.contract.granting_parties().into_iter().map(|party| (party.name.as_str(), 1));
    let mut amends = Amends::new(&before.contract, 3, &counts.collect::<Vec<_>>());
    if let CarriedCounts::On(counts) = &mut amends.counts {
        counts[0].runs = 3;
    }
    amends.head = Some(CarriedHead { run: 1, receipt: decoded(receipt).allegation().id() });
    terms.amends = Some(amends);
    change(&mut terms);
    let world = World::new(options);
    let contract = Contract::parse(write(&terms).as_bytes()).unwrap();
    let mut envelope = Envelope::unsigned(PayloadType::Contract, contract.text().as_bytes().to_vec());
    world.parties.iter().for_each(|party| envelope.sign(&party.signing));
    World { contract, envelope: envelope.encode(), ..world }
}

/// A first version with one run behind it, and what that left.
fn with_one_run(options: Options) -> (World, Vec<u8>) {
    let mut world = World::new(options);
    let receipt = Host::opened(&world, 1).complete_run(&mut world, 1, &[]);
    (world, receipt)
}

#[test]
fn a_version_begins_at_the_head_run_number_and_counts_of_its_text() {
    let (first, head) = with_one_run(Options::default());
    let mut second = amended(&first, Options::default(), &head, |_| {});
    let mut host = Host::opened(&second, 2);
    assert_refused(&host.propose(&second, 3, &[]), "run.number");
    let done = host.complete_run(&mut second, 4, &[]);
    let signed = decoded(&done);
    let said = signed.verify(&second.contract).unwrap();
    assert_eq!((said.proposal.head, said.proposal.head_run), (Some(decoded(&head).allegation().id()), 1));
    assert_eq!(said.gap, [2, 3]);
    let counts: Vec<_> = said.counts.iter().map(|count| (count.party.as_str(), count.before, count.after)).collect();
    assert_eq!(counts, [("north", 3, 4), ("south", 1, 2)]);
    // The next one goes on from it, in a room that knows nothing but what it is brought.
    let mut host = Host::opened(&second, 3);
    let done_again = host.complete_run(&mut second, 5, &[done]);
    let signed = decoded(&done_again);
    let said = signed.verify(&second.contract).unwrap();
    assert_eq!((said.proposal.head_run, said.counts[0].before, said.counts[0].after), (4, 4, 5));
    // Five were agreed on, under all versions together.
    let mut host = Host::opened(&second, 4);
    assert_refused(&host.propose(&second, 6, &[done_again]), "run.limit");
}

#[test]
fn counts_begin_anew_only_where_the_text_says_so() {
    let (first, head) = with_one_run(Options::default());
    let limit = |terms: &mut Terms| terms.limits.runs = 3;
    let spent = amended(&first, Options::default(), &head, limit);
    assert_refused(&Host::opened(&spent, 2).propose(&spent, 4, &[]), "run.limit");
    let anew = |terms: &mut Terms| {
        limit(terms);
        terms.amends.as_mut().unwrap().counts = CarriedCounts::Anew;
    };
    let mut anew = amended(&first, Options::default(), &head, anew);
    let done = Host::opened(&anew, 3).complete_run(&mut anew, 4, &[]);
    let signed = decoded(&done);
    let said = signed.verify(&anew.contract).unwrap();
    assert_eq!((said.counts[0].before, said.counts[1].before), (0, 0));
    // The head and the run numbers go on all the same.
    assert_eq!((said.proposal.head_run, said.proposal.run), (1, 4));
}

#[test]
fn a_receipt_of_the_predecessor_is_none_of_the_amendment() {
    let (first, head) = with_one_run(Options::default());
    let second = amended(&first, Options::default(), &head, |_| {});
    let refused = decoded(&head).verify(&second.contract).unwrap_err();
    let (expected, found) = (second.contract.id(), first.contract.id());
    assert_eq!(refused, ReceiptError::Contract { expected, found });
    assert_refused(&Host::opened(&second, 2).propose(&second, 4, &[head]), "receipt.verify");
}

#[test]
fn a_grant_of_the_predecessor_is_none_of_the_amendment() {
    let (mut first, head) = with_one_run(Options::default());
    let mut second = amended(&first, Options::default(), &head, |_| {});
    // Made for the amendment's own proposal, under the predecessor's id; and for the predecessor's proposal.
    let mut host = Host::opened(&second, 2);
    let proposal = host.proposed(&second, 4, &[]);
    let mut body = second.grant_body("north", &proposal);
    body.contract = first.contract.id();
    let (grant, ciphertext) = second.sign_grant(body, &proposal, "north");
    assert_refused(&host.send(HostMessage::Grant { now: NOW, grant, ciphertext }), "grant.contract");
    let old = Host::opened(&first, 1).proposed(&first, 4, &[head]);
    let old = first.grant("north", &old);
    assert_refused(&host.send(old), "grant.contract");
    let whole = ["north", "south"].map(|party| second.grant(party, &proposal));
    let [north, south] = whole;
    host.send(north);
    assert!(released(&host.send(south)), "the amendment's own grants run it");
}

#[test]
fn a_request_of_the_predecessor_is_none_of_the_amendment() {
    let options = Options { choices: true, ..Options::default() };
    let mut first = World::new(options);
    let (object, announcement) = first.request(br#"{"side":"left"}"#, 5);
    let asked = first.announce(announcement.clone(), "institute");
    let mut host = Host::opened(&first, 1);
    host.bodies.insert(object.id, (object.manifest.clone(), object.body.clone()));
    host.bring(&object.manifest);
    let propose = |world: &World, run, request| HostMessage::Propose {
        now: NOW,
        run,
        receipts: vec![],
        datasets: world.datasets(),
        request: Some(request),
    };
    let proposed = proposal(&host.send(propose(&first, 1, asked.clone())));
    let manifest = object.manifest.clone();
    first.objects.push(object);
    let [north, south, institute] = ["north", "south", "institute"].map(|party| first.grant(party, &proposed));
    host.send(north);
    host.send(south);
    let head = receipt(&host.send(institute));
    first.objects.pop();

    let mut second = amended(&first, options, &head, |_| {});
    let mut host = Host::opened(&second, 2);
    assert_refused(&host.send(HostMessage::Bring { manifest }), "object.request");
    let (own, mut renamed) = second.request(br#"{"side":"left"}"#, 5);
    host.bring(&own.manifest);
    assert_refused(&host.send(propose(&second, 4, asked)), "request.binding");
    renamed.contract = first.contract.id();
    let renamed = second.announce(renamed, "institute");
    assert_refused(&host.send(propose(&second, 4, renamed)), "request.binding");
}

#[test]
fn a_stop_of_the_predecessor_stops_no_room_of_the_amendment() {
    let (first, head) = with_one_run(Options::default());
    let mut second = amended(&first, Options::default(), &head, |_| {});
    let mut host = Host::opened(&second, 2);
    assert_refused(&host.send(first.stop("north", first.contract.id(), "north")), "stop.contract");
    let done = host.complete_run(&mut second, 4, &[]);
    decoded(&done).verify(&second.contract).unwrap();
}

#[test]
fn evidence_of_the_predecessor_speaks_for_no_room_of_the_amendment() {
    let (first, head) = with_one_run(Options::default());
    let second = amended(&first, Options::default(), &head, |_| {});
    let evidence = |world: &World| {
        let answers = Host::opened(world, 2).send(HostMessage::Attest { challenges: vec![[1; 32]] });
        match answers.as_slice() {
            [sealroom_protocol::message::EnclaveMessage::Evidence { evidence, .. }] => evidence.clone(),
            other => panic!("expected Evidence, found {other:?}"),
        }
    };
    // The same seed, so the same signing key: only the contract differs.
    assert_eq!(evidence(&first), evidence(&first));
    assert_ne!(evidence(&first), evidence(&second));
}
