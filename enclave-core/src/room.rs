//! One contract inside one enclave process: what every message of the host leads to.
//!
//! What always holds: a message changes the room only when every check on it held; the run's key lives from the proposal
//! to the last grant or the void receipt, whichever comes first; run numbers only rise. The room has no clock, no I/O and
//! keeps nothing between lives. `docs/design/0002-receipts-are-the-state.md`.

use crate::chain::Head;
use crate::clock::Clock;
use crate::gate::{self, Brought};
use crate::grants::Grants;
use crate::phase::{Phase, Request};
use crate::programs::Programs;
use crate::refusal::Refusal;
use crate::release::{self, Outgoing};
use crate::run::{GrantedObjects, Run, RunParts};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use rand_core::CryptoRng;
use sealroom_protocol::binding::{ChallengeList, room_report_data};
use sealroom_protocol::contract::SignedContract;
use sealroom_protocol::id::ObjectId;
use sealroom_protocol::identity::{EncryptionSecret, SigningSecret};
use sealroom_protocol::message::HostMessage;
use sealroom_protocol::provider::AeadProvider;
use sealroom_protocol::run::{
    Ending, Outcome, Proposal, ProposedDataset, RUN_NUMBER_LIMIT, SignedProposal, SignedStatement, SignedStop,
};

/// A room: at most one contract, at most one proposal at a time.
#[derive(Debug)]
pub struct Room {
    phase: Phase,
    signing: SigningSecret,
    programs: Programs,
    provider: &'static dyn AeadProvider,
    clock: Clock,
    contract: Option<SignedContract>,
    brought: BTreeMap<ObjectId, Brought>,
    /// What was brought, longest ago first.
    order: Vec<ObjectId>,
    /// Highest run number that this room proposed.
    proposed_run: u64,
    proposed: Option<Proposed>,
}

/// A proposal that awaits its grants.
#[derive(Debug)]
struct Proposed {
    signed: SignedProposal,
    run_secret: EncryptionSecret,
    head: Head,
    grants: Grants,
    statement: Option<SignedStatement>,
}

/// What the process does next.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "the process must act on every one")]
pub enum Step {
    /// Send these, in order.
    Answer(Vec<Outgoing>),
    /// Ask the platform for Evidence over this report data, and send what [`Room::evidence`] makes of it.
    Attest {
        /// What the Evidence is to bind.
        report_data: [u8; 64],
        /// The challenges it answers.
        challenges: ChallengeList,
    },
    /// Send the answer, then carry the run out and end it with [`Room::end_run`].
    Run(Outgoing, Box<Run>),
    /// Send these, in order, and exit.
    End(Vec<Outgoing>),
}

impl Room {
    /// A new room with a fresh signing key, which lives in its memory only.
    #[must_use]
    pub fn new(programs: Programs, provider: &'static dyn AeadProvider, rng: &mut dyn CryptoRng) -> Self {
        Self {
            phase: Phase::New,
            signing: SigningSecret::generate(rng),
            programs,
            provider,
            clock: Clock::default(),
            contract: None,
            brought: BTreeMap::new(),
            order: Vec::new(),
            proposed_run: 0,
            proposed: None,
        }
    }

    /// Where the room is.
    #[must_use]
    pub const fn phase(&self) -> Phase {
        self.phase
    }

    /// Carries out one message, or refuses it and stays as it was.
    pub fn handle(&mut self, message: HostMessage, rng: &mut dyn CryptoRng) -> Step {
        match self.carry_out(message, rng) {
            Ok(step) => step,
            Err(refusal) => Step::Answer(alloc::vec![release::refused(&refusal)]),
        }
    }

    fn carry_out(&mut self, message: HostMessage, rng: &mut dyn CryptoRng) -> Result<Step, Refusal> {
        let request = Request::of(&message);
        let next = self.phase.after(request)?;
        match message {
            HostMessage::Open { now, contract } => self.open(now, &contract, next),
            HostMessage::Attest { challenges } => self.attest(challenges),
            HostMessage::Bring { manifest } => self.bring(&manifest),
            HostMessage::Propose { now, run, receipts, datasets, request } => {
                let wish = Wish { now, run, receipts, datasets, request };
                self.propose(&wish, next, rng)
            }
            HostMessage::State { now, statement } => self.state(now, &statement),
            HostMessage::Grant { now, grant, ciphertext } => self.grant(now, &grant, &ciphertext, next),
            HostMessage::Stop { now, stop } => self.stop(now, &stop, next),
            HostMessage::Abandon { now } => {
                self.clock.told(now);
                let answer = self.void(Ending::Abandoned, None)?;
                self.phase = next;
                Ok(Step::Answer(alloc::vec![answer]))
            }
            // Groups answer reads of a run, and the run takes them itself; one that arrives here was not asked for.
            HostMessage::Group { object, index, .. } => Err(Refusal::UnaskedGroup { object, index }),
        }
    }

