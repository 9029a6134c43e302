//! The page in a real browser without a window: a person with the token looks, approves and stops; what others wrote stays
//! text; nothing but this agent is reached. `SEALROOM_WRITE_DOCS=1` takes the picture in `docs/` anew.

use crate::chromium::Chromium;
use crate::process::{self, AgentProcess, Told, agent, host};
use crate::world::{HOSPITALS, INSTITUTE, World};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use core::time::Duration;
use sealroom::WantedRun;
use serde_json::{Value, json};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

/// Stands in the contract's purpose, which whoever drafts it writes.
const MARKUP: &str = "How common? <img src=x onerror='document.title=1'><script>document.title=2</script>";
const WIDTH: u32 = 1180;
const HEIGHT: u32 = 1040;

struct Page {
    chromium: Chromium,
    session: String,
    origin: String,
}

impl Page {
    fn open(mut chromium: Chromium, url: &str) -> Self {
        let target = chromium.ask(None, "Target.createTarget", &json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = chromium.ask(None, "Target.attachToTarget", &attach)["sessionId"].as_str().unwrap().to_owned();
        let origin = url.split("/#").next().unwrap().to_owned();
        let mut page = Self { chromium, session, origin };
        for domain in ["Page", "Runtime", "Network"] {
            page.ask(&format!("{domain}.enable"), &json!({}));
        }
        let size = json!({ "width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": false });
        page.ask("Emulation.setDeviceMetricsOverride", &size);
        page.go(url);
        page
    }

    fn go(&mut self, url: &str) {
        self.ask("Page.navigate", &json!({ "url": "about:blank" }));
        self.ask("Page.navigate", &json!({ "url": url }));
        self.wait("document.body !== null && ['open', 'closed'].includes(document.body.dataset.state)");
    }

    #[track_caller]
    fn ask(&mut self, method: &str, parameters: &Value) -> Value {
        self.chromium.ask(Some(&self.session), method, parameters)
    }

    #[track_caller]
    fn value(&mut self, expression: &str) -> Value {
        let asked = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true,
            "allowUnsafeEvalBlockedByCSP": false });
        let mut answer = self.ask("Runtime.evaluate", &asked);
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {}", answer["exceptionDetails"]);
        answer["result"]["value"].take()
    }

    #[track_caller]
    fn text(&mut self, selector: &str) -> String {
        let text = self.value(&format!("document.querySelector({})?.textContent ?? ''", json!(selector)));
        text.as_str().unwrap().to_owned()
    }

    #[track_caller]
    fn wait(&mut self, condition: &str) {
        for _ in 0..1200 {
            if self.value(condition) == true {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let seen = self.value("document.body?.innerText ?? ''");
        assert_eq!(condition, "", "it never held; seen: {seen}");
    }

    /// Presses a button, found by its class and, where there are more, by the proposal that it is about.
    #[track_caller]
    fn press(&mut self, selector: &str) {
        assert_eq!(
            self.value(&format!(
                "(document.querySelector({0})?.click(), document.querySelector({0}) !== null)",
                json!(selector)
            )),
            true,
            "{selector}"
        );
    }

    /// That nobody but the agent was asked for anything.
    fn reached_the_agent_alone(&mut self) {
        self.value("1");
        for event in &self.chromium.events {
            let url = event["params"]["request"]["url"].as_str().unwrap_or_default();
            if event["method"] == "Network.requestWillBeSent" {
                assert!(url.starts_with(&self.origin) || url == "about:blank", "{url}");
                assert!(!url.contains("token"), "{url}");
            }
        }
    }

    fn picture(&mut self) -> Vec<u8> {
        let answer = self.ask("Page.captureScreenshot", &json!({ "format": "png" }));
        STANDARD.decode(answer["data"].as_str().unwrap()).unwrap()
    }
}

/// The address that `sealroom agent page` prints.
fn address(world: &World, agent: &AgentProcess) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sealroom"));
    let output = command.args(["agent", "page", "--config", "agent.toml"]).current_dir(world.home(agent.name)).output();
    let url = String::from_utf8(output.unwrap().stdout).unwrap().trim().to_owned();
    assert_eq!(url, format!("http://127.0.0.1:{}/#token={}", agent.port, agent.token()));
    url
}

