//! Sealed storage against a host that crashes, lies and goes back: real stores over a host in memory, a platform that derives
//! keys as hardware does, and witnesses with keys of their own. Under every test runs a recorder that fails it when one key
//! and nonce encrypt twice.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic here is the test's failure report"
)]

mod adversary;
mod attacks;
mod faults;
mod golden;
mod host;
#[path = "../../../tests/support/not_run.rs"]
mod not_run;
mod platform;
#[path = "../../../hostile/src/recorder.rs"]
#[expect(unreachable_pub, reason = "the kit shows it to its users; crates of tests are below the kit and include it")]
mod recorder;
mod restore;
mod stories;
mod upgrade;
mod witnesses;
mod world;
