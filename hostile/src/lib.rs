//! UNTRUSTED. The hostile-host kit: your program inside the real room, real parties' code, and a host that does its worst
//! with every party but one on its side. Nothing but tests depends on it.
//!
//! Give it your programs, a contract and datasets; it plays random schedules of hostile steps and checks after every step what
//! must hold for the honest party. A schedule that breaks something is shortened and printed as steps that one can read:
//!
//! ```no_run
//! # use sealroom_hostile::{Kit, KitError, Material};
//! # fn test(material: Material<'_>) -> Result<(), KitError> {
//! let report = Kit::new(material)?.run(10_000, 1);
//! assert!(report.released > 0, "{report}");
//! # Ok(())
//! # }
//! ```
//!
//! `docs/hostile-kit.md` says what it plays and what it does not; `hostile/examples/your_program.rs` is a whole one.
#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "linked into tests alone: a panic here is the failure report of a test"
)]

mod amended;
mod appraisals;
mod conspiracy;
mod disk;
mod draw;
mod enclave;
mod failure;
mod game;
mod honest;
mod host;
mod kit;
mod ledger;
mod party;
mod platform;
mod recorder;
mod refused;
mod report;
mod step;
mod thief;
mod words;
mod world;

pub use disk::Disk;
pub use enclave::{Bodies, Enclave, EnclaveStart, RoomEnclave, Sent};
pub use failure::Failure;
pub use kit::Kit;
pub use party::{Brought, Client, SdkClient, Site};
pub use recorder::Recorder;
pub use refused::Refused;
pub use report::Report;
pub use step::{Amending, Chain, Delivery, Evidence, Number, Objects, Signing, Step};
pub use world::{KitError, Material};
