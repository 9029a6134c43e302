//! What is asked for often costs the same however many receipts there are: pages, and what a proposal brings.

use super::{Running, answer};
use crate::store::{ReceiptName, Store};
use crate::test_support::{config, contract_with, key, receipt};
use sealroom_protocol::contract::Contract;
use sealroom_protocol::id::ReceiptId;
use sealroom_protocol::identity::EncryptionSecret;
use sealroom_protocol::run::{Ending, Outcome, Receipt, SignedReceipt};
use serde_json::Value;
use std::path::Path;

async fn store(folder: &Path) -> Store {
    let (url, state) = (format!("file://{}/store", folder.display()), folder.join("state"));
    Store::open(&url, &Default::default(), &state).await.unwrap()
}

/// A void receipt of the same run as a complete one, for another proposal.
fn void(complete: &SignedReceipt, number: u8) -> SignedReceipt {
    let Receipt { contract, mut proposal, counts, time, .. } = complete.allegation().clone();
    proposal.run_key = EncryptionSecret::from_seed(&[number; 32]).public();
    let counts = counts.into_iter().map(|mut count| {
        count.after = count.before;
        count
    });
    let receipt = Receipt {
        contract,
        outcome: Outcome::Void,
        ending: Ending::Abandoned,
        proposal,
        grants: Vec::new(),
        statement: None,
        stop: None,
        outputs: Vec::new(),
        counts: counts.collect(),
        gap: Vec::new(),
        time,
    };
    SignedReceipt::sign(receipt, &key(9))
}

/// Runs of a contract that go on from one another, and ever more void receipts of the thirtieth.
async fn fill(store: &Store, contract: &Contract) -> Vec<SignedReceipt> {
    let mut complete: Vec<SignedReceipt> = Vec::new();
    for run in 1..=40 {
        complete.push(receipt(contract, run, complete.last()));
    }
    for receipt in &complete {
        let _ = store.keep_receipt(receipt, None).await.unwrap();
    }
    for number in 10..50 {
        let _ = store.keep_receipt(&void(&complete[29], number), Some(key(1).public())).await.unwrap();
    }
    complete
}

#[tokio::test]
async fn pages_of_receipts_are_short_and_together_every_receipt_once() {
    let folder = tempfile::tempdir().unwrap();
    let (contract, _) = contract_with(|terms| terms.limits.runs = 100);
    let kept = {
        let store = store(folder.path()).await;
        drop(fill(&store, &contract).await);
        store.receipts(&contract.id()).await.unwrap()
    };
    assert_eq!(kept.len(), 80);
    let host = Running::start(config(folder.path(), "/bin/false", "")).await;
    let path = format!("/v1/contracts/{}/receipts", contract.id());
    let (mut place, mut ids, mut pages) = ((0, 0), Vec::new(), Vec::new());
    loop {
        let (from, skip) = place;
        let (status, page) =
            answer(host.client.get(format!("http://{}{path}?from={from}&skip={skip}", host.authority))).await;
        assert_eq!(status, 200);
        let shown = page["receipts"].as_array().unwrap();
        pages.push(shown.len());
        ids.extend(shown.iter().map(|receipt| receipt["id"].as_str().unwrap().parse::<ReceiptId>().unwrap()));
        let Value::Number(run) = &page["next"] else { break };
        let next = (run.as_u64().unwrap(), page["skip"].as_u64().unwrap());
        assert!(next > place, "a page goes on: {next:?}");
        place = next;
    }
    assert_eq!(ids, kept.iter().map(|name| name.id).collect::<Vec<_>>());
    assert_eq!(pages, [16; 5]);
    assert_eq!(host.get(&format!("{path}?from=41")).await.1["receipts"], Value::Array(Vec::new()));
    host.stop().await;
}

#[tokio::test]
async fn a_proposal_brings_the_newest_run_and_those_it_goes_on_from_however_many_there_are() {
    let folder = tempfile::tempdir().unwrap();
    let (contract, _) = contract_with(|terms| terms.limits.runs = 100);
    let store = store(folder.path()).await;
    let complete = fill(&store, &contract).await;
    let encoded = |receipts: &[SignedReceipt]| receipts.iter().map(SignedReceipt::encode).collect::<Vec<_>>();
    let newest = async |most, limit| store.newest_complete(&contract.id(), most, limit).await.unwrap();
    assert_eq!(newest(16, usize::MAX).await, encoded(&complete[24..]));
    assert_eq!(newest(100, usize::MAX).await, encoded(&complete));
    let two = encoded(&complete[38..]).concat().len();
    assert_eq!(newest(16, two).await, encoded(&complete[38..]));
    // One that was held back, and that the newest does not go on from, is left out.
    let late = receipt(&contract, 45, complete.last());
    let after = receipt(&contract, 50, complete.last());
    for receipt in [&late, &after] {
        let _ = store.keep_receipt(receipt, None).await.unwrap();
    }
    assert_eq!(newest(2, usize::MAX).await, encoded(&[complete[39].clone(), after]));
}

#[tokio::test]
async fn names_in_memory_are_those_of_a_new_listing() {
    let folder = tempfile::tempdir().unwrap();
    let (contract, _) = contract_with(|terms| terms.limits.runs = 100);
    let first = store(folder.path()).await;
    assert!(first.receipts(&contract.id()).await.unwrap().is_empty());
    let complete = fill(&first, &contract).await;
    let listed = first.receipts(&contract.id()).await.unwrap();
    // The same one again, by a party that brings it: its name stays that of the room.
    let name = first.keep_receipt(&complete[3], Some(key(1).public())).await.unwrap();
    assert!(name.brought.is_some());
    let more = receipt(&contract, 41, complete.last());
    let added: ReceiptName = first.keep_receipt(&more, None).await.unwrap();
    let held = first.receipts(&contract.id()).await.unwrap();
    assert_eq!((listed.len(), held.len(), held.last()), (80, 81, Some(&added)));
    assert_eq!(held, store(folder.path()).await.receipts(&contract.id()).await.unwrap());
}
