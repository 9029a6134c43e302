//! A policy of this party's own, beside the contract's terms: both have to hold.
//!
//! What always holds: the same Evidence is judged that the room was appraised by, as the answer to the same challenge.

use crate::appraise::{AppraisalError, AppraisedRoom, Refusal, RoomCheck};
use sealroom_attestation::{
    Binding, Challenge, CryptoProvider, Endorsements, Evidence, Policy, Rejection, Step, Verifier,
};
use sealroom_protocol::binding::{ChallengeList, room_report_data};

/// Appraises an appraised room once more, under another policy. `challenge` is what the room was asked.
pub(super) fn appraise_by(policy: &Policy, room: &AppraisedRoom, challenge: [u8; 32]) -> Result<(), AppraisalError> {
    let bundle = room.evidence();
    // The appraisal of the room found that it answers.
    let refused = |checks, genuine| AppraisalError::Refused(Box::new(Refusal { checks, genuine, answers: true }));
    // The appraisal of the room found our challenge in it.
    let list = ChallengeList::from_sorted(bundle.challenges.clone()).map_err(|_| refused(Vec::new(), false))?;
    let report_data = room_report_data(&room.contract().id(), &bundle.enclave_key, &list);
    let binding = Binding::new(Challenge::from_random(challenge), *bundle.enclave_key.as_bytes(), report_data);
    let appraised = || -> Result<(), Rejection> {
        let evidence = Evidence::decode(&bundle.evidence)?;
        let endorsements = Endorsements::decode_all(bundle.endorsements.iter().map(Vec::as_slice))?;
        let verifier = Verifier::new(CryptoProvider::ring(), policy);
        verifier.appraise(evidence, &endorsements, binding, bundle.appraised).map(drop)
    };
    appraised().map_err(|rejection| {
        let genuine = match rejection.step() {
            Step::Policy => true,
            Step::Evidence | Step::Authentic | Step::Fresh => false,
        };
        refused(rejection.verdict().checks().iter().map(RoomCheck::of).collect(), genuine)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Parties, Platform, contract_with};
    use crate::{Stricter, appraise, now};
    use sealroom_attestation::{Accept, TrustAnchor};
    use sealroom_protocol::identity::SigningSecret;

    #[test]
    fn both_policies_have_to_hold() {
        let parties = Parties::new();
        let contract = contract_with(&parties, |terms| terms.enclaves = vec![Platform::shared().terms()]);
        let enclave = SigningSecret::generate(&mut crate::random());
        let challenge = [5; 32];
        let evidence = Platform::shared().evidence(&contract, &enclave, &[challenge]);
        let read = Evidence::decode(&evidence.evidence).unwrap();
        let room =
            appraise(&contract, evidence, Challenge::from_random(challenge), &Stricter::as_signed(), now()).unwrap();
        let anchor = TrustAnchor::new(
            sealroom_attestation::Fingerprint::from_sha256(Platform::shared().terms().trust_anchor),
            true,
        );
        let block = Accept::pinning(&read, anchor.unwrap(), "own");
        let policy = Policy::new(vec![block]).unwrap();
        appraise_by(&policy, &room, challenge).unwrap();
        // One digit of the measurement that it pins.
        let text = policy.to_toml();
        let (before, after) = text.split_once("measurements = [\"sha384:").expect("it pins a measurement");
        let other = if after.starts_with('0') { '1' } else { '0' };
        let stricter = format!("{before}measurements = [\"sha384:{other}{}", &after[1..]);
        let error = appraise_by(&Policy::from_toml(&stricter).unwrap(), &room, challenge).unwrap_err();
        let AppraisalError::Refused(refusal) = error else { panic!("{error}") };
        assert_eq!(refusal.failed().map(|check| check.id).collect::<Vec<_>>(), ["snp.measurement"]);
        assert!(refusal.genuine);
    }
}
