//! The host's logs: they grow, wait for heads, survive a restart, and take cosignatures that hold and no others.

mod asked;

use super::*;
use crate::private::OpenToOthers;
use crate::test_support::{contract, key, mode, receipt};
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
        let cosigned = logs.cosign(&store, &contract.id(), witness.verifier(), line).await.unwrap();
        assert_eq!(cosigned.checkpoint.note().signatures().len(), 2);
        assert_eq!(witness.verifier().verify(cosigned.checkpoint.note()).unwrap().time, time);
    }
    let stranger = WitnessSigner::new("w.example/1", key(8)).unwrap();
    let line = witness.cosign(&state.checkpoint, 7);
    let refused = logs.cosign(&store, &contract.id(), stranger.verifier(), line.clone()).await.unwrap_err();
    assert_eq!(refused, Refusal::Cosignature { what: "no signature by \"w.example/1\"".into() });
    let kept = Logs::open(folder.path()).unwrap().state(&store, &contract.id()).await.unwrap();
    assert_eq!(witness.verifier().verify(kept.checkpoint.note()).unwrap().time, 6);
    let _ = store.keep_receipt(&receipt(&contract, 2, Some(&first)), None).await.unwrap();
    let old = logs.cosign(&store, &contract.id(), witness.verifier(), line).await.unwrap_err();
    let what = "the signature by \"w.example/1\" does not hold over this text".into();
    assert_eq!(old, Refusal::Cosignature { what });
    assert_eq!(logs.state(&store, &contract.id()).await.unwrap().checkpoint.note().signatures().len(), 1);
}
