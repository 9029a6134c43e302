//! What a policy can demand of an SGX enclave. Every field is written; there is no default.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::attributes;
use crate::anchor::TrustAnchor;
use crate::error::PolicyError;
use crate::measurement::Measurement;
use crate::platform::intel::policy::Block;
use crate::platform::intel::written::{Named, NamedRule, Names, NoNames, States};
use crate::platform::intel::{Bits, PlatformRules};
use crate::policy::Rule;

/// One set of values that make an enclave acceptable. Debugging is refused whatever stands here.
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
    /// Which enclaves.
    pub identities: Vec<Identity>,
    /// Bits of ATTRIBUTES.FLAGS; see [`attributes`](super::attributes).
    #[serde(with = "Named::<EnclaveAttributes>")]
    pub attributes: Bits,
    /// Bits of ATTRIBUTES.XFRM, as of XCR0.
    #[serde(with = "NamedRule::<States>")]
    pub xfrm: Rule<Bits>,
    /// Bits of MISCSELECT.
    #[serde(with = "NamedRule::<NoNames>")]
    pub misc_select: Rule<Bits>,
    /// CONFIGID; all zeros where key separation and sharing is not in use.
    #[serde(with = "crate::forms::rule_of_hex_list")]
    pub config_ids: Rule<Vec<[u8; 64]>>,
    /// Least CONFIGSVN.
    pub minimum_config_svn: Rule<u16>,
    /// ISVEXTPRODID.
    #[serde(with = "crate::forms::rule_of_hex_list")]
    pub extended_product_ids: Rule<Vec<[u8; 16]>>,
    /// ISVFAMILYID.
    #[serde(with = "crate::forms::rule_of_hex_list")]
    pub family_ids: Rule<Vec<[u8; 16]>>,
}

/// Which enclave it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[expect(clippy::exhaustive_enums, reason = "complete: what an enclave is known by")]
pub enum Identity {
    /// MRENCLAVE: this code alone.
    Measurement(Measurement),
    /// Any release of a signer's product from a security version on. Whoever has the signer's key decides what runs.
    Signer {
        /// MRSIGNER.
        #[serde(with = "crate::forms::hex")]
        signer: [u8; 32],
        /// ISVPRODID.
        product_id: u16,
        /// Least ISVSVN.
        minimum_svn: u16,
    },
}

struct EnclaveAttributes;

impl Names for EnclaveAttributes {
    const NAMES: &'static [(u64, &'static str)] = &attributes::NAMES;
}

impl Accept {
    pub(crate) fn validate(&self) -> Result<(), PolicyError> {
        let block = Block { name: &self.name };
        block.validate(&self.trust_anchor)?;
        self.platform.validate(&block)?;
        block.list("identities", &self.identities)?;
        block.bits("attributes", self.attributes, attributes::KNOWN, attributes::DEBUG)?;
        if self.attributes.clear & attributes::INIT != 0 {
            return Err(block.impossible("attributes", "wants the enclave uninitialised, which is always refused"));
        }
        for (field, rule) in [("xfrm", &self.xfrm), ("misc_select", &self.misc_select)] {
            block.rule(field, rule)?;
            if let Rule::Require(bits) = rule {
                block.bits(field, *bits, u64::MAX, 0)?;
            }
        }
        block.rule_list("config_ids", &self.config_ids)?;
        block.rule("minimum_config_svn", &self.minimum_config_svn)?;
        block.rule_list("extended_product_ids", &self.extended_product_ids)?;
        block.rule_list("family_ids", &self.family_ids)
    }
}
