//! A room against a host that does its worst, in one process: parties with real keys, real encrypted objects, and every
//! message as the bytes that would cross the socket. Nothing of the room is replaced; only sockets and processes are
//! left out (`tests/` of the workspace has them). Random schedules are those of the kit in `hostile/`.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic here is the test's failure report"
)]

mod amendments;
mod data;
mod entry;
#[path = "../../../tests/support/envelopes.rs"]
mod envelopes;
mod grants;
mod host;
mod program;
#[path = "../../../tests/support/refused.rs"]
mod refused;
mod signatures;
mod world;
