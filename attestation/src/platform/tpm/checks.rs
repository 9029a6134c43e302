//! The closed list of checks of a TPM 2.0 appraisal, in the order of the steps; those from `tpm.format` on that are not about
//! certificates are Azure's too.

use crate::check::{CheckDefinition, Step, TrustClaim, common};

pub(crate) static FORMAT: CheckDefinition = CheckDefinition {
    id: "tpm.format",
    step: Step::Evidence,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The parts of the quote decode strictly: a TPM's magic number, type quote, every length right, nothing left over.",
    stops: "Bytes that a key signed for another purpose; bytes that one reader sees and another does not.",
    hint: "bring the quote as the TPM made it (TPMS_ATTEST, TPMT_SIGNATURE), with the values of exactly the quoted registers",
};
pub(crate) static CHAIN: CheckDefinition = CheckDefinition {
    id: "tpm.chain",
    step: Step::Authentic,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The certificates have the shape of a chain for an attestation key: version 3, authorities that may sign certificates, a leaf that is none, at most four in all.",
    stops: "A certificate of another purpose used as an authority.",
    hint: "bring the attestation key's own certificate and its issuers, as the TPM's maker or the cloud serves them",
};
pub(crate) static KEY: CheckDefinition = CheckDefinition {
    id: "tpm.key",
    step: Step::Authentic,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The attestation key is one of this TPM alone that signs only what the TPM made: by the attributes of its public part, or because its certificate is for an attestation key (extended key usage 2.23.133.8.3).",
    stops: "A quote written by software and signed by an ordinary key of the TPM, also where the authority certifies such keys.",
    hint: "make a restricted signing key in the TPM (fixedTPM, fixedParent, sensitiveDataOrigin, restricted, sign), have it certified as an attestation key, and quote with that; if the authority never writes the purpose and certifies no other keys, skip it with that reason",
};
pub(crate) static SIGNATURE_SCHEME: CheckDefinition = CheckDefinition {
    id: "tpm.signature-scheme",
    step: Step::Authentic,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The quote is signed with RSASSA, RSAPSS or ECDSA and SHA-256 or SHA-384, as the key is for.",
    stops: "SHA-1, under which two quotes can be made that have one signature; a signature of another kind taken for one.",
    hint: "quote with a key whose scheme has SHA-256 or SHA-384",
};
pub(crate) static SIGNATURE: CheckDefinition = CheckDefinition {
    id: "tpm.signature",
    step: Step::Authentic,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The attestation key signed the quote, over the bytes received.",
    stops: "A quote that no TPM made, or that was altered.",
    hint: "the quote was altered, or is of another TPM or key: bring quote, signature and key of one TPM",
};
pub(crate) static PCR_DIGEST: CheckDefinition = CheckDefinition {
    id: "tpm.pcr-digest",
    step: Step::Authentic,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The values that came along are of exactly the registers and the bank that the quote selects, and hash to its digest.",
    stops: "A value shown under the number of a register that was never quoted; values that the TPM does not have.",
    hint: "read the registers and quote them in one go; a register may have been extended between the two",
};
pub(crate) static PCR_SELECTION: CheckDefinition = CheckDefinition {
    id: "tpm.pcr-selection",
    step: Step::Policy,
    claim: TrustClaim::Executables,
    meaning: "The quote selects exactly the bank and the registers that the policy requires.",
    stops: "A quote that leaves out the register that would tell, or takes it from a bank that nobody extends.",
    hint: "quote exactly the registers that the policy names, from the bank that it names",
};
pub(crate) static PCR_VALUES: CheckDefinition = CheckDefinition {
    id: "tpm.pcr-values",
    step: Step::Policy,
    claim: TrustClaim::Executables,
    meaning: "Each register has one of the policy's values for it.",
    stops: "Firmware, boot loader, kernel or command line that nobody agreed to.",
    hint: "compare the event log with that of a machine that is known good (replay): the first event that differs says what changed",
};
pub(crate) static EVENT_LOG: CheckDefinition = CheckDefinition {
    id: "tpm.event-log",
    step: Step::Policy,
    claim: TrustClaim::Executables,
    meaning: "The replay of the event log gives the quoted values of the registers that the policy has replayed.",
    stops: "An event log written to please.",
    hint: "bring the log of this boot (binary_bios_measurements), read when the quote was made",
};
pub(crate) static EVENTS: CheckDefinition = CheckDefinition {
    id: "tpm.events",
    step: Step::Policy,
    claim: TrustClaim::Executables,
    meaning: "Every event that the policy wants was measured into its register, and where it says so, no other.",
    stops: "A component that nobody agreed to, among those that change too often for whole registers to be pinned.",
    hint: "the replayed log shows what was measured; add the event's digest to the policy only if you know what it is",
};
pub(crate) static CLOCK: CheckDefinition = CheckDefinition {
    id: "tpm.clock",
    step: Step::Policy,
    claim: TrustClaim::Configuration,
    meaning: "The TPM vouches that its clock was never reported higher: no power loss in between set it back.",
    stops: "A quote that is ordered by a clock that ran backwards.",
    hint: "wait until the TPM has saved its clock (some minutes after a power loss), then quote again",
};
pub(crate) static BOOT: CheckDefinition = CheckDefinition {
    id: "tpm.boot",
    step: Step::Policy,
    claim: TrustClaim::Configuration,
    meaning: "The quote is of the boot that the policy names, by the TPM's counts of resets and restarts.",
    stops: "A machine that was started again in between, with what nobody saw.",
    hint: "the machine was restarted: appraise it anew, and name the new counts if it still pleases",
};
pub(crate) static FIRMWARE: CheckDefinition = CheckDefinition {
    id: "tpm.firmware",
    step: Step::Policy,
    claim: TrustClaim::Hardware,
    meaning: "The TPM's firmware is of one of the policy's versions.",
    stops: "A TPM whose firmware has a known fault.",
    hint: "update the TPM's firmware, or add its version if you know it to be good",
};

/// In the order in which they are judged.
pub(crate) static ALL: &[&CheckDefinition] = &[
    &common::EVIDENCE_SIZE,
    &FORMAT,
    &common::PLATFORM,
    &common::ENDORSEMENTS,
    &common::TRUST_ANCHOR,
    &CHAIN,
    &common::CHAIN_SIGNATURES,
    &common::TIME,
    &common::REVOCATION,
    &KEY,
    &SIGNATURE_SCHEME,
    &SIGNATURE,
    &PCR_DIGEST,
    &common::FRESHNESS,
    &common::MACHINE,
    &PCR_SELECTION,
    &PCR_VALUES,
    &EVENT_LOG,
    &EVENTS,
    &CLOCK,
    &BOOT,
    &FIRMWARE,
];
