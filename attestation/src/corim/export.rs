//! Values of a policy's accept blocks as a manifest.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::Value;

use super::convert;
use super::encode;
use super::error::CorimExportError;
use super::fields::{self, Alternatives, field_of, is_decision};
use super::model::{Attribute, Claim, Class, ClassId, Key, Manifest, Profile, RegisterId, Tag, Triple};
use super::states::{MAX_STATES, combinations};
use super::tables;
use super::vocabulary::{Entry, Environment, Kind, Vocabulary, amd_class};
use crate::policy::{Accept, Policy};
use crate::text::{any_of, is_blank, joined};

/// What is exported, and how.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "complete: an export names all of it, since there is no default")]
pub struct CorimExport<'a> {
    /// The manifest's identifier, which its author uses for no other.
    pub id: &'a str,
    /// The published profile that it keeps to, or `None` for one whose claims have the policy's own names.
    pub profile: Option<CorimProfile>,
    /// The accept blocks by name; all, where none is named.
    pub blocks: &'a [&'a str],
    /// Fields of these blocks that are left out although they have values.
    pub leave_out: &'a [&'a str],
}

/// Published profiles that a policy's values can be exported by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CorimProfile {
    /// draft-deeglaze-amd-sev-snp-corim-profile: SEV-SNP, without firmware levels.
    AmdSevSnp,
    /// draft-ydb-rats-cca-endorsements: the platform below the realms.
    ArmCcaPlatform,
    /// draft-ydb-rats-cca-endorsements: a realm.
    ArmCcaRealm,
}

impl CorimProfile {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::AmdSevSnp, Self::ArmCcaPlatform, Self::ArmCcaRealm];

    /// Such as `amd-sev-snp`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AmdSevSnp => "amd-sev-snp",
            Self::ArmCcaPlatform => "arm-cca-platform",
            Self::ArmCcaRealm => "arm-cca-realm",
        }
    }
}

/// A manifest of a policy's values.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportedCorim {
    /// The manifest, unsigned: CBOR with tag 501.
    pub bytes: Vec<u8>,
    /// What each block demands and the manifest does not say: decisions, and what was left out by name.
    pub not_said: Vec<(String, Vec<String>)>,
}

/// See [`Policy::to_corim`].
pub(super) fn export(policy: &Policy, how: &CorimExport<'_>) -> Result<ExportedCorim, CorimExportError> {
    if is_blank(how.id) {
        return Err(CorimExportError::Identifier);
    }
    for name in how.blocks {
        if policy.blocks().iter().all(|block| block.name() != *name) {
            let named = policy.blocks().iter().map(|block| block.name().to_string()).collect();
            return Err(CorimExportError::NoSuchBlock { name: (*name).to_string(), named });
        }
    }
    let chosen = |block: &&Accept| how.blocks.is_empty() || how.blocks.contains(&block.name());
    let (mut tags, mut not_said, mut profile) = (Vec::new(), Vec::new(), None);
    let mut left_out: Vec<&str> = Vec::new();
    for block in policy.blocks().iter().filter(chosen) {
        let vocabulary = vocabulary(block, how.profile)?;
        profile = vocabulary.profiles.first().map(|uri| Profile::Uri((*uri).to_string()));
        let (all, silent) = values(block, vocabulary, how.leave_out, &mut left_out)?;
        tags.push(Tag { id: block.name().to_string(), triples: triples(block, vocabulary, &all)? });
        not_said.push((block.name().to_string(), silent));
    }
    if let Some(field) = how.leave_out.iter().find(|field| !left_out.contains(field)) {
        return Err(CorimExportError::NoSuchField { field: (*field).to_string() });
    }
    let manifest = Manifest { id: how.id.to_string(), profile, validity: None, entities: Vec::new(), tags };
    Ok(ExportedCorim { bytes: encode::manifest(&manifest), not_said })
}

fn vocabulary(block: &Accept, profile: Option<CorimProfile>) -> Result<&'static Vocabulary, CorimExportError> {
    let name = profile.map_or("sealroom", CorimProfile::as_str);
    let known = || tables::ALL.into_iter().filter(|vocabulary| vocabulary.name == name);
    let own = known().find(|vocabulary| vocabulary.platform == block.platform());
    own.ok_or_else(|| {
        let others = tables::ALL.into_iter().filter(|vocabulary| vocabulary.platform == block.platform());
        let mut expected = any_of(known().map(|vocabulary| vocabulary.platform));
        let others = joined(others.map(|vocabulary| vocabulary.name), ", ");
        if !others.is_empty() {
            expected = format!("{expected} (or, for this platform, another profile: {others})");
        }
        CorimExportError::Platform { block: block.name().to_string(), platform: block.platform(), expected }
    })
}

type Values = (Alternatives, Vec<String>);

/// The block's values, and the fields that are not among them.
fn values<'a>(
    block: &Accept,
    vocabulary: &Vocabulary,
    leave_out: &[&'a str],
    left_out: &mut Vec<&'a str>,
) -> Result<Values, CorimExportError> {
    let written = fields::written(block).unwrap_or_default();
    for field in leave_out {
        if written.contains_key(*field) && !is_decision(block.platform(), field) {
            left_out.push(field);
        }
    }
    let mut all = fields::take(&written);
    let mut silent: Vec<String> = Vec::new();
    let environment = match vocabulary.environment {
        Environment::Named { .. } => &[][..],
        Environment::Amd => &["signing_keys", "machines"][..],
        Environment::Arm { .. } => &[][..],
    };
    all.retain(|key, _| {
        let field = field_of(key);
        let said = environment.contains(&field)
            || !(is_decision(block.platform(), field)
                || vocabulary.elsewhere.contains(&field)
                || leave_out.contains(&field));
        if !said && !silent.iter().any(|other| other == field) && !["name", "trust_anchor"].contains(&field) {
            silent.push(field.to_string());
        }
        said
    });
    if all.keys().all(|key| environment.contains(&field_of(key))) {
        return Err(CorimExportError::Nothing { block: block.name().to_string() });
    }
    Ok((all, silent))
}

