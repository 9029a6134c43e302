//! The honest party: its site, and the code that acts there.
//!
//! What always holds: [`SdkClient`] is exactly what the SDK does, in the order in which its front page says it. Another
//! [`Client`] may stand in its place: an agent of your own, or one with a fault that the kit must find.

use crate::disk::Disk;
use crate::refused::Refused;
use core::fmt::Debug;
use rand_chacha::ChaCha20Rng;
use sealroom::{
    AppraisedRoom, BroughtProposal, Contract, GrantState, GrantTimes, Granted, Identity, Memory, SignedContract,
    SignedGrant, SignedReceipt,
};
use std::sync::Arc;

/// One party's keys and memory.
#[derive(Debug)]
#[non_exhaustive]
pub struct Site<'k> {
    /// Its keys.
    pub identity: &'k Identity,
    /// The contract that all signed: the version that what it is shown is of.
    pub contract: Arc<Contract>,
    /// Its randomness, which no restored memory sets back.
    pub rng: ChaCha20Rng,
    disk: Disk,
    memory: Option<Memory>,
}

impl<'k> Site<'k> {
    pub(crate) fn new(identity: &'k Identity, contract: Arc<Contract>, memory: Vec<u8>, rng: ChaCha20Rng) -> Self {
        let mut site = Self { identity, contract, rng, disk: Disk::new(Vec::new()), memory: None };
        site.put(memory);
        site
    }

    /// Its memory.
    ///
    /// # Panics
    /// Never outside of [`put`](Self::put).
    #[must_use]
    pub const fn memory(&self) -> &Memory {
        self.memory.as_ref().unwrap()
    }

    /// The disk that its memory is on.
    #[must_use]
    pub const fn disk(&self) -> &Disk {
        &self.disk
    }

    /// The bytes of its memory, closed in good order, and opened again.
    #[must_use]
    pub fn bytes(&mut self) -> Vec<u8> {
        self.memory = None;
        let bytes = self.disk.durable();
        self.put(bytes.clone());
        bytes
    }

    /// Starts its process on a disk with these bytes.
    ///
    /// # Panics
    /// Where they are no memory of this party.
    pub fn put(&mut self, bytes: Vec<u8>) {
        self.memory = None;
        self.disk = Disk::new(bytes);
        self.memory = Some(Memory::open_on(self.disk.clone(), &self.identity.signing().public()).unwrap());
    }
}

/// What the host shows a party that is to grant.
#[derive(Debug)]
#[non_exhaustive]
pub struct Brought<'a> {
    /// The room, which the party appraised.
    pub room: &'a AppraisedRoom,
    /// The proposal, with its request.
    pub proposal: BroughtProposal<'a>,
    /// The party's clock, and how long its grant holds.
    pub times: GrantTimes,
}

impl<'a> Brought<'a> {
    pub(crate) const fn new(room: &'a AppraisedRoom, proposal: BroughtProposal<'a>, times: GrantTimes) -> Self {
        Self { room, proposal, times }
    }
}

/// The code that acts at a party's site.
pub trait Client: Debug {
    /// Reviews what is brought, and grants it. What it returns is at the host from that moment.
    ///
    /// # Errors
    /// [`Refused`]: nothing left the site.
    fn grant(&mut self, site: &mut Site<'_>, brought: &Brought<'_>) -> Result<Granted, Refused>;

    /// Takes a receipt.
    ///
    /// # Errors
    /// [`Refused`].
    fn settle(&mut self, site: &mut Site<'_>, receipt: &SignedReceipt) -> Result<(), Refused>;

    /// Takes a grant of any party that it is shown.
    ///
    /// # Errors
    /// [`Refused`].
    fn recognise(&mut self, site: &mut Site<'_>, grant: &SignedGrant) -> Result<(), Refused>;

    /// Signs an amendment, if its memory takes it.
    ///
    /// # Errors
    /// [`Refused`]: nothing was signed.
    fn sign(&mut self, site: &mut Site<'_>, contract: &Contract) -> Result<(), Refused> {
        let checked = site.memory().check_amendment(contract);
        checked.map_err(|error| Refused::in_words(error.check(), &error))
    }

    /// Takes an amendment that all signed.
    ///
    /// # Errors
    /// [`Refused`].
    fn take(&mut self, site: &mut Site<'_>, signed: &SignedContract) -> Result<(), Refused> {
        site.memory().remember_contract(signed).map_err(|error| Refused::in_words(error.check(), &error))
    }

    /// The newest grant that awaits a receipt, to send it again.
    fn resend(&mut self, site: &mut Site<'_>) -> Option<Granted> {
        let state = site.memory().state(&site.contract).ok()?;
        state.grants.iter().rfind(|record| record.state == GrantState::Open).map(Granted::of)
    }

    /// Says that its memory was restored from a backup.
    ///
    /// # Errors
    /// [`Refused`].
    fn declare_restored(&mut self, site: &mut Site<'_>) -> Result<(), Refused> {
        site.memory().declare_restored().map_err(|error| Refused::in_words(error.check(), &error))
    }

    /// The process was killed: what is not in its memory is gone.
    fn killed(&mut self);
}

/// The SDK.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "a name for code without state")]
pub struct SdkClient;

impl Client for SdkClient {
    fn grant(&mut self, site: &mut Site<'_>, brought: &Brought<'_>) -> Result<Granted, Refused> {
        let Site { identity, memory, rng, .. } = site;
        let memory = memory.as_ref().unwrap();
        let reviewed = brought.room.review(brought.proposal, identity, memory, brought.times.clock);
        let reviewed = reviewed.map_err(|error| Refused::in_words(error.check(), &error))?;
        let granted = reviewed.grant(identity, memory, brought.times, rng);
        granted.map_err(|error| Refused::in_words(error.check(), &error))
    }

    fn settle(&mut self, site: &mut Site<'_>, receipt: &SignedReceipt) -> Result<(), Refused> {
        let settled = site.memory().settle(&site.contract, receipt);
        settled.map(|_| ()).map_err(|error| Refused::in_words(error.check(), &error))
    }

    fn recognise(&mut self, site: &mut Site<'_>, grant: &SignedGrant) -> Result<(), Refused> {
        let recognised = site.memory().recognise(&site.contract, grant);
        recognised.map_err(|error| Refused::in_words(error.check(), &error))
    }

    fn killed(&mut self) {}
}
