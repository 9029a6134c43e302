//! Quotes of TPMs from bytes to verdict: recorded ones of Azure's VMs, and made ones that differ from a good one in one thing.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a panic is a test's failure report")]

mod azure;
mod azure_cases;
mod azure_tdx;
#[path = "../intel/certificates.rs"]
mod certificates;
#[path = "../appraisal/der.rs"]
mod der;
#[path = "../intel/documents.rs"]
mod documents;
#[path = "../support/failed.rs"]
mod failed;
mod files;
mod fixture;
#[path = "../support/folder.rs"]
mod folder;
#[path = "../intel/world.rs"]
#[expect(dead_code, reason = "what the appraisals of TDX and SGX alone need")]
mod intel_world;
#[path = "../recorded/flipped/layout.rs"]
#[expect(dead_code, reason = "what the Evidence with certificates alone needs")]
mod layout;
mod quote;
mod recorded;
mod tpm;
mod tpm_cases;
mod tpm_flips;

/// By the name that the files of the other platforms' tests have for theirs.
mod world {
    pub(crate) use crate::intel_world::{COMPONENTS, TEE_TCB_SVN, hex};
    pub(crate) use crate::snp_world::{Draft, ListDraft, NOW, REPORT_DATA, World, rsa_key, rsa_public_key};
}
#[path = "../appraisal/world.rs"]
#[expect(dead_code, reason = "what the appraisals of SEV-SNP alone need")]
mod snp_world;

use sealroom_attestation::{Platform, Rejection};

/// The failed checks, after a look at the whole list: closed, in order, nothing passed that could not be judged.
pub(crate) fn failed(platform: Platform, rejection: &Rejection) -> Vec<&'static str> {
    failed::failed_of(Some(platform), rejection)
}
