//! Bytes as text: hexadecimal digits, base64 in both alphabets, PEM. White space at line ends does not matter; everything else does.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::EvidenceFile;
use super::error::EnvelopeError;
use crate::endorsements::pem_blocks;

/// With padding or without; bits that say nothing must be zero.
const CONFIG: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, CONFIG);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, CONFIG);

/// The text without white space around it, where all of it is printable ASCII or JSON's UTF-8.
pub(super) fn of(bytes: &[u8]) -> Option<&str> {
    let printable = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~' | 0x80..);
    if !bytes.iter().all(printable) {
        return None;
    }
    // A byte order mark is no part of any form, and some editors write one.
    let text = core::str::from_utf8(bytes).ok()?;
    Some(text.strip_prefix('\u{feff}').unwrap_or(text).trim_ascii())
}

/// Bytes written as digits of base 16 or 64, and which of them.
pub(super) fn digits(text: &str) -> Result<(Vec<u8>, &'static str), EnvelopeError> {
    let decimal = |character: char| character.is_ascii_digit() || matches!(character, ',' | ' ' | '\n' | '\r' | '\t');
    if text.chars().all(decimal) && text.split([',', ' ', '\n', '\r', '\t']).all(|number| number.len() <= 3) {
        return Err(EnvelopeError::Decimal);
    }
    let text = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
    let bare: String = text.chars().filter(|character| !character.is_ascii_whitespace()).collect();
    if bare.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return hexadecimal(&bare).map(|bytes| (bytes, "hexadecimal digits"));
    }
    let foreign = |character: char| !(character.is_ascii_alphanumeric() || "+/-_=".contains(character));
    if let Some((index, character)) = bare.chars().enumerate().find(|(_, character)| foreign(*character)) {
        return Err(EnvelopeError::Text { character, position: index.saturating_add(1) });
    }
    base64(&bare)
}

fn hexadecimal(digits: &str) -> Result<Vec<u8>, EnvelopeError> {
    let nibble = |digit: &u8| char::from(*digit).to_digit(16).and_then(|value| u8::try_from(value).ok()).unwrap_or(0);
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return Err(EnvelopeError::OddHexadecimal { digits: digits.len() });
    }
    Ok(pairs.iter().map(|[high, low]| nibble(high) << 4 | nibble(low)).collect())
}

fn base64(text: &str) -> Result<(Vec<u8>, &'static str), EnvelopeError> {
    let (engine, form) = if text.contains(['-', '_']) { (URL_SAFE, "base64url") } else { (STANDARD, "base64") };
    engine.decode(text).map(|bytes| (bytes, form)).map_err(|_| EnvelopeError::Base64)
}

/// The first block is the Evidence, certificates after it are Endorsements.
pub(super) fn pem(text: &str, file: &mut EvidenceFile) -> Result<Vec<u8>, EnvelopeError> {
    let blocks = pem_blocks(text.as_bytes()).map_err(|_| EnvelopeError::Pem)?;
    let mut blocks = blocks.into_iter();
    let evidence = blocks.next().ok_or(EnvelopeError::Pem)?;
    let endorsement = |label: &str| matches!(label, "CERTIFICATE" | "X509 CRL");
    if endorsement(evidence.label) {
        return Err(EnvelopeError::PemOfEndorsements);
    }
    for block in blocks {
        if !endorsement(block.label) {
            return Err(EnvelopeError::Pem);
        }
        file.endorsements.push(block.bytes);
    }
    file.forms.push(format!("PEM \"{}\"", evidence.label));
    Ok(evidence.bytes)
}
