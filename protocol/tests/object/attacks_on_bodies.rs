//! The table of `spec/objects.md`, section 7: one test a row, one thing changed in a good object. Here the rows of the body.

use crate::forge::{CHUNK, GROUP, HEADER, PREFIX, both, chunk, digest, forge, good, put_chunk, undecryptable};
use crate::support::{Object, Seeded, encrypt, group_of};
use sealroom_protocol::object::{Manifest, ObjectError, Reader};
use sealroom_protocol::provider::RustCrypto;

#[test]
fn the_forge_makes_the_owners_manifest_of_the_owners_body() {
    let object = good();
    assert_eq!(forge(&object.manifest, &object.body), object.manifest.encode());
    assert_eq!(both(&object, &object.body), [Ok(()), Ok(())]);
}

#[test]
fn row_01_groups_that_change_places_are_refused() {
    let object = good();
    let mut body = object.body.clone();
    let (first, second) = body[PREFIX..].split_at_mut(GROUP);
    first.swap_with_slice(&mut second[..GROUP]);
    assert_eq!(both(&object, &body), [digest(0), undecryptable()]);
}

#[test]
fn row_02_chunks_that_change_places_are_refused() {
    let object = good();
    let mut body = object.body.clone();
    put_chunk(&mut body, 70, &chunk(&object.body, 71));
    put_chunk(&mut body, 71, &chunk(&object.body, 70));
    assert_eq!(both(&object, &body), [digest(1), undecryptable()]);
}

#[test]
fn row_03_a_group_served_twice_is_refused() {
    let object = good();
    let mut body = object.body.clone();
    body.copy_within(PREFIX..PREFIX + GROUP, PREFIX + GROUP);
    assert_eq!(both(&object, &body), [digest(1), undecryptable()]);
}

#[test]
fn row_04_a_chunk_served_twice_is_refused() {
    let object = good();
    let mut body = object.body.clone();
    put_chunk(&mut body, 1, &chunk(&object.body, 0));
    assert_eq!(both(&object, &body), [digest(0), undecryptable()]);
}

#[test]
fn row_05_a_body_cut_inside_its_last_chunk_is_refused() {
    let object = good();
    let group = object.group(2).len();
    for cut in [1, 16, 1_000] {
        let body = &object.body[..object.body.len() - cut];
        let expected = u64::try_from(group).unwrap();
        let length = ObjectError::GroupLength { index: 2, expected, found: group - cut };
        assert_eq!(both(&object, body), [Err(length), undecryptable()]);
    }
}

#[test]
fn row_06_a_body_cut_between_chunks_is_refused() {
    let object = good();
    let group = object.group(2).len();
    let body = &object.body[..PREFIX + 130 * CHUNK];
    let expected = u64::try_from(group).unwrap();
    let length = ObjectError::GroupLength { index: 2, expected, found: 2 * CHUNK };
    let found = u64::try_from(body.len()).unwrap();
    assert_eq!(both(&object, body), [Err(length), Err(ObjectError::BodyLength { found })]);
}

#[test]
fn row_07_a_body_without_one_of_its_chunks_is_refused() {
    let object = good();
    let mut body = object.body.clone();
    body.drain(PREFIX + 128 * CHUNK..PREFIX + 129 * CHUNK);
    let group = object.group(2).len();
    let expected = u64::try_from(group).unwrap();
    let length = ObjectError::GroupLength { index: 2, expected, found: group - CHUNK };
    assert_eq!(both(&object, &body), [Err(length), undecryptable()]);
}

#[test]
fn row_08_a_body_with_bytes_added_is_refused() {
    let object = good();
    let group = object.group(2).len();
    let last = chunk(&object.body, 130);
    for extension in [&[0][..], &[0; 16], &last] {
        let body = [&object.body, extension].concat();
        let expected = u64::try_from(group).unwrap();
        let length = ObjectError::GroupLength { index: 2, expected, found: group + extension.len() };
        assert_eq!(both(&object, &body), [Err(length), undecryptable()]);
    }
}

#[test]
fn row_09_a_chunk_of_another_object_with_the_same_header_is_refused() {
    let object = good();
    let donor = Object::new(2, 130 * 16_384 + 1_000, HEADER);
    let mut body = object.body.clone();
    put_chunk(&mut body, 65, &chunk(&donor.body, 65));
    assert_eq!(both(&object, &body), [digest(1), undecryptable()]);
}

#[test]
fn row_10_a_group_of_another_object_with_the_same_key_is_refused() {
    let object = good();
    let mut rng = Seeded::new(3);
    let plaintext = rng.bytes(object.plaintext.len());
    let (_, donor) = encrypt(&RustCrypto, &object.key, HEADER, &[&plaintext], &mut rng);
    let mut body = object.body.clone();
    body[PREFIX..PREFIX + GROUP].copy_from_slice(&donor[PREFIX..PREFIX + GROUP]);
    assert_eq!(both(&object, &body), [digest(0), undecryptable()]);
}

