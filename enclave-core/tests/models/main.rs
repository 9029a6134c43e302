//! The order of a commit to sealed storage and the order of a room, searched exhaustively: every state that crashes, forks and
//! a host that does its worst can lead to. Each model also takes one planted fault at a time, and the search must find it;
//! so a model that could not fail would fail here.
//!
//! `docs/design/0002` and `0005` have the rules; phases of the room come from the table of `enclave-core/src/phase.rs` itself.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a panic here is the test's failure report"
)]

mod commit;
mod memory;
mod quorum;
mod room;
mod room_faults;
mod search;
