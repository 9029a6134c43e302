//! The table of `spec/objects.md`, section 7: one test a row, one thing changed in a good object. Here the rows of
//! manifest, key and id.

use crate::forge::{HEADER, LENGTH_AT, LIST_AT, PREFIX, PREFIX_AT, both_manifests, digest, good, other};
use crate::support::{Object, decrypt};
use sealroom_protocol::id::ObjectId;
use sealroom_protocol::object::{
    DataKey, MAX_BODY_LENGTH, MAX_HEADER_LENGTH, MAX_MANIFEST_LENGTH, Manifest, ObjectError, Reader,
};
use sealroom_protocol::provider::RustCrypto;

#[test]
fn row_11_the_object_of_another_owner_is_refused() {
    let object = good();
    let donor = Object::new(4, 5_000, b"another owner");
    let manifest = donor.manifest.encode();
    let read = |id: &ObjectId| decrypt(&RustCrypto, &object.key, id, &manifest, &donor.body).map(|_| ());
    assert_eq!(read(&object.id), other(&object, &manifest));
    assert_eq!(read(&donor.id), Err(ObjectError::Commitment));
}

#[test]
fn row_12_the_header_of_another_contract_or_owner_is_refused() {
    let object = good();
    let mut manifest = object.manifest.encode();
    manifest[8 + 4] ^= 1;
    let changed = [other(&object, &manifest), Err(ObjectError::Commitment)];
    assert_eq!(both_manifests(&object, &manifest), changed);

    // A header of another length, under which the same bytes could be read differently.
    let longer = Object::new(1, 130 * 16_384 + 1_000, b"owner, name, schema, contract and more");
    let mut manifest = object.manifest.encode();
    let header = longer.manifest.header();
    manifest.splice(8..PREFIX_AT, [&u32::try_from(header.len()).unwrap().to_le_bytes()[..], header].concat());
    let changed = [other(&object, &manifest), Err(ObjectError::Commitment)];
    assert_eq!(both_manifests(&object, &manifest), changed);
}

#[test]
fn row_13_the_key_of_another_object_is_refused() {
    let object = good();
    let donor = Object::new(5, 100, HEADER);
    let almost = DataKey::fill_with(|bytes| {
        *bytes = *object.key.expose_secret();
        bytes[31] ^= 0x80;
    });
    for key in [&donor.key, &almost] {
        let refused = Reader::new(&RustCrypto, key, &object.id, object.manifest.clone()).map(|_| ());
        assert_eq!(refused, Err(ObjectError::Commitment));
    }
}

#[test]
fn row_14_a_changed_digest_is_refused() {
    let object = good();
    let mut manifest = object.manifest.encode();
    manifest[LIST_AT + 32 + 7] ^= 0x10;
    assert_eq!(both_manifests(&object, &manifest), [other(&object, &manifest), digest(1)]);
}

#[test]
fn row_15_digests_that_change_places_are_refused() {
    let object = good();
    let mut manifest = object.manifest.encode();
    let (first, second) = manifest[LIST_AT..].split_at_mut(32);
    first.swap_with_slice(&mut second[..32]);
    assert_eq!(both_manifests(&object, &manifest), [other(&object, &manifest), digest(0)]);
}

/// Rows 16 and 17: the byte is changed in the body as well, or its copy would be refused first (row 21).
fn changed_prefix_is_refused(position: usize) {
    let mut object = good();
    let mut manifest = object.manifest.encode();
    manifest[PREFIX_AT + position] ^= 1;
    object.body[position] ^= 1;
    let changed = [other(&object, &manifest), Err(ObjectError::Commitment)];
    assert_eq!(both_manifests(&object, &manifest), changed);
}

#[test]
fn row_16_a_changed_salt_is_refused() {
    (0..24).for_each(changed_prefix_is_refused);
}

#[test]
fn row_17_a_changed_commitment_is_refused() {
    (24..56).for_each(changed_prefix_is_refused);
}

#[test]
fn row_18_a_changed_body_length_is_refused() {
    let object = good();
    let group = object.group(2).len();
    let mut manifest = object.manifest.encode();
    let stated = object.manifest.body_length() - 1;
    manifest[LENGTH_AT..LIST_AT].copy_from_slice(&stated.to_le_bytes());
    let expected = u64::try_from(group).unwrap() - 1;
    let length = ObjectError::GroupLength { index: 2, expected, found: group };
    assert_eq!(both_manifests(&object, &manifest), [other(&object, &manifest), Err(length)]);
}

#[test]
fn row_21_a_changed_copy_of_the_prefix_is_refused_where_it_is_read() {
    let object = good();
    for position in 0..PREFIX {
        let mut body = object.body.clone();
        body[position] ^= 1;
        assert_eq!(object.manifest.verify_prefix(&body[..PREFIX]), Err(ObjectError::Prefix));
    }
    assert_eq!(object.manifest.verify_prefix(&object.body[..PREFIX - 1]), Err(ObjectError::Prefix));
    assert_eq!(object.manifest.verify_prefix(&object.body[..PREFIX]), Ok(()));
}

#[test]
fn row_22_a_manifest_cut_anywhere_is_refused() {
    let bytes = good().manifest.encode();
    for found in 0..bytes.len() {
        let expected = match found {
            0..8 => ObjectError::Magic,
            8..LIST_AT => ObjectError::ManifestTruncated { found },
            _ => ObjectError::ListLength { expected: 96, found: found - LIST_AT },
        };
        assert_eq!(Manifest::decode(&bytes[..found]), Err(expected));
    }
}

#[test]
fn row_23_a_manifest_with_bytes_added_is_refused() {
    let bytes = good().manifest.encode();
    for added in [1, 31, 32] {
        let longer = [&bytes[..], &vec![0; added]].concat();
        let expected = ObjectError::ListLength { expected: 96, found: 96 + added };
        assert_eq!(Manifest::decode(&longer), Err(expected));
    }
}

#[test]
fn row_24_a_manifest_over_a_limit_is_refused() {
    let mut header = good().manifest.encode();
    header[8..12].copy_from_slice(&u32::MAX.to_le_bytes());
    let found = usize::try_from(u32::MAX).unwrap();
    assert_eq!(Manifest::decode(&header), Err(ObjectError::HeaderTooLong { limit: MAX_HEADER_LENGTH, found }));

    for found in [MAX_BODY_LENGTH + 1, u64::MAX] {
        let mut body = good().manifest.encode();
        body[LENGTH_AT..LIST_AT].copy_from_slice(&found.to_le_bytes());
        assert_eq!(Manifest::decode(&body), Err(ObjectError::BodyTooLong { limit: MAX_BODY_LENGTH, found }));
    }

    let found = MAX_MANIFEST_LENGTH + 1;
    let refused = Manifest::decode(&vec![0; found]);
    assert_eq!(refused, Err(ObjectError::ManifestTooLong { limit: MAX_MANIFEST_LENGTH, found }));
}

#[test]
fn row_25_a_manifest_of_another_version_is_refused() {
    let mut bytes = good().manifest.encode();
    bytes[7] = b'2';
    assert_eq!(Manifest::decode(&bytes), Err(ObjectError::Magic));
}
