//! What is signed, and what is bound to a signature: envelopes, their payloads, headers of objects, keys in a grant, HTTP
//! requests.

use super::rng::Counter;
use super::shown::shown;
use super::world::World;
use sealroom_protocol::dsse::{Envelope, PayloadType};
use sealroom_protocol::encryption::encrypt_to;
use sealroom_protocol::hash::{length_prefixed, sha256};
use sealroom_protocol::http_signature::{PresentedSignature, RequestTarget, SignatureHeaders};
use sealroom_protocol::id::{ContractId, GrantId, ProposalId};
use sealroom_protocol::identity::{EncryptionPublicKey, EncryptionSecret};
use sealroom_protocol::run::{
    DatasetHeader, Grant, GrantKeysError, RequestHeader, ResultHeader, SignedAnnouncement, SignedGrant, SignedProposal,
    SignedReceipt, SignedStatement, SignedStop,
};
use std::sync::LazyLock;

const TYPES: [PayloadType; 7] = [
    PayloadType::Contract,
    PayloadType::Proposal,
    PayloadType::Grant,
    PayloadType::Request,
    PayloadType::Receipt,
    PayloadType::Stop,
    PayloadType::Statement,
];

/// An envelope has one type and one spelling.
pub(crate) fn envelope(bytes: &[u8]) -> bool {
    let decoded = TYPES.map(|payload_type| Envelope::decode(bytes, payload_type));
    let good: Vec<Envelope> = decoded.into_iter().filter_map(shown).collect();
    assert!(good.len() <= 1, "one envelope has one type");
    good.iter().for_each(|envelope| assert_eq!(envelope.encode(), bytes));
    !good.is_empty()
}

/// Any signed object: decoded as one kind, encoded again. A receipt is verified as well.
pub(crate) fn signed(bytes: &[u8]) -> bool {
    let receipt = SignedReceipt::decode(bytes);
    if let Ok(receipt) = &receipt {
        let _: Option<_> = shown(receipt.verify(&World::shared().contract));
    }
    let encoded = [
        SignedProposal::decode(bytes).map(|signed| signed.encode()),
        SignedGrant::decode(bytes).map(|signed| signed.encode()),
        SignedAnnouncement::decode(bytes).map(|signed| signed.encode()),
        receipt.map(|signed| signed.encode()),
        SignedStatement::decode(bytes).map(|signed| signed.encode()),
        SignedStop::decode(bytes).map(|signed| signed.encode()),
    ];
    one_spelling(encoded.into_iter().filter_map(shown).collect(), bytes)
}

/// The header of an object is of one kind and has one spelling.
pub(crate) fn header(bytes: &[u8]) -> bool {
    let encoded = [
        DatasetHeader::decode(bytes).map(|header| header.encode()),
        RequestHeader::decode(bytes).map(|header| header.encode()),
        ResultHeader::decode(bytes).map(|header| header.encode()),
    ];
    one_spelling(encoded.into_iter().filter_map(shown).collect(), bytes)
}

fn one_spelling(encoded: Vec<Vec<u8>>, bytes: &[u8]) -> bool {
    assert!(encoded.len() <= 1, "one object is of one kind");
    encoded.iter().for_each(|encoded| assert_eq!(encoded, bytes));
    !encoded.is_empty()
}

/// What a grant's ciphertext holds, once it is decrypted: the bytes are encrypted here, as a party could that means harm.
pub(crate) fn grant_keys(bytes: &[u8]) -> bool {
    static RUN: LazyLock<(EncryptionSecret, EncryptionPublicKey)> = LazyLock::new(|| {
        let secret = EncryptionSecret::from_seed(&[9; 32]);
        let public = secret.public();
        (secret, public)
    });
    let (run_secret, run_key) = &*RUN;
    let (contract, proposal) = (ContractId::from_bytes([1; 32]), ProposalId::from_bytes([2; 32]));
    let id = GrantId::from_bytes([3; 32]);
    let associated = [contract.as_bytes().as_slice(), proposal.as_bytes(), b"party", id.as_bytes()];
    let label = "sealroom/1 grant";
    let associated = length_prefixed(label, &associated);
    let encrypted = encrypt_to(run_key, label, &associated, bytes, &mut Counter::new());
    let ciphertext = encrypted.expect("a key of our own can be encrypted to");
    let digest = sha256(&ciphertext).iter().map(|byte| format!("{byte:02x}")).collect();
    let grant = Grant {
        contract,
        proposal,
        party: "party".into(),
        grant: id,
        run: 1,
        count: 1,
        clock: 0,
        expires: 1,
        ciphertext: digest,
    };
    let keys = match grant.decrypt_keys(run_secret, &ciphertext) {
        Ok(keys) => keys,
        Err(error) => {
            assert_eq!(error, GrantKeysError::Form, "it was encrypted to this run, for this grant");
            return false;
        }
    };
    let listed = keys.into_keys();
    let written: Vec<u8> =
        listed.iter().flat_map(|(object, key)| [*object.as_bytes(), *key.expose_secret()]).flatten().collect();
    assert_eq!(written, bytes);
    assert!(listed.is_sorted_by(|(before, _), (after, _)| before < after));
    true
}

/// Where the seeds of [`http_signature`] were sent.
pub(super) const TARGET: RequestTarget<'static> =
    RequestTarget { method: "POST", authority: "host.example", path: "/v1/rooms", query: Some("offset=7") };

/// Three headers, cut at line feeds: a signature that holds over one target holds over no other.
pub(crate) fn http_signature(bytes: &[u8]) -> bool {
    let Ok(text) = core::str::from_utf8(bytes) else { return false };
    let mut lines = text.splitn(3, '\n').map(ToOwned::to_owned);
    let mut next = || lines.next().unwrap_or_default();
    let headers = SignatureHeaders { content_digest: next(), signature_input: next(), signature: next() };
    let Some(presented) = shown(PresentedSignature::decode(headers)) else { return false };
    let Ok(request) = presented.verify(&TARGET) else { return false };
    assert_eq!(request.key(), presented.key());
    for other in [
        RequestTarget { method: "PUT", ..TARGET },
        RequestTarget { authority: "other.example", ..TARGET },
        RequestTarget { path: "/v1/room", ..TARGET },
        RequestTarget { query: None, ..TARGET },
    ] {
        assert!(presented.verify(&other).is_err());
    }
    true
}
