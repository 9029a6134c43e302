//! One schedule: everything that the host has, the honest party at its site, and what a step does.
//!
//! What always holds: after each step everything that must hold is checked, by `ledger.rs` and here.

use crate::amended::Version;
use crate::conspiracy::Conspiracy;
use crate::enclave::{Bodies, Enclave, EnclaveStart};
use crate::ledger::{Ledger, Played, Violation};
use crate::party::{Client, Site};
use crate::recorder::Recorder;
use crate::refused::Refused;
use crate::report::Report;
use crate::step::Step;
use crate::thief::Thief;
use crate::world::World;
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use sealroom::{AppraisedRoom, EvidenceBundle, SignedGrant, SignedReceipt, SigningPublicKey};
use sealroom_protocol::hash::labelled_sha256;
use sealroom_protocol::id::{ContractId, ProposalId};
use sealroom_protocol::run::Proposal;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How an enclave and the honest party's code are made.
pub(crate) type StartEnclave = Box<dyn Fn(EnclaveStart) -> Box<dyn Enclave>>;
pub(crate) type MakeClient = Box<dyn Fn() -> Box<dyn Client>>;

/// An enclave that runs, as its host sees it.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) enclave: Box<dyn Enclave>,
    /// What it was opened under.
    pub(crate) contract: ContractId,
    /// None before its contract is open.
    pub(crate) key: Option<SigningPublicKey>,
    /// The proposal that awaits grants, or whose run goes on.
    pub(crate) proposal: Option<ProposalId>,
    pub(crate) ended: bool,
}

/// A proposal that the host has.
#[derive(Debug, Clone)]
pub(crate) struct Proposed {
    pub(crate) bytes: Vec<u8>,
    pub(crate) proposal: Proposal,
    pub(crate) id: ProposalId,
    /// A fake enclave's.
    pub(crate) fake: bool,
}

/// A grant that the host has.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    pub(crate) grant: SignedGrant,
    pub(crate) ciphertext: Vec<u8>,
}

/// A result that left.
#[derive(Debug, Clone)]
pub(crate) struct Released {
    pub(crate) name: String,
    pub(crate) manifest: Vec<u8>,
    pub(crate) body: Vec<u8>,
}

/// A room that the honest party's process has appraised.
pub(crate) type Appraised = Arc<Result<AppraisedRoom, Vec<Refused>>>;

/// See the top of this file.
pub(crate) struct Game<'k> {
    pub(crate) world: &'k World,
    pub(crate) start: &'k StartEnclave,
    pub(crate) recorder: &'static Recorder,
    pub(crate) seed: u64,
    /// Randomness of the host and of who is with it.
    pub(crate) rng: ChaCha20Rng,
    // What the host has.
    pub(crate) bodies: Bodies,
    /// Contracts that all signed, the newest last.
    pub(crate) versions: Vec<Version>,
    pub(crate) slots: Vec<Slot>,
    pub(crate) started: u8,
    /// Seconds by which its clock is wrong.
    pub(crate) clock_error: i64,
    pub(crate) proposals: Vec<Proposed>,
    pub(crate) grants: Vec<Held>,
    pub(crate) receipts: Vec<SignedReceipt>,
    pub(crate) results: Vec<Released>,
    /// Evidence that it recorded.
    pub(crate) recorded: BTreeMap<[u8; 32], EvidenceBundle>,
    pub(crate) requests_used: usize,
    // Who is with it.
    pub(crate) conspiracy: Conspiracy<'k>,
    pub(crate) thief: Thief,
    // The honest party.
    pub(crate) client: Box<dyn Client>,
    pub(crate) site: Site<'k>,
    /// Rooms that its process has appraised.
    pub(crate) rooms: BTreeMap<[u8; 32], Appraised>,
    pub(crate) saves: Vec<Vec<u8>>,
    /// How many operations its disk had seen when its memory was last held against the ledger.
    checked: Option<u64>,
    /// Seconds since the schedule began.
    pub(crate) elapsed: u64,
    // Beside everyone.
    pub(crate) ledger: Ledger,
    pub(crate) report: Report,
}

impl<'k> Game<'k> {
    pub(crate) fn new(
        world: &'k World,
        start: &'k StartEnclave,
        client: Box<dyn Client>,
        honest: &str,
        recorder: &'static Recorder,
        seed: u64,
    ) -> Self {
        recorder.clear();
        world.bodies.bodies().for_each(|body| recorder.body(body));
        world.encapsulated.iter().for_each(|ciphertext| recorder.hpke(ciphertext));
        let person = world.person(honest);
        let rng = |actor: &[u8]| ChaCha20Rng::from_seed(labelled_sha256("kit", &[actor, &seed.to_le_bytes()]));
        let first = Version::first(world);
        let site = Site::new(&person.identity, Arc::clone(&first.contract), person.memory.clone(), rng(b"party"));
        Self {
            world,
            start,
            recorder,
            seed,
            rng: rng(b"host"),
            bodies: world.bodies.clone(),
            versions: vec![first],
            slots: Vec::new(),
            started: 0,
            clock_error: 0,
            proposals: Vec::new(),
            grants: Vec::new(),
            receipts: Vec::new(),
            results: Vec::new(),
            recorded: BTreeMap::new(),
            requests_used: 0,
            conspiracy: Conspiracy::new(world, honest),
            thief: Thief::new(),
            client,
            site,
            rooms: BTreeMap::new(),
            saves: Vec::new(),
            checked: None,
            elapsed: 0,
            ledger: Ledger::new(&world.contract, honest),
            report: Report::default(),
        }
    }

