//! The host's logs: they grow, wait for heads, survive a restart, and take cosignatures that hold and no others.

mod asked;

use super::*;
use crate::private::OpenToOthers;
use crate::test_support::{contract, contract_with, key, mode, receipt};
use sealroom_protocol::contract::{Party, Role};
use sealroom_protocol::identity::EncryptionSecret;
use sealroom_protocol::log::WitnessSigner;

async fn store(folder: &Path) -> Store {
    Store::open(&format!("file://{}/store", folder.display()), &Default::default(), folder).await.unwrap()
}

fn ids(receipts: &[&SignedReceipt]) -> Vec<ReceiptId> {
    receipts.iter().map(|receipt| receipt.allegation().id()).collect()
}

#[tokio::test]
async fn a_log_grows_with_the_receipts_that_are_kept_and_stays_the_same_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (contract, _) = contract();
    let store = store(folder.path()).await;
    let logs = Logs::open(folder.path()).unwrap();
    let empty = logs.state(&store, &contract.id()).await.unwrap();
    assert_eq!((empty.checkpoint.allegation().head().size, empty.key.name()), (0, origin_of(&contract.id()).as_str()));
    let first = receipt(&contract, 1, None);
    let second = receipt(&contract, 2, Some(&first));
    let third = receipt(&contract, 3, Some(&first));
    // The second waits for the first.
    let _ = store.keep_receipt(&second, None).await.unwrap();
    let state = logs.state(&store, &contract.id()).await.unwrap();
    assert_eq!((state.receipts, state.waiting), (Vec::new(), ids(&[&second])));
    let _ = store.keep_receipt(&first, None).await.unwrap();
    let grown = logs.state(&store, &contract.id()).await.unwrap();
    assert_eq!((&grown.receipts, &grown.waiting), (&ids(&[&first, &second]), &Vec::new()));
    let leaves = [&first, &second].map(|receipt| leaf_of(receipt.allegation())).to_vec();
    assert_eq!(grown.checkpoint.allegation().head(), &Tree::new(leaves).head());
    let _ = grown.key.verify(grown.checkpoint.note()).unwrap();
    // One of another history never gets in.
    let _ = store.keep_receipt(&third, None).await.unwrap();
    let state = logs.state(&store, &contract.id()).await.unwrap();
    assert_eq!((state.receipts, state.waiting), (grown.receipts.clone(), ids(&[&third])));
    let again = Logs::open(folder.path()).unwrap().state(&store, &contract.id()).await.unwrap();
    assert_eq!((again.key, again.checkpoint, again.receipts), (grown.key, grown.checkpoint, grown.receipts));
}

#[tokio::test]
async fn a_log_whose_receipt_was_lost_says_which_and_goes_on_when_a_party_brings_it() {
    let folder = tempfile::tempdir().unwrap();
    let (contract, _) = contract();
    let store = store(folder.path()).await;
    let logs = Logs::open(folder.path()).unwrap();
    let first = receipt(&contract, 1, None);
    let second = receipt(&contract, 2, Some(&first));
    for kept in [&first, &second] {
        let _ = store.keep_receipt(kept, None).await.unwrap();
    }
    let whole = logs.state(&store, &contract.id()).await.unwrap();
    let receipts = folder.path().join(format!("store/contracts/{}/receipts", contract.id()));
    let lost = second.allegation().id();
    let file = std::fs::read_dir(&receipts).unwrap().map(|file| file.unwrap().path());
    let file: Vec<_> = file.filter(|path| path.to_string_lossy().contains(&lost.to_string())).collect();
    assert_eq!(file.len(), 1);
    std::fs::remove_file(&file[0]).unwrap();
    drop(store);
    let (store, logs) = (self::store(folder.path()).await, Logs::open(folder.path()).unwrap());
    let signer = logs.signer(&contract.id()).unwrap();
    match logs.load(&store, &contract.id(), &signer).await.unwrap_err() {
        StoreError::ReceiptMissing { contract: of, receipt } => assert_eq!((of, receipt), (contract.id(), lost)),
        other => panic!("{other}"),
    }
    let _ = store.keep_receipt(&second, Some(key(1).public())).await.unwrap();
    let again = logs.state(&store, &contract.id()).await.unwrap();
    assert_eq!((again.checkpoint, again.receipts), (whole.checkpoint, whole.receipts));
}

#[test]
fn a_log_key_that_others_can_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.key");
    drop(Logs::open(folder.path()).unwrap());
    mode(&path, 0o640);
    let StoreError::File(error) = Logs::open(folder.path()).unwrap_err() else { panic!("the file's mode") };
    let open: &OpenToOthers = error.get_ref().unwrap().downcast_ref().unwrap();
    assert_eq!((&open.path, open.found, open.expected), (&path, 0o640, 0o600));
    mode(&path, 0o600);
    drop(Logs::open(folder.path()).unwrap());
}

