//! From receipts to a log, a witness's cosignature, a proof, and a stranger who verifies all of it.

use crate::served::Served;
use crate::{done, receipts, sealroom, world};
use sealroom_protocol::log::{LogProof, origin_of};

#[test]
fn a_strangers_machine_verifies_a_cosigned_log_and_a_proof_and_refuses_what_was_changed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    drop(receipts(folder));
    done(folder, &["log", "keygen", "log.key"]);
    assert_eq!(sealroom(folder, &["log", "keygen", "log.key"]).0, 1, "a key is never overwritten");
    let made = done(folder, &["log", "export", "run-2.receipt", "--log-key", "log.key", "--output", "old.log"]);
    let log_key = made["log_key"].as_str().unwrap().to_owned();
    assert!(log_key.starts_with(&format!("{}+", origin_of(&world::contract().id()))), "{log_key}");
    let checkpoint = done(folder, &["log", "show", "old.log", "--checkpoint"])["checkpoint"].clone();
    std::fs::write(folder.join("old.checkpoint"), checkpoint.as_str().unwrap()).unwrap();
    let more = ["log", "export", "run-3.receipt", "--log-key", "log.key", "--onto", "old.log", "--output", "study.log"];
    assert_eq!(done(folder, &more)["size"], 2);
    let early = sealroom(folder, &["log", "export", "run-3.receipt", "--log-key", "log.key", "--output", "x"]);
    assert_eq!(early.0, 4, "its head is not in the log: {}", early.1);

    let witness = done(folder, &["witness", "keygen", "witness.key", "--name", "w.example/1"]);
    let witness = witness["verifier_key"].as_str().unwrap();
    let other = done(folder, &["witness", "keygen", "other.key", "--name", "w.example/2"]);
    let other = other["verifier_key"].as_str().unwrap();
    let served = Served::start(folder, &[&log_key]);
    for log in ["old.log", "study.log"] {
        let said = done(folder, &["log", "cosign", log, "--url", &served.url, "--witness", witness]);
        assert_eq!(said["witness"], "w.example/1");
    }
    let stale = sealroom(folder, &["log", "cosign", "old.log", "--url", &served.url, "--witness", witness]);
    assert_eq!(stale.0, 4, "the witness knows a longer one: {}", stale.1);
    assert!(stale.1["failure"]["message"].as_str().unwrap().contains("cosigned 2 receipts"), "{}", stale.1);

    let verify =
        ["log", "verify", "study.log", "--witness", witness, "--log-key", &log_key, "--since", "old.checkpoint"];
    let verified = done(folder, &verify);
    assert_eq!((&verified["size"], &verified["cosigned"][0]["name"]), (&2.into(), &"w.example/1".into()));
    assert_eq!(verified["appraised"], false, "the receipts of the vectors have no Evidence");
    let both = sealroom(folder, &["log", "verify", "study.log", "--witness", witness, "--witness", other]);
    let message = both.1["failure"]["message"].as_str().unwrap();
    assert_eq!((both.0, message), (5, "log.witnesses: cosigned by 1 of the listed witnesses, expected 2"));
    done(folder, &["log", "verify", "study.log", "--witness", witness, "--witness", other, "--cosigned", "1"]);
    let of_party = done(folder, &["log", "show", "study.log", "--party", "zurich"]);
    assert_eq!(of_party["entries"][1]["count"], serde_json::json!({ "before": 2, "after": 3 }));

    done(folder, &["log", "prove", "study.log", "--run", "3", "--output", "run-3.tlog-proof"]);
    let proof = LogProof::decode(&std::fs::read(folder.join("run-3.tlog-proof")).unwrap()).unwrap();
    assert_eq!((proof.index, proof.checkpoint.note().signatures().len()), (1, 2));
    let proven = ["log", "verify", "run-3.tlog-proof", "--receipt", "run-3.receipt", "--witness", witness];
    assert_eq!(done(folder, &proven)["run"], 3);
    let of_receipt = ["receipt", "verify", "run-3.receipt", "--witness", witness];
    assert_eq!(sealroom(folder, &of_receipt).0, 3, "cosignatures are asked for, and no proof has them");
    let of_receipt = done(folder, &[of_receipt.as_slice(), &["--proof", "run-3.tlog-proof"]].concat());
    assert_eq!(of_receipt["cosigned"], serde_json::json!(["w.example/1"]));
    let two =
        ["receipt", "verify", "run-3.receipt", "--proof", "run-3.tlog-proof", "--witness", witness, "--witness", other];
    assert_eq!(sealroom(folder, &two).0, 5, "one of two witnesses cosigned");
    let elsewhere = sealroom(folder, &["log", "verify", "run-3.tlog-proof", "--receipt", "run-2.receipt"]);
    assert_eq!(elsewhere.0, 4);
    assert!(elsewhere.1["failure"]["message"].as_str().unwrap().starts_with("log.proof: "), "{}", elsewhere.1);

    // One thing changed in the file, as a host or anyone else could.
    let good = std::fs::read_to_string(folder.join("study.log")).unwrap();
    let log: serde_json::Value = serde_json::from_str(&good).unwrap();
    let refused = |change: fn(&mut serde_json::Value), check: &str| {
        let mut changed = log.clone();
        change(&mut changed);
        std::fs::write(folder.join("changed.log"), changed.to_string()).unwrap();
        let (code, said) = sealroom(folder, &["log", "verify", "changed.log"]);
        let message = said["failure"]["message"].as_str().unwrap();
        assert!(code == 4 && message.starts_with(&format!("{check}: ")), "{check}: {code} {message}");
    };
    refused(|log| drop(log["receipts"].as_array_mut().unwrap().pop()), "log.truncated");
    refused(|log| log["receipts"].as_array_mut().unwrap().swap(0, 1), "log.reordered");
    refused(|log| log["leaves"].as_array_mut().unwrap().swap(0, 1), "log.forked");
    refused(|log| log["receipts"][1] = log["receipts"][0].clone(), "log.reordered");
    let sizes = |log: &mut serde_json::Value| {
        log["checkpoint"] = log["checkpoint"].as_str().unwrap().replacen("\n2\n", "\n3\n", 1).into();
    };
    refused(sizes, "log.checkpoint");
    assert_eq!(sealroom(folder, &["log", "verify", "old.checkpoint"]).0, 2);
    let old = sealroom(folder, &["log", "verify", "old.log", "--since", "study.checkpoint"]);
    assert_eq!(old.0, 1, "no such file");
    let newer = done(folder, &["log", "show", "study.log", "--checkpoint"])["checkpoint"].clone();
    std::fs::write(folder.join("study.checkpoint"), newer.as_str().unwrap()).unwrap();
    let old = sealroom(folder, &["log", "verify", "old.log", "--since", "study.checkpoint"]);
    assert!(old.0 == 4 && old.1["failure"]["message"].as_str().unwrap().starts_with("log.truncated: "), "{}", old.1);
}
