//! The host does its worst, with real processes: the tests are the host. They start the measured image under the simulated
//! platform, speak its messages over its socket, and show honest parties (the SDK) what a hostile host would show them.
//! Attacks on the room's decisions alone are in `enclave-core/tests/hostile/`.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic here is the test's failure report"
)]

mod appraisal;
mod attacks;
#[expect(dead_code, reason = "memory and files are scanned in tests/end_to_end")]
#[path = "../../src/cli/demo/canary.rs"]
mod canary;
mod enclave;
#[path = "../support/envelopes.rs"]
mod envelopes;
mod errors;
mod http;
#[path = "../support/image.rs"]
mod image;
mod process;
mod proposals;
#[path = "../support/refused.rs"]
mod refused;
mod requests;
mod results;
mod thief;
mod world;