    /// Plays a schedule; gives the step that broke something, and what.
    pub(crate) fn play(&mut self, steps: &[Step]) -> Result<(), (usize, Violation)> {
        for (index, step) in steps.iter().enumerate() {
            self.step(step).map_err(|violation| (index, violation))?;
        }
        self.report.schedules = 1;
        let limit = usize::try_from(self.world.contract.terms().limits.runs).unwrap_or(usize::MAX);
        self.report.exhausted = u64::from(self.ledger.runs() >= limit);
        self.report.encryptions = u64::try_from(self.recorder.pairs()).unwrap_or(u64::MAX);
        Ok(())
    }

    fn step(&mut self, step: &Step) -> Played {
        self.elapsed = self.elapsed.saturating_add(1);
        let acted = match *step {
            Step::Start => self.start_enclave(),
            Step::Kill { enclave } => self.kill_enclave(enclave),
            Step::Propose { enclave, run, chain, objects, request } => {
                self.propose(enclave, run, chain, objects, request)
            }
            Step::ThiefProposes { run, on_head } => self.thief_proposes(run, on_head),
            Step::Show { proposal, evidence, killed_after } => self.show(proposal, evidence, killed_after),
            Step::Resend => self.resend(),
            Step::Settle { receipt, killed_after } => self.settle(receipt, killed_after),
            Step::Recognise { grant } => self.recognise(grant),
            Step::Conspire { party, proposal, signing } => self.conspire(party, proposal, signing),
            Step::Deliver { enclave, grant, delivery } => self.deliver(enclave, grant, delivery),
            Step::Abandon { enclave } => self.abandon(enclave),
            Step::Stop { enclave, forged } => self.stop(enclave, forged),
            Step::Clock { hours } => {
                self.clock_error = i64::from(hours).saturating_mul(3_600);
                Ok(true)
            }
            Step::Spoil => self.spoil(),
            Step::Forge { proposal, complete } => self.forge(proposal, complete),
            Step::Open { result, receipt } => self.open(result, receipt),
            Step::Amend { of, change } => self.amend(of, change),
            Step::Take { version, killed_after } => self.take(version, killed_after),
            Step::KillParty => self.kill_party(),
            Step::Save => self.save(),
            Step::Restore { save, declared } => self.restore(save, declared),
        }?;
        if acted {
            self.report.steps = self.report.steps.saturating_add(1);
            let written = self.site.disk().operations();
            // Where nothing was written and the disk is the same one, nothing can have changed.
            let started_again = matches!(step, Step::KillParty | Step::Restore { .. });
            if touches_memory(step) && (self.checked != Some(written) || started_again) {
                self.checked = Some(written);
                let amended = self.in_force()?.amends().is_some();
                self.ledger.check(&self.stand()?, amended, step)?;
                self.nobody_accuses_a_real_enclave()?;
            }
        }
        self.recorder.repeated().map_or(Ok(()), |what| Err(Violation(what.into())))
    }

    /// Whatever the party was shown, it has no proof that an enclave of the real image was forked.
    fn nobody_accuses_a_real_enclave(&self) -> Played {
        for version in &self.versions {
            let found = self.site.memory().forking(&version.contract);
            let found = found.map_err(|error| Violation(format!("the memory does not read back: {error}")))?;
            if let Some(found) = found.iter().find(|found| self.recorded.contains_key(found.enclave_key().as_bytes())) {
                return Err(Violation(format!("an honest enclave is accused: {found}")));
            }
        }
        Ok(())
    }

    /// The party's clock, which is right.
    pub(crate) fn now(&self) -> u64 {
        self.world.now.saturating_add(self.elapsed)
    }

    /// The host's clock, as it says.
    pub(crate) fn host_now(&self) -> u64 {
        self.now().saturating_add_signed(self.clock_error)
    }

    /// Counts a refusal, and looks whether it says all that one must.
    pub(crate) fn refused(&mut self, refused: &Refused) -> Played {
        let sum = self.report.refusals.entry(refused.check.clone()).or_default();
        *sum = sum.saturating_add(1);
        match refused.lacks() {
            None => Ok(()),
            Some(what) => Err(Violation(format!("a refusal does not say {what}: {refused}"))),
        }
    }

    pub(crate) fn draw_bytes(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.rng.fill_bytes(&mut bytes);
        bytes
    }
}

/// The place of what a step speaks of, counted back from the newest.
pub(crate) fn place<T>(items: &[T], back: u8) -> Option<usize> {
    let newest = items.len().checked_sub(1)?;
    Some(newest.saturating_sub(usize::from(back) % items.len()))
}

/// What a step speaks of, counted back from the newest.
pub(crate) fn pick<T>(items: &[T], back: u8) -> Option<&T> {
    items.get(place(items, back)?)
}

const fn touches_memory(step: &Step) -> bool {
    matches!(
        step,
        Step::Show { .. }
            | Step::Resend
            | Step::Settle { .. }
            | Step::Recognise { .. }
            | Step::Take { .. }
            | Step::KillParty
            | Step::Restore { .. }
    )
}
