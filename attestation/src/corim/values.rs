//! measurement-values-map (draft-ietf-rats-corim-11 section 5.1.4.5.2): what was measured, or what may be.

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::error::{At, CorimError, form, unmappable};
use super::model::{Attribute, Digest, DigestAlgorithm, RegisterId};
use super::triples::BYTES;
use crate::cbor::{Kind, Reader, once, required};

/// Section 5.1.4.5.4.
pub(super) const SVN: u64 = 552;
pub(super) const MINIMUM_SVN: u64 = 553;
/// Section 5.1.4.5.6.
pub(super) const MASKED: u64 = 563;
/// Section 5.1.4.8.
pub(super) const RANGE: u64 = 564;

const MAX_VALUES: u64 = 16;
const MAX_DIGESTS: u64 = 8;
const MAX_REGISTERS: u64 = 64;
const MAX_FLAGS: u64 = 16;
const MAX_KEYS: u64 = 4;

/// Code points that no policy here has a rule for.
const OTHERS: [(i64, &str); 5] = [(6, "mac-addr"), (7, "ip-addr"), (8, "serial-number"), (9, "ueid"), (10, "uuid")];

/// All of one map, in its order.
pub(super) fn read(reader: &mut Reader<'_>, path: &str) -> Result<Vec<Attribute>, CorimError> {
    let mut values: Vec<Attribute> = Vec::new();
    let mut old_mask = None;
    let mut items = reader.map(MAX_VALUES, "the values").at(path)?;
    while reader.more(&mut items).at(path)? {
        let code = reader.integer("a code point of the values").at(path)?;
        let value = match code {
            0 => version(reader, path)?,
            1 => svn(reader, path)?,
            2 => Attribute::Digests(digests(reader, path)?),
            3 => flags(reader, path)?,
            4 => raw(reader, path)?,
            5 => {
                once(&mut old_mask, reader.bytes("the mask").at(path)?.to_vec(), "raw-value-mask").at(path)?;
                continue;
            }
            11 => Attribute::Name(reader.text("the name").at(path)?.to_string()),
            13 => key_ids(reader, path)?,
            14 => registers(reader, path)?,
            15 => range(reader, path)?,
            code => {
                let known = OTHERS.iter().find(|(other, _)| *other == code).map(|(_, name)| *name);
                let found = known.map_or_else(|| format!("code point {code}"), ToString::to_string);
                return Err(unmappable(path, found, "no policy has a rule for it"));
            }
        };
        if values.iter().any(|other| other.code() == value.code()) {
            return Err(form(path, format!("{} occurs twice", value.name())));
        }
        values.push(value);
    }
    if let Some(mask) = old_mask {
        deprecated_mask(&mut values, mask, path)?;
    }
    if values.is_empty() { Err(form(path, "there is no value, expected one or more")) } else { Ok(values) }
}

/// Section 5.1.4.5.2: index 5 stands for the mask of tag 563.
fn deprecated_mask(values: &mut [Attribute], new: Vec<u8>, path: &str) -> Result<(), CorimError> {
    let raw = values.iter_mut().find_map(|value| match value {
        Attribute::Raw { value, mask } => Some((value, mask)),
        _ => None,
    });
    let Some((value, mask)) = raw else { return Err(form(path, "raw-value-mask without raw-value")) };
    if mask.is_some() {
        return Err(form(path, "two masks of one raw-value"));
    }
    same_length(value, &new, path)?;
    *mask = Some(new);
    Ok(())
}

/// Section 8.2.4.4.5: a mask of another length never matches.
fn same_length(value: &[u8], mask: &[u8], path: &str) -> Result<(), CorimError> {
    if value.len() == mask.len() {
        return Ok(());
    }
    Err(form(path, format!("raw-value has {} bytes and its mask {}", value.len(), mask.len())))
}

/// version-map (section 5.1.4.5.3).
fn version(reader: &mut Reader<'_>, path: &str) -> Result<Attribute, CorimError> {
    let (mut version, mut scheme) = (None, None);
    let mut items = reader.map(2, "the version").at(path)?;
    while reader.more(&mut items).at(path)? {
        match reader.unsigned("a key of the version").at(path)? {
            0 => once(&mut version, reader.text("the version").at(path)?.to_string(), "version").at(path)?,
            1 => once(&mut scheme, reader.integer("the version's scheme, by its number").at(path)?, "version-scheme")
                .at(path)?,
            key => return Err(form(path, format!("key {key} of the version, expected 0 or 1 (version-scheme)"))),
        }
    }
    Ok(Attribute::Version { version: required(version, "version").at(path)?, scheme })
}

/// svn-type-choice (section 5.1.4.5.4).
fn svn(reader: &mut Reader<'_>, path: &str) -> Result<Attribute, CorimError> {
    if reader.kind() == Some(Kind::Unsigned) {
        return Ok(Attribute::Svn(reader.unsigned("the svn").at(path)?));
    }
    match reader.tag("the svn").at(path)? {
        SVN => Ok(Attribute::Svn(reader.unsigned("the svn").at(path)?)),
        MINIMUM_SVN => Ok(Attribute::MinimumSvn(reader.unsigned("the min-svn").at(path)?)),
        tag => Err(form(path, format!("an svn of tag {tag}, expected {SVN} or {MINIMUM_SVN}"))),
    }
}

