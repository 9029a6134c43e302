//! What AMD's secure processor answers, and what a hypervisor puts beside it.

use super::{VendorTable, number};

/// Low 32 bits of what a guest's driver or a host's shows as fw_error.
pub(super) static FIRMWARE: VendorTable = VendorTable {
    title: "AMD SEV firmware (fw_error of /dev/sev and /dev/sev-guest)",
    source: "AMD 56860, SEV-SNP Firmware ABI, Status Codes; names of Linux include/uapi/linux/psp-sev.h",
    codes: &[
        number(
            0x01,
            "INVALID_PLATFORM_STATE",
            "The command is not allowed in the platform's state.",
            "initialise the platform (SNP_INIT), or shut it down first",
        ),
        number(
            0x02,
            "INVALID_GUEST_STATE",
            "The command is not allowed in the guest's state.",
            "the order of launch commands is wrong, or the guest was ended",
        ),
        number(
            0x03,
            "INVALID_CONFIG",
            "The platform's configuration is not valid.",
            "see the firmware setup: SEV-SNP, RMP coverage, SMEE",
        ),
        number(0x04, "INVALID_LENGTH", "A buffer is too short.", "ask for the length first, then give as much"),
        number(
            0x05,
            "ALREADY_OWNED",
            "The platform has an owner's certificate already.",
            "a factory reset of SEV takes it away; guests lose nothing on SNP",
        ),
        number(
            0x06,
            "INVALID_CERTIFICATE",
            "A certificate does not hold.",
            "bring the certificate chain of this platform",
        ),
        number(
            0x07,
            "POLICY_FAILURE",
            "The guest policy forbids it.",
            "compare the guest policy with what the host offers: ABI version, SMT, single socket",
        ),
        number(0x08, "INACTIVE", "The guest has no address space identifier.", "activate the guest"),
        number(
            0x09,
            "INVALID_ADDRESS",
            "An address is not valid or not aligned.",
            "a fault of the hypervisor or its driver: update it",
        ),
        number(
            0x0a,
            "BAD_SIGNATURE",
            "A signature does not hold.",
            "the ID block and the key that signed it do not belong together, or were altered",
        ),
        number(
            0x0b,
            "BAD_MEASUREMENT",
            "The measurement is not the one of the ID block.",
            "work the measurement out again (`sealroom measure snp`) for this firmware, kernel, command line and number of processors",
        ),
        number(0x0c, "ASID_OWNED", "The address space identifier is in use.", "a fault of the hypervisor: update it"),
        number(
            0x0d,
            "INVALID_ASID",
            "There is no such address space identifier.",
            "raise the number of SEV-SNP guests in the firmware setup",
        ),
        number(0x0e, "WBINVD_REQUIRED", "Caches must be written back first.", "a fault of the hypervisor: update it"),
        number(
            0x0f,
            "DFFLUSH_REQUIRED",
            "The data fabric must be flushed first.",
            "the host runs out of identifiers: DF_FLUSH, then again",
        ),
        number(0x10, "INVALID_GUEST", "There is no such guest.", "the guest was ended"),
        number(0x11, "INVALID_COMMAND", "The firmware does not know the command.", "update the firmware"),
        number(0x12, "ACTIVE", "The guest still runs.", "end it first"),
        number(0x13, "HWERROR_PLATFORM", "A fault of the hardware; the platform may go on.", "reset the machine"),
        number(0x14, "HWERROR_UNSAFE", "A fault of the hardware; memory may be damaged.", "do not use the machine"),
        number(0x15, "UNSUPPORTED", "The firmware can not do it.", "update the firmware"),
        number(
            0x16,
            "INVALID_PARAM",
            "A parameter has a value that is not allowed.",
            "for a report: VMPL above the guest's, or a reserved bit; for a launch: a guest policy without bit 17, which must be one",
        ),
        number(0x17, "RESOURCE_LIMIT", "The firmware has no room for more.", "end guests, or reset the machine"),
        number(
            0x18,
            "SECURE_DATA_INVALID",
            "A part's integrity check does not hold.",
            "data of the firmware or of a guest was altered: reset the machine",
        ),
        number(
            0x19,
            "INVALID_PAGE_SIZE",
            "A page has another size than the RMP says.",
            "a fault of the hypervisor: update it",
        ),
        number(
            0x1a,
            "INVALID_PAGE_STATE",
            "A page is in another state than the RMP says.",
            "a fault of the hypervisor: update it",
        ),
        number(
            0x1b,
            "INVALID_MDATA_ENTRY",
            "The entry for a swapped page is not valid.",
            "a fault of the hypervisor: update it",
        ),
        number(0x1c, "INVALID_PAGE_OWNER", "A page belongs to another guest.", "a fault of the hypervisor: update it"),
        number(
            0x1d,
            "AEAD_OFLOW",
            "The counter of messages between guest and firmware ran out.",
            "the guest must be started anew: no message key is used longer",
        ),
        number(0x1f, "EXIT_RING_BUFFER", "The ring of commands was left.", "the driver goes on by single commands"),
        number(
            0x20,
            "RMP_INIT_REQUIRED",
            "The RMP is not initialised.",
            "initialise SNP; see that the firmware setup covers all memory by the RMP",
        ),
        number(
            0x21,
            "BAD_SVN",
            "A version is lower than allowed.",
            "bring a firmware that is not older than the committed one",
        ),
        number(0x22, "BAD_VERSION", "A version is not the one needed.", "bring firmware for this product line"),
        number(0x23, "SHUTDOWN_REQUIRED", "SNP must be shut down first.", "end all guests, SNP_SHUTDOWN, then again"),
        number(
            0x24,
            "UPDATE_FAILED",
            "The firmware was not updated.",
            "the old one runs on; reset the machine and try again",
        ),
        number(
            0x25,
            "RESTORE_REQUIRED",
            "An update was begun and must be taken back.",
            "restore the committed firmware",
        ),
        number(
            0x26,
            "RMP_INITIALIZATION_FAILED",
            "The RMP could not be initialised.",
            "reset the machine; see the memory settings of the firmware setup",
        ),
        number(
            0x27,
            "INVALID_KEY",
            "The key asked for is not there.",
            "a VLEK was asked for and none is loaded, or the VCEK is disabled for guests: leave the choice to the firmware",
        ),
    ],
};

/// High 32 bits of the answer to a guest's request.
pub(super) static HYPERVISOR: VendorTable = VendorTable {
    title: "Hypervisor's answer to an SEV-SNP guest request (vmm_error)",
    source: "AMD 56421, GHCB specification, SNP Guest Request; Linux include/uapi/linux/sev-guest.h",
    codes: &[
        number(
            0x1_0000_0000,
            "SNP_GUEST_VMM_ERR_INVALID_LEN",
            "The buffer for certificates is too small.",
            "ask again with as many pages as the answer says",
        ),
        number(
            0x2_0000_0000,
            "SNP_GUEST_VMM_ERR_BUSY",
            "The host lets guests ask only so often.",
            "wait and ask again with the same message: a new one would reuse the counter",
        ),
    ],
};
