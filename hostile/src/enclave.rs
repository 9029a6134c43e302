//! An enclave in this process: the real room, carried out as its process would, on objects that a host serves.
//!
//! What always holds: nothing of the room is replaced; sockets and processes are left out. Messages go through the frames
//! that would cross the socket. The tests of `enclave-core` have a smaller one of their own: they are below this crate, and
//! their host lies about groups.

use crate::platform::{Measured, Platform};
use crate::recorder::Recorder;
use core::fmt::Debug;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sealroom_enclave_core::program::{Inputs, Meter, Outputs, ProgramFailure};
use sealroom_enclave_core::{Programs, Room, Run, Step, entry, release};
use sealroom_protocol::id::ObjectId;
use sealroom_protocol::message::{self, EnclaveMessage, HostMessage, PREFIX_LENGTH};
use sealroom_protocol::object::Manifest;
use sealroom_protocol::table::{Batch, CsvDecoder, CsvError};
use std::collections::{BTreeMap, BTreeSet};

/// What a host keeps of objects: manifest and body.
#[derive(Debug, Clone, Default)]
pub struct Bodies(BTreeMap<ObjectId, (Vec<u8>, Vec<u8>)>);

impl Bodies {
    pub(crate) fn insert(&mut self, object: ObjectId, manifest: Vec<u8>, body: Vec<u8>) {
        self.0.insert(object, (manifest, body));
    }

    /// An object's manifest.
    #[must_use]
    pub fn manifest(&self, object: &ObjectId) -> Option<&[u8]> {
        self.0.get(object).map(|(manifest, _)| manifest.as_slice())
    }

    /// All bodies.
    pub(crate) fn bodies(&self) -> impl Iterator<Item = &[u8]> {
        self.0.values().map(|(_, body)| body.as_slice())
    }

    /// Changes one bit of a body, as a lying host serves it; once more, and it is whole again.
    pub(crate) fn spoil(&mut self, object: &ObjectId) {
        if let Some(byte) = self.0.get_mut(object).and_then(|(_, body)| body.last_mut()) {
            *byte ^= 1;
        }
    }

    /// One group of an object's chunks.
    #[must_use]
    pub fn group(&self, object: &ObjectId, index: u64) -> Option<&[u8]> {
        let (manifest, body) = self.0.get(object)?;
        let range = Manifest::decode(manifest).ok()?.group_range(index).ok()?;
        body.get(usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?)
    }
}

/// What an enclave is started with.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "arguments by name")]
pub struct EnclaveStart {
    /// The programs of its image.
    pub programs: Programs,
    /// Its AEAD, which remembers keys and nonces.
    pub provider: &'static Recorder,
    /// What its signing key is drawn from. One start of a schedule has it, and schedules share it.
    pub signing_seed: [u8; 32],
    /// What all else is drawn from. One start has it, of all schedules.
    pub seed: [u8; 32],
}

/// What came of one message.
#[derive(Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "all that there is to see")]
pub struct Sent {
    /// Everything that left, in order.
    pub messages: Vec<EnclaveMessage>,
    /// Objects of which a byte was decrypted.
    pub decrypted: BTreeSet<ObjectId>,
}

/// An enclave as its host sees it.
pub trait Enclave: Debug {
    /// Carries out one message; `bodies` is what the host serves meanwhile.
    fn send(&mut self, message: HostMessage, bodies: &Bodies) -> Sent;
}

/// The real room.
#[derive(Debug)]
pub struct RoomEnclave {
    room: Room,
    programs: Programs,
    provider: &'static Recorder,
    rng: ChaCha20Rng,
}

impl RoomEnclave {
    /// Starts it.
    #[must_use]
    pub fn start(start: EnclaveStart) -> Self {
        let EnclaveStart { programs, provider, signing_seed, seed } = start;
        let room = Room::new(programs, provider, &mut ChaCha20Rng::from_seed(signing_seed));
        Self { room, programs, provider, rng: ChaCha20Rng::from_seed(seed) }
    }

