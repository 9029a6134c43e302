//! Versions of the contract: hostile amendments, and whether the parties can go on under an honest one whatever was played.
//!
//! What always holds: the honest party signs what its own memory takes, and nothing else; all others sign everything.

use crate::game::{Game, Slot, pick};
use crate::host::Acted;
use crate::ledger::{Played, Violation};
use crate::refused::Refused;
use crate::step::{Amending, Chain, Evidence, Number, Objects};
use crate::world::World;
use sealroom::{Contract, ContractFile, ContractState, SignedContract, SignedReceipt};
use sealroom_protocol::contract::{Amends, CarriedCounts, CarriedHead, Terms, write};
use sealroom_protocol::id::{ContractId, ReceiptId};
use sealroom_protocol::run::Proposal;
use std::sync::Arc;

/// Most versions of a schedule.
const VERSIONS: usize = 8;

/// A contract that all parties signed.
#[derive(Debug, Clone)]
pub(crate) struct Version {
    pub(crate) contract: Arc<Contract>,
    pub(crate) envelope: Vec<u8>,
    /// None for the first, which every memory has.
    pub(crate) signed: Option<SignedContract>,
}

impl Version {
    pub(crate) fn first(world: &World) -> Self {
        Self { contract: Arc::new(world.contract.clone()), envelope: world.envelope.clone(), signed: None }
    }
}

