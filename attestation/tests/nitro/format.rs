//! Documents that are not as AWS writes them: refused before anything is verified.

use sealroom_attestation::{CryptoProvider, DecodeError, Evidence, Rejection};

use crate::world::World;
use crate::{Case, cbor, failed, run_with};

pub(crate) const CASES: &[Case] = &[
    ("RSA stands in the header", |w| w.protected = vec![0xa1, 0x01, 0x39, 0x01, 0x00], &["nitro.cose"]),
    ("ES256 stands in the header", |w| w.protected = vec![0xa1, 0x01, 0x26], &["nitro.cose"]),
    ("a key id stands in the header", |w| w.protected = vec![0xa2, 1, 0x38, 0x22, 4, 0x41, 0], &["nitro.cose"]),
    ("the header is empty", |w| w.protected = vec![], &["nitro.cose"]),
    ("the algorithm is not in its shortest form", |w| w.protected = vec![0xa1, 1, 0x39, 0, 0x22], &["nitro.cose"]),
    ("a key id stands unprotected", |w| w.unprotected = vec![0xa1, 0x04, 0x41, 0], &["nitro.cose"]),
    ("bytes after the document", |w| w.tamper = |d| d.push(0), &["nitro.cose"]),
    ("a field twice", |w| w.fields = |f| f[8] = f[7].clone(), &["nitro.payload"]),
    ("an unknown field", |w| w.fields = |f| f[8].0 = cbor::text("nonces"), &["nitro.payload"]),
    ("a key that is no text", |w| w.fields = |f| f[8].0 = cbor::number(1), &["nitro.payload"]),
    ("more fields than there are", |w| w.fields = |f| f.push(f[8].clone()), &["nitro.payload"]),
    ("no module id", |w| w.fields = |f| drop(f.remove(0)), &["nitro.payload"]),
    ("an empty module id", |w| w.module_id = cbor::text(""), &["nitro.payload"]),
    ("a module id that steers a terminal", |w| w.module_id = cbor::text("i-\u{1b}[2J"), &["nitro.payload"]),
    ("another digest", |w| w.digest = cbor::text("SHA512"), &["nitro.payload"]),
    ("a timestamp of zero", |w| w.timestamp = cbor::number(0), &["nitro.payload"]),
    ("a timestamp in text", |w| w.timestamp = cbor::text("1"), &["nitro.payload"]),
    ("a null where none may be", |w| w.timestamp = vec![cbor::NULL], &["nitro.payload"]),
    ("no registers", |w| w.pcrs.clear(), &["nitro.payload"]),
    ("a register twice", |w| w.pcrs[1].0 = cbor::number(0), &["nitro.payload"]),
    ("a register beyond the last", |w| w.pcrs[4].0 = cbor::number(32), &["nitro.payload"]),
    ("a register of another length", |w| w.set_pcr(0, &[0x50; 32]), &["nitro.payload"]),
    ("no certificate", |w| w.fields = |f| drop(f.remove(4)), &["nitro.payload"]),
    ("an empty certificate", |w| w.fields = |f| f[4].1 = cbor::bytes(&[]), &["nitro.payload"]),
    ("a certificate that is too long", |w| w.fields = |f| f[4].1 = cbor::bytes(&[0x30; 1025]), &["nitro.payload"]),
    ("an empty bundle", |w| w.rearrange = Vec::clear, &["nitro.payload"]),
    ("a bundle of nine", |w| w.rearrange = |b| b.resize(9, b[0].clone()), &["nitro.payload"]),
    ("an empty public key", |w| w.public_key = cbor::bytes(&[]), &["nitro.payload"]),
    ("a public key that is too long", |w| w.public_key = cbor::bytes(&[1; 1025]), &["nitro.payload"]),
    ("user data that is too long", |w| w.user_data = cbor::bytes(&[1; 513]), &["nitro.payload"]),
    ("a nonce that is too long", |w| w.nonce = cbor::bytes(&[1; 513]), &["nitro.payload"]),
    ("a nonce in pieces", |w| w.nonce = vec![0x5f, 0x41, 0xd4, 0xff], &["nitro.payload"]),
    ("a nonce nested deeply", |w| w.nonce = vec![0x81; 4096], &["nitro.payload"]),
    ("a document that is too long", |w| w.tamper = |d| d.resize(20_000, 0), &["common.evidence-size"]),
    ("a nonce that promises four gigabytes", |w| w.nonce = vec![0x5a, 0xff, 0xff, 0xff, 0xff], &["nitro.payload"]),
];

#[test]
fn what_is_not_as_aws_writes_it_does_not_decode() {
    run_with(CryptoProvider::ring(), CASES);
}

#[test]
fn every_beginning_of_a_document_is_refused_by_name() {
    let (document, _) = World::good().document();
    for length in 0..document.len() {
        let rejection = Rejection::from(Evidence::decode(&document[..length]).unwrap_err());
        if length == 0 {
            assert_eq!(Evidence::decode(&[]), Err(DecodeError::EvidenceKind { length }));
        } else {
            assert_eq!(failed(&rejection), ["nitro.cose"], "{length}");
        }
    }
}

#[test]
fn another_tag_is_evidence_of_nobody() {
    let (mut document, _) = World::good().document();
    document.insert(0, 0xd1);
    assert_eq!(Evidence::decode(&document), Err(DecodeError::EvidenceKind { length: document.len() }));
}
