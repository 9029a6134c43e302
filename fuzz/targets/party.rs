//! What a party reads at home: its key file, the cards of others, what others bring to be judged.

use super::scratch::Scratch;
use super::shown::{plain, shown};
use sealroom::{Card, EvidenceBundle, Identity, ReceiptBundle};

/// A key file without a passphrase, or a card: what a key file names is what its secrets make, and a card that was read
/// is written and read again as the same.
pub(crate) fn key_file(bytes: &[u8]) -> bool {
    let file = Scratch::file(bytes);
    let identity = shown(Identity::load(file.path(), None));
    if let Some(identity) = &identity {
        assert_eq!(identity.card().fingerprint(), identity.fingerprint());
    }
    let card = shown(Card::load(file.path()));
    drop(file);
    if let Some(card) = &card {
        let again = Card::load(Scratch::file(card.to_text().as_bytes()).path());
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
