//! The good world, written down for the fuzzer.

#[path = "../support/fixture.rs"]
mod written;

use crate::world::{REPORT_DATA, World};

#[test]
#[ignore = "writes fuzz/fixture anew, which seeds of the fuzzer depend on"]
fn a_good_world_is_written_down_for_the_fuzzer() {
    for (name, world) in [("cca", World::good()), ("cca-legacy", World::legacy())] {
        // Nothing of it ends.
        written::write(name, world.accept.clone().into(), 0, &REPORT_DATA, &world.token(), &[]);
    }
}
