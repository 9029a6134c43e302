//! What a hostile host can do with a request: show each party another one, withhold it, or bring it again.

use crate::enclave::Enclave;
use crate::errors::{refuses, said};
use crate::world::World;
use sealroom::{
    AppraisedRoom, Arguments, BroughtProposal, BroughtRequest, GrantTimes, Granted, PreparedRequest, ReviewError,
    make_request, now, random,
};
use sealroom_protocol::contract::Role;
use sealroom_protocol::message::{EnclaveMessage, HostMessage};

/// The institute chooses how many parties must share a key.
fn world() -> World {
    World::with(|terms| {
        terms.program = terms.program.clone().with_choice("minimum_parties", vec![1.into(), 2.into()]);
        let institute = terms.parties.iter_mut().find(|party| party.name == "institute").unwrap();
        institute.roles = vec![Role::Request, Role::Result];
    })
}

fn request(world: &mut World, minimum: i64) -> PreparedRequest {
    let institute = world.site("institute");
    let arguments: Arguments = [("minimum_parties".to_owned(), minimum.into())].into();
    let (identity, memory) = (&institute.identity, &institute.memory);
    let request = make_request(&world.contract, identity, &arguments, memory, &mut random()).unwrap();
    world.bodies.0.insert(request.object, (request.manifest.clone(), request.body.clone()));
    request
}

fn shown(request: &PreparedRequest) -> BroughtRequest<'_> {
    BroughtRequest { announcement: &request.announcement, manifest: &request.manifest, body: &request.body }
}

fn wish(world: &World, request: &PreparedRequest, run: u64, receipts: Vec<Vec<u8>>) -> HostMessage {
    let request = Some(request.announcement.clone());
    HostMessage::Propose { now: now(), run, receipts, datasets: world.datasets(), request }
}

fn proposed(enclave: &mut Enclave, wish: &HostMessage) -> Vec<u8> {
    match enclave.ask(wish) {
        EnclaveMessage::Proposed { proposal } => proposal,
        other => panic!("expected a proposal, found {other:?}"),
    }
}

fn grant(
    world: &World,
    name: &str,
    room: &AppraisedRoom,
    brought: BroughtProposal<'_>,
) -> Result<Granted, ReviewError> {
    let site = world.site(name);
    let reviewed = room.review(brought, &site.identity, &site.memory, now())?;
    let times = GrantTimes { clock: now(), expires: now() + 600 };
    Ok(reviewed.grant(&site.identity, &site.memory, times, &mut random()).unwrap())
}

#[test]
fn a_request_shown_differently_to_two_parties_is_granted_by_neither_that_sees_another() {
    let mut world = world();
    let (asked, other) = (request(&mut world, 2), request(&mut world, 1));
    let mut enclave = world.enclave();
    enclave.bring(&asked.manifest);
    let room = world.appraise(|challenge| enclave.attest(vec![challenge])).unwrap();
    let proposal = proposed(&mut enclave, &wish(&world, &asked, 1, vec![]));
    let brought = |request| BroughtProposal { proposal: &proposal, request };
    let swapped = BroughtRequest { announcement: &asked.announcement, ..shown(&other) };
    for (request, check) in [
        (Some(shown(&other)), "asking.binding"),
        (Some(swapped), "asking.object"),
        (Some(BroughtRequest { body: &asked.body[..70], ..shown(&asked) }), "asking.readable"),
        (Some(BroughtRequest { announcement: b"{}", ..shown(&asked) }), "asking.announcement"),
        (None, "review.request"),
    ] {
        for party in ["north", "south"] {
            refuses(grant(&world, party, &room, brought(request)), check);
        }
    }
    // The one that was proposed, shown to all, is granted and answered.
    let granted =
        ["north", "south", "institute"].map(|party| grant(&world, party, &room, brought(Some(shown(&asked)))).unwrap());
    let [north, south, institute] = granted;
    assert_eq!(enclave.grant(now(), &north, &world.bodies).missing, ["south", "institute"]);
    assert_eq!(enclave.grant(now(), &south, &world.bodies).missing, ["institute"]);
    assert!(enclave.grant(now(), &institute, &world.bodies).released());
}

#[test]
fn a_request_brought_again_is_answered_by_no_enclave_and_granted_by_no_party() {
    let mut world = world();
    let asked = request(&mut world, 2);
    let mut enclave = world.enclave();
    enclave.bring(&asked.manifest);
    let room = world.appraise(|challenge| enclave.attest(vec![challenge])).unwrap();
    let proposal = proposed(&mut enclave, &wish(&world, &asked, 1, vec![]));
    let brought = BroughtProposal { proposal: &proposal, request: Some(shown(&asked)) };
    let granted = ["north", "south", "institute"].map(|party| grant(&world, party, &room, brought).unwrap());
    let receipt = granted.each_ref().map(|granted| enclave.grant(now(), granted, &world.bodies).receipt);
    let receipt = receipt.into_iter().flatten().next().unwrap();
    said(Some(&enclave.refused(&wish(&world, &asked, 2, vec![receipt]))), "request.used");
    // An enclave that is not told of the run proposes it again; no party grants it.
    let mut fork = world.enclave();
    fork.bring(&asked.manifest);
    let room = world.appraise(|challenge| fork.attest(vec![challenge])).unwrap();
    let proposal = proposed(&mut fork, &wish(&world, &asked, 2, vec![]));
    let brought = BroughtProposal { proposal: &proposal, request: Some(shown(&asked)) };
    for party in ["north", "south", "institute"] {
        refuses(grant(&world, party, &room, brought), "memory.request-used");
    }
}
