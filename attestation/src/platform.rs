//! The platforms whose Evidence is appraised here. Vendors' words stay inside these modules.

use core::fmt;

use crate::check::CheckDefinition;

pub mod azure;
mod block;
mod byte_strings;
pub mod cca;
mod elliptic_chain;
pub(crate) mod events;
pub mod gpu;
pub mod intel;
pub mod nitro;
pub mod sgx;
pub mod snp;
pub mod tdx;
pub mod tpm;

/// A platform by the name that contracts and policies use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "decisions match on it; a platform more is a decision more")]
pub enum Platform {
    /// AMD Secure Encrypted Virtualization, Secure Nested Paging.
    AmdSevSnp,
    /// Intel Trust Domain Extensions.
    IntelTdx,
    /// Intel Software Guard Extensions.
    IntelSgx,
    /// AWS Nitro Enclaves.
    AwsNitro,
    /// Arm Confidential Compute Architecture.
    ArmCca,
    /// An NVIDIA GPU in confidential-computing mode.
    NvidiaGpu,
    /// A TPM 2.0.
    Tpm,
    /// Azure's virtual TPM in an SEV-SNP guest.
    AzureSnp,
    /// Azure's virtual TPM in a trust domain.
    AzureTdx,
}

impl Platform {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::AmdSevSnp,
        Self::IntelTdx,
        Self::IntelSgx,
        Self::AwsNitro,
        Self::ArmCca,
        Self::NvidiaGpu,
        Self::Tpm,
        Self::AzureSnp,
        Self::AzureTdx,
    ];

    /// Such as `amd-sev-snp`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AmdSevSnp => "amd-sev-snp",
            Self::IntelTdx => "intel-tdx",
            Self::IntelSgx => "intel-sgx",
            Self::AwsNitro => "aws-nitro",
            Self::Tpm => "tpm",
            Self::AzureSnp => "azure-vtpm-snp",
            Self::AzureTdx => "azure-vtpm-tdx",
            Self::ArmCca => "arm-cca",
            Self::NvidiaGpu => "nvidia-gpu",
        }
    }

    /// The closed list of checks of an appraisal, in its order: every verdict on the platform's Evidence has all of them.
    #[must_use]
    pub fn checks(self) -> &'static [&'static CheckDefinition] {
        match self {
            Self::AmdSevSnp => snp::checks::ALL,
            Self::IntelTdx => tdx::checks::ALL,
            Self::IntelSgx => sgx::checks::ALL,
            Self::AwsNitro => nitro::checks::ALL,
            Self::Tpm => tpm::checks::ALL,
            Self::AzureSnp => azure::checks::SNP,
            Self::AzureTdx => azure::checks::TDX,
            Self::ArmCca => cca::checks::ALL,
            Self::NvidiaGpu => gpu::checks::ALL,
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
