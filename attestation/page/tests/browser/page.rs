//! The page in a browser, used as a person does: files into its fields or dropped on it, words typed, the answer read.

use core::time::Duration;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealroom_verify_page::{Asked, Request};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::chromium::Chromium;

const WIDTH: u32 = 1180;
const HEIGHT: u32 = 1400;

pub(crate) struct Page {
    chromium: Chromium,
    session: String,
    url: String,
    folder: TempDir,
}

impl Page {
    /// Opens a file.
    pub(crate) fn open(mut chromium: Chromium, file: &Path) -> Self {
        let url = format!("file://{}", file.canonicalize().unwrap().display());
        let target = chromium.ask(None, "Target.createTarget", &json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = chromium.ask(None, "Target.attachToTarget", &attach)["sessionId"].as_str().unwrap().to_owned();
        let mut page = Self { chromium, session, url: url.clone(), folder: tempfile::tempdir().unwrap() };
        for domain in ["Page", "Runtime", "Network", "Log", "DOM"] {
            page.ask(&format!("{domain}.enable"), &json!({}));
        }
        let size = json!({ "width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": false });
        page.ask("Emulation.setDeviceMetricsOverride", &size);
        page.ask("Page.navigate", &json!({ "url": url }));
        page.wait("document.body !== null && ['ready', 'absent'].includes(document.body.dataset.state)");
        page
    }

    #[track_caller]
    pub(crate) fn ask(&mut self, method: &str, parameters: &Value) -> Value {
        self.chromium.ask(Some(&self.session), method, parameters)
    }

    /// The value of an expression.
    #[track_caller]
    pub(crate) fn value(&mut self, expression: &str) -> Value {
        let asked = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let mut answer = self.ask("Runtime.evaluate", &asked);
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {}", answer["exceptionDetails"]);
        answer["result"]["value"].take()
    }

    /// The text of an element.
    #[track_caller]
    pub(crate) fn text(&mut self, id: &str) -> String {
        self.value(&format!("document.getElementById('{id}').textContent")).as_str().unwrap().to_owned()
    }

    /// Whether a person sees an element.
    #[track_caller]
    pub(crate) fn is_shown(&mut self, id: &str) -> bool {
        self.value(&format!("document.getElementById('{id}').getClientRects().length > 0")) == true
    }

    #[track_caller]
    fn wait(&mut self, condition: &str) {
        for _ in 0..1200 {
            if self.value(condition) == true {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("it never held: {condition}");
    }

    /// Does something that the page answers, and waits for the answer.
    #[track_caller]
    fn answered(&mut self, act: impl FnOnce(&mut Self)) {
        let before = self.value("Number(document.body.dataset.answers)").as_u64().unwrap();
        act(self);
        self.wait(&format!(
            "Number(document.body.dataset.answers) > {before} && document.body.dataset.state === 'ready'"
        ));
    }

    /// Writes a file that the page can be given, and says where.
    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> String {
        let file = self.folder.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        file.into_os_string().into_string().unwrap()
    }

    /// Chooses files in a field for files.
    #[track_caller]
    pub(crate) fn choose(&mut self, field: &str, files: &[String]) {
        let document = self.ask("DOM.getDocument", &json!({}));
        let query = json!({ "nodeId": document["root"]["nodeId"], "selector": format!("#{field}") });
        let node = self.ask("DOM.querySelector", &query)["nodeId"].take();
        self.answered(|page| drop(page.ask("DOM.setFileInputFiles", &json!({ "nodeId": node, "files": files }))));
    }

    /// Drops files on an element.
    #[track_caller]
    pub(crate) fn drop_on(&mut self, selector: &str, files: &[String]) {
        let middle = self.value(&format!(
            "(() => {{ const box = document.querySelector('{selector}').getBoundingClientRect();
                return [box.x + box.width / 2, box.y + box.height / 2]; }})()"
        ));
        self.answered(|page| {
            for kind in ["dragEnter", "dragOver", "drop"] {
                let data = json!({ "items": [], "files": files, "dragOperationsMask": 1 });
                let event = json!({ "type": kind, "x": middle[0], "y": middle[1], "data": data });
                page.ask("Input.dispatchDragEvent", &event);
            }
        });
    }