#[tokio::test]
async fn a_receipt_that_was_brought_late_is_appended_and_moves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (contract, _) = contract();
    let store = store(folder.path()).await;
    let logs = Logs::open(folder.path()).unwrap();
    let first = receipt(&contract, 1, None);
    let (second, third) = (receipt(&contract, 2, Some(&first)), receipt(&contract, 3, Some(&first)));
    for kept in [&first, &third, &second] {
        let _ = store.keep_receipt(kept, None).await.unwrap();
        drop(logs.state(&store, &contract.id()).await.unwrap());
    }
    let again = Logs::open(folder.path()).unwrap().state(&store, &contract.id()).await.unwrap();
    assert_eq!((again.receipts, again.waiting), (ids(&[&first, &third, &second]), Vec::new()));
}

#[tokio::test]
async fn a_cosignature_is_taken_where_it_holds_and_until_the_log_grows() {
    let folder = tempfile::tempdir().unwrap();
    let (contract, _) = contract();
    let store = store(folder.path()).await;
    let logs = Logs::open(folder.path()).unwrap();
    let first = receipt(&contract, 1, None);
    let _ = store.keep_receipt(&first, None).await.unwrap();
    let state = logs.state(&store, &contract.id()).await.unwrap();
    let witness = WitnessSigner::new("w.example/1", key(7)).unwrap();
    for time in [5, 6] {
        let line = witness.cosign(&state.checkpoint, time);
        let cosigned = logs.cosign(&store, &contract, None, witness.verifier(), line).await.unwrap();
        assert_eq!(cosigned.checkpoint.note().signatures().len(), 2);
        assert_eq!(witness.verifier().verify(cosigned.checkpoint.note()).unwrap().time, time);
    }
    let stranger = WitnessSigner::new("w.example/1", key(8)).unwrap();
    let line = witness.cosign(&state.checkpoint, 7);
    let refused = logs.cosign(&store, &contract, None, stranger.verifier(), line.clone()).await.unwrap_err();
    assert_eq!(refused, Refusal::Cosignature { what: "no signature by \"w.example/1\"".into() });
    let kept = Logs::open(folder.path()).unwrap().state(&store, &contract.id()).await.unwrap();
    assert_eq!(witness.verifier().verify(kept.checkpoint.note()).unwrap().time, 6);
    let _ = store.keep_receipt(&receipt(&contract, 2, Some(&first)), None).await.unwrap();
    let old = logs.cosign(&store, &contract, None, witness.verifier(), line).await.unwrap_err();
    let what = "the signature by \"w.example/1\" does not hold over this text".into();
    assert_eq!(old, Refusal::Cosignature { what });
    assert_eq!(logs.state(&store, &contract.id()).await.unwrap().checkpoint.note().signatures().len(), 1);
}

#[tokio::test]
async fn where_a_contract_names_no_witness_a_party_takes_no_other_partys_share_of_the_lines() {
    let folder = tempfile::tempdir().unwrap();
    let encryption = EncryptionSecret::from_seed(&[2; 32]).public();
    let two = Party::new("two", &[Role::Result], key(2).public(), encryption);
    let (contract, _) = contract_with(|terms| {
        terms.parties.push(two);
        terms.results[0].recipients.push("two".into());
    });
    let store = store(folder.path()).await;
    let (greedy, other) = (key(1).public(), key(2).public());
    let bring = async |logs: &Logs, by, number: u8| {
        let state = logs.state(&store, &contract.id()).await.unwrap();
        let witness = WitnessSigner::new("made.up", key(number)).unwrap();
        let line = witness.cosign(&state.checkpoint, 5);
        let state = logs.cosign(&store, &contract, Some(by), witness.verifier(), line).await?;
        let _ = witness.verifier().verify(state.checkpoint.note()).unwrap();
        Ok(state.checkpoint.note().signatures().len())
    };
    let logs = Logs::open(folder.path()).unwrap();
    for number in 0..31 {
        assert_eq!(bring(&logs, &greedy, 100 + number).await, Ok(usize::from(number) + 2));
    }
    assert_eq!(bring(&logs, &greedy, 99).await, Err(Refusal::CosignatureQuota { limit: 31 }));
    // In place of one of its own.
    assert_eq!(bring(&logs, &greedy, 100).await, Ok(32));
    assert_eq!(bring(&logs, &other, 50).await, Ok(33));
    // Nobody knows any more who brought which.
    let logs = Logs::open(folder.path()).unwrap();
    for number in 0..31 {
        assert_eq!(bring(&logs, &greedy, 150 + number).await, Ok(usize::from(number) + 34));
    }
    assert_eq!(bring(&logs, &other, 51).await, Ok(33), "its share is there all the same");
}
