//! A run that everyone granted: what the process carries out, with the keys of exactly the granted objects.
//!
//! What always holds: having a [`Run`] means that every granting party granted its proposal and that the run's
//! encryption key is wiped. It ends in [`Room::end_run`](crate::Room::end_run), which always leaves a complete receipt.

use crate::chain::Head;
use crate::entry::{ObjectStream, arguments};
use crate::gate::{self, Brought};
use crate::grants::Grants;
use crate::phase::{Phase, Request};
use crate::program::{Outputs, Plan, ProgramFailure};
use crate::programs::Programs;
use crate::refusal::Refusal;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use sealroom_protocol::contract::{Contract, Dataset, SignedContract, Terms};
use sealroom_protocol::id::ObjectId;
use sealroom_protocol::message::HostMessage;
use sealroom_protocol::object::{DataKey, Manifest};
use sealroom_protocol::provider::AeadProvider;
use sealroom_protocol::run::{SignedProposal, SignedStatement, SignedStop};

/// What a room hands over when the last grant is there.
pub(crate) struct RunParts {
    pub(crate) contract: SignedContract,
    pub(crate) proposal: SignedProposal,
    pub(crate) head: Head,
    pub(crate) grants: Grants,
    pub(crate) statement: Option<SignedStatement>,
}

/// A granted run.
#[derive(Debug)]
pub struct Run {
    contract: SignedContract,
    pub(crate) proposal: SignedProposal,
    pub(crate) head: Head,
    pub(crate) grants: Grants,
    pub(crate) statement: Option<SignedStatement>,
    stop: Option<SignedStop>,
    request: Option<Sealed>,
    datasets: BTreeMap<String, Sealed>,
    pub(crate) outcome: Option<Result<Outputs, ProgramFailure>>,
}

/// An object and its key, not opened yet.
#[derive(Debug)]
struct Sealed {
    object: ObjectId,
    manifest: Manifest,
    key: DataKey,
}

/// Every object of a proposal with the key that was granted for it. Having one means that none is missing.
#[derive(Debug)]
pub(crate) struct GrantedObjects {
    request: Option<Sealed>,
    datasets: BTreeMap<String, Sealed>,
}

impl GrantedObjects {
    /// Takes the keys out of the grants.
    pub(crate) fn take(
        proposal: &SignedProposal,
        grants: &mut Grants,
        brought: &BTreeMap<ObjectId, Brought>,
    ) -> Result<Self, Refusal> {
        let mut sealed = |object: &ObjectId, dataset: &str| {
            let missing = || Refusal::Dataset { dataset: dataset.into(), object: *object };
            let manifest = brought.get(object).ok_or_else(missing)?.manifest.clone();
            let key = grants.take_key(object).ok_or_else(missing)?;
            Ok::<_, Refusal>(Sealed { object: *object, manifest, key })
        };
        let mut datasets = BTreeMap::new();
        for dataset in &proposal.allegation().datasets {
            datasets.insert(dataset.name.clone(), sealed(&dataset.object, &dataset.name)?);
        }
        let request = proposal.allegation().request.as_ref();
        let request = request.map(|request| sealed(&request.object, "request")).transpose()?;
        Ok(Self { request, datasets })
    }
}

impl Run {
    pub(crate) fn new(parts: RunParts, objects: GrantedObjects) -> Self {
        let RunParts { contract, proposal, head, grants, statement } = parts;
        let GrantedObjects { request, datasets } = objects;
        Self { contract, proposal, head, grants, statement, stop: None, request, datasets, outcome: None }
    }

    /// The contract.
    #[must_use]
    pub const fn contract(&self) -> &Contract {
        self.contract.contract()
    }

    /// Its terms.
    #[must_use]
    pub const fn terms(&self) -> &Terms {
        self.contract.contract().terms()
    }

    /// Opens the request, where there is one: its content goes to [`plan`](Self::plan).
    ///
    /// # Errors
    /// [`ProgramFailure::Input`] when its key is not its key.
    pub fn open_request(&mut self, provider: &dyn AeadProvider) -> Result<Option<ObjectStream>, ProgramFailure> {
        self.request.take().map(|sealed| sealed.open(provider)).transpose()
    }

    /// Opens a dataset, once for every scan of it; the key stays with the run until it ends.
    ///
    /// # Errors
    /// [`ProgramFailure::Input`] when the proposal has no such dataset or its key is not its key.
    pub fn open_dataset(
        &self,
        name: &str,
        provider: &dyn AeadProvider,
    ) -> Result<(&Dataset, ObjectStream), ProgramFailure> {
        let sealed = self.datasets.get(name).ok_or(ProgramFailure::Input)?;
        let dataset = self.contract().dataset(name).ok_or(ProgramFailure::Input)?;
        Ok((dataset, sealed.open(provider)?))
    }

    /// The plan of this run: the contract's arguments, or those of the request where the contract leaves a choice.
    ///
    /// # Errors
    /// [`ProgramFailure::Input`] when the request is not a choice that the contract leaves or the program refuses it.
    /// Why is not told: the request is a secret of its requester and the data parties.
    pub fn plan(&self, programs: &Programs, request: Option<&[u8]>) -> Result<Box<dyn Plan>, ProgramFailure> {
        let program = programs.find(&self.terms().program).map_err(|_| ProgramFailure::Input)?;
        let arguments = arguments(&self.terms().program, request).ok_or(ProgramFailure::Input)?;
        program.plan(self.terms(), &arguments).map_err(|_| ProgramFailure::Input)
    }

    /// Takes a stop that arrived while the program runs.
    ///
    /// # Errors
    /// [`Refusal`] when it is no stop by a party of the contract; the run goes on then.
    pub fn take_stop(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        self.stop = Some(gate::stop(self.contract(), bytes)?);
        Ok(())
    }

    /// Why a message that is neither a group nor a stop is refused while the program runs.
    #[must_use]
    pub const fn not_while_running(message: &HostMessage) -> Refusal {
        Refusal::Phase { phase: Phase::Running, request: Request::of(message) }
    }

    /// The stop that arrived, if one did.
    #[must_use]
    pub const fn stop(&self) -> Option<&SignedStop> {
        self.stop.as_ref()
    }

    /// Takes what the program made. What is not set counts as failed.
    pub fn set_outcome(&mut self, outcome: Result<Outputs, ProgramFailure>) {
        self.outcome = Some(outcome);
    }

    /// Drops the keys of everything that was read. No receipt is signed before this.
    pub(crate) fn forget_inputs(&mut self) {
        self.request = None;
        self.datasets.clear();
    }

    /// Ids of everything that the run may read: the host need serve nothing else.
    #[must_use]
    pub fn objects(&self) -> Vec<ObjectId> {
        self.datasets.values().chain(&self.request).map(|sealed| sealed.object).collect()
    }
}

impl Sealed {
    fn open(&self, provider: &dyn AeadProvider) -> Result<ObjectStream, ProgramFailure> {
        ObjectStream::new(provider, &self.key, &self.object, self.manifest.clone())
    }
}
