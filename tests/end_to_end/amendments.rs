//! A way on after the last run, and after one that a crash lost: amendments, with real processes.

use crate::host::{HostProcess, Setup};
use crate::parties::{At, Parties, SHARED, Told};
use crate::process::{Signal, signal, until};
use sealroom::{HostError, Identity, MemoryError, ReceiptBundle, ReviewError, now, random};
use sealroom_protocol::contract::{
    Column, Dataset, EnclaveTerms, FirmwareLevel, Limits, OutputRules, Party, ProgramTerms, ResultTerms, Role, Terms,
    Validity, write,
};
use sealroom_protocol::run::{Ending, Outcome};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// Rows of each owner that take the enclave long enough to be held while it reads them.
const MANY: usize = 200_000;

#[test]
fn after_three_runs_one_of_them_lost_the_parties_go_on_under_an_amendment_in_a_room_of_its_own() {
    let mut parties = Parties::with(MANY, 3);
    let host = HostProcess::start(&parties, Setup::default());
    let first = parties.play(&host, At::End);
    let lost = parties.play_again(&host, At::Running);
    let room = parties.room(&host, &lost);
    signal(host.enclave_pid(), Signal::KILL);
    until("the host notices", || room.status().unwrap().phase == "ended");
    let third = parties.play_again(&host, At::End);
    assert_eq!(third.receipt.as_ref().unwrap().allegation().gap, [2], "run 2 was lost");
    assert_eq!(parties.counts(), [3, 3, 3]);
    let refused = parties.propose(&host, &third).unwrap_err();
    assert!(refused.is_problem("run.limit"), "{refused}");

    a_restored_party_drafts_the_same(&parties, &host, &[&third, &first]);
    let (before, old_log) = (parties.contract.clone(), parties.log(&host));
    let amendment = parties.amendment("left", 5);
    for name in ["left", "right", "institute"] {
        parties.hold(name, &amendment).unwrap();
    }
    // The room of the old version still stands. It speaks for the old version alone.
    let other = parties.appraise(&host, &third, "left", amendment.contract());
    assert!(matches!(other, Err(HostError::Appraisal(_))), "{other:?}");
    parties.go_over_to(amendment);
    assert_eq!(parties.counts(), [3, 3, 3], "limits carry over");
    // Nobody encrypted or uploaded anything again.
    let mut fourth = parties.play_again(&host, At::Proposed);
    for refused in parties.deliver_again(&host, &third, &fourth) {
        assert!(refused.is_problem("grant.contract"), "{refused}");
    }
    parties.go_on(&host, &mut fourth, At::End);
    let receipt = fourth.receipt.as_ref().unwrap().verify(&parties.contract).unwrap();
    assert_eq!((receipt.outcome, receipt.ending), (Outcome::Complete, Ending::Released));
    let head = third.receipt.as_ref().unwrap().allegation().id();
    assert_eq!((receipt.proposal.run, receipt.proposal.head, receipt.gap.len()), (4, Some(head), 0));
    assert_eq!(parties.counts(), [4, 4, 4]);
    for (told, contract) in [(&fourth, &before), (&first, &parties.contract)] {
        assert!(told.receipt.as_ref().unwrap().verify(contract).is_err(), "a receipt is of one version");
    }
    let opened = parties.open(&host, &fourth, "left", "shared").unwrap();
    assert_eq!(opened.plaintext.csv, format!("domain\n{SHARED}\n"));
    // Each version has a log, and the second goes on where the first stopped.
    let log = parties.log(&host);
    assert_eq!((old_log.entries.len(), log.entries.len()), (2, 1));
    log.follows(&old_log).unwrap();
    assert_eq!(old_log.follows(&log).unwrap_err().check(), "log.predecessor");
}

/// A party that lost its memory drafts by the receipts that others give it.
fn a_restored_party_drafts_the_same(parties: &Parties, host: &HostProcess, told: &[&Told]) {
    parties.settle(host);
    let expected = parties.amendment("left", 3).contract().amends().cloned().unwrap();
    let key = parties.key_file("left");
    let folder = key.parent().unwrap();
    let file = parties.file("agreed.contract");
    std::fs::write(&file, parties.signed.envelope().encode()).unwrap();
    let mut words: Vec<String> =
        ["contract", "amend", "agreed.contract", "--as", "left.key", "--memory", "lost.memory"].map(Into::into).into();
    for (number, told) in told.iter().enumerate() {
        let name = format!("{number}.receipt");
        let bundle = ReceiptBundle::new(&parties.signed, told.receipt.as_ref().unwrap());
        bundle.save(&parties.file(&name)).unwrap();
        words.extend(["--receipt".into(), name]);
    }
    words.extend(["--output".into(), "drafted.toml".into()]);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let drafted = &done(folder, &words)["amends"];
    assert_eq!(drafted["highest_run"], expected.highest_run);
    assert_eq!(drafted["head"]["receipt"], expected.head.unwrap().receipt.to_string());
    let counts = [("left", 3), ("right", 3), ("institute", 3)];
    let counts = counts.map(|(party, runs)| serde_json::json!({ "party": party, "runs": runs }));
    assert_eq!(drafted["counts"], serde_json::json!(counts));
}

