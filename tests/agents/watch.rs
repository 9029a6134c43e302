//! What each component holds and does while jobs go on: resident memory and time on a processor, by the system's word.
//!
//! What always holds: memory is compared at one age of a process, so a component that was killed a moment ago does not look small;
//! processor time counts what processes did that are gone, but for what they did in their last tenth of a second.

use crate::chaos::Components;
use crate::process::{children, processor, resident};
use core::time::Duration;
use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

/// How old a process is at least whose memory counts.
const GROWN: Duration = Duration::from_secs(2);

/// One look.
#[derive(Debug, Clone, Copy)]
struct Look {
    /// Jobs that were done.
    done: u64,
    /// Since the beginning.
    at: Duration,
    /// KiB, where the process is old enough.
    memory: Option<u64>,
    /// Milliseconds that all processes of this component had a processor until now.
    busy: u64,
}

/// What was seen of a process.
#[derive(Debug, Clone, Copy)]
struct Seen {
    first: Instant,
    busy: u64,
}

/// Everything that was seen.
#[derive(Debug)]
pub(crate) struct Watched {
    begun: Instant,
    processes: HashMap<u32, Seen>,
    busy: BTreeMap<&'static str, u64>,
    looks: BTreeMap<&'static str, Vec<Look>>,
}

/// A component in a part of the jobs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Part {
    /// Median of its memory, in KiB.
    pub(crate) memory: u64,
    /// Milliseconds of a processor for each job.
    pub(crate) busy: u64,
    /// Milliseconds that passed for each job.
    pub(crate) time: u64,
}

impl Watched {
    pub(crate) fn new() -> Self {
        Self { begun: Instant::now(), processes: HashMap::new(), busy: BTreeMap::new(), looks: BTreeMap::new() }
    }

    /// Looks once at everything.
    pub(crate) fn look(&mut self, components: &Components, done: u64) {
        let host = components.host.pid();
        let launchers = children(host);
        let enclaves: Vec<u32> =
            launchers.iter().flat_map(|launcher| children(*launcher)).chain(launchers.clone()).collect();
        let agents = components.agents.iter().map(|agent| (agent.name, vec![agent.served.pid()]));
        for (name, pids) in agents.chain([("host", vec![host]), ("enclave", enclaves)]) {
            let at = self.begun.elapsed();
            // Of the enclaves the largest one.
            let memory = pids.iter().filter_map(|pid| self.process(name, *pid)).max();
            let busy = self.busy.get(name).copied().unwrap_or(0);
            self.looks.entry(name).or_default().push(Look { done, at, memory, busy });
        }
    }

    /// Looks at one process: counts what it did, and gives its memory.
    fn process(&mut self, name: &'static str, pid: u32) -> Option<u64> {
        let (busy, memory) = (processor(pid)?, resident(pid)?);
        let seen = self.processes.entry(pid).or_insert(Seen { first: Instant::now(), busy: 0 });
        if busy < seen.busy {
            // Another process by this number.
            *seen = Seen { first: Instant::now(), busy: 0 };
        }
        *self.busy.entry(name).or_default() += busy - seen.busy;
        seen.busy = busy;
        (seen.first.elapsed() >= GROWN).then_some(memory)
    }

    /// Every component while the jobs from one number to another were done. None where too little was seen of it.
    pub(crate) fn part(&self, from: u64, until: u64) -> BTreeMap<&'static str, Option<Part>> {
        let of = |looks: &Vec<Look>| {
            let inside: Vec<&Look> = looks.iter().filter(|look| (from..until).contains(&look.done)).collect();
            let mut sizes: Vec<u64> = inside.iter().filter_map(|look| look.memory).collect();
            sizes.sort_unstable();
            let (first, last) = (inside.first()?, inside.last()?);
            let jobs = (until - from).max(1);
            Some(Part {
                memory: *sizes.get(sizes.len() / 2).filter(|_| sizes.len() >= 20)?,
                busy: (last.busy - first.busy) / jobs,
                time: u64::try_from((last.at - first.at).as_millis()).unwrap() / jobs,
            })
        };
        self.looks.iter().map(|(name, looks)| (*name, of(looks))).collect()
    }
}
