//! Rooms against a scripted enclave on the socket's other end: one that behaves, and ones that do not.

use super::launch::{Log, Started};
use super::{Ended, Opening, Peer, Phase, Room, Wish, launch};
use crate::config::{Limits, StoreOptions};
use crate::refusal::Refusal;
use crate::store::Store;
use crate::test_support::{config, contract, key, object};
use bytes::Bytes;
use sealroom_protocol::contract::Contract;
use sealroom_protocol::id::ObjectId;
use sealroom_protocol::identity::EncryptionSecret;
use sealroom_protocol::message::{self, EnclaveMessage, HostMessage, PREFIX_LENGTH, RefusalMessage};
use sealroom_protocol::run::{Ending, Outcome, Proposal, Receipt, SignedProposal, SignedReceipt};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream as StdUnixStream;
use std::path::Path;
use std::sync::Arc;
use tokio::net::UnixStream;
use tokio::sync::watch;

/// The enclave's end, for a script on a thread.
pub(crate) struct Script(StdUnixStream);

impl Script {
    pub(crate) fn hear(&mut self) -> HostMessage {
        let mut prefix = [0; PREFIX_LENGTH];
        self.0.read_exact(&mut prefix).unwrap();
        let mut body = vec![0; message::body_length(prefix).unwrap()];
        self.0.read_exact(&mut body).unwrap();
        message::decode(&body).unwrap()
    }

    pub(crate) fn say(&mut self, message: &EnclaveMessage) {
        // The host may have closed: what a test asserts is what the host said.
        drop(self.0.write_all(&message::encode(message).unwrap()));
    }

    /// Stays until the host closes.
    fn linger(&mut self) {
        drop(self.0.read_to_end(&mut Vec::new()));
    }

    pub(crate) fn open(&mut self) {
        assert!(matches!(self.hear(), HostMessage::Open { .. }));
        self.say(&EnclaveMessage::Opened { enclave_key: *key(9).public().as_bytes() });
    }
}

/// A room whose enclave is a script.
pub(crate) async fn scripted(
    (contract, envelope): (Contract, Vec<u8>),
    (store, limits, shutdown): (Arc<Store>, Limits, watch::Receiver<bool>),
    script: impl FnOnce(Script) + Send + 'static,
) -> Result<Room, Refusal> {
    let (ours, theirs) = StdUnixStream::pair().unwrap();
    ours.set_nonblocking(true).unwrap();
    drop(std::thread::spawn(move || script(Script(theirs))));
    let started = Started { measurement: "00".into(), pid: 1, anchor: "sha256:00".into() };
    let socket = UnixStream::from_std(ours).unwrap();
    let peer = Peer { socket, started, log: Log::default(), process: None };
    Room::open(peer, Opening { contract, envelope, owner: key(1).public() }, store, limits, shutdown).await
}

struct Scene {
    folder: tempfile::TempDir,
    store: Arc<Store>,
    limits: Limits,
    shutdown: watch::Sender<bool>,
}

impl Scene {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("file://{}/store", folder.path().display());
        let store = Store::open(&url, &StoreOptions::default(), &folder.path().join("state")).await.unwrap();
        let limits = Limits { answer_timeout_s: 1, ..Limits::default() };
        Self { folder, store: Arc::new(store), limits, shutdown: watch::Sender::new(false) }
    }

    async fn room(&self, script: impl FnOnce(Script) + Send + 'static) -> Result<Room, Refusal> {
        scripted(contract(), (Arc::clone(&self.store), self.limits, self.shutdown.subscribe()), script).await
    }

    /// An object in the store.
    async fn stored(&self, plaintext: usize) -> ObjectId {
        let (manifest, body) = object(plaintext);
        let scratch = self.store.scratch().await.unwrap().append(Bytes::from(body)).await.unwrap();
        self.store.adopt(&manifest, manifest.encode().into(), scratch, &key(1).public()).await.unwrap();
        manifest.id()
    }
}

fn proposal(datasets: &[ObjectId]) -> Proposal {
    let name = || "patients".into();
    Proposal {
        contract: contract().0.id(),
        run: 1,
        head: None,
        head_run: 0,
        datasets: datasets
            .iter()
            .map(|object| sealroom_protocol::run::ProposedDataset { name: name(), object: *object })
            .collect(),
        request: None,
        enclave_key: key(9).public(),
        run_key: EncryptionSecret::from_seed(&[3; 32]).public(),
    }
}

