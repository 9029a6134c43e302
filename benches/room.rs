//! How long a room takes from nothing to Evidence that a party has appraised: `cargo bench -p sealroom --bench room`.
//!
//! One row a step, medians in wall time: the launcher's start up to its first line (image copied, sealed and measured, process
//! confined), the contract opened, Evidence made, Evidence appraised. Image and launcher are as `enclave/build` builds them.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a bench prints, and a panic is its failure report"
)]

#[expect(dead_code, reason = "the bench uses the part of the tests' enclave that starts and attests")]
#[path = "../tests/hostile/enclave.rs"]
mod enclave;
#[path = "../tests/support/image.rs"]
mod image;
#[expect(dead_code, reason = "a bench meets no refusal; the world of the hostile tests names its secrets")]
#[path = "../tests/support/refused.rs"]
mod refused;
#[expect(dead_code, reason = "nothing of this bench may be missing")]
#[path = "support/row.rs"]
mod row;
#[expect(dead_code, reason = "the bench grants nothing")]
#[path = "../tests/hostile/world.rs"]
mod world;

use enclave::Enclave;
use row::{Aim, Figure};
use sealroom::now;
use std::time::Instant;
use world::World;

const ROUNDS: usize = 21;
const STEPS: [&str; 4] = ["start of the process", "contract opened", "Evidence made", "Evidence appraised"];

fn main() {
    let world = World::new();
    let mut times = [const { Vec::new() }; STEPS.len()];
    let mut whole = Vec::new();
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let mut enclave = Enclave::start(&image::built().1, &world.state);
        let mut step = begun;
        let mut lap = |place: usize| {
            times[place].push(step.elapsed());
            step = Instant::now();
        };
        lap(0);
        enclave.open(now(), world.envelope.clone());
        lap(1);
        let appraised = world.appraise(|challenge| {
            let made = enclave.attest(vec![challenge]);
            lap(2);
            made
        });
        appraised.unwrap();
        lap(3);
        whole.push(begun.elapsed());
    }
    let show = |what: &str, milliseconds: f64| {
        let figure = Figure(milliseconds, format!("{milliseconds:.2} ms"));
        row::print(what, "nothing (wall time, simulated platform)", Aim::None, &figure, None);
    };
    show("a room from nothing to Evidence that a party has appraised", median(&mut whole));
    for (name, times) in STEPS.iter().zip(&mut times) {
        show(&format!("of it: {name}"), median(times));
    }
}

fn median(times: &mut [core::time::Duration]) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e3
}
