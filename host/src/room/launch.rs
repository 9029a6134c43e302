//! Starts an enclave as `docs/platforms/simulated.md` says: a process with a socket as its stdin, one JSON line on its
//! stdout, its log on stderr.
//!
//! What always holds: the process is killed when its [`Peer`] is dropped; what it says is bounded and only shown.

use crate::config::{Limits, PlatformConfig};
use crate::refusal::Refusal;
use core::time::Duration;
use serde::Deserialize;
use std::collections::VecDeque;
use std::os::fd::OwnedFd;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::net::UnixStream;
use tokio::process::{Child, ChildStdout, Command};

/// Lines of an enclave's log that are kept, the last ones.
const LOG_LINES: usize = 64;
/// Bytes of a line that are kept.
const LINE_LIMIT: usize = 512;
/// Bytes of the launcher's one line.
const ANSWER_LIMIT: u64 = 4096;

/// What the launcher says when the enclave has started. Claims of this host.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Started {
    /// What was measured, hexadecimal digits.
    pub(crate) measurement: String,
    /// The process.
    pub(crate) pid: u32,
    /// Fingerprint of the platform's root.
    pub(crate) anchor: String,
}

/// A started enclave: its socket, and what keeps it alive.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) socket: UnixStream,
    pub(crate) started: Started,
    pub(crate) log: Log,
    /// None where a test plays the enclave on the socket's other end.
    pub(crate) process: Option<Process>,
}

/// The launcher's process, killed on drop.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    // The launcher keeps this open until it ends; dropping it could end it with SIGPIPE.
    _stdout: BufReader<ChildStdout>,
}

/// The last lines of an enclave's log.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log(Arc<Mutex<VecDeque<String>>>);

impl Log {
    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    fn push(&self, line: String) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() >= LOG_LINES {
            drop(lines.pop_front());
        }
        lines.push_back(line);
    }

    /// Keeps lines until the stream ends. A longer line is kept in pieces, so its length costs no memory.
    async fn follow(self, stream: impl AsyncRead + Unpin) {
        let mut reader = BufReader::new(stream);
        let mut line = Vec::new();
        loop {
            line.clear();
            let limit = u64::try_from(LINE_LIMIT).unwrap_or(u64::MAX);
            match (&mut reader).take(limit).read_until(b'\n', &mut line).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {
                    let text: String =
                        String::from_utf8_lossy(&line).chars().filter(|letter| !letter.is_control()).collect();
                    if !text.is_empty() {
                        self.push(text);
                    }
                }
            }
        }
    }
}

impl Process {
    /// Waits a moment for the process to end by itself, then kills it. Says how it ended.
    pub(crate) async fn end(&mut self, patience: Duration) -> String {
        if let Ok(Ok(status)) = tokio::time::timeout(patience, self.child.wait()).await {
            return status.to_string();
        }
        // Errors mean that it is gone already.
        drop(self.child.kill().await);
        "killed".into()
    }
}

/// Starts an enclave.
///
/// # Errors
/// [`Refusal::RoomStart`] saying what the launcher did.
pub(crate) async fn launch(platform: &PlatformConfig, limits: &Limits) -> Result<Peer, Refusal> {
    let failed = |reason: String| Refusal::RoomStart { reason };
    let (ours, theirs) = UnixStream::pair().map_err(|error| failed(format!("no socket: {error}")))?;
    let theirs = theirs.into_std().map_err(|error| failed(format!("no socket: {error}")))?;
    // The enclave's end blocks: it has one thread and nothing else to do.
    theirs.set_nonblocking(false).map_err(|error| failed(format!("no socket: {error}")))?;
    let mut child = Command::new(&platform.launcher)
        .arg("run")
        .arg("--state")
        .arg(&platform.state)
        .arg("--image")
        .arg(&platform.image)
        .env_clear()
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| failed(format!("the launcher does not start: {error}")))?;
    let log = Log::default();
    let following = child.stderr.take().map(|stderr| tokio::spawn(log.clone().follow(stderr)));
    let stdout = child.stdout.take().ok_or_else(|| failed("the launcher has no output".into()))?;
    let mut stdout = BufReader::new(stdout);
    let mut line = Vec::new();
    let patience = Duration::from_secs(limits.start_timeout_s);
    let read = tokio::time::timeout(patience, (&mut stdout).take(ANSWER_LIMIT).read_until(b'\n', &mut line)).await;
    let mut process = Process { child, _stdout: stdout };
    let reason = match read {
        Err(_) => format!("the launcher said nothing within {} seconds", limits.start_timeout_s),
        Ok(Err(error)) => format!("the launcher's output: {error}"),
        Ok(Ok(_)) => match serde_json::from_slice::<Started>(&line) {
            Ok(started) => return Ok(Peer { socket: ours, started, log, process: Some(process) }),
            Err(_) => {
                let status = process.end(Duration::from_secs(2)).await;
                // What it said last may still be on the way.
                if let Some(following) = following {
                    drop(tokio::time::timeout(Duration::from_secs(1), following).await);
                }
                let last = log.lines().pop().unwrap_or_default();
                format!("the launcher ended ({status}): {last}")
            }
        },
    };
    drop(process.end(Duration::ZERO).await);
    Err(failed(reason))
}
