//! What allowed keys try in contracts that are not theirs, parties with receipts that they made up, and strangers with
//! connections.

use super::{Running, Signed, answer};
use crate::config::Config;
use crate::host::Host;
use crate::http::authorise::Caller;
use crate::http::contracts::{keep_receipt, next_run};
use crate::refusal::Refusal;
use crate::room::tests::{Script, propose, scripted};
use crate::serve::begin;
use crate::store::ReceiptName;
use crate::test_support::{config, contract, contract_with, key, object};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use core::time::Duration;
use futures_util::future::join_all;
use reqwest::{Client, Method};
use sealroom_protocol::contract::{Contract, LogTerms};
use sealroom_protocol::id::{ObjectId, ReceiptId};
use sealroom_protocol::identity::EncryptionSecret;
use sealroom_protocol::log::WitnessSigner;
use sealroom_protocol::message::{EnclaveMessage, HostMessage};
use sealroom_protocol::run::{
    Count, Ending, GAP_LISTED, Outcome, Proposal, ProposedDataset, RUN_NUMBER_LIMIT, Receipt, SignedReceipt,
    SignedStatement, Statement,
};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{oneshot, watch};

const ROOM: &str = "00000000000000000000000000000000";

/// A void receipt by an enclave key that somebody made up: it holds, and says nothing.
fn made_up(contract: &Contract, run: u64, enclave: u8) -> Vec<u8> {
    let proposal = Proposal {
        contract: contract.id(),
        run,
        head: None,
        head_run: 0,
        datasets: vec![ProposedDataset { name: "patients".into(), object: ObjectId::from_bytes([3; 32]) }],
        request: None,
        enclave_key: key(enclave).public(),
        run_key: EncryptionSecret::from_seed(&[3; 32]).public(),
    };
    let receipt = Receipt {
        contract: contract.id(),
        outcome: Outcome::Void,
        ending: Ending::Abandoned,
        proposal,
        grants: Vec::new(),
        statement: None,
        stop: None,
        outputs: Vec::new(),
        counts: vec![Count { party: "one".into(), before: 0, after: 0 }],
        gap: (1..run).take(GAP_LISTED).collect(),
        time: 0,
    };
    let signed = SignedReceipt::sign(receipt, &key(enclave));
    let _ = signed.verify(contract).unwrap();
    signed.encode()
}

/// A host that allows party 1 and a stranger to its contracts (key 2).
fn two_allowed(folder: &Path) -> Config {
    let stranger = format!("[[allowed]]\nname = \"two\"\nsigning_key = \"{}\"\n", key(2).public());
    config(folder, "/bin/false", &stranger)
}

/// The same host with a room whose enclave is a script.
async fn with_room(
    config: Config,
    contract: (Contract, Vec<u8>),
    script: impl FnOnce(Script) + Send + 'static,
) -> (Running, Arc<Host>) {
    let listener = TcpListener::bind(config.listen).await.unwrap();
    let local = listener.local_addr().unwrap();
    let authorities = config.authorities(local);
    let host = Arc::new(Host::open(config, authorities).await.unwrap());
    let id = contract.0.id();
    host.store.keep_contract(&id, contract.1.clone()).await.unwrap();
    // The room takes its end for the host's shutdown.
    let end = watch::Sender::new(false);
    let world = (Arc::clone(&host.store), *host.limits(), end.subscribe());
    host.adopt(ROOM, scripted(contract, world, script).await.unwrap());
    let (shutdown, stopped) = oneshot::channel::<()>();
    let ending = async move {
        drop(stopped.await);
        drop(end);
    };
    let serving = begin(Arc::clone(&host), (listener, local), None, ending);
    let running = Running { client: Client::new(), scheme: "http", authority: local.to_string(), serving, shutdown };
    (running, host)
}

fn by(host: &Running, party: u8, path: &str, body: &[u8]) -> Signed {
    host.sign(Method::POST, path, body, &key(party), crate::room::now())
}

