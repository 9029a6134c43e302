//! A requester that chooses, a person that is asked, and a stop that binds every process of the party; what is sent again.

use crate::process::{self, AgentProcess, Told, agent, host, host_behind};
use crate::proxy::proxy;
use crate::world::{HOSPITALS, INSTITUTE, STATES, World};
use core::sync::atomic::Ordering;
use core::time::Duration;
use sealroom::blocking::Room;
use sealroom::{
    GrantTimes, HostProposal, Memory, SignedReceipt, Stricter, WantedRun, draw_challenge, make_request, now, random,
};
use sealroom_attestation::{Accept, Evidence, Fingerprint, Policy, TrustAnchor};
use sealroom_protocol::run::{Ending, Outcome};
use serde_json::{Value, json};
use std::process::Command;

/// The party that asks a person.
const ASKING: &str = HOSPITALS[0].0;

/// The institute's client: it asks, and grants its own request.
struct Institute<'a> {
    world: &'a World,
    memory: Memory,
}

impl<'a> Institute<'a> {
    fn new(world: &'a World) -> Self {
        let memory = world.memory(INSTITUTE);
        memory.remember_contract(&world.agreed[0].signed).unwrap();
        Self { world, memory }
    }

    fn open(&self) -> Room {
        let (host, agreed) = (self.world.host(), &self.world.agreed[0]);
        host.room(&host.open_room(&agreed.signed, self.world.identity(INSTITUTE)).unwrap().room)
    }

    /// Has a run proposed, with a request of its own.
    fn propose(&self, room: &Room, chosen: &str) -> HostProposal {
        let (host, agreed, institute) = (self.world.host(), &self.world.agreed[0], self.world.identity(INSTITUTE));
        let contract = agreed.contract();
        let arguments = [("where".to_owned(), chosen.into())].into();
        let request = make_request(contract, institute, &arguments, &self.memory, &mut random()).unwrap();
        host.upload_request(&request, institute).unwrap();
        let datasets = agreed.datasets.clone();
        let wanted = WantedRun { run: None, datasets, request: Some(request.announcement), receipts: vec![] };
        room.propose(&wanted, institute).unwrap()
    }

    /// The same, granted by the institute.
    fn ask(&self, room: &Room, chosen: &str) -> HostProposal {
        let (host, agreed, institute) = (self.world.host(), &self.world.agreed[0], self.world.identity(INSTITUTE));
        let (contract, proposal) = (agreed.contract(), self.propose(room, chosen));
        let challenge = draw_challenge(&mut random());
        let appraised = room.appraise(contract, institute, challenge, &Stricter::as_signed(), now()).unwrap();
        drop(host.settle(contract, &self.memory).unwrap());
        // No grant is taken before a party's agent has stated where the host stands.
        process::until("it is stated", || (!room.status().unwrap().statement_missing).then_some(()));
        let fetched = room.fetch_request(&proposal).unwrap();
        let reviewed = appraised.review(proposal.brought(fetched.as_ref()), institute, &self.memory, now()).unwrap();
        let times = GrantTimes { clock: now(), expires: now() + 600 };
        let granted = reviewed.grant(institute, &self.memory, times, &mut random()).unwrap();
        drop(room.send_grant(&granted, institute).unwrap());
        proposal
    }
}

/// What a command of the asking party says and how it ends.
fn command(world: &World, arguments: &[&str]) -> (i32, Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sealroom"));
    let output = command.args(arguments).args(["--as", "party.key", "--json"]).current_dir(world.home(ASKING)).output();
    let output = output.unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    (output.status.code().unwrap(), serde_json::from_str(&said).unwrap_or(Value::String(said)))
}

