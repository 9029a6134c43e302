//! The closed list of checks of a CCA appraisal, in the order of the steps. None is ever left out of an answer.

use crate::check::{CheckDefinition, Step, TrustClaim, common};

pub(crate) static TOKEN: CheckDefinition = CheckDefinition {
    id: "cca.token",
    step: Step::Evidence,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The token is a collection of one platform token and one realm token, each a COSE_Sign1 with its algorithm alone in the header.",
    stops: "A third token that nobody judges; a header that names another key or algorithm than the one that is verified.",
    hint: "bring the token as the realm management monitor made it, in binary and without a wrapper",
};
pub(crate) static PLATFORM_CLAIMS: CheckDefinition = CheckDefinition {
    id: "cca.platform-claims",
    step: Step::Evidence,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The platform token has every claim of its profile, each once, of its type and size, and no other.",
    stops: "A claim that occurs twice, of which one reader takes the first and another the last; a claim that nobody judges.",
    hint: "the token was altered, or keeps to a profile newer than this verifier: update it",
};
pub(crate) static REALM_CLAIMS: CheckDefinition = CheckDefinition {
    id: "cca.realm-claims",
    step: Step::Evidence,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The realm token has every claim of its profile, each once, of its type and size, and no other, and a key on P-256 or P-384.",
    stops: "A claim that occurs twice or that nobody judges; a digest of another length than its algorithm's.",
    hint: "the token was altered, keeps to a profile newer than this verifier, or its key is on a curve that is not verified here",
};
pub(crate) static INSTANCE_ID: CheckDefinition = CheckDefinition {
    id: "cca.instance-id",
    step: Step::Authentic,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The token names the platform that the policy's key belongs to.",
    stops: "A token of another platform judged by this one's rules.",
    hint: "the realm runs on another platform: add a block with that platform's instance id and key",
};
pub(crate) static PLATFORM_SIGNATURE: CheckDefinition = CheckDefinition {
    id: "cca.platform-signature",
    step: Step::Authentic,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The platform's attestation key, as the policy has it, signed header and claims of the platform token, as received.",
    stops: "A platform token that was altered or made up.",
    hint: "the token was altered, or the key in the policy is not this platform's: ask its maker",
};
pub(crate) static BINDING: CheckDefinition = CheckDefinition {
    id: "cca.binding",
    step: Step::Authentic,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The platform's challenge is the digest of the realm's key, by the algorithm that the realm token names.",
    stops: "A realm token of the attacker's own beside a genuine platform token.",
    hint: "the two tokens do not belong together: ask the realm for a new one",
};
pub(crate) static REALM_SIGNATURE: CheckDefinition = CheckDefinition {
    id: "cca.realm-signature",
    step: Step::Authentic,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The realm's key, which the platform token vouches for, signed header and claims of the realm token, as received.",
    stops: "A realm token that was altered or made up.",
    hint: "the token was altered: ask the realm for a new one",
};
pub(crate) static PROFILE: CheckDefinition = CheckDefinition {
    id: "cca.profile",
    step: Step::Policy,
    claim: TrustClaim::Configuration,
    meaning: "The token keeps to a profile that the policy lists.",
    stops: "Firmware of an older generation than agreed.",
    hint: "update the platform's firmware, or have the parties accept the profile",
};
pub(crate) static LIFECYCLE: CheckDefinition = CheckDefinition {
    id: "cca.lifecycle",
    step: Step::Policy,
    claim: TrustClaim::RuntimeOpaque,
    meaning: "The platform's lifecycle is secured (0x3000 to 0x30ff).",
    stops: "A platform in manufacture, under a debugger or decommissioned, which still signs well.",
    hint: "use a platform that is in service; the others protect nothing",
};
pub(crate) static IMPLEMENTATION_ID: CheckDefinition = CheckDefinition {
    id: "cca.implementation-id",
    step: Step::Policy,
    claim: TrustClaim::Hardware,
    meaning: "The platform's implementation is one that the policy lists.",
    stops: "Hardware that nobody agreed to.",
    hint: "compare with what the platform's maker publishes for this model",
};
pub(crate) static PLATFORM_CONFIG: CheckDefinition = CheckDefinition {
    id: "cca.platform-config",
    step: Step::Policy,
    claim: TrustClaim::Configuration,
    meaning: "The platform's configuration is, in full, one that the policy lists.",
    stops: "A platform with less protection of its memory than agreed.",
    hint: "compare with what the platform's maker publishes for this configuration",
};
pub(crate) static COMPONENTS: CheckDefinition = CheckDefinition {
    id: "cca.components",
    step: Step::Policy,
    claim: TrustClaim::Hardware,
    meaning: "Each software component of the platform has a measurement and a signer that the policy lists for its type, and each that the policy lists is there.",
    stops: "Old or foreign firmware below the realm; a component that is left out so that nobody judges it.",
    hint: "compare with the reference values of the platform's firmware; after an update, add the new ones",
};
pub(crate) static MEASUREMENT: CheckDefinition = CheckDefinition {
    id: "cca.measurement",
    step: Step::Policy,
    claim: TrustClaim::Executables,
    meaning: "The realm's initial measurement (RIM) is one that the policy lists.",
    stops: "Another program in the realm.",
    hint: "start the realm that was agreed; its parameters and its memory layout count as well",
};
pub(crate) static EXTENSIBLE_MEASUREMENTS: CheckDefinition = CheckDefinition {
    id: "cca.extensible-measurements",
    step: Step::Policy,
    claim: TrustClaim::Executables,
    meaning: "Every extensible measurement (REM0 to REM3) that the policy names has one of the listed values.",
    stops: "Another kernel, command line or application loaded after the realm began.",
    hint: "replay what the realm measured at run time; skip those that the realm does not extend, with a reason",
};
pub(crate) static PERSONALIZATION: CheckDefinition = CheckDefinition {
    id: "cca.personalization",
    step: Step::Policy,
    claim: TrustClaim::Configuration,
    meaning: "The personalization value, which the host put in when it made the realm, is one that the policy lists.",
    stops: "A realm that was made for another owner or purpose.",
    hint: "make the realm with the value that was agreed",
};

/// In the order in which they are judged.
pub(crate) static ALL: &[&CheckDefinition] = &[
    &common::EVIDENCE_SIZE,
    &TOKEN,
    &PLATFORM_CLAIMS,
    &REALM_CLAIMS,
    &common::PLATFORM,
    &INSTANCE_ID,
    &common::TRUST_ANCHOR,
    &PLATFORM_SIGNATURE,
    &BINDING,
    &REALM_SIGNATURE,
    &common::FRESHNESS,
    &PROFILE,
    &LIFECYCLE,
    &IMPLEMENTATION_ID,
    &PLATFORM_CONFIG,
    &COMPONENTS,
    &MEASUREMENT,
    &EXTENSIBLE_MEASUREMENTS,
    &PERSONALIZATION,
];
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_the_order_of_the_steps_and_names_each_check_once() {
        let rank =
            |step: Step| [Step::Evidence, Step::Authentic, Step::Fresh, Step::Policy].iter().position(|s| *s == step);
        for (index, check) in ALL.iter().enumerate() {
            assert!(ALL[index + 1..].iter().all(|other| other.id != check.id), "{}", check.id);
            assert!(ALL[index + 1..].iter().all(|other| rank(other.step) >= rank(check.step)), "{}", check.id);
        }
    }
}
