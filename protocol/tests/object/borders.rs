//! Lengths around the borders of chunks and groups.

use crate::support::{Object, Seeded, decrypt, encrypt};
use core::convert::Infallible;
use sealroom_protocol::object::{
    CHUNK_LENGTH, DataKey, GROUP_LENGTH, GROUP_PLAINTEXT_LENGTH, MAX_HEADER_LENGTH, ObjectError, PREFIX_LENGTH,
    WriteError, Writer,
};
use sealroom_protocol::provider::RustCrypto;

fn lengths() -> Vec<usize> {
    let borders = [0, CHUNK_LENGTH, 2 * CHUNK_LENGTH, GROUP_PLAINTEXT_LENGTH, 2 * GROUP_PLAINTEXT_LENGTH];
    let mut lengths: Vec<usize> = borders
        .iter()
        .flat_map(|border| {
            [0, 1, 15, 16, 17].into_iter().flat_map(move |step| [border.saturating_sub(step), border + step])
        })
        .collect();
    lengths.sort_unstable();
    lengths.dedup();
    lengths
}

#[test]
fn what_was_written_is_read_at_every_border() {
    for length in lengths() {
        let object = Object::new(1, length, b"header");
        let read = decrypt(&RustCrypto, &object.key, &object.id, &object.manifest.encode(), &object.body);
        assert!(read.as_ref() == Ok(&object.plaintext), "{length} bytes");
        assert_eq!(object.manifest.plaintext_length(), u64::try_from(length).unwrap());
        assert_eq!(object.manifest.body_length(), u64::try_from(object.body.len()).unwrap());
        let chunks = length / CHUNK_LENGTH + 1;
        assert_eq!(object.body.len(), PREFIX_LENGTH + length + 16 * chunks);
        assert_eq!(object.manifest.group_count(), u64::try_from(chunks.div_ceil(64)).unwrap());
    }
}

#[test]
fn a_group_is_decrypted_where_it_lies() {
    for length in
        [0, 1, CHUNK_LENGTH, GROUP_PLAINTEXT_LENGTH - 1, GROUP_PLAINTEXT_LENGTH, 3 * GROUP_PLAINTEXT_LENGTH + 5]
    {
        let object = Object::new(2, length, b"header");
        let mut reader = object.reader();
        let mut plaintext = Vec::new();
        for index in 0..reader.group_count() {
            let mut group = object.group(index);
            plaintext.extend_from_slice(reader.decrypt_group_in_place(index, &mut group).unwrap());
        }
        assert!(plaintext == object.plaintext, "{length} bytes");
    }
}

#[test]
fn the_sink_gets_the_prefix_and_then_one_group_a_call() {
    let mut calls = Vec::new();
    let mut sink = |bytes: &[u8]| -> Result<(), Infallible> {
        calls.push(bytes.len());
        Ok(())
    };
    let mut rng = Seeded::new(3);
    let key = DataKey::generate(&mut rng);
    let mut writer = Writer::new(&RustCrypto, &key, b"", &mut rng).unwrap();
    for _ in 0..5 {
        writer.write(&vec![7; GROUP_PLAINTEXT_LENGTH / 2], &mut sink).unwrap();
    }
    let manifest = writer.finish(&mut sink).unwrap();
    assert_eq!(calls[..3], [PREFIX_LENGTH, GROUP_LENGTH, GROUP_LENGTH]);
    assert_eq!(calls.len(), 4);
    assert_eq!(manifest.group_count(), 3);
}

#[test]
fn a_write_of_nothing_changes_nothing() {
    let key = DataKey::fill_with(|bytes| bytes.fill(1));
    let once = encrypt(&RustCrypto, &key, b"", &[b"abc"], &mut Seeded::new(4));
    let often = encrypt(&RustCrypto, &key, b"", &[b"", b"a", b"", b"bc", b""], &mut Seeded::new(4));
    assert!(once == often);
}

#[test]
fn a_header_may_be_empty_and_64_kib_but_not_longer() {
    for length in [0, MAX_HEADER_LENGTH] {
        let object = Object::new(5, 100, &vec![b' '; length]);
        let read = decrypt(&RustCrypto, &object.key, &object.id, &object.manifest.encode(), &object.body);
        assert_eq!(read.as_ref(), Ok(&object.plaintext));
    }
    let mut rng = Seeded::new(6);
    let key = DataKey::generate(&mut rng);
    let found = MAX_HEADER_LENGTH + 1;
    let refused = Writer::new(&RustCrypto, &key, &vec![0; found], &mut rng).map(|_| ());
    assert_eq!(refused, Err(ObjectError::HeaderTooLong { limit: MAX_HEADER_LENGTH, found }));
}

#[test]
fn two_writes_of_one_plaintext_share_no_salt_and_no_ciphertext() {
    let mut rng = Seeded::new(7);
    let key = DataKey::generate(&mut rng);
    let (first, first_body) = encrypt(&RustCrypto, &key, b"header", &[b"same"], &mut rng);
    let (second, second_body) = encrypt(&RustCrypto, &key, b"header", &[b"same"], &mut rng);
    assert_ne!(first.prefix(), second.prefix());
    assert_ne!(first_body[56..], second_body[56..]);
    assert_ne!(first.id(), second.id());
}

#[test]
fn plaintext_put_into_the_writers_space_gives_the_same_object() {
    let key = DataKey::fill_with(|bytes| bytes.fill(1));
    for length in [0, 1, CHUNK_LENGTH - 1, CHUNK_LENGTH, GROUP_PLAINTEXT_LENGTH, GROUP_PLAINTEXT_LENGTH + 70_000] {
        let plaintext = Seeded::new(8).bytes(length);
        let written = encrypt(&RustCrypto, &key, b"", &[&plaintext], &mut Seeded::new(9));
        for step in [1_000, CHUNK_LENGTH, usize::MAX] {
            let mut body = Vec::new();
            let mut sink = |bytes: &[u8]| -> Result<(), Infallible> {
                body.extend_from_slice(bytes);
                Ok(())
            };
            let mut writer = Writer::new(&RustCrypto, &key, b"", &mut Seeded::new(9)).unwrap();
            let mut rest = &plaintext[..];
            while !rest.is_empty() {
                let space = writer.space();
                let (part, after) = rest.split_at(rest.len().min(step).min(space.len()));
                assert!(!part.is_empty());
                space[..part.len()].copy_from_slice(part);
                writer.advance(part.len(), &mut sink).unwrap();
                rest = after;
            }
            let manifest = writer.finish(&mut sink).unwrap();
            assert!((manifest, body) == written, "{length} bytes in steps of {step}");
        }
    }
}

#[test]
fn more_than_the_space_holds_is_refused() {
    let mut sink = |_: &[u8]| -> Result<(), Infallible> { Ok(()) };
    let key = DataKey::fill_with(|bytes| bytes.fill(1));
    let mut writer = Writer::new(&RustCrypto, &key, b"", &mut Seeded::new(10)).unwrap();
    writer.write(&[1; 10], &mut sink).unwrap();
    let space = CHUNK_LENGTH - 10;
    assert_eq!(writer.space().len(), space);
    let refused = writer.advance(space + 1, &mut sink);
    assert_eq!(refused, Err(WriteError::Object(ObjectError::MoreThanSpace { space, found: space + 1 })));
    assert_eq!(writer.advance(0, &mut sink), Err(WriteError::Object(ObjectError::WriterStopped)));
}