#[test]
fn a_person_sees_what_is_asked_approves_it_and_stops_the_contract_in_a_browser() {
    let test = "a_person_sees_what_is_asked_approves_it_and_stops_the_contract_in_a_browser";
    let Some(chromium) = Chromium::start(test) else { return };
    let world = World::for_purpose(1, 9, "How common is heart disease, by age and sex?");
    let _host = host(&world);
    world.upload();
    let told = |approve| Told { approve, more: "maximum_runs = 6" };
    let asking = agent(&world, HOSPITALS[0].0, told("every run"));
    let others: Vec<_> = HOSPITALS[1..].iter().map(|(name, _)| agent(&world, name, told("never"))).collect();
    let agreed = &world.agreed[0];
    let (client, institute) = (world.host(), world.identity(INSTITUTE));
    let room = client.room(&client.open_room(&agreed.signed, institute).unwrap().room);
    let propose = |run| {
        let wanted = WantedRun { run: Some(run), datasets: agreed.datasets.clone(), request: None, receipts: vec![] };
        room.propose(&wanted, institute).unwrap().id.to_string()
    };
    let first = propose(1);
    let mut page = Page::open(chromium, &address(&world, &asking));
    // The token is gone from the address, and so from its history.
    assert_eq!(page.value("location.hash + location.pathname"), "/");
    page.wait("document.querySelector('.pending') !== null");
    assert_eq!(page.value("document.querySelector('.pending').dataset.proposal"), first.as_str());
    assert!(
        page.text(".explained").starts_with("Run number 1, 1 of the 9 runs that you grant at most, proposal "),
        "{}",
        page.text(".explained")
    );
    let approve = |proposal: &str| format!("[data-proposal='{proposal}'] .approve");
    // What has just come under the pointer cannot be pressed.
    assert_eq!(page.value(&format!("document.querySelector(\"{}\").disabled", approve(&first))), true);
    page.press(&approve(&first));
    page.value(&format!("window.kept = document.querySelector(\"{}\"); 1", approve(&first)));
    let before = page.value("Number(document.body.dataset.answers)").as_u64().unwrap();
    page.wait(&format!("Number(document.body.dataset.answers) >= {} && !window.kept.disabled", before + 2));
    assert_eq!(asking.shown()["contracts"][0]["runs"]["counted"], 0, "the first press was for nothing");
    // It is the button that it was, however often the page was drawn since; once something pushes it away, it is held again.
    assert_eq!(page.value(&format!("window.kept === document.querySelector(\"{}\")", approve(&first))), true);
    page.value("document.querySelector('header').style.paddingBottom = '9px'; 1");
    page.wait("window.kept.disabled");
    page.value("document.querySelector('header').style.paddingBottom = ''; 1");
    page.wait("window.kept.disabled");
    page.wait("!window.kept.disabled");
    page.press(&approve(&first));
    page.wait(
        "document.querySelector('.budget').textContent.startsWith('1 of 6 (the contract has 9) are used: 1 confirmed')",
    );
    // What takes the place of what is shown is not approved by the click on what was shown.
    let second = propose(2);
    page.wait(&format!("document.querySelector('.pending')?.dataset.proposal === '{second}'"));
    page.value(&format!("window.kept = document.querySelector(\"{}\"); 1", approve(&second)));
    page.wait("!window.kept.disabled");
    let picture = page.picture();
    drop(room.abandon(institute).unwrap());
    let third = propose(3);
    process::until("the third waits", || (asking.waiting()["proposal"] == json!(third)).then_some(()));
    page.value("window.kept.click(); 1");
    page.wait("document.querySelector('#trouble').textContent.startsWith('no such proposal waits here')");
    page.wait(&format!("document.querySelector('.pending')?.dataset.proposal === '{third}'"));
    assert!(room.status().unwrap().missing.contains(&HOSPITALS[0].0.to_owned()), "nothing was granted");
    page.wait(&format!("!document.querySelector(\"[data-proposal='{third}'] .refuse\").disabled"));
    page.press(&format!("[data-proposal='{third}'] .refuse"));
    page.wait("document.querySelector('.pending') === null");
    process::until("it is given up", || (room.status().unwrap().phase == "attest").then_some(()));
    // Stopped by two clicks; one does nothing.
    page.wait("!document.querySelector('button.stop').disabled");
    page.press("button.stop");
    // The second click of a double click.
    page.press("button.stop.sure");
    page.wait("document.querySelector('button.stop.sure:enabled') !== null");
    assert_eq!(asking.shown()["contracts"][0]["standing"], "open");
    assert!(room.status().unwrap().ended.is_none());
    page.press("button.stop.sure");
    page.wait("document.querySelector('.standing').textContent === 'stopped'");
    process::until("the room is stopped", || room.status().unwrap().ended);
    page.reached_the_agent_alone();
    drop(others);
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/agent.png");
    if std::env::var_os("SEALROOM_WRITE_DOCS").is_some() {
        std::fs::write(&kept, &picture).unwrap();
    }
    let kept = std::fs::read(&kept).expect("SEALROOM_WRITE_DOCS=1 writes docs/agent.png");
    // Letters look different on every machine, so sizes are compared and bytes are not.
    assert_eq!(size(&kept), size(&picture));
}

