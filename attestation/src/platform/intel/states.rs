//! Register states by their bits in XCR0 and IA32_XSS (Intel SDM volume 1, section 13.1), as XFAM of a TD and XFRM of an enclave
//! have them.

/// x87 and SSE: every TD and every enclave has them.
pub(crate) const ALWAYS: u64 = 0x3;

/// Every state with a name here.
pub(crate) const KNOWN: u64 = 0xf_ffff;

pub(crate) const NAMES: [(u64, &str); 20] = [
    (1, "x87"),
    (1 << 1, "sse"),
    (1 << 2, "avx"),
    (1 << 3, "mpx-bounds"),
    (1 << 4, "mpx-configuration"),
    (1 << 5, "avx512-masks"),
    (1 << 6, "avx512-upper-halves"),
    (1 << 7, "avx512-upper-registers"),
    (1 << 8, "processor-trace"),
    (1 << 9, "protection-keys"),
    (1 << 10, "pasid"),
    (1 << 11, "cet-user"),
    (1 << 12, "cet-supervisor"),
    (1 << 13, "hardware-duty-cycling"),
    (1 << 14, "user-interrupts"),
    (1 << 15, "last-branch-records"),
    (1 << 16, "hardware-p-states"),
    (1 << 17, "amx-configuration"),
    (1 << 18, "amx-data"),
    (1 << 19, "apx"),
];
