//! What a policy can demand of an Azure confidential VM. Every field is written; there is no default.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::anchor::TrustAnchor;
use crate::error::PolicyError;
use crate::platform::block::Block;
use crate::platform::tpm::QuoteRules;
use crate::platform::tpm::requirement;
use crate::platform::{Platform, snp, tdx};
use crate::policy::{Requirement, Rule};

/// One set of values that make a VM acceptable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::exhaustive_structs,
    reason = "complete: a policy writes every field, so a field more must break who writes one"
)]
pub struct Accept {
    /// For people; stands in every verdict. Not empty.
    pub name: String,
    /// The hardware and the paravisor: everything that the hardware's own platform demands. Its name is this block's.
    pub report: Report,
    /// The guest, by the virtual TPM.
    pub quote: QuoteRules,
    /// How the VM is set up.
    pub vm: VmRules,
}

/// The hardware under the VM.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_enums, reason = "decisions match on it; a platform more is a decision more")]
#[expect(clippy::large_enum_variant, reason = "there is one in a block, which is boxed")]
pub enum Report {
    /// SEV-SNP. The paravisor runs at VMPL 0, so nothing else is accepted.
    #[serde(rename = "amd-sev-snp")]
    Snp(snp::Accept),
    /// TDX.
    #[serde(rename = "intel-tdx")]
    Tdx(tdx::Accept),
}

/// How the paravisor has set up the VM.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::exhaustive_structs,
    reason = "complete: a policy writes every field, so a field more must break who writes one"
)]
pub struct VmRules {
    /// Whether the guest must have been started with secure boot.
    pub secure_boot: Requirement,
    /// Whether the guest may have no console.
    pub no_console: Requirement,
    /// vmUniqueId, as the paravisor writes it.
    pub ids: Rule<Vec<String>>,
    /// What the guest gave to report: 64 bytes.
    #[serde(with = "crate::forms::rule_of_hex_list")]
    pub user_data: Rule<Vec<[u8; 64]>>,
}

impl Accept {
    pub(crate) fn platform(&self) -> Platform {
        match self.report {
            Report::Snp(_) => Platform::AzureSnp,
            Report::Tdx(_) => Platform::AzureTdx,
        }
    }

    pub(crate) fn trust_anchor(&self) -> &TrustAnchor {
        match &self.report {
            Report::Snp(block) => &block.trust_anchor,
            Report::Tdx(block) => &block.trust_anchor,
        }
    }

    pub(crate) fn validate(&self) -> Result<(), PolicyError> {
        let block = Block { name: &self.name };
        block.named()?;
        let inner_name = match &self.report {
            Report::Snp(inner) => {
                inner.validate()?;
                if inner.maximum_vmpl != 0 {
                    return Err(block.impossible("report.maximum_vmpl", "is not 0, where the paravisor runs"));
                }
                &inner.name
            }
            Report::Tdx(inner) => {
                inner.validate()?;
                if matches!(inner.event_log, Rule::Require(_)) {
                    return Err(block.impossible(
                        "report.event_log",
                        "is demanded, where the only log is of the virtual TPM: demand it in quote.event_log",
                    ));
                }
                &inner.name
            }
        };
        if *inner_name != self.name {
            return Err(block.impossible("report.name", "is not the name of the block it is in"));
        }
        self.quote.validate(&block)?;
        requirement(&block, "vm.secure_boot", &self.vm.secure_boot)?;
        requirement(&block, "vm.no_console", &self.vm.no_console)?;
        block.rule_list("vm.ids", &self.vm.ids)?;
        block.rule_list("vm.user_data", &self.vm.user_data)
    }
}

/// The blocks of a written policy stand under the name of their platform; one of the other hardware there is refused.
pub(crate) mod written {
    use super::{Accept, Platform, Vec};
    use serde::de::Error;
    use serde::{Deserialize, Deserializer};

    pub(crate) fn snp<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Accept>, D::Error> {
        of(Platform::AzureSnp, deserializer)
    }

    pub(crate) fn tdx<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Accept>, D::Error> {
        of(Platform::AzureTdx, deserializer)
    }

    fn of<'de, D: Deserializer<'de>>(platform: Platform, deserializer: D) -> Result<Vec<Accept>, D::Error> {
        let blocks = Vec::<Accept>::deserialize(deserializer)?;
        match blocks.iter().find(|block| block.platform() != platform) {
            Some(other) => Err(D::Error::custom(alloc::format!(
                "the report is one for {}, expected one for {platform}",
                other.platform()
            ))),
            None => Ok(blocks),
        }
    }
}
