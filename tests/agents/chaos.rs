//! Kills one component after the other without warning, and starts it again; watched by `watch.rs`.

use crate::process::{AgentProcess, Served, children, signal};
use crate::watch::Watched;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use core::time::Duration;
use rand_core::Rng;
use rustix::process::Signal;
use std::collections::BTreeMap;
use std::time::Instant;

/// What was killed how often.
pub(crate) type Kills = BTreeMap<String, u64>;

/// Everything that can be killed.
pub(crate) struct Components {
    pub(crate) host: Served,
    pub(crate) agents: Vec<AgentProcess>,
}

/// What is told to the chaos while it goes on.
pub(crate) struct Told<'a> {
    /// It ends.
    pub(crate) end: &'a AtomicBool,
    /// How many were killed.
    pub(crate) killed: &'a AtomicU64,
    /// Jobs that are done.
    pub(crate) done: &'a AtomicU64,
    /// The usual time between two kills.
    pub(crate) every: Duration,
}

/// Kills at random until it is told to end. The kills are those of `seed`; what they meet is not.
pub(crate) fn cause(components: &mut Components, told: &Told<'_>, seed: u64) -> (Kills, Watched) {
    let mut random = Random(seed);
    let (mut kills, mut watched) = (Kills::new(), Watched::new());
    while !told.end.load(Ordering::SeqCst) {
        let pause = told.every / 2 + told.every.mul_f64(random.below(1000) as f64 / 1000.0);
        let begun = Instant::now();
        while begun.elapsed() < pause && !told.end.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(100));
            watched.look(components, told.done.load(Ordering::SeqCst));
        }
        if told.end.load(Ordering::SeqCst) {
            break;
        }
        let agents = components.agents.len() as u64;
        let what = match random.below(agents + 2) {
            0 => {
                components.host.kill();
                components.host.start_again();
                "host".to_owned()
            }
            1 => {
                let enclaves = children(components.host.pid());
                if enclaves.is_empty() {
                    continue;
                }
                let chosen = enclaves[random.below(enclaves.len() as u64) as usize];
                signal(chosen, Signal::KILL);
                "enclave".to_owned()
            }
            agent => {
                let agent = &mut components.agents[(agent - 2) as usize];
                agent.served.kill();
                agent.served.start_again();
                agent.name.to_owned()
            }
        };
        *kills.entry(what).or_default() += 1;
        let _ = told.killed.fetch_add(1, Ordering::SeqCst);
    }
    (kills, watched)
}

/// A small generator (splitmix64), so that a run of kills can be asked for again.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// A seed that nobody chose.
pub(crate) fn fresh_seed() -> u64 {
    let mut bytes = [0; 8];
    sealroom::random().fill_bytes(&mut bytes);
    u64::from_le_bytes(bytes)
}
