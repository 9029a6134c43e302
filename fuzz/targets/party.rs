//! What a party reads at home: its key file, the cards of others, what others bring to be judged.

use super::shown::{plain, shown};
use sealroom::{Card, EvidenceBundle, Identity, ReceiptBundle};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

/// A key file without a passphrase, or a card: what a key file names is what its secrets make, and a card that was read
/// is written and read again as the same.
pub(crate) fn key_file(bytes: &[u8]) -> bool {
    let file = Scratch::new(bytes);
    let identity = shown(Identity::load(&file.0, None));
    if let Some(identity) = &identity {
        assert_eq!(identity.card().fingerprint(), identity.fingerprint());
    }
    let card = shown(Card::load(&file.0));
    drop(file);
    if let Some(card) = &card {
        let again = Card::load(&Scratch::new(card.to_text().as_bytes()).0);
        assert_eq!(&again.expect("a card's own text is a card"), card);
    }
    assert!(identity.is_none() || card.is_none(), "a secret is never taken for a card");
    identity.is_some() || card.is_some()
}

/// Evidence with all that an appraisal needs, as a host brings it; or a receipt with all that a stranger needs. What was
/// read is written and read again as the same, and a bundle that holds has a contract and a receipt.
pub(crate) fn bundle(bytes: &[u8]) -> bool {
    let evidence = serde_json::from_slice::<EvidenceBundle>(bytes).ok();
    if let Some(evidence) = &evidence {
        let text = serde_json::to_vec(evidence).expect("a bundle has no key that is no text");
        assert_eq!(serde_json::from_slice::<EvidenceBundle>(&text).ok().as_ref(), Some(evidence));
    }
    let Some(receipt) = shown(ReceiptBundle::decode(bytes)) else { return evidence.is_some() };
    assert_eq!(ReceiptBundle::decode(&receipt.encode()).ok().as_ref(), Some(&receipt));
    let report = receipt.verify(None);
    if report.holds() {
        assert!(receipt.contract().is_ok() && receipt.receipt().is_ok());
    }
    for check in &report.checks {
        plain(&check.meaning);
        check.failure.iter().for_each(|failure| plain(failure));
    }
    report.receipt.is_some()
}

/// A file of mode 0600 that is gone afterwards.
struct Scratch(PathBuf);

impl Scratch {
    fn new(bytes: &[u8]) -> Self {
        let name = format!("sealroom-fuzz-{}-{:?}", std::process::id(), std::thread::current().id());
        let folder = PathBuf::from("/dev/shm");
        let folder = if folder.is_dir() { folder } else { std::env::temp_dir() };
        let path = folder.join(name);
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&path);
        file.and_then(|mut file| file.write_all(bytes)).expect("a file of our own can be written");
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0));
    }
}