    fn open(&mut self, now: u64, envelope: &[u8], next: Phase) -> Result<Step, Refusal> {
        let contract = gate::contract(envelope, &self.programs)?;
        self.clock.told(now);
        self.contract = Some(contract);
        self.phase = next;
        Ok(Step::Answer(alloc::vec![release::opened(&self.signing.public())]))
    }

    fn attest(&self, challenges: Vec<[u8; 32]>) -> Result<Step, Refusal> {
        let challenges = ChallengeList::from_sorted(challenges)?;
        let contract = self.contract()?;
        let report_data = room_report_data(&contract.contract().id(), &self.signing.public(), &challenges);
        Ok(Step::Attest { report_data, challenges })
    }

    /// The answer to a request for Evidence, from what the platform gave.
    #[must_use]
    pub fn evidence(&self, challenges: ChallengeList, evidence: Option<(Vec<u8>, Vec<Vec<u8>>)>) -> Outgoing {
        match evidence {
            Some((evidence, endorsements)) => release::evidence(evidence, endorsements, &challenges),
            None => release::refused(&Refusal::Platform),
        }
    }

    fn bring(&mut self, manifest: &[u8]) -> Result<Step, Refusal> {
        let contract = self.contract()?;
        let (object, brought) = gate::object(contract.contract(), manifest)?;
        // Every dataset once more, so that a replaced one can be brought, and requests of a few runs. The one that was brought
        // longest ago makes place, so no number of requests wears a room out; no proposal is open now that could need it.
        let limit = contract.contract().terms().datasets.len().saturating_mul(2).saturating_add(8);
        self.order.retain(|known| *known != object);
        while self.order.len() >= limit {
            self.brought.remove(&self.order.remove(0));
        }
        self.order.push(object);
        self.brought.insert(object, brought);
        Ok(Step::Answer(alloc::vec![release::brought(object)]))
    }

    fn propose(&mut self, wish: &Wish, next: Phase, rng: &mut dyn CryptoRng) -> Result<Step, Refusal> {
        let signed_contract = self.contract.as_ref().ok_or(NO_CONTRACT)?;
        let contract = signed_contract.contract();
        self.clock.in_force(contract.terms(), wish.now)?;
        let head = Head::of(contract, &wish.receipts)?;
        self.clock.told(head.time());
        self.clock.in_force(contract.terms(), wish.now)?;
        let expected = head.next_run().max(self.proposed_run.saturating_add(1));
        if wish.run < expected || wish.run > RUN_NUMBER_LIMIT {
            return Err(Refusal::RunNumber { expected, found: wish.run });
        }
        let limit = contract.terms().limits.runs;
        for party in contract.granting_parties() {
            let count = head.count(&party.name);
            if count >= limit {
                return Err(Refusal::RunsUsed { party: party.name.clone(), count, limit });
            }
        }
        let datasets = gate::datasets(contract, &self.brought, &wish.datasets)?;
        let request = gate::request(contract, &self.brought, wish.request.as_deref(), &head)?;
        let run_secret = EncryptionSecret::generate(rng);
        let proposal = Proposal {
            contract: contract.id(),
            run: wish.run,
            head: head.id(),
            head_run: head.run(),
            datasets: datasets.into_iter().map(|(name, object)| ProposedDataset { name, object }).collect(),
            request,
            enclave_key: self.signing.public(),
            run_key: run_secret.public(),
        };
        let grants = Grants::new(contract, &proposal);
        let signed = SignedProposal::sign(proposal, &self.signing);
        let answer = release::proposed(&signed);
        self.proposed_run = wish.run;
        self.proposed = Some(Proposed { signed, run_secret, head, grants, statement: None });
        self.phase = next;
        Ok(Step::Answer(alloc::vec![answer]))
    }

    fn state(&mut self, now: u64, bytes: &[u8]) -> Result<Step, Refusal> {
        let contract = self.contract.as_ref().ok_or(NO_CONTRACT)?;
        let proposed = self.proposed.as_mut().ok_or(NO_CONTRACT)?;
        if proposed.statement.is_some() {
            // The receipt carries one: the first, which stood before any grant.
            return Err(Refusal::Statement { expected: "one for a proposal", found: "a second" });
        }
        let statement = gate::statement(contract.contract(), proposed.signed.allegation(), bytes)?;
        self.clock.told(now);
        proposed.statement = Some(statement);
        let missing = proposed.grants.missing();
        Ok(Step::Answer(alloc::vec![release::accepted(missing, false)]))
    }

