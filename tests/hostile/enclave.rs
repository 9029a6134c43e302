//! A room's process, driven by hand over its socket.

use crate::image::built;
use core::time::Duration;
use sealroom::{EvidenceBundle, Granted};
use sealroom_protocol::id::ObjectId;
use sealroom_protocol::identity::SigningPublicKey;
use sealroom_protocol::message::{self, EnclaveMessage, HostMessage, PREFIX_LENGTH, RefusalMessage};
use sealroom_protocol::object::Manifest;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// No honest answer takes longer; what does is a hang.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running enclave and its socket.
pub(crate) struct Enclave {
    launcher: Child,
    pub(crate) socket: UnixStream,
    pub(crate) pid: u32,
    pub(crate) key: Option<SigningPublicKey>,
    /// Everything that went over the socket, both ways.
    pub(crate) traffic: Vec<u8>,
    /// What runs asked for.
    pub(crate) asked: Vec<(ObjectId, u64)>,
}

impl Drop for Enclave {
    fn drop(&mut self) {
        drop(self.launcher.kill());
        drop(self.launcher.wait());
    }
}

impl Enclave {
    /// Starts `image` under the platform whose root is in `state`.
    pub(crate) fn start(image: &Path, state: &Path) -> Self {
        let (socket, theirs) = UnixStream::pair().unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut launcher = Command::new(&built().0)
            .arg("run")
            .arg("--image")
            .arg(image)
            .arg("--state")
            .arg(state)
            .stdin(OwnedFd::from(theirs))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(launcher.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let started: serde_json::Value = serde_json::from_str(&line).unwrap();
        let pid = u32::try_from(started["pid"].as_u64().unwrap()).unwrap();
        Self { launcher, socket, pid, key: None, traffic: Vec::new(), asked: Vec::new() }
    }

    pub(crate) fn write(&mut self, message: &HostMessage) {
        let frame = message::encode(message).unwrap();
        self.traffic.extend_from_slice(&frame);
        self.socket.write_all(&frame).unwrap();
    }

    /// The next message, or `None` when the process has ended.
    pub(crate) fn read(&mut self) -> Option<EnclaveMessage> {
        let mut prefix = [0; PREFIX_LENGTH];
        match self.socket.read_exact(&mut prefix) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => panic!("the enclave hangs"),
            Err(_) => return None,
        }
        let mut body = vec![0; message::body_length(prefix).unwrap()];
        self.socket.read_exact(&mut body).ok()?;
        self.traffic.extend_from_slice(&body);
        Some(message::decode(&body).unwrap())
    }

    pub(crate) fn ask(&mut self, message: &HostMessage) -> EnclaveMessage {
        self.write(message);
        self.read().unwrap()
    }

    /// Asks, and expects a refusal.
    #[track_caller]
    pub(crate) fn refused(&mut self, message: &HostMessage) -> RefusalMessage {
        match self.ask(message) {
            EnclaveMessage::Refused(refusal) => refusal,
            other => panic!("expected a refusal, found {other:?}"),
        }
    }

    pub(crate) fn open(&mut self, now: u64, contract: Vec<u8>) {
        match self.ask(&HostMessage::Open { now, contract }) {
            EnclaveMessage::Opened { enclave_key } => {
                self.key = Some(SigningPublicKey::from_bytes(enclave_key).unwrap());
            }
            other => panic!("expected an open room, found {other:?}"),
        }
    }

    pub(crate) fn attest(&mut self, mut challenges: Vec<[u8; 32]>) -> EvidenceBundle {
        challenges.sort_unstable();
        match self.ask(&HostMessage::Attest { challenges }) {
            EnclaveMessage::Evidence { evidence, endorsements, challenges } => EvidenceBundle {
                enclave_key: self.key.unwrap(),
                evidence,
                endorsements,
                challenges,
                operator_statement: None,
                appraised: 0,
            },
            other => panic!("expected Evidence, found {other:?}"),
        }
    }

    pub(crate) fn bring(&mut self, manifest: &[u8]) {
        let answer = self.ask(&HostMessage::Bring { manifest: manifest.to_vec() });
        assert!(matches!(answer, EnclaveMessage::Brought { .. }), "{answer:?}");
    }

    pub(crate) fn propose(&mut self, now: u64, run: u64, receipts: Vec<Vec<u8>>, datasets: Vec<ObjectId>) -> Vec<u8> {
        match self.ask(&HostMessage::Propose { now, run, receipts, datasets, request: None }) {
            EnclaveMessage::Proposed { proposal } => proposal,
            other => panic!("expected a proposal, found {other:?}"),
        }
    }

    /// Delivers a grant, serves what the run reads, and gives everything that came until the room waits again.
    pub(crate) fn grant(&mut self, now: u64, granted: &Granted, bodies: &Bodies) -> Delivered {
        let message = HostMessage::Grant { now, grant: granted.envelope(), ciphertext: granted.ciphertext().to_vec() };
        self.write(&message);
        self.until_settled(bodies)
    }

    pub(crate) fn until_settled(&mut self, bodies: &Bodies) -> Delivered {
        let mut delivered = Delivered::default();
        while let Some(message) = self.read() {
            match message {
                EnclaveMessage::Accepted { ref missing, .. } if missing.is_empty() => {}
                EnclaveMessage::Accepted { missing, .. } => {
                    delivered.missing = missing;
                    return delivered;
                }
                EnclaveMessage::Read { object, index } => {
                    self.asked.push((object, index));
                    let bytes = bodies.group(object, index);
                    self.write(&HostMessage::Group { object, index, bytes });
                }
                EnclaveMessage::OutputPart { name, bytes } => {
                    delivered.body.extend_from_slice(&bytes);
                    delivered.outputs.entry(name).or_default().1.extend_from_slice(&bytes);
                }
                EnclaveMessage::OutputEnd { name, manifest } => {
                    delivered.manifest = Some(manifest.clone());
                    delivered.outputs.entry(name).or_default().0 = manifest;
                }
                EnclaveMessage::Receipt { receipt } => {
                    delivered.receipt = Some(receipt);
                    return delivered;
                }
                EnclaveMessage::Refused(refusal) => {
                    delivered.refusal = Some(refusal);
                    return delivered;
                }
                other => panic!("unexpected while a run goes on: {other:?}"),
            }
        }
        delivered.died = true;
        delivered
    }

    pub(crate) fn kill(&mut self) {
        // The launcher takes its enclave with it.
        self.launcher.kill().unwrap();
        self.launcher.wait().unwrap();
    }
}

/// What came after a grant.
#[derive(Debug, Default)]
pub(crate) struct Delivered {
    pub(crate) missing: Vec<String>,
    pub(crate) body: Vec<u8>,
    pub(crate) manifest: Option<Vec<u8>>,
    /// Manifest and body by the result's name.
    pub(crate) outputs: BTreeMap<String, (Vec<u8>, Vec<u8>)>,
    pub(crate) receipt: Option<Vec<u8>>,
    pub(crate) refusal: Option<RefusalMessage>,
    pub(crate) died: bool,
}

impl Delivered {
    /// Whether any byte of a result left.
    pub(crate) fn released(&self) -> bool {
        !self.body.is_empty() || self.manifest.is_some()
    }
}

/// What the host keeps: manifest and body by object.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bodies(pub(crate) BTreeMap<ObjectId, (Vec<u8>, Vec<u8>)>);

impl Bodies {
    fn group(&self, object: ObjectId, index: u64) -> Vec<u8> {
        let (manifest, body) = &self.0[&object];
        let range = Manifest::decode(manifest).unwrap().group_range(index).unwrap();
        body[usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap()].to_vec()
    }
}
