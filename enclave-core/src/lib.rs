//! TRUSTED. The decisions of an enclave: who may, how often, what may leave.
//!
//! No I/O, no clock, no network, no global: randomness and time are arguments, and it builds for a target without an
//! operating system. Two doors: [`entry`] decodes all that comes in, [`release`] makes all that goes out; read these two
//! first, then [`Room`].
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod chain;
mod clock;
pub mod entry;
mod gate;
mod grants;
pub mod output_rules;
mod phase;
pub mod program;
mod programs;
mod refusal;
pub mod release;
mod room;
mod run;
pub mod sealed;

pub use phase::{Phase, Request};
pub use programs::Programs;
pub use refusal::Refusal;
pub use room::{Room, Step};
pub use run::Run;
