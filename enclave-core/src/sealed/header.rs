//! The header of every sealed object: what it is, where it belongs, and how its key is found again. `spec/sealed.md`, section 2.
//!
//! What always holds: one value has one encoding; the header is in the clear, in the object's id, and in its key.

use super::bytes::{Bytes, push_prefixed};
use super::error::SealedError;
use super::level::FreshnessLevel;
use super::platform::KeyRequest;
use alloc::string::String;
use alloc::vec::Vec;
use sealroom_protocol::id::StoreId;

/// Which version of the format.
const MAGIC: &[u8; 8] = b"SEALHDR1";
/// Most bytes of a name.
pub(super) const NAME_LIMIT: usize = 255;
/// Most slots of a manifest.
pub(super) const SLOT_LIMIT: usize = 4;
/// Most bytes of one slot.
pub(super) const SLOT_LENGTH_LIMIT: usize = 4096;

/// What a sealed object is, and what only that kind has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// Sealed by [`seal`](super::seal()): no store.
    Single(KeyRequest),
    /// The key of an epoch of a store.
    Slot(KeyRequest),
    /// A named object of a store.
    Object,
    /// The manifest of a store: the slots that its key is found by.
    Manifest(Vec<Vec<u8>>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) kind: Kind,
    pub(super) level: FreshnessLevel,
    pub(super) store: StoreId,
    /// The version of the store that wrote it.
    pub(super) version: u64,
    /// The epoch whose key it is under, or, in a slot, whose key it holds.
    pub(super) epoch: u64,
    pub(super) name: String,
}

impl Header {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.push(match &self.kind {
            Kind::Single(_) => 1,
            Kind::Slot(_) => 2,
            Kind::Object => 3,
            Kind::Manifest(_) => 4,
        });
        bytes.push(self.level.byte());
        bytes.extend_from_slice(self.store.as_bytes());
        bytes.extend_from_slice(&self.version.to_le_bytes());
        bytes.extend_from_slice(&self.epoch.to_le_bytes());
        push_prefixed(&mut bytes, self.name.as_bytes());
        match &self.kind {
            Kind::Single(request) | Kind::Slot(request) => request.encode(&mut bytes),
            Kind::Object => {}
            Kind::Manifest(slots) => {
                bytes.push(u8::try_from(slots.len()).unwrap_or(u8::MAX));
                slots.iter().for_each(|slot| push_prefixed(&mut bytes, slot));
            }
        }
        bytes
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, SealedError> {
        let field = |field| SealedError::Header { field };
        let mut bytes = Bytes::new(bytes);
        if bytes.array().as_ref() != Some(MAGIC) {
            return Err(SealedError::Version);
        }
        let kind = bytes.byte().ok_or(field("kind"))?;
        let level = bytes.byte().and_then(FreshnessLevel::of_byte).ok_or(field("freshness level"))?;
        let store = StoreId::from_bytes(bytes.array().ok_or(field("store"))?);
        let version = bytes.long().ok_or(field("version"))?;
        let epoch = bytes.long().ok_or(field("epoch"))?;
        let name = bytes.prefixed(NAME_LIMIT).and_then(|name| str::from_utf8(name).ok()).ok_or(field("name"))?;
        let kind = match kind {
            1 => Kind::Single(KeyRequest::decode(&mut bytes)?),
            2 => Kind::Slot(KeyRequest::decode(&mut bytes)?),
            3 => Kind::Object,
            4 => Kind::Manifest(slots(&mut bytes).ok_or(field("slots"))?),
            _ => return Err(field("kind")),
        };
        bytes.end().ok_or(field("end"))?;
        Ok(Self { kind, level, store, version, epoch, name: name.into() })
    }
}

fn slots(bytes: &mut Bytes<'_>) -> Option<Vec<Vec<u8>>> {
    let count = bytes.byte().map(usize::from).filter(|count| (1..=SLOT_LIMIT).contains(count))?;
    (0..count).map(|_| bytes.prefixed(SLOT_LENGTH_LIMIT).map(<[u8]>::to_vec)).collect()
}

/// Refuses a name that a header cannot carry.
pub(super) const fn check_name(name: &str) -> Result<(), SealedError> {
    if name.is_empty() || name.len() > NAME_LIMIT {
        return Err(SealedError::Name { limit: NAME_LIMIT, found: name.len() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::platform::SealTo;
    use super::*;
    use alloc::vec;

    #[test]
    fn a_header_has_one_encoding() {
        let request = |seal_to| KeyRequest { seal_to, platform: vec![9; 5] };
        for kind in [
            Kind::Single(request(SealTo::Measurement)),
            Kind::Slot(request(SealTo::Signer { minimum_version: 7 })),
            Kind::Object,
            Kind::Manifest(vec![vec![1, 2], vec![3]]),
        ] {
            let level = FreshnessLevel::Session;
            let store = StoreId::from_bytes([4; 32]);
            let header = Header { kind, level, store, version: 3, epoch: 2, name: "name".into() };
            let bytes = header.encode();
            assert_eq!(Header::decode(&bytes), Ok(header));
            let cut = Header::decode(&bytes[..bytes.len() - 1]).unwrap_err();
            assert!(matches!(cut, SealedError::Header { .. }), "{cut:?}");
            let longer = [bytes.as_slice(), &[0]].concat();
            assert_eq!(Header::decode(&longer), Err(SealedError::Header { field: "end" }));
        }
    }

    #[test]
    fn what_has_another_spelling_is_refused_by_field() {
        let store = StoreId::from_bytes([4; 32]);
        let level = FreshnessLevel::None;
        let request = KeyRequest { seal_to: SealTo::Measurement, platform: Vec::new() };
        let header = Header { kind: Kind::Single(request), level, store, version: 0, epoch: 0, name: "n".into() };
        let good = header.encode();
        let changed = |place: usize, byte: u8| {
            let mut bytes = good.clone();
            bytes[place] = byte;
            Header::decode(&bytes)
        };
        assert_eq!(changed(7, b'2'), Err(SealedError::Version));
        assert_eq!(changed(8, 5), Err(SealedError::Header { field: "kind" }));
        assert_eq!(changed(9, 3), Err(SealedError::Header { field: "freshness level" }));
        assert_eq!(changed(62, 0xff), Err(SealedError::Header { field: "name" }));
        // Kind of policy, then a minimum version where there is none.
        assert_eq!(changed(63, 3), Err(SealedError::Header { field: "seal policy" }));
        assert_eq!(changed(64, 1), Err(SealedError::Header { field: "seal policy" }));
    }
}
