//! The appraisal policy for Evidence (RFC 9334 section 8.5): which Evidence is good enough. Someone wrote all of it.
//!
//! A policy is a list of accept blocks; Evidence is accepted when one block holds in full. A block names every field, there
//! is no default, and what it leaves out it leaves out with a written reason that stands in every verdict.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use crate::anchor::TrustAnchor;
use crate::error::PolicyError;
use crate::evidence::{Evidence, Format};
use crate::platform::{Platform, azure, cca, gpu, nitro, sgx, snp, tdx, tpm};

const MAX_BLOCKS: usize = 64;

/// What must hold for a field, or why nothing must.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "complete: a field is required or skipped")]
pub enum Rule<T> {
    /// It must agree with this.
    Require(T),
    /// It is not judged, and this is why. An empty reason is refused.
    Skip {
        /// For people; stands in every verdict.
        reason: String,
    },
}

impl<T> Rule<T> {
    /// Leaves the field out, saying why.
    pub fn skip(reason: impl Into<String>) -> Self {
        Self::Skip { reason: reason.into() }
    }

    pub(crate) fn map<U>(self, value: impl FnOnce(T) -> U) -> Rule<U> {
        match self {
            Self::Require(required) => Rule::Require(value(required)),
            Self::Skip { reason } => Rule::Skip { reason },
        }
    }

    /// The reason, where it is left out.
    pub(crate) fn skip_reason(&self) -> Option<&str> {
        match self {
            Self::Require(_) => None,
            Self::Skip { reason } => Some(reason),
        }
    }
}

/// Whether a check that needs no value is made, or why not.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "complete: a check is required or skipped")]
pub enum Requirement {
    /// It must hold.
    Required,
    /// It is not judged, and this is why. An empty reason is refused.
    Skip {
        /// For people; stands in every verdict.
        reason: String,
    },
}

impl Requirement {
    /// Leaves the check out, saying why.
    pub fn skip(reason: impl Into<String>) -> Self {
        Self::Skip { reason: reason.into() }
    }
}

/// One way to be acceptable: a whole set of values for one platform.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "decisions match on it; a platform more is a decision more")]
#[expect(clippy::large_enum_variant, reason = "a policy has at most 64 of them, and callers write them as they are")]
pub enum Accept {
    /// AMD SEV-SNP.
    Snp(snp::Accept),
    /// Intel TDX.
    Tdx(tdx::Accept),
    /// Intel SGX.
    Sgx(sgx::Accept),
    /// AWS Nitro Enclaves.
    Nitro(nitro::Accept),
    /// A TPM 2.0.
    Tpm(tpm::Accept),
    /// An Azure confidential VM, SEV-SNP or TDX.
    Azure(Box<azure::Accept>),
    /// Arm CCA.
    Cca(cca::Accept),
    /// NVIDIA GPUs.
    Gpu(gpu::Accept),
}

impl Accept {
    /// The strictest block that this Evidence could pass, under an anchor that somebody names: what it says is demanded, what
    /// it does not say is left out with a reason. Nothing of the Evidence is verified by this.
    #[must_use]
    pub fn pinning(evidence: &Evidence, trust_anchor: TrustAnchor, name: impl Into<String>) -> Self {
        let name = name.into();
        match evidence.format() {
            Format::Snp(report) => Self::Snp(snp::Accept::pinning(report, trust_anchor, name)),
            Format::Tdx(evidence) => Self::Tdx(tdx::Accept::pinning(evidence, trust_anchor, name)),
            Format::Sgx(quote) => Self::Sgx(sgx::Accept::pinning(quote, trust_anchor, name)),
            Format::Nitro(document) => Self::Nitro(nitro::Accept::pinning(document, trust_anchor, name)),
            Format::Tpm(quote) => Self::Tpm(tpm::Accept::pinning(quote, trust_anchor, name)),
            Format::Azure(vm) => Self::Azure(Box::new(azure::Accept::pinning(vm, trust_anchor, name))),
            // The token does not hold its platform's key: until somebody writes it in, the block is refused by name.
            Format::Cca(token) => Self::Cca(cca::Accept::pinning(token, trust_anchor, name, Vec::new())),
            Format::Gpu(report) => Self::Gpu(gpu::Accept::pinning(report, trust_anchor, name)),
        }
    }

