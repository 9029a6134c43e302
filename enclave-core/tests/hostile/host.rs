//! The host that drives a room, in one process: it carries out what the enclave's process would, and may lie.

use crate::program::CountRows;
use crate::refused::refused;
use crate::world::{NOW, World};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sealroom_enclave_core::program::{Inputs, Meter, ProgramFailure};
use sealroom_enclave_core::{Programs, Room, Run, Step, entry};
use sealroom_protocol::id::ObjectId;
use sealroom_protocol::message::{self, EnclaveMessage, HostMessage, PREFIX_LENGTH, RefusalMessage};
use sealroom_protocol::object::{Manifest, PREFIX_LENGTH as BODY_PREFIX};
use sealroom_protocol::provider::RustCrypto;
use sealroom_protocol::run::{Proposal, SignedProposal, SignedReceipt};
use sealroom_protocol::table::{Batch, CsvDecoder, CsvError};
use std::collections::BTreeMap;

/// A room and the host that drives it.
pub(crate) struct Host {
    pub(crate) room: Room,
    pub(crate) rng: ChaCha20Rng,
    /// Bodies by object, as this host serves them.
    pub(crate) bodies: BTreeMap<ObjectId, (Vec<u8>, Vec<u8>)>,
    /// A stop that arrives at the first read of a run.
    pub(crate) stop_while_running: Option<Vec<u8>>,
}

impl Host {
    pub(crate) fn new(world: &World, seed: u8) -> Self {
        let mut rng = ChaCha20Rng::from_seed([seed; 32]);
        let room = Room::new(Programs::new(&[&CountRows]), &RustCrypto, &mut rng);
        let bodies = world.objects.iter().map(|object| (object.id, (object.manifest.clone(), object.body.clone())));
        Self { room, rng, bodies: bodies.collect(), stop_while_running: None }
    }

    /// A room with its contract and manifests.
    pub(crate) fn opened(world: &World, seed: u8) -> Self {
        let mut host = Self::new(world, seed);
        let opened = host.send(HostMessage::Open { now: NOW, contract: world.envelope.clone() });
        assert!(matches!(opened.as_slice(), [EnclaveMessage::Opened { .. }]), "{opened:?}");
        for object in &world.objects {
            host.bring(&object.manifest);
        }
        host
    }

    pub(crate) fn bring(&mut self, manifest: &[u8]) {
        let brought = self.send(HostMessage::Bring { manifest: manifest.to_vec() });
        assert!(matches!(brought.as_slice(), [EnclaveMessage::Brought { .. }]), "{brought:?}");
    }

    /// Sends one message and carries out what the process would.
    pub(crate) fn send(&mut self, message: HostMessage) -> Vec<EnclaveMessage> {
        let step = self.room.handle(message, &mut self.rng);
        let mut answers = Vec::new();
        let messages = match step {
            Step::Answer(messages) | Step::End(messages) => messages,
            Step::Attest { report_data, challenges } => {
                vec![self.room.evidence(challenges, Some((report_data.to_vec(), Vec::new())))]
            }
            Step::Run(accepted, run) => {
                answers.push(accepted);
                let run = self.run(*run);
                match self.room.end_run(run, &mut self.rng) {
                    Step::Answer(messages) | Step::End(messages) => messages,
                    other => panic!("a run ends with answers, found {other:?}"),
                }
            }
        };
        answers.extend(messages);
        answers.iter().map(|outgoing| message::decode(&outgoing.encode().unwrap()[PREFIX_LENGTH..]).unwrap()).collect()
    }

    fn run(&mut self, mut run: Run) -> Run {
        if let Some(stop) = self.stop_while_running.take() {
            run.take_stop(&stop).unwrap();
            run.set_outcome(Err(ProgramFailure::Stopped));
            return run;
        }
        let programs = Programs::new(&[&CountRows]);
        let request = run.open_request(&RustCrypto).unwrap().map(|mut stream| {
            let mut content = Vec::new();
            read(&mut stream, &self.bodies, &mut |plaintext| {
                content.extend_from_slice(plaintext);
                Ok(())
            })
            .map(|()| content)
        });
        let outcome =
            request.transpose().and_then(|request| run.plan(&programs, request.as_deref())).and_then(|plan| {
                let limits = run.terms().limits;
                plan.run(&mut Served { run: &run, bodies: &self.bodies }, &mut Meter::new(&limits, &mut self.rng))
            });
        run.set_outcome(outcome);
        run
    }

