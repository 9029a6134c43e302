//! Where fuzzing of sealed storage begins.

use super::sealed::{Genuine, STORE, genuine};
use sealroom_protocol::hash::length_prefixed;
use sealroom_protocol::id::ObjectId;
use sealroom_protocol::identity::SigningSecret;
use sealroom_protocol::restore::{Restore, SignedRestore};

/// One of each form.
pub(crate) fn sealed() -> Vec<Vec<u8>> {
    let Genuine { single, blobs, record, manifest, object } = genuine();
    let digest = [9; 32];
    let fields: [&[u8]; 4] = [STORE.as_bytes(), &1_u64.to_le_bytes(), &digest, &[4; 32]];
    let leaf = length_prefixed("sealroom/1 sealed record", &fields);
    let (from, to) = (ObjectId::from_bytes(digest), *manifest);
    let order = Restore { store: STORE, from_version: 9, from, to_version: 2, to, reason: "a disk burnt".into() };
    let order = SignedRestore::sign(order, &SigningSecret::from_seed(&[8; 32])).encode();
    vec![single.clone(), blobs[manifest].clone(), blobs[object].clone(), record.clone(), leaf, order]
}
