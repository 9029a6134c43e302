//! What a policy can demand of a TPM's quote. Every field is written; there is no default.

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::anchor::{AnchorKind, TrustAnchor};
use crate::error::PolicyError;
use crate::event_log::Algorithm;
use crate::measurement::Measurement;
use crate::platform::block::Block;
use crate::platform::events::EventRules;
use crate::policy::{Requirement, Rule};

const REGISTERS: u8 = 24;

/// One set of values that make a machine with a TPM acceptable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::exhaustive_structs,
    reason = "complete: a policy writes every field, so a field more must break who writes one"
)]
pub struct Accept {
    /// For people; stands in every verdict. Not empty.
    pub name: String,
    /// What is trusted, by SHA-256: a root certificate, or the attestation key's public part (TPMT_PUBLIC, which has its attributes
    /// too: the digest in its Name, where that is SHA-256). TPMs have no one maker, so somebody vouches, or it is a simulated one.
    pub trust_anchor: TrustAnchor,
    /// Which of the two it is.
    pub attestation_key: AttestationKey,
    /// Whether the key's certificate must say that it is for an attestation key (extended key usage tcg-kp-AIKCertificate).
    /// Some authorities leave that out; some certify other keys of a TPM too. A pinned key's attributes are judged anyway, so
    /// with one it can not be skipped.
    pub key_purpose: Requirement,
    /// Whether current revocation lists are needed, one of each authority of the chain. With a pinned key there is no chain: say
    /// so.
    pub revocation: Requirement,
    /// The TPMs, by SHA-256 of their attestation key's SubjectPublicKeyInfo.
    #[serde(with = "crate::forms::rule_of_hex_list")]
    pub machines: Rule<Vec<[u8; 32]>>,
    /// What the quote must say.
    pub quote: QuoteRules,
}

/// The one way in which the attestation key is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::exhaustive_enums, reason = "decisions match on it; a way more is a decision more")]
pub enum AttestationKey {
    /// It has a certificate under the anchor, a root.
    Certified,
    /// It is the anchor.
    Pinned,
}

/// What a quote must say, whoever's TPM made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::exhaustive_structs,
    reason = "complete: a policy writes every field, so a field more must break who writes one"
)]
pub struct QuoteRules {
    /// The bank: `sha256`, `sha384` or `sha512`. SHA-1 is refused.
    pub bank: Algorithm,
    /// The registers that are quoted, exactly these, by ascending number.
    pub registers: Vec<Register>,
    /// What the event log must show.
    pub event_log: Rule<EventRules>,
    /// Whether the TPM must vouch for its clock.
    pub safe_clock: Requirement,
    /// The boots that are accepted.
    pub boots: Rule<Vec<BootCount>>,
    /// The TPM's firmware, as the quote has it; what its parts mean is the maker's to say.
    pub firmware_versions: Rule<Vec<u64>>,
}

/// A register and the values it may have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "complete: a number and its values")]
pub struct Register {
    /// 0 to 23.
    pub index: u8,
    /// Its values, in the algorithm of the bank. Skipped, it is quoted and judged by the event log or by nothing.
    pub values: Rule<Vec<Measurement>>,
}

/// One boot of one TPM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "complete: a TPM counts two things")]
pub struct BootCount {
    /// resetCount. Every start of the machine.
    pub resets: u32,
    /// restartCount. Every resumption from sleep since.
    pub restarts: u32,
}

impl Accept {
    pub(crate) fn validate(&self) -> Result<(), PolicyError> {
        let block = Block { name: &self.name };
        block.named()?;
        if matches!(self.trust_anchor.kind(), AnchorKind::Vendor(_)) {
            return Err(block.impossible(
                "trust_anchor",
                "is the root of another platform's maker; no TPM's key has a certificate under it",
            ));
        }
        requirement(&block, "revocation", &self.revocation)?;
        if self.attestation_key == AttestationKey::Pinned && self.revocation == Requirement::Required {
            return Err(block.impossible("revocation", "is required of a pinned key, which has no certificate"));
        }
        requirement(&block, "key_purpose", &self.key_purpose)?;
        if self.attestation_key == AttestationKey::Pinned && self.key_purpose != Requirement::Required {
            return Err(
                block.impossible("key_purpose", "is skipped of a pinned key, whose attributes are always judged")
            );
        }
        block.rule_list("machines", &self.machines)?;
        self.quote.validate(&block)
    }
}

impl QuoteRules {
    pub(crate) fn validate(&self, block: &Block<'_>) -> Result<(), PolicyError> {
        if matches!(self.bank, Algorithm::Sha1 | Algorithm::Sm3) {
            return Err(block.impossible("bank", "is not sha256, sha384 or sha512"));
        }
        block.list("registers", &self.registers)?;
        if !self.registers.is_sorted_by(|one, next| one.index < next.index) {
            return Err(block.impossible("registers", "are not in ascending order, each once"));
        }
        if self.registers.iter().any(|register| register.index >= REGISTERS) {
            return Err(block.impossible("registers", "name one above 23"));
        }
        for register in &self.registers {
            block.rule_list("registers", &register.values)?;
            if let Rule::Require(values) = &register.values {
                self.of_bank(block, "registers", values)?;
            }
        }
        block.rule("event_log", &self.event_log)?;
        if let Rule::Require(rules) = &self.event_log {
            let is_quoted = |index| self.registers.iter().any(|register| register.index == index);
            rules.validate(block, is_quoted, self.bank)?;
        }
        requirement(block, "safe_clock", &self.safe_clock)?;
        block.rule_list("boots", &self.boots)?;
        block.rule_list("firmware_versions", &self.firmware_versions)
    }

    fn of_bank(&self, block: &Block<'_>, field: &'static str, values: &[Measurement]) -> Result<(), PolicyError> {
        if values.iter().all(|value| value.algorithm() == self.bank.as_str()) {
            Ok(())
        } else {
            Err(block.impossible(field, "have a value of another algorithm than the bank's"))
        }
    }
}

pub(crate) fn requirement(
    block: &Block<'_>,
    field: &'static str,
    requirement: &Requirement,
) -> Result<(), PolicyError> {
    let rule = match requirement {
        Requirement::Required => Rule::Require(()),
        Requirement::Skip { reason } => Rule::skip(reason.clone()),
    };
    block.rule(field, &rule)
}
