//! Reference triples, their environments and measurement-maps (draft-ietf-rats-corim-11 section 5.1.4).

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::decode::OID;
use super::error::{At, CorimError, form, unmappable};
use super::model::{Claim, Class, ClassId, Key, Triple};
use super::values;
use crate::cbor::{Kind, Reader, once, required};

/// Section 7.4.
const UUID: u64 = 37;
/// Section 7.8.
pub(super) const BYTES: u64 = 560;

const MAX_TRIPLES: u64 = 256;
const MAX_CLAIMS: u64 = 128;

/// The other kinds of triples (section 5.1.4): they endorse, name keys or speak of domains.
const OTHER_TRIPLES: [(u64, &str); 8] = [
    (1, "endorsed"),
    (2, "identity"),
    (3, "attest-key"),
    (4, "dependency"),
    (5, "membership"),
    (6, "coswid"),
    (8, "conditional-endorsement-series"),
    (10, "conditional-endorsement"),
];

/// triples-map (section 5.1.4).
pub(super) fn read(reader: &mut Reader<'_>, path: &str) -> Result<Vec<Triple>, CorimError> {
    let mut triples = None;
    let mut items = reader.map(16, "the triples").at(path)?;
    while reader.more(&mut items).at(path)? {
        match reader.unsigned("a kind of triples").at(path)? {
            0 => once(&mut triples, read_references(reader, path)?, "reference-triples").at(path)?,
            kind => {
                let known = OTHER_TRIPLES.iter().find(|(code, _)| *code == kind);
                let found =
                    known.map_or_else(|| format!("triples of kind {kind}"), |(_, name)| format!("{name}-triples"));
                return Err(unmappable(path, found, "a policy takes Reference Values, which are in reference-triples"));
            }
        }
    }
    match triples {
        Some(triples) if !triples.is_empty() => Ok(triples),
        _ => Err(form(path, "there are no reference-triples, expected one or more")),
    }
}

fn read_references(reader: &mut Reader<'_>, path: &str) -> Result<Vec<Triple>, CorimError> {
    let mut triples = Vec::new();
    let mut items = reader.array(MAX_TRIPLES, "the reference-triples").at(path)?;
    while reader.more(&mut items).at(path)? {
        triples.push(triple(reader, &place(path, triples.len()))?);
    }
    Ok(triples)
}

/// Where a reference triple stands.
pub(super) fn place(triples: &str, index: usize) -> String {
    format!("{triples}.reference[{index}]")
}

/// reference-triple-record (section 5.1.5).
fn triple(reader: &mut Reader<'_>, path: &str) -> Result<Triple, CorimError> {
    reader.array_of(2, "the triple").at(path)?;
    let (class, instance) = environment(reader, &format!("{path}.environment"))?;
    let mut claims = Vec::new();
    let mut items = reader.array(MAX_CLAIMS, "the claims").at(path)?;
    while reader.more(&mut items).at(path)? {
        claims.push(claim(reader, &format!("{path}.claims[{}]", claims.len()))?);
    }
    if claims.is_empty() {
        Err(form(path, "there is no claim, expected one or more"))
    } else {
        Ok(Triple { class, instance, claims })
    }
}

type Environment = (Class, Option<Vec<u8>>);

/// environment-map (section 5.1.4.1).
fn environment(reader: &mut Reader<'_>, path: &str) -> Result<Environment, CorimError> {
    let (mut class, mut instance) = (None, None);
    let mut items = reader.map(3, "the environment").at(path)?;
    while reader.more(&mut items).at(path)? {
        match reader.unsigned("a key of the environment").at(path)? {
            0 => once(&mut class, read_class(reader, path)?, "class").at(path)?,
            1 => match reader.tag("the instance").at(path)? {
                BYTES => once(&mut instance, reader.bytes("the instance").at(path)?.to_vec(), "instance").at(path)?,
                tag => {
                    return Err(unmappable(path, format!("an instance of tag {tag}"), "no platform here has such one"));
                }
            },
            2 => return Err(unmappable(path, "a group", "no platform here has groups")),
            key => return Err(form(path, format!("key {key}, expected 0 (class), 1 (instance) or 2 (group)"))),
        }
    }
    let class =
        class.ok_or_else(|| unmappable(path, "an environment without a class", "it does not say the platform"))?;
    Ok((class, instance))
}

/// class-map (section 5.1.4.2).
fn read_class(reader: &mut Reader<'_>, path: &str) -> Result<Class, CorimError> {
    let (mut id, mut vendor, mut model) = (None, None, None);
    let mut items = reader.map(5, "the class").at(path)?;
    while reader.more(&mut items).at(path)? {
        match reader.unsigned("a key of the class").at(path)? {
            0 => once(&mut id, class_id(reader, path)?, "class-id").at(path)?,
            1 => once(&mut vendor, reader.text("the vendor").at(path)?.to_string(), "vendor").at(path)?,
            2 => once(&mut model, reader.text("the model").at(path)?.to_string(), "model").at(path)?,
            3 => return Err(unmappable(path, "a layer", "no class known here has layers")),
            4 => return Err(unmappable(path, "an index", "no class known here has clones")),
            key => return Err(form(path, format!("key {key} of the class, expected 0 to 4"))),
        }
    }
    Ok(Class { id, vendor, model })
}

/// class-id-type-choice (section 5.1.4.2).
fn class_id(reader: &mut Reader<'_>, path: &str) -> Result<ClassId, CorimError> {
    match reader.tag("the class-id").at(path)? {
        OID => Ok(ClassId::Oid(reader.bytes("the class-id").at(path)?.to_vec())),
        UUID => Ok(ClassId::Uuid(reader.sized("the class-id").at(path)?)),
        BYTES => Ok(ClassId::Bytes(reader.bytes("the class-id").at(path)?.to_vec())),
        tag => Err(form(path, format!("a class-id of tag {tag}, expected {OID}, {UUID} or {BYTES}"))),
    }
}

/// measurement-map (section 5.1.4.5).
fn claim(reader: &mut Reader<'_>, path: &str) -> Result<Claim, CorimError> {
    let (mut key, mut values) = (None, None);
    let mut items = reader.map(3, "the claim").at(path)?;
    while reader.more(&mut items).at(path)? {
        match reader.unsigned("a key of the claim").at(path)? {
            0 => once(&mut key, measured_element(reader, path)?, "mkey").at(path)?,
            1 => once(&mut values, values::read(reader, path)?, "mval").at(path)?,
            2 => {
                return Err(unmappable(
                    path,
                    "authorized-by",
                    "a policy trusts whoever signed the manifest, or nobody",
                ));
            }
            code => return Err(form(path, format!("key {code} of the claim, expected 0 (mkey) or 1 (mval)"))),
        }
    }
    Ok(Claim { key, values: required(values, "mval").at(path)? })
}

/// measured-element-type-choice (section 5.1.4.5.1).
fn measured_element(reader: &mut Reader<'_>, path: &str) -> Result<Key, CorimError> {
    match reader.kind() {
        Some(Kind::Unsigned) => Ok(Key::Number(reader.unsigned("the mkey").at(path)?)),
        Some(Kind::Text) => Ok(Key::Text(reader.text("the mkey").at(path)?.to_string())),
        Some(Kind::Tag) => {
            let tag = reader.tag("the mkey").at(path)?;
            Err(unmappable(path, format!("an mkey of tag {tag}"), "no platform here has such one"))
        }
        _ => Err(form(path, "the mkey is neither number nor text, and has no tag")),
    }
}
