//! A client that watches a room stops its contract when that expires, and the receipt says why; a proof that a party cheats is
//! checked from its file.

use crate::host::{HostProcess, Setup};
use crate::parties::{At, Parties};
use sealroom::{Memory, now};
use sealroom_protocol::run::{Ending, Outcome, SignedStop, StopCause};
use std::process::Command;

/// Seconds that the contract lives: long enough for a proposal and a grant on a busy machine.
const LIFE: u64 = 45;

#[test]
fn a_client_that_watches_stops_an_expired_contract_and_the_receipt_says_why() {
    let mut parties = Parties::new();
    let host = HostProcess::start(&parties, Setup::default());
    drop(parties.play(&host, At::Open));
    let short = parties.amendment_with("left", |terms| {
        terms.expires = now() + LIFE;
        terms.limits.evaluate_every = Some(60);
    });
    // It asks, and has granted nothing so far.
    parties.site("institute").1.remember_contract(&parties.signed).unwrap();
    for name in ["left", "right", "institute"] {
        parties.hold(name, &short).unwrap();
    }
    parties.go_over_to(short);
    let told = parties.play_again(&host, At::OneGrant);
    let room = format!("{}/rooms/{}", host.options().url, told.room);
    let (key, memory) = (parties.key_file("right"), parties.file("watching.memory"));
    let watch = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sealroom"));
        command.args(["watch", "--json", "--room", &room, "--as"]).arg(&key).arg("--memory").arg(&memory).args(more);
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (exit, said) = watch(&["--once"]);
    assert_eq!(exit, Some(0), "{said}");
    // What it does not accept itself is no ground to end the others' contract.
    let (exit, said) = watch(&["--once", "--refuse-simulated"]);
    assert_eq!(exit, Some(5), "{said}");
    assert!(!said.contains("stopped the contract"), "{said}");
    let (exit, said) = watch(&["--every", "1"]);
    assert_eq!(exit, Some(5), "{said}");
    assert!(now() >= parties.contract.terms().expires);
    assert!(said.contains("stopped the contract: expired: the contract ended at"), "{said}");
    let kept = Memory::open(&memory, &parties.site("right").0.signing().public()).unwrap();
    let kept = kept.stop_of(&parties.contract.id()).unwrap().unwrap();
    assert_eq!((kept.allegation().party.as_str(), kept.allegation().cause()), ("right", StopCause::Expired));
    let receipts = parties.receipts(&host);
    let receipt = receipts.last().unwrap().verify(&parties.contract).unwrap();
    assert_eq!((receipt.outcome, receipt.ending), (Outcome::Void, Ending::Stopped));
    let stop = SignedStop::decode(&receipt.stop.as_ref().unwrap().encode()).unwrap();
    assert_eq!((stop.allegation().party.as_str(), stop.allegation().cause()), ("right", StopCause::Expired));
    parties.settle(&host);
    assert_eq!(parties.counts(), [0, 0, 0], "the grant is given back");
}
