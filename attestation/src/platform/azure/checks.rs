//! The closed lists of checks of Azure's Evidence: its own, the TPM's, and every one of the hardware's platform.

use crate::check::{CheckDefinition, Step, TrustClaim};
use crate::platform::{snp, tdx, tpm};

pub(crate) static FORMAT: CheckDefinition = CheckDefinition {
    id: "azure.format",
    step: Step::Evidence,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The paravisor's report decodes strictly: its header, one report of the hardware, runtime data of version 1 with SHA-256, zeros to the end.",
    stops: "Bytes that one reader sees and another does not.",
    hint: "bring the report as the vTPM's store (NV index 0x01400001) has it; on TDX, the TD quote beside it",
};
pub(crate) static ATTESTATION_KEY: CheckDefinition = CheckDefinition {
    id: "azure.attestation-key",
    step: Step::Evidence,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The runtime data name exactly one key HCLAkPub, an RSA key that signs and does nothing else.",
    stops: "A quote by another key of the VM, which the guest could use to sign what it likes.",
    hint: "the report is of a paravisor that is not known here, or was altered",
};
pub(crate) static RUNTIME_DATA: CheckDefinition = CheckDefinition {
    id: "azure.runtime-data",
    step: Step::Authentic,
    claim: TrustClaim::InstanceIdentity,
    meaning: "SHA-256 of the runtime data is in the first half of the hardware's report data, and the other half is zero.",
    stops: "An attestation key of a TPM that the measured paravisor does not run: any host could bring one.",
    hint: "the report and the runtime data are of two VMs, or were altered: bring both as the VM's vTPM has them",
};
pub(crate) static SECURE_BOOT: CheckDefinition = CheckDefinition {
    id: "azure.secure-boot",
    step: Step::Policy,
    claim: TrustClaim::Configuration,
    meaning: "The paravisor starts the guest with secure boot.",
    stops: "A boot loader or kernel that nobody signed.",
    hint: "create the VM with secure boot",
};
pub(crate) static CONSOLE: CheckDefinition = CheckDefinition {
    id: "azure.console",
    step: Step::Policy,
    claim: TrustClaim::Configuration,
    meaning: "The guest has no console that the host reads and writes.",
    stops: "An operator who logs in, or reads what the guest prints.",
    hint: "create the VM without a serial console, or say why one is let pass",
};
pub(crate) static VM_ID: CheckDefinition = CheckDefinition {
    id: "azure.vm-id",
    step: Step::Policy,
    claim: TrustClaim::InstanceIdentity,
    meaning: "The VM is one of those that the policy names.",
    stops: "A VM of somebody else, started from the same image.",
    hint: "start the enclave in a VM that the policy names, or have the parties add this one",
};
pub(crate) static USER_DATA: CheckDefinition = CheckDefinition {
    id: "azure.user-data",
    step: Step::Policy,
    claim: TrustClaim::Configuration,
    meaning: "What the guest gave the paravisor to report is one of the policy's values.",
    stops: "A VM that was set up for something else.",
    hint: "the guest has written other user data since; read the report again",
};

static OWN: &[&CheckDefinition] =
    &[&FORMAT, &ATTESTATION_KEY, &RUNTIME_DATA, &SECURE_BOOT, &CONSOLE, &VM_ID, &USER_DATA];

/// What of the TPM's checks is not about certificates.
static QUOTE: &[&CheckDefinition] = &[
    &tpm::checks::FORMAT,
    &tpm::checks::SIGNATURE_SCHEME,
    &tpm::checks::SIGNATURE,
    &tpm::checks::PCR_DIGEST,
    &tpm::checks::PCR_SELECTION,
    &tpm::checks::PCR_VALUES,
    &tpm::checks::EVENT_LOG,
    &tpm::checks::EVENTS,
    &tpm::checks::CLOCK,
    &tpm::checks::BOOT,
    &tpm::checks::FIRMWARE,
];

/// Over SEV-SNP.
pub(crate) static SNP: &[&CheckDefinition] = &SNP_LIST;
static SNP_LIST: [&CheckDefinition; OWN.len() + QUOTE.len() + snp::checks::ALL.len()] =
    by_step([snp::checks::ALL, OWN, QUOTE]);

/// Over TDX.
pub(crate) static TDX: &[&CheckDefinition] = &TDX_LIST;
static TDX_LIST: [&CheckDefinition; OWN.len() + QUOTE.len() + tdx::checks::ALL.len()] =
    by_step([tdx::checks::ALL, OWN, QUOTE]);

/// All of the lists, step by step. So a check more of the hardware's platform is one more here.
#[expect(clippy::indexing_slicing, reason = "runs while this is compiled: an index out of range does not compile")]
const fn by_step<const N: usize>(lists: [&'static [&'static CheckDefinition]; 3]) -> [&'static CheckDefinition; N] {
    let mut all = [&FORMAT; N];
    let mut next = 0;
    let mut step = 0;
    while step < 4 {
        let mut list = 0;
        while list < lists.len() {
            let mut index = 0;
            while index < lists[list].len() {
                let check = lists[list][index];
                if rank(check.step) == step {
                    all[next] = check;
                    next += 1;
                }
                index += 1;
            }
            list += 1;
        }
        step += 1;
    }
    all
}

const fn rank(step: Step) -> usize {
    match step {
        Step::Evidence => 0,
        Step::Authentic => 1,
        Step::Fresh => 2,
        Step::Policy => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_in_the_order_of_the_steps_and_name_each_check_once() {
        for (list, hardware) in [(SNP, snp::checks::ALL), (TDX, tdx::checks::ALL)] {
            for (index, check) in list.iter().enumerate() {
                assert!(list[index + 1..].iter().all(|other| other.id != check.id), "{}", check.id);
                assert!(list[index + 1..].iter().all(|other| rank(other.step) >= rank(check.step)), "{}", check.id);
            }
            for check in hardware.iter().chain(OWN).chain(QUOTE) {
                assert!(list.iter().any(|listed| listed.id == check.id), "{}", check.id);
            }
        }
    }
}
