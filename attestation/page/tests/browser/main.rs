//! The page in a real browser without a window: what a person gives it, what it shows, and that it reaches nobody.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a panic is a test's failure report")]

#[path = "../support/built.rs"]
#[expect(dead_code, reason = "what the tests without a browser use besides")]
mod built;
mod chromium;
mod hostile;
#[path = "../../../../tests/support/not_run.rs"]
mod not_run;
mod page;
mod picture;
#[path = "../support/worlds.rs"]
mod worlds;

use sealroom_attestation::CryptoProvider;
use sealroom_verify_page::{Asked, Request, appraise, inspect};
use serde_json::Value;

use crate::chromium::Chromium;
use crate::page::Page;
use crate::worlds::{WORLDS, world};

/// The page in a browser, or `None` after saying by name that the test did not run.
pub(crate) fn opened(test: &str) -> Option<Page> {
    let file = built::page(test)?;
    Some(Page::open(Chromium::start(test)?, file))
}

/// What native code says of the same.
pub(crate) fn native(request: &Request) -> Value {
    appraise(&request.encode(), CryptoProvider::ring())
}

/// Every check of it, as the page is to show them.
pub(crate) fn rows(answer: &Value) -> Vec<[String; 5]> {
    let checks = answer["report"]["checks"].as_array().unwrap();
    let row = |check: &Value| {
        ["id", "status", "expected", "actual", "hint"].map(|field| check[field].as_str().unwrap().to_owned())
    };
    checks.iter().map(row).collect()
}

#[test]
fn what_is_shown_is_every_check_of_the_native_verdict() {
    for name in WORLDS {
        let Some(mut page) = opened("what_is_shown_is_every_check_of_the_native_verdict") else { return };
        let request = world(name);
        page.give(&request);
        let native = native(&request);
        let verdict = native["report"]["verdict"].as_str().unwrap();
        assert_eq!(page.text("verdict"), verdict.to_uppercase().replace('-', " "), "{name}");
        assert!(page.text("ended").starts_with("Exit code 0: "), "{name}");
        assert_eq!(page.rows(), rows(&native), "{name}");
        assert_eq!(page.is_shown("simulated"), native["simulated"] == true, "{name}");
        let shown: Value = serde_json::from_str(&page.text("json")).unwrap();
        assert_eq!(shown, native["report"], "{name}");
        let inspected = inspect(&request.evidence);
        let claims = inspected["inspected"]["unverified_claims"].as_array().unwrap();
        let names = claims.iter().filter(|claim| claim["name"] != "measurement").count();
        assert_eq!(page.value("document.querySelectorAll('#claim-rows tr').length"), names + 3, "{name}");
        assert!(page.text("inspected-title").ends_with("NOT VERIFIED"));
        page.was_quiet();
    }
}

#[test]
fn what_is_refused_says_what_was_expected_what_was_found_and_what_to_do() {
    let Some(mut page) = opened("what_is_refused_says_what_was_expected_what_was_found_and_what_to_do") else { return };
    let mut request = world("tdx-4");
    let policy = request.policy.as_mut().unwrap();
    *policy = policy.replace(&"3e".repeat(48), &"3f".repeat(48));
    page.give(&request);
    let native = native(&request);
    assert_eq!(page.text("verdict"), "REFUSED");
    assert_eq!(page.text("ended"), "Exit code 5: not what the policy accepts.");
    assert_eq!(page.rows(), rows(&native));
    let failed = page.text("failed");
    let (expected, found) = (format!("expectedsha384:{}", "3f".repeat(48)), format!("foundsha384:{}", "3e".repeat(48)));
    assert!(failed.starts_with("tdx.measurement"), "{failed}");
    assert!(failed.contains(&expected) && failed.contains(&found) && failed.contains("what to do"), "{failed}");
    // The simulated root is as loud where something else fails.
    assert!(page.is_shown("simulated"));
    // A time at which nothing of it is current.
    page.fill("at", "2036-01-01T00:00:00Z");
    assert_eq!(page.text("verdict"), "UNDECIDED");
    assert!(page.is_shown("needed"));
    // Another challenge, at the time that was right.
    page.fill("at", &page::utc(request.at));
    page.fill("challenge", "0000000000000000");
    assert_eq!(page.text("verdict"), "NOT AUTHENTIC");
    page.was_quiet();
}

#[test]
fn what_is_missing_is_listed_as_natively_and_only_where_it_decides() {
    let Some(mut page) = opened("what_is_missing_is_listed_as_natively_and_only_where_it_decides") else { return };
    let listed = |page: &mut Page| {
        page.value("[...document.querySelectorAll('#needed-list li')].map((item) => item.textContent)")
    };
    let good = world("sgx");
    let mut lacking = good.clone();
    lacking.endorsements.pop();
    page.give(&lacking);
    let report = native(&lacking)["report"].take();
    assert_eq!((page.text("verdict").as_str(), &report["verdict"]), ("UNDECIDED", &Value::from("undecided")));
    assert!(page.is_shown("needed") && !report["missing"].as_array().unwrap().is_empty(), "{report}");
    assert_eq!(page.text("needed-title"), "What is missing, or has ended");
    assert_eq!(listed(&mut page), report["missing"]);
    // What was brought is not asked for: of all that the Evidence needs, only a part is missing.
    assert_ne!(report["missing"], report["needed"]);
    // Once all of it is there, nothing is; and without a policy, all that any would need.
    let last = page.file("last", good.endorsements.last().unwrap());
    page.choose("endorsement-files", &[last]);
    assert_eq!(page.text("verdict"), "ACCEPTED");
    assert!(!page.is_shown("needed"));
    page.fill("policy", "");
    let report = native(&Request { policy: None, ..good })["report"].take();
    assert_eq!(page.text("needed-title"), "What an appraisal of this Evidence needs");
    assert_eq!(listed(&mut page), report["needed"]);
    page.was_quiet();
}