#[test]
fn who_does_not_hold_the_new_version_goes_on_under_the_old_and_what_came_too_late_is_amended() {
    let mut parties = Parties::with(50, 4);
    let host = HostProcess::start(&parties, Setup::default());
    let told = parties.play(&host, At::End);
    let second = parties.amendment("left", 6);
    parties.hold("left", &second).unwrap();
    // Right and the institute go on; left grants nothing more, so nothing runs.
    parties.propose(&host, &told).unwrap();
    let again = told.again();
    let granted = parties.grant(&host, &again, "right");
    assert_eq!((granted.run(), parties.count("right")), (2, 2));
    let refused = parties.refusal(&host, &again, "left");
    let by = second.contract().id();
    assert!(
        matches!(&refused, ReviewError::Memory(MemoryError::Amended { by: newer, .. }) if *newer == by),
        "{refused}"
    );
    let void = parties.abandon(&host, &again);
    assert_eq!(void.allegation().outcome, Outcome::Void);
    parties.settle(&host);
    assert_eq!(parties.counts(), [1, 1, 1]);
    // Its run number is used all the same, so the amendment came too late for it. The institute lost nothing.
    let refused = parties.hold("right", &second).unwrap_err();
    assert!(matches!(refused, MemoryError::AmendmentRuns { expected: 2, found: 1 }), "{refused}");
    parties.hold("institute", &second).unwrap();
    let third = parties.amendment_of(second.contract(), "right", 6);
    for name in ["left", "right", "institute"] {
        parties.hold(name, &third).unwrap();
    }
    parties.go_over_to(third);
    let next = parties.play_again(&host, At::End);
    let receipt = next.receipt.as_ref().unwrap().verify(&parties.contract).unwrap();
    assert_eq!((receipt.proposal.run, receipt.gap.as_slice(), receipt.ending), (3, [2].as_slice(), Ending::Released));
    assert_eq!(parties.counts(), [2, 2, 2]);
}

/// Runs a command as a person would; its exit code and its answer.
fn sealroom(folder: &Path, words: &[&str]) -> (i32, Value) {
    let output = Command::new(env!("CARGO_BIN_EXE_sealroom")).current_dir(folder).arg("--json").args(words).output();
    let output = output.unwrap();
    let answer = serde_json::from_slice(&output.stdout);
    (output.status.code().unwrap(), answer.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr))))
}

#[track_caller]
fn done(folder: &Path, words: &[&str]) -> Value {
    let (exit, answer) = sealroom(folder, words);
    assert_eq!(exit, 0, "{words:?}: {answer}");
    answer
}

/// A contract of one owner and one recipient, whose key files are in the folder.
fn small_contract(folder: &Path) -> String {
    let roles: [(&str, &[Role]); 2] = [("owner", &[Role::Data]), ("reader", &[Role::Result])];
    let program = ProgramTerms::native("statistics").with("column", "age".into());
    let validity = Validity { not_before: now() - 60, expires: now() + 86_400 };
    let mut terms = Terms::new("ages", "how old", validity, [7; 32], program, Limits::new(2, 64, 10_000));
    for (name, roles) in roles {
        let identity = Identity::generate(name, &mut random()).unwrap();
        identity.save(&folder.join(format!("{name}.key")), None, &mut random()).unwrap();
        let card = identity.card();
        terms.parties.push(Party::new(name, roles, card.signing_key, card.encryption_key));
    }
    terms.datasets.push(Dataset::new("people", "owner", 1_000, vec![Column::integer("age", 0, 120)]));
    let columns = vec![Column::decimal("mean", 2, 0, 12_000)];
    terms.results.push(ResultTerms::new("ages", &["reader"], columns, OutputRules::new(10, 1, 4_096)));
    terms.enclaves.push(EnclaveTerms::amd_sev_snp([4; 32], [5; 48], FirmwareLevel::new(9, 0, 23, 72)));
    write(&terms)
}

