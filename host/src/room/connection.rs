//! Frames between host and enclave, on one socket.
//!
//! What always holds: a frame's length is checked before memory is taken for it; writing never waits longer than the
//! answer timeout; while the host writes, what the enclave writes is still taken, so neither waits for the other; and
//! what the enclave said before it went is heard, its last receipt too.

use super::Ended;
use core::time::Duration;
use sealroom_protocol::message::{self, EnclaveMessage, HostMessage, PREFIX_LENGTH};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Messages that are read ahead.
const AHEAD: usize = 4;

/// The host's end.
#[derive(Debug)]
pub(super) struct Connection {
    writer: OwnedWriteHalf,
    incoming: mpsc::Receiver<Result<EnclaveMessage, Ended>>,
    reader: JoinHandle<()>,
    answer_timeout_s: u64,
}

impl Connection {
    pub(super) fn new(socket: UnixStream, answer_timeout_s: u64) -> Self {
        let (reader, writer) = socket.into_split();
        let (sender, incoming) = mpsc::channel(AHEAD);
        let reader = tokio::spawn(read_all(reader, sender));
        Self { writer, incoming, reader, answer_timeout_s }
    }

    /// Sends one message. Where the enclave is gone this is no error: it may have said something before, which is received
    /// first, and then that it is gone.
    pub(super) async fn send(&mut self, message: &HostMessage) -> Result<(), Ended> {
        let frame = message::encode(message).map_err(|error| Ended::enclave(format!("a message to it: {error}")))?;
        let seconds = self.answer_timeout_s;
        match tokio::time::timeout(Duration::from_secs(seconds), self.writer.write_all(&frame)).await {
            Err(_) => Err(Ended::Timeout { what: "take a message", seconds }),
            Ok(Ok(()) | Err(_)) => Ok(()),
        }
    }

    /// The next message, however long it takes. Safe to cancel.
    pub(super) async fn receive(&mut self) -> Result<EnclaveMessage, Ended> {
        self.incoming.recv().await.unwrap_or_else(|| Err(closed()))
    }

    /// The answer to a message that was sent.
    pub(super) async fn answer(&mut self) -> Result<EnclaveMessage, Ended> {
        let seconds = self.answer_timeout_s;
        match tokio::time::timeout(Duration::from_secs(seconds), self.receive()).await {
            Err(_) => Err(Ended::Timeout { what: "answer", seconds }),
            Ok(answer) => answer,
        }
    }

    /// Sends a message and waits for its answer.
    pub(super) async fn exchange(&mut self, message: &HostMessage) -> Result<EnclaveMessage, Ended> {
        self.send(message).await?;
        self.answer().await
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

fn closed() -> Ended {
    Ended::enclave("the enclave ended")
}

async fn read_all(mut socket: OwnedReadHalf, sender: mpsc::Sender<Result<EnclaveMessage, Ended>>) {
    loop {
        let message = read_one(&mut socket).await;
        let last = message.is_err();
        if sender.send(message).await.is_err() || last {
            return;
        }
    }
}

async fn read_one(socket: &mut OwnedReadHalf) -> Result<EnclaveMessage, Ended> {
    let mut prefix = [0; PREFIX_LENGTH];
    socket.read_exact(&mut prefix).await.map_err(|_| closed())?;
    let broken = |error: message::FrameError| Ended::enclave(format!("the enclave broke the message format: {error}"));
    let length = message::body_length(prefix).map_err(broken)?;
    // Grows with what arrives, so an announced length alone costs nothing.
    let mut body = Vec::with_capacity(length.min(1 << 16));
    let limit = u64::try_from(length).unwrap_or(u64::MAX);
    let read = (&mut *socket).take(limit).read_to_end(&mut body).await.map_err(|_| closed())?;
    if read < length {
        return Err(Ended::enclave("the enclave ended inside a message"));
    }
    message::decode(&body).map_err(broken)
}
