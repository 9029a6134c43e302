//! The closed list of checks of an SGX appraisal, in the order of the steps. None is ever left out of an answer.

use crate::check::{CheckDefinition, Step, TrustClaim, common};
use crate::platform::intel::checks as dcap;

pub(crate) static DEBUG: CheckDefinition = CheckDefinition {
    id: "sgx.debug",
    step: Step::Policy,
    claim: TrustClaim::RuntimeOpaque,
    meaning: "The host may not debug the enclave.",
    stops: "A host that reads the enclave's memory by the debug instructions.",
    hint: "build the enclave without the DEBUG attribute and start it as a production enclave; no policy here accepts it",
};
pub(crate) static ATTRIBUTES: CheckDefinition = CheckDefinition {
    id: "sgx.attributes",
    step: Step::Policy,
    claim: TrustClaim::Configuration,
    meaning: "The enclave is initialised, and its other attributes are as the policy wants them: none unknown, and no provisioning key unless the policy wants it.",
    stops: "Rights that the enclave was not meant to have.",
    hint: "build the enclave with the attributes that the parties agreed on",
};
pub(crate) static XFRM: CheckDefinition = CheckDefinition {
    id: "sgx.xfrm",
    step: Step::Policy,
    claim: TrustClaim::Configuration,
    meaning: "The register states that the enclave may use are as the policy wants them.",
    stops: "Register states whose side channels were excluded.",
    hint: "build the enclave with the XFRM that the parties agreed on",
};
pub(crate) static MISC_SELECT: CheckDefinition = CheckDefinition {
    id: "sgx.misc-select",
    step: Step::Policy,
    claim: TrustClaim::Configuration,
    meaning: "What an exception saves beside the registers is as the policy wants it.",
    stops: "Addresses that an exception tells the host.",
    hint: "build the enclave with the MISCSELECT that the parties agreed on",
};
pub(crate) static IDENTITY: CheckDefinition = CheckDefinition {
    id: "sgx.identity",
    step: Step::Policy,
    claim: TrustClaim::Executables,
    meaning: "The enclave is one that the policy names: by its measurement, or by its signer, product and least security version.",
    stops: "Any other code, with a genuine processor around it.",
    hint: "the host runs another enclave: ask it to start the one in the contract, or agree on a new contract",
};
pub(crate) static CONFIG_ID: CheckDefinition = CheckDefinition {
    id: "sgx.config-id",
    step: Step::Policy,
    claim: TrustClaim::Configuration,
    meaning: "The configuration that the loader put in is what the policy names (CONFIGID).",
    stops: "A configuration that the host chose.",
    hint: "start the enclave with the CONFIGID that the parties agreed on",
};
pub(crate) static CONFIG_SVN: CheckDefinition = CheckDefinition {
    id: "sgx.config-svn",
    step: Step::Policy,
    claim: TrustClaim::Configuration,
    meaning: "The security version of that configuration is at least the policy's.",
    stops: "An old configuration with known holes.",
    hint: "start the enclave with a newer configuration",
};
pub(crate) static EXTENDED_PRODUCT_ID: CheckDefinition = CheckDefinition {
    id: "sgx.extended-product-id",
    step: Step::Policy,
    claim: TrustClaim::Executables,
    meaning: "The extended product id is what the policy names (ISVEXTPRODID).",
    stops: "Another product of the same signer.",
    hint: "start the enclave of the product that the parties agreed on",
};
pub(crate) static FAMILY_ID: CheckDefinition = CheckDefinition {
    id: "sgx.family-id",
    step: Step::Policy,
    claim: TrustClaim::Executables,
    meaning: "The product family is what the policy names (ISVFAMILYID).",
    stops: "Another product family of the same signer.",
    hint: "start the enclave of the family that the parties agreed on",
};

/// Every check, each once, in the order of appraisal.
pub(crate) static ALL: &[&CheckDefinition] = &[
    &common::EVIDENCE_SIZE,
    &dcap::VERSION,
    &dcap::KEY_TYPE,
    &dcap::RESERVED,
    &dcap::CERTIFICATION_DATA,
    &common::PLATFORM,
    &dcap::QE_VENDOR,
    &common::ENDORSEMENTS,
    &common::TRUST_ANCHOR,
    &dcap::CHAIN,
    &common::CHAIN_SIGNATURES,
    &common::TIME,
    &common::REVOCATION,
    &dcap::PCK_EXTENSION,
    &dcap::TCB_INFO_SIGNATURE,
    &dcap::QE_IDENTITY_SIGNATURE,
    &dcap::COLLATERAL_TIME,
    &dcap::COLLATERAL_ISSUE,
    &dcap::FMSPC,
    &dcap::PCE_ID,
    &dcap::QE_SIGNATURE,
    &dcap::QE_REPORT_DATA,
    &dcap::QE_IDENTITY,
    &dcap::SIGNATURE,
    &dcap::TCB_LEVEL,
    &dcap::TCB_REVOKED,
    &common::FRESHNESS,
    &dcap::VERSION_ACCEPTED,
    &common::MACHINE,
    &dcap::TCB_STATUS,
    &dcap::TCB_AGE,
    &dcap::ADVISORIES,
    &dcap::SGX_TYPE,
    &dcap::DYNAMIC_PLATFORM,
    &dcap::CACHED_KEYS,
    &dcap::SMT,
    &DEBUG,
    &ATTRIBUTES,
    &XFRM,
    &MISC_SELECT,
    &IDENTITY,
    &CONFIG_ID,
    &CONFIG_SVN,
    &EXTENDED_PRODUCT_ID,
    &FAMILY_ID,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_occurs_once_and_steps_follow_each_other() {
        let rank = |step: Step| match step {
            Step::Evidence => 0,
            Step::Authentic => 1,
            Step::Fresh => 2,
            Step::Policy => 3,
        };
        for (index, check) in ALL.iter().enumerate() {
            assert!(ALL[index + 1..].iter().all(|other| other.id != check.id), "{}", check.id);
            assert!(ALL[index + 1..].iter().all(|other| rank(other.step) >= rank(check.step)), "{}", check.id);
        }
    }
}
