//! Engines: what computes inside a room.

use sealroom_enclave_core::Programs;

/// The native programs of this image.
#[must_use]
pub const fn programs() -> Programs {
    Programs::new(&[])
}