#[tokio::test]
async fn receipts_are_taken_from_parties_of_the_contract_and_made_up_ones_only_so_many() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = two_allowed(folder.path());
    config.allowed[0].quota.void_receipts = 2;
    let (host, _) = with_room(config, contract(), |mut script| {
        script.open();
        drop(script.hear());
    })
    .await;
    let contract = contract().0;
    let path = format!("/v1/contracts/{}/receipts", contract.id());
    let stranger = by(&host, 2, &path, &made_up(&contract, 1, 20));
    assert_eq!(host.send(&stranger).await, (403, json!("contract.party")));
    for (enclave, expected) in [(20, 201), (21, 201), (20, 201), (22, 507)] {
        let (status, said) = host.send(&by(&host, 1, &path, &made_up(&contract, 1, enclave))).await;
        assert_eq!(status, expected, "{enclave}: {said}");
    }
    let (_, said) = host.send(&by(&host, 1, &path, &made_up(&contract, 1, 22))).await;
    assert_eq!(said, json!("receipt.quota"));
    let (_, listed) = host.get(&path).await;
    assert_eq!(listed["receipts"].as_array().map(Vec::len), Some(2), "{listed}");
}

#[tokio::test]
async fn receipts_that_are_brought_at_once_are_counted_one_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = two_allowed(folder.path());
    config.allowed[0].quota.void_receipts = 2;
    let host = Host::open(config, Vec::new()).await.unwrap();
    let contract = contract().0;
    let caller = Caller(Arc::clone(&host.allowed[&key(1).public()]));
    let receipts: Vec<_> = (20..24).map(|enclave| made_up(&contract, 1, enclave)).collect();
    // None is counted while another one is.
    let guard = host.store.bringing(&contract.id()).await;
    let waiting = keep_receipt(&host, &contract, &caller, &receipts[0]);
    assert!(tokio::time::timeout(Duration::from_millis(500), waiting).await.is_err());
    assert_eq!(host.store.receipts(&contract.id()).await.unwrap().len(), 0);
    drop(guard);
    let kept = join_all(receipts.iter().map(|receipt| keep_receipt(&host, &contract, &caller, receipt))).await;
    let refused = kept.iter().filter(|kept| **kept == Err(Refusal::ReceiptQuota { limit: 2 })).count();
    assert_eq!(refused, 2, "{kept:?}");
    assert_eq!(host.store.receipts(&contract.id()).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_made_up_receipt_moves_no_run_number() {
    let folder = tempfile::tempdir().unwrap();
    let (manifest, body) = object(100);
    let dataset = manifest.id();
    let (host, state) = with_room(two_allowed(folder.path()), contract(), move |mut script| {
        script.open();
        // It asserts that the run is the first.
        propose(&mut script, dataset);
        drop(script.hear());
    })
    .await;
    let scratch = state.store.scratch().await.unwrap().append(Bytes::from(body)).await.unwrap();
    state.store.adopt(&manifest, manifest.encode().into(), scratch, &key(1).public()).await.unwrap();
    let contract = contract().0;
    let path = format!("/v1/contracts/{}/receipts", contract.id());
    let (status, said) = host.send(&by(&host, 1, &path, &made_up(&contract, RUN_NUMBER_LIMIT, 20))).await;
    assert_eq!((status, &said["run"]), (201, &json!(RUN_NUMBER_LIMIT)), "{said}");
    // Also where it comes along with the wish.
    let brought = STANDARD.encode(made_up(&contract, RUN_NUMBER_LIMIT, 21));
    let wanted = json!({
        "run": null, "datasets": { "patients": dataset.to_string() }, "request": null, "receipts": [brought],
    });
    let path = format!("/v1/rooms/{ROOM}/proposal");
    let (status, said) = host.send(&by(&host, 1, &path, wanted.to_string().as_bytes())).await;
    assert_eq!((status, &said["run"]), (200, &json!(1)), "{said}");
}

#[tokio::test]
async fn cosignatures_are_taken_from_parties_of_the_contract_and_of_witnesses_that_it_names() {
    let folder = tempfile::tempdir().unwrap();
    let contract = contract_with(|terms| terms.log = Some(LogTerms::new(1, &[("w.example", key(7).public())])));
    let path = format!("/v1/contracts/{}/log", contract.0.id());
    let (host, state) = with_room(two_allowed(folder.path()), contract.clone(), |mut script| {
        script.open();
        drop(script.hear());
    })
    .await;
    let log = state.logs.state(&state.store, &contract.0.id()).await.unwrap();
    let brought = |name: &str, number: u8| {
        let witness = WitnessSigner::new(name, key(number)).unwrap();
        let line = witness.cosign(&log.checkpoint, 5).to_string();
        json!({ "witness": witness.verifier().to_string(), "line": line }).to_string()
    };
    let cosign = format!("{path}/cosignatures");
    let genuine = brought("w.example", 7);
    let send = async |party, body: &str| host.send(&by(&host, party, &cosign, body.as_bytes())).await;
    assert_eq!(send(2, &genuine).await, (403, json!("contract.party")));
    for (name, number) in [("made.up", 20), ("w.example", 20), ("other.example", 7)] {
        assert_eq!(send(1, &brought(name, number)).await, (422, json!("log.witness")), "{name}");
    }
    let (status, said) = send(1, &genuine).await;
    assert_eq!(status, 200, "{said}");
    let (_, shown) = host.get(&path).await;
    assert_eq!(shown["checkpoint"], said["checkpoint"]);
    assert_eq!(shown["checkpoint"].as_str().unwrap().matches("\u{2014} ").count(), 2, "{shown}");
}

#[test]
fn the_next_run_is_the_lowest_free_one_above_the_head_and_above_what_the_room_proposed() {
    let contract = contract().0;
    let name = |run, complete, party: Option<u8>| ReceiptName {
        run,
        id: ReceiptId::from_bytes([0; 32]),
        complete,
        brought: party.map(|party| key(party).public()),
    };
    assert_eq!(next_run(&[], &contract, 0), 1);
    let mut names = vec![name(3, true, Some(1)), name(4, false, None), name(9, false, Some(1))];
    assert_eq!(next_run(&names, &contract, 0), 5);
    assert_eq!(next_run(&names, &contract, 8), 9);
    // A party may have had a room of this host give a high one up: another room goes on where the head is.
    names.push(name(RUN_NUMBER_LIMIT, false, None));
    assert_eq!(next_run(&names, &contract, 0), 5);
    names.push(name(7, true, None));
    assert_eq!(next_run(&names, &contract, 0), 8);
    // Where nobody grants, whoever brings a complete receipt can have made it up.
    let (open, _) = contract_with(|terms| {
        terms.datasets.clear();
        terms.parties[0].roles = vec![sealroom_protocol::contract::Role::Result];
    });
    assert_eq!(next_run(&[name(RUN_NUMBER_LIMIT, true, Some(1))], &open, 0), 1);
}

#[tokio::test]
async fn in_a_room_only_parties_of_its_contract_act() {
    let folder = tempfile::tempdir().unwrap();
    let void = made_up(&contract().0, 1, 9);
    let expected = STANDARD.encode(&void);
    let (host, _) = with_room(two_allowed(folder.path()), contract(), move |mut script| {
        script.open();
        // Nothing of the stranger's came before.
        assert!(matches!(script.hear(), HostMessage::Abandon { .. }));
        script.say(&EnclaveMessage::Receipt { receipt: void });
        drop(script.hear());
    })
    .await;
    let proposal = sealroom_protocol::id::ProposalId::from_bytes([1; 32]);
    let region = Statement::HostRegion { contract: contract().0.id(), proposal, region: "CH".into(), clock: 0 };
    let grant = json!({ "grant": "", "ciphertext": "" }).to_string();
    let wanted = json!({ "run": null, "datasets": {}, "request": null, "receipts": [] }).to_string();
    for (action, body) in [
        ("statement", SignedStatement::sign(region, &key(2)).encode()),
        ("proposal", wanted.into_bytes()),
        ("grants", grant.into_bytes()),
        ("stop", Vec::new()),
        ("abandon", Vec::new()),
    ] {
        let sent = host.send(&by(&host, 2, &format!("/v1/rooms/{ROOM}/{action}"), &body)).await;
        assert_eq!(sent, (403, json!("contract.party")), "{action}");
    }
    let abandoned = host.send(&by(&host, 1, &format!("/v1/rooms/{ROOM}/abandon"), b"")).await;
    assert_eq!(abandoned, (200, json!({ "receipt": expected })));
}

#[tokio::test]
async fn an_operators_statement_is_kept_when_it_is_signed_by_the_contracts_operator_and_never_replaced_by_another() {
    let folder = tempfile::tempdir().unwrap();
    let contract = contract_with(|terms| terms.enclaves[0].operator = Some(key(5).public()));
    let id = contract.0.id();
    let (host, _) = with_room(two_allowed(folder.path()), contract, |mut script| {
        script.open();
        let HostMessage::Attest { challenges } = script.hear() else { panic!("a challenge") };
        script.say(&EnclaveMessage::Evidence { evidence: vec![1], endorsements: Vec::new(), challenges });
        drop(script.hear());
    })
    .await;
    let statement = |signer: u8, enclave: u8, expires| {
        let enclave_key = key(enclave).public();
        let said = Statement::Operator { contract: id, enclave_key, site: "Basel".into(), expires };
        SignedStatement::sign(said, &key(signer)).encode()
    };
    let path = format!("/v1/rooms/{ROOM}/statement");
    let genuine = statement(5, 9, 3_000_000_000);
    for (party, body, expected) in [
        (2, &genuine, (403, json!("contract.party"))),
        (1, &statement(1, 9, 4_000_000_000), (422, json!("statement.form"))),
        (1, &statement(5, 8, 4_000_000_000), (422, json!("statement.form"))),
    ] {
        assert_eq!(host.send(&by(&host, party, &path, body)).await, expected);
    }
    for body in [&genuine, &statement(5, 9, 2_000_000_000)] {
        assert_eq!(host.send(&by(&host, 1, &path, body)).await.0, 200);
    }
    let challenge = json!({ "challenge": "11".repeat(32) }).to_string();
    let (_, said) = host.send(&by(&host, 1, &format!("/v1/rooms/{ROOM}/evidence"), challenge.as_bytes())).await;
    assert_eq!(said["operator_statement"], json!(STANDARD.encode(&genuine)), "{said}");
}

#[tokio::test]
async fn clients_that_read_nothing_are_dropped_and_another_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let limits = "[limits]\nheader_timeout_s = 60\nwrite_timeout_s = 1\nconnections = 4";
    let host = Running::start(config(folder.path(), "/bin/false", limits)).await;
    let mut hungry = Vec::new();
    // More than the system's buffers hold.
    let requests = "GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(1_000);
    for _ in 0..4 {
        let mut stream = TcpStream::connect(&host.authority).await.unwrap();
        stream.write_all(requests.as_bytes()).await.unwrap();
        hungry.push(stream);
    }
    let health = host.client.get(format!("http://{}/v1/health", host.authority));
    let served = tokio::time::timeout(Duration::from_secs(20), answer(health)).await.map(|(status, _)| status);
    assert_eq!(served, Ok(200));
    drop(hungry);
    host.stop().await;
}

