//! Sealing keys of the simulated platform, for the measurement of a program.

use sealroom_enclave_core::sealed::{Identity, KeyRequest, PlatformKey, SealTo, SealingPlatform, Unavailable};
use sealroom_simulated_platform::{Image, Measurement, Root};
use std::path::Path;
use std::time::SystemTime;
use zeroize::Zeroizing;

pub(crate) struct Platform {
    root: Root,
    measurement: Measurement,
}

impl Platform {
    /// The platform of this machine, made at first use, and the program that is the enclave.
    pub(crate) fn open(state: &Path, program: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(state)?;
        let measurement = Image::measure(program)?;
        Ok(Self { root: Root::open(state, SystemTime::now())?, measurement })
    }
}

impl SealingPlatform for Platform {
    fn identity(&self) -> Identity {
        Identity { version: 0, debug: false }
    }

    fn request(&mut self, seal_to: SealTo) -> Result<Vec<u8>, Unavailable> {
        match seal_to {
            // It has one firmware level, so nothing need be said of it.
            SealTo::Measurement => Ok(Vec::new()),
            SealTo::Signer { .. } => Err(Unavailable),
        }
    }

    fn key(&mut self, request: &KeyRequest) -> Result<PlatformKey, Unavailable> {
        if request.seal_to != SealTo::Measurement || !request.platform.is_empty() {
            return Err(Unavailable);
        }
        // The guest policy, which allows no debugger, goes into the key.
        let key = self.root.sealing_key(&self.measurement, b"sealed storage");
        Ok(PlatformKey { bytes: Zeroizing::new(key.to_vec()), excludes_debug: true })
    }
}
