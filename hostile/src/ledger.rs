//! What must hold for the honest party, kept beside everyone: no step can change what stands here.
//!
//! What always holds: a run is of this party only if the grant of its proposal left this party's hands. Runs of the real image
//! never exceed the limit, unless its own memory was rolled back; and once that memory was shown what it forgot, nothing more is
//! granted.

use crate::step::Step;
use sealroom::{Contract, ContractState, GrantState, SignedGrant};
use sealroom_protocol::id::{ContractId, ProposalId};
use std::collections::{BTreeMap, BTreeSet};

/// What was broken, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation(pub(crate) String);

pub(crate) type Played = Result<(), Violation>;

/// See the top of this file.
#[derive(Debug)]
pub(crate) struct Ledger {
    pub(crate) honest: String,
    limit: u64,
    /// Grants that left the party's hands.
    handed_out: BTreeMap<ProposalId, SignedGrant>,
    /// Proposals whose runs ended, by the real image's word.
    complete: BTreeSet<ProposalId>,
    void: BTreeSet<ProposalId>,
    /// Proposals in whose runs a byte of the party's data was decrypted.
    decrypted: BTreeSet<ProposalId>,
    /// Grants that its memory forgot when it was rolled back.
    forgotten: Vec<SignedGrant>,
    rolled_back: bool,
    /// It was shown one of them, or told.
    warned: bool,
    /// Void receipts that the thief made up: each may give a run back that ended as complete.
    lies: u64,
}

fn broken(holds: bool, what: impl FnOnce() -> String) -> Played {
    if holds { Ok(()) } else { Err(Violation(what())) }
}

impl Ledger {
    pub(crate) fn new(contract: &Contract, honest: &str) -> Self {
        Self {
            honest: honest.into(),
            limit: contract.terms().limits.runs,
            handed_out: BTreeMap::new(),
            complete: BTreeSet::new(),
            void: BTreeSet::new(),
            decrypted: BTreeSet::new(),
            forgotten: Vec::new(),
            rolled_back: false,
            warned: false,
            lies: 0,
        }
    }

    /// A grant left the party's hands; `in_force` is the version that its memory says is.
    pub(crate) fn granted(&mut self, grant: &SignedGrant, in_force: ContractId, again: bool) -> Played {
        let (party, run) = (&self.honest, grant.allegation().run);
        let proposal = grant.allegation().proposal;
        broken(again || grant.allegation().contract == in_force, || {
            format!("{party} granted run {run} under a version that is not in force")
        })?;
        broken(again || !self.warned, || {
            format!("{party} granted run {run} though it knows that its memory was rolled back")
        })?;
        let other = self
            .handed_out
            .values()
            .find(|known| known.allegation().run == run && known.allegation().proposal != proposal);
        broken(self.rolled_back || other.is_none(), || format!("{party} granted run {run} to two proposals"))?;
        self.handed_out.insert(proposal, grant.clone());
        Ok(())
    }

    /// A byte of the party's data was decrypted in the run of this proposal.
    pub(crate) fn decrypted(&mut self, proposal: Option<ProposalId>) -> Played {
        let granted = proposal.filter(|proposal| self.handed_out.contains_key(proposal));
        let party = &self.honest;
        let Some(proposal) = granted else {
            return Err(Violation(format!("data of {party} was decrypted in a run that it did not grant")));
        };
        self.decrypted.insert(proposal);
        broken(!self.void.contains(&proposal), || format!("data of {party} was decrypted after a void receipt"))
    }

    /// A receipt that anyone can verify says that this proposal's run is complete.
    pub(crate) fn believed(&self, proposal: &ProposalId) -> Played {
        let party = &self.honest;
        broken(self.handed_out.contains_key(proposal), || {
            format!("a complete receipt verifies of a run that {party} did not grant")
        })
    }

    /// The real image signed a receipt; `released` says whether anything left with it.
    pub(crate) fn ended(&mut self, proposal: ProposalId, complete: bool, released: bool) -> Played {
        let party = &self.honest;
        if complete {
            self.believed(&proposal)?;
            broken(!self.void.contains(&proposal), || "a run that was given back ended as complete".into())?;
            broken(self.complete.insert(proposal), || "one proposal ran twice".into())?;
            let (runs, limit) = (u64::try_from(self.complete.len()).unwrap_or(u64::MAX), self.limit);
            return broken(self.rolled_back || runs <= limit, || {
                format!("{runs} runs are complete, and {party} allows {limit}")
            });
        }
        broken(!released, || "a result left with a void receipt".into())?;
        broken(!self.complete.contains(&proposal), || "a complete run was given back".into())?;
        broken(!self.decrypted.contains(&proposal), || {
            format!("a void receipt of a run in which data of {party} was decrypted")
        })?;
        self.void.insert(proposal);
        Ok(())
    }

    /// The memory was set back to an older copy.
    pub(crate) fn rolled_back(&mut self, state: &ContractState, declared: bool) {
        let known = |grant: &SignedGrant| state.grants.iter().any(|record| record.grant == *grant);
        let mut all: Vec<SignedGrant> = self.handed_out.values().cloned().collect();
        all.append(&mut self.forgotten);
        self.forgotten = all.into_iter().filter(|grant| !known(grant)).collect();
        self.rolled_back |= !self.forgotten.is_empty() || declared;
        // An older copy has forgotten a warning too.
        self.warned = declared || state.restored;
    }

    /// The party was shown these grants, as ones that hold.
    pub(crate) fn shown<'a>(&mut self, grants: impl IntoIterator<Item = &'a SignedGrant>) {
        let mut grants = grants.into_iter();
        self.warned |= grants.any(|grant| self.forgotten.contains(grant));
    }

    /// The thief made up a void receipt.
    pub(crate) const fn lied(&mut self) {
        self.lies = self.lies.saturating_add(1);
    }

    /// The party took an amendment: what its memory had forgotten, all others counted.
    pub(crate) const fn took(&mut self, restored: bool) {
        self.warned = restored;
    }

    /// What the memory says is what the party did. `amended`: an amendment is in force, which may count more, and never less.
    pub(crate) fn check(&self, state: &ContractState, amended: bool, step: &Step) -> Played {
        let party = &self.honest;
        let unknown = self.handed_out.values().find(|grant| {
            !self.forgotten.contains(grant) && !state.grants.iter().any(|record| record.grant == **grant)
        });
        broken(unknown.is_none(), || {
            let run = unknown.map_or(0, |grant| grant.allegation().run);
            format!("{party} handed out a grant of run {run} that its memory does not know after {step}")
        })?;
        let spent = state.grants.iter().filter(|record| record.state != GrantState::GivenBack).count();
        let spent = u64::try_from(spent).unwrap_or(u64::MAX);
        broken(spent == state.count || amended && spent < state.count, || {
            format!("{party} counts {} runs and has spent {spent}", state.count)
        })?;
        broken(state.count <= self.limit.saturating_add(self.lies), || {
            format!("{party} counts {} runs of {}", state.count, self.limit)
        })?;
        broken(self.rolled_back || !state.restored, || {
            format!("{party} believes that its memory was rolled back, and it was not: it is locked out")
        })?;
        broken(!self.warned || state.restored, || {
            format!("{party} was shown a grant that its memory forgot, and takes no notice")
        })
    }

    /// Runs that the real image completed.
    pub(crate) fn runs(&self) -> usize {
        self.complete.len()
    }
}
