//! The storage of a party's memory: it can be killed at any write, copied, and put back to an older copy.
//!
//! What always holds: what was synced survives; of what was not, a crash leaves all, a part or nothing, as `fate` says. The
//! SDK's own tests cannot link this crate, which is above it, and have a disk of their own (`src/testing/disk.rs`).

use sealroom::StorageBackend;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

/// See the top of this file. Clones are the same disk.
#[derive(Debug, Clone)]
pub struct Disk(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// What the system shows while it runs.
    shown: Vec<u8>,
    /// What was synced.
    durable: Vec<u8>,
    /// What was written since.
    pending: Vec<Operation>,
    /// Operations until it dies, where it is to die.
    left: Option<u64>,
    operations: u64,
}

#[derive(Debug)]
enum Operation {
    Write(usize, Vec<u8>),
    Length(usize),
}

impl Operation {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Length(length) => bytes.resize(*length, 0),
            Self::Write(offset, data) => {
                let end = offset.saturating_add(data.len());
                if bytes.len() < end {
                    bytes.resize(end, 0);
                }
                if let Some(place) = bytes.get_mut(*offset..end) {
                    place.copy_from_slice(data);
                }
            }
        }
    }
}

impl Disk {
    /// A disk with these bytes, all of them synced.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        let state = State { shown: bytes.clone(), durable: bytes, pending: Vec::new(), left: None, operations: 0 };
        Self(Arc::new(Mutex::new(state)))
    }

    /// A copy of what was synced.
    #[must_use]
    pub fn durable(&self) -> Vec<u8> {
        self.state().durable.clone()
    }

    /// How many writes, syncs and changes of length there were.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.state().operations
    }

    /// Lets the process be killed after so many more of them; `None` lets it live.
    pub fn kill_after(&self, operations: Option<u64>) {
        self.state().left = operations;
    }

    /// Whether it died.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        self.state().left == Some(0)
    }

    /// What is on the disk after a crash: of each operation that was not synced, `fate` says how much.
    #[must_use]
    pub fn after_crash(&self, mut fate: impl FnMut() -> u32) -> Vec<u8> {
        let state = self.state();
        let mut bytes = state.durable.clone();
        for operation in &state.pending {
            match (fate() % 3, operation) {
                (0, _) => {}
                (1, Operation::Write(offset, data)) => {
                    let length = usize::try_from(fate()).unwrap_or(0) % data.len().saturating_add(1);
                    Operation::Write(*offset, data.iter().take(length).copied().collect()).apply(&mut bytes);
                }
                (_, operation) => operation.apply(&mut bytes),
            }
        }
        bytes
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    fn act(&self) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.state();
        if state.left == Some(0) {
            return Err(io::Error::other("killed"));
        }
        state.left = state.left.map(|left| left.saturating_sub(1));
        state.operations = state.operations.saturating_add(1);
        Ok(state)
    }

    fn change(&self, operation: Operation) -> io::Result<()> {
        let mut state = self.act()?;
        operation.apply(&mut state.shown);
        state.pending.push(operation);
        Ok(())
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        u64::try_from(self.state().shown.len()).map_err(io::Error::other)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let offset = usize::try_from(offset).map_err(io::Error::other)?;
        let state = self.state();
        let bytes = state.shown.get(offset..offset.saturating_add(out.len())).ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(bytes);
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.change(Operation::Length(usize::try_from(length).map_err(io::Error::other)?))
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.act()?;
        let State { durable, pending, .. } = &mut *state;
        pending.drain(..).for_each(|operation| operation.apply(durable));
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.change(Operation::Write(usize::try_from(offset).map_err(io::Error::other)?, data.to_vec()))
    }
}