#[test]
fn a_run_in_which_a_requester_chose_waits_for_a_person_who_approves_refuses_and_stops() {
    let world = World::asking(9);
    let _host = host(&world);
    world.upload();
    let asking = agent(&world, ASKING, Told { approve: "requests", more: "" });
    let others: Vec<AgentProcess> =
        HOSPITALS[1..].iter().map(|(name, _)| agent(&world, name, Told { approve: "never", more: "" })).collect();
    let institute = Institute::new(&world);
    let (room, contract) = (institute.open(), world.agreed[0].contract());
    let decide = |path: &str, proposal: &HostProposal| {
        let body = json!({ "contract": contract.id(), "proposal": proposal.id });
        asking.ask(&format!("POST /api/{path}"), &body).status
    };
    let waits = |proposal: &HostProposal, chosen: &str| {
        let shown = process::until("it waits for a person", || {
            Some(asking.waiting()).filter(|shown| shown["proposal"] == json!(proposal.id))
        });
        let explained = shown["explained"].as_str().unwrap();
        assert!(explained.contains(&format!("institute asks statistics \"where = {chosen}")), "{explained}");
        process::until("the others granted", || (room.status().unwrap().missing == [ASKING]).then_some(()));
    };
    let over = || process::until("the run is over", || (room.status().unwrap().phase == "attest").then_some(()));
    let receipts = || -> Vec<SignedReceipt> { world.host().receipts(&contract.id()).unwrap() };

    let first = institute.ask(&room, "num > 0");
    waits(&first, "num > 0");
    // Some looks later nobody has said anything, and nothing is granted.
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(asking.shown()["contracts"][0]["runs"]["counted"], 0);
    assert_eq!(decide("approve", &first), 200);
    over();
    let last = receipts().pop().unwrap();
    let said = last.verify(contract).unwrap();
    assert_eq!((said.proposal.id(), said.outcome, said.ending), (first.id, Outcome::Complete, Ending::Released));

    let second = institute.ask(&room, "age > 50");
    waits(&second, "age > 50");
    assert_eq!((decide("approve", &first), decide("refuse", &second)), (409, 200));
    over();
    assert!(receipts().iter().any(|receipt| {
        let said = receipt.allegation();
        said.proposal.id() == second.id && said.outcome == Outcome::Void
    }));
    assert_eq!(asking.shown()["contracts"][0]["runs"]["counted"], 1, "the first alone");

    let third = institute.ask(&room, "num > 0");
    waits(&third, "num > 0");
    let stop = json!({ "contract": contract.id(), "reason": "not this one" });
    assert_eq!(asking.ask("POST /api/stop", &stop).status, 200);
    process::until("the room is stopped", || room.status().unwrap().ended);
    assert_eq!(decide("approve", &third), 409);
    // The agent is gone; the same party's command line grants nothing in a later room either.
    drop((asking, others));
    let later = institute.open();
    drop(institute.propose(&later, "num > 0"));
    let url = format!("{}/rooms/{}", world.url(), later.name());
    let (code, said) = command(&world, &["grant", "--yes", "--room", &url]);
    let message = said["failure"]["message"].as_str().unwrap_or_default();
    assert_eq!(code, 5, "{said}");
    assert!(message.contains("which cleveland stopped at ") && message.contains(": not this one; "), "{said}");
    assert_eq!(world.memory(ASKING).state(contract).unwrap().count, 1);
}

#[test]
fn a_stop_from_the_command_line_is_in_the_memory_before_it_is_sent_and_binds_the_agent() {
    let world = World::new(1, 9);
    let mut served = host(&world);
    world.upload();
    let (client, agreed) = (world.host(), &world.agreed[0]);
    let room = client.room(&client.open_room(&agreed.signed, world.identity(INSTITUTE)).unwrap().room);
    let url = format!("{}/rooms/{}", world.url(), room.name());
    // While an agent has the memory, the command says where to stop instead.
    let mut agent = agent(&world, ASKING, Told { approve: "never", more: "" });
    let (code, said) = command(&world, &["stop", "--room", &url]);
    assert_eq!(code, 1, "{said}");
    assert!(said["failure"]["hint"].as_str().unwrap().contains("sealroom agent page"), "{said}");
    agent.served.kill();
    // The host is away: the stop holds all the same.
    served.kill();
    let file = agreed.file.to_str().unwrap();
    let (code, said) = command(&world, &["stop", "--room", &url, "--contract", file, "--reason", "wrong column"]);
    assert_eq!(code, 3, "{said}");
    assert!(said["failure"]["hint"].as_str().unwrap().starts_with("the stop is in your memory"), "{said}");
    let kept = world.memory(ASKING).stop_of(&agreed.contract().id()).unwrap().unwrap();
    assert_eq!(kept.allegation().reason, "wrong column");
    let (code, said) = command(&world, &["grant", "--yes", "--room", &url]);
    assert_eq!(code, 3, "{said}");
    assert!(said["failure"]["hint"].as_str().unwrap().contains("look whether host and network are up"), "{said}");
    // The host is there again with a room of that contract, and an agent that knows only the memory: it brings the stop.
    served.start_again();
    let client = world.host();
    let room = client.room(&client.open_room(&agreed.signed, world.identity(INSTITUTE)).unwrap().room);
    agent.served.start_again();
    let ended = process::until("the room is stopped", || room.status().unwrap().ended);
    assert_eq!(ended.check, "room.stopped");
    process::until("the page says so", || (agent.shown()["contracts"][0]["standing"] == "stopped").then_some(()));
}

