//! What Intel's verification library concludes, and what a TD's guest library answers.

use super::{VendorTable, number};

/// sgx_ql_qv_result_t.
pub(super) static RESULTS: VendorTable = VendorTable {
    title: "Intel quote verification result (sgx_qv_verify_quote, tee_verify_quote)",
    source: "Intel DCAP, sgx_qve_header.h, sgx_ql_qv_result_t",
    codes: &[
        number(
            0xa001,
            "SGX_QL_QV_RESULT_CONFIG_NEEDED",
            "The quote is genuine; a setting of the platform is open.",
            "see ConfigurationNeeded",
        ),
        number(
            0xa002,
            "SGX_QL_QV_RESULT_OUT_OF_DATE",
            "The quote is genuine; the platform's firmware is out of date.",
            "see OutOfDate",
        ),
        number(
            0xa003,
            "SGX_QL_QV_RESULT_OUT_OF_DATE_CONFIG_NEEDED",
            "The quote is genuine; the firmware is out of date and a setting is open.",
            "see OutOfDateConfigurationNeeded",
        ),
        number(
            0xa004,
            "SGX_QL_QV_RESULT_INVALID_SIGNATURE",
            "A signature does not hold: of the quote, of the quoting enclave's report or of what Intel signed.",
            "do not use the quote; fetch it and the collateral again, and if it stays, suspect who brought them",
        ),
        number(
            0xa005,
            "SGX_QL_QV_RESULT_REVOKED",
            "The platform's key or level was revoked by Intel.",
            "do not use the machine",
        ),
        number(
            0xa006,
            "SGX_QL_QV_RESULT_UNSPECIFIED",
            "Verification ended on an input that could not be judged.",
            "look at the return code beside it (0xe0..): it says which input",
        ),
        number(
            0xa007,
            "SGX_QL_QV_RESULT_SW_HARDENING_NEEDED",
            "Genuine and current; the enclave must defend itself against some attacks.",
            "see SWHardeningNeeded",
        ),
        number(
            0xa008,
            "SGX_QL_QV_RESULT_CONFIG_AND_SW_HARDENING_NEEDED",
            "Genuine and current; a setting is open and the enclave must defend itself.",
            "see ConfigurationAndSWHardeningNeeded",
        ),
        number(
            0xa009,
            "SGX_QL_QV_RESULT_TD_RELAUNCH_ADVISED",
            "The TDX module was updated after the TD was started.",
            "see TDRelaunchAdvised",
        ),
        number(
            0xa00a,
            "SGX_QL_QV_RESULT_TD_RELAUNCH_ADVISED_CONFIG_NEEDED",
            "The same, and a setting of the platform is open.",
            "see TDRelaunchAdvisedConfigurationNeeded",
        ),
    ],
};

/// tdx_attest_error_t. These small numbers are others elsewhere.
pub(super) static TDX_GUEST: VendorTable = VendorTable {
    title: "Intel TDX guest library (libtdx_attest)",
    source: "Intel DCAP, tdx_attest.h, tdx_attest_error_t",
    codes: &[
        number(
            0x01,
            "TDX_ATTEST_ERROR_UNEXPECTED",
            "An error that the library has no name for.",
            "look at the guest's kernel log",
        ),
        number(
            0x02,
            "TDX_ATTEST_ERROR_INVALID_PARAMETER",
            "An argument is wrong.",
            "report data has 64 bytes; buffers must not be null",
        ),
        number(0x03, "TDX_ATTEST_ERROR_OUT_OF_MEMORY", "Not enough memory in the guest.", "give the guest more memory"),
        number(
            0x04,
            "TDX_ATTEST_ERROR_VSOCK_FAILURE",
            "The quote service of the host could not be reached by vsock.",
            "see that the host runs QGS and that its port stands in /etc/tdx-attest.conf; newer kernels need neither (configfs tsm)",
        ),
        number(
            0x05,
            "TDX_ATTEST_ERROR_REPORT_FAILURE",
            "The TDX module gave no TD report.",
            "see that this is a TD: /dev/tdx_guest and the kernel log",
        ),
        number(
            0x06,
            "TDX_ATTEST_ERROR_EXTEND_FAILURE",
            "A run-time register could not be extended.",
            "look at the guest's kernel log",
        ),
        number(
            0x07,
            "TDX_ATTEST_ERROR_NOT_SUPPORTED",
            "Kernel or module does not have what was asked for.",
            "update the guest's kernel",
        ),
        number(
            0x08,
            "TDX_ATTEST_ERROR_QUOTE_FAILURE",
            "The host turned the TD report into no quote.",
            "on the host: is QGS running, is the machine registered, can it reach its PCCS? Its log has a code 0xe0..",
        ),
        number(0x09, "TDX_ATTEST_ERROR_BUSY", "Another quote is being made.", "try again"),
        number(
            0x0a,
            "TDX_ATTEST_ERROR_DEVICE_FAILURE",
            "The guest's TDX device can not be opened.",
            "load the kernel module tdx_guest, and see who may open it",
        ),
        number(
            0x0b,
            "TDX_ATTEST_ERROR_INVALID_RTMR_INDEX",
            "Software may extend RTMR2 and RTMR3 only.",
            "name one of these",
        ),
        number(
            0x0c,
            "TDX_ATTEST_ERROR_UNSUPPORTED_ATT_KEY_ID",
            "The host has none of the keys that were asked for.",
            "ask for no key in particular",
        ),
    ],
};
