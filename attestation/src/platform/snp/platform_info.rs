//! Bits that say how the platform is set up (AMD 56860, table PLATFORM_INFO).

/// Simultaneous multithreading is on.
pub const SMT: u64 = 1;
/// Transparent memory encryption is on.
pub const TSME: u64 = 1 << 1;
/// Memory has error correction.
pub const ECC: u64 = 1 << 2;
/// Running average power limit is off.
pub const RAPL_DISABLED: u64 = 1 << 3;
/// Ciphertext in memory is hidden from the host.
pub const CIPHERTEXT_HIDING: u64 = 1 << 4;
/// No two addresses lead to one memory cell: checked since the last reset (BadRAM, CVE-2024-21944).
pub const ALIAS_CHECK_COMPLETE: u64 = 1 << 5;
/// Trusted input and output is on.
pub const TIO: u64 = 1 << 7;

/// Every bit with a meaning; the others must be zero.
pub(crate) const KNOWN: u64 = SMT | TSME | ECC | RAPL_DISABLED | CIPHERTEXT_HIDING | ALIAS_CHECK_COMPLETE | TIO;

pub(crate) const NAMES: [(u64, &str); 7] = [
    (SMT, "smt"),
    (TSME, "tsme"),
    (ECC, "ecc"),
    (RAPL_DISABLED, "rapl-disabled"),
    (CIPHERTEXT_HIDING, "ciphertext-hiding"),
    (ALIAS_CHECK_COMPLETE, "alias-check-complete"),
    (TIO, "tio"),
];
