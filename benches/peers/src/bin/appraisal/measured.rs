//! Items that take turns, and their medians.

use crate::row::Figure;
use core::time::Duration;
use rustix::time::{ClockId, clock_gettime};

/// Each takes about a millisecond.
const ROUNDS: usize = 301;
const WARM_UP: usize = 20;

/// CPU time of this thread so far.
fn cpu_time() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().expect("a clock that counts up")
}

/// What is measured, and the CPU seconds of every round.
pub(crate) struct Item<'data> {
    run: Box<dyn FnMut() + 'data>,
    times: Vec<f64>,
}

impl<'data> Item<'data> {
    pub(crate) fn new(run: impl FnMut() + 'data) -> Self {
        Self { run: Box::new(run), times: Vec::new() }
    }

    pub(crate) fn run(&mut self) {
        (self.run)();
    }
}

/// Every item once a round; who comes first changes.
pub(crate) fn take_turns(items: &mut [Item<'_>]) {
    let count = items.len();
    for round in 0..WARM_UP + ROUNDS {
        for place in 0..count {
            let item = &mut items[(place + round) % count];
            let start = cpu_time();
            item.run();
            let time = cpu_time() - start;
            if round >= WARM_UP {
                item.times.push(time.as_secs_f64());
            }
        }
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The time of ours divided by that of the other, and both times.
pub(crate) fn ratio(ours: &Item<'_>, other: &Item<'_>) -> Figure {
    let ratio = median(ours.times.iter().zip(&other.times).map(|(ours, other)| ours / other).collect());
    let [ours, other] = [ours, other].map(|item| median(item.times.clone()) * 1e6);
    Figure(ratio, format!("{ratio:.2} ({ours:.0} / {other:.0} µs)"))
}
