//! Bits of TD ATTRIBUTES and XFAM ("Intel TDX Module ABI Specification", TD_PARAMS: ATTRIBUTES, XFAM).

/// The TD is under debug: the host reads its memory. Refused whatever a policy says.
pub const DEBUG: u64 = 1;
/// The TD takes part in hardware-guided scheduling profiling. Refused whatever a policy says.
pub const HGS_PLUS_PROFILING: u64 = 1 << 4;
/// The host profiles it by performance monitoring counters. Refused whatever a policy says.
pub const PERFORMANCE_PROFILING: u64 = 1 << 5;
/// The host profiles it by the processor's telemetry. Refused whatever a policy says.
pub const PMT_PROFILING: u64 = 1 << 6;
/// Instruction-count-based single-step defence.
pub const SINGLE_STEP_DEFENCE: u64 = 1 << 16;
/// Linear address space separation.
pub const LASS: u64 = 1 << 27;
/// An access to memory that the TD did not accept ends it, instead of a #VE that the host can time.
pub const SEPT_VE_DISABLE: u64 = 1 << 28;
/// The TD can be migrated by a service TD. Refused unless a policy wants it set.
pub const MIGRATABLE: u64 = 1 << 29;
/// Supervisor protection keys.
pub const PKS: u64 = 1 << 30;
/// Key Locker.
pub const KEY_LOCKER: u64 = 1 << 31;
/// The TD can use the TPA instructions.
pub const TPA: u64 = 1 << 62;
/// Performance monitoring inside the TD.
pub const PERFORMANCE_MONITORING: u64 = 1 << 63;

/// The groups "TD under debug" (bits 3:0) and "TD under profiling" (15:4). The bits without a name are kept for more of the
/// kind, so that whichever is set, the TD is not to be trusted. Refused whatever a policy says.
pub const UNTRUSTED: u64 = 0xffff;

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
