//! What an attacker without the key can make of a good object: the tools of `attacks_on_bodies` and `attacks_on_manifests`.

use crate::support::{Object, decrypt};
use sealroom_protocol::object::{Manifest, ObjectError};
use sealroom_protocol::provider::RustCrypto;

pub(crate) const PREFIX: usize = 56;
pub(crate) const CHUNK: usize = 16_400;
pub(crate) const GROUP: usize = 64 * CHUNK;
pub(crate) const HEADER: &[u8] = b"owner, name, schema, contract";
/// Where the prefix begins in a manifest with `HEADER`, and what comes after it.
pub(crate) const PREFIX_AT: usize = 8 + 4 + HEADER.len();
pub(crate) const LENGTH_AT: usize = PREFIX_AT + PREFIX;
pub(crate) const LIST_AT: usize = LENGTH_AT + 8;

/// Three groups: two full ones, and one of three chunks, the last with 1,000 bytes.
pub(crate) fn good() -> Object {
    Object::new(1, 130 * 16_384 + 1_000, HEADER)
}

/// What the owner's id, and then an id of the attacker's choice, makes of a changed body.
pub(crate) fn both(object: &Object, body: &[u8]) -> [Result<(), ObjectError>; 2] {
    let manifest = object.manifest.encode();
    let forged = forge(&object.manifest, body);
    let forged_id = Manifest::decode(&forged).map(|manifest| manifest.id());
    [
        decrypt(&RustCrypto, &object.key, &object.id, &manifest, body).map(|_| ()),
        forged_id.and_then(|id| decrypt(&RustCrypto, &object.key, &id, &forged, body).map(|_| ())),
    ]
}

/// The same for a changed manifest.
pub(crate) fn both_manifests(object: &Object, manifest: &[u8]) -> [Result<(), ObjectError>; 2] {
    let forged_id = Manifest::decode(manifest).map(|manifest| manifest.id());
    [
        decrypt(&RustCrypto, &object.key, &object.id, manifest, &object.body).map(|_| ()),
        forged_id.and_then(|id| decrypt(&RustCrypto, &object.key, &id, manifest, &object.body).map(|_| ())),
    ]
}

/// The manifest that fits `body`, made without the key: header and prefix stay, length and list follow the body.
pub(crate) fn forge(manifest: &Manifest, body: &[u8]) -> Vec<u8> {
    let mut bytes = b"SEALOBJ1".to_vec();
    bytes.extend(u32::try_from(manifest.header().len()).unwrap().to_le_bytes());
    bytes.extend(manifest.header());
    bytes.extend(manifest.prefix());
    bytes.extend(u64::try_from(body.len()).unwrap().to_le_bytes());
    for group in body[PREFIX..].chunks(GROUP) {
        bytes.extend(blake3::hash(group).as_bytes());
    }
    bytes
}

pub(crate) fn chunk(body: &[u8], number: usize) -> Vec<u8> {
    let start = PREFIX + number * CHUNK;
    body[start..body.len().min(start + CHUNK)].to_vec()
}

pub(crate) fn put_chunk(body: &mut [u8], number: usize, chunk: &[u8]) {
    let start = PREFIX + number * CHUNK;
    body[start..start + chunk.len()].copy_from_slice(chunk);
}

pub(crate) fn digest(index: u64) -> Result<(), ObjectError> {
    Err(ObjectError::GroupDigest { index })
}

pub(crate) fn undecryptable() -> Result<(), ObjectError> {
    Err(ObjectError::DecryptionFailed)
}

/// `OtherObject` with what was really expected and found.
pub(crate) fn other(object: &Object, manifest: &[u8]) -> Result<(), ObjectError> {
    let found = Manifest::decode(manifest)?.id();
    assert_ne!(found, object.id);
    Err(ObjectError::OtherObject { expected: object.id, found })
}
