//! The closed list of checks of a Nitro appraisal, in the order of the steps. None is ever left out of an answer.

use crate::check::{CheckDefinition, Step, TrustClaim, common};

pub(crate) static COSE: CheckDefinition = CheckDefinition {
    id: "nitro.cose",
    step: Step::Evidence,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The document is one COSE_Sign1 with ES384 alone in its protected header and nothing in the unprotected one.",
    stops: "A message that names another algorithm or another key than the one that AWS signs with.",
    hint: "bring the document as the Nitro hypervisor made it, in binary and without a wrapper",
};
pub(crate) static PAYLOAD: CheckDefinition = CheckDefinition {
    id: "nitro.payload",
    step: Step::Evidence,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The payload has every field that AWS names, each once, of its type and size, and no other.",
    stops: "A field that occurs twice, of which one reader takes the first and another the last; a field that nobody judges.",
    hint: "the document was altered, or AWS added a field: update the verifier",
};
pub(crate) static CHAIN: CheckDefinition = CheckDefinition {
    id: "nitro.chain",
    step: Step::Authentic,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The chain has the shape of AWS's: P-384 and ECDSA with SHA-384 throughout, each certificate issued by the next, authorities that may sign certificates and let so many stand below them, and a leaf that may only sign.",
    stops: "A leaf that signs as an authority; an instance's key that makes an authority of its own; a weaker algorithm.",
    hint: "the certificates in the document are not AWS's, or their order was changed",
};
pub(crate) static SIGNATURE: CheckDefinition = CheckDefinition {
    id: "nitro.signature",
    step: Step::Authentic,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The key of the document's certificate signed header and payload, as received.",
    stops: "A document that was altered or made up.",
    hint: "the document was altered: ask the enclave for a new one",
};
pub(crate) static TIMESTAMP: CheckDefinition = CheckDefinition {
    id: "nitro.timestamp",
    step: Step::Policy,
    claim: TrustClaim::SourcedData,
    meaning: "The hypervisor's time in the document is not older than the policy allows, and not ahead of ours by more than the allowed skew.",
    stops: "An old document while its certificate is still valid.",
    hint: "ask the enclave for a new document; for an archive, skip the rule with a reason; if it is ahead, check your clock",
};
pub(crate) static DEBUG: CheckDefinition = CheckDefinition {
    id: "nitro.debug",
    step: Step::Policy,
    claim: TrustClaim::RuntimeOpaque,
    meaning: "The enclave is not in debug mode: PCR0, PCR1 and PCR2 are there and none of them is zero.",
    stops: "An enclave whose console the parent instance reads, whatever image it says it runs.",
    hint: "start the enclave without the debug-mode flag",
};
pub(crate) static MEASUREMENT: CheckDefinition = CheckDefinition {
    id: "nitro.measurement",
    step: Step::Policy,
    claim: TrustClaim::Executables,
    meaning: "PCR0, the digest of the enclave image, is one that the policy lists.",
    stops: "Another program in the enclave.",
    hint: "start the image that was agreed; compare PCR0 with what building the image printed",
};
pub(crate) static REGISTERS: CheckDefinition = CheckDefinition {
    id: "nitro.registers",
    step: Step::Policy,
    claim: TrustClaim::Executables,
    meaning: "Every other register that the policy names is in the document and has one of the listed values.",
    stops: "Another kernel or application in an image of the same bytes; another role, instance or signer of the image.",
    hint: "compare with what building the image printed (PCR1, PCR2), the role's ARN (PCR3), the instance id (PCR4), the signing certificate (PCR8)",
};
pub(crate) static USER_DATA: CheckDefinition = CheckDefinition {
    id: "nitro.user-data",
    step: Step::Policy,
    claim: TrustClaim::Configuration,
    meaning: "What the enclave put into user_data is, in full, one of the policy's values.",
    stops: "An enclave that was set up in another way than agreed.",
    hint: "the enclave was started with another configuration; a document without the field does not hold",
};
pub(crate) static NONCE: CheckDefinition = CheckDefinition {
    id: "nitro.nonce",
    step: Step::Policy,
    claim: TrustClaim::Configuration,
    meaning: "Where the challenge stands in user_data: what the enclave put into nonce is, in full, one of the policy's values.",
    stops: "A document that was made for another protocol.",
    hint: "the enclave speaks another protocol; a document without the field does not hold",
};
pub(crate) static PUBLIC_KEY: CheckDefinition = CheckDefinition {
    id: "nitro.public-key",
    step: Step::Policy,
    claim: TrustClaim::Configuration,
    meaning: "What the enclave put into public_key is, in full, one of the policy's values.",
    stops: "A document of an enclave that holds another key.",
    hint: "the enclave has made a new key; a document without the field does not hold",
};

/// In the order in which they are judged.
pub(crate) static ALL: &[&CheckDefinition] = &[
    &common::EVIDENCE_SIZE,
    &COSE,
    &PAYLOAD,
    &common::PLATFORM,
    &common::ENDORSEMENTS,
    &common::TRUST_ANCHOR,
    &CHAIN,
    &common::CHAIN_SIGNATURES,
    &common::TIME,
    &SIGNATURE,
    &common::FRESHNESS,
    &TIMESTAMP,
    &common::MACHINE,
    &DEBUG,
    &MEASUREMENT,
    &REGISTERS,
    &USER_DATA,
    &NONCE,
    &PUBLIC_KEY,
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
