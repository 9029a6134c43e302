//! UNTRUSTED. The simulated platform: a software security processor. It measures an image, starts it, signs SEV-SNP
//! reports for it under a root made on this machine, and derives sealing keys for it. It protects nothing from the
//! owner of the machine; see `docs/platforms/simulated.md`.

#![deny(unsafe_code)]

mod calls;
mod certificates;
mod error;
mod image;
mod launch;
mod report;
mod root;
mod state;

pub use calls::{Request, read_request, write_evidence, write_sealing_key};
pub use certificates::{Certificates, TcbVersion};
pub use error::Error;
pub use image::{Image, Measurement};
pub use launch::{Enclave, start};
pub use report::{GUEST_POLICY, REPORT_LENGTH, Report};
pub use root::Root;
