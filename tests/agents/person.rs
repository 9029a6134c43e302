//! What a person decides, over HTTP as the page does it: with the token alone, from this address alone, by digest.

use crate::process::{self, AgentProcess, PATIENCE, Told, agent, agents, host};
use crate::world::{HOSPITALS, INSTITUTE, World};
use sealroom::WantedRun;
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;

/// An HTTP answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl AgentProcess {
    pub(crate) fn token(&self) -> String {
        std::fs::read_to_string(self.state.join("token")).unwrap()
    }

    /// Sends a request word for word, but for its body's length.
    pub(crate) fn raw(&self, line: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut text = format!("{line} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
        headers.iter().for_each(|(name, value)| text.push_str(&format!("{name}: {value}\r\n")));
        stream.write_all(format!("{text}\r\n{body}").as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
    }

    /// As the page asks.
    pub(crate) fn ask(&self, line: &str, body: &Value) -> Answer {
        let (name, bearer) = (format!("127.0.0.1:{}", self.port), format!("Bearer {}", self.token()));
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.raw(line, &[("Host", &name), ("Authorization", &bearer), ("Content-Type", "application/json")], &body)
    }

    pub(crate) fn shown(&self) -> Value {
        let answer = self.ask("GET /api/state", &Value::Null);
        assert_eq!(answer.status, 200, "{}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }

    /// The first proposal that waits for a person, as soon as one does.
    pub(crate) fn waiting(&self) -> Value {
        process::until("a proposal waits for a person", || {
            Some(self.shown()["contracts"][0]["pending"][0].clone()).filter(|pending| pending.is_object())
        })
    }
}

#[test]
fn only_who_has_the_token_is_answered_and_only_at_this_address() {
    let world = World::new(1, 3);
    let agent = agent(&world, "cleveland", Told { approve: "every run", more: "" });
    let own = format!("127.0.0.1:{}", agent.port);
    let bearer = format!("Bearer {}", agent.token());
    let mode = std::fs::metadata(agent.state.join("token")).unwrap().permissions().mode();
    assert_eq!((mode & 0o777, agent.token().len()), (0o600, 64));
    // The page itself is empty, and says what it may do: run itself and ask this agent.
    let page = agent.raw("GET /", &[("Host", &own)], "");
    assert_eq!(page.status, 200);
    assert!(page.head.contains("content-security-policy: default-src 'none'; script-src 'sha256-"), "{}", page.head);
    assert!(page.head.contains("x-frame-options: deny") && page.head.contains("cache-control: no-store"));
    assert!(!page.body.contains("cleveland") && !page.body.contains(&agent.token()));
    for path in ["/api/state", "/metrics", "/anything"] {
        let line = format!("GET {path}");
        assert_eq!(agent.raw(&line, &[("Host", &own)], "").status, 401, "{path}");
        assert_eq!(agent.raw(&line, &[("Host", &own), ("Authorization", "Bearer 00")], "").status, 401, "{path}");
        // A name that somebody pointed here, with whatever it has learnt.
        for host in ["attacker.example", "127.0.0.1", "127.0.0.1:1", &format!("{own}.attacker.example")] {
            assert_eq!(agent.raw(&line, &[("Host", host), ("Authorization", &bearer)], "").status, 421, "{host}");
        }
    }
    assert_eq!(agent.raw("GET /", &[("Host", "attacker.example")], "").status, 421);
    let local = format!("localhost:{}", agent.port);
    assert_eq!(agent.raw("GET /api/state", &[("Host", &local), ("Authorization", &bearer)], "").status, 200);
    assert_eq!(agent.ask("GET /anything", &Value::Null).status, 404);
    // Another site's page cannot send the header; were it to, its origin gives it away.
    let stop = json!({ "contract": world.agreed[0].contract().id() }).to_string();
    let act = |origin: &str| {
        let headers = [("Host", own.as_str()), ("Authorization", &bearer), ("Origin", origin)];
        agent.raw("POST /api/stop", &headers, &stop).status
    };
    for origin in ["http://attacker.example", "null", "https://127.0.0.1:1", &format!("https://{own}")] {
        assert_eq!(act(origin), 403, "{origin}");
    }
    assert_eq!(agent.raw("POST /api/stop", &[("Host", &own)], &stop).status, 401);
    assert_eq!(agent.shown()["contracts"][0]["standing"], "open");
    assert_eq!(agent.ask("POST /api/stop", &json!({ "contract": "00" })).status, 400);
    assert_eq!(agent.ask("POST /api/approve", &json!({ "proposal": "0".repeat(64) })).status, 400);
    assert_eq!(act(&format!("http://{own}")), 200);
    assert_eq!(agent.shown()["contracts"][0]["standing"], "stopped");
    let metrics = agent.ask("GET /metrics", &Value::Null);
    let contract = world.agreed[0].contract().id();
    assert!(
        metrics.body.contains(&format!("sealroom_agent_stopped{{contract=\"{contract}\"}} 1\n")),
        "{}",
        metrics.body
    );
}

#[test]
fn a_person_approves_exactly_what_is_shown_refuses_and_stops_and_each_outlives_a_kill() {
    let world = World::new(1, 9);
    let _host = host(&world);
    world.upload();
    let agreed = &world.agreed[0];
    let mut others = agents(&world, Told { approve: "never", more: "" });
    let mut asking = others.remove(0);
    drop(asking);
    asking = agent(&world, HOSPITALS[0].0, Told { approve: "every run", more: "" });
    let (client, institute) = (world.host(), world.identity(INSTITUTE));
    let room = client.room(&client.open_room(&agreed.signed, institute).unwrap().room);
    let propose = |run| {
        let wanted = WantedRun { run: Some(run), datasets: agreed.datasets.clone(), request: None, receipts: vec![] };
        room.propose(&wanted, institute).unwrap()
    };
    let contract = agreed.contract().id();
    let decide = |agent: &AgentProcess, path: &str, proposal: &Value| {
        agent.ask(&format!("POST /api/{path}"), &json!({ "contract": contract, "proposal": proposal })).status
    };
    // What is shown says who asks what, over what, for whom, which run of how many.
    let first = propose(1);
    let shown = asking.waiting();
    assert_eq!(shown["proposal"], json!(first.id));
    let explained = shown["explained"].as_str().unwrap();
    assert!(
        explained.contains("Run number 1, 1 of the 9 runs")
            && explained.contains("your cleveland")
            && explained.contains("institute"),
        "{explained}"
    );
    assert!(shown["reveals"][0].as_str().unwrap().contains("each row stands for 10 or more rows of data"), "{shown}");
    // Another proposal takes its place between the look and the click: the click is for nothing, and nothing is granted.
    drop(room.abandon(institute).unwrap());
    let second = propose(2);
    process::until("the second waits", || (asking.waiting()["proposal"] == json!(second.id)).then_some(()));
    assert_eq!(decide(&asking, "approve", &json!(first.id)), 409);
    process::until("the others granted", || (room.status().unwrap().missing == [HOSPITALS[0].0]).then_some(()));
    assert_eq!(decide(&asking, "approve", &json!(second.id)), 200);
    process::until("the second run is over", || (room.status().unwrap().phase == "attest").then_some(()));
    // A refusal gives the proposal up: the others get their runs back. It outlives a kill.
    let third = propose(3);
    assert_eq!(asking.waiting()["proposal"], json!(third.id));
    process::until("the others granted", || (room.status().unwrap().missing == [HOSPITALS[0].0]).then_some(()));
    assert_eq!(decide(&asking, "refuse", &json!(third.id)), 200);
    asking.served.kill();
    asking.served.start_again();
    process::until("the third is given up", || (room.status().unwrap().phase == "attest").then_some(()));
    for other in &others {
        process::until("it got its run back", || {
            let runs = &other.shown()["contracts"][0]["runs"];
            (runs["open"] == 0 && runs["counted"] == 1 && runs["confirmed"] == 1).then_some(())
        });
    }
    // A stop is on disk before it is answered, and reaches the room after a kill too.
    assert_eq!(asking.ask("POST /api/stop", &json!({ "contract": contract, "reason": "bell\u{7}" })).status, 400);
    assert_eq!(asking.ask("POST /api/stop", &json!({ "contract": contract, "reason": "wrong column" })).status, 200);
    asking.served.kill();
    asking.served.start_again();
    process::until("the room is stopped", || {
        room.status().unwrap().ended.map(|ended| assert_eq!(ended.check, "room.stopped"))
    });
    assert_eq!(asking.shown()["contracts"][0]["standing"], "stopped");
    // No later room runs: it is stopped as well.
    let later = client.room(&client.open_room(&agreed.signed, institute).unwrap().room);
    process::until("the later room is stopped", || later.status().unwrap().ended);
    drop((asking, others));
    for (name, _) in HOSPITALS {
        assert_eq!(world.memory(name).state(agreed.contract()).unwrap().count, 1, "{name}");
    }
}
