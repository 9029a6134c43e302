//! What a policy can demand of a realm and of the platform below it. Every field is written; there is no default.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::Profile;
use crate::anchor::{AnchorKind, TrustAnchor};
use crate::certificate::key_of_info;
use crate::crypto::PublicKey;
use crate::error::PolicyError;
use crate::measurement::Measurement;
use crate::platform::block::Block;
use crate::policy::Rule;

pub(crate) const EXTENSIBLE: u8 = 4;

/// One set of values that make a realm on one platform acceptable. A platform that is not secured is refused whatever stands
/// here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::exhaustive_structs,
    reason = "complete: a policy writes every field, so a field more must break who writes one"
)]
pub struct Accept {
    /// For people; stands in every verdict. Not empty.
    pub name: String,
    /// SHA-256 of `platform_key`, and why it is trusted: vouched for, or simulated. Arm has no root of its own.
    pub trust_anchor: TrustAnchor,
    /// The platform's attestation key (CPAK): a SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7), DER, on P-256 or P-384.
    #[serde(with = "crate::platform::byte_strings::one")]
    pub platform_key: Vec<u8>,
    /// The platform that the key belongs to. It begins with 0x01.
    #[serde(with = "crate::forms::hex")]
    pub instance_id: [u8; 33],
    /// Profiles that the token may keep to.
    pub profiles: Vec<Profile>,
    /// The platform's implementation.
    #[serde(with = "crate::forms::rule_of_hex_list")]
    pub implementation_ids: Rule<Vec<[u8; 32]>>,
    /// The platform's configuration, in full.
    #[serde(with = "crate::platform::byte_strings::rule_of_list")]
    pub platform_configs: Rule<Vec<Vec<u8>>>,
    /// Every software component of the platform, by its type, each once. One more or one less does not hold.
    pub components: Rule<Vec<Component>>,
    /// RIM: what may run in the realm.
    pub measurements: Vec<Measurement>,
    /// REM0 to REM3, as far as they are used.
    pub extensible_measurements: Rule<Vec<ExtensibleMeasurement>>,
    /// What the host put in when it made the realm.
    #[serde(with = "crate::forms::rule_of_hex_list")]
    pub personalization_values: Rule<Vec<[u8; 64]>>,
}

/// A software component of the platform and what it may be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "complete: a type and its values")]
pub struct Component {
    /// Its type as the token writes it; empty for components without one.
    pub component_type: String,
    /// Not empty.
    pub values: Vec<ComponentValue>,
}

/// One acceptable release of a component.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "complete: what a token says of a component that somebody vouches for")]
pub struct ComponentValue {
    /// Digest of the component: 32, 48 or 64 bytes.
    #[serde(with = "crate::platform::byte_strings::one")]
    pub measurement: Vec<u8>,
    /// Digest of the key that signed it: 32, 48 or 64 bytes.
    #[serde(with = "crate::platform::byte_strings::one")]
    pub signer_id: Vec<u8>,
}

/// An extensible measurement and the values it may have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "complete: an index and its values")]
pub struct ExtensibleMeasurement {
    /// 0 to 3.
    pub index: u8,
    /// Not empty.
    pub values: Vec<Measurement>,
}

impl Accept {
    /// The key, where it is one that can be verified with.
    pub(super) fn key(&self) -> Option<PublicKey> {
        match key_of_info(&self.platform_key)? {
            key @ (PublicKey::P256(_) | PublicKey::P384(_)) => Some(key),
            PublicKey::Rsa { .. } | PublicKey::Ed25519(_) | PublicKey::Other => None,
        }
    }

    pub(crate) fn validate(&self) -> Result<(), PolicyError> {
        let block = Block { name: &self.name };
        block.named()?;
        if let AnchorKind::Vendor(_) = self.trust_anchor.kind() {
            return Err(block.impossible(
                "trust_anchor",
                "is another maker's root: name the platform's key, vouched for or simulated",
            ));
        }
        if self.key().is_none() {
            return Err(block.impossible(
                "platform_key",
                "is no SubjectPublicKeyInfo of a P-256 or P-384 key (P-521 is not verified here)",
            ));
        }
        if self.instance_id.first() != Some(&1) {
            return Err(block.impossible("instance_id", "does not begin with 01"));
        }
        block.list("profiles", &self.profiles)?;
        block.rule_list("implementation_ids", &self.implementation_ids)?;
        block.rule_list("platform_configs", &self.platform_configs)?;
        block.rule_list("components", &self.components)?;
        if let Rule::Require(components) = &self.components {
            validate_components(&block, components)?;
        }
        block.list("measurements", &self.measurements)?;
        block.rule_list("extensible_measurements", &self.extensible_measurements)?;
        if let Rule::Require(measurements) = &self.extensible_measurements {
            for (place, measurement) in measurements.iter().enumerate() {
                block.list("extensible_measurements", &measurement.values)?;
                if measurement.index >= EXTENSIBLE {
                    return Err(block.impossible("extensible_measurements", "name one that is not 0 to 3"));
                }
                if measurements.iter().skip(place + 1).any(|other| other.index == measurement.index) {
                    return Err(block.impossible("extensible_measurements", "name one twice"));
                }
            }
        }
        block.rule_list("personalization_values", &self.personalization_values)
    }
}

fn validate_components(block: &Block<'_>, components: &[Component]) -> Result<(), PolicyError> {
    for (place, component) in components.iter().enumerate() {
        block.list("components", &component.values)?;
        if components.iter().skip(place + 1).any(|other| other.component_type == component.component_type) {
            return Err(block.impossible("components", "name one twice"));
        }
        let is_digest = |bytes: &[u8]| matches!(bytes.len(), 32 | 48 | 64);
        if !component.values.iter().all(|value| is_digest(&value.measurement) && is_digest(&value.signer_id)) {
            return Err(block.impossible("components", "have a digest that is not of 32, 48 or 64 bytes"));
        }
    }
    Ok(())
}
