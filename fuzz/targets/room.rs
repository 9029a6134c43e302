//! A room and a host that lies: honest steps in any order, each perhaps with one byte changed, and raw frames.

use super::rng::Counter;
use super::shown::plain;
use super::world::{NOW, World};
use core::cell::RefCell;
use sealroom_enclave::engine::programs;
use sealroom_enclave_core::program::{Inputs, Meter, Outputs, ProgramFailure};
use sealroom_enclave_core::release::Outgoing;
use sealroom_enclave_core::{Room, Run, Step, entry};
use sealroom_protocol::id::{ObjectId, ProposalId};
use sealroom_protocol::message::{self, EnclaveMessage, HostMessage, PREFIX_LENGTH};
use sealroom_protocol::object::PREFIX_LENGTH as BODY_PREFIX;
use sealroom_protocol::provider::RustCrypto;
use sealroom_protocol::run::{Proposal, SignedProposal, SignedReceipt};
use sealroom_protocol::table::{Batch, CsvDecoder, CsvError};
use std::collections::BTreeMap;

/// Steps that one input may take.
const STEPS: usize = 24;
/// Kinds of honest steps; see [`Host::honest`].
pub(super) const KINDS: u8 = 13;

/// Steps, one after another: a kind (one byte), then for 0 a frame's length (two bytes) and body, for others the place
/// (two bytes) and the change (one byte) of a byte in the honest frame. A run takes one such place and change for the
/// ciphertext that it reads. Whatever comes, what leaves keeps the rules in [`Host::check`].
pub(crate) fn room(bytes: &[u8]) -> bool {
    let mut host = Host::new();
    let mut input = Input(bytes);
    for _ in 0..STEPS {
        let Some(kind) = input.byte() else { break };
        match host.frame(kind, &mut input) {
            Some(body) => host.send(&body, &mut input),
            None => continue,
        }
    }
    host.released
}

/// The receipt of a run in which nobody lied.
#[cfg(test)]
pub(super) fn honest_receipt() -> Vec<u8> {
    let mut host = Host::new();
    for kind in [1, 3, 4, 5, 6, 12, 7, 8, 9] {
        let body = host.frame(kind, &mut Input(&[])).expect("an honest frame");
        host.send(&body, &mut Input(&[]));
    }
    host.receipts.pop().expect("a run leaves a receipt")
}

struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn place(&mut self) -> usize {
        let low = self.byte().unwrap_or_default();
        usize::from(u16::from_le_bytes([low, self.byte().unwrap_or_default()]))
    }

    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// Changes one byte, perhaps. Says whether it did.
    fn change(&mut self, bytes: &mut [u8]) -> bool {
        let (place, change) = (self.place(), self.byte().unwrap_or_default());
        let place = place % bytes.len().max(1);
        bytes.get_mut(place).into_iter().for_each(|byte| *byte ^= change);
        change != 0
    }
}

struct Host {
    world: &'static World,
    room: Room,
    rng: Counter,
    proposal: Option<Proposal>,
    /// Complete receipts, oldest first.
    receipts: Vec<Vec<u8>>,
    released: bool,
}

impl Host {
    fn new() -> Self {
        let mut rng = Counter::new();
        let room = Room::new(programs(), &RustCrypto, &mut rng);
        Self { world: World::shared(), room, rng, proposal: None, receipts: Vec::new(), released: false }
    }

    /// The body of the next frame.
    fn frame(&mut self, kind: u8, input: &mut Input<'_>) -> Option<Vec<u8>> {
        if kind.is_multiple_of(KINDS) {
            let length = input.place();
            return Some(input.take(length).to_vec());
        }
        let frame = message::encode(&self.honest(kind % KINDS)?).expect("honest frames are within the limit");
        let mut body = frame.get(PREFIX_LENGTH..)?.to_vec();
        input.change(&mut body);
        Some(body)
    }

