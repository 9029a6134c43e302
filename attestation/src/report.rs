//! A verdict as one JSON value of a versioned shape, for programs; `docs/appraisal.md` documents it.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Serialize;
use serde_json::Value;

use crate::anchor::AnchorKind;
use crate::check::{Check, Status};
use crate::crypto::CryptoProvider;
use crate::outcome::Outcome;
use crate::platform::Platform;
use crate::policy::Policy;
use crate::result::AttestationResult;
use crate::text::{Hex, utc};
use crate::verdict::{Rejection, Verdict};

const SHAPE: u32 = 1;

/// Fields are only ever added within a version of the shape.
#[derive(Serialize)]
struct Report<'a> {
    appraisal: u32,
    verdict: &'static str,
    platform: Option<&'static str>,
    policy: &'a str,
    policy_sha256: String,
    accept_block: &'a str,
    appraised_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<Accepted>,
    checks: Vec<Line<'a>>,
    other_blocks: Vec<Block<'a>>,
}

/// What only an accepted appraisal can say.
#[derive(Serialize)]
struct Accepted {
    measurement: String,
    hardware: String,
    machine: Option<String>,
    trust_anchor: String,
    simulated: bool,
    /// In whose place no maker stands: the author's words.
    vouched: Option<String>,
    evidence_sha256: String,
    /// Nothing of it ends where it is absent.
    valid_until: Option<String>,
}

#[derive(Serialize)]
struct Block<'a> {
    accept_block: &'a str,
    failed: Vec<&'static str>,
}

#[derive(Serialize)]
struct Line<'a> {
    id: &'static str,
    status: &'static str,
    expected: &'a str,
    actual: &'a str,
    hint: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    undecided: bool,
}

fn lines(verdict: &Verdict) -> Vec<Line<'_>> {
    verdict.checks().iter().map(line).collect()
}

fn line(check: &Check) -> Line<'_> {
    Line {
        id: check.id(),
        status: check.status().as_str(),
        expected: check.expected(),
        actual: check.found(),
        hint: check.hint(),
        reason: match check.status() {
            Status::Skipped { reason } => Some(reason),
            Status::NotJudged { because } => Some(because),
            Status::Pass | Status::Warn | Status::Fail => None,
        },
        undecided: check.is_undecided(),
    }
}

impl Policy {
    /// What [`Verifier::appraise`](crate::Verifier::appraise) returned under this policy at this time, as JSON.
    #[must_use]
    pub fn report(
        &self,
        appraisal: &Result<AttestationResult, Rejection>,
        provider: CryptoProvider,
        now_unix_seconds: u64,
    ) -> Value {
        let (verdict, others, result) = match appraisal {
            Ok(result) => (result.verdict(), &[][..], Some(accepted(result))),
            Err(rejection) => (rejection.verdict(), rejection.other_verdicts(), None),
        };
        let failed = |verdict: &Verdict| verdict.failed().map(Check::id).collect();
        let report = Report {
            appraisal: SHAPE,
            verdict: Outcome::of(appraisal).as_str(),
            platform: verdict.platform().map(Platform::as_str),
            policy: self.name(),
            policy_sha256: Hex(self.hash(provider).as_bytes()).to_string(),
            accept_block: verdict.accept_block(),
            appraised_at: utc(now_unix_seconds),
            result,
            checks: lines(verdict),
            other_blocks: others
                .iter()
                .map(|verdict| Block { accept_block: verdict.accept_block(), failed: failed(verdict) })
                .collect(),
        };
        // Only maps with keys that are no text could fail, and there are none.
        serde_json::to_value(&report).unwrap_or_default()
    }
}

fn accepted(result: &AttestationResult) -> Accepted {
    Accepted {
        measurement: result.measurement().to_string(),
        hardware: result.hardware().to_string(),
        machine: result.machine().map(|machine| Hex(machine).to_string()),
        trust_anchor: result.trust_anchor().to_string(),
        simulated: result.simulated(),
        vouched: match result.trust_anchor().kind() {
            AnchorKind::Vouched { reason } => Some(reason.clone()),
            AnchorKind::Vendor(_) | AnchorKind::Simulated => None,
        },
        evidence_sha256: Hex(result.evidence_sha256()).to_string(),
        valid_until: Some(result.valid_until_unix_seconds()).filter(|until| *until != u64::MAX).map(utc),
    }
}
