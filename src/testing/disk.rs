//! A disk that dies after so many operations, and what is left on it then: of what was not synced all, a part or nothing.

use redb::StorageBackend;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

/// A disk that dies after so many operations.
#[derive(Debug, Clone)]
pub(crate) struct Disk(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// What the system shows while it runs.
    shown: Vec<u8>,
    /// What was synced.
    durable: Vec<u8>,
    /// What was written since.
    pending: Vec<Operation>,
    operations_left: usize,
    operations: usize,
}

#[derive(Debug, Clone)]
enum Operation {
    Write(usize, Vec<u8>),
    Length(usize),
}

impl Operation {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Length(length) => bytes.resize(*length, 0),
            Self::Write(offset, data) => {
                if bytes.len() < offset + data.len() {
                    bytes.resize(offset + data.len(), 0);
                }
                bytes[*offset..offset + data.len()].copy_from_slice(data);
            }
        }
    }
}

impl Disk {
    /// A disk with these bytes, which dies after so many operations.
    pub(crate) fn new(durable: Vec<u8>, operations_left: usize) -> Self {
        let shown = durable.clone();
        Self(Arc::new(Mutex::new(State { shown, durable, pending: Vec::new(), operations_left, operations: 0 })))
    }

    /// What was synced.
    pub(crate) fn durable(&self) -> Vec<u8> {
        self.state().durable.clone()
    }

    /// How many operations there were.
    pub(crate) fn operations(&self) -> usize {
        self.state().operations
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    fn act(&self) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.state();
        if state.operations_left == 0 {
            return Err(io::Error::other("killed"));
        }
        state.operations_left -= 1;
        state.operations += 1;
        Ok(state)
    }

    fn change(&self, operation: Operation) -> io::Result<()> {
        let mut state = self.act()?;
        operation.apply(&mut state.shown);
        state.pending.push(operation);
        Ok(())
    }

    /// What is on the disk after the crash: of each operation that was not synced, `fate` says how much.
    pub(crate) fn after_crash(&self, mut fate: impl FnMut() -> u64) -> Vec<u8> {
        let state = self.state();
        let mut bytes = state.durable.clone();
        for operation in &state.pending {
            match (fate() % 3, operation) {
                (0, _) => {}
                (1, Operation::Write(offset, data)) => {
                    let length = usize::try_from(fate()).unwrap_or(0) % (data.len() + 1);
                    Operation::Write(*offset, data[..length].to_vec()).apply(&mut bytes);
                }
                (_, operation) => operation.apply(&mut bytes),
            }
        }
        bytes
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(u64::try_from(self.state().shown.len()).unwrap())
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let offset = usize::try_from(offset).unwrap();
        let state = self.state();
        let bytes = state.shown.get(offset..offset + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(bytes);
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.change(Operation::Length(usize::try_from(length).unwrap()))
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.act()?;
        state.durable = state.shown.clone();
        state.pending.clear();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.change(Operation::Write(usize::try_from(offset).unwrap(), data.to_vec()))
    }
}