#[test]
fn what_others_wrote_is_text_and_the_page_runs_and_reaches_nothing_else() {
    let test = "what_others_wrote_is_text_and_the_page_runs_and_reaches_nothing_else";
    let Some(chromium) = Chromium::start(test) else { return };
    // Nobody listens at the host's address: that is trouble, which the page shows, and no end.
    let world = World::for_purpose(1, 3, MARKUP);
    let mut agent = agent(&world, HOSPITALS[0].0, Told { approve: "never", more: "" });
    let url = address(&world, &agent);
    let mut page = Page::open(chromium, &url);
    page.wait("document.querySelector('p.trouble') !== null");
    assert!(page.text("p.trouble").contains("does not answer"), "{}", page.text("p.trouble"));
    assert!(page.text(".contract").contains(MARKUP));
    let elements =
        "[document.querySelectorAll('script').length, document.querySelectorAll('img').length, document.title]";
    assert_eq!(page.value(elements), json!([1, 0, "Sealroom agent"]));
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let other = elsewhere.local_addr().unwrap();
    for way in [
        format!("fetch('http://{other}/').then(() => 'sent', () => 'refused')"),
        format!(
            "new Promise((done) => {{ const way = new Image(); way.onload = () => done('sent'); way.onerror = () => done('refused'); way.src = 'http://{other}/'; }})"
        ),
        "(() => { try { eval('1'); return 'ran'; } catch (error) { return 'refused'; } })()".to_owned(),
        "(() => { try { document.body.innerHTML = '<p>'; return 'ran'; } catch (error) { return 'refused'; } })()"
            .to_owned(),
    ] {
        assert_eq!(page.value(&way), "refused", "{way}");
    }
    std::thread::sleep(Duration::from_millis(300));
    assert!(elsewhere.accept().is_err(), "somebody called");
    // Without the token there is a question for it, and nothing else.
    page.value("sessionStorage.clear(); 1");
    page.go(url.split('#').next().unwrap());
    assert_eq!(
        page.value("[document.getElementById('entry').hidden, document.querySelectorAll('.contract').length]"),
        json!([false, 0])
    );
    let enter = |token: &str| {
        format!(
            "document.getElementById('token').value = {}; document.querySelector('#entry button').click(); 1",
            json!(token)
        )
    };
    page.value(&enter("00"));
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(page.value("document.querySelectorAll('.contract').length"), 0);
    page.value(&enter(&agent.token()));
    page.wait("document.querySelectorAll('.contract').length === 1");
    // A tab with the token of before a restart says so, and forgets it; the new address opened in it goes on.
    agent.served.kill();
    agent.served.start_again();
    page.wait("!document.getElementById('stale').hidden && sessionStorage.length === 0");
    assert_eq!(page.value("document.querySelectorAll('.contract').length"), 0);
    page.value(&format!("location.hash = {}; 1", json!(format!("token={}", agent.token()))));
    page.wait("document.querySelectorAll('.contract').length === 1 && location.hash === ''");
}

/// Width and height, which stand where every PNG has them.
fn size(png: &[u8]) -> &[u8] {
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"));
    &png[16..24]
}
