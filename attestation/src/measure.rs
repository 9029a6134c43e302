//! The measurement that a platform will report for given inputs, worked out before anything runs: what a policy then names.
//!
//! Bytes in, digest out. Nothing is fetched, no hardware is asked, and nothing here trusts its input: firmware and image
//! files are decoded strictly, with bounded work, and a file that says two things is refused instead of read one way.
//!
//! - [`SnpLaunch`]: the launch measurement of a SEV-SNP guest, from firmware, kernel, initrd and command line.
//! - [`EnclaveImage`]: PCR0, PCR1, PCR2 and PCR8 of an AWS Nitro enclave image file (EIF).
//!
//! The simulated platform's is the plain SHA-384 of its image file, and needs nothing from here.

mod checksum;
mod digest;
mod eif;
mod eif_signature;
mod error;
mod firmware;
mod guid;
mod hashes;
mod processor;
mod save_area;
mod snp;

pub use eif::{Architecture, EnclaveImage};
pub use error::MeasureError;
pub use hashes::KernelHashes;
pub use processor::{Hypervisor, Processor};
pub use snp::{LaunchStep, SnpLaunch};
