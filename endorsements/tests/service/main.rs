//! The source against a local service that replays answers, failures and slowness. Waits are seen, not waited for.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a panic is a test's failure report")]

mod crash;
mod failures;
mod flights;
mod freshness;
mod made;
mod recorded;
mod server;
mod tls;
mod world;
