//! Appraisals by the real code. Equal Evidence for one challenge is appraised once: a verdict follows from its inputs alone.

use crate::refused::Refused;
use sealroom::attestation::Challenge;
use sealroom::{AppraisalError, AppraisedRoom, Contract, EvidenceBundle, Stricter, appraise};
use sealroom_protocol::hash::sha256;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// An accepted enclave, or each check that refuses it.
pub(crate) type Verdict = Arc<Result<AppraisedRoom, Vec<Refused>>>;

#[derive(Debug, Default)]
pub(crate) struct Appraisals(Mutex<BTreeMap<[u8; 32], Verdict>>);

impl Appraisals {
    /// The verdict of an honest party that drew `challenge`.
    pub(crate) fn appraise(
        &self,
        contract: &Contract,
        bundle: EvidenceBundle,
        challenge: [u8; 32],
        now: u64,
    ) -> Verdict {
        let mut input = challenge.to_vec();
        input.extend_from_slice(bundle.enclave_key.as_bytes());
        input.extend_from_slice(&bundle.challenges.concat());
        input.extend_from_slice(&bundle.evidence);
        input.extend_from_slice(&bundle.endorsements.concat());
        let mut known = self.0.lock().unwrap();
        let verdict = || {
            let appraised = appraise(contract, bundle, Challenge::from_random(challenge), &Stricter::as_signed(), now);
            Arc::new(appraised.map_err(refused))
        };
        Arc::clone(known.entry(sha256(&input)).or_insert_with(verdict))
    }
}

fn refused(error: AppraisalError) -> Vec<Refused> {
    match error {
        AppraisalError::Refused(refusal) => refusal
            .failed()
            .map(|check| Refused {
                check: check.id.into(),
                message: format!("expected {}, found {}", check.expected, check.found),
                hint: check.hint.into(),
            })
            .collect(),
        other => vec![Refused::in_words(other.check(), &other)],
    }
}
