//! Values of a manifest into accept blocks of a policy.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::Value;

use super::error::{CorimError, unmappable};
use super::fields::{self, Alternatives, field_of};
use super::model::{Class, ClassId, Manifest, Profile, Tag};
use super::states;
use super::tables;
use super::triples::place;
use super::vocabulary::Vocabulary;
use crate::platform::Platform;
use crate::policy::{Accept, Policy};
use crate::text::Hex;

/// A policy with a manifest's values.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CorimImport {
    /// The policy, as valid as any that was written.
    pub policy: Policy,
    /// The accept blocks that the manifest made, in its order.
    pub blocks: Vec<ImportedBlock>,
}

/// An accept block that a manifest made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImportedBlock {
    /// Its name: the identifier of the tag, with a number where the tag made several.
    pub name: String,
    /// The accept block that it was made from.
    pub template: String,
    /// The fields whose values are the manifest's.
    pub fields: Vec<String>,
}

/// See [`super::Corim::import`].
pub(super) fn import(manifest: &Manifest, into: &Policy, named: Option<&str>) -> Result<CorimImport, CorimError> {
    if let Some(name) = named
        && into.blocks().iter().all(|block| block.name() != name)
    {
        let names = into.blocks().iter().map(|block| block.name().to_string()).collect();
        return Err(CorimError::NoSuchBlock { name: name.into(), named: names });
    }
    let mut made: Vec<(usize, Accept)> = Vec::new();
    let mut blocks = Vec::new();
    for (index, tag) in manifest.tags.iter().enumerate() {
        let path = format!("tags[{index}]");
        let (vocabulary, all) = values(manifest, tag, &path)?;
        let (position, like) = template(vocabulary.platform, tag, &path, into, named)?;
        for (number, alternatives) in all.iter().enumerate() {
            let name = match all.len() {
                1 => tag.id.clone(),
                _ => format!("{} ({})", tag.id, number + 1),
            };
            let block = block(like, &name, alternatives, &path)?;
            let mut fields: Vec<String> = alternatives.keys().map(|key| field_of(key).to_string()).collect();
            fields.dedup();
            blocks.push(ImportedBlock { name, template: like.name().to_string(), fields });
            made.push((position, block));
        }
    }
    let policy = Policy::new(replaced(into, &made))?.named(into.name());
    Ok(CorimImport { policy, blocks })
}

/// What the tag says: the vocabulary of all its triples, and what each block is to accept.
fn values(manifest: &Manifest, tag: &Tag, path: &str) -> Result<(&'static Vocabulary, Vec<Alternatives>), CorimError> {
    let triples = format!("{path}.triples");
    let mut all = Vec::new();
    let mut spoken: Option<&'static Vocabulary> = None;
    for (index, triple) in tag.triples.iter().enumerate() {
        let path = place(&triples, index);
        let vocabulary = vocabulary(manifest.profile.as_ref(), &triple.class, &path)?;
        if spoken.is_some_and(|other| other.name != vocabulary.name || other.platform != vocabulary.platform) {
            return Err(unmappable(
                &path,
                "another platform",
                "a tag speaks of one, since its name is an accept block's",
            ));
        }
        spoken = Some(vocabulary);
        all.extend(states::of_triple(vocabulary, triple, &path)?);
        if all.len() > states::MAX_STATES {
            return Err(CorimError::States { path, limit: states::MAX_STATES });
        }
    }
    match spoken {
        Some(vocabulary) => Ok((vocabulary, states::merge(all))),
        None => Err(super::error::form(&triples, "there are no reference-triples, expected one or more")),
    }
}

/// draft-ietf-rats-corim-11 section 4.1: an unknown profile means that the whole manifest is refused.
fn vocabulary(profile: Option<&Profile>, class: &Class, path: &str) -> Result<&'static Vocabulary, CorimError> {
    if let Some(vocabulary) = tables::ALL.into_iter().find(|vocabulary| vocabulary.is(profile, class)) {
        return Ok(vocabulary);
    }
    let profile = match profile {
        None => String::from("no profile"),
        Some(Profile::Uri(uri)) => format!("profile {uri}"),
        Some(Profile::Oid(oid)) => format!("profile (object identifier) {}", Hex(oid)),
    };
    let id = match &class.id {
        None => String::from("no class-id"),
        Some(ClassId::Oid(oid)) => format!("class-id (object identifier) {}", Hex(oid)),
        Some(ClassId::Uuid(uuid)) => format!("class-id (UUID) {}", Hex(uuid)),
        Some(ClassId::Bytes(bytes)) => format!("class-id (bytes) {}", Hex(bytes)),
    };
    let text =
        |text: &Option<String>| text.as_deref().map_or_else(|| String::from("none"), |text| format!("\"{text}\""));
    let found = format!("{profile}, {id}, vendor {}, model {}", text(&class.vendor), text(&class.model));
    Err(unmappable(path, found, "no profile and class known here are these"))
}

/// The block that the tag's values go into, with its place.
fn template<'p>(
    platform: Platform,
    tag: &Tag,
    path: &str,
    into: &'p Policy,
    named: Option<&str>,
) -> Result<(usize, &'p Accept), CorimError> {
    let of_platform = || into.blocks().iter().enumerate().filter(|(_, block)| block.platform() == platform);
    let by_name = |name: &str| of_platform().find(|(_, block)| block.name() == name);
    if let Some(found) = by_name(&tag.id).or_else(|| by_name(named?)) {
        return Ok(found);
    }
    let mut all = of_platform();
    match (all.next(), all.next(), named) {
        (Some(only), None, None) => Ok(only),
        _ => {
            let named = of_platform().map(|(_, block)| format!("\"{}\"", block.name())).collect();
            Err(CorimError::Template { path: path.into(), platform, named })
        }
    }
}

/// The block with these values and all else as it was.
fn block(like: &Accept, name: &str, values: &Alternatives, path: &str) -> Result<Accept, CorimError> {
    let of = |problem: String| CorimError::Block { path: path.into(), problem };
    let written = fields::written(like).ok_or_else(|| of(format!("{} is not imported", like.platform())));
    let mut written = written?;
    fields::give(&mut written, values);
    written.insert("name".into(), Value::from(name));
    fields::read(like, written).map_err(of)
}

/// The blocks of the policy, those that were taken replaced by what was made of them.
fn replaced(into: &Policy, made: &[(usize, Accept)]) -> Vec<Accept> {
    let mut all = Vec::new();
    for (place, block) in into.blocks().iter().enumerate() {
        let before = all.len();
        all.extend(made.iter().filter(|(position, _)| *position == place).map(|(_, block)| block.clone()));
        if all.len() == before {
            all.push(block.clone());
        }
    }
    all
}
