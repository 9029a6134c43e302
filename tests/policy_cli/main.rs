//! The Verifier's commands that begin, check and explain policies, by the real program on recorded Evidence: nothing here is
//! simulated but the makers' services, which a server in the test replays.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic here is the test's failure report"
)]

#[path = "../support/not_run.rs"]
mod not_run;
#[path = "../support/service.rs"]
mod service;

mod commands;
mod corim;
mod diff;
mod endorsements;
mod explain;
mod page;
mod policy;
mod program;
mod replay;