fn receipt(datasets: &[ObjectId], outcome: Outcome, ending: Ending) -> Vec<u8> {
    let receipt = Receipt {
        contract: contract().0.id(),
        outcome,
        ending,
        proposal: proposal(datasets),
        grants: Vec::new(),
        statement: None,
        stop: None,
        outputs: Vec::new(),
        counts: Vec::new(),
        gap: Vec::new(),
        time: 0,
    };
    SignedReceipt::sign(receipt, &key(9)).encode()
}

fn wish(datasets: &[ObjectId]) -> Wish {
    Wish { run: 1, receipts: Vec::new(), datasets: datasets.to_vec(), request: None, request_object: None }
}

/// The script of a proposal, up to its grant.
pub(crate) fn propose(script: &mut Script, dataset: ObjectId) {
    assert!(matches!(script.hear(), HostMessage::Bring { .. }));
    script.say(&EnclaveMessage::Brought { object: dataset });
    assert!(matches!(script.hear(), HostMessage::Propose { run: 1, .. }));
    script.say(&EnclaveMessage::Proposed { proposal: SignedProposal::sign(proposal(&[dataset]), &key(9)).encode() });
}

fn failed(reason: &str) -> Refusal {
    Refusal::RoomFailed(Ended::enclave(reason))
}

#[tokio::test]
async fn a_run_reads_its_groups_and_leaves_a_result_and_a_receipt() {
    let scene = Scene::new().await;
    let dataset = scene.stored(40 << 20).await;
    let (result, result_body) = object(100_000);
    let result_id = result.id();
    let room = scene
        .room(move |mut script| {
            script.open();
            propose(&mut script, dataset);
            assert!(matches!(script.hear(), HostMessage::Grant { .. }));
            script.say(&EnclaveMessage::Accepted { missing: Vec::new(), statement_missing: false });
            // In order, several at once, skipping, and back to the start.
            let order: Vec<u64> = (0..12).chain(20..30).chain([39, 0, 1]).collect();
            for indexes in order.chunks(4) {
                for index in indexes {
                    script.say(&EnclaveMessage::Read { object: dataset, index: *index });
                }
                for index in indexes {
                    let HostMessage::Group { object, index: found, bytes } = script.hear() else { panic!("a group") };
                    assert_eq!((object, found, bytes.len()), (dataset, *index, 1_049_600));
                }
            }
            for part in result_body.chunks(30_000) {
                script.say(&EnclaveMessage::OutputPart { name: "means".into(), bytes: part.to_vec() });
            }
            script.say(&EnclaveMessage::OutputEnd { name: "means".into(), manifest: result.encode() });
            let receipt = receipt(&[dataset], Outcome::Complete, Ending::Released);
            script.say(&EnclaveMessage::Receipt { receipt });
            assert!(matches!(script.hear(), HostMessage::Attest { challenges } if challenges == [[5; 32]]));
            let (evidence, endorsements, challenges) = (vec![1], vec![vec![2]], vec![[5; 32]]);
            script.say(&EnclaveMessage::Evidence { evidence, endorsements, challenges });
            script.linger();
        })
        .await
        .unwrap();
    assert_eq!(room.status().phase, Phase::Attest);
    let proposed = room.propose(wish(&[dataset])).await.unwrap();
    assert_eq!((proposed.run, proposed.id), (1, proposal(&[dataset]).id()));
    let status = room.status();
    assert_eq!((status.phase, status.missing), (Phase::Grant, vec!["one".to_owned()]));
    let accepted = room.grant(vec![1], vec![2]).await.unwrap();
    assert!(accepted.running && accepted.missing.is_empty());
    let evidence = loop {
        match room.evidence([5; 32]).await {
            Ok(evidence) => break evidence,
            // Refused while the run goes on.
            Err(refusal) => assert_eq!(refusal, Refusal::RoomRunning),
        }
        tokio::time::sleep(core::time::Duration::from_millis(5)).await;
    };
    assert_eq!(evidence.evidence, [1]);
    assert_eq!(room.status().phase, Phase::Attest);
    assert!(scene.store.length(&result_id).is_some());
    let names = scene.store.receipts(&room.contract().id()).await.unwrap();
    assert_eq!(names.iter().map(|name| (name.run, name.complete)).collect::<Vec<_>>(), [(1, true)]);
    assert_eq!(room.status().receipt, Some(names[0].id));
    assert_eq!(std::fs::read_dir(scene.folder.path().join("state/scratch")).unwrap().count(), 0);
}

