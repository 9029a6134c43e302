//! Jobs of the demo's contract, unattended, while every component is killed at random.
//!
//! `cargo test --test agents` runs some twenty. All of them, as the issue of this test asks for:
//!
//! ```console
//! $ SEALROOM_JOBS=1000 cargo test --test agents unattended -- --nocapture
//! ```
//!
//! `SEALROOM_SEED` repeats the kills of an earlier time; it is printed.

use crate::chaos::{Components, Told as Chaos, cause, fresh_seed};
use crate::process::{self, Told, agents, host};
use crate::recorder::Recorder;
use crate::requester::{Asked, Tally, ask};
use crate::seen;
use crate::watch::{Part, Watched};
use crate::world::{HOSPITALS, STATES, World};
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use core::time::Duration;
use sealroom::GrantState;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::time::Instant;

/// What a person who watches sees (`--nocapture`).
macro_rules! say {
    ($($said:tt)*) => {
        drop(writeln!(std::io::stdout(), $($said)*))
    };
}

/// Contracts at once, between which the jobs are shared out: of some jobs, and of many.
const CONTRACTS: [u64; 2] = [2, 4];
/// More jobs than these are many.
const SOME: u64 = 100;
/// Kills at least: where the jobs are done sooner, more are asked for.
const KILLS: u64 = 12;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

#[test]
fn jobs_run_unattended_and_right_whatever_is_killed_when_and_no_limit_is_passed() {
    let jobs = number("SEALROOM_JOBS").unwrap_or(20);
    let contracts = CONTRACTS[usize::from(jobs > SOME)];
    let seed = number("SEALROOM_SEED").unwrap_or_else(fresh_seed);
    say!("{jobs} jobs, SEALROOM_SEED={seed}");
    let each = jobs.div_ceil(contracts).max(1);
    // A run that a crash takes is spent for whoever granted it: a contract needs more runs than results.
    let world = World::new(contracts as usize, each * 6 + 100);
    let host = host(&world);
    world.upload();
    let mut components = Components { host, agents: agents(&world, Told { approve: "never", more: "" }) };
    let (done, killed, end) = (AtomicU64::new(0), AtomicU64::new(0), AtomicBool::new(false));
    let every = Duration::from_millis(if jobs > SOME { 1_000 } else { 600 });
    let asked = Asked { jobs: each, done: &done, killed: &killed, kills: KILLS };
    let begun = Instant::now();
    let (tallies, (kills, watched)) = std::thread::scope(|scope| {
        let chaos = Chaos { end: &end, killed: &killed, done: &done, every };
        let causing = scope.spawn(move || cause(&mut components, &chaos, seed));
        let asking: Vec<_> = world.agreed.iter().map(|agreed| scope.spawn(|| ask(&world, agreed, &asked))).collect();
        let tallies: Vec<_> = asking.into_iter().map(std::thread::ScopedJoinHandle::join).collect();
        end.store(true, Ordering::SeqCst);
        (tallies, causing.join().unwrap())
    });
    let tallies: Vec<Tally> = tallies.into_iter().map(Result::unwrap).collect();
    say!("{:?} in {:?}; killed {kills:?}", tallies, begun.elapsed());
    if jobs > SOME {
        let components = ["host", "enclave"].into_iter().chain(HOSPITALS.map(|(name, _)| name));
        components
            .for_each(|component| assert!(kills.contains_key(component), "{component} was never killed: {kills:?}"));
    }
    hold(&world, &tallies);
    never_twice(&world, &tallies);
    flat(&watched, jobs);
}

/// No key and nonce encrypted twice in all that hospitals, enclaves and host wrote and sent.
fn never_twice(world: &World, tallies: &[Tally]) {
    let recorder = Recorder::default();
    seen::look(&world.home("host"), &recorder);
    HOSPITALS.iter().for_each(|(name, _)| seen::remembered(&world.memory(name), &recorder));
    assert_eq!(recorder.repeated(), None);
    let right: u64 = tallies.iter().map(|tally| tally.right).sum();
    let (objects, pairs) = (recorder.objects() as u64, recorder.pairs() as u64);
    say!("{objects} objects, {pairs} grants and keys of results, each under a key and nonce of its own");
    // A dataset of each hospital, and every result that was opened with its key; a grant of each hospital to each of these.
    let datasets = HOSPITALS.len() as u64 * tallies.len() as u64;
    assert!(objects >= datasets + right && pairs >= right * (1 + HOSPITALS.len() as u64), "{objects}, {pairs}");
}