    fn run(&mut self, run: &Run, served: &mut Served<'_>) -> Result<Outputs, ProgramFailure> {
        let plan = run.plan(&self.programs, served.request.as_deref())?;
        plan.run(served, &mut Meter::new(&run.terms().limits, &mut self.rng))
    }
}

impl Enclave for RoomEnclave {
    fn send(&mut self, message: HostMessage, bodies: &Bodies) -> Sent {
        let frame = message::encode(&message).unwrap();
        let (mut left, mut decrypted) = (Vec::new(), BTreeSet::new());
        let step = match entry::message(frame.get(PREFIX_LENGTH..).unwrap_or_default()) {
            Ok(message) => self.room.handle(message, &mut self.rng),
            Err(refusal) => Step::Answer(vec![release::refused(&refusal)]),
        };
        let answers = match step {
            Step::Answer(answers) | Step::End(answers) => answers,
            Step::Attest { report_data, challenges } => {
                let platform = Platform::shared();
                let evidence = (platform.report(Measured::Accepted, &report_data), platform.endorsements());
                vec![self.room.evidence(challenges, Some(evidence))]
            }
            Step::Run(accepted, mut run) => {
                left.push(accepted);
                let request = run.open_request(self.provider).map(|stream| {
                    stream.map(|mut stream| {
                        let mut content = Vec::new();
                        let read = read(&mut stream, bodies, &mut decrypted, &mut |plaintext| {
                            content.extend_from_slice(plaintext);
                            Ok(())
                        });
                        read.map(|()| content)
                    })
                });
                let outcome = request.and_then(Option::transpose).and_then(|request| {
                    let provider = self.provider;
                    let mut served = Served { run: &run, bodies, provider, request, decrypted: &mut decrypted };
                    self.run(&run, &mut served)
                });
                run.set_outcome(outcome);
                match self.room.end_run(*run, &mut self.rng) {
                    Step::Answer(answers) | Step::End(answers) => answers,
                    other => panic!("a run ends with answers, found {other:?}"),
                }
            }
        };
        left.extend(answers);
        let decode = |frame: Vec<u8>| message::decode(frame.get(PREFIX_LENGTH..).unwrap_or_default()).unwrap();
        Sent { messages: left.iter().map(|outgoing| decode(outgoing.encode().unwrap())).collect(), decrypted }
    }
}

/// The inputs of one run, as this host serves them.
struct Served<'a> {
    run: &'a Run,
    bodies: &'a Bodies,
    provider: &'static Recorder,
    request: Option<Vec<u8>>,
    decrypted: &'a mut BTreeSet<ObjectId>,
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
        let (terms, mut stream) = self.run.open_dataset(dataset, self.provider)?;
        let mut decoder = CsvDecoder::with_projection(&terms.columns, terms.maximum_rows, columns);
        read(&mut stream, self.bodies, self.decrypted, &mut |plaintext| {
            decoder.decode(plaintext, |batch| visit(batch).map_err(Stopped)).map_err(|Stopped(failure)| failure)
        })?;
        decoder.finish(|batch| visit(batch).map_err(Stopped)).map_err(|Stopped(failure)| failure)?;
        Ok(())
    }
}

fn read(
    stream: &mut entry::ObjectStream,
    bodies: &Bodies,
    decrypted: &mut BTreeSet<ObjectId>,
    visit: &mut dyn FnMut(&[u8]) -> Result<(), ProgramFailure>,
) -> Result<(), ProgramFailure> {
    let object = stream.object();
    for index in 0..stream.group_count() {
        let mut group = bodies.group(&object, index).unwrap_or_default().to_vec();
        stream.next_group(&mut group, &mut |piece| {
            decrypted.insert(object);
            visit(piece)
        })?;
    }
    Ok(())
}
