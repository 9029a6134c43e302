//! Bits of TD ATTRIBUTES and XFAM ("Intel TDX Module ABI Specification", TD_PARAMS: ATTRIBUTES, XFAM).

/// The TD is under debug: the host reads its memory. Refused whatever a policy says.
pub const DEBUG: u64 = 1;
/// The TD takes part in hardware-guided scheduling profiling. Under test, untrusted group.
pub const HGS_PLUS_PROFILING: u64 = 1 << 4;
/// The TD uses performance monitoring for profiling. Untrusted group.
pub const PERFORMANCE_PROFILING: u64 = 1 << 5;
/// The TD uses platform monitoring for profiling. Untrusted group.
pub const PMT_PROFILING: u64 = 1 << 6;
/// Instruction-count-based single-step defence.
pub const SINGLE_STEP_DEFENCE: u64 = 1 << 16;
/// Linear address space separation.
pub const LASS: u64 = 1 << 27;
/// An access to memory that the TD did not accept ends it, instead of a #VE that the host can time.
pub const SEPT_VE_DISABLE: u64 = 1 << 28;
/// The TD can be migrated by a service TD.
pub const MIGRATABLE: u64 = 1 << 29;
/// Supervisor protection keys.
pub const PKS: u64 = 1 << 30;
/// Key Locker.
pub const KEY_LOCKER: u64 = 1 << 31;
/// The TD can use the TPA instructions.
pub const TPA: u64 = 1 << 62;
/// Performance monitoring inside the TD.
pub const PERFORMANCE_MONITORING: u64 = 1 << 63;

/// Every bit with a name here.
pub const KNOWN: u64 = DEBUG
    | HGS_PLUS_PROFILING
    | PERFORMANCE_PROFILING
    | PMT_PROFILING
    | SINGLE_STEP_DEFENCE
    | LASS
    | SEPT_VE_DISABLE
    | MIGRATABLE
    | PKS
    | KEY_LOCKER
    | TPA
    | PERFORMANCE_MONITORING;

/// XFAM: the register states that exist: x87, SSE, AVX, AVX-512, PT, PKRU, CET, ULI, LBR, AMX, APX.
pub const XFAM_KNOWN: u64 = 0x000e_dbe7;

pub(crate) const NAMES: [(u64, &str); 12] = [
    (DEBUG, "debug"),
    (HGS_PLUS_PROFILING, "hgs-plus-profiling"),
    (PERFORMANCE_PROFILING, "performance-profiling"),
    (PMT_PROFILING, "pmt-profiling"),
    (SINGLE_STEP_DEFENCE, "single-step-defence"),
    (LASS, "lass"),
    (SEPT_VE_DISABLE, "sept-ve-disable"),
    (MIGRATABLE, "migratable"),
    (PKS, "pks"),
    (KEY_LOCKER, "key-locker"),
    (TPA, "tpa"),
    (PERFORMANCE_MONITORING, "performance-monitoring"),
];
