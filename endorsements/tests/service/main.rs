//! The source against a local service that replays answers, failures and slowness. Waits are seen, not waited for.

mod crash;
mod failures;
mod flights;
mod freshness;
mod made;
mod recorded;
mod server;
mod world;
