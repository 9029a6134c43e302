//! Bits of the guest policy that the guest was launched with (AMD 56860, table GUEST_POLICY). Bits 7:0 and 15:8 are the least
//! firmware ABI, minor and major.

/// Simultaneous multithreading is allowed.
pub const SMT: u64 = 1 << 16;
/// Reserved, always one.
pub const RESERVED_ONE: u64 = 1 << 17;
/// A migration agent may be associated with the guest.
pub const MIGRATION_AGENT: u64 = 1 << 18;
/// The host may debug the guest, that is, read its memory.
pub const DEBUG: u64 = 1 << 19;
/// The guest runs on one socket only.
pub const SINGLE_SOCKET: u64 = 1 << 20;
/// Memory on CXL devices may be used.
pub const CXL_ALLOW: u64 = 1 << 21;
/// Memory is encrypted with AES-256-XTS.
pub const MEMORY_AES_256_XTS: u64 = 1 << 22;
/// Running average power limit must be off.
pub const RAPL_DISABLED: u64 = 1 << 23;
/// The host must not see ciphertext in memory.
pub const CIPHERTEXT_HIDING: u64 = 1 << 24;
/// The host's page move and swap commands must be off.
pub const PAGE_SWAP_DISABLED: u64 = 1 << 25;

/// Every bit with a meaning; the others must be zero.
pub(crate) const KNOWN: u64 = (1 << 26) - 1;

pub(crate) const NAMES: [(u64, &str); 10] = [
    (SMT, "smt"),
    (RESERVED_ONE, "reserved-one"),
    (MIGRATION_AGENT, "migration-agent"),
    (DEBUG, "debug"),
    (SINGLE_SOCKET, "single-socket"),
    (CXL_ALLOW, "cxl-allow"),
    (MEMORY_AES_256_XTS, "memory-aes-256-xts"),
    (RAPL_DISABLED, "rapl-disabled"),
    (CIPHERTEXT_HIDING, "ciphertext-hiding"),
    (PAGE_SWAP_DISABLED, "page-swap-disabled"),
];
