//! The outer parts of a manifest: corim-map and concise-mid-tag of draft-ietf-rats-corim-11. Strict: keys that the draft does
//! not have, repeated keys, other types and long forms are errors; what the draft has and no policy could say stops at its name.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::error::{At, CorimError, form, unmappable};
use super::model::{Manifest, Profile, Tag, Validity};
use super::triples;
use crate::cbor::{Kind, Reader, once, required};
use crate::text::{Hex, is_blank, printable};

/// Section 4.1.
const UNSIGNED: u64 = 501;
/// Section 4.1.2.
const COSWID: u64 = 505;
const COMID: u64 = 506;
const TAG_LIST: u64 = 508;
/// RFC 8949 section 3.4.
const EPOCH_TIME: u64 = 1;
const URI: u64 = 32;
/// RFC 9090.
pub(super) const OID: u64 = 111;

const MAX_TAGS: u64 = 64;
const MAX_ENTITIES: u64 = 16;
const MAX_ROLES: u64 = 8;

/// tagged-unsigned-corim-map (section 4.1).
pub(super) fn manifest(bytes: &[u8]) -> Result<Manifest, CorimError> {
    let path = "corim";
    let mut reader = Reader::new(bytes);
    match reader.tag("the manifest").at(path)? {
        UNSIGNED => {}
        tag => return Err(form(path, format!("tag {tag}, expected {UNSIGNED} (a manifest)"))),
    }
    let (mut id, mut tags, mut profile, mut validity, mut entities) = (None, None, None, None, None);
    let mut items = reader.map(8, "the manifest").at(path)?;
    while reader.more(&mut items).at(path)? {
        // Section 4.1.
        match reader.integer("a key of the manifest").at(path)? {
            0 => once(&mut id, identifier(&mut reader, "id")?, "id").at(path)?,
            1 => once(&mut tags, read_tags(&mut reader)?, "tags").at(path)?,
            2 => {
                return Err(unmappable(
                    "dependent-rims",
                    "a reference to other manifests",
                    "they are not read with it",
                ));
            }
            3 => once(&mut profile, read_profile(&mut reader)?, "profile").at(path)?,
            4 => once(&mut validity, read_validity(&mut reader, "rim-validity")?, "rim-validity").at(path)?,
            5 => once(&mut entities, read_entities(&mut reader, "entities")?, "entities").at(path)?,
            key => return Err(unmappable(path, format!("key {key}"), "it is an extension that is not known here")),
        }
    }
    reader.end("the manifest").at(path)?;
    let manifest = Manifest {
        id: required(id, "id").at(path)?,
        profile,
        validity,
        entities: entities.unwrap_or_default(),
        tags: required(tags, "tags").at(path)?,
    };
    for (index, tag) in manifest.tags.iter().enumerate() {
        // Section 5.1.1.1: the identifier is globally unique.
        if manifest.tags.iter().skip(index + 1).any(|other| other.id == tag.id) {
            return Err(form("tags", format!("two tags have the identifier \"{}\"", tag.id)));
        }
    }
    Ok(manifest)
}

/// corim-id-type-choice and tag-id-type-choice (sections 4.1.1 and 5.1.1.1): text, or a UUID.
fn identifier(reader: &mut Reader<'_>, path: &str) -> Result<String, CorimError> {
    let text = if reader.kind() == Some(Kind::Bytes) {
        uuid_text(&reader.sized::<16>("the UUID").at(path)?)
    } else {
        reader.text("the identifier").at(path)?.to_string()
    };
    if is_blank(&text) {
        return Err(form(path, "the identifier is empty"));
    }
    // It becomes the name of an accept block, which people are shown.
    if printable(&text) != text {
        return Err(form(path, "the identifier has characters that steer a terminal"));
    }
    Ok(text)
}

fn uuid_text(bytes: &[u8; 16]) -> String {
    let [a @ .., _, _, _, _, _, _, _, _, _, _, _, _] = bytes;
    let [_, _, _, _, b @ .., _, _, _, _, _, _, _, _, _, _] = bytes;
    let [_, _, _, _, _, _, c @ .., _, _, _, _, _, _, _, _] = bytes;
    let [_, _, _, _, _, _, _, _, d @ .., _, _, _, _, _, _] = bytes;
    let [_, _, _, _, _, _, _, _, _, _, e @ ..] = bytes;
    format!("{}-{}-{}-{}-{}", Hex(a), Hex(b), Hex(c), Hex(d), Hex(e))
}

/// profile-type-choice (section 4.1.4).
fn read_profile(reader: &mut Reader<'_>) -> Result<Profile, CorimError> {
    let path = "profile";
    match reader.tag("the profile").at(path)? {
        URI => Ok(Profile::Uri(reader.text("the URI").at(path)?.to_string())),
        OID => Ok(Profile::Oid(reader.bytes("the object identifier").at(path)?.to_vec())),
        tag => Err(form(path, format!("tag {tag}, expected {URI} (a URI) or {OID} (an object identifier)"))),
    }
}

/// validity-map (section 7.3).
pub(super) fn read_validity(reader: &mut Reader<'_>, path: &str) -> Result<Validity, CorimError> {
    let (mut not_before, mut not_after) = (None, None);
    let mut items = reader.map(2, "the validity").at(path)?;
    while reader.more(&mut items).at(path)? {
        match reader.unsigned("a key of the validity").at(path)? {
            0 => once(&mut not_before, time(reader, path)?, "not-before").at(path)?,
            1 => once(&mut not_after, time(reader, path)?, "not-after").at(path)?,
            key => return Err(form(path, format!("key {key}, expected 0 (not-before) or 1 (not-after)"))),
        }
    }
    Ok(Validity { not_before, not_after: required(not_after, "not-after").at(path)? })
}

