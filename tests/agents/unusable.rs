//! A contract of an agent that cannot be used, or whose file has a version that the memory refuses: it is that contract's trouble
//! alone.

use crate::process::{self, AgentProcess, Told, agent};
use crate::world::{World, free_port};
use rand_core::Rng as _;
use sealroom::{Contract, ContractFile, random};
use sealroom_protocol::contract::{Amends, write};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

const PARTY: &str = "cleveland";

fn standing(agent: &AgentProcess, place: usize, wanted: &str) -> Value {
    process::until(wanted, || {
        let shown = agent.shown()["contracts"][place].clone();
        (shown["standing"] == wanted).then_some(shown)
    })
}

/// How a command on the agent's configuration ends, and all that it says.
fn told(config: &Path, what: &str) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sealroom"));
    let output = command.args(["agent", what, "--config"]).arg(config).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(said).unwrap())
}

#[test]
fn a_contract_that_cannot_be_used_keeps_no_other_from_being_served_and_is_served_once_it_can() {
    let world = World::new(2, 9);
    let broken = &world.agreed[0].file;
    let good = std::fs::read(broken).unwrap();
    std::fs::write(broken, &good[..good.len() / 2]).unwrap();
    let agent = agent(&world, PARTY, Told { approve: "never", more: "" });
    let shown = standing(&agent, 0, "unusable");
    assert_eq!(shown["file"], broken.display().to_string());
    let trouble = shown["trouble"].as_str().unwrap();
    assert!(trouble.contains("nothing is granted under it") && !trouble.contains(char::is_control), "{trouble}");
    drop(standing(&agent, 1, "open"));
    let metrics = agent.ask("GET /metrics", &Value::Null).body;
    for line in ["sealroom_agent_contracts 1", "sealroom_agent_contracts_unusable 1"] {
        assert!(metrics.lines().any(|written| written == line), "{line} is not in\n{metrics}");
    }
    let log = agent.served.log();
    assert_eq!(log.matches("WARNING contract file ").count(), 1, "{log}");
    let (code, said) = told(&world.home(PARTY).join("agent.toml"), "check");
    assert_eq!(code, 2, "{said}");
    for words in ["CANNOT BE USED", "Contract \"heart-study-2\"", "an agent would serve the other contracts"] {
        assert!(said.contains(words), "{words} is not in\n{said}");
    }
    // The other contract's file twice is no second contract.
    std::fs::copy(&world.agreed[1].file, broken).unwrap();
    process::until("it is said to be there already", || {
        let shown = agent.shown()["contracts"][0]["trouble"].as_str()?.to_owned();
        shown.contains("expected each contract once").then_some(())
    });
    std::fs::write(broken, &good).unwrap();
    let shown = standing(&agent, 0, "open");
    assert_eq!(shown["id"], world.agreed[0].contract().id().to_string());
    drop(standing(&agent, 1, "open"));
}

#[test]
fn an_amendment_that_the_memory_refuses_leaves_the_version_in_force_at_a_start_too() {
    let world = World::new(1, 9);
    let agreed = &world.agreed[0];
    let mut agent = agent(&world, PARTY, Told { approve: "never", more: "" });
    drop(standing(&agent, 0, "open"));
    agent.served.kill();
    let mut terms = agreed.contract().terms().clone();
    random().fill_bytes(&mut terms.random);
    let parties = agreed.contract().granting_parties();
    let counts: Vec<(&str, u64)> = parties.iter().map(|party| (&*party.name, 0)).collect();
    let mut amends = Amends::new(agreed.contract(), 0, &counts);
    // Its predecessor is version 1.
    amends.version = 5;
    terms.amends = Some(amends);
    let mut file = ContractFile::new(Contract::parse(write(&terms).as_bytes()).unwrap());
    world.identities().iter().for_each(|identity| file.sign(identity).unwrap());
    file.save(&agreed.file).unwrap();
    agent.served.start_again();
    let shown = standing(&agent, 0, "open");
    assert_eq!(shown["id"], agreed.contract().id().to_string());
    let warned = process::until("it warns", || {
        agent.shown()["contracts"][0]["warnings"].as_array()?.first().map(ToString::to_string)
    });
    assert!(warned.contains("expected an amendment with version number 2"), "{warned}");
}

#[test]
fn what_a_restart_does_not_mend_ends_with_a_code_after_which_the_unit_starts_nothing_again() {
    let unit = include_str!("../../docs/agent/sealroom-agent.service");
    let never = unit.lines().find_map(|line| line.strip_prefix("RestartPreventExitStatus=")).unwrap();
    let never: Vec<i32> = never.split(' ').map(|code| code.parse().unwrap()).collect();
    assert_eq!(never, [2, 4, 5]);
    let world = World::new(1, 9);
    let mut agent = agent(&world, PARTY, Told { approve: "never", more: "" });
    let config = world.home(PARTY).join("agent.toml");
    let good = std::fs::read_to_string(&config).unwrap();
    // The memory is in use, and the address too: both pass by themselves.
    let (code, said) = told(&config, "run");
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("another process of this party has its memory open"), "{said}");
    assert!(!never.contains(&code));
    // It drew no token either: the page of the one that runs is still answered.
    assert_eq!(agent.shown()["party"], PARTY);
    agent.served.kill();
    let held = std::net::TcpListener::bind(("127.0.0.1", agent.port)).unwrap();
    let (code, said) = told(&config, "run");
    assert_eq!(code, 1, "{said}");
    assert!(!never.contains(&code));
    drop(held);
    // A configuration that does not hold stays as it is.
    let bad = good.replace("approve", "aprove").replace(&agent.port.to_string(), &free_port().to_string());
    std::fs::write(&config, bad).unwrap();
    let (code, said) = told(&config, "run");
    assert_eq!(code, 2, "{said}");
    assert!(never.contains(&code));
}
