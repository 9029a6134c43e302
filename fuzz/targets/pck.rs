//! Intel's extension of a PCK certificate, put into the leaf of a good quote: nothing that reads it checks a signature first.

use super::shown::{plain, shown};
use super::worlds::WORLDS;
use sealroom_attestation::Evidence;

/// 1.2.840.113741.1.13.1, "Intel SGX PCK Certificate and CRL Profile Specification".
const SGX_EXTENSION: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01];
/// Of a quote of version 4 with the body of TDX 1.0: the length of the signed data, and that of what certifies its key.
const LENGTHS: [usize; 2] = [632, 632 + 4 + 128 + 2];

/// Accepted where the machine can be told by it.
pub(crate) fn pck_extension(bytes: &[u8]) -> bool {
    // What is put around it writes lengths of two bytes.
    if bytes.len() > 60_000 {
        return false;
    }
    let quote = with_extension(bytes);
    let Some(evidence) = shown(Evidence::decode(&quote)) else { return false };
    assert_eq!(evidence.bytes(), quote);
    evidence.unverified_claims().iter().for_each(|claim| plain(&claim.value));
    evidence.needed().iter().for_each(|needed| plain(&needed.to_string()));
    evidence.unverified_pck_platform().is_some()
}

/// The good quote's own.
#[cfg(test)]
pub(super) fn extension() -> Vec<u8> {
    let mut found = Vec::new();
    drop(replaced(&leaf(), &mut |value| {
        found = value.to_vec();
        value.to_vec()
    }));
    found
}

/// The good quote with this extension, every length mended.
fn with_extension(value: &[u8]) -> Vec<u8> {
    let quote = &WORLDS.first().expect("the world tdx-4").evidence;
    let start = find(quote, b"-----BEGIN").expect("a chain in PEM");
    let (before, chain) = quote.split_at(start);
    let end = find(chain, b"-----END").expect("its first block");
    let (_, rest) = chain.split_at(end);
    let (_, after) = rest.split_at(find(rest, b"\n").expect("the end of a line"));
    let leaf = replaced(&leaf(), &mut |_| value.to_vec());
    let block = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----", base64_lines(&leaf));
    let mut changed = [before, block.as_bytes(), after].concat();
    for at in LENGTHS.into_iter().chain([start - 4]) {
        let field = changed.get_mut(at..at + 4).expect("a length inside of the quote");
        let old = u32::from_le_bytes(field.try_into().expect("four bytes"));
        let new = i64::from(old) + i64::try_from(block.len()).expect("short")
            - i64::try_from(chain.len() - after.len()).expect("short");
        field.copy_from_slice(&u32::try_from(new).expect("still a length").to_le_bytes());
    }
    changed
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// The first certificate of the good quote's chain, in DER.
fn leaf() -> Vec<u8> {
    let quote = &WORLDS.first().expect("the world tdx-4").evidence;
    let start = find(quote, b"-----BEGIN CERTIFICATE-----\n").expect("a chain in PEM") + 28;
    let (_, chain) = quote.split_at(start);
    let (block, _) = chain.split_at(find(chain, b"-----END").expect("its first block"));
    let digits = block.iter().filter_map(|digit| match digit {
        b'A'..=b'Z' => Some(digit - b'A'),
        b'a'..=b'z' => Some(digit - b'a' + 26),
        b'0'..=b'9' => Some(digit - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    });
    let digits: Vec<u8> = digits.collect();
    let group = |group: &[u8]| {
        let bits = group.iter().fold(0_u32, |bits, digit| bits << 6 | u32::from(*digit)) << (6 * (4 - group.len()));
        bits.to_be_bytes().into_iter().skip(1).take(group.len() - 1).collect::<Vec<u8>>()
    };
    digits.chunks(4).flat_map(group).collect()
}

fn base64_lines(bytes: &[u8]) -> String {
    let lines: Vec<String> = bytes.chunks(48).map(super::formats::base64).collect();
    lines.join("\n")
}

/// DER in which the value of that extension is another, every length around it mended.
fn replaced(der: &[u8], change: &mut dyn FnMut(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = der;
    let mut is_extension = false;
    while let Some((tag, content, after)) = element(rest) {
        let content = match tag {
            // SEQUENCE, and the [3] around a certificate's extensions.
            0x30 | 0xa3 => replaced(content, change),
            0x04 if is_extension => change(content),
            _ => content.to_vec(),
        };
        is_extension |= tag == 0x06 && content == SGX_EXTENSION;
        out.push(tag);
        match u16::try_from(content.len()).expect("a short certificate").to_be_bytes() {
            [0, length @ 0..0x80] => out.push(length),
            [0, length] => out.extend([0x81, length]),
            [high, low] => out.extend([0x82, high, low]),
        }
        out.extend(content);
        rest = after;
    }
    out
}

/// Tag, content, and what comes after.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (length, rest) = match der.get(1..)? {
        [0x82, high, low, rest @ ..] => (usize::from(u16::from_be_bytes([*high, *low])), rest),
        [0x81, length, rest @ ..] => (usize::from(*length), rest),
        [length, rest @ ..] => (usize::from(*length), rest),
        [] => return None,
    };
    let (content, after) = rest.split_at_checked(length)?;
    Some((*der.first()?, content, after))
}
