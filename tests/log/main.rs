//! The commands of logs, witnesses and recovery as people run them: the real program, its files, its exit codes, and `kill -9`;
//! and the store of `examples/counter`, held by real witnesses.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a panic is a test's failure report")]

mod cheating;
mod commands;
#[path = "../../examples/counter/disk.rs"]
#[expect(dead_code, reason = "the example measures what it does as well")]
mod disk;
mod hosted;
mod killed;
#[path = "../../examples/counter/life.rs"]
#[expect(dead_code, reason = "the example reports what it has as well")]
mod life;
#[path = "../../examples/counter/platform.rs"]
mod platform;
#[path = "../../hostile/src/recorder.rs"]
#[expect(unreachable_pub, reason = "the kit shows it to its users")]
mod recorder;
mod recovery;
#[path = "../../examples/counter/remote.rs"]
mod remote;
mod sealed;
mod sealed_killed;
mod seats;
#[path = "../support/seen.rs"]
#[expect(dead_code, reason = "no party grants in these tests")]
mod seen;
mod served;
#[path = "../signed/world.rs"]
#[expect(dead_code, reason = "what vectors of a run need beside")]
mod world;

use sealroom::{ReceiptBundle, SignedContract};
use sealroom_protocol::id::GrantId;
use sealroom_protocol::run::{Count, Proposal, Receipt, SignedGrant, SignedReceipt};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs the program. Gives the exit code and the JSON on standard output.
pub(crate) fn sealroom(folder: &Path, arguments: &[&str]) -> (i32, Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sealroom"));
    let output = command.current_dir(folder).arg("--json").args(arguments).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let value = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"));
    (output.status.code().unwrap(), value)
}

/// The same where it must do what it was asked.
#[track_caller]
pub(crate) fn done(folder: &Path, arguments: &[&str]) -> Value {
    let (code, value) = sealroom(folder, arguments);
    assert_eq!(code, 0, "{arguments:?}: {value}");
    value
}

/// The complete receipt of the run after another.
fn after(receipt: &Receipt) -> Receipt {
    let mut next = receipt.clone();
    let run = receipt.proposal.run + 1;
    next.proposal =
        Proposal { run, head: Some(receipt.id()), head_run: receipt.proposal.run, ..receipt.proposal.clone() };
    let grant = |name: &str| {
        let mut grant = world::grant(name, &next.proposal);
        (grant.count, grant.grant) = (run, GrantId::from_bytes([u8::try_from(run).unwrap(); 32]));
        SignedGrant::sign(grant, &world::party(name)).envelope().clone()
    };
    next.grants = ["cleveland", "zurich", "institute"].map(grant).to_vec();
    next.statement = Some(world::signed_statement(&next.proposal));
    let count = |count: &Count| Count { before: count.after, after: run, ..count.clone() };
    next.counts = receipt.counts.iter().map(count).collect();
    next.gap = Vec::new();
    next
}

/// Files of two receipts in a folder: runs 2 and 3 of the contract of the vectors.
pub(crate) fn receipts(folder: &Path) -> [PathBuf; 2] {
    let contract = SignedContract::verify(&world::signed_contract()).unwrap();
    let first = world::complete();
    let second = after(&first);
    [(first, "run-2.receipt"), (second, "run-3.receipt")].map(|(receipt, name)| {
        let signed: SignedReceipt = world::sign(receipt);
        signed.verify(contract.contract()).unwrap();
        let path = folder.join(name);
        ReceiptBundle::new(&contract, &signed).save(&path).unwrap();
        path
    })
}
