//! The checks that TDX and SGX share: the quote's signatures, Intel's collateral, the firmware level. Each platform's closed list
//! has all of them.

use crate::check::{CheckDefinition, Step, TrustClaim};

pub(crate) static VERSION: CheckDefinition = CheckDefinition {
    id: "dcap.version",
    step: Step::Evidence,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The quote has a layout that is known: version 3, 4 or 5, a known TEE and body.",
    stops: "Bytes read by the wrong layout.",
    hint: "update the verifier if the platform is newer than it; else the bytes are no quote",
};
pub(crate) static KEY_TYPE: CheckDefinition = CheckDefinition {
    id: "dcap.key-type",
    step: Step::Evidence,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The quote says that it is signed with ECDSA over P-256 and SHA-256.",
    stops: "A signature of another kind taken for one.",
    hint: "have the platform make an ECDSA P-256 quote: EPID quotes are of the past",
};
pub(crate) static RESERVED: CheckDefinition = CheckDefinition {
    id: "dcap.reserved",
    step: Step::Evidence,
    claim: TrustClaim::InstanceIdentity,
    meaning: "Every byte that the layouts of header and reports keep at zero is zero.",
    stops: "Meaning that a newer firmware gave to a byte and this Verifier would not see; bytes hidden in a quote.",
    hint: "the quote was altered, or is of a firmware newer than this verifier",
};
pub(crate) static CERTIFICATION_DATA: CheckDefinition = CheckDefinition {
    id: "dcap.certification-data",
    step: Step::Evidence,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The quote brings its PCK chain: three certificates in PEM that decode strictly.",
    stops: "A verdict on a chain that has holes.",
    hint: "configure the platform's quoting library to put the PCK chain into the quote (certification data of type 5)",
};
pub(crate) static QE_VENDOR: CheckDefinition = CheckDefinition {
    id: "dcap.qe-vendor",
    step: Step::Authentic,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The quote says that Intel's quoting enclave made it.",
    stops: "A quote of another quoting enclave, whose rules nobody here knows.",
    hint: "use Intel's quoting enclave on the host",
};
pub(crate) static CHAIN: CheckDefinition = CheckDefinition {
    id: "dcap.chain",
    step: Step::Authentic,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The certificates have the shape and the names of Intel's: PCK, Platform or Processor CA, Root CA, and TCB Signing under the root; version 3, P-256, authorities that may sign, no unknown critical extension.",
    stops: "A certificate in a role that Intel did not give it, such as a PCK that signs TCB info.",
    hint: "the certificates are not those of Intel's service (or of a simulated platform): fetch them again",
};
pub(crate) static PCK_EXTENSION: CheckDefinition = CheckDefinition {
    id: "dcap.pck-extension",
    step: Step::Authentic,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The PCK certificate has Intel's SGX extension, complete and in exact DER.",
    stops: "A check that is left out because what it needs is missing.",
    hint: "have the host fetch its PCK certificate again",
};
pub(crate) static TCB_INFO_SIGNATURE: CheckDefinition = CheckDefinition {
    id: "dcap.tcb-info-signature",
    step: Step::Authentic,
    claim: TrustClaim::Hardware,
    meaning: "Intel's TCB Signing key signed the TCB info, over the bytes received.",
    stops: "A list of firmware levels that somebody else wrote.",
    hint: "fetch TCB info and its issuer chain again from Intel's service, and keep the body byte for byte",
};
pub(crate) static QE_IDENTITY_SIGNATURE: CheckDefinition = CheckDefinition {
    id: "dcap.qe-identity-signature",
    step: Step::Authentic,
    claim: TrustClaim::Hardware,
    meaning: "Intel's TCB Signing key signed the QE identity, over the bytes received.",
    stops: "Another enclave passed off as Intel's quoting enclave.",
    hint: "fetch QE identity and its issuer chain again from Intel's service, and keep the body byte for byte",
};
pub(crate) static COLLATERAL_TIME: CheckDefinition = CheckDefinition {
    id: "dcap.collateral-time",
    step: Step::Authentic,
    claim: TrustClaim::Hardware,
    meaning: "TCB info and QE identity are current at the time given: issue date <= now < next update.",
    stops: "A level that was good when the list was made.",
    hint: "fetch both again; for an archive, appraise at the time when the Evidence was made",
};
pub(crate) static COLLATERAL_ISSUE: CheckDefinition = CheckDefinition {
    id: "dcap.collateral-issue",
    step: Step::Authentic,
    claim: TrustClaim::Hardware,
    meaning: "TCB info and QE identity come from one evaluation of Intel's (tcbEvaluationDataNumber).",
    stops: "An old list beside a new one, each good for what the other would refuse.",
    hint: "fetch both again at one time, and with one update type (standard or early)",
};
pub(crate) static FMSPC: CheckDefinition = CheckDefinition {
    id: "dcap.fmspc",
    step: Step::Authentic,
    claim: TrustClaim::Hardware,
    meaning: "The TCB info is for the processor line that the PCK certificate names (FMSPC).",
    stops: "The levels of another processor line.",
    hint: "fetch the TCB info for the FMSPC that was found",
};
pub(crate) static PCE_ID: CheckDefinition = CheckDefinition {
    id: "dcap.pce-id",
    step: Step::Authentic,
    claim: TrustClaim::Hardware,
    meaning: "The TCB info is for the provisioning enclave that the PCK certificate names (PCEID).",
    stops: "The levels of another provisioning enclave.",
    hint: "fetch the TCB info for this platform again",
};
pub(crate) static QE_SIGNATURE: CheckDefinition = CheckDefinition {
    id: "dcap.qe-signature",
    step: Step::Authentic,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The PCK key signed the quoting enclave's report, as received.",
    stops: "A quoting enclave that runs on no genuine platform.",
    hint: "the quote was altered, or the PCK certificate in it belongs to another platform",
};
pub(crate) static QE_REPORT_DATA: CheckDefinition = CheckDefinition {
    id: "dcap.qe-report-data",
    step: Step::Authentic,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The quoting enclave's report holds the digest of the attestation key and its authentication data, and zeros after it.",
    stops: "A key that the quoting enclave never had.",
    hint: "the quote was altered or put together of two: ask for a new one",
};
pub(crate) static QE_IDENTITY: CheckDefinition = CheckDefinition {
    id: "dcap.qe-identity",
    step: Step::Authentic,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The enclave that made the quote is Intel's quoting enclave by the QE identity: signer, product, attributes, not in debug mode.",
    stops: "Any other enclave on a genuine platform, which can sign whatever it likes.",
    hint: "the host's quoting enclave is not Intel's, or is one for another TEE: install Intel's",
};
pub(crate) static SIGNATURE: CheckDefinition = CheckDefinition {
    id: "dcap.signature",
    step: Step::Authentic,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The attestation key signed header and body of the quote, as received.",
    stops: "A quote that was altered or made up.",
    hint: "the quote was altered: ask the host for the one that the platform made",
};
pub(crate) static TCB_LEVEL: CheckDefinition = CheckDefinition {
    id: "dcap.tcb-level",
    step: Step::Authentic,
    claim: TrustClaim::Hardware,
    meaning: "Platform, quoting enclave and TDX module each reach a level that Intel lists.",
    stops: "Firmware that is older than anything Intel speaks of.",
    hint: "the machine's owner updates BIOS, microcode, TDX module or quoting enclave",
};
pub(crate) static TCB_REVOKED: CheckDefinition = CheckDefinition {
    id: "dcap.tcb-revoked",
    step: Step::Authentic,
    claim: TrustClaim::Hardware,
    meaning: "Intel has revoked the level of neither platform, quoting enclave nor TDX module.",
    stops: "Firmware whose keys are known to be out.",
    hint: "do not use the machine before its owner has updated the part that was found; no policy here accepts it",
};
pub(crate) static VERSION_ACCEPTED: CheckDefinition = CheckDefinition {
    id: "dcap.version-accepted",
    step: Step::Policy,
    claim: TrustClaim::Configuration,
    meaning: "The policy accepts quotes of this version.",
    stops: "An old layout that leaves out what the policy wants to know.",
    hint: "the machine's owner updates the quoting enclave, or the parties accept this version",
};
pub(crate) static TCB_STATUS: CheckDefinition = CheckDefinition {
    id: "dcap.tcb-status",
    step: Step::Policy,
    claim: TrustClaim::Hardware,
    meaning: "What Intel says of the firmware level in all is something that the policy accepts.",
    stops: "Firmware with known holes.",
    hint: "the machine's owner installs updates or changes the setting that Intel's advisories name; a relaunch is made by starting the TD again",
};
pub(crate) static TCB_AGE: CheckDefinition = CheckDefinition {
    id: "dcap.tcb-age",
    step: Step::Policy,
    claim: TrustClaim::Hardware,
    meaning: "The level is within the policy's grace period, or Intel's word on it is from the policy's evaluation or a later one.",
    stops: "Firmware that stays out of date; collateral held back to hide a new hole.",
    hint: "the machine's owner updates the firmware; or fetch newer TCB info and QE identity",
};
pub(crate) static ADVISORIES: CheckDefinition = CheckDefinition {
    id: "dcap.advisories",
    step: Step::Policy,
    claim: TrustClaim::Hardware,
    meaning: "None of the advisories that the policy rejects applies to the level.",
    stops: "A hole that the parties can not live with.",
    hint: "the machine's owner applies what the advisory asks for",
};
pub(crate) static SGX_TYPE: CheckDefinition = CheckDefinition {
    id: "dcap.sgx-type",
    step: Step::Policy,
    claim: TrustClaim::Hardware,
    meaning: "The platform protects memory in a way that the policy accepts.",
    stops: "Memory without integrity where integrity was agreed.",
    hint: "use a machine with the kind of protection that the policy names",
};
pub(crate) static DYNAMIC_PLATFORM: CheckDefinition = CheckDefinition {
    id: "dcap.dynamic-platform",
    step: Step::Policy,
    claim: TrustClaim::Configuration,
    meaning: "Whether packages can be added to the platform is as the policy wants it.",
    stops: "A package that is added after the platform was approved.",
    hint: "use a machine that is registered as the policy wants; certificates of the Processor CA do not say it",
};
pub(crate) static CACHED_KEYS: CheckDefinition = CheckDefinition {
    id: "dcap.cached-keys",
    step: Step::Policy,
    claim: TrustClaim::Configuration,
    meaning: "Whether Intel's registration service keeps the platform's keys is as the policy wants it.",
    stops: "Platform keys kept where the parties do not want them.",
    hint: "use a machine that is registered as the policy wants; certificates of the Processor CA do not say it",
};
pub(crate) static SMT: CheckDefinition = CheckDefinition {
    id: "dcap.smt",
    step: Step::Policy,
    claim: TrustClaim::Configuration,
    meaning: "Whether multithreading is on is as the policy wants it.",
    stops: "Side channels between threads of one core, where they were excluded.",
    hint: "the machine's owner changes the setting in the firmware setup; certificates of the Processor CA do not say it",
};