/// What every hospital's memory says: its limit holds, run numbers are its own once, and every result was granted.
fn hold(world: &World, tallies: &[Tally]) {
    for (name, _) in HOSPITALS {
        let memory = world.memory(name);
        for (agreed, tally) in world.agreed.iter().zip(tallies) {
            let state = memory.state(agreed.contract()).unwrap();
            let counted = state.grants.iter().filter(|grant| grant.state != GrantState::GivenBack).count() as u64;
            assert_eq!(state.count, counted, "{name}");
            assert!(
                !state.restored && state.count <= state.limit && state.count <= tally.asked,
                "{name}: {}",
                state.count
            );
            let runs: BTreeSet<u64> = state.grants.iter().map(|grant| grant.run).collect();
            assert_eq!(runs.len(), state.grants.len(), "{name} granted a run number twice");
            let receipts = memory.receipts(&agreed.contract().id()).unwrap();
            let complete = receipts.iter().filter(|receipt| !receipt.allegation().outputs.is_empty()).count() as u64;
            assert!(complete <= tally.right && tally.right <= state.count, "{name}: {complete}, {tally:?}");
            assert!(memory.cheating(agreed.contract()).unwrap().is_empty());
            let open = state.grants.iter().filter(|grant| grant.state == GrantState::Open).count();
            say!("{name}: {} of {} counted, {open} without a receipt", state.count, state.limit);
        }
    }
}

/// Memory and work at the end against those at the beginning, where there were enough jobs to tell.
fn flat(watched: &Watched, jobs: u64) {
    let tenth = jobs / 10;
    let parts: Vec<_> = (0..10).map(|place| watched.part(place * tenth, (place + 1) * tenth)).collect();
    for name in parts.iter().flat_map(BTreeMap::keys).collect::<BTreeSet<_>>() {
        let of = |part: &BTreeMap<&str, Option<Part>>| part.get(name).copied().flatten();
        let parts: Vec<Option<Part>> = parts.iter().map(of).collect();
        let shown = |of: fn(Part) -> u64| {
            let text = |part: &Option<Part>| part.map_or_else(|| "-".to_owned(), |part| of(part).to_string());
            parts.iter().map(text).collect::<Vec<_>>().join(" ")
        };
        say!("{name}, in each tenth of the jobs: KiB {}", shown(|part| part.memory));
        say!("{name}, in each tenth of the jobs: processor ms a job {}", shown(|part| part.busy));
        say!("{name}, in each tenth of the jobs: ms a job {}", shown(|part| part.time));
        if jobs <= SOME {
            continue;
        }
        let (Some(second), Some(last)) = (parts[1], parts[9]) else { panic!("too little was seen of {name}") };
        assert!(last.memory <= second.memory + second.memory / 8, "{name} grows: {second:?}, then {last:?}");
        assert!(last.busy <= second.busy + second.busy / 2 + 20, "{name} has more to do: {second:?}, then {last:?}");
    }
}

#[test]
fn an_agent_that_is_asked_to_stop_ends_well_and_goes_on_where_it_was() {
    let world = World::new(1, 10);
    let _host = host(&world);
    world.upload();
    let mut agents = agents(&world, Told { approve: "never", more: "maximum_runs = 2" });
    let agreed = &world.agreed[0];
    let (done, killed) = (AtomicU64::new(0), AtomicU64::new(0));
    assert_eq!(ask(&world, agreed, &Asked { jobs: 1, done: &done, killed: &killed, kills: 0 }).right, 1);
    for agent in &mut agents {
        assert!(agent.served.terminate(), "{}", agent.served.log());
        agent.served.start_again();
    }
    // The second run is the last that these agents may grant, though the contract has ten.
    let room = world.host().find_room(&agreed.contract().id()).unwrap().unwrap();
    let wanted = |run| sealroom::WantedRun {
        run: Some(run),
        datasets: agreed.datasets.clone(),
        request: None,
        receipts: vec![],
    };
    let institute = world.identity(crate::world::INSTITUTE);
    drop(room.propose(&wanted(2), institute).unwrap());
    process::until("the second run is over", || (room.status().unwrap().phase == "attest").then_some(()));
    drop(room.propose(&wanted(3), institute).unwrap());
    // The others wait for it: a grant before the host's region is stated would be spent for nothing.
    let states = agents.iter().find(|agent| agent.name == STATES.0).unwrap();
    process::until("it says which limit is reached", || {
        states
            .served
            .log()
            .contains("expected at most 2 runs granted, as this agent's configuration says")
            .then_some(())
    });
    assert_eq!(room.status().unwrap().missing.len(), 4);
    drop(agents);
    for (name, _) in HOSPITALS {
        assert_eq!(world.memory(name).state(agreed.contract()).unwrap().count, 2, "{name}");
    }
}
