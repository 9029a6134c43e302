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
    assert!(text.contains("Equal to the answer computed in the clear: yes."), "{text}");
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