#[test]
fn an_amendment_is_drafted_checked_explained_signed_and_verified_by_commands() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("ages.toml"), small_contract(folder)).unwrap();
    let early = ["contract", "amend", "ages.toml", "--as", "owner.key", "--output", "ages-2.toml"];
    assert_eq!(sealroom(folder, &early).0, 4, "what not all have signed is not amended");
    let sign = |file: &str, key: &str| sealroom(folder, &["contract", "sign", file, "--as", key, "--yes"]);
    for key in ["owner.key", "reader.key"] {
        assert_eq!(sign("ages.toml", key).0, 0);
    }
    let amend = |more: &[&str], target: &str| {
        let words = ["contract", "amend", "ages.contract", "--as", "owner.key", "--output", target];
        sealroom(folder, &[&words, more].concat())
    };
    let (exit, drafted) = amend(&["--runs", "5", "--count", "owner=2", "--highest-run", "2"], "ages-2.toml");
    assert_eq!(exit, 0, "{drafted}");
    let carried = &drafted["amends"];
    assert_eq!((&carried["version"], &carried["highest_run"], &carried["head"]), (&2.into(), &2.into(), &Value::Null));
    assert_eq!(carried["counts"], serde_json::json!([{ "party": "owner", "runs": 2 }]));
    assert_eq!(amend(&[], "ages-2.toml").0, 1, "a draft never replaces a file");
    assert_eq!(amend(&["--count", "reader=1"], "x.toml").0, 1, "the reader grants nothing");

    let warned = done(folder, &["contract", "lint", "ages.toml", "ages-2.toml"]);
    let warned: Vec<&str> = warned["warnings"].as_array().unwrap().iter().map(|w| w["id"].as_str().unwrap()).collect();
    assert!(warned.contains(&"more-runs-than-before") && !warned.contains(&"one-name-two-contracts"), "{warned:?}");
    let explained = done(folder, &["contract", "explain", "ages-2.toml", "--party", "owner"]);
    let carried = explained["explanations"][0]["carried_over"][1].as_str().unwrap();
    assert_eq!(carried, "2 of your 5 runs are behind you, so 3 runs can follow");
    assert_eq!(sealroom(folder, &["contract", "verify", "ages-2.toml"]).0, 4);
    for key in ["owner.key", "reader.key"] {
        assert_eq!(sign("ages-2.toml", key).0, 0);
    }
    // A memory that knows nothing of what came before says so; it is given it, or told to go on by the text.
    let mut elsewhere =
        vec!["contract", "sign", "ages-2.contract", "--as", "owner.key", "--yes", "--memory", "new.memory"];
    let (exit, refused) = sealroom(folder, &elsewhere);
    let message = refused["failure"]["message"].as_str().unwrap();
    assert!(exit == 5 && message.contains("--on-its-word") && message.contains("--before"), "{message}");
    done(folder, &[&elsewhere[..], &["--before", "ages.contract"]].concat());
    elsewhere[7] = "newer.memory";
    done(folder, &[&elsewhere[..], &["--on-its-word"]].concat());
    let verified = done(folder, &["contract", "verify", "ages-2.contract", "--amends", "ages.contract"]);
    assert_eq!(verified["amends"]["first"], done(folder, &["contract", "show", "ages.contract"])["contract"]);
    let other = ["contract", "verify", "ages.contract", "--amends", "ages-2.contract"];
    assert_eq!(sealroom(folder, &other).0, 5);
    // The reader signed last and holds it complete. The owner learns of it with the complete file, as from any command.
    let again = amend(&[], "ages-2b.toml");
    assert_eq!(again.0, 0, "the owner does not hold the second version yet: {}", again.1);
    let complete = ["contract", "amend", "ages-2.contract", "--as", "owner.key", "--counts-begin-anew", "--output"];
    let (exit, third) = sealroom(folder, &[&complete[..], &["ages-3.toml"]].concat());
    assert_eq!((exit, &third["amends"]["version"]), (0, &3.into()), "{third}");
    assert_eq!(third["amends"]["counts_begin_anew"], true);
    assert_eq!(amend(&[], "ages-2c.toml").0, 5, "the first version has ended for the owner");
    // Its rival, drafted before, is refused when it is to be signed.
    let (exit, refused) = sign("ages-2b.toml", "owner.key");
    let message = refused["failure"]["message"].as_str().unwrap();
    assert_eq!(exit, 5, "{message}");
    assert!(message.contains("no other amendment"), "{message}");
}
