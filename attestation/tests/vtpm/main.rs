//! Quotes of TPMs from bytes to verdict: recorded ones of Azure's VMs, and made ones that differ from a good one in one thing.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a panic is a test's failure report")]

mod azure;
mod azure_cases;
#[path = "../appraisal/der.rs"]
mod der;
mod quote;
mod recorded;
mod tpm;
mod tpm_cases;
#[path = "../appraisal/world.rs"]
#[expect(dead_code, reason = "what the appraisals of SEV-SNP alone need")]
mod world;

use sealroom_attestation::{Platform, Rejection, Status};

/// The failed checks, after a look at the whole list: closed, in order, nothing passed that could not be judged.
pub(crate) fn failed(platform: Platform, rejection: &Rejection) -> Vec<&'static str> {
    let verdict = rejection.verdict();
    let ids: Vec<_> = verdict.checks().iter().map(|check| check.id()).collect();
    let all: Vec<_> = platform.checks().iter().map(|definition| definition.id).collect();
    assert_eq!(ids, all, "the list is closed and in order");
    let failed: Vec<_> = verdict.failed().map(|check| check.id()).collect();
    for check in verdict.checks() {
        match check.status() {
            Status::Pass | Status::Warn => assert!(!check.found().is_empty(), "{check}"),
            Status::Fail => assert!(!check.expected().is_empty() && !check.found().is_empty(), "{check}"),
            Status::NotJudged { because } => assert!(failed.contains(because), "{check}"),
            Status::Skipped { reason } => assert!(!reason.is_empty(), "{check}"),
        }
    }
    failed
}
