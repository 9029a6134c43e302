//! What a policy can demand of a GPU. Every field is written; there is no default.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::anchor::TrustAnchor;
use crate::error::PolicyError;
use crate::measurement::Measurement;
use crate::platform::block::Block;
use crate::policy::{Requirement, Rule};

/// One set of values that make a GPU acceptable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::exhaustive_structs,
    reason = "complete: a policy writes every field, so a field more must break who writes one"
)]
pub struct Accept {
    /// For people; stands in every verdict. Not empty.
    pub name: String,
    /// The root: NVIDIA Device Identity CA, or that of a simulated platform.
    pub trust_anchor: TrustAnchor,
    /// Whether current revocation lists of NVIDIA's authorities are needed.
    pub revocation: Requirement,
    /// Chips, as the second authority of the chain names them, such as `GH100`.
    pub chips: Vec<String>,
    /// The GPUs, by the serial number of the certificate of the chip's own key (the leaf's issuer).
    #[serde(with = "crate::platform::byte_strings::rule_of_list")]
    pub machines: Rule<Vec<Vec<u8>>>,
    /// Driver versions, such as `550.90.07`.
    pub driver_versions: Rule<Vec<String>>,
    /// VBIOS versions, such as `96.00.9f.00.01`.
    pub vbios_versions: Rule<Vec<String>>,
    /// FWID: digests of the firmware that holds the signing key.
    pub firmware_ids: Rule<Vec<Measurement>>,
    /// Every index that the GPU uses, each once. One that it uses and that is not here does not hold.
    pub measurements: Vec<IndexedMeasurement>,
}

/// A measurement and the values it may have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "complete: an index and its values")]
pub struct IndexedMeasurement {
    /// 1 to 255, as in NVIDIA's reference manifests.
    pub index: u8,
    /// SHA-384, or why this index is not judged (such as 35, where NVDEC0 is off).
    #[serde(serialize_with = "write_digests", deserialize_with = "read_digests")]
    pub values: Rule<Vec<[u8; 48]>>,
}

fn write_digests<S: Serializer>(values: &Rule<Vec<[u8; 48]>>, serializer: S) -> Result<S::Ok, S::Error> {
    crate::forms::rule_of_hex_list::serialize(values, serializer)
}

fn read_digests<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Rule<Vec<[u8; 48]>>, D::Error> {
    crate::forms::rule_of_hex_list::deserialize(deserializer)
}

impl Accept {
    pub(crate) fn validate(&self) -> Result<(), PolicyError> {
        let block = Block { name: &self.name };
        block.named()?;
        block.not_vouched(&self.trust_anchor)?;
        if let Requirement::Skip { reason } = &self.revocation {
            block.rule("revocation", &Rule::<()>::skip(reason.as_str()))?;
        }
        block.list("chips", &self.chips)?;
        block.rule_list("machines", &self.machines)?;
        block.rule_list("driver_versions", &self.driver_versions)?;
        block.rule_list("vbios_versions", &self.vbios_versions)?;
        block.rule_list("firmware_ids", &self.firmware_ids)?;
        block.list("measurements", &self.measurements)?;
        for (place, measurement) in self.measurements.iter().enumerate() {
            block.rule_list("measurements", &measurement.values)?;
            if measurement.index == 0 {
                return Err(block.impossible("measurements", "name index 0, which is none"));
            }
            if self.measurements.iter().skip(place + 1).any(|other| other.index == measurement.index) {
                return Err(block.impossible("measurements", "name an index twice"));
            }
        }
        if self.measurements.iter().all(|measurement| matches!(measurement.values, Rule::Skip { .. })) {
            return Err(block.impossible("measurements", "leave out every index, so that nothing would be judged"));
        }
        Ok(())
    }
}