#[tokio::test]
async fn one_address_leaves_places_to_others() {
    let folder = tempfile::tempdir().unwrap();
    let limits = "[limits]\nheader_timeout_s = 60\nconnections = 4\nconnections_per_address = 2";
    let host = Running::start(config(folder.path(), "/bin/false", limits)).await;
    let address = host.serving.local_addr();
    let connect = async |from: &str| {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(format!("{from}:0").parse().unwrap()).unwrap();
        socket.connect(address).await.unwrap()
    };
    let ask = async |mut stream: TcpStream| {
        // One that was closed may take this or not.
        drop(stream.write_all(b"GET /v1/health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await);
        let mut answer = Vec::new();
        drop(stream.read_to_end(&mut answer).await);
        String::from_utf8(answer).unwrap().contains("200 OK")
    };
    let idle = [connect("127.0.0.2").await, connect("127.0.0.2").await];
    assert!(!ask(connect("127.0.0.2").await).await);
    assert!(ask(connect("127.0.0.3").await).await);
    drop(idle);
    host.stop().await;
}

#[tokio::test]
async fn a_party_whose_bodies_do_not_come_keeps_nobody_elses_from_being_read() {
    let folder = tempfile::tempdir().unwrap();
    let host = Running::start(two_allowed(folder.path())).await;
    let path = format!("/v1/rooms/{ROOM}/proposal");
    let mut slow = Vec::new();
    for _ in 0..5 {
        let signed = by(&host, 1, &path, b"").headers;
        let mut stream = TcpStream::connect(&host.authority).await.unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\ncontent-digest: {}\r\n\
             signature-input: {}\r\nsignature: {}\r\n\r\n",
            host.authority,
            20 << 20,
            signed.content_digest,
            signed.signature_input,
            signed.signature
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        slow.push(stream);
    }
    // Longer than it takes to come in; each that is admitted has its memory now.
    tokio::time::sleep(Duration::from_millis(500)).await;
    for (action, body) in [("grants", vec![b' '; 1 << 20]), ("proposal", vec![b' '; 20 << 20])] {
        let signed = by(&host, 2, &format!("/v1/rooms/{ROOM}/{action}"), &body);
        let served = tokio::time::timeout(Duration::from_secs(8), host.send(&signed)).await;
        assert_eq!(served, Ok((404, json!("room.unknown"))), "{action}");
    }
    drop(slow);
    host.stop().await;
}
