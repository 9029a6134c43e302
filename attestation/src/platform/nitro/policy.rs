//! What a policy can demand of a Nitro enclave. Every field is written; there is no default.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::anchor::TrustAnchor;
use crate::error::PolicyError;
use crate::measurement::Measurement;
use crate::platform::block::Block;
use crate::policy::Rule;

const REGISTERS: u8 = 32;
/// PCR1 and PCR2: kernel and boot, application. PCR0 covers both, but not where one ends and the other begins.
const PARTS: [u8; 2] = [1, 2];

/// One set of values that make an enclave acceptable. Debug mode is refused whatever stands here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::exhaustive_structs,
    reason = "complete: a policy writes every field, so a field more must break who writes one"
)]
pub struct Accept {
    /// For people; stands in every verdict. Not empty.
    pub name: String,
    /// The root: AWS Nitro Root-G1, or that of a simulated platform.
    pub trust_anchor: TrustAnchor,
    /// PCR0: which images may run.
    pub measurements: Vec<Measurement>,
    /// Other registers, each once; PCR1 and PCR2 must be among them. One that the document lacks does not hold.
    pub registers: Rule<Vec<Register>>,
    /// How old the document may be.
    pub timestamp: Rule<Age>,
    /// The EC2 instances that it may run on, such as `i-0827e799ec9232d44`.
    pub machines: Rule<Vec<String>>,
    /// Which field carries the challenge. Its own rule below must be skipped: `common.freshness` judges it.
    pub challenge_field: ChallengeField,
    /// What the enclave put into `nonce`, in full.
    #[serde(with = "crate::platform::byte_strings::rule_of_list")]
    pub nonce: Rule<Vec<Vec<u8>>>,
    /// What the enclave put into `user_data`, in full.
    #[serde(with = "crate::platform::byte_strings::rule_of_list")]
    pub user_data: Rule<Vec<Vec<u8>>>,
    /// What the enclave put into `public_key`, in full.
    #[serde(with = "crate::platform::byte_strings::rule_of_list")]
    pub public_key: Rule<Vec<Vec<u8>>>,
}

/// A register and the values it may have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "complete: an index and its values")]
pub struct Register {
    /// 1 to 31; PCR0 is the measurement. AWS: 1 kernel and boot, 2 application, 3 role, 4 instance, 8 signer of the image.
    pub index: u8,
    /// SHA-384. Not empty.
    #[serde(with = "crate::platform::byte_strings::list_of_digests")]
    pub values: Vec<[u8; 48]>,
}

/// How far the document's timestamp may be from the time given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "complete: a time can differ in two directions")]
pub struct Age {
    /// At most so long ago.
    pub maximum_seconds: u64,
    /// At most so far ahead: how much the hypervisor's clock and ours may differ.
    pub skew_seconds: u64,
}

/// The fields that an enclave can put a challenge into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "complete: the document's free fields but the one for a key")]
pub enum ChallengeField {
    /// `nonce`.
    Nonce,
    /// `user_data`.
    UserData,
}

impl ChallengeField {
    /// The document's name of it: `nonce` or `user_data`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nonce => "nonce",
            Self::UserData => "user_data",
        }
    }
}

impl Accept {
    pub(crate) fn validate(&self) -> Result<(), PolicyError> {
        let block = Block { name: &self.name };
        block.named()?;
        block.not_vouched(&self.trust_anchor)?;
        block.list("measurements", &self.measurements)?;
        if self.measurements.iter().any(|measurement| measurement.as_bytes().iter().all(|byte| *byte == 0)) {
            return Err(block.impossible("measurements", "list the one of all zeros, which is debug mode"));
        }
        block.rule_list("registers", &self.registers)?;
        if let Rule::Require(registers) = &self.registers {
            self.validate_registers(&block, registers)?;
        }
        block.rule("timestamp", &self.timestamp)?;
        block.rule_list("machines", &self.machines)?;
        for (field, rule) in [("nonce", &self.nonce), ("user_data", &self.user_data), ("public_key", &self.public_key)]
        {
            block.rule_list(field, rule)?;
            if field == self.challenge_field.as_str() && matches!(rule, Rule::Require(_)) {
                return Err(block.impossible(field, "is where the challenge stands, so no fixed value can: skip it"));
            }
        }
        Ok(())
    }

    fn validate_registers(&self, block: &Block<'_>, registers: &[Register]) -> Result<(), PolicyError> {
        let listed = |index| registers.iter().filter(|register| register.index == index).count();
        for register in registers {
            block.list("registers", &register.values)?;
            if register.index == 0 || register.index >= REGISTERS {
                return Err(block.impossible("registers", "name one that is not 1 to 31 (PCR0 is the measurement)"));
            }
            if listed(register.index) > 1 {
                return Err(block.impossible("registers", "name one twice"));
            }
        }
        if PARTS.iter().any(|index| listed(*index) == 0) {
            return Err(block.impossible(
                "registers",
                "leave out PCR1 or PCR2: PCR0 does not say where kernel ends and application begins",
            ));
        }
        Ok(())
    }
}
