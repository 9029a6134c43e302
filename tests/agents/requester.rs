//! The institute: asks for one run after the other, whatever is killed meanwhile, opens each result and compares it with the
//! answer that was computed without Sealroom.

use crate::world::{Agreed, INSTITUTE, World};
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use sealroom::blocking::{Host, Room};
use sealroom::{HostError, RoomPhase, SignedReceipt, WantedRun, open_result};
use sealroom_protocol::run::{Ending, Outcome};
use serde_json::Value;
use std::time::Instant;

/// How long a run may wait for its grants before it is given up: agents may be away for as long as their longest pause.
const RUN_PATIENCE: Duration = Duration::from_secs(90);
const PAUSE: Duration = Duration::from_millis(30);

/// How it went.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Runs that were asked for; each number is used once.
    pub(crate) asked: u64,
    /// Results that were opened, and right.
    pub(crate) right: u64,
    /// Runs of which no receipt was found, or a void one.
    pub(crate) lost: u64,
}

/// What is asked for.
pub(crate) struct Asked<'a> {
    /// Results at least.
    pub(crate) jobs: u64,
    /// Results of all contracts that are there.
    pub(crate) done: &'a AtomicU64,
    /// How many processes were killed so far, and how many have to be before it ends.
    pub(crate) killed: &'a AtomicU64,
    pub(crate) kills: u64,
}

/// Asks until so many results are there.
pub(crate) fn ask(world: &World, agreed: &Agreed, asked: &Asked<'_>) -> Tally {
    let host = world.host();
    let mut tally = Tally::default();
    let (begun, done) = (Instant::now(), asked.done);
    while tally.right < asked.jobs || asked.killed.load(Ordering::SeqCst) < asked.kills {
        assert!(begun.elapsed() < Duration::from_secs(120 + 20 * asked.jobs), "it takes too long: {tally:?}");
        tally.asked += 1;
        match one(world, agreed, &host, tally.asked) {
            Ok(true) => {
                tally.right += 1;
                let _ = done.fetch_add(1, Ordering::SeqCst);
            }
            Ok(false) | Err(_) => {
                // The host or its enclave may be away: look whether the run came to an end all the same.
                std::thread::sleep(PAUSE);
                if settled(world, agreed, &host, tally.asked) {
                    tally.right += 1;
                    let _ = done.fetch_add(1, Ordering::SeqCst);
                } else {
                    tally.lost += 1;
                }
            }
        }
    }
    tally
}

/// One run. False where it was given up.
fn one(world: &World, agreed: &Agreed, host: &Host, run: u64) -> Result<bool, HostError> {
    let institute = world.identity(INSTITUTE);
    let room = room(world, agreed, host);
    let wanted = WantedRun { run: Some(run), datasets: agreed.datasets.clone(), request: None, receipts: Vec::new() };
    let proposal = match room.propose(&wanted, institute) {
        Ok(proposal) => proposal,
        Err(error) => {
            // One of before that nobody may grant any more keeps others from being made.
            drop(room.abandon(institute));
            return Err(error);
        }
    };
    let begun = Instant::now();
    loop {
        std::thread::sleep(PAUSE);
        let status = room.status()?;
        let here = status.proposal == Some(proposal.id) && matches!(status.phase, RoomPhase::Grant | RoomPhase::Run);
        if !here {
            return opened(world, agreed, host, run);
        }
        if status.phase == RoomPhase::Grant && begun.elapsed() > RUN_PATIENCE {
            drop(room.abandon(institute)?);
            return Ok(false);
        }
    }
}

/// The contract's room, as soon as there is one.
fn room(world: &World, agreed: &Agreed, host: &Host) -> Room {
    crate::process::until("there is a room", || match host.find_room(&agreed.contract().id()) {
        Ok(Some(room)) => Some(room),
        Ok(None) => {
            let opened = host.open_room(&agreed.signed, world.identity(INSTITUTE)).ok()?;
            Some(host.room(&opened.room))
        }
        Err(_) => None,
    })
}

/// As soon as the host answers: whether the run released a result, which is then opened.
fn settled(world: &World, agreed: &Agreed, host: &Host, run: u64) -> bool {
    crate::process::until("the host answers", || opened(world, agreed, host, run).ok())
}

/// Whether the run released a result by a receipt that holds. It must be the right one.
fn opened(world: &World, agreed: &Agreed, host: &Host, run: u64) -> Result<bool, HostError> {
    let (receipts, _) = host.receipt_page(&agreed.contract().id(), run.into())?;
    let receipts = receipts.iter().map(|bytes| SignedReceipt::decode(bytes).unwrap());
    let complete = |receipt: &SignedReceipt| {
        let said = receipt.allegation();
        said.proposal.run == run && said.outcome == Outcome::Complete
    };
    let Some(receipt) = receipts.into_iter().find(complete) else { return Ok(false) };
    let said = receipt.verify(agreed.contract()).unwrap();
    assert_eq!(said.ending, Ending::Released, "run {run}");
    for count in &said.counts {
        assert!(count.after <= agreed.contract().terms().limits.runs, "{count:?} of run {run}");
    }
    let output = said.outputs.first().unwrap();
    let path = world.home(INSTITUTE).join(format!("{}.body", output.object));
    let manifest = host.download(&output.object, &path, &mut |_| {})?;
    let body = std::fs::File::open(&path).unwrap();
    let opened = open_result(agreed.contract(), world.identity(INSTITUTE), &receipt, &manifest.encode(), body).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!((opened.run, opened.plaintext.outcome.suppressed), (run, answer().1));
    assert_eq!(opened.plaintext.csv, answer().0, "the result of run {run}");
    Ok(true)
}

/// The answer that pandas found in the clear, as CSV, and how many groups are suppressed.
fn answer() -> (String, u64) {
    let value: Value = serde_json::from_str(include_str!("../../examples/answers/heart-by-age-and-sex.json")).unwrap();
    let line = |cells: &Value| {
        let text = |cell: &Value| cell.as_str().map_or_else(|| cell.to_string(), str::to_owned);
        cells.as_array().unwrap().iter().map(text).collect::<Vec<_>>().join(",")
    };
    let rows = value["rows"].as_array().unwrap().iter().map(line);
    let lines: Vec<String> = core::iter::once(line(&value["columns"])).chain(rows).collect();
    (lines.join("\n") + "\n", value["suppressed"].as_u64().unwrap())
}
