//! Every exit code, by Evidence with one thing wrong, and what is said to people.

use crate::recorded::{NITRO, NITRO_DEBUG, REASON, Recorded, SGX, SNP, TDX, folder};
use crate::{sealroom, sealroom_reading};
use core::time::Duration;
use std::time::Instant;

const ALL: [Recorded; 4] = [SNP, TDX, SGX, NITRO];

fn work() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn recorded_evidence_is_accepted_under_the_policy_that_was_printed_for_it_and_edited() {
    let Some(folder) = folder("recorded_evidence_is_accepted_under_the_policy_that_was_printed") else { return };
    let work = work();
    for recorded in ALL {
        let policy = recorded.policy(&folder, &work);
        let evidence = folder.join(recorded.evidence);
        let ended = recorded.appraise(&folder, &evidence, &policy, &[]).with(0);
        let first = ended.answer.lines().next().unwrap();
        assert!(first.starts_with("ACCEPTED"), "{first}");
        assert!(first.contains(&format!("(exit 0)  {} Evidence of ", recorded.platform)), "{first}");
        assert!(ended.answer.contains(&format!("  SKIP common.freshness  who appraised says: {REASON}")));
        assert!(!ended.answer.contains("FAIL"), "{}", ended.answer);
        assert_eq!(recorded.appraise(&folder, &evidence, &policy, &[]), ended, "the same gives the same bytes");
        let all = recorded.appraise(&folder, &evidence, &policy, &["--all"]).with(0);
        assert!(all.answer.matches("\n  pass ").count() > 10, "{}", all.answer);
    }
}

#[test]
fn without_a_policy_it_never_says_that_evidence_is_good() {
    let Some(folder) = folder("without_a_policy_it_never_says_that_evidence_is_good") else { return };
    let evidence = folder.join(TDX.evidence);
    let ended = sealroom(&[&"appraise", &evidence]).with(1);
    assert!(ended.answer.lines().next().is_some_and(|line| line.contains("NOTHING WAS VERIFIED")), "{}", ended.answer);
    assert!(ended.answer.contains("[[accept.intel-tdx]]"));
    for said in [&ended.answer, &ended.notes] {
        assert!(!said.contains("ACCEPTED") && !said.contains("OK"), "{said}");
    }
    assert!(ended.notes.contains("TCB info of Intel's for TDX"), "what is needed: {}", ended.notes);
    // A report of version 2 does not name its line, so its root is not known without the chain.
    let ended = sealroom(&[&"verify", &folder.join(SNP.evidence)]).with(1);
    assert!(ended.notes.contains("does not name its product line") && ended.answer.is_empty(), "{ended:?}");
}

#[test]
fn a_challenge_or_the_reason_why_there_is_none_is_asked_for() {
    let Some(folder) = folder("a_challenge_or_the_reason_why_there_is_none_is_asked_for") else { return };
    let work = work();
    let policy = NITRO.policy(&folder, &work);
    let evidence = folder.join(NITRO.evidence);
    let start: [&dyn AsRef<std::ffi::OsStr>; 4] = [&"appraise", &evidence, &"--policy", &policy];
    let with = |more: &[&'static str]| {
        let mut arguments = start.to_vec();
        for argument in more {
            arguments.push(argument);
        }
        sealroom(&arguments).with(1).notes
    };
    assert!(with(&[]).starts_with("neither --challenge nor --no-challenge was given"));
    assert!(with(&["--no-challenge", " "]).starts_with("--no-challenge has no words in it"));
    assert!(
        with(&["--challenge", "6f1"]).starts_with("--challenge \"6f1\": expected an even number of hexadecimal digits")
    );
    assert!(
        with(&["--challenge", "00", "--at", "yesterday"]).starts_with("--at \"yesterday\": expected a time in UTC")
    );
    assert!(with(&["--challenge", "bundle"]).starts_with("--challenge bundle: the file names no challenge"));
    assert!(with(&["--no-challenge", "x", "--at", "bundle"]).starts_with("--at bundle: the file names no time"));
}

#[test]
fn a_policy_that_does_not_read_is_said_with_line_and_column() {
    let work = work();
    let policy = work.path().join("policy.toml");
    std::fs::write(&policy, "version = 1\nname = \"x\"\nacept = 3\n").unwrap();
    let ended = sealroom(&[&"appraise", &"-", &"--policy", &policy, &"--no-challenge", &"x"]).with(1);
    assert!(ended.notes.contains("policy.toml: line 3, column 1: unknown field `acept`"), "{}", ended.notes);
}

#[test]
fn what_is_no_evidence_is_malformed_and_a_hundred_megabytes_are_refused_at_once() {
    let Some(folder) = folder("what_is_no_evidence_is_malformed") else { return };
    let work = work();
    let policy = NITRO.policy(&folder, &work);
    let appraise = |input: &[u8]| {
        sealroom_reading(&[&"appraise", &"-", &"--policy", &policy, &"--no-challenge", &"x"], input).with(2).answer
    };
    for garbage in [b"\xff\x00garbage".as_slice(), b"0200f", b"1 2 3", b"{}", b"hello world", b""] {
        let said = appraise(garbage);
        assert!(said.starts_with("MALFORMED (exit 2)  no known platform's Evidence of -\n"), "{said}");
        assert!(said.contains("  FAIL common.evidence-kind  "), "{said}");
    }
    let huge = vec![0x5a; 100 * 1024 * 1024];
    let path = work.path().join("huge");
    std::fs::write(&path, &huge).unwrap();
    let start = Instant::now();
    let ended = sealroom(&[&"appraise", &path, &"--policy", &policy, &"--no-challenge", &"x"]).with(2);
    let took = start.elapsed();
    assert!(ended.answer.contains("the file has 104857600 bytes, expected at most 16777216"), "{}", ended.answer);
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert!(appraise(&huge).contains("the file has 16777217 bytes"), "a stream is left where it is too long");
    let ended = sealroom(&[&"inspect", &path]).with(2);
    assert!(ended.notes.contains("the file has 104857600 bytes"), "{}", ended.notes);
}