/// RFC 8949 section 3.4.2, whole seconds from 1970 on.
fn time(reader: &mut Reader<'_>, path: &str) -> Result<u64, CorimError> {
    match reader.tag("a time").at(path)? {
        EPOCH_TIME => reader.unsigned("a time in whole seconds").at(path),
        tag => Err(form(path, format!("tag {tag}, expected {EPOCH_TIME} (a time)"))),
    }
}

/// entity-map (section 7.2): names, for people. Roles are read and say nothing that is decided here.
fn read_entities(reader: &mut Reader<'_>, path: &str) -> Result<Vec<String>, CorimError> {
    let mut names = Vec::new();
    let mut items = reader.array(MAX_ENTITIES, "the entities").at(path)?;
    while reader.more(&mut items).at(path)? {
        let (mut name, mut registered, mut roles) = (None, None, None);
        let mut keys = reader.map(3, "an entity").at(path)?;
        while reader.more(&mut keys).at(path)? {
            match reader.integer("a key of an entity").at(path)? {
                0 => once(&mut name, reader.text("the entity's name").at(path)?.to_string(), "entity-name").at(path)?,
                1 => once(&mut registered, uri(reader, path)?, "reg-id").at(path)?,
                2 => once(&mut roles, read_roles(reader, path)?, "role").at(path)?,
                key => return Err(unmappable(path, format!("key {key}"), "it is an extension that is not known here")),
            }
        }
        required(roles, "role").at(path)?;
        names.push(printable(&required(name, "entity-name").at(path)?));
    }
    if names.is_empty() { Err(form(path, "there is none, expected one or more")) } else { Ok(names) }
}

fn read_roles(reader: &mut Reader<'_>, path: &str) -> Result<(), CorimError> {
    let mut roles = reader.array(MAX_ROLES, "the roles").at(path)?;
    let mut some = false;
    while reader.more(&mut roles).at(path)? {
        reader.integer("a role").at(path)?;
        some = true;
    }
    if some { Ok(()) } else { Err(form(path, "the entity has no role, expected one or more")) }
}

/// `uri` of CDDL's prelude: text with tag 32.
pub(super) fn uri(reader: &mut Reader<'_>, path: &str) -> Result<String, CorimError> {
    match reader.tag("a URI").at(path)? {
        URI => Ok(reader.text("a URI").at(path)?.to_string()),
        tag => Err(form(path, format!("tag {tag}, expected {URI} (a URI)"))),
    }
}

/// Section 4.1.2.
fn read_tags(reader: &mut Reader<'_>) -> Result<Vec<Tag>, CorimError> {
    let mut tags = Vec::new();
    let mut items = reader.array(MAX_TAGS, "the tags").at("tags")?;
    while reader.more(&mut items).at("tags")? {
        let path = format!("tags[{}]", tags.len());
        let found = match reader.tag("a tag of the manifest").at(&path)? {
            COMID => {
                let bytes = reader.bytes("the tag's content").at(&path)?;
                tags.push(module(bytes, &path)?);
                continue;
            }
            COSWID => String::from("a CoSWID tag (505)"),
            TAG_LIST => String::from("a list of tags (508)"),
            other => format!("tag {other}"),
        };
        return Err(unmappable(&path, found, "only module tags (CoMID, 506) have Reference Values of a platform"));
    }
    if tags.is_empty() { Err(form("tags", "there is none, expected one or more")) } else { Ok(tags) }
}

/// concise-mid-tag (section 5.1).
fn module(bytes: &[u8], path: &str) -> Result<Tag, CorimError> {
    let mut reader = Reader::new(bytes);
    let (mut language, mut id, mut entities, mut triples) = (None, None, None, None);
    let mut items = reader.map(5, "the tag").at(path)?;
    while reader.more(&mut items).at(path)? {
        match reader.integer("a key of the tag").at(path)? {
            // In which language texts are; no text is compared in one.
            0 => once(&mut language, reader.text("the language").at(path)?.to_string(), "language").at(path)?,
            1 => once(&mut id, tag_identity(&mut reader, path)?, "tag-identity").at(path)?,
            2 => once(&mut entities, read_entities(&mut reader, path)?, "entities").at(path)?,
            3 => {
                let path = format!("{path}.linked-tags");
                return Err(unmappable(&path, "a relation to other tags", "they are not read with it"));
            }
            4 => {
                let place = format!("{path}.triples");
                once(&mut triples, triples::read(&mut reader, &place)?, "triples").at(path)?;
            }
            key => return Err(unmappable(path, format!("key {key}"), "it is an extension that is not known here")),
        }
    }
    reader.end("the tag").at(path)?;
    Ok(Tag { id: required(id, "tag-identity").at(path)?, triples: required(triples, "triples").at(path)? })
}

/// tag-identity-map (section 5.1.1). The version tells releases of one tag apart, and only one is here.
fn tag_identity(reader: &mut Reader<'_>, path: &str) -> Result<String, CorimError> {
    let (mut id, mut version) = (None, None);
    let mut items = reader.map(2, "the tag's identity").at(path)?;
    while reader.more(&mut items).at(path)? {
        match reader.unsigned("a key of the tag's identity").at(path)? {
            0 => once(&mut id, identifier(reader, path)?, "tag-id").at(path)?,
            1 => once(&mut version, reader.unsigned("the tag's version").at(path)?, "tag-version").at(path)?,
            key => {
                return Err(form(path, format!("key {key} of the identity, expected 0 (tag-id) or 1 (tag-version)")));
            }
        }
    }
    required(id, "tag-id").at(path)
}
