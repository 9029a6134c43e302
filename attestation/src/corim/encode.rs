//! A manifest as bytes: unsigned, deterministic (RFC 8949 section 4.2.1), of the parts that are decoded here.

use alloc::vec::Vec;

use super::decode::OID;
use super::model::{
    Attribute, Claim, Class, ClassId, Digest, DigestAlgorithm, Key, Manifest, Profile, RegisterId, Tag, Triple,
};
use super::triples::BYTES;
use super::values::{MASKED, MINIMUM_SVN, RANGE};
use crate::cbor::{push_bytes, push_head, push_integer, push_number, push_text};

const MAP: u8 = 5;
const ARRAY: u8 = 4;

/// tagged-unsigned-corim-map (draft-ietf-rats-corim-11 section 4.1), without validity and entities.
pub(super) fn manifest(manifest: &Manifest) -> Vec<u8> {
    let mut to = Vec::new();
    tag(501, &mut to);
    push_head(MAP, 2 + usize::from(manifest.profile.is_some()), &mut to);
    number(0, &mut to);
    push_text(&manifest.id, &mut to);
    number(1, &mut to);
    push_head(ARRAY, manifest.tags.len(), &mut to);
    for each in &manifest.tags {
        tag(506, &mut to);
        push_bytes(&module(each), &mut to);
    }
    match &manifest.profile {
        None => {}
        Some(Profile::Uri(uri)) => {
            number(3, &mut to);
            tag(32, &mut to);
            push_text(uri, &mut to);
        }
        Some(Profile::Oid(oid)) => {
            number(3, &mut to);
            tagged_bytes(OID, oid, &mut to);
        }
    }
    to
}

/// concise-mid-tag (section 5.1).
fn module(tag: &Tag) -> Vec<u8> {
    let mut to = Vec::new();
    push_head(MAP, 2, &mut to);
    number(1, &mut to);
    push_head(MAP, 1, &mut to);
    number(0, &mut to);
    push_text(&tag.id, &mut to);
    number(4, &mut to);
    push_head(MAP, 1, &mut to);
    number(0, &mut to);
    push_head(ARRAY, tag.triples.len(), &mut to);
    for triple in &tag.triples {
        reference(triple, &mut to);
    }
    to
}

/// reference-triple-record (section 5.1.5).
fn reference(triple: &Triple, to: &mut Vec<u8>) {
    push_head(ARRAY, 2, to);
    push_head(MAP, 1 + usize::from(triple.instance.is_some()), to);
    number(0, to);
    class(&triple.class, to);
    if let Some(instance) = &triple.instance {
        number(1, to);
        tagged_bytes(BYTES, instance, to);
    }
    push_head(ARRAY, triple.claims.len(), to);
    for each in &triple.claims {
        claim(each, to);
    }
}

/// class-map (section 5.1.4.2).
fn class(class: &Class, to: &mut Vec<u8>) {
    let Class { id, vendor, model } = class;
    push_head(MAP, usize::from(id.is_some()) + usize::from(vendor.is_some()) + usize::from(model.is_some()), to);
    if let Some(id) = id {
        number(0, to);
        match id {
            ClassId::Oid(oid) => tagged_bytes(OID, oid, to),
            ClassId::Uuid(uuid) => tagged_bytes(37, uuid, to),
            ClassId::Bytes(bytes) => tagged_bytes(BYTES, bytes, to),
        }
    }
    for (code, text) in [(1, vendor), (2, model)] {
        if let Some(text) = text {
            number(code, to);
            push_text(text, to);
        }
    }
}

/// measurement-map (section 5.1.4.5).
fn claim(claim: &Claim, to: &mut Vec<u8>) {
    push_head(MAP, 1 + usize::from(claim.key.is_some()), to);
    match &claim.key {
        None => {}
        Some(Key::Number(key)) => {
            number(0, to);
            number(*key, to);
        }
        Some(Key::Text(key)) => {
            number(0, to);
            push_text(key, to);
        }
    }
    number(1, to);
    let mut values: Vec<&Attribute> = claim.values.iter().collect();
    values.sort_by_key(|value| value.code());
    push_head(MAP, values.len(), to);
    for value in values {
        number(value.code(), to);
        attribute(value, to);
    }
}

