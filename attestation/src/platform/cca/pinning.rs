//! The strictest policy that a token could pass, for a person to loosen. Nothing in it is verified; who pins Evidence says that
//! it is the right one, and brings the platform's key, which the token does not hold.

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use super::{Accept, Component, ComponentValue, ExtensibleMeasurement, Token};
use crate::anchor::TrustAnchor;
use crate::policy::Rule;

impl Accept {
    pub(crate) fn pinning(token: &Token, trust_anchor: TrustAnchor, name: String, platform_key: Vec<u8>) -> Self {
        let (platform, realm) = (token.platform(), token.realm());
        let mut components: Vec<Component> = Vec::new();
        for found in &platform.components {
            let value = ComponentValue { measurement: found.measurement.clone(), signer_id: found.signer_id.clone() };
            match components.iter_mut().find(|component| component.component_type == found.name()) {
                Some(component) => component.values.push(value),
                None => components.push(Component { component_type: found.name().to_string(), values: vec![value] }),
            }
        }
        let extensible = (0_u8..).zip(realm.extensible_measurements);
        let extensible = extensible.map(|(index, value)| ExtensibleMeasurement { index, values: vec![value] });
        Self {
            name,
            trust_anchor,
            platform_key,
            instance_id: platform.instance_id,
            profiles: vec![platform.profile],
            implementation_ids: Rule::Require(vec![platform.implementation_id]),
            platform_configs: Rule::Require(vec![platform.config.clone()]),
            components: Rule::Require(components),
            measurements: vec![realm.initial_measurement],
            extensible_measurements: Rule::Require(extensible.collect()),
            personalization_values: Rule::Require(vec![realm.personalization_value]),
        }
    }
}
