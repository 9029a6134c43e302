//! TRUSTED. What the measured image is made of: the confinement of its process and the platforms that vouch for it.

#![deny(unsafe_code)]

mod platform;
mod sandbox;

pub use platform::{Connections, EvidenceBundle, Platform, PlatformError, SealingKey, Simulated};
pub use sandbox::{Dropped, SandboxError, Statement, enter};
