//! The stories as a user meets them: README's demo, and every program in `examples/`, each of which compares its result
//! with the answer that was computed without Sealroom and ends with 0 only if they are equal.
#![expect(clippy::unwrap_used, reason = "a panic here is the test's failure report")]

#[path = "support/image.rs"]
mod image;
#[path = "support/not_run.rs"]
mod not_run;

use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn the_demo_ends_well_and_its_result_equals_the_answer_in_the_clear() {
    let (launcher, image) = image::built();
    let output = Command::new(env!("CARGO_BIN_EXE_sealroom"))
        .args(["demo", "--platform"])
        .arg(launcher)
        .arg("--image")
        .arg(image)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("Canaries found: 0"), "{text}");
    // Every step says what the host could see of it.
    assert_eq!(text.matches("host sees: ").count(), 9, "{text}");
    assert!(text.contains("Equal to the answer computed in the clear: yes."), "{text}");
}

/// What each attack of `sealroom demo --attack` must be refused by: exit code, and check id or the words of the refusal.
const ATTACKS: [(&str, u64, &str); 15] = [
    ("hands on the contract with groups of 1 instead of 10", 4, "does not hold over this text"),
    ("hands on the contract without one of the signatures", 4, "has not signed"),
    ("shows Evidence that answered an earlier question", 4, "room.challenge"),
    ("flips one bit of the measurement in the Evidence", 4, "snp.signature"),
    ("says that another key is the enclave's", 4, "common.freshness"),
    ("keeps the revocation list to itself", 4, "common.revocation"),
    ("runs another image", 5, "snp.measurement"),
    ("runs the right image on a platform of its own making", 4, "common.trust-anchor"),
    ("and the institute want a run with two hospitals' datasets exchanged", 3, "proposal.dataset"),
    (
        "and the institute propose a run over data that cleveland has replaced",
        5,
        "ask for a proposal of the dataset that you encrypted last",
    ),
    ("keeps the receipt to itself", 3, "shows no complete receipt"),
    ("flips one bit of the result", 4, "is not what its owner encrypted"),
    ("changes what the receipt says", 4, "receipt.signature"),
    ("and the institute ask for a second run, where one was agreed", 3, "run.limit"),
    ("set cleveland's memory back to before its grant", 5, "restored from an older copy"),
];

#[test]
fn each_attack_of_the_demo_is_refused_by_the_check_that_belongs_to_it() {
    let (launcher, image) = image::built();
    let output = Command::new(env!("CARGO_BIN_EXE_sealroom"))
        .args(["--json", "demo", "--attack", "--platform"])
        .arg(launcher)
        .arg("--image")
        .arg(image)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    // The demo itself ends with a failure at the first attack that anything else refuses, or nothing.
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
    let each = answer["each"].as_array().unwrap();
    assert_eq!(each.len(), ATTACKS.len(), "{each:#?}");
    for (refused, (host, exit, check)) in each.iter().zip(ATTACKS) {
        assert!(refused["host"].as_str().unwrap().starts_with(host), "expected \"{host}\", found {refused}");
        assert_eq!(refused["exit"], exit, "{refused}");
        assert!(refused["check"].as_str().unwrap().ends_with(check), "{host}: expected {check}, found {refused}");
    }
}

#[test]
fn the_hospitals_story_equals_its_answer() {
    tell("heart", None);
}

#[test]
fn the_airlines_story_equals_its_answer() {
    tell("airlines", Some("airlines"));
}

#[test]
fn the_mail_story_equals_its_answer() {
    tell("mail", Some("mail"));
}

#[test]
fn the_campaign_story_equals_its_answer() {
    tell("campaign", Some("campaign"));
}

#[test]
fn the_counters_story_goes_back_only_where_its_level_says_so() {
    tell("counter", None);
}

/// Runs an example, where its data is there.
fn tell(example: &str, fetched: Option<&str>) {
    let name = format!("the story \"{example}\"");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if let Some(data) = fetched
        && !root.join("examples/data/fetched").join(data).is_dir()
    {
        not_run::not_run(&name, &format!("its data is not there; examples/data/fetch {data} brings it"));
        return;
    }
    // Cargo builds examples before it runs all tests; a single test asked for by name may come without them.
    let built: PathBuf = std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join("examples").join(example);
    if !built.is_file() {
        not_run::not_run(&name, "examples are not built; cargo build --examples does");
        return;
    }
    let target = image::built().1.ancestors().nth(3).unwrap();
    let output = Command::new(&built).env("SEALROOM_ENCLAVE_TARGET_DIR", target).output().unwrap();
    let (said, failed) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{example}: {said}{failed}");
    assert!(!said.is_empty());
}
