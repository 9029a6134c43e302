//! Engines: what computes inside a room. Today there is one, of native programs.

mod native;

#[cfg(test)]
mod tests;

use sealroom_enclave_core::Programs;
use sealroom_enclave_core::program::Program;

/// The native programs of this image, each with its own name.
static NATIVE: [&dyn Program; 3] = [&native::JoinAndAggregate, &native::Overlap, &native::Statistics];

/// The native programs of this image.
#[must_use]
pub const fn programs() -> Programs {
    Programs::new(&NATIVE)
}

/// The native program of this name.
#[must_use]
pub fn program(name: &str) -> Option<&'static dyn Program> {
    NATIVE.iter().find(|program| program.name() == name).copied()
}
