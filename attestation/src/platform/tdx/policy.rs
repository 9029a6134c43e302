//! What a policy can demand of a TD. Every field is written; there is no default.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use super::attributes;
use crate::anchor::TrustAnchor;
use crate::error::PolicyError;
use crate::event_log::Algorithm;
use crate::measurement::Measurement;
use crate::platform::block::Block as AnyBlock;
use crate::platform::events::EventRules;
use crate::platform::intel::policy::Block;
use crate::platform::intel::written::{Named, Names, States};
use crate::platform::intel::{Bits, PlatformRules};
use crate::policy::Rule;

/// One set of values that make a TD acceptable. Debugging and profiling are refused whatever stands here, and migration unless
/// `attributes` wants its bit set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::exhaustive_structs,
    reason = "complete: a policy writes every field, so a field more must break who writes one"
)]
pub struct Accept {
    /// For people; stands in every verdict. Not empty.
    pub name: String,
    /// The root: Intel's, or that of a simulated platform.
    pub trust_anchor: TrustAnchor,
    /// What the machine must be, whatever runs on it.
    pub platform: PlatformRules,
    /// Least version of the TDX module, now. Prefer it to `seam_measurements`, which each update changes.
    pub minimum_module: Rule<ModuleVersion>,
    /// The TDX modules by MRSEAM.
    #[serde(with = "crate::forms::rule_of_hex_list")]
    pub seam_measurements: Rule<Vec<[u8; 48]>>,
    /// Bits of TDATTRIBUTES; see [`attributes`](super::attributes).
    #[serde(with = "Named::<TdAttributes>")]
    pub attributes: Bits,
    /// Bits of XFAM, as of XCR0.
    #[serde(with = "Named::<States>")]
    pub xfam: Bits,
    /// What may run in it: MRTD, the virtual firmware as a rule. The kernel and what it loads are in the run-time registers.
    pub measurements: Vec<Measurement>,
    /// RTMR0 to RTMR3, each by its values.
    #[serde(with = "registers")]
    pub runtime_registers: [Rule<Vec<[u8; 48]>>; 4],
    /// What the event log must show that came with the quote; its `register` 0 is RTMR0. A log that is demanded and did not come
    /// fails. Within Azure's block it can not be demanded: the log there is of the virtual TPM.
    pub event_log: Rule<EventRules>,
    /// MRCONFIGID.
    #[serde(with = "crate::forms::rule_of_hex_list")]
    pub config_ids: Rule<Vec<[u8; 48]>>,
    /// MROWNER.
    #[serde(with = "crate::forms::rule_of_hex_list")]
    pub owners: Rule<Vec<[u8; 48]>>,
    /// MROWNERCONFIG.
    #[serde(with = "crate::forms::rule_of_hex_list")]
    pub owner_configs: Rule<Vec<[u8; 48]>>,
    /// MRSERVICETD; all zeros for none. Only quotes of TDX 1.5 say it.
    #[serde(with = "crate::forms::rule_of_hex_list")]
    pub service_tds: Rule<Vec<[u8; 48]>>,
}

/// Version of a TDX module, as TEE_TCB_SVN has it. As a minimum: a higher major version is accepted, a lower one refused, and
/// within one major version the security version counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "complete: two numbers")]
pub struct ModuleVersion {
    /// Component 1.
    pub major: u8,
    /// Component 0.
    pub svn: u8,
}

impl fmt::Display for ModuleVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TDX module {} at security version {}", self.major, self.svn)
    }
}

struct TdAttributes;

impl Names for TdAttributes {
    const NAMES: &'static [(u64, &'static str)] = &attributes::NAMES;
}

/// `#[serde(with = …)]` for the run-time registers: a list of four rules.
mod registers {
    use super::{Deserialize, Rule, Serialize, Vec};
    use serde::{Deserializer, Serializer};

    type Rules = [Rule<Vec<[u8; 48]>>; 4];

    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    struct Register(#[serde(with = "crate::forms::rule_of_hex_list")] Rule<Vec<[u8; 48]>>);

    pub(super) fn serialize<S: Serializer>(rules: &Rules, serializer: S) -> Result<S::Ok, S::Error> {
        rules.clone().map(Register).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Rules, D::Error> {
        <[Register; 4]>::deserialize(deserializer).map(|registers| registers.map(|register| register.0))
    }
}

impl Accept {
    pub(crate) fn validate(&self) -> Result<(), PolicyError> {
        let block = Block { name: &self.name };
        block.validate(&self.trust_anchor)?;
        self.platform.validate(&block)?;
        if self.platform.quote_versions.contains(&3) {
            return Err(block.impossible("quote_versions", "names version 3, which SGX alone has"));
        }
        block.rule("minimum_module", &self.minimum_module)?;
        block.rule_list("seam_measurements", &self.seam_measurements)?;
        block.bits("attributes", self.attributes, attributes::KNOWN, attributes::UNTRUSTED)?;
        block.bits("xfam", self.xfam, attributes::XFAM_KNOWN, 0)?;
        block.list("measurements", &self.measurements)?;
        let names = ["runtime_registers[0]", "runtime_registers[1]", "runtime_registers[2]", "runtime_registers[3]"];
        for (field, register) in names.into_iter().zip(&self.runtime_registers) {
            block.rule_list(field, register)?;
        }
        block.rule("event_log", &self.event_log)?;
        if let Rule::Require(rules) = &self.event_log {
            let is_quoted = |index| usize::from(index) < self.runtime_registers.len();
            rules.validate(&AnyBlock { name: &self.name }, is_quoted, Algorithm::Sha384)?;
        }
        for (field, rule) in [
            ("config_ids", &self.config_ids),
            ("owners", &self.owners),
            ("owner_configs", &self.owner_configs),
            ("service_tds", &self.service_tds),
        ] {
            block.rule_list(field, rule)?;
        }
        Ok(())
    }
}