    fn grant(&mut self, now: u64, grant: &[u8], ciphertext: &[u8], next: Phase) -> Result<Step, Refusal> {
        let contract = self.contract.as_ref().ok_or(NO_CONTRACT)?;
        let proposed = self.proposed.as_mut().ok_or(NO_CONTRACT)?;
        let needs_statement = contract.contract().terms().cross_border.is_some();
        if needs_statement && proposed.statement.is_none() {
            // A complete receipt without it does not hold, and once all granted it is too late to ask for it.
            return Err(Refusal::Statement { expected: "one about the host's region before any grant", found: "none" });
        }
        self.clock.told(now);
        if self.clock.latest() >= contract.contract().terms().expires {
            return self.end_proposal(Ending::Expired);
        }
        let clock =
            proposed.grants.take(contract.contract(), grant, ciphertext, &proposed.run_secret, self.clock.latest())?;
        let latest = self.clock.told(clock);
        let missing = proposed.grants.missing();
        if !missing.is_empty() {
            return Ok(Step::Answer(alloc::vec![release::accepted(missing, false)]));
        }
        if latest >= contract.contract().terms().expires || proposed.grants.any_expired(latest) {
            return self.end_proposal(Ending::Expired);
        }
        let objects = GrantedObjects::take(&proposed.signed, &mut proposed.grants, &self.brought)?;
        // From here on nothing is refused: a room without its proposal is one whose run begins.
        let Some(Proposed { signed, run_secret, head, grants, statement }) = self.proposed.take() else {
            return Err(NO_CONTRACT);
        };
        // One key serves one run. It is wiped here, before a byte of data is read and long before the receipt.
        drop(run_secret);
        let parts = RunParts { contract: contract.clone(), proposal: signed, head, grants, statement };
        let run = Run::new(parts, objects);
        self.phase = next;
        Ok(Step::Run(release::accepted(Vec::new(), false), Box::new(run)))
    }

    fn stop(&mut self, now: u64, bytes: &[u8], next: Phase) -> Result<Step, Refusal> {
        let contract = self.contract.as_ref().ok_or(NO_CONTRACT)?;
        let stop = gate::stop(contract.contract(), bytes)?;
        self.clock.told(now.max(stop.allegation().clock));
        let mut answers = Vec::new();
        if self.proposed.is_some() {
            answers.push(self.void(Ending::Stopped, Some(&stop))?);
        }
        answers.push(release::ended());
        self.phase = next;
        Ok(Step::End(answers))
    }

    /// Ends the proposal with a void receipt; the room is open again.
    fn end_proposal(&mut self, ending: Ending) -> Result<Step, Refusal> {
        let answer = self.void(ending, None)?;
        self.phase = Phase::Open;
        Ok(Step::Answer(alloc::vec![answer]))
    }

    fn void(&mut self, ending: Ending, stop: Option<&SignedStop>) -> Result<Outgoing, Refusal> {
        let contract = self.contract.as_ref().ok_or(NO_CONTRACT)?;
        let Some(Proposed { signed, run_secret, head, mut grants, statement }) = self.proposed.take() else {
            return Err(NO_CONTRACT);
        };
        // The run's key, and every key that came with a grant, is wiped before the receipt that gives them back is signed.
        drop(run_secret);
        grants.forget_keys();
        let ended = release::Ended {
            contract: contract.contract(),
            proposal: signed.allegation(),
            head: &head,
            grants: &grants,
            statement: statement.as_ref(),
            stop,
            outcome: Outcome::Void,
            ending,
            time: self.clock.latest(),
        };
        Ok(release::receipt(&ended, Vec::new(), &self.signing))
    }

    /// Ends a run: output rules decide, results are encrypted, the receipt is signed, and only then do both leave.
    pub fn end_run(&mut self, run: Run, rng: &mut dyn CryptoRng) -> Step {
        self.phase = Phase::Open;
        let stopped = run.stop().is_some();
        let mut answers = release::run(run, self.clock.latest(), &self.signing, self.provider, rng);
        if stopped {
            self.phase = Phase::Ended;
            answers.push(release::ended());
            return Step::End(answers);
        }
        Step::Answer(answers)
    }

    fn contract(&self) -> Result<&SignedContract, Refusal> {
        self.contract.as_ref().ok_or(NO_CONTRACT)
    }
}

/// The phase table lets nothing through that needs what is not there; this says so if it ever did.
const NO_CONTRACT: Refusal = Refusal::Phase { phase: Phase::New, request: Request::Open };

/// What the host wishes to be proposed.
struct Wish {
    now: u64,
    run: u64,
    receipts: Vec<Vec<u8>>,
    datasets: Vec<ObjectId>,
    request: Option<Vec<u8>>,
}
