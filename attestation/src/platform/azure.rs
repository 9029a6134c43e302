//! Azure's confidential VMs: a virtual TPM inside of the VM, run by a paravisor that the hardware measures. The TPM's quote says
//! what the guest booted; an SEV-SNP report or TDX quote says which paravisor holds the TPM's attestation key (AK). Both are
//! judged in full, and what joins them.
//!
//! Step 8 of `platform/tpm`, in four parts. Sources: Microsoft, "Azure confidential VMs: guest attestation design", and the
//! layout of the report in the open paravisor (OpenHCL, `openhcl_attestation_protocol`: `IgvmAttestReport…`).
//!
//! 8.1 Report of the paravisor ("HCL report"): header, hardware report, runtime data, zeros.                 (`report`)
//! 8.2 Runtime data: its SHA-256 is in bytes 0 to 32 of the hardware's report data, whose other 32 bytes are zero. (`appraisal`)
//! 8.3 The AK is the one key `HCLAkPub` of the runtime data; the quote is signed by it, and by no other.     (`runtime_data`)
//! 8.4 SEV-SNP or TDX, every check of that platform; SEV-SNP at VMPL 0, where the paravisor runs.
//!
//! On TDX the report has a TDREPORT, which only its own machine can check. The TD quote comes beside it, and it alone counts.
//!
//! The Evidence is one file of ours (`platform/tpm/container`). [`import`] makes it from what the common tools write.

mod appraisal;
pub(crate) mod checks;
mod claims;
mod evidence;
mod import;
mod pinning;
mod policy;
mod report;
mod runtime_data;

pub(crate) use appraisal::{Genuine, authenticate, judge_policy};
pub(crate) use evidence::Evidence;
pub use import::{HardwareParts, Import, assemble, import};
pub(crate) use policy::written;
pub use policy::{Accept, Report, VmRules};
