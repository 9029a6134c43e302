//! Which sources were read, and at which commit.

/// Another verifier.
pub(crate) struct Source {
    /// What it is called on the page.
    pub(crate) name: &'static str,
    /// Owner and name of its public repository.
    pub(crate) repository: &'static str,
    /// The beginning of the commit's name, as far as it is unambiguous there.
    pub(crate) commit: &'static str,
    pub(crate) licence: &'static str,
}

const fn source(name: &'static str, repository: &'static str, commit: &'static str, licence: &'static str) -> Source {
    Source { name, repository, commit, licence }
}

pub(crate) static ATTESTATION_DOC: Source =
    source("attestation-doc-validation", "evervault/attestation-doc-validation", "084ba28", "Apache-2.0");
pub(crate) static ATTESTATION_RS: Source = source("attestation-rs", "lunal-dev/attestation-rs", "e0ea7e9", "MIT");
pub(crate) static AZURE: Source = source("azure-cvm-tooling", "kinvolk/azure-cvm-tooling", "e4e4407", "MIT");
pub(crate) static CCATOKEN: Source = source("ccatoken", "veraison/ccatoken", "4f1244e", "Apache-2.0");
pub(crate) static DCAP_QVL: Source = source("dcap-qvl", "Phala-Network/dcap-qvl", "9bffe30", "MIT");
pub(crate) static DSTACK: Source = source("dstack", "Dstack-TEE/dstack", "312dc605", "Apache-2.0");
pub(crate) static GO_SEV: Source = source("go-sev-guest", "google/go-sev-guest", "af1c107", "Apache-2.0");
pub(crate) static GO_TDX: Source = source("go-tdx-guest", "google/go-tdx-guest", "91f9a52", "Apache-2.0");
pub(crate) static GO_TPM: Source = source("go-tpm-tools", "google/go-tpm-tools", "67670e5c", "Apache-2.0");
pub(crate) static NITRITE: Source = source("nitrite", "hf/nitrite", "c2d5d3c", "MIT");
pub(crate) static NVIDIA_SDK: Source = source("NVIDIA's SDK", "NVIDIA/attestation-sdk", "73c032e", "Apache-2.0");
pub(crate) static NVTRUST: Source = source("nvtrust", "NVIDIA/nvtrust", "028173093", "Apache-2.0");
pub(crate) static OAK: Source = source("Oak", "project-oak/oak", "578b95116b", "Apache-2.0");
pub(crate) static QVL: Source =
    source("Intel's QVL", "intel/confidential-computing.tee.dcap.qvl", "d12717e", "BSD-3-Clause");
pub(crate) static RUST_CCATOKEN: Source = source("rust-ccatoken", "veraison/rust-ccatoken", "dfe9ca2", "Apache-2.0");
pub(crate) static SNPGUEST: Source = source("snpguest", "virtee/snpguest", "d3a2aed", "Apache-2.0");
pub(crate) static TRUSTEE: Source = source("Trustee", "confidential-containers/trustee", "78962cd4", "Apache-2.0");
pub(crate) static VERAISON: Source = source("Veraison", "veraison/services", "6b88102", "Apache-2.0");

/// All of them, by name.
pub(crate) static SOURCES: [&Source; 18] = [
    &ATTESTATION_DOC,
    &ATTESTATION_RS,
    &AZURE,
    &CCATOKEN,
    &DCAP_QVL,
    &DSTACK,
    &GO_SEV,
    &GO_TDX,
    &GO_TPM,
    &QVL,
    &NITRITE,
    &NVIDIA_SDK,
    &NVTRUST,
    &OAK,
    &RUST_CCATOKEN,
    &SNPGUEST,
    &TRUSTEE,
    &VERAISON,
];
