//! PURE: the Verifier as `docs/verify.html` has it inside. A request in bytes in, one JSON value out; no I/O, no clock, no network.
//!
//! What always holds: [`appraise`] and [`inspect`] answer what `sealroom appraise --json` and `sealroom inspect --json` answer
//! for the same files, native and as WebAssembly alike, and every request has an answer: what can not be appraised is a
//! failure that says why. Without a policy nothing is ever called good.
//!
//! The page writes a request where `exports.rs` says, calls, and reads the answer; `attestation/page/build` puts both
//! together into one file.
#![deny(unsafe_code)]

mod appraise;
mod exports;
mod files;
mod inspect;
mod refused;
mod request;
mod sniff;

pub use appraise::appraise;
pub use inspect::inspect;
pub use refused::Refused;
pub use request::{Asked, Request, RequestError};
pub use sniff::FileKind;
