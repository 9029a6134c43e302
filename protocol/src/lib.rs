//! BOTH. What crosses the boundary between parties, host and enclave: contract, encrypted objects, proposals, grants,
//! results, receipts and messages. `protocol/SPEC.md` is written before this code and says every byte.
//!
//! No I/O, no clock, no global; randomness is an argument. Decoding is strict everywhere.
#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod binding;
pub mod canonical;
pub mod contract;
pub mod dsse;
pub mod encryption;
pub mod hash;
#[cfg(feature = "http-signature")]
pub mod http_signature;
pub mod id;
pub mod identity;
#[cfg(feature = "log")]
pub mod log;
pub mod message;
pub mod object;
pub mod provider;
#[cfg(feature = "recovery")]
pub mod recovery;
pub mod restore;
pub mod run;
pub mod table;
