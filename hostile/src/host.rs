//! What the host does to enclaves: it starts, asks, feeds, stops and kills them, and keeps all that leaves.
//!
//! What always holds: everything that leaves is looked at. A message without an answer, a receipt that does not verify, and a
//! byte decrypted without a grant are findings.

use crate::enclave::{EnclaveStart, Sent};
use crate::game::{Game, Proposed, Released, Slot, pick, place};
use crate::ledger::{Played, Violation};
use crate::refused::Refused;
use crate::step::{Chain, Delivery, Number, Objects};
use sealroom::{Contract, SignedReceipt, SigningPublicKey};
use sealroom_protocol::hash::labelled_sha256;
use sealroom_protocol::id::{ObjectId, ReceiptId};
use sealroom_protocol::message::{EnclaveMessage, HostMessage};
use sealroom_protocol::object::Manifest;
use sealroom_protocol::run::{Outcome, ResultHeader, SignedProposal, SignedStatement, SignedStop, Statement, Stop};

/// Most enclaves that a schedule starts.
const STARTS: u8 = 6;

/// Whether a step found something to act on.
pub(crate) type Acted = Result<bool, Violation>;

impl Game<'_> {
    pub(crate) fn start_enclave(&mut self) -> Acted {
        if self.started == STARTS {
            return Ok(false);
        }
        self.open_enclave()?;
        Ok(true)
    }

    /// Starts one under the newest version.
    pub(crate) fn open_enclave(&mut self) -> Played {
        self.started = self.started.saturating_add(1);
        self.report.enclaves = self.report.enclaves.saturating_add(1);
        let seed = |what: &str, schedule: u64| labelled_sha256(what, &[&[self.started], &schedule.to_le_bytes()]);
        let start = EnclaveStart {
            programs: self.world.programs,
            provider: self.recorder,
            signing_seed: seed("kit signing", 0),
            seed: seed("kit enclave", self.seed),
        };
        let enclave = (self.start)(start);
        let (id, contract) =
            self.versions.last().map(|newest| (newest.contract.id(), newest.envelope.clone())).unwrap();
        self.slots.push(Slot { enclave, contract: id, key: None, proposal: None, ended: false });
        let newest = self.slots.len().saturating_sub(1);
        self.send(newest, HostMessage::Open { now: self.host_now(), contract })?;
        let objects = self.world.datasets.iter().chain(self.world.requests.iter().map(|request| &request.object));
        objects.copied().collect::<Vec<_>>().iter().try_for_each(|object| self.bring(newest, object))
    }

    fn bring(&mut self, enclave: usize, object: &ObjectId) -> Played {
        let Some(manifest) = self.world.bodies.manifest(object) else { return Ok(()) };
        self.send(enclave, HostMessage::Bring { manifest: manifest.to_vec() })
    }

    pub(crate) fn kill_enclave(&mut self, enclave: u8) -> Acted {
        let Some(enclave) = place(&self.slots, enclave) else { return Ok(false) };
        self.slots.remove(enclave);
        self.report.killed = self.report.killed.saturating_add(1);
        Ok(true)
    }

    pub(crate) fn propose(&mut self, enclave: u8, run: Number, chain: Chain, objects: Objects, request: u8) -> Acted {
        let Some(enclave) = place(&self.slots, enclave) else { return Ok(false) };
        let receipts = self.chain(enclave, chain).iter().map(SignedReceipt::encode).collect();
        let contract = self.contract_of_slot(enclave);
        let (run, datasets) = (self.number(run, &contract), self.objects(objects));
        let request = self.world.requests.get(self.request_place(request)).map(|request| request.announcement.clone());
        let before = self.proposals.len();
        if objects == Objects::Older {
            datasets.iter().try_for_each(|object| self.bring(enclave, object))?;
        }
        self.send(enclave, HostMessage::Propose { now: self.host_now(), run, receipts, datasets, request })?;
        if self.proposals.len() > before {
            self.state_region(enclave)?;
        }
        Ok(true)
    }

    /// A statement about the host's region, where the contract asks for one: the party that it names tells the truth.
    fn state_region(&mut self, enclave: usize) -> Played {
        let Some(terms) = &self.world.contract.terms().cross_border else { return Ok(()) };
        let (Some(proposed), Some(region)) = (self.proposals.last(), terms.host_regions.first()) else { return Ok(()) };
        let (contract, clock) = (self.contract_of_slot(enclave).id(), self.host_now());
        let statement = Statement::HostRegion { contract, proposal: proposed.id, region: region.clone(), clock };
        let signer = self.world.person(&terms.stated_by).identity.signing();
        let statement = SignedStatement::sign(statement, signer).encode();
        self.send(enclave, HostMessage::State { now: clock, statement })
    }

    pub(crate) fn deliver(&mut self, enclave: u8, grant: u8, delivery: Delivery) -> Acted {
        let (Some(enclave), Some(held)) = (place(&self.slots, enclave), pick(&self.grants, grant)) else {
            return Ok(false);
        };
        let keys = match delivery {
            Delivery::Whole => Some(held),
            Delivery::OtherKeys => pick(&self.grants, grant.saturating_add(1)),
        };
        let (grant, ciphertext) = (held.grant.encode(), keys.unwrap_or(held).ciphertext.clone());
        self.send(enclave, HostMessage::Grant { now: self.host_now(), grant, ciphertext })?;
        Ok(true)
    }

    pub(crate) fn abandon(&mut self, enclave: u8) -> Acted {
        let Some(enclave) = place(&self.slots, enclave) else { return Ok(false) };
        self.send(enclave, HostMessage::Abandon { now: self.host_now() })?;
        Ok(true)
    }

    pub(crate) fn stop(&mut self, enclave: u8, forged: bool) -> Acted {
        let Some(enclave) = place(&self.slots, enclave) else { return Ok(false) };
        let Some(signer) = self.conspiracy.stopper() else { return Ok(false) };
        let party = if forged { &self.ledger.honest } else { signer.name() };
        let (contract, clock) = (self.contract_of_slot(enclave).id(), self.host_now());
        let stop = Stop { contract, party: party.into(), reason: "no more".into(), clock };
        let stop = SignedStop::sign(stop, signer.signing()).encode();
        self.send(enclave, HostMessage::Stop { now: clock, stop })?;
        Ok(true)
    }

    pub(crate) fn spoil(&mut self) -> Acted {
        let owned = self.world.contract.terms().datasets.iter().zip(&self.world.datasets);
        let own = owned.filter(|(dataset, _)| dataset.owner == self.ledger.honest).map(|(_, object)| *object).next();
        if let Some(object) = own {
            self.bodies.spoil(&object);
        }
        Ok(own.is_some())
    }

    /// Sends one message and takes in what left.
    pub(crate) fn send(&mut self, enclave: usize, message: HostMessage) -> Played {
        let what = name_of(&message);
        let Some(slot) = self.slots.get_mut(enclave) else { return Ok(()) };
        let Sent { messages, decrypted } = slot.enclave.send(message, &self.bodies);
        let proposal = slot.proposal;
        let own = |object: &ObjectId| {
            let terms = &self.world.contract.terms().datasets;
            let owned = |objects: &[ObjectId]| {
                let mut pairs = terms.iter().zip(objects);
                pairs.any(|(dataset, known)| known == object && dataset.owner == self.ledger.honest)
            };
            owned(&self.world.datasets) || owned(&self.world.older)
        };
        if decrypted.iter().any(own) {
            self.ledger.decrypted(proposal)?;
        }
        if messages.is_empty() && !self.slots.get(enclave).is_some_and(|slot| slot.ended) {
            return Err(Violation(format!("the enclave does not answer {what}")));
        }
        let mut left = Released { name: String::new(), manifest: Vec::new(), body: Vec::new() };
        let mut released = 0_u64;
        for message in messages {
            let Some(slot) = self.slots.get_mut(enclave) else { return Ok(()) };
            match message {
                EnclaveMessage::Opened { enclave_key } => slot.key = SigningPublicKey::from_bytes(enclave_key).ok(),
                EnclaveMessage::Evidence { evidence, endorsements, challenges } => {
                    let (Some(key), platform) = (slot.key, crate::platform::Platform::shared()) else { continue };
                    let bundle = platform.bundle(key, evidence, endorsements, challenges);
                    self.recorded.insert(*key.as_bytes(), bundle);
                }
                EnclaveMessage::Proposed { proposal: bytes } => {
                    let signed = SignedProposal::decode(&bytes).map_err(|error| Violation(error.to_string()))?;
                    let proposal = signed.allegation().clone();
                    slot.proposal = Some(proposal.id());
                    self.report.proposals = self.report.proposals.saturating_add(1);
                    self.proposals.push(Proposed { bytes, id: proposal.id(), proposal, fake: false });
                }
                EnclaveMessage::OutputPart { name, bytes } => {
                    left.name = name;
                    left.body.extend_from_slice(&bytes);
                }
                EnclaveMessage::OutputEnd { name, manifest } => {
                    let header = Manifest::decode(&manifest).ok().map(|manifest| manifest.header().to_vec());
                    let header = header.and_then(|header| ResultHeader::decode(&header).ok());
                    let stanzas = header.map(|header| header.stanzas).unwrap_or_default();
                    stanzas.iter().for_each(|stanza| self.recorder.hpke(&stanza.key));
                    let body = core::mem::take(&mut left.body);
                    self.recorder.body(&body);
                    self.results.push(Released { name, manifest, body });
                    released = released.saturating_add(1);
                }
                EnclaveMessage::Receipt { receipt } => self.receipt(&receipt, released > 0)?,
                EnclaveMessage::Refused(refusal) => self.refused(&Refused::by_enclave(&refusal))?,
                EnclaveMessage::Ended => slot.ended = true,
                EnclaveMessage::Brought { .. } | EnclaveMessage::Accepted { .. } | EnclaveMessage::Read { .. } => {}
            }
        }
        Ok(())
    }

    fn receipt(&mut self, bytes: &[u8], released: bool) -> Played {
        let broken = |error: &dyn core::fmt::Display| Violation(format!("an enclave's receipt does not hold: {error}"));
        let signed = SignedReceipt::decode(bytes).map_err(|error| broken(&error))?;
        let receipt =
            signed.verify(&self.contract_of(&signed.allegation().contract)).map_err(|error| broken(&error))?;
        let complete = receipt.outcome == Outcome::Complete;
        let sum = match (complete, released) {
            (true, true) => &mut self.report.released,
            (true, false) => &mut self.report.failed,
            (false, _) => &mut self.report.void,
        };
        *sum = sum.saturating_add(1);
        self.ledger.ended(receipt.proposal.id(), complete, released)?;
        self.receipts.push(signed);
        Ok(())
    }

    /// The next is above those of earlier versions, and above what was proposed under this one.
    pub(crate) fn number(&self, run: Number, contract: &Contract) -> u64 {
        let proposed = self.proposals.iter().map(|proposed| &proposed.proposal);
        let proposed = proposed.filter(|proposal| proposal.contract == contract.id());
        let highest = proposed.map(|proposal| proposal.run).max().unwrap_or(0).max(contract.carried_run());
        match run {
            Number::Next(ahead) => highest.saturating_add(1).saturating_add(ahead.into()),
            Number::Exactly(run) => run.into(),
        }
    }

    fn objects(&self, objects: Objects) -> Vec<ObjectId> {
        match objects {
            Objects::Current => self.world.datasets.clone(),
            Objects::Older => self.world.older.clone(),
            Objects::Swapped => self.world.datasets.iter().rev().copied().collect(),
        }
    }

    /// A fresh request for 0, else one that was used.
    fn request_place(&mut self, back: u8) -> usize {
        let newest = self.world.requests.len().saturating_sub(1);
        match self.requests_used.checked_sub(back.into()) {
            Some(place) if back > 0 => place.min(newest),
            Some(_) | None => {
                let fresh = self.requests_used.min(newest);
                self.requests_used = self.requests_used.saturating_add(1);
                fresh
            }
        }
    }

    fn chain(&self, enclave: usize, chain: Chain) -> Vec<SignedReceipt> {
        let all = self.receipts_under(enclave);
        let complete: Vec<&SignedReceipt> =
            all.iter().copied().filter(|receipt| receipt.allegation().outcome == Outcome::Complete).collect();
        let to = |back: u8| {
            let mut found: Vec<SignedReceipt> = Vec::new();
            let mut next = pick(&complete, back).copied();
            while let Some(receipt) = next {
                found.push(receipt.clone());
                let head: Option<ReceiptId> = receipt.allegation().proposal.head;
                next = complete.iter().copied().find(|known| Some(known.allegation().id()) == head);
            }
            found.reverse();
            found
        };
        match chain {
            Chain::To(back) => to(back),
            Chain::Only(back) => pick(&complete, back).map(|receipt| (*receipt).clone()).into_iter().collect(),
            Chain::Nothing => Vec::new(),
            Chain::Then(back) => to(0).into_iter().chain(pick(&all, back).map(|receipt| (*receipt).clone())).collect(),
        }
    }
}

const fn name_of(message: &HostMessage) -> &'static str {
    match message {
        HostMessage::Open { .. } => "a contract",
        HostMessage::Attest { .. } => "challenges",
        HostMessage::Bring { .. } => "a manifest",
        HostMessage::Propose { .. } => "a wish for a proposal",
        HostMessage::State { .. } => "a statement",
        HostMessage::Grant { .. } => "a grant",
        HostMessage::Stop { .. } => "a stop",
        HostMessage::Abandon { .. } => "that it is to give up",
        HostMessage::Group { .. } => "a group",
    }
}
