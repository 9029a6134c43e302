//! A host in memory: blobs, pointers, logs and the way to the witnesses. It can fail at any one of its steps.

use core::cell::RefCell;
use sealroom_enclave_core::sealed::{Behind, Blobs, Extension, Pointer, Tail, Unavailable, WitnessLog};
use sealroom_protocol::id::{ObjectId, StoreId};
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::witnesses::TestWitness;

/// How one step of the host fails. The caller gets no answer each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing happens.
    Fail,
    /// Half of it is written, where the medium writes in parts.
    Tear,
    /// It happens.
    LoseAnswer,
}

/// A leaf, and the signature over the checkpoint that ends with it.
pub(crate) type SignedLeaf = (Vec<u8>, [u8; 64]);

/// All that the host has. Cloning it is a backup of its disk (witnesses are elsewhere, and stay as they are).
#[derive(Debug, Clone, Default)]
pub(crate) struct Disk {
    pub(crate) blobs: BTreeMap<ObjectId, Vec<u8>>,
    pub(crate) pointers: BTreeMap<StoreId, Vec<u8>>,
    pub(crate) logs: BTreeMap<String, Vec<SignedLeaf>>,
}

#[derive(Debug, Default)]
pub(crate) struct Inner {
    pub(crate) disk: Disk,
    pub(crate) witnesses: Vec<TestWitness>,
    pub(crate) steps: usize,
    pub(crate) fault: Option<(usize, Fault)>,
}

/// A handle on the host, which blobs, pointers and logs share.
#[derive(Debug, Clone, Default)]
pub(crate) struct Host(pub(crate) Rc<RefCell<Inner>>);

impl Inner {
    /// Counts one step, and says what happens at it.
    fn step(&mut self) -> Option<Fault> {
        let here = self.steps;
        self.steps += 1;
        self.fault.filter(|(at, _)| *at == here).map(|(_, fault)| fault)
    }
}

impl Host {
    /// Steps so far.
    pub(crate) fn steps(&self) -> usize {
        self.0.borrow().steps
    }

    pub(crate) fn disk(&self) -> Disk {
        self.0.borrow().disk.clone()
    }

    pub(crate) fn restore_disk(&self, disk: Disk) {
        self.0.borrow_mut().disk = disk;
    }
}

impl Blobs for Host {
    fn put(&mut self, name: &ObjectId, bytes: &[u8]) -> Result<(), Unavailable> {
        let mut inner = self.0.borrow_mut();
        let fault = inner.step();
        match fault {
            Some(Fault::Fail) => return Err(Unavailable),
            Some(Fault::Tear) => inner.disk.blobs.insert(*name, bytes[..bytes.len() / 2].to_vec()),
            Some(Fault::LoseAnswer) | None => inner.disk.blobs.insert(*name, bytes.to_vec()),
        };
        fault.map_or(Ok(()), |_| Err(Unavailable))
    }

    fn get(&mut self, name: &ObjectId) -> Result<Option<Vec<u8>>, Unavailable> {
        let mut inner = self.0.borrow_mut();
        match inner.step() {
            Some(_) => Err(Unavailable),
            None => Ok(inner.disk.blobs.get(name).cloned()),
        }
    }
}

impl Pointer for Host {
    fn read(&mut self, store: &StoreId) -> Result<Option<Vec<u8>>, Unavailable> {
        let mut inner = self.0.borrow_mut();
        match inner.step() {
            Some(_) => Err(Unavailable),
            None => Ok(inner.disk.pointers.get(store).cloned()),
        }
    }

    fn write(&mut self, store: &StoreId, record: &[u8; 40]) -> Result<(), Unavailable> {
        let mut inner = self.0.borrow_mut();
        let fault = inner.step();
        // A rename is whole or does not happen.
        if !matches!(fault, Some(Fault::Fail | Fault::Tear)) {
            inner.disk.pointers.insert(*store, record.to_vec());
        }
        fault.map_or(Ok(()), |_| Err(Unavailable))
    }
}

impl WitnessLog for Host {
    fn tail(&mut self, origin: &str) -> Result<Option<Tail>, Unavailable> {
        let mut inner = self.0.borrow_mut();
        if inner.step().is_some() {
            return Err(Unavailable);
        }
        let Some(log) = inner.disk.logs.get(origin).filter(|log| !log.is_empty()) else { return Ok(None) };
        let (leaves, last) = log.split_at(log.len() - 1);
        let leaves: Vec<&[u8]> = leaves.iter().map(|(leaf, _)| leaf.as_slice()).collect();
        let size = u64::try_from(leaves.len()).unwrap();
        let (leaf, signature) = last[0].clone();
        Ok(Some(Tail { size, peaks: crate::witnesses::peaks(&leaves), leaf, signature }))
    }

    fn extend(&mut self, extension: &Extension<'_>) -> Result<Result<Vec<String>, Behind>, Unavailable> {
        let mut inner = self.0.borrow_mut();
        let log = inner.disk.logs.entry(extension.origin.into()).or_default();
        if log.len() + 1 != usize::try_from(extension.size).unwrap() {
            return Ok(Err(Behind));
        }
        // The leaf is written down before any witness hears of it; a torn one is cut off when the log is opened again.
        let fault = inner.step();
        if !matches!(fault, Some(Fault::Fail | Fault::Tear)) {
            let leaf = (extension.leaf.to_vec(), *extension.signature);
            inner.disk.logs.entry(extension.origin.into()).or_default().push(leaf);
        }
        if fault.is_some() {
            return Err(Unavailable);
        }
        let log = inner.disk.logs[extension.origin].clone();
        let leaves: Vec<&[u8]> = log.iter().map(|(leaf, _)| leaf.as_slice()).collect();
        let mut lines = Vec::new();
        for index in 0..inner.witnesses.len() {
            let fault = inner.step();
            if fault.is_none() || fault == Some(Fault::LoseAnswer) {
                lines.extend(inner.witnesses[index].cosign(extension.origin, extension.note, &leaves));
            }
            if fault.is_some() {
                return Err(Unavailable);
            }
        }
        Ok(Ok(lines))
    }
}
