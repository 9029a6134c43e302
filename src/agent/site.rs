//! What all contracts of one agent share: the party's keys, its memory, what a person decided, the log.

use super::decisions::Decisions;
use crate::identity::Identity;
use crate::memory::Memory;
use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering};
use sealroom_protocol::contract::Contract;
use sealroom_protocol::id::ContractId;
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Where a line of the log goes.
pub(super) type Log = Box<dyn Fn(&str) + Send + Sync>;

/// The shared part.
pub(super) struct Site {
    pub(super) identity: Identity,
    pub(super) memory: Memory,
    pub(super) decisions: Decisions,
    log: Log,
    stopping: AtomicBool,
    /// First versions of the contracts that are served.
    served: Mutex<BTreeSet<ContractId>>,
    /// Held while a refusal, or a grant after the last look for one, is written.
    deciding: Mutex<()>,
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site").field("party", &self.identity.name()).finish_non_exhaustive()
    }
}

impl Site {
    pub(super) fn new(identity: Identity, memory: Memory, decisions: Decisions, log: Log) -> Self {
        Self {
            identity,
            memory,
            decisions,
            log,
            stopping: AtomicBool::new(false),
            served: Mutex::default(),
            deciding: Mutex::default(),
        }
    }

    /// One line about a contract. No line has data of a party: names, numbers, ids and refusals alone.
    pub(super) fn log(&self, contract: &Contract, what: &str) {
        let id = contract.id().to_string();
        let line = format!("{} {} {what}", contract.terms().name, id.get(..8).unwrap_or_default());
        (self.log)(&crate::client::printable(&line));
    }

    /// One line about something that is no contract, or none yet.
    pub(super) fn note(&self, what: &str) {
        (self.log)(&crate::client::printable(what));
    }

    /// Takes a contract to serve. False where another part of this agent serves it, in whatever version.
    pub(super) fn claim(&self, contract: &Contract) -> bool {
        self.served.lock().unwrap_or_else(PoisonError::into_inner).insert(contract.first_version())
    }

    /// Whoever holds it decides alone: nobody else refuses or grants.
    pub(super) fn deciding(&self) -> MutexGuard<'_, ()> {
        self.deciding.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }
}