/// measurement-values-map (section 5.1.4.5.2).
fn attribute(value: &Attribute, to: &mut Vec<u8>) {
    match value {
        Attribute::Version { version, scheme } => {
            push_head(MAP, 1 + usize::from(scheme.is_some()), to);
            number(0, to);
            push_text(version, to);
            if let Some(scheme) = scheme {
                number(1, to);
                push_integer(*scheme, to);
            }
        }
        Attribute::Svn(svn) => number(*svn, to),
        Attribute::MinimumSvn(svn) => {
            tag(MINIMUM_SVN, to);
            number(*svn, to);
        }
        Attribute::Digests(list) => digests(list, to),
        Attribute::Flags(flags) => {
            let mut flags = flags.clone();
            flags.sort_unstable();
            push_head(MAP, flags.len(), to);
            for (flag, value) in flags {
                number(flag, to);
                // RFC 8949 section 3.3.
                push_number(7, if value { 21 } else { 20 }, to);
            }
        }
        Attribute::Raw { value, mask: None } => tagged_bytes(BYTES, value, to),
        Attribute::Raw { value, mask: Some(mask) } => {
            tag(MASKED, to);
            push_head(ARRAY, 2, to);
            push_bytes(value, to);
            push_bytes(mask, to);
        }
        Attribute::Name(name) => push_text(name, to),
        Attribute::KeyIds(keys) => {
            push_head(ARRAY, keys.len(), to);
            keys.iter().for_each(|key| tagged_bytes(BYTES, key, to));
        }
        Attribute::Registers(registers) => {
            let mut encoded: Vec<(Vec<u8>, &[Digest])> =
                registers.iter().map(|(id, digests)| (register_id(id), digests.as_slice())).collect();
            // RFC 8949 section 4.2.1: by the bytes of the keys.
            encoded.sort_by(|(one, _), (other, _)| one.cmp(other));
            push_head(MAP, encoded.len(), to);
            for (id, list) in encoded {
                to.extend(id);
                digests(list, to);
            }
        }
        Attribute::Range { minimum: Some(minimum), maximum: Some(maximum) } if minimum == maximum => {
            push_integer(*minimum, to);
        }
        Attribute::Range { minimum, maximum } => {
            tag(RANGE, to);
            push_head(ARRAY, 2, to);
            for end in [minimum, maximum] {
                match end {
                    Some(value) => push_integer(*value, to),
                    None => push_number(7, 22, to),
                }
            }
        }
    }
}

fn register_id(id: &RegisterId) -> Vec<u8> {
    let mut to = Vec::new();
    match id {
        RegisterId::Number(value) => number(*value, &mut to),
        RegisterId::Text(text) => push_text(text, &mut to),
    }
    to
}

/// digests-type (section 7.7).
fn digests(list: &[Digest], to: &mut Vec<u8>) {
    push_head(ARRAY, list.len(), to);
    for digest in list {
        push_head(ARRAY, 2, to);
        match &digest.algorithm {
            DigestAlgorithm::Number(code) => push_integer(*code, to),
            DigestAlgorithm::Name(name) => push_text(name, to),
        }
        push_bytes(&digest.value, to);
    }
}

fn tagged_bytes(code: u64, bytes: &[u8], to: &mut Vec<u8>) {
    tag(code, to);
    push_bytes(bytes, to);
}

fn tag(code: u64, to: &mut Vec<u8>) {
    push_number(6, code, to);
}

fn number(value: u64, to: &mut Vec<u8>) {
    push_number(0, value, to);
}

#[cfg(test)]
mod tests {
    use super::super::decode;
    use super::*;
    use alloc::string::String;

    fn every_attribute() -> Vec<Attribute> {
        let digest = |algorithm| Digest { algorithm, value: alloc::vec![7; 32] };
        let digests = || {
            alloc::vec![
                digest(DigestAlgorithm::Number(1)),
                digest(DigestAlgorithm::Number(-44)),
                digest(DigestAlgorithm::Name("mine".into()))
            ]
        };
        alloc::vec![
            Attribute::Version { version: "1.2".into(), scheme: Some(-2) },
            Attribute::Version { version: String::new(), scheme: None },
            Attribute::Svn(u64::MAX),
            Attribute::MinimumSvn(0),
            Attribute::Digests(digests()),
            Attribute::Flags(alloc::vec![(0, true), (3, false)]),
            Attribute::Raw { value: alloc::vec![1, 2], mask: None },
            Attribute::Raw { value: alloc::vec![1, 2], mask: Some(alloc::vec![0, 255]) },
            Attribute::Name("a name".into()),
            Attribute::KeyIds(alloc::vec![alloc::vec![9; 32], Vec::new()]),
            Attribute::Registers(alloc::vec![
                (RegisterId::Number(4), digests()),
                (RegisterId::Text("x".into()), digests())
            ]),
            Attribute::Range { minimum: Some(i64::MIN), maximum: Some(i64::MAX) },
            Attribute::Range { minimum: Some(-3), maximum: Some(-3) },
            Attribute::Range { minimum: None, maximum: Some(3) },
            Attribute::Range { minimum: None, maximum: None },
        ]
    }

    #[test]
    fn what_is_encoded_decodes_to_the_same() {
        for profile in [None, Some(Profile::Uri("tag:x".into())), Some(Profile::Oid(alloc::vec![0x2b]))] {
            for id in [
                None,
                Some(ClassId::Uuid([1; 16])),
                Some(ClassId::Oid(alloc::vec![0x2b])),
                Some(ClassId::Bytes(Vec::new())),
            ] {
                let claims = every_attribute().into_iter().zip(0..).map(|(value, index)| Claim {
                    key: [None, Some(Key::Number(index)), Some(Key::Text("k".into()))]
                        .into_iter()
                        .cycle()
                        .nth(usize::try_from(index).unwrap())
                        .unwrap(),
                    values: alloc::vec![value],
                });
                let class = Class { id, vendor: Some("v".into()), model: None };
                let triple = Triple { class, instance: Some(alloc::vec![5; 64]), claims: claims.collect() };
                let tags = alloc::vec![Tag { id: "one".into(), triples: alloc::vec![triple] }];
                let made =
                    Manifest { id: "id".into(), profile: profile.clone(), validity: None, entities: Vec::new(), tags };
                assert_eq!(decode::manifest(&manifest(&made)), Ok(made));
            }
        }
    }
}
