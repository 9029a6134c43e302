//! The failed checks of a refusal, read only after the whole list was looked at: closed, in order, nothing passed that could not
//! be judged.

use sealroom_attestation::{Platform, Rejection, Status};

/// `platform` is whose list it must be; `None` only for bytes of no known platform, which have no list.
pub(crate) fn failed_of(platform: Option<Platform>, rejection: &Rejection) -> Vec<&'static str> {
    let verdict = rejection.verdict();
    assert_eq!(verdict.platform(), platform, "{rejection}");
    if let Some(platform) = platform {
        let ids: Vec<_> = verdict.checks().iter().map(|check| check.id()).collect();
        let all: Vec<_> = platform.checks().iter().map(|definition| definition.id).collect();
        assert_eq!(ids, all, "the list is closed and in order");
    }
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