    /// Asks for a proposal of the world's datasets.
    pub(crate) fn propose(&mut self, world: &World, run: u64, receipts: &[Vec<u8>]) -> Vec<EnclaveMessage> {
        let receipts = receipts.to_vec();
        self.send(HostMessage::Propose { now: NOW, run, receipts, datasets: world.datasets(), request: None })
    }

    /// The proposal, which must be there.
    pub(crate) fn proposed(&mut self, world: &World, run: u64, receipts: &[Vec<u8>]) -> Proposal {
        proposal(&self.propose(world, run, receipts))
    }

    /// One whole honest run; gives the receipt.
    pub(crate) fn complete_run(&mut self, world: &mut World, run: u64, receipts: &[Vec<u8>]) -> Vec<u8> {
        let proposal = self.proposed(world, run, receipts);
        let north = world.grant("north", &proposal);
        let south = world.grant("south", &proposal);
        self.send(north);
        receipt(&self.send(south))
    }
}

struct Served<'a> {
    run: &'a Run,
    bodies: &'a BTreeMap<ObjectId, (Vec<u8>, Vec<u8>)>,
}

struct Stopped(ProgramFailure);

impl From<CsvError> for Stopped {
    fn from(_: CsvError) -> Self {
        Self(ProgramFailure::Input)
    }
}

impl Inputs for Served<'_> {
    fn scan(
        &mut self,
        dataset: &str,
        columns: &[usize],
        visit: &mut dyn FnMut(&Batch) -> Result<(), ProgramFailure>,
    ) -> Result<(), ProgramFailure> {
        let (terms, mut stream) = self.run.open_dataset(dataset, &RustCrypto)?;
        let mut decoder = CsvDecoder::with_projection(&terms.columns, terms.maximum_rows, columns);
        read(&mut stream, self.bodies, &mut |plaintext| {
            decoder.decode(plaintext, |batch| visit(batch).map_err(Stopped)).map_err(|Stopped(failure)| failure)
        })?;
        decoder.finish(|batch| visit(batch).map_err(Stopped)).map_err(|Stopped(failure)| failure)?;
        Ok(())
    }
}

fn read(
    stream: &mut entry::ObjectStream,
    bodies: &BTreeMap<ObjectId, (Vec<u8>, Vec<u8>)>,
    visit: &mut dyn FnMut(&[u8]) -> Result<(), ProgramFailure>,
) -> Result<(), ProgramFailure> {
    let (manifest, body) = bodies.get(&stream.object()).unwrap();
    let manifest = Manifest::decode(manifest).unwrap();
    for index in 0..stream.group_count() {
        let range = manifest.group_range(index).unwrap();
        let (start, mut end) = (usize::try_from(range.start).unwrap(), usize::try_from(range.end).unwrap());
        if index + 1 == stream.group_count() {
            // The last group is served with whatever this host put behind it.
            end = body.len();
        }
        let mut group = body.get(start.max(BODY_PREFIX)..end).unwrap_or_default().to_vec();
        stream.next_group(&mut group, visit)?;
    }
    Ok(())
}

pub(crate) fn proposal(answers: &[EnclaveMessage]) -> Proposal {
    match answers {
        [EnclaveMessage::Proposed { proposal }] => SignedProposal::decode(proposal).unwrap().allegation().clone(),
        other => panic!("expected a proposal, found {other:?}"),
    }
}

/// The receipt among the answers.
pub(crate) fn receipt(answers: &[EnclaveMessage]) -> Vec<u8> {
    let found = answers.iter().find_map(|answer| match answer {
        EnclaveMessage::Receipt { receipt } => Some(receipt.clone()),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("expected a receipt, found {answers:?}"))
}

pub(crate) fn decoded(receipt: &[u8]) -> SignedReceipt {
    SignedReceipt::decode(receipt).unwrap()
}

/// Asserts that the one answer is a refusal by this check, with all its parts, and that nothing else left.
#[track_caller]
pub(crate) fn assert_refused(answers: &[EnclaveMessage], check: &str) {
    match answers {
        [EnclaveMessage::Refused(RefusalMessage { check: found, message, hint })] => {
            refused(check, found, message, hint);
        }
        other => panic!("expected a refusal by {check}, found {other:?}"),
    }
}

/// Whether any result left.
pub(crate) fn released(answers: &[EnclaveMessage]) -> bool {
    answers.iter().any(|answer| matches!(answer, EnclaveMessage::OutputPart { .. } | EnclaveMessage::OutputEnd { .. }))
}
