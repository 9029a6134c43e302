//! Logs that hold, how they grow, and the files of logs and keys.

use super::*;
use crate::now;
use crate::testing::Platform;
use sealroom_protocol::log::{HistoryError, LogError, Place, TreeError};

#[test]
fn a_log_reads_back_and_holds_with_what_each_receipt_is_in_it() {
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.log");
    world.log().save(&path).unwrap();
    let log = ReceiptLog::load(&path).unwrap();
    assert_eq!(log, world.log_of(&world.receipts));
    let verified = log.verify(&nothing_asked(), None).unwrap();
    let places: Vec<_> = verified.entries.iter().map(|entry| entry.place).collect();
    assert_eq!(places, [Place::Next, Place::Void, Place::Next, Place::Next]);
    assert_eq!((verified.head.size, verified.enclaves.len(), verified.appraised()), (4, 1, false));
    let empty = ReceiptLog::begin(&world.contract, &world.signer).unwrap();
    assert_eq!(empty.verify(&nothing_asked(), None).unwrap().head.size, 0);
}

#[test]
fn a_log_is_verified_with_the_evidence_of_its_enclaves() {
    let parties = Parties::new();
    let contract = contract_with(&parties, |terms| terms.enclaves = vec![Platform::shared().terms()]);
    let enclave = Enclave::new();
    let receipt = World::complete(&contract, &parties, &enclave, 1, None);
    let signed = sign(&contract, &parties);
    let signer = LogSigner::new(&origin_of(&contract.id()), SigningSecret::generate(&mut random())).unwrap();
    let mut log = ReceiptLog::begin(&signed, &signer).unwrap();
    log.append(&[receipt], &signer).unwrap();
    let evidence = Platform::shared().evidence(&contract, &enclave.signing, &[[5; 32]]);
    log.add_evidence(evidence.clone());
    log.add_evidence(evidence);
    let log = ReceiptLog::decode(&log.encode()).unwrap();
    assert_eq!(log.evidence.len(), 1);
    let verified = log.verify(&nothing_asked(), Some(now())).unwrap();
    assert!(verified.appraised() && verified.enclaves.iter().all(|enclave| enclave.report.holds()));
}

#[test]
fn a_log_takes_only_what_goes_on_from_it() {
    let world = World::new();
    let mut log = world.log_of(&world.receipts[..1]);
    let before = log.clone();
    let later = core::slice::from_ref(&world.receipts[3]);
    let head = world.receipts[2].allegation().id();
    let incomplete = HistoryError::Incomplete { index: 1, head, run: 3 };
    assert!(matches!(log.append(later, &world.signer), Err(LogFileError::History(error)) if error == incomplete));
    let again = core::slice::from_ref(&world.receipts[0]);
    let repeated = HistoryError::Repeated { index: 1, first: 0 };
    assert!(matches!(log.append(again, &world.signer), Err(LogFileError::History(error)) if error == repeated));
    let foreign = World::new();
    let receipt = core::slice::from_ref(&foreign.receipts[0]);
    assert!(matches!(log.append(receipt, &world.signer), Err(LogFileError::Receipt(_))));
    let other = LogSigner::new(world.signer.verifier().name(), SigningSecret::generate(&mut random())).unwrap();
    assert!(matches!(log.append(&world.receipts[1..], &other), Err(LogFileError::Key)));
    assert!(matches!(ReceiptLog::begin(&world.contract, &foreign.signer), Err(LogFileError::Origin { .. })));
    assert_eq!(log, before);
    log.append(&world.receipts[1..], &world.signer).unwrap();
    assert_eq!(log, world.log());
    assert!(matches!(log.prove(4), Err(LogFileError::Tree(TreeError::Index { index: 4, size: 4 }))));
    assert!(matches!(log.request(5), Err(LogFileError::Tree(TreeError::Size { known: 4, asked: 5 }))));
}

#[test]
fn what_is_no_log_is_refused_as_such() {
    let world = World::new();
    let good = String::from_utf8(world.log().encode()).unwrap();
    for (find, with) in
        [("sealroom/1 log", "sealroom/2 log"), ("\"leaves\"", "\"leafs\""), ("\"evidence\": []", "\"evidence\": 1")]
    {
        let changed = good.replace(find, with);
        assert_ne!(changed, good);
        assert!(matches!(ReceiptLog::decode(changed.as_bytes()), Err(LogFileError::Form)), "{find}");
    }
    let cut = good.replace("\\n\\n\u{2014}", "\\n\u{2014}");
    assert!(matches!(ReceiptLog::decode(cut.as_bytes()), Err(LogFileError::Log(LogError::Note { .. }))));
}

#[test]
fn a_key_file_is_private_written_once_and_for_one_use() {
    let folder = tempfile::tempdir().unwrap();
    let (log, witness) = (folder.path().join("log.key"), folder.path().join("witness.key"));
    NoteKey::for_logs(&mut random()).save(&log).unwrap();
    NoteKey::for_witness("w.example/1", &mut random()).unwrap().save(&witness).unwrap();
    let first = ContractId::from_bytes([3; 32]);
    let signer = NoteKey::load(&log).unwrap().log(&first).unwrap();
    assert_eq!(signer.verifier().name(), origin_of(&first));
    assert_eq!(signer.verifier(), NoteKey::load(&log).unwrap().log(&first).unwrap().verifier());
    assert_eq!(NoteKey::load(&witness).unwrap().witness().unwrap().verifier().name(), "w.example/1");
    assert!(matches!(NoteKey::load(&log).unwrap().witness(), Err(NoteKeyError::Use { expected: "witness", .. })));
    assert!(matches!(NoteKey::load(&witness).unwrap().log(&first), Err(NoteKeyError::Use { expected: "log", .. })));
    assert!(matches!(NoteKey::for_logs(&mut random()).save(&log), Err(NoteKeyError::Exists { .. })));
    assert!(matches!(NoteKey::for_witness("w example", &mut random()), Err(NoteKeyError::Name(_))));
    std::fs::write(&log, "{}").unwrap();
    assert!(matches!(NoteKey::load(&log), Err(NoteKeyError::Form { .. })));
    std::fs::set_permissions(&log, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    assert!(matches!(NoteKey::load(&log), Err(NoteKeyError::Shared { mode: 0o644, .. })));
}