/// digests-type (section 7.7): each algorithm once.
fn digests(reader: &mut Reader<'_>, path: &str) -> Result<Vec<Digest>, CorimError> {
    let mut digests: Vec<Digest> = Vec::new();
    let mut items = reader.array(MAX_DIGESTS, "the digests").at(path)?;
    while reader.more(&mut items).at(path)? {
        reader.array_of(2, "a digest").at(path)?;
        let algorithm = if reader.kind() == Some(Kind::Text) {
            DigestAlgorithm::Name(reader.text("a digest's algorithm").at(path)?.to_string())
        } else {
            DigestAlgorithm::Number(reader.integer("a digest's algorithm").at(path)?)
        };
        if digests.iter().any(|other| other.algorithm == algorithm) {
            return Err(form(path, "two digests of one algorithm (states that differ are triples of their own)"));
        }
        digests.push(Digest { algorithm, value: reader.bytes("a digest").at(path)?.to_vec() });
    }
    if digests.is_empty() { Err(form(path, "there is no digest, expected one or more")) } else { Ok(digests) }
}

/// flags-map (section 5.1.4.5.5).
fn flags(reader: &mut Reader<'_>, path: &str) -> Result<Attribute, CorimError> {
    let mut flags: Vec<(u64, bool)> = Vec::new();
    let mut items = reader.map(MAX_FLAGS, "the flags").at(path)?;
    while reader.more(&mut items).at(path)? {
        let flag = reader.unsigned("a flag").at(path)?;
        let value = reader.boolean("a flag's value").at(path)?;
        if flags.iter().any(|(other, _)| *other == flag) {
            return Err(form(path, format!("flag {flag} occurs twice")));
        }
        flags.push((flag, value));
    }
    if flags.is_empty() {
        Err(form(path, "there is no flag, expected one or more"))
    } else {
        Ok(Attribute::Flags(flags))
    }
}

/// raw-value-type-choice (section 5.1.4.5.6).
fn raw(reader: &mut Reader<'_>, path: &str) -> Result<Attribute, CorimError> {
    match reader.tag("the raw-value").at(path)? {
        BYTES => Ok(Attribute::Raw { value: reader.bytes("the raw-value").at(path)?.to_vec(), mask: None }),
        MASKED => {
            reader.array_of(2, "the masked raw-value").at(path)?;
            let value = reader.bytes("the raw-value").at(path)?.to_vec();
            let mask = reader.bytes("the mask").at(path)?.to_vec();
            same_length(&value, &mask, path)?;
            Ok(Attribute::Raw { value, mask: Some(mask) })
        }
        tag => Err(form(path, format!("a raw-value of tag {tag}, expected {BYTES} or {MASKED}"))),
    }
}

/// crypto-key-type-choice (section 5.1.4.6), of which only key identifiers are said in a policy.
fn key_ids(reader: &mut Reader<'_>, path: &str) -> Result<Attribute, CorimError> {
    let mut keys = Vec::new();
    let mut items = reader.array(MAX_KEYS, "the cryptokeys").at(path)?;
    while reader.more(&mut items).at(path)? {
        match reader.tag("a key").at(path)? {
            BYTES => keys.push(reader.bytes("a key's identifier").at(path)?.to_vec()),
            tag => {
                return Err(unmappable(path, format!("a key of tag {tag}"), "policies name keys by identifier alone"));
            }
        }
    }
    if keys.is_empty() { Err(form(path, "there is no key, expected one or more")) } else { Ok(Attribute::KeyIds(keys)) }
}

/// integrity-registers (section 5.1.4.7).
fn registers(reader: &mut Reader<'_>, path: &str) -> Result<Attribute, CorimError> {
    let mut registers: Vec<(RegisterId, Vec<Digest>)> = Vec::new();
    let mut items = reader.map(MAX_REGISTERS, "the integrity-registers").at(path)?;
    while reader.more(&mut items).at(path)? {
        let id = if reader.kind() == Some(Kind::Text) {
            RegisterId::Text(reader.text("a register").at(path)?.to_string())
        } else {
            RegisterId::Number(reader.unsigned("a register").at(path)?)
        };
        if registers.iter().any(|(other, _)| *other == id) {
            return Err(form(path, "a register occurs twice"));
        }
        registers.push((id, digests(reader, path)?));
    }
    if registers.is_empty() {
        return Err(form(path, "there is no register, expected one or more"));
    }
    Ok(Attribute::Registers(registers))
}

/// int-range-type-choice (section 5.1.4.8).
fn range(reader: &mut Reader<'_>, path: &str) -> Result<Attribute, CorimError> {
    if reader.kind() != Some(Kind::Tag) {
        let value = Some(reader.integer("the int-range").at(path)?);
        return Ok(Attribute::Range { minimum: value, maximum: value });
    }
    match reader.tag("the int-range").at(path)? {
        RANGE => {}
        tag => return Err(form(path, format!("an int-range of tag {tag}, expected {RANGE}"))),
    }
    reader.array_of(2, "the int-range").at(path)?;
    let mut end = |what| if reader.is_null() { Ok(None) } else { reader.integer(what).map(Some) };
    let minimum = end("the range's minimum").at(path)?;
    let maximum = end("the range's maximum").at(path)?;
    if let (Some(minimum), Some(maximum)) = (minimum, maximum)
        && minimum > maximum
    {
        return Err(form(path, format!("the range from {minimum} to {maximum} is empty")));
    }
    Ok(Attribute::Range { minimum, maximum })
}