#[test]
fn missing_endorsements_leave_it_undecided_and_say_what_is_needed() {
    let Some(folder) = folder("missing_endorsements_leave_it_undecided") else { return };
    let work = work();
    for (recorded, needed) in [(SNP, "VCEK certificate ("), (TDX, "TCB info of Intel's for TDX on FMSPC ")] {
        let policy = recorded.policy(&folder, &work);
        let without = Recorded { endorsements: &[], ..recorded };
        let evidence = folder.join(recorded.evidence);
        let said = without.appraise(&folder, &evidence, &policy, &[]).with(3).answer;
        assert!(said.starts_with("UNDECIDED (exit 3)"), "{said}");
        assert!(said.contains("  FAIL common.endorsements (missing, or not current)  "), "{said}");
        assert!(
            said.contains("  missing or ended (bring them with --endorsements, or give --online):\n    "),
            "{said}"
        );
        assert!(said.contains(needed), "{said}");
    }
}

#[test]
fn a_flipped_bit_or_another_answer_is_not_authentic() {
    let Some(folder) = folder("a_flipped_bit_or_another_answer_is_not_authentic") else { return };
    let work = work();
    for (recorded, at, check) in [(SNP, 0x90, "snp.signature"), (TDX, 48 + 330, "dcap.signature")] {
        let policy = recorded.policy(&folder, &work);
        let mut evidence = std::fs::read(folder.join(recorded.evidence)).unwrap();
        evidence[at] ^= 1;
        let path = work.path().join("flipped");
        std::fs::write(&path, evidence).unwrap();
        let said = recorded.appraise(&folder, &path, &policy, &[]).with(4).answer;
        assert!(said.starts_with("NOT AUTHENTIC (exit 4)"), "{said}");
        assert!(said.contains(&format!("  FAIL {check}  ")), "{said}");
        assert!(said.contains(" not judged (--all lists them); sealroom explain "), "{said}");
        let evidence = folder.join(recorded.evidence);
        let said = recorded.appraise(&folder, &evidence, &policy, &["--challenge", "6f1c6f1c6f1c6f1c"]).with(4).answer;
        assert!(said.contains("  FAIL common.freshness  "), "{said}");
    }
}

#[test]
fn genuine_evidence_of_debug_mode_is_refused() {
    let Some(folder) = folder("genuine_evidence_of_debug_mode_is_refused") else { return };
    let work = work();
    let policy = NITRO.policy(&folder, &work);
    let said = NITRO_DEBUG.appraise(&folder, &folder.join(NITRO_DEBUG.evidence), &policy, &[]).with(5).answer;
    assert!(said.starts_with("REFUSED (exit 5)  aws-nitro Evidence of "), "{said}");
    assert!(said.contains("  FAIL nitro.debug  ") && said.contains("closest block \"pinned Evidence\" ("), "{said}");
    assert!(said.contains("\n       expected  ") && said.contains("\n       found     "), "{said}");
}

#[test]
fn warnings_count_where_they_are_asked_to() {
    let Some(folder) = folder("warnings_count_where_they_are_asked_to") else { return };
    let work = work();
    let policy = SGX.policy(&folder, &work);
    let evidence = folder.join(SGX.evidence);
    let said = SGX.appraise(&folder, &evidence, &policy, &[]).with(0).answer;
    assert!(said.starts_with("ACCEPTED WITH WARNINGS (exit 0)"), "{said}");
    let said = SGX.appraise(&folder, &evidence, &policy, &["--fail-on", "warning"]).with(6).answer;
    assert!(said.starts_with("ACCEPTED WITH WARNINGS (exit 6)") && said.contains("  WARN dcap.tcb-status  "), "{said}");
}

#[test]
fn what_is_no_endorsement_is_refused_by_name() {
    let Some(folder) = folder("what_is_no_endorsement_is_refused_by_name") else { return };
    let work = work();
    let policy = SNP.policy(&folder, &work);
    let certificates = work.path().join("certificates");
    std::fs::create_dir(&certificates).unwrap();
    for (index, path) in SNP.paths(&folder).iter().enumerate() {
        std::fs::copy(path, certificates.join(format!("named-anyhow-{index}"))).unwrap();
    }
    std::fs::write(certificates.join(".hidden"), "the file manager's").unwrap();
    let evidence = folder.join(SNP.evidence);
    let appraise = || {
        sealroom(&[
            &"appraise",
            &evidence,
            &"--policy",
            &policy,
            &"--endorsements",
            &certificates,
            &"--at",
            &SNP.at,
            &"--no-challenge",
            &"x",
        ])
    };
    assert!(appraise().with(0).answer.starts_with("ACCEPTED (exit 0)"));
    std::fs::write(certificates.join("README"), "our certificates").unwrap();
    let said = appraise().with(1).notes;
    assert!(said.contains("README is no Endorsement: "), "{said}");
    std::fs::remove_file(certificates.join("README")).unwrap();
    std::fs::create_dir(certificates.join("more")).unwrap();
    assert!(appraise().with(1).notes.contains("more is a folder, expected files alone"));
}
