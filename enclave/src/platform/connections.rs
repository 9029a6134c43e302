//! The two connections that the launcher leaves: descriptor 3 to the host, descriptor 4 to the platform.

use core::sync::atomic::{AtomicBool, Ordering};
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;

use super::PlatformError;
use crate::sandbox::Statement;

const HOST: RawFd = 3;
const PLATFORM: RawFd = 4;

/// Having them means that the process is confined already: a [`Statement`] is needed to take them.
#[derive(Debug)]
#[non_exhaustive]
pub struct Connections {
    /// To the host: all that comes from there is an allegation.
    pub host: UnixStream,
    /// To the platform.
    pub platform: UnixStream,
}

impl Connections {
    /// Takes both, once a process.
    ///
    /// # Errors
    ///
    /// [`PlatformError::NoConnection`] if one is not a socket, or at the second call.
    pub fn take(_confined: &Statement) -> Result<Self, PlatformError> {
        static TAKEN: AtomicBool = AtomicBool::new(false);
        if TAKEN.swap(true, Ordering::Relaxed) {
            return Err(PlatformError::NoConnection { descriptor: HOST });
        }
        Ok(Self { host: own(HOST)?, platform: own(PLATFORM)? })
    }
}

fn own(descriptor: RawFd) -> Result<UnixStream, PlatformError> {
    // Nothing is read: zero bytes are sent, which only a connected socket accepts.
    #[expect(unsafe_code, reason = "asks about a descriptor that nobody owns yet")]
    // SAFETY: the buffer has no bytes, so its address is not read.
    let sent =
        unsafe { libc::send(descriptor, core::ptr::NonNull::<u8>::dangling().as_ptr().cast(), 0, libc::MSG_NOSIGNAL) };
    if sent != 0 {
        return Err(PlatformError::NoConnection { descriptor });
    }
    #[expect(unsafe_code, reason = "the launcher hands descriptors over by number")]
    // SAFETY: the descriptor is open, as the line above showed, and `take` runs once, so nobody else owns it.
    let owned = unsafe { OwnedFd::from_raw_fd(descriptor) };
    Ok(owned.into())
}
