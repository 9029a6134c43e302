//! Receipts for the tests of commands: the one of the signed vectors, and what strangers and parties can make up beside it.

use sealroom::SignedReceipt;
use sealroom_protocol::dsse::{Envelope, PayloadType};
use sealroom_protocol::identity::SigningSecret;
use sealroom_protocol::run::{Ending, Grant, Outcome, SignedGrant};
use serde_json::Value;

/// An envelope of the vectors.
pub(crate) fn envelope(name: &str) -> String {
    let vectors: Value = serde_json::from_str(include_str!("../../../tests/vectors/signed/run.json")).unwrap();
    vectors["envelopes"][name].as_str().unwrap().to_owned()
}

/// The complete receipt.
pub(crate) fn complete() -> SignedReceipt {
    SignedReceipt::decode(envelope("receipt, complete").as_bytes()).unwrap()
}

/// A party's signing key, as in the vectors.
pub(crate) fn key(party: &str) -> SigningSecret {
    let seed = ["cleveland", "zurich", "institute", "overseer"].iter().zip(1..).find(|(name, _)| **name == party);
    SigningSecret::from_seed(&[seed.unwrap().1; 32])
}

/// A void receipt of a run that never was, under a made-up enclave key, granted by these parties.
pub(crate) fn void(run: u64, parties: &[&str]) -> SignedReceipt {
    void_by(0x5e, run, parties)
}

/// The same under the enclave key of this seed.
pub(crate) fn void_by(seed: u8, run: u64, parties: &[&str]) -> SignedReceipt {
    let enclave = SigningSecret::from_seed(&[seed; 32]);
    let mut receipt = complete().allegation().clone();
    let sample = SignedGrant::decode(&receipt.grants[0].encode()).unwrap().allegation().clone();
    receipt.proposal.run = run;
    receipt.proposal.enclave_key = enclave.public();
    receipt.outcome = Outcome::Void;
    receipt.ending = Ending::Abandoned;
    receipt.statement = None;
    receipt.stop = None;
    receipt.outputs = Vec::new();
    receipt.gap = (receipt.proposal.head_run + 1..run).take(sealroom_protocol::run::GAP_LISTED).collect();
    for count in &mut receipt.counts {
        count.after = count.before;
    }
    let proposal = receipt.proposal.id();
    let signed = parties.iter().map(|party| {
        let grant = Grant { party: (*party).to_owned(), run, proposal, ..sample.clone() };
        let signed = SignedGrant::sign(grant, &key(party));
        Envelope::decode(&signed.encode(), PayloadType::Grant).unwrap()
    });
    receipt.grants = signed.collect();
    SignedReceipt::sign(receipt, &enclave)
}
