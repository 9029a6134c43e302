//! What the enclave process gives up before it reads its first byte from outside. Having a [`Statement`] means that it
//! is given up: the process has its three descriptors, its memory and random numbers, and cannot open, connect, start
//! or inspect anything.
//!
//! Every drop is mandatory, with one exception (the cycle counter): an enclave that cannot drop the others does not
//! start. What it dropped stands in its log; what protects data from the host is the platform, not this. This protects
//! everyone else from a room whose program was led astray, and a room from what shares its machine.

use core::fmt;
use std::io;

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities, set_no_new_privs};

mod system_calls;

/// First descriptor after those that stay: 2 (log), 3 (host), 4 (platform).
const FIRST_CLOSED: u32 = 5;

/// What was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the list is complete: these are all the drops there are")]
pub enum Dropped {
    /// Privileges through programs that give them (`PR_SET_NO_NEW_PRIVS`).
    NewPrivileges,
    /// Being traced, or having its memory read, by other processes of the same user (`PR_SET_DUMPABLE`).
    Inspection,
    /// Core files (`RLIMIT_CORE`).
    CoreFiles,
    /// Capabilities of the superuser.
    Capabilities,
    /// All descriptors but the log, the host's and the platform's, and new ones (`RLIMIT_NOFILE`).
    Descriptors,
    /// Reading the processor's cycle counter, and with it every fine clock (`PR_SET_TSC`). Only x86 can. A coarse clock
    /// remains: the kernel maps it into every process, where no filter reaches.
    CycleCounter,
    /// System calls other than those of the allow-list: no files, no sockets, no programs, no processes, no threads.
    SystemCalls,
}

/// As the log says it.
impl fmt::Display for Dropped {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NewPrivileges => "new privileges",
            Self::Inspection => "inspection by other processes",
            Self::CoreFiles => "core files",
            Self::Capabilities => "capabilities",
            Self::Descriptors => "descriptors but log, host and platform",
            Self::CycleCounter => "cycle counter",
            Self::SystemCalls => "system calls for files, sockets, programs, processes and threads",
        })
    }
}

/// Having one means that this process is confined, in all of [`Statement::dropped`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Statement {
    /// What was given up.
    pub dropped: Vec<Dropped>,
    /// Whether the machine may write parts of this process's memory to a disk (at the time of asking; the host can
    /// change it).
    pub swap: bool,
}

/// One line for each drop, and one for swap.
impl fmt::Display for Statement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for one in &self.dropped {
            writeln!(formatter, "dropped: {one}")?;
        }
        if !self.dropped.contains(&Dropped::CycleCounter) {
            writeln!(formatter, "kept: {}", Dropped::CycleCounter)?;
        }
        writeln!(formatter, "swap: {}", if self.swap { "on, memory may reach a disk" } else { "off" })
    }
}

/// Why the enclave does not start.
#[derive(Debug, thiserror::Error)]
#[error("cannot drop {what}: {source}; the enclave does not start with rights that it does not need")]
#[non_exhaustive]
pub struct SandboxError {
    /// What could not be given up.
    pub what: Dropped,
    /// What the system answered.
    pub source: io::Error,
}

/// Gives everything up. To be called once, first of all, by the only thread; nothing in the process may own a
/// descriptor yet.
///
/// # Errors
///
/// The first drop that failed. The process should end then: it may have given up some rights and not others.
pub fn enter() -> Result<Statement, SandboxError> {
    // Asked first: afterwards it is not allowed.
    let swap = rustix::system::sysinfo().totalswap > 0;
    let mut dropped = Vec::new();
    for (what, give_up) in DROPS {
        match give_up() {
            Ok(()) => dropped.push(what),
            Err(_) if what == Dropped::CycleCounter => {}
            Err(source) => return Err(SandboxError { what, source }),
        }
    }
    Ok(Statement { dropped, swap })
}

type GiveUp = (Dropped, fn() -> io::Result<()>);

/// In this order: the filter of system calls comes last, since it refuses the calls of the others.
const DROPS: [GiveUp; 7] = [
    (Dropped::NewPrivileges, || Ok(set_no_new_privs(true)?)),
    (Dropped::Inspection, || Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)),
    (Dropped::CoreFiles, || limit(Resource::Core, 0)),
    (Dropped::Capabilities, drop_capabilities),
    (Dropped::Descriptors, drop_descriptors),
    (Dropped::CycleCounter, drop_cycle_counter),
    (Dropped::SystemCalls, system_calls::restrict),
];

fn limit(resource: Resource, value: u64) -> io::Result<()> {
    Ok(setrlimit(resource, Rlimit { current: Some(value), maximum: Some(value) })?)
}

fn drop_capabilities() -> io::Result<()> {
    let none = CapabilitySet::empty();
    Ok(set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })?)
}

fn drop_descriptors() -> io::Result<()> {
    close_range(0, 1)?;
    close_range(FIRST_CLOSED, u32::MAX)?;
    limit(Resource::Nofile, FIRST_CLOSED.into())
}

fn close_range(first: u32, last: u32) -> io::Result<()> {
    #[expect(unsafe_code, reason = "rustix has no close_range")]
    // SAFETY: the caller of `enter` says that nothing in this process owns a descriptor yet, so none is closed under
    // its owner.
    let result = unsafe { libc::close_range(first, last, 0) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(target_arch = "x86_64")]
fn drop_cycle_counter() -> io::Result<()> {
    use rustix::process::{TimeStampCounterReadability, set_time_stamp_counter_readability};
    Ok(set_time_stamp_counter_readability(TimeStampCounterReadability::RaiseSIGSEGV)?)
}

#[cfg(not(target_arch = "x86_64"))]
fn drop_cycle_counter() -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests;