    /// What an honest host would send.
    fn honest(&self, kind: u8) -> Option<HostMessage> {
        let world = self.world;
        let [north, south, request] = &world.objects;
        let bring = |manifest: &[u8]| Some(HostMessage::Bring { manifest: manifest.to_vec() });
        match kind {
            1 => Some(HostMessage::Open { now: NOW, contract: world.envelope.encode() }),
            2 => Some(HostMessage::Attest { challenges: vec![[1; 32], [2; 32]] }),
            3 => bring(&north.manifest),
            4 => bring(&south.manifest),
            5 => bring(&request.manifest),
            6 => {
                let run = self.proposal.as_ref().map_or(1, |proposal| proposal.run.saturating_add(1));
                let (receipts, datasets) = (self.receipts.clone(), world.datasets());
                let request = Some(world.announcement.clone());
                Some(HostMessage::Propose { now: NOW, run, receipts, datasets, request })
            }
            7 => self.grant("north"),
            8 => self.grant("south"),
            9 => self.grant("institute"),
            10 => Some(HostMessage::Stop { now: NOW, stop: world.stop() }),
            11 => Some(HostMessage::Abandon { now: NOW }),
            _ => {
                let statement = world.statement(self.proposal.as_ref()?);
                Some(HostMessage::State { now: NOW, statement })
            }
        }
    }

    /// Equal proposals get equal grants, each made once: the encryption is nearly all of an input's time.
    fn grant(&self, party: &'static str) -> Option<HostMessage> {
        type Made = BTreeMap<(ProposalId, &'static str), (Vec<u8>, Vec<u8>)>;
        thread_local!(static MADE: RefCell<Made> = const { RefCell::new(BTreeMap::new()) });
        let proposal = self.proposal.as_ref()?;
        let make = || self.world.grant(party, proposal, &mut Counter::new());
        let (grant, ciphertext) = MADE.with_borrow_mut(|made| {
            if made.len() > 300 {
                made.clear();
            }
            made.entry((proposal.id(), party)).or_insert_with(make).clone()
        });
        Some(HostMessage::Grant { now: NOW, grant, ciphertext })
    }

    fn send(&mut self, body: &[u8], input: &mut Input<'_>) {
        let before = self.room.phase();
        let Ok(message) = entry::message(body) else { return };
        let mut ran = None;
        let outgoing = match self.room.handle(message, &mut self.rng) {
            Step::Answer(outgoing) | Step::End(outgoing) => outgoing,
            Step::Attest { report_data, challenges } => {
                vec![self.room.evidence(challenges, Some((report_data.to_vec(), Vec::new())))]
            }
            Step::Run(accepted, mut run) => {
                let mut served = Served::new(self.world, input);
                let outcome = served.carry_out(&mut run, &mut self.rng);
                ran = Some(served.changed);
                run.set_outcome(outcome);
                let (Step::Answer(mut outgoing) | Step::End(mut outgoing)) = self.room.end_run(*run, &mut self.rng)
                else {
                    unreachable!("a run ends with answers")
                };
                outgoing.insert(0, accepted);
                outgoing
            }
        };
        let answers: Vec<EnclaveMessage> = outgoing.iter().map(decode).collect();
        if matches!(answers.as_slice(), [EnclaveMessage::Refused(_)]) {
            assert_eq!(self.room.phase(), before, "a refusal changes nothing");
        }
        self.check(&answers, ran);
    }

    /// Only a run lets results out, and none whose input was changed; receipts hold under the contract.
    fn check(&mut self, answers: &[EnclaveMessage], ran: Option<bool>) {
        for answer in answers {
            match answer {
                EnclaveMessage::Refused(refusal) => {
                    assert!(answers.len() == 1 && !refusal.check.is_empty() && !refusal.hint.is_empty());
                    plain(&refusal.message);
                }
                EnclaveMessage::Proposed { proposal } => {
                    let signed = SignedProposal::decode(proposal).expect("a proposal that decodes");
                    self.proposal = Some(signed.allegation().clone());
                }
                EnclaveMessage::OutputPart { .. } | EnclaveMessage::OutputEnd { .. } => {
                    assert_eq!(ran, Some(false), "a result of a run that read what was granted");
                    self.released = true;
                }
                EnclaveMessage::Receipt { receipt } => {
                    let signed = SignedReceipt::decode(receipt).expect("a receipt that decodes");
                    let held = signed.verify(&self.world.contract).expect("a receipt that holds");
                    assert_eq!(held.proposal, self.proposal.clone().expect("a receipt of a proposal"));
                    if ran.is_some() {
                        self.receipts.push(receipt.clone());
                    }
                }
                EnclaveMessage::Opened { .. }
                | EnclaveMessage::Evidence { .. }
                | EnclaveMessage::Brought { .. }
                | EnclaveMessage::Accepted { .. }
                | EnclaveMessage::Read { .. }
                | EnclaveMessage::Ended => {}
            }
        }
    }
}

fn decode(outgoing: &Outgoing) -> EnclaveMessage {
    let frame = outgoing.encode().expect("what leaves is within the limit");
    message::decode(frame.get(PREFIX_LENGTH..).unwrap_or_default()).expect("what leaves decodes")
}

/// The bodies as the host serves them.
struct Served {
    bodies: Vec<(ObjectId, Vec<u8>)>,
    changed: bool,
}

impl Served {
    fn new(world: &World, input: &mut Input<'_>) -> Self {
        let ciphertext = |body: &[u8]| body.get(BODY_PREFIX..).unwrap_or_default().to_vec();
        let mut bodies: Vec<_> = world.objects.iter().map(|object| (object.id, ciphertext(&object.body))).collect();
        let which = usize::from(input.byte().unwrap_or_default()) % bodies.len();
        let changed = bodies.get_mut(which).is_some_and(|(_, body)| input.change(body));
        Self { bodies, changed }
    }