/// Points an agent at another address than the host's, and starts it again.
fn point_at(world: &World, agent: &mut AgentProcess, url: &str) {
    let path = world.home(agent.name).join("agent.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    agent.served.kill();
    std::fs::write(&path, config.replace(&world.url(), url)).unwrap();
    agent.served.start_again();
}

#[test]
fn a_grant_is_sent_again_only_to_an_enclave_that_is_appraised_anew() {
    let world = World::new(1, 9);
    let (url, kept) = proxy(world.port);
    let _host = host_behind(&world, &url);
    world.upload();
    // The one that states where the host stands waits for nobody.
    let (name, _) = STATES;
    let mut agent = agent(&world, name, Told { approve: "never", more: "" });
    point_at(&world, &mut agent, &url);
    let (client, agreed, institute) = (world.host(), &world.agreed[0], world.identity(INSTITUTE));
    kept.grants.store(true, Ordering::SeqCst);
    let room = client.room(&client.open_room(&agreed.signed, institute).unwrap().room);
    let wanted = WantedRun { run: Some(1), datasets: agreed.datasets.clone(), request: None, receipts: vec![] };
    drop(room.propose(&wanted, institute).unwrap());
    process::until("it granted, and nothing arrived", || {
        let seen = kept.grants_seen.load(Ordering::SeqCst);
        (agent.shown()["contracts"][0]["runs"]["open"] == 1 && seen > 0).then_some(())
    });
    // No Evidence, no grant: not even the one that was made already.
    kept.evidence.store(true, Ordering::SeqCst);
    agent.served.kill();
    kept.grants.store(false, Ordering::SeqCst);
    kept.grants_seen.store(0, Ordering::SeqCst);
    agent.served.start_again();
    process::until("it looked and was refused Evidence", || {
        let shown = agent.shown()["contracts"][0].clone();
        (shown["look"] == "host" && shown["runs"]["open"] == 1).then_some(())
    });
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(kept.grants_seen.load(Ordering::SeqCst), 0, "it was sent without an appraisal");
    assert!(room.status().unwrap().missing.contains(&name.to_owned()));
    kept.evidence.store(false, Ordering::SeqCst);
    process::until("the same grant arrived", || {
        (!room.status().unwrap().missing.contains(&name.to_owned())).then_some(())
    });
    drop(agent);
    assert_eq!(world.memory(name).state(agreed.contract()).unwrap().count, 1);
}

#[test]
fn a_room_is_evaluated_by_the_partys_own_policy_too_and_one_without_an_answer_is_a_warning_and_a_count() {
    // Its rooms are evaluated; it lives long enough.
    let world = World::ending(3_000);
    let _host = host(&world);
    let (client, agreed, institute) = (world.host(), &world.agreed[0], world.identity(INSTITUTE));
    let room = client.room(&client.open_room(&agreed.signed, institute).unwrap().room);
    // A policy of another image than the one that runs.
    let challenge = draw_challenge(&mut random());
    let appraised = room.appraise(agreed.contract(), institute, challenge, &Stricter::as_signed(), now()).unwrap();
    let evidence = Evidence::decode(&appraised.evidence().evidence).unwrap();
    let anchor = Fingerprint::from_sha256(agreed.contract().terms().enclaves[0].trust_anchor);
    let pinned = Accept::pinning(&evidence, TrustAnchor::new(anchor, true).unwrap(), "own");
    let text = Policy::new(vec![pinned]).unwrap().to_toml();
    let (before, after) = text.split_once("measurements = [\"sha384:").unwrap();
    let other = if after.starts_with('0') { '1' } else { '0' };
    let own = world.home(ASKING).join("own.toml");
    std::fs::write(&own, format!("{before}measurements = [\"sha384:{other}{}", &after[1..])).unwrap();
    let mut agent = agent(&world, ASKING, Told { approve: "never", more: "policy = \"own.toml\"" });
    let counted = |agent: &AgentProcess, result: &str| -> u64 {
        let body = agent.ask("GET /metrics", &Value::Null).body;
        let id = agreed.contract().id();
        let line = format!("sealroom_agent_evaluations_total{{contract=\"{id}\",result=\"{result}\"}} ");
        body.lines().find_map(|text| text.strip_prefix(&line)).unwrap().parse().unwrap()
    };
    let warned = |agent: &AgentProcess, words: &str| {
        process::until(words, || {
            let shown = agent.shown()["contracts"][0]["warnings"].clone();
            shown.as_array()?.iter().any(|warning| warning.as_str().unwrap().contains(words)).then_some(())
        });
    };
    warned(&agent, "was evaluated and refused: by your own policy: the enclave is refused: snp.measurement");
    assert_eq!(counted(&agent, "refused"), 1);
    // What this party alone demands ends nothing.
    assert!(room.status().unwrap().ended.is_none());
    let (url, kept) = proxy(world.port);
    kept.evidence.store(true, Ordering::SeqCst);
    point_at(&world, &mut agent, &url);
    warned(&agent, "could not be evaluated: ");
    let trouble = process::until("nothing is granted in it", || {
        let trouble = agent.shown()["contracts"][0]["trouble"].as_str()?.to_owned();
        trouble.contains("nothing is granted in it until it brings some").then_some(trouble)
    });
    assert!(trouble.contains(room.name()), "{trouble}");
    assert!(counted(&agent, "unanswered") >= 3);
    assert!(room.status().unwrap().ended.is_none(), "a host that does not answer ends nothing");
}
