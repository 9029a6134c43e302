//! The kit on a small program: thousands of schedules, every write of a party's memory, and faults that it must find.
#![expect(clippy::unwrap_used, reason = "a panic here is the test's failure report")]

mod faults;
mod material;
#[path = "../../../enclave-core/tests/hostile/program.rs"]
mod program;
mod schedules;
