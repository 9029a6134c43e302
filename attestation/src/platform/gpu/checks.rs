//! The closed list of checks of a GPU's appraisal, in the order of the steps. None is ever left out of an answer.

use crate::check::{CheckDefinition, Step, TrustClaim, common};

pub(crate) static REQUEST: CheckDefinition = CheckDefinition {
    id: "gpu.request",
    step: Step::Evidence,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The report begins with an SPDM 1.1 request for all measurements, signed.",
    stops: "A response to another question, such as for one measurement or without a signature.",
    hint: "bring the attestation report as the driver returns it, in binary",
};
pub(crate) static RESPONSE: CheckDefinition = CheckDefinition {
    id: "gpu.response",
    step: Step::Evidence,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The response has every measurement and opaque field once, lengths that agree, and nothing after its signature.",
    stops: "A measurement that occurs twice, of which one reader takes the first and another the last.",
    hint: "the report was altered, or is of a GPU newer than this verifier",
};
pub(crate) static CHAIN: CheckDefinition = CheckDefinition {
    id: "gpu.chain",
    step: Step::Authentic,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The chain has the shape of NVIDIA's: P-384 and ECDSA with SHA-384 throughout, each certificate issued by the next, authorities that may sign certificates, and a leaf that may only sign.",
    stops: "A leaf that signs as an authority; a weaker algorithm.",
    hint: "bring the certificates that the driver hands out for this GPU",
};
pub(crate) static FIRMWARE_CERTIFIED: CheckDefinition = CheckDefinition {
    id: "gpu.firmware-certified",
    step: Step::Authentic,
    claim: TrustClaim::Hardware,
    meaning: "The firmware id in the leaf and in the report are the same.",
    stops: "A report that claims other firmware than the key was made for.",
    hint: "bring the certificates that the driver hands out for this GPU, after its last reset",
};
pub(crate) static SIGNATURE: CheckDefinition = CheckDefinition {
    id: "gpu.signature",
    step: Step::Authentic,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The leaf's key signed request and response, as received.",
    stops: "A report that was altered or made up.",
    hint: "the report was altered, or the certificates are another GPU's",
};
pub(crate) static CHIP: CheckDefinition = CheckDefinition {
    id: "gpu.chip",
    step: Step::Policy,
    claim: TrustClaim::Hardware,
    meaning: "The chain is of a chip that the policy lists.",
    stops: "Another product under the same root: an older chip, or a switch.",
    hint: "use a GPU of the kind that was agreed, or have the parties accept this one",
};
pub(crate) static DRIVER: CheckDefinition = CheckDefinition {
    id: "gpu.driver",
    step: Step::Policy,
    claim: TrustClaim::Executables,
    meaning: "The driver's version is one that the policy lists.",
    stops: "A driver with a known fault.",
    hint: "update the driver in the guest, or add the version and its measurements",
};
pub(crate) static VBIOS: CheckDefinition = CheckDefinition {
    id: "gpu.vbios",
    step: Step::Policy,
    claim: TrustClaim::Hardware,
    meaning: "The VBIOS version is one that the policy lists.",
    stops: "Firmware with a known fault.",
    hint: "the machine's owner updates the GPU's firmware; or add the version and its measurements",
};
pub(crate) static FIRMWARE_ID: CheckDefinition = CheckDefinition {
    id: "gpu.firmware-id",
    step: Step::Policy,
    claim: TrustClaim::Hardware,
    meaning: "The firmware that holds the signing key is one that the policy lists.",
    stops: "Firmware that was withdrawn, whose key still signs.",
    hint: "the machine's owner updates the GPU's firmware; or add the new firmware's id",
};
pub(crate) static MEASUREMENTS: CheckDefinition = CheckDefinition {
    id: "gpu.measurements",
    step: Step::Policy,
    claim: TrustClaim::Executables,
    meaning: "Every measurement that the policy demands has one of its values, and every index in use stands in the policy.",
    stops: "Altered driver, firmware or configuration; a measurement that nobody judges.",
    hint: "compare with NVIDIA's reference manifests for exactly this driver and VBIOS; an index without a fixed value is left out with a reason",
};

/// In the order in which they are judged.
pub(crate) static ALL: &[&CheckDefinition] = &[
    &common::EVIDENCE_SIZE,
    &REQUEST,
    &RESPONSE,
    &common::PLATFORM,
    &common::ENDORSEMENTS,
    &common::TRUST_ANCHOR,
    &CHAIN,
    &common::CHAIN_SIGNATURES,
    &common::TIME,
    &common::REVOCATION,
    &FIRMWARE_CERTIFIED,
    &SIGNATURE,
    &common::FRESHNESS,
    &CHIP,
    &common::MACHINE,
    &DRIVER,
    &VBIOS,
    &FIRMWARE_ID,
    &MEASUREMENTS,
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
