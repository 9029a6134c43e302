//! Sealing keys: what is asked of a platform, and which keys are refused.
//!
//! What always holds: a key that is short, all zero, different when it is derived again, or within a debugger's reach is
//! never used; a request that this enclave is too old for is not made.

use super::bytes::{Bytes, push_prefixed};
use super::error::SealedError;
use super::means::Unavailable;
use alloc::vec::Vec;
use core::fmt;
use hkdf::Hkdf;
use sealroom_protocol::hash::length_prefixed;
use sealroom_protocol::object::DataKey;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Bytes of a platform's sealing key.
const KEY_LENGTH: usize = 32;
/// Most bytes of a platform's own part of a key request.
pub(super) const PLATFORM_REQUEST_LIMIT: usize = 1024;

const KEY_LABEL: &str = "sealroom/1 sealing key";

/// To whom something is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "decisions match on it")]
pub enum SealTo {
    /// This measurement, on this platform. No other image ever reads it back, so there is no upgrade.
    Measurement,
    /// Every image of this image's signer from this version on.
    Signer {
        /// The lowest security version that may unseal.
        minimum_version: u32,
    },
}

/// All that it takes to derive a sealing key again. It stands in the header of what is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a platform reads every field")]
pub struct KeyRequest {
    /// To whom.
    pub seal_to: SealTo,
    /// The platform's own part, such as the firmware level that the key was derived at: at most 1,024 bytes.
    pub platform: Vec<u8>,
}

/// What a platform says of the running enclave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a platform fills every field")]
pub struct Identity {
    /// Its security version, as its signer set it. Zero where the platform has none.
    pub version: u32,
    /// Whether a debugger may read its memory.
    pub debug: bool,
}

/// A key as the platform gave it, not yet looked at.
#[expect(clippy::exhaustive_structs, reason = "a platform fills every field")]
pub struct PlatformKey {
    /// The key.
    pub bytes: Zeroizing<Vec<u8>>,
    /// Whether an enclave that a debugger may read gets another key for the same request.
    pub excludes_debug: bool,
}

impl fmt::Debug for PlatformKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PlatformKey")
    }
}

/// Derives keys that only this measurement, or this signer's images, get on this platform.
pub trait SealingPlatform {
    /// What runs.
    fn identity(&self) -> Identity;

    /// The platform's own part of a request made now, at the current firmware level.
    ///
    /// # Errors
    /// [`Unavailable`], also where the platform cannot seal to a signer.
    fn request(&mut self, seal_to: SealTo) -> Result<Vec<u8>, Unavailable>;

    /// The key of a request, which may have been made by another life at an older firmware level.
    ///
    /// # Errors
    /// [`Unavailable`].
    fn key(&mut self, request: &KeyRequest) -> Result<PlatformKey, Unavailable>;
}

impl KeyRequest {
    /// A request made now.
    pub(super) fn new(platform: &mut dyn SealingPlatform, seal_to: SealTo) -> Result<Self, SealedError> {
        let part = platform.request(seal_to).map_err(|Unavailable| SealedError::Platform)?;
        if part.len() > PLATFORM_REQUEST_LIMIT {
            return Err(SealedError::Header { field: "platform's part of the key request" });
        }
        Ok(Self { seal_to, platform: part })
    }

    pub(super) fn encode(&self, bytes: &mut Vec<u8>) {
        let (kind, minimum_version) = match self.seal_to {
            SealTo::Measurement => (1, 0),
            SealTo::Signer { minimum_version } => (2, minimum_version),
        };
        bytes.push(kind);
        bytes.extend_from_slice(&minimum_version.to_le_bytes());
        push_prefixed(bytes, &self.platform);
    }

    pub(super) fn decode(bytes: &mut Bytes<'_>) -> Result<Self, SealedError> {
        let seal_to = match (bytes.byte(), bytes.word()) {
            (Some(1), Some(0)) => SealTo::Measurement,
            (Some(2), Some(minimum_version)) => SealTo::Signer { minimum_version },
            _ => return Err(SealedError::Header { field: "seal policy" }),
        };
        let platform = bytes
            .prefixed(PLATFORM_REQUEST_LIMIT)
            .ok_or(SealedError::Header { field: "platform's part of the key request" })?;
        Ok(Self { seal_to, platform: platform.to_vec() })
    }
}

/// The platform's key for this request, once it passed every check, made into the key of what has this header.
pub(super) fn sealing_key(
    platform: &mut dyn SealingPlatform,
    request: &KeyRequest,
    header: &[u8],
) -> Result<DataKey, SealedError> {
    let identity = platform.identity();
    if identity.debug {
        return Err(SealedError::DebugEnclave);
    }
    match request.seal_to {
        SealTo::Signer { minimum_version } if identity.version < minimum_version => {
            return Err(SealedError::Downgrade { minimum: minimum_version, found: identity.version });
        }
        SealTo::Signer { .. } | SealTo::Measurement => {}
    }
    let key = checked_key(platform, request)?;
    let again = checked_key(platform, request)?;
    // A firmware that answers differently would seal what nobody unseals.
    if !bool::from(key.bytes.ct_eq(&again.bytes)) {
        return Err(SealedError::KeyUnstable);
    }
    Ok(derive(KEY_LABEL, &key.bytes, header))
}

fn checked_key(platform: &mut dyn SealingPlatform, request: &KeyRequest) -> Result<PlatformKey, SealedError> {
    let key = platform.key(request).map_err(|Unavailable| SealedError::Platform)?;
    if !key.excludes_debug {
        return Err(SealedError::DebugReachable);
    }
    if key.bytes.len() != KEY_LENGTH {
        return Err(SealedError::KeyLength { expected: KEY_LENGTH, found: key.bytes.len() });
    }
    // Seen in the field: a firmware level that is too high was answered by a key of zeros.
    if bool::from(key.bytes.ct_eq([0; KEY_LENGTH].as_slice())) {
        return Err(SealedError::KeyZero);
    }
    Ok(key)
}

/// HKDF with SHA-256 (RFC 5869): `info` is `LP(label) ‖ LP(header)`, so the key serves what has this header and nothing else.
pub(super) fn derive(label: &str, key: &[u8], header: &[u8]) -> DataKey {
    let derived = Hkdf::<Sha256>::new(None, key);
    DataKey::fill_with(|bytes| {
        derived.expand(&length_prefixed(label, &[header]), bytes).expect("32 bytes are one block of SHA-256");
    })
}
