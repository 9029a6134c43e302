//! The allow-list of system calls. All others are answered with EPERM and not with death: the runtime itself probes for
//! a file now and then and goes on without it, an attacker gains nothing by an attempt, and a room that lives can still
//! sign how it ended.
//!
//! Not on it, on purpose: everything that makes a descriptor (open, socket, dup, accept, `recvmsg`, which can receive
//! one), everything that makes a process, a thread or runs a program, executable memory, clocks, and `ioctl`, `fcntl`,
//! `prctl`. What no filter can refuse is what the kernel maps into every process (the vDSO): the time of day, coarsely.

use std::collections::BTreeMap;
use std::io;

use libc::{c_int, c_long};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    TargetArch, apply_filter,
};

/// Calls that are allowed whatever their arguments.
const ALLOWED: &[c_long] = &[
    // Bytes, on descriptors that are open already.
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_recvfrom,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_sendto,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_poll,
    libc::SYS_ppoll,
    libc::SYS_shutdown,
    libc::SYS_close,
    // Memory that is not executable.
    libc::SYS_brk,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_madvise,
    // Random numbers.
    libc::SYS_getrandom,
    // Locks of the runtime (one thread: they never wait).
    libc::SYS_futex,
    libc::SYS_sched_yield,
    // Signals: stack overflow and abort.
    libc::SYS_sigaltstack,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_restart_syscall,
    libc::SYS_getpid,
    libc::SYS_gettid,
    // The end.
    libc::SYS_exit,
    libc::SYS_exit_group,
];

/// Puts the filter in place, for good.
pub(super) fn restrict() -> io::Result<()> {
    let program = compile().map_err(io::Error::other)?;
    apply_filter(&program).map_err(io::Error::other)
}

fn compile() -> Result<BpfProgram, seccompiler::BackendError> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = ALLOWED.iter().map(|call| (*call, Vec::new())).collect();
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        rules.insert(call, vec![argument(2, without(libc::PROT_EXEC), 0)?]);
    }
    // Abort raises a signal in its own process.
    rules.insert(libc::SYS_tgkill, vec![argument(0, SeccompCmpOp::Eq, u64::from(std::process::id()))?]);
    let architecture = TargetArch::try_from(std::env::consts::ARCH)?;
    SeccompFilter::new(rules, SeccompAction::Errno(refusal()), SeccompAction::Allow, architecture)?.try_into()
}

/// The rule that an argument compares so with `value`.
fn argument(index: u8, comparison: SeccompCmpOp, value: u64) -> Result<SeccompRule, seccompiler::BackendError> {
    SeccompRule::new(vec![SeccompCondition::new(index, SeccompCmpArgLen::Dword, comparison, value)?])
}

/// None of these bits is set, when compared with 0.
fn without(bits: c_int) -> SeccompCmpOp {
    SeccompCmpOp::MaskedEq(u64::from(bits.unsigned_abs()))
}

fn refusal() -> u32 {
    libc::EPERM.unsigned_abs()
}
