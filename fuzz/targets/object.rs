//! Encrypted objects: the manifest, and a whole object that someone changed.

use super::rng::Counter;
use super::shown::shown;
use super::world::encrypt;
use sealroom_protocol::object::{Manifest, ObjectError, PREFIX_LENGTH, Reader};
use sealroom_protocol::provider::{Ring, RustCrypto};

/// One spelling; groups lie one behind the other and cover the body.
pub(crate) fn manifest(bytes: &[u8]) -> bool {
    let Some(manifest) = shown(Manifest::decode(bytes)) else { return false };
    assert_eq!(manifest.encode(), bytes);
    let count = manifest.group_count();
    assert!(manifest.group_range(count).is_err());
    let mut end = u64::try_from(PREFIX_LENGTH).expect("a prefix has 56 bytes");
    for index in 0..count {
        let range = manifest.group_range(index).expect("a group below the count");
        assert!(range.start == end && range.end > end);
        end = range.end;
    }
    assert_eq!(end, manifest.body_length());
    assert!(manifest.plaintext_length() < manifest.body_length());
    true
}

/// A plaintext, and one change to its object: what to change, where (four bytes) and how. Unchanged it reads back;
/// changed it is refused, and nothing of it is shown.
pub(crate) fn object(bytes: &[u8]) -> bool {
    let Some(([what, change, place @ ..], plaintext)) = bytes.split_first_chunk::<6>() else { return false };
    let place = usize::try_from(u32::from_le_bytes(*place)).unwrap_or_default();
    let mut object = encrypt(b"{\"kind\":\"any\"}", plaintext, &mut Counter::new());
    let changed = match what % 4 {
        0 => false,
        1 => flip(&mut object.manifest, place, *change),
        2 => flip(object.body.get_mut(PREFIX_LENGTH..).unwrap_or_default(), place, *change),
        _ => {
            let length = object.body.len();
            object.body.resize(PREFIX_LENGTH + place % (length * 2), *change);
            object.body.len() != length
        }
    };
    let read = Manifest::decode(&object.manifest).and_then(|manifest| {
        let body = object.body.get(PREFIX_LENGTH..).unwrap_or_default();
        let mut reader = Reader::new(&RustCrypto, &object.key, &object.id, manifest.clone())?;
        let mut read = Vec::new();
        let result = reader.decrypt_group(0, body, &mut read);
        let mut in_place = body.to_vec();
        let mut other = Reader::new(&Ring, &object.key, &object.id, manifest)?;
        let also = other.decrypt_group_in_place(0, &mut in_place).map(|plaintext| plaintext.to_vec());
        assert_eq!(result.clone().map(|()| read.clone()), also, "two ways and two providers to read one group");
        let (mut by_chunks, mut pieces) = (body.to_vec(), Vec::new());
        let third = other.decrypt_group_by_chunks(0, &mut by_chunks, |piece| {
            pieces.extend_from_slice(piece);
            Ok::<(), ObjectError>(())
        });
        assert_eq!(third.map(|()| pieces), also, "a third way, after one that may have failed");
        if result.is_err() {
            assert!(read.is_empty() && in_place.iter().all(|byte| *byte == 0), "nothing of a refused group is shown");
        }
        result.map(|()| read)
    });
    assert_eq!(read.is_err(), changed, "{read:?}");
    assert_ne!(read, Err(ObjectError::DecryptionFailed), "a digest or an id says it before a key is used");
    read.is_ok_and(|read| read == plaintext)
}

fn flip(bytes: &mut [u8], place: usize, change: u8) -> bool {
    let place = place % bytes.len().max(1);
    bytes.get_mut(place).into_iter().for_each(|byte| *byte ^= change);
    change != 0
}