#[test]
fn row_19_a_flipped_bit_of_ciphertext_or_tag_is_refused() {
    let object = good();
    let end = object.body.len();
    for (position, index) in [(PREFIX, 0), (PREFIX + 16_384, 0), (PREFIX + GROUP, 1), (end - 17, 2), (end - 1, 2)] {
        let mut body = object.body.clone();
        body[position] ^= 4;
        assert_eq!(both(&object, &body), [digest(index), undecryptable()]);
    }
}

#[test]
fn row_20_other_bytes_on_the_second_read_are_refused() {
    let object = good();
    let mut reader = object.reader();
    let mut plaintext = Vec::new();
    let mut group = object.group(1);
    assert_eq!(reader.decrypt_group(1, &group, &mut plaintext), Ok(()));
    group[9] ^= 1;
    assert_eq!(reader.decrypt_group(1, &group, &mut plaintext), digest(1));
    assert!(plaintext.is_empty());
    // What anyone can see without a key may be fetched again.
    group[9] ^= 1;
    assert_eq!(reader.decrypt_group(1, &group, &mut plaintext), Ok(()));
}

#[test]
fn row_26_after_a_failed_decryption_nothing_more_is_said() {
    let object = good();
    let mut body = object.body.clone();
    body[PREFIX + GROUP] ^= 1;
    let manifest = Manifest::decode(&forge(&object.manifest, &body)).unwrap();
    let mut reader = Reader::new(&RustCrypto, &object.key, &manifest.id(), manifest.clone()).unwrap();
    let mut plaintext = Vec::new();
    assert_eq!(reader.decrypt_group(0, group_of(&body, &manifest, 0), &mut plaintext), Ok(()));
    assert_eq!(reader.decrypt_group(1, group_of(&body, &manifest, 1), &mut plaintext), undecryptable());
    assert!(plaintext.is_empty());
    for index in [0, 2, 99] {
        let mut ciphertext = group_of(&body, &manifest, index.min(2)).to_vec();
        assert_eq!(reader.decrypt_group(index, &ciphertext, &mut plaintext), undecryptable());
        let in_place = reader.decrypt_group_in_place(index, &mut ciphertext).map(|_| ());
        assert_eq!(in_place, undecryptable());
        assert!(ciphertext.iter().all(|byte| *byte == 0));
    }
}

#[test]
fn a_group_that_does_not_exist_is_refused() {
    let object = good();
    let mut plaintext = Vec::new();
    for index in [3, u64::MAX] {
        let refused = object.reader().decrypt_group(index, &object.group(0), &mut plaintext);
        assert_eq!(refused, Err(ObjectError::NoSuchGroup { index, count: 3 }));
    }
}

#[test]
fn no_chunk_is_shown_after_one_that_fails_or_that_is_not_wanted() {
    let object = good();
    let mut body = object.body.clone();
    // The third chunk of the second group.
    body[PREFIX + GROUP + 2 * (16_384 + 16)] ^= 1;
    let manifest = Manifest::decode(&forge(&object.manifest, &body)).unwrap();
    let mut reader = Reader::new(&RustCrypto, &object.key, &manifest.id(), manifest.clone()).unwrap();
    let show = |reader: &mut Reader, group: &mut [u8], at_most: usize| {
        let mut shown = Vec::new();
        let read = reader.decrypt_group_by_chunks(1, group, |chunk| {
            shown.push(chunk.to_vec());
            if shown.len() == at_most { Err(ObjectError::Commitment) } else { Ok(()) }
        });
        (read, shown.concat())
    };
    let start = 1_048_576;
    // Who reads may stop, with a reason of its own, and begin again.
    let mut group = group_of(&body, &manifest, 1).to_vec();
    let stopped = (Err(ObjectError::Commitment), object.plaintext[start..start + 16_384].to_vec());
    assert_eq!(show(&mut reader, &mut group, 1), stopped);
    assert!(group.iter().all(|byte| *byte == 0));
    // A digest that is wrong shows nothing; another copy may be tried.
    let mut group = object.group(1);
    assert_eq!(show(&mut reader, &mut group, 99), (digest(1), Vec::new()));
    let mut group = group_of(&body, &manifest, 1).to_vec();
    let before = object.plaintext[start..start + 2 * 16_384].to_vec();
    assert_eq!(show(&mut reader, &mut group, 99), (undecryptable(), before));
    assert!(group.iter().all(|byte| *byte == 0));
    let mut group = group_of(&body, &manifest, 0).to_vec();
    assert_eq!(reader.decrypt_group_by_chunks(0, &mut group, |_| Ok(())), undecryptable());
}

#[test]
fn a_group_that_fails_where_it_lies_is_wiped() {
    let object = good();
    let mut body = object.body.clone();
    let last = body.len() - 1;
    body[last] ^= 1;
    let manifest = Manifest::decode(&forge(&object.manifest, &body)).unwrap();
    let mut reader = Reader::new(&RustCrypto, &object.key, &manifest.id(), manifest.clone()).unwrap();
    let mut group = group_of(&body, &manifest, 2).to_vec();
    assert_eq!(reader.decrypt_group_in_place(2, &mut group).map(|_| ()), undecryptable());
    assert!(group.iter().all(|byte| *byte == 0));
}