/// A triple for each combination of the values.
fn triples(block: &Accept, vocabulary: &Vocabulary, all: &Alternatives) -> Result<Vec<Triple>, CorimExportError> {
    let states = combinations(all.iter().map(|(key, values)| (key.as_str(), values.as_slice())));
    let states =
        states.ok_or_else(|| CorimExportError::States { block: block.name().to_string(), limit: MAX_STATES })?;
    states.iter().map(|state| triple(block, vocabulary, state)).collect()
}

fn triple(block: &Accept, vocabulary: &Vocabulary, state: &[(&str, Value)]) -> Result<Triple, CorimExportError> {
    let (mut class, mut instance) = (Class::default(), None);
    if let Environment::Named { vendor, model } = vocabulary.environment {
        class = Class { id: None, vendor: Some(vendor.into()), model: Some(model.into()) };
    }
    let mut claims = Vec::new();
    for (key, value) in state {
        let refused =
            |reason| CorimExportError::Field { block: block.name().to_string(), field: (*key).to_string(), reason };
        match (&vocabulary.environment, *key) {
            (Environment::Amd, "signing_keys") => {
                let found = value.as_str().and_then(amd_class);
                class = found.ok_or_else(|| refused("the profile has no class for it"))?;
                continue;
            }
            (Environment::Amd, "machines") => {
                instance = convert::bytes(value);
                continue;
            }
            (Environment::Arm { slot }, key) if key == *slot => {
                let digits = value.as_str().map(|text| text.split_once(':').map_or(text, |(_, digits)| digits));
                let id = digits.and_then(|digits| convert::bytes(&Value::from(digits)));
                class.id = Some(ClassId::Bytes(id.ok_or_else(|| refused("it is no class-id"))?));
            }
            _ => {}
        }
        claim(vocabulary, key, value, &mut claims).map_err(refused)?;
    }
    if class == Class::default() {
        let field = match vocabulary.environment {
            Environment::Arm { slot } => slot,
            Environment::Amd | Environment::Named { .. } => "signing_keys",
        };
        let reason = "it is the class of the profile, so it can not be left open";
        return Err(CorimExportError::Field { block: block.name().to_string(), field: field.to_string(), reason });
    }
    Ok(Triple { class, instance, claims })
}

const NOT_IN_PROFILE: &str = "the profile has no claim for it";
const NOT_SO: &str = "the profile can not say this value of it";

/// The claims of one value; of an object, of its parts.
fn claim(vocabulary: &Vocabulary, slot: &str, value: &Value, claims: &mut Vec<Claim>) -> Result<(), &'static str> {
    let entry = vocabulary.entries.iter().find_map(|entry| Some((entry, number(entry, slot)?)));
    let Some((entry, part)) = entry else {
        // The field that is the class-id has no claim of its own.
        if matches!(vocabulary.environment, Environment::Arm { slot: class } if class == slot) {
            return Ok(());
        }
        let Value::Object(parts) = value else { return Err(NOT_IN_PROFILE) };
        return parts.iter().try_for_each(|(part, value)| claim(vocabulary, &format!("{slot}/{part}"), value, claims));
    };
    let key = entry.key.to_key();
    match entry.kind {
        Kind::Component => {
            let (digest, signer) = convert::write_component(value).ok_or(NOT_SO)?;
            let mut values =
                Vec::from([Attribute::Digests(Vec::from([digest])), Attribute::KeyIds(Vec::from([signer]))]);
            if !part.is_empty() {
                values.push(Attribute::Name(part.to_string()));
            }
            claims.push(Claim { key, values });
        }
        Kind::MeasurementRegisters { first, .. } | Kind::Registers { first, .. } => {
            let digest = convert::write_register(entry.kind, value).ok_or(NOT_SO)?;
            let id = if part.is_empty() { first } else { part.parse().map_err(|_| NOT_SO)? };
            register(key, (RegisterId::Number(id), Vec::from([digest])), claims);
        }
        kind => claims.push(Claim { key, values: Vec::from([convert::write(kind, value).ok_or(NOT_SO)?]) }),
    }
    Ok(())
}

/// What `#` stands for in the slot; empty where the entry's slot has none.
fn number<'s>(entry: &Entry, slot: &'s str) -> Option<&'s str> {
    if !entry.written {
        return None;
    }
    match entry.slot.strip_suffix('#') {
        Some(before) => slot.strip_prefix(before),
        None => (entry.slot == slot).then_some(""),
    }
}

/// Registers of one mkey are one claim.
fn register(key: Option<Key>, register: (RegisterId, Vec<super::model::Digest>), claims: &mut Vec<Claim>) {
    let place = claims.iter_mut().find(|claim| claim.key == key).and_then(|claim| {
        claim.values.iter_mut().find_map(|value| match value {
            Attribute::Registers(registers) => Some(registers),
            _ => None,
        })
    });
    match place {
        Some(registers) => registers.push(register),
        None => claims.push(Claim { key, values: Vec::from([Attribute::Registers(Vec::from([register]))]) }),
    }
}
