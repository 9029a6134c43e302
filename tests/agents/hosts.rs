//! Hosts that are away, that lie, that never end; and the unit that starts an agent.

use crate::process::{Told, agent, agents, host, until};
use crate::requester::{Asked, ask};
use crate::world::{HOSPITALS, INSTITUTE, World, free_port};
use core::sync::atomic::AtomicU64;
use core::time::Duration;
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// What a host answers that is none: another shape, words that steer a terminal, a length that never comes, a flood.
const LIES: [&str; 5] = [
    "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{\"rooms\":[7]}",
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\u{1b}[",
    "HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n{",
    "HTTP/1.1 503 No\r\nContent-Type: application/problem+json\r\nContent-Length: 56\r\n\r\n{\"check\":\"a\\u001b[2J\",\"message\":\"granted\\n\",\"hint\":\"\\u202e\"}",
    "not HTTP at all",
];

/// Listens and lies, in turn.
fn liar() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for (stream, lie) in listener.incoming().zip(LIES.iter().cycle()) {
            let mut stream = stream.unwrap();
            drop(stream.read(&mut [0; 4096]));
            // Who asked may be gone.
            drop(stream.write_all(lie.as_bytes()));
        }
    });
    url
}

#[test]
fn a_host_that_lies_or_is_away_costs_its_contract_pauses_and_no_other_contract_anything() {
    let world = World::new(3, 9);
    let _host = host(&world);
    world.upload();
    let mut agents = agents(&world, Told { approve: "never", more: "" });
    // Of cleveland's three contracts one is at a host that lies, and one at nobody's address.
    let path = world.home(HOSPITALS[0].0).join("agent.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    let away = format!("http://127.0.0.1:{}", free_port());
    let config = config.replacen(&world.url(), &liar(), 1).replacen(&world.url(), &away, 1);
    std::fs::write(&path, config).unwrap();
    agents[0].served.kill();
    agents[0].served.start_again();
    let (done, killed) = (AtomicU64::new(0), AtomicU64::new(0));
    assert_eq!(ask(&world, &world.agreed[2], &Asked { jobs: 3, done: &done, killed: &killed, kills: 0 }).right, 3);
    std::thread::sleep(Duration::from_secs(4));
    let contracts = agents[0].shown()["contracts"].clone();
    let looks: Vec<&Value> = contracts.as_array().unwrap().iter().map(|contract| &contract["look"]).collect();
    assert_eq!(looks, ["host", "host", "well"]);
    let trouble = contracts[0]["trouble"].as_str().unwrap();
    assert!(!trouble.contains(char::is_control) && !trouble.contains('\u{202e}'), "{trouble:?}");
    // A tenth of a second doubles each time: after four seconds there were no more than six looks, and some while it began.
    let metrics = agents[0].ask("GET /metrics", &Value::Null);
    for place in [0, 1] {
        let id = world.agreed[place].contract().id();
        let line = format!("sealroom_agent_looks_total{{contract=\"{id}\",result=\"host\"}} ");
        let looks = metrics.body.lines().find_map(|text| text.strip_prefix(&line)).unwrap();
        assert!((2..=10).contains(&looks.parse::<u64>().unwrap()), "{looks} looks at {place}");
    }
    assert!(agents[0].served.terminate());
}

#[test]
fn what_is_wrong_with_a_configuration_is_said_before_anything_starts() {
    let world = World::new(1, 9);
    let mut agent = agent(&world, "zurich", Told { approve: "requests", more: "maximum_runs = 4" });
    agent.served.kill();
    let path = world.home("zurich").join("agent.toml");
    let good = std::fs::read_to_string(&path).unwrap();
    let check = |config: &str| {
        std::fs::write(&path, config).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_sealroom"));
        let output = command.args(["agent", "check", "--config"]).arg(&path).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8(said).unwrap())
    };
    let (code, said) = check(&good);
    assert_eq!(code, 0, "{said}");
    for words in [
        "This agent acts for \"zurich\" and grants runs under one contract.",
        "It grants at most 4 runs, though the contract has 9; nobody is asked: this contract leaves a requester nothing to choose.",
        "For every run it states in your name that the host stands in CH. Nobody measures that.",
        "You give: table zurich",
    ] {
        assert!(said.contains(words), "{words} is not in\n{said}");
    }
    for (from, to, code, words) in [
        ("approve", "aprove", 2, "unknown field `aprove`"),
        (
            "host_region = \"CH\"",
            "",
            1,
            "expected host_region to be one of CH, DE, which this party states for every run, found none",
        ),
        ("host_region = \"CH\"", "host_region = \"US\"", 1, "found \"US\""),
        ("127.0.0.1:", "0.0.0.0:", 2, "expected a loopback address"),
        ("http://127.0.0.1", "ftp://127.0.0.1", 1, "is not the address of a host"),
        ("heart-1.contract", "heart-9.contract", 1, "No such file"),
        ("party.key", "../cleveland/party.key", 1, "expected host_region to stay away"),
    ] {
        assert_eq!(good.matches(from).count().min(1), 1, "{from}");
        let (found, said) = check(&good.replace(from, to));
        assert_eq!(found, code, "{said}");
        assert!(said.contains(words), "{words} is not in\n{said}");
    }
}

