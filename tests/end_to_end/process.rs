//! Processes that tests hold and kill, and waiting with an end.

use core::time::Duration;
pub(crate) use rustix::process::Signal;
use rustix::process::{Pid, kill_process};
use std::time::Instant;

/// How long anything may take that is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until `probe` says that it is so.
#[track_caller]
pub(crate) fn until(what: &str, probe: impl Fn() -> bool) {
    let begun = Instant::now();
    while !probe() {
        assert!(begun.elapsed() < PATIENCE, "not so within {PATIENCE:?}: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

pub(crate) fn signal(pid: u32, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
}

/// Whether a process has ended. One that nobody asked for its status yet has.
pub(crate) fn is_gone(pid: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    status.lines().find(|line| line.starts_with("State:")).is_none_or(|line| line.contains('Z'))
}
