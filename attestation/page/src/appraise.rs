//! One appraisal, as JSON: `report` is what `sealroom appraise --json` answers for the same files, beside it what the page shows
//! besides.
//!
//! What always holds: time and challenge are what the request says; without a policy the verdict is `not-appraised`.

use sealroom_attestation::{
    Accept, AttestationResult, Binding, CryptoProvider, DecodeError, Evidence, EvidenceFile, Needed, Outcome, Platform,
    Policy, Rejection, TrustAnchor, VendorRoot, Verifier,
};
use serde_json::{Map, Value, json};

use crate::files;
use crate::refused::Refused;
use crate::request::{Asked, Request};

/// Name of a policy that pins one piece of Evidence, and of its block, as the command names it.
const PINNED: &str = "pinned Evidence";

/// The answer to a request (see [`Request`]): `report`, `simulated` (whether the accept block that judged it trusts a simulated
/// root) and `meanings` (of each check, by id); or `failure`, with `exit`, `message`, `hint`, `about` and `index`.
#[must_use]
pub fn appraise(request: &[u8], provider: CryptoProvider) -> Value {
    let answer = Request::decode(request).map_err(Refused::from).and_then(|request| match &request.policy {
        Some(text) => appraise_under(text, &request, provider),
        None => pin(&request, provider),
    });
    answer.unwrap_or_else(|refused| refused.to_json())
}

fn appraise_under(text: &str, request: &Request, provider: CryptoProvider) -> Result<Value, Refused> {
    // What is wrong with the question is said before anything is said of the Evidence.
    let policy = files::policy(text)?;
    let given = files::endorsements(&request.endorsements)?;
    let asked = request.asked.as_ref().ok_or(Refused::NothingAsked)?;
    let file = EvidenceFile::read(&request.evidence).map_err(DecodeError::from);
    let decoded = file.and_then(|file| Evidence::decode(&file.evidence).map(|evidence| (file, evidence)));
    let (file, evidence) = match decoded {
        Ok(decoded) => decoded,
        Err(error) => {
            let refused = Err(Rejection::from(error));
            return Ok(shown(&policy, &refused, provider, request.at, &[], [&[], &[]]));
        }
    };
    let binding = binding(asked)?;
    let needed = evidence.needed();
    let endorsements = files::together(&file.endorsements, &given)?;
    let missing = evidence.missing(&policy, &endorsements, request.at);
    let appraisal = Verifier::new(provider, &policy).appraise(evidence, &endorsements, binding, request.at);
    Ok(shown(&policy, &appraisal, provider, request.at, &file.forms, [&needed, &missing]))
}

fn binding(asked: &Asked) -> Result<Binding, Refused> {
    match asked {
        Asked::Nothing(reason) => Binding::skip(reason.as_str()).map_err(Refused::Asked),
        Asked::Challenge(digits) => {
            let challenge = hex::decode(digits).map_err(|error| Refused::Digits { digits: digits.clone(), error })?;
            Binding::bytes(challenge).map_err(Refused::Asked)
        }
    }
}

fn shown(
    policy: &Policy,
    appraisal: &Result<AttestationResult, Rejection>,
    provider: CryptoProvider,
    at: u64,
    forms: &[String],
    [needed, missing]: [&[Needed]; 2],
) -> Value {
    let mut report = policy.report(appraisal, provider, at);
    if let Value::Object(fields) = &mut report {
        fields.insert("exit_code".into(), exit_code(Outcome::of(appraisal)).into());
        fields.insert("forms".into(), json!(forms));
        fields.insert("needed".into(), words(needed));
        fields.insert("missing".into(), words(missing));
    }
    let verdict = match appraisal {
        Ok(result) => result.verdict(),
        Err(rejection) => rejection.verdict(),
    };
    let judged_by = policy.blocks().iter().find(|block| block.name() == verdict.accept_block());
    let meanings: Map<String, Value> =
        verdict.checks().iter().map(|check| (check.id().into(), check.definition().meaning.into())).collect();
    json!({
        "report": report,
        "simulated": judged_by.is_some_and(|block| block.trust_anchor().simulated()),
        "meanings": meanings,
    })
}

/// The exit code of the command line without `--fail-on`.
const fn exit_code(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Accepted | Outcome::AcceptedWithWarnings => 0,
        Outcome::Malformed => 2,
        Outcome::Undecided => 3,
        Outcome::NotAuthentic => 4,
        Outcome::Refused => 5,
    }
}

/// Without a policy nothing is said of the Evidence but what it alleges.
fn pin(request: &Request, provider: CryptoProvider) -> Result<Value, Refused> {
    let file = EvidenceFile::read(&request.evidence).map_err(|error| Refused::Evidence(error.into()))?;
    let evidence = Evidence::decode(&file.evidence).map_err(Refused::Evidence)?;
    let given = files::endorsements(&request.endorsements)?;
    let endorsements = files::together(&file.endorsements, &given)?;
    let root = VendorRoot::alleged(&evidence, &endorsements).ok_or_else(|| Refused::NoRoot {
        of_amd: matches!(evidence.platform(), Platform::AmdSevSnp | Platform::AzureSnp),
    })?;
    let anchor = TrustAnchor::new(root.fingerprint, false).map_err(Refused::Unacceptable)?;
    let accept = Accept::pinning(&evidence, anchor, PINNED);
    let (_, text) = Policy::pinning(accept, &evidence, provider).map_err(Refused::Unacceptable)?;
    let report = json!({
        "verdict": "not-appraised",
        "platform": evidence.platform().as_str(),
        "exit_code": 1,
        "forms": file.forms,
        "needed": words(&evidence.needed()),
        "policy_toml": text,
    });
    Ok(json!({ "report": report, "simulated": false, "meanings": {} }))
}

pub(crate) fn words(needed: &[Needed]) -> Value {
    needed.iter().map(|item| Value::from(item.to_string())).collect()
}
