//! The closed list of checks of a TDX appraisal, in the order of the steps. None is ever left out of an answer.

use crate::check::{CheckDefinition, Step, TrustClaim, common};
use crate::platform::intel::checks as dcap;

pub(crate) static CONTAINER: CheckDefinition = CheckDefinition {
    id: "tdx.container",
    step: Step::Evidence,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The quote stands alone, or with its event log in one file of both that decodes strictly to its end, the log too.",
    stops: "A log that one reader reads otherwise than another.",
    hint: "put quote and event log together anew; the log is the whole area of the CCEL table (/sys/firmware/acpi/tables/data/CCEL)",
};
pub(crate) static MODULE: CheckDefinition = CheckDefinition {
    id: "tdx.module",
    step: Step::Authentic,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The TDX module is Intel's: signer and attributes are those that the TCB info has for its major version.",
    stops: "A module that Intel did not make, which sees all that the TD does.",
    hint: "the machine's owner installs a TDX module of Intel's; if the version is newer than the TCB info, fetch that again",
};
pub(crate) static MODULE_VERSION: CheckDefinition = CheckDefinition {
    id: "tdx.module-version",
    step: Step::Policy,
    claim: TrustClaim::Hardware,
    meaning: "The TDX module that runs now has at least the policy's version.",
    stops: "A module with known holes.",
    hint: "the machine's owner updates the TDX module",
};
pub(crate) static SEAM_MEASUREMENT: CheckDefinition = CheckDefinition {
    id: "tdx.seam-measurement",
    step: Step::Policy,
    claim: TrustClaim::Hardware,
    meaning: "The TDX module is, byte for byte, one that the policy names (MRSEAM).",
    stops: "Any other module, even one of Intel's.",
    hint: "each update of the module changes this: name the new one, or rely on the module's version",
};
pub(crate) static DEBUG: CheckDefinition = CheckDefinition {
    id: "tdx.debug",
    step: Step::Policy,
    claim: TrustClaim::RuntimeOpaque,
    meaning: "The host may neither debug nor profile the TD: bits 15 to 0 of its attributes are zero, those without a name too.",
    stops: "A host that reads the TD's memory by the debug interface, or its secrets from the processor's counters.",
    hint: "start the TD with DEBUG and the profiling attributes at 0; no policy here accepts them",
};
pub(crate) static ATTRIBUTES: CheckDefinition = CheckDefinition {
    id: "tdx.attributes",
    step: Step::Policy,
    claim: TrustClaim::Configuration,
    meaning: "The other attributes of the TD are as the policy wants them, none is unknown, and it can be migrated only where the policy says so.",
    stops: "Migration or timed page faults that the host left on when it started the TD.",
    hint: "start the TD with the attributes that the parties agreed on",
};
pub(crate) static XFAM: CheckDefinition = CheckDefinition {
    id: "tdx.xfam",
    step: Step::Policy,
    claim: TrustClaim::Configuration,
    meaning: "The register states that the TD may use are as the policy wants them, and none is unknown.",
    stops: "Register states whose side channels were excluded.",
    hint: "start the TD with the XFAM that the parties agreed on",
};
pub(crate) static MEASUREMENT: CheckDefinition = CheckDefinition {
    id: "tdx.measurement",
    step: Step::Policy,
    claim: TrustClaim::Executables,
    meaning: "What was loaded is one of the images that the policy names (MRTD).",
    stops: "Any other virtual firmware, with a genuine processor around it.",
    hint: "the host runs another image: ask it to start the one in the contract, or agree on a new contract",
};
pub(crate) static RUNTIME_REGISTER_0: CheckDefinition = CheckDefinition {
    id: "tdx.runtime-register-0",
    step: Step::Policy,
    claim: TrustClaim::Executables,
    meaning: "Run-time register 0 has a value that the policy names.",
    stops: "Anything else measured there: as a rule, the virtual firmware's configuration.",
    hint: "compare the event log with the one of a start that the parties agreed on: the first event that differs says what was changed",
};
pub(crate) static RUNTIME_REGISTER_1: CheckDefinition = CheckDefinition {
    id: "tdx.runtime-register-1",
    step: Step::Policy,
    claim: TrustClaim::Executables,
    meaning: "Run-time register 1 has a value that the policy names.",
    stops: "Anything else measured there: as a rule, the kernel.",
    hint: "compare the event log with the one of a start that the parties agreed on: the first event that differs says what was changed",
};
pub(crate) static RUNTIME_REGISTER_2: CheckDefinition = CheckDefinition {
    id: "tdx.runtime-register-2",
    step: Step::Policy,
    claim: TrustClaim::Executables,
    meaning: "Run-time register 2 has a value that the policy names.",
    stops: "Anything else measured there: as a rule, the kernel's command line and initial files.",
    hint: "compare the event log with the one of a start that the parties agreed on: the first event that differs says what was changed",
};
pub(crate) static RUNTIME_REGISTER_3: CheckDefinition = CheckDefinition {
    id: "tdx.runtime-register-3",
    step: Step::Policy,
    claim: TrustClaim::Executables,
    meaning: "Run-time register 3 has a value that the policy names.",
    stops: "Anything else measured there: as a rule, the application.",
    hint: "compare the event log with the one of a start that the parties agreed on: the first event that differs says what was changed",
};
pub(crate) static EVENT_LOG: CheckDefinition = CheckDefinition {
    id: "tdx.event-log",
    step: Step::Policy,
    claim: TrustClaim::Executables,
    meaning: "The replay of the event log gives the quoted values of the run-time registers that the policy has replayed.",
    stops: "An event log written to please, or one of another start or another machine.",
    hint: "bring the quote with the event log of the same start (`sealroom replay` shows the first event that differs); a register that the application extends later can not be among those replayed",
};
pub(crate) static EVENTS: CheckDefinition = CheckDefinition {
    id: "tdx.events",
    step: Step::Policy,
    claim: TrustClaim::Executables,
    meaning: "Every event that the policy wants was measured into its register, and where it says so, no other. By digest alone: what kind of event it is called is measured nowhere.",
    stops: "A component that nobody agreed to, among those that change too often for whole registers to be pinned; a known digest shown under another name.",
    hint: "the replayed log shows what was measured; add the event's digest to the policy only if you know what it is",
};
pub(crate) static CONFIG_ID: CheckDefinition = CheckDefinition {
    id: "tdx.config-id",
    step: Step::Policy,
    claim: TrustClaim::Configuration,
    meaning: "The configuration that the host put in is what the policy names (MRCONFIGID).",
    stops: "A configuration that the host chose.",
    hint: "start the TD with the MRCONFIGID that the parties agreed on",
};
pub(crate) static OWNER: CheckDefinition = CheckDefinition {
    id: "tdx.owner",
    step: Step::Policy,
    claim: TrustClaim::Configuration,
    meaning: "The owner that the host put in is what the policy names (MROWNER).",
    stops: "A TD that was started for somebody else.",
    hint: "start the TD with the MROWNER that the parties agreed on",
};
pub(crate) static OWNER_CONFIG: CheckDefinition = CheckDefinition {
    id: "tdx.owner-config",
    step: Step::Policy,
    claim: TrustClaim::Configuration,
    meaning: "The owner's configuration that the host put in is what the policy names (MROWNERCONFIG).",
    stops: "A configuration that the host chose.",
    hint: "start the TD with the MROWNERCONFIG that the parties agreed on",
};
pub(crate) static SERVICE_TD: CheckDefinition = CheckDefinition {
    id: "tdx.service-td",
    step: Step::Policy,
    claim: TrustClaim::Configuration,
    meaning: "The service TDs that the TD is bound to are those that the policy names (MRSERVICETD); all zeros for none.",
    stops: "A service TD that moves the TD, or its secrets, elsewhere.",
    hint: "start the TD without service TDs; only quotes of TDX 1.5 say it",
};

/// By the number of the register.
pub(crate) static RUNTIME_REGISTERS: [&CheckDefinition; 4] =
    [&RUNTIME_REGISTER_0, &RUNTIME_REGISTER_1, &RUNTIME_REGISTER_2, &RUNTIME_REGISTER_3];

/// Every check, each once, in the order of appraisal.
pub(crate) static ALL: &[&CheckDefinition] = &[
    &common::EVIDENCE_SIZE,
    &dcap::VERSION,
    &dcap::KEY_TYPE,
    &dcap::RESERVED,
    &dcap::CERTIFICATION_DATA,
    &CONTAINER,
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
    &MODULE,
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
    &MODULE_VERSION,
    &SEAM_MEASUREMENT,
    &DEBUG,
    &ATTRIBUTES,
    &XFAM,
    &MEASUREMENT,
    &RUNTIME_REGISTER_0,
    &RUNTIME_REGISTER_1,
    &RUNTIME_REGISTER_2,
    &RUNTIME_REGISTER_3,
    &EVENT_LOG,
    &EVENTS,
    &CONFIG_ID,
    &OWNER,
    &OWNER_CONFIG,
    &SERVICE_TD,
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