#[test]
fn an_agent_stops_the_rooms_of_a_contract_that_expired_where_the_contract_has_them_evaluated() {
    let world = World::ending(8);
    let ends = Instant::now() + Duration::from_secs(9);
    let _host = host(&world);
    let (client, agreed) = (world.host(), &world.agreed[0]);
    let room = client.room(&client.open_room(&agreed.signed, world.identity(INSTITUTE)).unwrap().room);
    std::thread::sleep(ends.saturating_duration_since(Instant::now()));
    let mut agent = agent(&world, "cleveland", Told { approve: "never", more: "" });
    let ended = until("the room is stopped", || room.status().unwrap().ended);
    assert_eq!(ended.check, "room.stopped");
    until("the page says so", || (agent.shown()["contracts"][0]["standing"] == "stopped").then_some(()));
    agent.served.kill();
    let kept = world.memory("cleveland").stop_of(&agreed.contract().id()).unwrap().unwrap();
    assert!(kept.allegation().reason.starts_with("expired: the contract ended at "), "{:?}", kept.allegation());
}

#[test]
fn an_agent_is_a_witness_besides_where_it_is_told_to_be_one() {
    let world = World::new(1, 9);
    let mut agent = agent(&world, "cleveland", Told { approve: "never", more: "" });
    agent.served.kill();
    let (home, port) = (world.home("cleveland"), free_port());
    let mut keygen = Command::new(env!("CARGO_BIN_EXE_sealroom"));
    keygen.args(["witness", "keygen", "witness.key", "--name", "w.example/1"]).current_dir(&home);
    assert!(keygen.output().unwrap().status.success());
    let path = home.join("agent.toml");
    let witness = format!(
        "[witness]\nkey = \"witness.key\"\nstate = \"witness.state\"\nlogs = []\nlisten = \"127.0.0.1:{port}\"\n"
    );
    let config = std::fs::read_to_string(&path).unwrap() + &witness;
    std::fs::write(&path, config).unwrap();
    agent.served.start_again();
    agent.port = port;
    drop(until("the witness listens", || std::net::TcpStream::connect(("127.0.0.1", port)).ok()));
    let answer = agent.raw(&format!("GET /{}/checkpoint", "0".repeat(64)), &[("Host", "w.example")], "");
    assert_eq!((answer.status, answer.body.as_str()), (404, "no checkpoint of such a log was cosigned here\n"));
    // A checkpoint of a log that it was not told of.
    let asked = agent.raw(
        "POST /add-checkpoint",
        &[("Host", "w.example")],
        "old 0\n\norigin\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n",
    );
    assert!((400..=404).contains(&asked.status), "{} {}", asked.status, asked.body);
    assert!(agent.served.terminate());
}

#[test]
fn the_unit_for_systemd_is_one_that_systemd_reads_and_gives_no_right_too_many() {
    let test = "the_unit_for_systemd_is_one_that_systemd_reads_and_gives_no_right_too_many";
    let unit = include_str!("../../docs/agent/sealroom-agent.service");
    for line in ["NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=", "UMask=0077", "LimitCORE=0"] {
        assert!(unit.lines().any(|written| written == line), "{line}");
    }
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        return crate::not_run::not_run(test, "no systemd-analyze on the path (Debian: the package systemd)");
    }
    // It looks whether the program is there.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sealroom-agent.service");
    let verify = |unit: &str| {
        let program = Path::new(env!("CARGO_BIN_EXE_sealroom")).display().to_string();
        std::fs::write(&path, unit.replace("/usr/local/bin/sealroom", &program)).unwrap();
        let output = Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&path).output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert_eq!(verify(unit), (true, String::new()));
    let (_, said) = verify(&unit.replace("NoNewPrivileges", "NoNewPriviledges"));
    assert!(said.contains("NoNewPriviledges"), "a misspelt key is found: {said}");
}