#[tokio::test]
async fn refusals_of_the_enclave_pass_through_and_leave_the_room_open() {
    let scene = Scene::new().await;
    let refusal = |check: &str| {
        let refusal = RefusalMessage { check: check.into(), message: "m".into(), hint: "h".into() };
        EnclaveMessage::Refused(refusal)
    };
    let expected =
        |check: &str, opening| Refusal::Enclave { check: check.into(), message: "m".into(), hint: "h".into(), opening };
    let room = scene
        .room(move |mut script| {
            script.open();
            for check in ["grant.proposal", "stop.party"] {
                drop(script.hear());
                script.say(&refusal(check));
            }
            drop(script.hear());
            script.say(&EnclaveMessage::Receipt { receipt: receipt(&[], Outcome::Void, Ending::Abandoned) });
            drop(script.hear());
            script.say(&EnclaveMessage::Ended);
        })
        .await
        .unwrap();
    assert_eq!(room.grant(Vec::new(), Vec::new()).await.unwrap_err(), expected("grant.proposal", false));
    assert_eq!(room.stop(Vec::new()).await.unwrap_err(), expected("stop.party", false));
    assert_eq!(room.abandon().await, Ok(receipt(&[], Outcome::Void, Ending::Abandoned)));
    assert_eq!(room.stop(Vec::new()).await, Ok(None));
    assert_eq!(room.stop(Vec::new()).await, Err(Refusal::RoomEnded(Ended::Stopped)));
    assert_eq!(room.status().ended, Some(Ended::Stopped));
    let refused = scene
        .room(move |mut script| {
            drop(script.hear());
            script.say(&refusal("contract.expired"));
        })
        .await;
    assert_eq!(refused.unwrap_err(), expected("contract.expired", true));
}

#[tokio::test]
async fn what_an_enclave_said_before_it_went_is_heard_though_it_took_nothing_more() {
    let scene = Scene::new().await;
    let dataset = scene.stored(4 << 20).await;
    let room = scene
        .room(move |mut script| {
            script.open();
            propose(&mut script, dataset);
            assert!(matches!(script.hear(), HostMessage::Grant { .. }));
            script.say(&EnclaveMessage::Accepted { missing: Vec::new(), statement_missing: false });
            // Groups were asked for ahead when the stop came; nobody reads them any more, and they fill the socket.
            assert!(matches!(script.hear(), HostMessage::Stop { .. }));
            (0..4).for_each(|index| script.say(&EnclaveMessage::Read { object: dataset, index }));
            script.say(&EnclaveMessage::Receipt { receipt: receipt(&[dataset], Outcome::Complete, Ending::Stopped) });
            script.say(&EnclaveMessage::Ended);
        })
        .await
        .unwrap();
    drop(room.propose(wish(&[dataset])).await.unwrap());
    assert!(room.grant(Vec::new(), Vec::new()).await.unwrap().running);
    let stopped = room.stop(Vec::new()).await;
    assert_eq!(stopped, Ok(Some(receipt(&[dataset], Outcome::Complete, Ending::Stopped))));
    room.finished().await;
    assert_eq!(room.status().ended, Some(Ended::Stopped));
}

#[tokio::test]
async fn an_enclave_that_dies_garbles_or_hangs_ends_its_room_with_an_answer_to_everyone() {
    let scene = Scene::new().await;
    let ask = async |script: fn(Script)| {
        let room = scene
            .room(move |mut opening| {
                opening.open();
                drop(opening.hear());
                script(opening);
            })
            .await
            .unwrap();
        let answer = room.grant(Vec::new(), Vec::new()).await.unwrap_err();
        room.finished().await;
        assert_eq!(room.status().phase, Phase::Ended);
        assert!(matches!(room.abandon().await, Err(Refusal::RoomEnded(_))));
        answer
    };
    assert_eq!(ask(drop).await, failed("the enclave ended"));
    let garbage = ask(|mut script| script.0.write_all(&[3, 0, 0, 0, 255, 255, 255]).unwrap()).await;
    assert_eq!(garbage, failed("the enclave broke the message format: the frame is not exactly one message"));
    let oversized = ask(|mut script| script.0.write_all(&[255; 4]).unwrap()).await;
    let text = "the enclave broke the message format: a frame of 4294967295 bytes, expected at most 17825792";
    assert_eq!(oversized, failed(text));
    let cut = ask(|mut script| script.0.write_all(&[200, 0, 0, 0, 1]).unwrap()).await;
    assert_eq!(cut, failed("the enclave ended inside a message"));
    let other = ask(|mut script| script.say(&EnclaveMessage::Opened { enclave_key: [0; 32] })).await;
    assert_eq!(other, failed("the enclave sent an opening that nobody asked for"));
    let foreign = ask(|mut script| script.say(&EnclaveMessage::Receipt { receipt: b"{}".to_vec() })).await;
    assert_eq!(foreign, failed("what the enclave gave as a receipt is none of this contract"));
    let hanging = ask(|script| {
        std::thread::sleep(core::time::Duration::from_secs(3));
        drop(script);
    })
    .await;
    assert_eq!(hanging, Refusal::RoomFailed(Ended::Timeout { what: "answer", seconds: 1 }));
}

