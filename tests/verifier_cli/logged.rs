//! `sealroom evidence tdx`: a trust domain's quote and its event log become one file, which the other commands take; the same out of
//! the JSON of another tool; a log that is another quote's is refused by its check.

use crate::recorded::folder;
use crate::world::World;
use crate::{Argument, Ended, sealroom};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The two parts of a world's Evidence, behind their lengths after its name and version.
fn parts(world: &World) -> (Vec<u8>, Vec<u8>) {
    let whole = std::fs::read(&world.evidence).unwrap();
    let length = usize::try_from(u32::from_be_bytes(whole[8..12].try_into().unwrap())).unwrap();
    (whole[12..12 + length].to_vec(), whole[16 + length..].to_vec())
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn put_together(quote: &Path, log: &Path, to: &Path, more: &[Argument<'_>]) -> Ended {
    let mut arguments: Vec<Argument<'_>> =
        vec![&"evidence", &"tdx", &"--quote", &quote, &"--event-log", &log, &"--output", &to];
    arguments.extend(more);
    sealroom(&arguments)
}

fn status<'a>(value: &'a Value, id: &str) -> &'a str {
    let check = value["checks"].as_array().unwrap().iter().find(|check| check["id"] == id).unwrap();
    check["status"].as_str().unwrap()
}

#[test]
fn a_quote_and_its_log_become_the_evidence_that_a_policy_of_events_accepts() {
    let work = tempfile::tempdir().unwrap();
    let mut world = World::new("tdx-log", work.path());
    let (quote_bytes, log_bytes) = parts(&world);
    let (quote, log) = (write(work.path(), "quote", &quote_bytes), write(work.path(), "log", &log_bytes));
    let together = work.path().join("together");
    let said = put_together(&quote, &log, &together, &[&"--json"]).with(0).json();
    assert_eq!((&said["command"], &said["platform"]), (&json!("evidence tdx"), &json!("intel-tdx")));
    assert_eq!((&said["verified"], &said["bytes"]), (&json!(false), &json!(std::fs::read(&together).unwrap().len())));
    assert_eq!(std::fs::read(&together).unwrap(), std::fs::read(&world.evidence).unwrap());
    let accepted = |world: &World| {
        let value = world.appraise(&world.policy, &[&"--json"]).with(0).json();
        assert_eq!((status(&value, "tdx.event-log"), status(&value, "tdx.events")), ("pass", "pass"));
    };
    world.evidence = together;
    accepted(&world);
    let trustee = json!({ "cc_eventlog": STANDARD.encode(&log_bytes), "quote": STANDARD.encode(&quote_bytes) });
    world.evidence = write(work.path(), "trustee.json", trustee.to_string().as_bytes());
    accepted(&world);
    let said = sealroom(&[&"inspect", &world.evidence]).with(0).answer;
    assert!(said.contains("NOT VERIFIED  taken out of: JSON \"cc_eventlog\""), "{said}");
    assert!(said.contains("5 events of sha384"), "{said}");
    // The quote alone is genuine, and not what the policy wants.
    world.evidence = quote.clone();
    let value = world.appraise(&world.policy, &[&"--json"]).with(5).json();
    assert_eq!((status(&value, "tdx.event-log"), status(&value, "tdx.events")), ("fail", "not-judged"));
    // The log without its last event (66 bytes and its text) is of another start.
    let shorter = write(work.path(), "shorter", &log_bytes[..log_bytes.len() - 66 - "root=/dev/vda1 ro".len()]);
    world.evidence = work.path().join("other");
    drop(put_together(&quote, &shorter, &world.evidence, &[]).with(0));
    let value = world.appraise(&world.policy, &[&"--json"]).with(5).json();
    assert_eq!(status(&value, "tdx.event-log"), "fail");
}

#[test]
fn files_that_are_no_quote_or_no_log_are_refused_by_name() {
    let work = tempfile::tempdir().unwrap();
    let world = World::new("tdx-log", work.path());
    let (quote, log) = parts(&world);
    let cut = write(work.path(), "cut", &log[..log.len() - 1]);
    let (quote, log) = (write(work.path(), "quote", &quote), write(work.path(), "log", &log));
    let sgx = World::new("sgx", work.path());
    let to = work.path().join("evidence");
    let bundle = |name: &str, flag: &str, value: &Path| {
        let path = work.path().join(name);
        let begins: [Argument<'_>; 6] = [&"bundle", &quote, &"--at", &world.at, &"-o", &path];
        sealroom(&[&begins[..], &[&flag, &value]].concat()).with(0);
        path
    };
    let endorsed = bundle("endorsed", "--endorsements", &world.endorsements[0]);
    let answering = bundle("answering", "--challenge", Path::new(&world.challenge));
    for (quote, log, problem) in [
        (&sgx.evidence, &log, "Evidence of intel-sgx, expected a quote of intel-tdx"),
        (&world.evidence, &log, "it has an event log already"),
        (&endorsed, &log, "it brings Endorsements or a challenge along, which the Evidence has no place for"),
        (&answering, &log, "it brings Endorsements or a challenge along, which the Evidence has no place for"),
        (&quote, &cut, "these files make no evidence: "),
        (&quote, &quote, "these files make no evidence: "),
    ] {
        let ended = put_together(quote, log, &to, &[]).with(2);
        assert!(ended.notes.contains(problem), "{problem}: {}", ended.notes);
        assert!(!to.exists());
    }
}

#[test]
fn a_recorded_quote_with_its_log_is_pinned_with_what_the_log_replays() {
    let Some(folder) = folder("a_recorded_quote_with_its_log_is_pinned_with_what_the_log_replays") else { return };
    let work = tempfile::tempdir().unwrap();
    let (quote, log) = ("tdx/go-tdx-guest/ccel/cos-113-tdx-quote.dat", "tdx/go-tdx-guest/ccel/ccel_data.dat");
    let evidence = work.path().join("evidence");
    drop(put_together(&folder.join(quote), &folder.join(log), &evidence, &[]).with(0));
    let policy = sealroom(&[&"policy", &"new", &"--from", &evidence]).with(0).answer;
    assert!(policy.contains("\nevent_log = { events = [], registers = [0, 1, 2] }\n"), "{policy}");
    let said = sealroom(&[&"inspect", &evidence]).with(0).answer;
    assert!(said.contains("43 events of sha384"), "{said}");
    // The log in it is replayed as the log alone is.
    let replay = |log: &Path| sealroom(&[&"replay", &log, &"--evidence", &evidence]).with(0).answer;
    assert_eq!(replay(&evidence), replay(&folder.join(log)));
}
