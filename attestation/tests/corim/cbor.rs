//! CBOR by hand, so that a test says every byte that it brings.

/// Head of a major type.
pub(crate) fn head(kind: u8, argument: u64) -> Vec<u8> {
    let kind = kind << 5;
    let bytes = argument.to_be_bytes();
    match argument {
        0..=23 => vec![kind | bytes[7]],
        24..=0xff => vec![kind | 24, bytes[7]],
        0x100..=0xffff => [&[kind | 25], &bytes[6..]].concat(),
        0x1_0000..=0xffff_ffff => [&[kind | 26], &bytes[4..]].concat(),
        _ => [&[kind | 27], &bytes[..]].concat(),
    }
}

pub(crate) fn int(value: u64) -> Vec<u8> {
    head(0, value)
}

pub(crate) fn negative(value: i64) -> Vec<u8> {
    head(1, !value as u64)
}

pub(crate) fn bytes(value: &[u8]) -> Vec<u8> {
    [head(2, value.len() as u64), value.to_vec()].concat()
}

pub(crate) fn text(value: &str) -> Vec<u8> {
    [head(3, value.len() as u64), value.as_bytes().to_vec()].concat()
}

pub(crate) fn array(items: &[Vec<u8>]) -> Vec<u8> {
    [head(4, items.len() as u64), items.concat()].concat()
}

pub(crate) fn map(pairs: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let content: Vec<u8> = pairs.iter().flat_map(|(key, value)| [key.clone(), value.clone()].concat()).collect();
    [head(5, pairs.len() as u64), content].concat()
}

pub(crate) fn tag(code: u64, content: Vec<u8>) -> Vec<u8> {
    [head(6, code), content].concat()
}

/// digest: algorithm and value.
pub(crate) fn digest(algorithm: u64, value: &[u8]) -> Vec<u8> {
    array(&[int(algorithm), bytes(value)])
}

/// measurement-map.
pub(crate) fn claim(key: Vec<u8>, values: &[(u64, Vec<u8>)]) -> Vec<u8> {
    let values: Vec<_> = values.iter().map(|(code, value)| (int(*code), value.clone())).collect();
    map(&[(int(0), key), (int(1), map(&values))])
}

/// class-map of vendor and model.
pub(crate) fn named(vendor: &str, model: &str) -> Vec<u8> {
    map(&[(int(1), text(vendor)), (int(2), text(model))])
}

/// reference-triple-record of a class.
pub(crate) fn triple(class: Vec<u8>, claims: &[Vec<u8>]) -> Vec<u8> {
    array(&[map(&[(int(0), class)]), array(claims)])
}

/// concise-mid-tag.
pub(crate) fn module(id: &str, triples: &[Vec<u8>]) -> Vec<u8> {
    module_of(&[(int(1), map(&[(int(0), text(id))])), (int(4), map(&[(int(0), array(triples))]))])
}

pub(crate) fn module_of(pairs: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    tag(506, bytes(&map(pairs)))
}

/// corim-map with more pairs after identifier and tags.
pub(crate) fn corim(tags: &[Vec<u8>], more: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let first = [(int(0), text("a manifest")), (int(1), array(tags))];
    tag(501, map(&[&first[..], more].concat()))
}

pub(crate) fn uri(value: &str) -> Vec<u8> {
    tag(32, text(value))
}
