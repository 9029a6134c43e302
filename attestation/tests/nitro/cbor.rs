//! The few CBOR encodings that a test document needs. Written by hand, so that a test can also encode what is wrong.

/// A key and its value, as they are encoded.
pub(crate) type Pair = (Vec<u8>, Vec<u8>);

fn head(kind: u8, argument: usize) -> Vec<u8> {
    let kind = kind << 5;
    match u16::try_from(argument).unwrap().to_be_bytes() {
        [0, short @ 0..=23] => vec![kind | short],
        [0, byte] => vec![kind | 24, byte],
        [high, low] => vec![kind | 25, high, low],
    }
}

pub(crate) fn number(value: u64) -> Vec<u8> {
    match u16::try_from(value) {
        Ok(short) => head(0, short.into()),
        Err(_) => [&[0x1b][..], &value.to_be_bytes()].concat(),
    }
}

pub(crate) fn bytes(content: &[u8]) -> Vec<u8> {
    [&head(2, content.len())[..], content].concat()
}

pub(crate) fn text(content: &str) -> Vec<u8> {
    [&head(3, content.len())[..], content.as_bytes()].concat()
}

pub(crate) fn array(items: &[Vec<u8>]) -> Vec<u8> {
    [head(4, items.len()), items.concat()].concat()
}

/// A map with its length.
pub(crate) fn map(pairs: &[Pair]) -> Vec<u8> {
    let content: Vec<u8> = pairs.iter().flat_map(|(key, value)| [&key[..], value].concat()).collect();
    [head(5, pairs.len()), content].concat()
}

/// A map without a length, ended by a break.
pub(crate) fn open_map(pairs: &[Pair]) -> Vec<u8> {
    let content: Vec<u8> = pairs.iter().flat_map(|(key, value)| [&key[..], value].concat()).collect();
    [&[0xbf][..], &content, &[0xff]].concat()
}

pub(crate) const NULL: u8 = 0xf6;

/// `{1: -35}`.
pub(crate) const ES384: [u8; 4] = [0xa1, 0x01, 0x38, 0x22];

/// What COSE_Sign1 signs (RFC 9052 section 4.4).
pub(crate) fn sig_structure(protected: &[u8], payload: &[u8]) -> Vec<u8> {
    array(&[text("Signature1"), bytes(protected), bytes(&[]), bytes(payload)])
}
