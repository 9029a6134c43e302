//! What the parties do about versions of their contract, and beside the runs.

use crate::host::HostProcess;
use crate::parties::{Parties, Told, sign};
use sealroom::{
    AppraisedRoom, Contract, HostError, LogDemand, MemoryError, ReviewError, Stricter, VerifiedLog, now, random,
};
use sealroom_attestation::Challenge;
use sealroom_protocol::contract::{SignedContract, Terms, write};
use sealroom_protocol::run::SignedReceipt;
use std::path::PathBuf;

impl Parties {
    /// The next version, as this party's memory drafts it, signed by all; nobody holds it yet.
    pub(crate) fn amendment(&self, drafter: &str, runs: u64) -> SignedContract {
        self.amendment_of(&self.contract, drafter, runs)
    }

    /// The same, with its terms changed.
    pub(crate) fn amendment_with(&self, drafter: &str, change: impl FnOnce(&mut Terms)) -> SignedContract {
        let mut terms = self.amendment(drafter, self.contract.terms().limits.runs).contract().terms().clone();
        change(&mut terms);
        sign(&self.sites, &Contract::parse(write(&terms).as_bytes()).unwrap())
    }

    /// The same, of a version that came too late for its drafter.
    pub(crate) fn amendment_of(&self, before: &Contract, drafter: &str, runs: u64) -> SignedContract {
        let mut terms = before.terms().clone();
        rand_core::Rng::fill_bytes(&mut random(), &mut terms.random);
        terms.limits.runs = runs;
        terms.amends = Some(self.site(drafter).1.draft_amendment(before).unwrap());
        sign(&self.sites, &Contract::parse(write(&terms).as_bytes()).unwrap())
    }

    /// A party puts a contract into its memory.
    pub(crate) fn hold(&self, name: &str, signed: &SignedContract) -> Result<(), MemoryError> {
        self.site(name).1.remember_contract(signed)
    }

    /// From here on all is played under this contract.
    pub(crate) fn go_over_to(&mut self, signed: SignedContract) {
        self.contract = signed.contract().clone();
        self.signed = signed;
    }

    /// What keeps a party from granting the proposal of this room.
    pub(crate) fn refusal(&self, host: &HostProcess, told: &Told, name: &str) -> ReviewError {
        let (identity, memory) = self.site(name);
        let room = self.room(host, told);
        let appraised = self.appraise(host, told, name, &self.contract).unwrap();
        let proposal = room.proposal().unwrap().unwrap();
        let request = room.fetch_request(&proposal).unwrap();
        appraised.review(proposal.brought(request.as_ref()), identity, memory, now()).unwrap_err()
    }

    /// A party appraises a room as one of this contract.
    pub(crate) fn appraise(
        &self,
        host: &HostProcess,
        told: &Told,
        name: &str,
        contract: &Contract,
    ) -> Result<AppraisedRoom, HostError> {
        let mut bytes = [0; 32];
        rand_core::Rng::fill_bytes(&mut random(), &mut bytes);
        let challenge = Challenge::from_random(bytes);
        self.room(host, told).appraise(contract, &self.site(name).0, challenge, &Stricter::as_signed(), now())
    }

    /// Writes a party's key file, for a process of its own.
    pub(crate) fn key_file(&self, name: &str) -> PathBuf {
        let path = self.file(&format!("{name}.key"));
        self.site(name).0.save(&path, None, &mut random()).unwrap();
        path
    }

    /// The host gives the proposal up.
    pub(crate) fn abandon(&self, host: &HostProcess, told: &Told) -> SignedReceipt {
        self.room(host, told).abandon(&self.site("institute").0).unwrap().unwrap()
    }

    /// The host's log of this contract, verified.
    pub(crate) fn log(&self, host: &HostProcess) -> VerifiedLog {
        let log = self.host(host).log(&self.signed).unwrap();
        log.verify(&LogDemand::of(&self.contract), None).unwrap()
    }
}
