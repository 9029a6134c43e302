//! Properties over random lengths, cuts, orders and bits.

use crate::support::{Object, Seeded, decrypt, encrypt};
use proptest::prelude::*;
use sealroom_protocol::object::{DataKey, Manifest, ObjectError};
use sealroom_protocol::provider::RustCrypto;
use std::sync::LazyLock;

/// Lengths near a border of chunks as often as any other, and some near a border of groups.
fn length() -> impl Strategy<Value = usize> {
    prop_oneof![
        6 => 0..70_000_usize,
        6 => (0..5_usize, 0..40_usize).prop_map(|(chunks, step)| (chunks * 16_384 + step).saturating_sub(20)),
        1 => (1..3_usize, 0..40_usize).prop_map(|(groups, step)| groups * 1_048_576 + step - 20),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn how_the_plaintext_was_cut_into_calls_does_not_show(
        length in length(),
        cuts in proptest::collection::vec(any::<proptest::sample::Index>(), 0..12),
        seed: u64,
    ) {
        let plaintext = Seeded::new(seed).bytes(length);
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(length + 1)).collect();
        cuts.extend([0, length]);
        cuts.sort_unstable();
        let parts: Vec<&[u8]> = cuts.windows(2).map(|cut| &plaintext[cut[0]..cut[1]]).collect();
        let key = DataKey::fill_with(|bytes| bytes.fill(3));
        let once = encrypt(&RustCrypto, &key, b"header", &[&plaintext], &mut Seeded::new(seed));
        let cut = encrypt(&RustCrypto, &key, b"header", &parts, &mut Seeded::new(seed));
        prop_assert!(once == cut);
        let read = decrypt(&RustCrypto, &key, &once.0.id(), &once.0.encode(), &once.1);
        prop_assert!(read == Ok(plaintext));
    }

    #[test]
    fn groups_are_read_in_any_order_and_as_often_as_one_likes(
        order in proptest::collection::vec((0..4_u64, 0..3_u8), 1..5),
    ) {
        static OBJECT: LazyLock<Object> = LazyLock::new(|| Object::new(8, 3 * 1_048_576 + 99, b"header"));
        let object = &*OBJECT;
        let mut reader = object.reader();
        let mut plaintext = Vec::new();
        for (index, way) in order {
            let start = usize::try_from(index).unwrap() * 1_048_576;
            let expected = &object.plaintext[start..object.plaintext.len().min(start + 1_048_576)];
            let mut ciphertext = object.group(index);
            if way == 0 {
                prop_assert!(reader.decrypt_group_in_place(index, &mut ciphertext).as_deref() == Ok(expected));
                continue;
            }
            if way == 1 {
                prop_assert_eq!(reader.decrypt_group(index, &ciphertext, &mut plaintext), Ok(()));
            } else {
                plaintext.clear();
                let read = reader.decrypt_group_by_chunks(index, &mut ciphertext, |chunk| {
                    plaintext.extend_from_slice(chunk);
                    Ok::<(), ObjectError>(())
                });
                prop_assert_eq!(read, Ok(()));
            }
            prop_assert!(plaintext == expected);
        }
    }

    #[test]
    fn a_flipped_bit_anywhere_is_refused(
        length in length(),
        bit: proptest::sample::Index,
        in_manifest: bool,
        seed: u64,
    ) {
        let object = Object::new(seed, length, b"header");
        let (mut manifest, mut body) = (object.manifest.encode(), object.body.clone());
        let changed = if in_manifest { &mut manifest } else { &mut body };
        let bit = bit.index(changed.len() * 8);
        changed[bit / 8] ^= 1 << (bit % 8);
        let read = decrypt(&RustCrypto, &object.key, &object.id, &manifest, &body);
        prop_assert!(read.is_err(), "bit {bit} of the {}", if in_manifest { "manifest" } else { "body" });
    }

    #[test]
    fn what_decodes_encodes_to_the_same_bytes(
        flips in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..4),
        seed: u64,
    ) {
        let mut bytes = Object::new(seed, 40_000, b"header").manifest.encode();
        for (position, value) in flips {
            let position = position.index(bytes.len());
            bytes[position] = value;
        }
        if let Ok(manifest) = Manifest::decode(&bytes) {
            prop_assert_eq!(manifest.encode(), bytes);
        }
    }

    #[test]
    fn no_bytes_make_the_decoder_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), magic: bool) {
        let bytes = if magic { [&b"SEALOBJ1"[..], &bytes].concat() } else { bytes };
        if let Ok(manifest) = Manifest::decode(&bytes) {
            prop_assert_eq!(manifest.encode(), bytes);
        }
    }
}

/// Not a sample: every bit of a small object.
#[test]
fn each_bit_of_a_small_object_counts() {
    let object = Object::new(9, 21, b"header");
    let (manifest, body) = (object.manifest.encode(), object.body);
    for bit in 0..manifest.len() * 8 {
        let mut changed = manifest.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let read = decrypt(&RustCrypto, &object.key, &object.id, &changed, &body);
        assert!(read.is_err(), "bit {bit} of the manifest");
    }
    for bit in 0..body.len() * 8 {
        let mut changed = body.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let read = decrypt(&RustCrypto, &object.key, &object.id, &manifest, &changed);
        assert!(read.is_err(), "bit {bit} of the body");
    }
}
