//! Frames over the host's socket.
//!
//! What always holds: a frame's length is checked before memory is taken for it, and the whole frame is copied into
//! memory of this process's own before anything in it is looked at, so the host cannot change it between two looks.

use sealroom_enclave_core::Refusal;
use sealroom_enclave_core::release::Outgoing;
use sealroom_protocol::message::{PREFIX_LENGTH, body_length};
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use zeroize::{Zeroize, Zeroizing};

/// The connection to the host, with one buffer that is used again for every frame.
#[derive(Debug)]
pub(crate) struct Transport {
    host: UnixStream,
    /// Datasets are decrypted in it.
    buffer: Zeroizing<Vec<u8>>,
}

/// Why the connection ended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TransportError {
    /// The host closed it between two frames: the ordinary end.
    #[error("the host closed the connection")]
    Closed,
    /// The host closed it inside a frame, or the system failed.
    #[error("connection to the host: {0}")]
    Io(#[from] io::Error),
    /// The host announced a frame that is not allowed; what follows cannot be told apart from it.
    #[error("connection to the host: {0}")]
    Frame(Refusal),
}

impl Transport {
    pub(crate) fn new(host: UnixStream) -> Self {
        Self { host, buffer: Zeroizing::new(Vec::new()) }
    }

    /// The next frame's body.
    pub(crate) fn receive(&mut self) -> Result<&mut [u8], TransportError> {
        let mut prefix = [0; PREFIX_LENGTH];
        let first = loop {
            match self.host.read(&mut prefix) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        if first == 0 {
            return Err(TransportError::Closed);
        }
        self.host.read_exact(prefix.get_mut(first..).unwrap_or_default())?;
        let length = body_length(prefix).map_err(|error| TransportError::Frame(error.into()))?;
        // Fresh pages are ten times slower than the AEAD: the buffer stays. Where it is too small it is wiped, not moved.
        if self.buffer.capacity() < length {
            self.buffer = Zeroizing::new(Vec::with_capacity(length));
        }
        self.buffer.resize(length, 0);
        self.host.read_exact(&mut self.buffer)?;
        Ok(&mut self.buffer)
    }

    /// Forgets the last frame, which may have been decrypted where it lay.
    pub(crate) fn wipe(&mut self) {
        self.buffer.zeroize();
    }

    /// Sends one message.
    pub(crate) fn send(&mut self, message: &Outgoing) -> Result<(), TransportError> {
        let frame = message.encode().map_err(|error| TransportError::Frame(error.into()))?;
        self.host.write_all(&frame)?;
        Ok(())
    }
}
