//! The host's HTTP API (`docs/http-api.md`), from a party's side.
//!
//! What always holds: nothing that a host says is believed. What it hands over is verified by the types it becomes, by
//! object ids or by the enclave's key; what only it can know (phases, sizes, problems) is shown as its words. Every HTTP
//! request that costs the host something is signed (RFC 9421) by the party that makes it.

mod answers;
mod error;
mod host;
mod http;
mod log;
mod objects;
mod room;
#[cfg(test)]
mod tests;
mod witness;
mod words;

pub use answers::{
    Accepted, EndedView, HostProposal, OpenedRoom, PagePlace, RoomPhase, RoomStatus, UploadState, WantedRun,
};
pub use error::{HostError, HostProblem};
pub use host::{Host, HostOptions};
pub use room::{FetchedRequest, Room};
pub use witness::{AskError, RemoteWitness};
pub(crate) use words::printable;