#[test]
fn files_that_are_dropped_together_find_their_places() {
    let Some(mut page) = opened("files_that_are_dropped_together_find_their_places") else { return };
    let request = world("tdx-1.5");
    page.ask_as(&request);
    let mut files: Vec<_> =
        (0..).zip(&request.endorsements).map(|(index, file)| page.file(&format!("{index}"), file)).collect();
    files.push(page.file("evidence", &request.evidence));
    files.push(page.file("policy", request.policy.as_deref().unwrap().as_bytes()));
    page.drop_on("h1", &files);
    assert_eq!(page.text("verdict"), "ACCEPTED");
    assert_eq!(page.rows(), rows(&native(&request)));
    // Onto the place for Evidence, whatever it is: then it is taken for that.
    let policy = page.file("policy", request.policy.as_deref().unwrap().as_bytes());
    page.drop_on("[data-zone=evidence]", &[policy]);
    assert_eq!(page.text("verdict"), "MALFORMED");
    page.was_quiet();
}

#[test]
fn without_a_policy_nothing_is_called_good() {
    let Some(mut page) = opened("without_a_policy_nothing_is_called_good") else { return };
    let request = Request { policy: None, ..world("tdx-4") };
    page.give(&request);
    let native = native(&request);
    assert_eq!(page.text("verdict"), "NOT APPRAISED");
    assert!(page.text("ended").starts_with("Exit code 1: no policy"));
    assert_eq!(page.value("document.getElementById('pinned-policy').value"), native["report"]["policy_toml"]);
    assert_eq!(page.rows(), Vec::<[String; 5]>::new());
    // Arm has no one root: then there is not even a policy to read.
    let mut page = opened("without_a_policy_nothing_is_called_good").unwrap();
    let request = Request { policy: None, ..world("cca") };
    page.give(&request);
    assert_eq!(page.text("verdict"), "NO VERDICT");
    assert!(page.text("failure").contains("no one maker's root"), "{}", page.text("failure"));
    page.was_quiet();
}

#[test]
fn a_bundle_says_when_and_what_was_asked_and_does_not_decide_it() {
    let Some(mut page) = opened("a_bundle_says_when_and_what_was_asked_and_does_not_decide_it") else { return };
    let request = world("nitro");
    let Some(Asked::Challenge(digits)) = &request.asked else { panic!("a world has a challenge") };
    let mut bundle = sealroom_attestation::Bundle::new(request.evidence.clone());
    bundle.appraised_at = Some(request.at);
    bundle.challenge = Some(hex::decode(digits).unwrap());
    let bundle = page.file("bundle.json", bundle.write().as_bytes());
    page.fill("policy", request.policy.as_deref().unwrap());
    page.choose("evidence-file", &[bundle]);
    assert_eq!(page.text("verdict"), "NO VERDICT");
    assert!(page.text("failure").contains("neither a challenge nor a reason"), "{}", page.text("failure"));
    assert!(page.is_shown("said"));
    page.press("use-challenge");
    assert_ne!(page.text("verdict"), "ACCEPTED", "as of now its certificates have long expired");
    page.press("use-time");
    assert_eq!(page.text("verdict"), "ACCEPTED");
    page.was_quiet();
}

#[test]
fn a_verifier_that_stops_gives_no_verdict_and_is_begun_anew() {
    let Some(mut page) = opened("a_verifier_that_stops_gives_no_verdict_and_is_begun_anew") else { return };
    let request = world("nitro");
    page.give(&request);
    assert_eq!(page.text("verdict"), "ACCEPTED");
    // As WebAssembly stops: in the middle of a call.
    page.value("verifier = { ...verifier, sealroom_appraise: () => { throw new WebAssembly.RuntimeError('unreachable'); } }; 1");
    page.fill("challenge", "0000000000000000");
    assert_eq!(page.text("verdict"), "NO VERDICT");
    assert!(page.text("failure").starts_with("the Verifier stopped: unreachable"), "{}", page.text("failure"));
    assert_eq!(page.rows(), Vec::<[String; 5]>::new());
    let request = Request { asked: Some(Asked::Challenge("01".repeat(8))), ..request };
    page.fill("challenge", &"01".repeat(8));
    assert_eq!(page.text("verdict"), "NOT AUTHENTIC");
    assert_eq!(page.rows(), rows(&native(&request)));
    page.was_quiet();
}

#[test]
fn the_source_without_a_verifier_says_which_command_to_run() {
    let test = "the_source_without_a_verifier_says_which_command_to_run";
    let Some(chromium) = Chromium::start(test) else { return };
    let mut page = Page::open(chromium, &built::source());
    assert!(page.is_shown("absent") && !page.is_shown("question") && !page.is_shown("answer"));
    assert!(page.text("absent").contains("attestation/page/build"));
    page.was_quiet();
}