    fn carry_out(&mut self, run: &mut Run, rng: &mut Counter) -> Result<Outputs, ProgramFailure> {
        let mut content = Vec::new();
        let request = run.open_request(&RustCrypto)?;
        if let Some(mut stream) = request {
            self.read(&mut stream, &mut |plaintext| {
                content.extend_from_slice(plaintext);
                Ok(())
            })?;
        }
        let plan = run.plan(&programs(), Some(&content))?;
        let mut meter = Meter::new(&run.terms().limits, rng);
        plan.run(&mut Datasets { served: self, run }, &mut meter)
    }

    fn read(
        &mut self,
        stream: &mut entry::ObjectStream,
        visit: &mut dyn FnMut(&[u8]) -> Result<(), ProgramFailure>,
    ) -> Result<(), ProgramFailure> {
        let object = stream.object();
        let (_, body) = self.bodies.iter().find(|(id, _)| *id == object).expect("only what was granted is read");
        stream.next_group(&mut body.clone(), visit)
    }
}

struct Datasets<'a> {
    served: &'a mut Served,
    run: &'a Run,
}

struct Failure(ProgramFailure);

impl From<CsvError> for Failure {
    fn from(_: CsvError) -> Self {
        Self(ProgramFailure::Input)
    }
}

impl Inputs for Datasets<'_> {
    fn scan(
        &mut self,
        dataset: &str,
        columns: &[usize],
        visit: &mut dyn FnMut(&Batch) -> Result<(), ProgramFailure>,
    ) -> Result<(), ProgramFailure> {
        let (terms, mut stream) = self.run.open_dataset(dataset, &RustCrypto)?;
        let mut decoder = CsvDecoder::with_projection(&terms.columns, terms.maximum_rows, columns);
        self.served.read(&mut stream, &mut |plaintext| {
            decoder.decode(plaintext, |batch| visit(batch).map_err(Failure)).map_err(|Failure(failure)| failure)
        })?;
        decoder.finish(|batch| visit(batch).map_err(Failure)).map_err(|Failure(failure)| failure)?;
        Ok(())
    }
}
