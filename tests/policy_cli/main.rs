//! The Verifier's commands that begin, check and explain policies, by the real program on recorded Evidence: nothing here is
//! simulated but the makers' services, which a server in the test replays.

#[path = "../support/not_run.rs"]
mod not_run;

mod diff;
mod endorsements;
mod explain;
mod page;
mod policy;
mod program;
mod replay;
