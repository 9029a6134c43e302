//! Evaluating a room while its contract lives: what a granting party's client does on the contract's timer.
//! `docs/design/0008-evaluation.md`.
//!
//! What always holds: only what an honest party never wants to go on under asks for a stop, which ends the contract in every
//! room, and only Evidence that answers the challenge of this very evaluation: what a host kept from before ends nothing.
//! Anything else that an appraisal refuses is refused, and the next one may hold.

use crate::appraise::{AppraisalError, AppraisedRoom, RoomCheck};
use sealroom_protocol::contract::{Contract, time_text};
use sealroom_protocol::run::StopCause;

/// What to do about a room.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "whoever evaluates must act on every one")]
pub enum Evaluation {
    /// Go on.
    Holds,
    /// Grant it nothing, and evaluate again.
    Refused {
        /// The checks that failed, or what the Evidence is not.
        why: String,
    },
    /// Stop the contract.
    Stop {
        /// Why, for programs.
        cause: StopCause,
        /// Why, for people: a [`Stop`](sealroom_protocol::run::Stop)'s reason, which begins with the cause.
        reason: String,
    },
}

/// What an appraisal, made at `now` (this machine's clock, Unix seconds), means for the room's contract.
#[must_use]
pub fn evaluate(contract: &Contract, appraised: Result<&AppraisedRoom, &AppraisalError>, now: u64) -> Evaluation {
    if let Some(expired) = expired(contract, now) {
        return expired;
    }
    let refusal = match appraised {
        Ok(_) => return Evaluation::Holds,
        Err(AppraisalError::Refused(refusal)) => refusal,
        Err(error) => return Evaluation::Refused { why: error.to_string() },
    };
    let failed: Vec<&str> = refusal.failed().map(|check| check.id).collect();
    let those =
        |belongs: fn(&str) -> bool| failed.iter().copied().filter(|id| belongs(id)).collect::<Vec<_>>().join(", ");
    let (revoked, lowered) = (those(of_revocation), those(of_firmware));
    // A stop never wears out, so nothing that a host can bring besides may cause one: a list that is missing, old or forged,
    // another maker's chain, another image.
    let listed = |check: &RoomCheck| of_revocation(check.id) && check.found.contains(" is revoked");
    // Nor may an old report of a machine that was revoked later: where it answers us, its key was used after the question.
    if !revoked.is_empty() && refusal.answers && refusal.failed().all(listed) {
        return stop(StopCause::PlatformRevoked, &revoked);
    }
    if refusal.genuine && !lowered.is_empty() && failed.iter().all(|id| of_firmware(id)) {
        return stop(StopCause::TcbLowered, &lowered);
    }
    Evaluation::Refused { why: failed.join(", ") }
}

/// The stop of a contract that ended, which needs no appraisal.
pub(crate) fn expired(contract: &Contract, now: u64) -> Option<Evaluation> {
    let expires = contract.terms().expires;
    (now >= expires).then(|| stop(StopCause::Expired, &format!("the contract ended at {}", time_text(expires))))
}

fn stop(cause: StopCause, why: &str) -> Evaluation {
    let reason = format!("{}: {why}", cause.word());
    Evaluation::Stop { cause, reason: reason.chars().take(crate::REASON_LIMIT).collect() }
}

fn of_revocation(id: &str) -> bool {
    id == "common.revocation"
}

fn of_firmware(id: &str) -> bool {
    id.starts_with("snp.firmware-") || id == "snp.mitigations"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::appraise::appraise;
    use crate::testing::{EXPIRES, Parties, Platform, contract_with};
    use crate::{Stricter, now, random};
    use sealroom_attestation::Challenge;
    use sealroom_protocol::contract::FirmwareLevel;
    use sealroom_protocol::identity::SigningSecret;

    #[test]
    fn firmware_that_fell_behind_and_expiry_ask_for_a_stop_and_a_stranger_does_not() {
        let (parties, platform) = (Parties::new(), Platform::shared());
        let contract = contract_with(&parties, |terms| terms.enclaves = vec![platform.terms()]);
        let (enclave, ours) = (SigningSecret::generate(&mut random()), [0x41; 32]);
        let bundle = platform.evidence(&contract, &enclave, &[ours]);
        let appraised = |stricter: &Stricter, challenge| {
            appraise(&contract, bundle.clone(), Challenge::from_random(challenge), stricter, now())
        };
        let good = appraised(&Stricter::as_signed(), ours).unwrap();
        assert_eq!(evaluate(&contract, Ok(&good), now()), Evaluation::Holds);
        let expired = evaluate(&contract, Ok(&good), EXPIRES);
        let reason = String::from("expired: the contract ended at 2027-01-01T00:00:00Z");
        assert_eq!(expired, Evaluation::Stop { cause: StopCause::Expired, reason });

        let demanding =
            Stricter { minimum_firmware: Some(FirmwareLevel::new(255, 0, 24, 219)), ..Stricter::as_signed() };
        let refused = appraised(&demanding, ours).unwrap_err();
        let lowered = evaluate(&contract, Err(&refused), now());
        let reason = String::from("tcb-lowered: snp.firmware-minimum, snp.firmware-launch");
        assert_eq!(lowered, Evaluation::Stop { cause: StopCause::TcbLowered, reason });
        // Evidence that answers somebody else is no ground to end a contract: whoever brings it could end all of them.
        let stale = appraised(&demanding, [0x42; 32]).unwrap_err();
        assert!(matches!(evaluate(&contract, Err(&stale), now()), Evaluation::Refused { .. }));
    }

    #[test]
    fn a_revoked_certificate_asks_for_a_stop_and_an_old_report_of_its_machine_does_not() {
        let contract = contract_with(&Parties::new(), |_| {});
        let ended = |answers: bool, failed: &[(&'static str, &str)]| {
            let check = |(id, found): &(&'static str, &str)| RoomCheck {
                id,
                status: "fail",
                expected: String::new(),
                found: (*found).into(),
                hint: "",
            };
            let refusal = crate::Refusal { checks: failed.iter().map(check).collect(), genuine: false, answers };
            evaluate(&contract, Err(&AppraisalError::Refused(Box::new(refusal))), EXPIRES - 1)
        };
        let ends = |failed: &[(&'static str, &str)]| ended(true, failed);
        let listed = ("common.revocation", "CN=SEV-VCEK (serial 00) is revoked");
        let reason = String::from("platform-revoked: common.revocation");
        assert_eq!(ends(&[listed]), Evaluation::Stop { cause: StopCause::PlatformRevoked, reason });
        // What a host can bring at any time ends nothing: no list, another's root with a list of its own.
        let no_list = ("common.revocation", "no revocation list of CN=SEV-Milan");
        let refused = |why: &str| Evaluation::Refused { why: why.into() };
        assert_eq!(ended(false, &[listed]), refused("common.revocation"), "it does not answer us");
        assert_eq!(ends(&[no_list]), refused("common.revocation"));
        assert_eq!(ends(&[listed, ("common.trust-anchor", "")]), refused("common.revocation, common.trust-anchor"));
        assert_eq!(ends(&[("snp.firmware-minimum", "")]), refused("snp.firmware-minimum"), "not genuine");
    }
}
