//! TRUSTED. What the measured image is made of: the confinement of its process, the platforms that vouch for it, the
//! engines that compute, and the one loop that serves a room.

#![deny(unsafe_code)]

pub mod engine;
mod inputs;
mod platform;
mod sandbox;
mod service;
mod transport;

pub use platform::{Connections, EvidenceBundle, Platform, PlatformError, SealingKey, Simulated};
pub use sandbox::{Dropped, SandboxError, Statement, enter};
pub use service::{ServiceError, serve};