    /// Types words into a field, in place of what stands there.
    #[track_caller]
    pub(crate) fn fill(&mut self, field: &str, words: &str) {
        let (field, words) = (json!(field), json!(words));
        self.answered(|page| {
            page.value(&format!(
                "(() => {{ const field = document.getElementById({field}); field.value = {words};
                    field.dispatchEvent(new Event('input')); field.dispatchEvent(new Event('change')); }})()"
            ));
        });
    }

    /// Presses a box, a button or a choice.
    #[track_caller]
    pub(crate) fn press(&mut self, id: &str) {
        self.answered(|page| drop(page.value(&format!("document.getElementById('{id}').click()"))));
    }

    /// Says when it is judged, and what was asked.
    #[track_caller]
    pub(crate) fn ask_as(&mut self, request: &Request) {
        self.press("at-now");
        self.fill("at", &utc(request.at));
        match &request.asked {
            Some(Asked::Challenge(digits)) => self.fill("challenge", digits),
            Some(Asked::Nothing(reason)) => self.fill("reason", reason),
            None => {}
        }
    }

    /// Gives all of a request, each file in its field.
    #[track_caller]
    pub(crate) fn give(&mut self, request: &Request) {
        self.ask_as(request);
        let endorsements: Vec<_> = request
            .endorsements
            .iter()
            .enumerate()
            .map(|(index, bytes)| self.file(&format!("endorsement-{index}"), bytes))
            .collect();
        if !endorsements.is_empty() {
            self.choose("endorsement-files", &endorsements);
        }
        if let Some(policy) = &request.policy {
            let policy = self.file("policy.toml", policy.as_bytes());
            self.choose("policy-file", &[policy]);
        }
        let evidence = self.file("evidence.bin", &request.evidence);
        self.choose("evidence-file", &[evidence]);
    }

    /// Every check as it is shown: id, status, expected, found, and the end of what to do.
    #[track_caller]
    pub(crate) fn rows(&mut self) -> Vec<[String; 5]> {
        let rows = self.value(
            "[...document.querySelectorAll('#rows tr')].map((row) => [row.querySelector('code').textContent,
                row.querySelector('.word').textContent, ...[...row.cells].slice(2, 4).map((cell) => cell.textContent),
                row.cells[4].lastChild.textContent])",
        );
        serde_json::from_value(rows).unwrap()
    }

    /// That nothing was asked of any network, nothing was refused to the page, and nothing went wrong in it.
    #[track_caller]
    pub(crate) fn was_quiet(&mut self) {
        self.value("1");
        for event in &self.chromium.events {
            let parameters = &event["params"];
            match event["method"].as_str().unwrap_or_default() {
                "Network.requestWillBeSent" => assert_eq!(parameters["request"]["url"], self.url.as_str(), "{event}"),
                "Network.webSocketCreated"
                | "Runtime.exceptionThrown"
                | "Runtime.consoleAPICalled"
                | "Log.entryAdded" => {
                    panic!("{event}")
                }
                _ => {}
            }
        }
    }

    /// A picture of what is seen without scrolling, PNG.
    pub(crate) fn picture(&mut self) -> Vec<u8> {
        let answer = self.ask("Page.captureScreenshot", &json!({ "format": "png" }));
        STANDARD.decode(answer["data"].as_str().unwrap()).unwrap()
    }
}

/// Seconds since 1970 as the page wants them typed, by the Gregorian calendar.
pub(crate) fn utc(seconds: u64) -> String {
    let days = i64::try_from(seconds / 86_400).unwrap() + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (day, month) = (day - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z", year + era * 400 + i64::from(month <= 2))
}