    /// The block's name, as it stands in a verdict.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Snp(block) => &block.name,
            Self::Tdx(block) => &block.name,
            Self::Sgx(block) => &block.name,
            Self::Nitro(block) => &block.name,
            Self::Tpm(block) => &block.name,
            Self::Azure(block) => &block.name,
            Self::Cca(block) => &block.name,
            Self::Gpu(block) => &block.name,
        }
    }

    /// The platform it is for.
    #[must_use]
    pub fn platform(&self) -> Platform {
        match self {
            Self::Snp(_) => Platform::AmdSevSnp,
            Self::Tdx(_) => Platform::IntelTdx,
            Self::Sgx(_) => Platform::IntelSgx,
            Self::Nitro(_) => Platform::AwsNitro,
            Self::Tpm(_) => Platform::Tpm,
            Self::Azure(block) => block.platform(),
            Self::Cca(_) => Platform::ArmCca,
            Self::Gpu(_) => Platform::NvidiaGpu,
        }
    }

    /// What the chain of its Evidence must end in.
    #[must_use]
    pub fn trust_anchor(&self) -> &TrustAnchor {
        match self {
            Self::Snp(block) => &block.trust_anchor,
            Self::Tdx(block) => &block.trust_anchor,
            Self::Sgx(block) => &block.trust_anchor,
            Self::Nitro(block) => &block.trust_anchor,
            Self::Tpm(block) => &block.trust_anchor,
            Self::Azure(block) => block.trust_anchor(),
            Self::Cca(block) => &block.trust_anchor,
            Self::Gpu(block) => &block.trust_anchor,
        }
    }

    /// Whether it looks at revocation lists. Nitro's chains and CCA's keys have none.
    pub(crate) fn wants_revocation_lists(&self) -> bool {
        let revocation = match self {
            Self::Snp(block) => &block.revocation,
            Self::Tdx(block) => &block.platform.revocation,
            Self::Sgx(block) => &block.platform.revocation,
            Self::Tpm(block) => &block.revocation,
            Self::Azure(block) => match &block.report {
                azure::Report::Snp(report) => &report.revocation,
                azure::Report::Tdx(report) => &report.platform.revocation,
            },
            Self::Gpu(block) => &block.revocation,
            Self::Nitro(_) | Self::Cca(_) => return false,
        };
        *revocation == Requirement::Required
    }

    fn validate(&self) -> Result<(), PolicyError> {
        match self {
            Self::Snp(block) => block.validate(),
            Self::Tdx(block) => block.validate(),
            Self::Sgx(block) => block.validate(),
            Self::Nitro(block) => block.validate(),
            Self::Tpm(block) => block.validate(),
            Self::Azure(block) => block.validate(),
            Self::Cca(block) => block.validate(),
            Self::Gpu(block) => block.validate(),
        }
    }
}

impl From<tpm::Accept> for Accept {
    fn from(block: tpm::Accept) -> Self {
        Self::Tpm(block)
    }
}

impl From<azure::Accept> for Accept {
    fn from(block: azure::Accept) -> Self {
        Self::Azure(Box::new(block))
    }
}

impl From<snp::Accept> for Accept {
    fn from(block: snp::Accept) -> Self {
        Self::Snp(block)
    }
}

impl From<tdx::Accept> for Accept {
    fn from(block: tdx::Accept) -> Self {
        Self::Tdx(block)
    }
}

impl From<gpu::Accept> for Accept {
    fn from(block: gpu::Accept) -> Self {
        Self::Gpu(block)
    }
}

impl From<cca::Accept> for Accept {
    fn from(block: cca::Accept) -> Self {
        Self::Cca(block)
    }
}

impl From<nitro::Accept> for Accept {
    fn from(block: nitro::Accept) -> Self {
        Self::Nitro(block)
    }
}

impl From<sgx::Accept> for Accept {
    fn from(block: sgx::Accept) -> Self {
        Self::Sgx(block)
    }
}

/// An appraisal policy. Having one means: it is not empty, no block contradicts itself, whatever is skipped says why.
///
/// There is no default policy:
///
/// ```compile_fail
/// let policy = sealroom_attestation::Policy::default();
/// ```
///
/// ```compile_fail
/// let block = sealroom_attestation::snp::Accept { name: "release 1".into(), ..Default::default() };
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    name: String,
    blocks: Vec<Accept>,
}

impl Policy {
    /// Accepts what one of `blocks` accepts.
    ///
    /// # Errors
    /// [`PolicyError`]: each of its variants but those about a single trust anchor.
    pub fn new(blocks: Vec<Accept>) -> Result<Self, PolicyError> {
        if blocks.is_empty() {
            return Err(PolicyError::Empty);
        }
        if blocks.len() > MAX_BLOCKS {
            return Err(PolicyError::TooManyBlocks { limit: MAX_BLOCKS, found: blocks.len() });
        }
        for (index, block) in blocks.iter().enumerate() {
            if blocks.iter().skip(index + 1).any(|other| other.name() == block.name()) {
                return Err(PolicyError::DuplicateName { name: block.name().to_owned() });
            }
            block.validate()?;
        }
        Ok(Self { name: String::new(), blocks })
    }

    /// With a name for people; it is part of the policy's hash.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The name for people; empty where none was given.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The accept blocks, in the order in which they were written.
    #[must_use]
    pub fn blocks(&self) -> &[Accept] {
        &self.blocks
    }
}