impl Game<'_> {
    /// The contract of something that names it. All that is played names one of the versions.
    pub(crate) fn contract_of(&self, id: &ContractId) -> Arc<Contract> {
        let known = self.versions.iter().rfind(|version| version.contract.id() == *id);
        Arc::clone(&known.or(self.versions.first()).unwrap().contract)
    }

    pub(crate) fn contract_of_slot(&self, enclave: usize) -> Arc<Contract> {
        let id = self.slots.get(enclave).map(|slot: &Slot| slot.contract);
        id.map_or_else(|| self.newest_contract(), |id| self.contract_of(&id))
    }

    /// The newest text, whether the honest party holds it or not.
    pub(crate) fn newest_contract(&self) -> Arc<Contract> {
        Arc::clone(&self.versions.last().unwrap().contract)
    }

    /// The version under which the honest party grants.
    pub(crate) fn in_force(&self) -> Result<Arc<Contract>, Violation> {
        let first = self.newest_contract();
        let id = self.site.memory().in_force(&first);
        let id = id.map_err(|error| Violation(format!("the memory does not read back: {error}")))?;
        Ok(self.contract_of(&id.unwrap_or_else(|| first.first_version())))
    }

    /// How the honest party stands: under the version in force, with its grants under all of them.
    pub(crate) fn stand(&self) -> Result<ContractState, Violation> {
        let of = |contract: &Contract| {
            let state = self.site.memory().state(contract);
            state.map_err(|error| Violation(format!("the memory does not read back: {error}")))
        };
        let in_force = self.in_force()?;
        let mut state = of(&in_force)?;
        for version in self.versions.iter().filter(|version| version.contract.id() != in_force.id()) {
            state.grants.append(&mut of(&version.contract)?.grants);
        }
        Ok(state)
    }

    /// Some party drafts an amendment of a version; the honest one signs it if its memory takes it, the others always do.
    pub(crate) fn amend(&mut self, of: u8, change: Amending) -> Acted {
        let Some(before) = pick(&self.versions, of).cloned() else { return Ok(false) };
        if self.versions.len() == VERSIONS || self.world.contract.leaves_choices() {
            return Ok(false);
        }
        let terms = self.drafted(&before.contract, change)?;
        let contract = match Contract::parse(write(&terms).as_bytes()) {
            Ok(contract) => contract,
            // A number beyond the versions before is none that a contract can say.
            Err(_) if change == Amending::NoNumberLeft => return Ok(true),
            Err(error) => return Err(Violation(format!("an amendment is no contract: {error}"))),
        };
        if change == Amending::NoNumberLeft {
            return Err(Violation("an amendment leaves no run number, and is a contract".into()));
        }
        match self.client.sign(&mut self.site, &contract) {
            Ok(()) => {
                let version = complete(self.world, contract);
                self.versions.push(version);
                self.report.amended = self.report.amended.saturating_add(1);
            }
            Err(refused) => self.refused(&refused)?,
        }
        Ok(true)
    }

    /// What is drafted: by what the honest party knows, with one thing changed.
    fn drafted(&mut self, before: &Contract, change: Amending) -> Result<Terms, Violation> {
        let in_force = self.in_force()?;
        // Of a version that has ended for the honest party only others draft one: by what they know, as far as its numbers go.
        let over = in_force.version() > before.version();
        let drafted = self.site.memory().draft_amendment(if over { &in_force } else { before });
        let mut amends = drafted.map_err(|error| Violation(format!("no amendment can be drafted: {error}")))?;
        if over {
            (amends.contract, amends.version) = (before.id(), before.version().saturating_add(1));
            amends.highest_run = amends.highest_run.min(before.last_run());
            amends.head = amends.head.filter(|head| head.run <= before.last_run());
        }
        let mut random = || ReceiptId::from_bytes(self.draw_bytes());
        match change {
            Amending::Honestly => {}
            Amending::FarNumbers => amends.highest_run = before.last_run(),
            Amending::NoNumberLeft => amends.highest_run = before.last_run().saturating_add(1),
            Amending::LowerNumber => {
                amends.highest_run = amends.highest_run.saturating_sub(1).max(amends.head.map_or(0, |head| head.run));
            }
            Amending::LowerCount => lower(&mut amends, &self.ledger.honest),
            Amending::NoHead => amends.head = None,
            Amending::OtherHead => {
                let run = amends.highest_run.saturating_add(1).min(before.last_run());
                (amends.head, amends.highest_run) = (Some(CarriedHead { run, receipt: random() }), run);
            }
        }
        let mut terms = before.terms().clone();
        terms.random = self.draw_bytes();
        terms.amends = Some(amends);
        Ok(terms)
    }

    /// The honest party is shown a version that all signed.
    pub(crate) fn take(&mut self, version: u8, killed_after: Option<u8>) -> Acted {
        let Some(signed) = pick(&self.versions, version).and_then(|version| version.signed.clone()) else {
            return Ok(false);
        };
        self.kill_after(killed_after);
        let taken = self.client.take(&mut self.site, &signed);
        if self.survived(killed_after) {
            self.took(taken)?;
        }
        Ok(true)
    }

    fn took(&mut self, taken: Result<(), Refused>) -> Played {
        match taken {
            Ok(()) => {
                let restored = self.stand()?.restored;
                self.ledger.took(restored);
                Ok(())
            }
            Err(refused) => self.refused(&refused),
        }
    }

    /// Whether a version that is in force, or one that it goes on from, covers a grant under an earlier one.
    pub(crate) fn covered(&self, contract: &ContractId, run: u64, count: u64) -> Result<bool, Violation> {
        let (old, mut next) = (self.contract_of(contract), Some(self.in_force()?));
        while let Some(version) = next.filter(|version| version.version() > old.version()) {
            if version.carried_run() >= run && version.carried_count(&self.ledger.honest) >= count {
                return Ok(true);
            }
            next = version.amends().map(|amends| self.contract_of(&amends.contract));
        }
        Ok(false)
    }

    /// After all that was played, one honest amendment, signed by all, and one more run: whatever a host, a crash or a restored memory
    /// did, the honest party is not locked out for ever.
    pub(crate) fn goes_on(&mut self) -> Played {
        self.clock_error = 0;
        self.site.disk().kill_after(None);
        let before = self.in_force()?;
        let mut terms = self.drafted(&before, Amending::Honestly)?;
        // A receipt counts a run that was given back while the next was granted, so that more may be behind a party than it spent.
        let spent = terms.amends.as_ref().map_or(0, most);
        terms.limits.runs = terms.limits.runs.max(spent.saturating_add(1));
        let contract = Contract::parse(write(&terms).as_bytes());
        let contract = contract.map_err(|error| Violation(format!("the way on is no contract: {error}")))?;
        let locked = |refused: Refused| Violation(format!("the honest party is locked out for ever: {refused}"));
        self.client.sign(&mut self.site, &contract).map_err(locked)?;
        let version = complete(self.world, contract);
        let (id, signed) = (version.contract.id(), version.signed.clone().unwrap());
        self.versions.push(version);
        self.client.take(&mut self.site, &signed).map_err(locked)?;
        self.took(Ok(()))?;
        self.open_enclave()?;
        let granted = self.report.granted;
        self.propose(0, Number::Next(0), Chain::To(0), Objects::Current, 0)?;
        self.show(0, Evidence::Genuine, None)?;
        let newest = self.grants.last().map(|held| held.grant.allegation().contract);
        if self.report.granted > granted && newest == Some(id) {
            return Ok(());
        }
        let said = self.report.refusals.keys().cloned().collect::<Vec<_>>().join(", ");
        Err(Violation(format!("under an amendment that all signed no run can be granted; refused so far: {said}")))
    }

    /// Receipts of the contract that an enclave is opened under: those of other versions mean nothing to it.
    pub(crate) fn receipts_under(&self, enclave: usize) -> Vec<&SignedReceipt> {
        let id = self.contract_of_slot(enclave).id();
        self.receipts.iter().filter(|receipt| receipt.allegation().contract == id).collect()
    }

    /// The honest party's code acts under the contract that this is of.
    pub(crate) fn under(&mut self, id: &ContractId) {
        self.site.contract = self.contract_of(id);
    }

    pub(crate) fn under_proposal(&mut self, proposal: &Proposal) {
        self.under(&proposal.contract);
    }
}

/// The highest of the counts.
fn most(amends: &Amends) -> u64 {
    match &amends.counts {
        CarriedCounts::On(counts) => counts.iter().map(|count| count.runs).max().unwrap_or(0),
        CarriedCounts::Anew => 0,
    }
}

fn lower(amends: &mut Amends, party: &str) {
    if let CarriedCounts::On(counts) = &mut amends.counts {
        let own = counts.iter_mut().filter(|count| count.party == party);
        own.for_each(|count| count.runs = count.runs.saturating_sub(1));
    }
}

/// Signed by all.
fn complete(world: &World, contract: Contract) -> Version {
    let mut file = ContractFile::new(contract.clone());
    world.people.iter().for_each(|person| file.sign(&person.identity).unwrap());
    let signed = file.complete().unwrap();
    Version { contract: Arc::new(contract), envelope: file.encode(), signed: Some(signed) }
}
