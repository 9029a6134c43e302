//! Two hundred random schedules of kills. The seed is printed where one fails.
//!
//! What always holds: whoever was not killed ends with an exit code and a reason; who was, starts again and goes on.

use crate::host::until;
use crate::job::{InForce, Job, OWNERS, Said, said};
use crate::seen;
use core::time::Duration;
use std::process::Child;

/// Runs that each contract allows.
const LIMIT: u64 = 2;
const SCHEDULES: u64 = 200;

/// Numbers that a seed repeats (xorshift64).
struct Fate(u64);

impl Fate {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// Who is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Victim {
    Nobody,
    Host,
    Enclave,
    Left,
    Right,
    BothParties,
}

const VICTIMS: [Victim; 8] = [
    Victim::Nobody,
    Victim::Host,
    Victim::Enclave,
    Victim::Left,
    Victim::Right,
    Victim::BothParties,
    Victim::Host,
    Victim::Enclave,
];

/// What came of all schedules.
#[derive(Debug, Default)]
struct Sums {
    complete: usize,
    opened: usize,
    lost: u64,
    refused: usize,
    killed: [usize; 3],
}

/// One round: a proposal, both parties' processes, and a kill at a random moment.
fn round(job: &mut Job, contract: &mut InForce, fate: &mut Fate, sums: &mut Sums, what: &str) {
    let room = job.open_room(contract);
    let run = job.next_run(contract);
    if let Err(refused) = job.propose(contract, &room, Some(run)) {
        assert!(refused.is_problem("run.limit"), "{what}: {refused}");
        sums.refused += 1;
        return;
    }
    let victim = VICTIMS[usize::try_from(fate.below(8)).unwrap()];
    let mut children: Vec<Child> = OWNERS.iter().map(|name| job.granting(name, &room)).collect();
    std::thread::sleep(Duration::from_micros(fate.below(150_000)));
    let mut kill = |places: &[usize]| {
        for place in places {
            drop(children[*place].kill());
        }
        sums.killed[2] += places.len();
    };
    match victim {
        Victim::Nobody => {}
        Victim::Host => {
            job.host.kill();
            sums.killed[0] += 1;
        }
        Victim::Enclave => {
            job.host.kill_enclave();
            sums.killed[1] += 1;
        }
        Victim::Left => kill(&[0]),
        Victim::Right => kill(&[1]),
        Victim::BothParties => kill(&[0, 1]),
    }
    let ended: Vec<Said> = children.into_iter().map(said).collect();
    if job.host.is_gone() {
        // It throws away what results it had half received.
        seen::look(job.host.folder().join("state/scratch").as_path(), &job.recorder);
        job.host.start_again();
    }
    ended.iter().for_each(|said| assert_said(said, &format!("{what}, {victim:?}")));
    // Who was killed gives the same command again, where room and proposal are still there.
    if matches!(victim, Victim::Left | Victim::Right | Victim::BothParties) {
        OWNERS.iter().for_each(|name| assert_said(&job.grant(name, &room), &format!("{what}, {victim:?}, again")));
    }
    let waiting = job.client().room(&room);
    until("the room ends its run", || waiting.status().map_or(true, |status| status.phase != "run"));
    job.settle(contract);
    job.assert_limits(contract, &format!("{what}, {victim:?}"));
}

/// A process that was not killed ends with a code of docs/cli.md; where it did not do it, it says why and what to do.
#[track_caller]
fn assert_said(said: &Said, what: &str) {
    match said.exit {
        None | Some(0) => {}
        Some(code) => {
            let text = |pointer: &str| said.json.pointer(pointer).and_then(serde_json::Value::as_str).unwrap_or("");
            assert!(
                matches!(code, 1..=5) && !text("/failure/message").is_empty(),
                "{what}: exit {code}: {}",
                said.json
            );
            // Who refuses says what it expected and found, and what to do; a host that is gone is no refusal (exit 3).
            let refuses =
                text("/failure/message").contains("expected ") && text("/failure/message").contains(", found");
            assert!(code != 5 || refuses, "{what}: exit {code}: {}", said.json);
        }
    }
}

#[test]
fn two_hundred_random_kills_of_host_enclave_and_parties_pass_no_limit() {
    let mut job = Job::new();
    let mut sums = Sums::default();
    let seed = u64::from(std::process::id()) << 20 | 1;
    for schedule in 0..SCHEDULES {
        let what = format!("seed {seed}, schedule {schedule}");
        let mut fate = Fate(seed.wrapping_mul(2 * schedule + 1));
        let mut contract = job.contract(LIMIT);
        let rounds = 1 + fate.below(3);
        for number in 0..rounds {
            round(&mut job, &mut contract, &mut fate, &mut sums, &format!("{what}, round {number}"));
        }
        sums.complete += contract.complete.len();
        sums.opened += job.results(&contract);
        let counts = OWNERS.map(|name| job.memory(name).state(&contract.contract).unwrap().count);
        let complete = u64::try_from(contract.complete.len()).unwrap();
        sums.lost += counts.iter().map(|count| count - complete).sum::<u64>();
    }
    job.look();
    // Two datasets a schedule, every result that was opened, two grants of every complete run.
    let (objects, grants) = (job.recorder.objects(), job.recorder.pairs());
    assert!(
        objects >= 400 + sums.opened && grants >= 2 * sums.complete,
        "{objects} objects, {grants} grants: {sums:?}"
    );
    // The schedules reach runs that end, runs that a crash cost somebody, and contracts that are spent.
    assert!(sums.killed.iter().all(|killed| *killed >= 20), "{sums:?}");
    assert!(sums.complete >= 50 && sums.opened >= 50, "{sums:?}");
    assert!(sums.lost > 0 && sums.refused > 0, "{sums:?}");
}
