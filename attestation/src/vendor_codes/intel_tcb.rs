//! What Intel says of a firmware level.

use super::{VendorTable, word};

/// tcbStatus of TCB info and QE identity, and the two that a verifier concludes for a TD.
pub(super) static STATUSES: VendorTable = VendorTable {
    title: "Intel TCB status (SGX, TDX)",
    source: "Intel, API for SGX and TDX Provisioning Certification Service v4, tcbStatus; TDX DCAP Quote Verification Library, TD relaunch",
    codes: &[
        word("UpToDate", "The platform is at the newest level that Intel has published for it.", "nothing"),
        word(
            "SWHardeningNeeded",
            "The firmware is current, and some known attacks can be met only in the enclave's own code.",
            "see that the enclave is built with the mitigations of the advisories named; then a policy may list the status in tcb_statuses",
        ),
        word(
            "ConfigurationNeeded",
            "The firmware is current, and a setting of the platform (often multithreading) leaves an advisory open.",
            "the machine's owner changes the setting in the firmware setup; or a policy lists the status in tcb_statuses, knowing the advisories",
        ),
        word(
            "ConfigurationAndSWHardeningNeeded",
            "Both: a setting of the platform, and mitigations in the enclave's code.",
            "as for ConfigurationNeeded and SWHardeningNeeded",
        ),
        word(
            "OutOfDate",
            "The platform runs firmware, microcode or a quoting enclave with published holes.",
            "the machine's owner updates its firmware (BIOS, microcode, TDX module, DCAP) and registers it again; until then a grace period of the policy is the only way",
        ),
        word(
            "OutOfDateConfigurationNeeded",
            "Out of date, and a setting of the platform is open too.",
            "the machine's owner updates the firmware first, then changes the setting that the advisories name",
        ),
        word(
            "TDRelaunchAdvised",
            "The TDX module was updated under the running TD: the machine is current now, the TD was started before.",
            "start the TD again on the same machine",
        ),
        word(
            "TDRelaunchAdvisedConfigurationNeeded",
            "As TDRelaunchAdvised, and a setting of the platform is open too.",
            "change the setting, then start the TD again",
        ),
        word(
            "Revoked",
            "The level is broken: its keys are not to be believed.",
            "do not use the machine; no policy accepts it",
        ),
    ],
};