#[tokio::test]
async fn an_enclave_gets_only_what_was_proposed_and_its_host_stays_within_limits() {
    let scene = Scene::new().await;
    let dataset = scene.stored(100).await;
    let run = async |message: EnclaveMessage, limits: Limits| {
        let scene = Scene {
            limits,
            folder: tempfile::tempdir().unwrap(),
            store: Arc::clone(&scene.store),
            shutdown: watch::Sender::new(false),
        };
        let room = scene
            .room(move |mut script| {
                script.open();
                propose(&mut script, dataset);
                drop(script.hear());
                script.say(&EnclaveMessage::Accepted { missing: Vec::new(), statement_missing: false });
                script.say(&message);
                script.linger();
            })
            .await
            .unwrap();
        drop(room.propose(wish(&[dataset])).await.unwrap());
        drop(room.grant(Vec::new(), Vec::new()).await.unwrap());
        room.finished().await;
        room.status().ended.unwrap()
    };
    let limits = scene.limits;
    let other = EnclaveMessage::Read { object: ObjectId::from_bytes([4; 32]), index: 0 };
    assert_eq!(run(other, limits).await, Ended::enclave("the enclave asked for an object that was not proposed"));
    let outside = EnclaveMessage::Read { object: dataset, index: 1 };
    assert_eq!(
        run(outside, limits).await,
        Ended::enclave("the enclave asked for a group that its object does not have")
    );
    let part = || EnclaveMessage::OutputPart { name: "means".into(), bytes: vec![0; (1 << 20) + 1] };
    let small = Limits { results_mib: 1, ..limits };
    assert_eq!(run(part(), small).await, Ended::enclave("the enclave gave more than 1048576 bytes of results"));
    let end = EnclaveMessage::OutputEnd { name: "means".into(), manifest: Vec::new() };
    assert_eq!(run(end, limits).await, Ended::enclave("a result of the enclave is not an object: it has no body"));
    let idle = Limits { run_timeout_s: 0, ..limits };
    assert_eq!(run(part(), idle).await, Ended::Timeout { what: "end the run", seconds: 0 });
}

#[tokio::test]
async fn at_shutdown_an_open_proposal_is_given_back() {
    let scene = Scene::new().await;
    let dataset = scene.stored(100).await;
    let room = scene
        .room(move |mut script| {
            script.open();
            propose(&mut script, dataset);
            assert!(matches!(script.hear(), HostMessage::Abandon { .. }));
            let receipt = receipt(&[dataset], Outcome::Void, Ending::Abandoned);
            script.say(&EnclaveMessage::Receipt { receipt });
        })
        .await
        .unwrap();
    drop(room.propose(wish(&[dataset])).await.unwrap());
    let _ = scene.shutdown.send_replace(true);
    room.finished().await;
    assert_eq!(room.status().ended, Some(Ended::Shutdown));
    let names = scene.store.receipts(&room.contract().id()).await.unwrap();
    assert_eq!(names.iter().map(|name| (name.run, name.complete)).collect::<Vec<_>>(), [(1, false)]);
}

#[tokio::test]
async fn a_launcher_that_does_not_start_an_enclave_is_a_refusal() {
    let folder = tempfile::tempdir().unwrap();
    let start = async |launcher: &str| {
        let config = config(folder.path(), launcher, "[limits]\nstart_timeout_s = 1");
        match launch(&config.platform, &config.limits).await {
            Err(Refusal::RoomStart { reason }) => reason,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(start("/nowhere/at/all").await, "the launcher does not start: No such file or directory (os error 2)");
    assert_eq!(start("/bin/false").await, "the launcher ended (exit status: 1): ");
    let script = |name: &str, text: &str| script(folder.path(), name, text);
    let says = script("says", "echo why >&2; exit 120");
    assert_eq!(start(&says).await, "the launcher ended (exit status: 120): why");
    assert_eq!(start(&script("silent", "exec sleep 60")).await, "the launcher said nothing within 1 seconds");
}

/// A program that stands for a launcher.
fn script(folder: &Path, name: &str, text: &str) -> String {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    path.display().to_string()
}
