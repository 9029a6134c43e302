//! Witnesses that the host asks by itself: one that is up, one that is down at first, one that sends what does not verify, and
//! one without an address.

use super::{receipt, store};
use crate::host::Host;
use crate::log::ask::{Pace, ask_witnesses};
use crate::test_support::{config, contract_with, key};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use core::time::Duration;
use sealroom_protocol::contract::LogTerms;
use sealroom_protocol::log::{AddCheckpoint, SignedCheckpoint, TreeHead, VerifierKey, WitnessRefusal, WitnessSigner};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

const PACE: Pace = Pace { first: Duration::from_millis(5), most: Duration::from_millis(40), attempts: 200 };

/// A witness that decides as others do, once it is up.
struct Witness {
    signer: WitnessSigner,
    log: VerifierKey,
    /// Requests that it does not answer before.
    down_for: u32,
    latest: Option<TreeHead>,
}

async fn add_checkpoint(State(witness): State<Arc<Mutex<Witness>>>, body: String) -> (StatusCode, String) {
    let witness = &mut *witness.lock().unwrap();
    if witness.down_for > 0 {
        witness.down_for -= 1;
        return (StatusCode::SERVICE_UNAVAILABLE, String::new());
    }
    let request = AddCheckpoint::decode(body.as_bytes()).unwrap();
    match request.judge(&witness.log, witness.latest.as_ref()) {
        Ok(head) => {
            witness.latest = Some(head);
            (StatusCode::OK, format!("{}\n", witness.signer.cosign(&request.checkpoint, 7)))
        }
        Err(WitnessRefusal::Conflict { latest, .. }) => (StatusCode::CONFLICT, format!("{latest}\n")),
        Err(refusal) => (StatusCode::from_u16(refusal.status()).unwrap(), refusal.to_string()),
    }
}

/// Its address, with a path as some have one.
async fn serve(signer: WitnessSigner, log: &VerifierKey, down_for: u32) -> String {
    let witness = Arc::new(Mutex::new(Witness { signer, log: log.clone(), down_for, latest: None }));
    let router = Router::new().route("/here/add-checkpoint", post(add_checkpoint)).with_state(witness);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(tokio::spawn(async move { axum::serve(listener, router).await.unwrap() }));
    format!("http://{address}/here/")
}

fn signer(name: &str, number: u8) -> WitnessSigner {
    WitnessSigner::new(name, key(number)).unwrap()
}

/// The names under the newest checkpoint, once there are so many.
async fn names(host: &Host, contract: &sealroom_protocol::id::ContractId, size: u64, lines: usize) -> Vec<String> {
    for _ in 0..1_000 {
        let checkpoint: SignedCheckpoint = host.logs.state(&host.store, contract).await.unwrap().checkpoint;
        let signatures = checkpoint.note().signatures();
        if checkpoint.allegation().head().size == size && signatures.len() >= lines {
            return signatures.iter().map(|line| line.name().to_owned()).collect();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the witnesses were not asked within ten seconds");
}

#[tokio::test]
async fn each_receipt_is_cosigned_by_the_contracts_witnesses_though_nobody_asks_and_one_is_down_for_a_while() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let named = ["up.example", "late.example", "wrong.example", "elsewhere.example"];
    let keys = [11_u8, 12, 13, 14];
    let (contract, envelope) = contract_with(|terms| {
        let witnesses: Vec<_> = named.iter().zip(keys).map(|(name, number)| (*name, key(number).public())).collect();
        terms.log = Some(LogTerms::new(3, &witnesses));
    });
    let id = contract.id();
    let log = {
        let logs = crate::log::Logs::open(&folder.join("state")).unwrap();
        logs.state(&store(folder).await, &id).await.unwrap().key
    };
    let up = serve(signer("up.example", 11), &log, 0).await;
    let late = serve(signer("late.example", 12), &log, 3).await;
    let wrong = serve(signer("wrong.example", 99), &log, 0).await;
    let witness = |name: &str, url: &str| format!("[[witness]]\nname = \"{name}\"\nurl = \"{url}\"\n");
    let more = [witness("up.example", &up), witness("late.example", &late), witness("wrong.example", &wrong)].concat();
    let host = Arc::new(Host::open(config(folder, "/bin/false", &more), Vec::new()).await.unwrap());
    let asking = tokio::spawn(ask_witnesses(Arc::clone(&host), PACE));
    host.store.keep_contract(&id, envelope).await.unwrap();

    let first = receipt(&contract, 1, None);
    let _ = host.store.keep_receipt(&first, None).await.unwrap();
    let mut signed = names(&host, &id, 1, 3).await;
    signed.sort_unstable();
    let origin = sealroom_protocol::log::origin_of(&id);
    assert_eq!(signed, ["late.example", origin.as_str(), "up.example"]);
    // The next one too, from what they know by now.
    let _ = host.store.keep_receipt(&receipt(&contract, 2, Some(&first)), None).await.unwrap();
    assert_eq!(names(&host, &id, 2, 3).await.len(), 3);
    asking.abort();
}
