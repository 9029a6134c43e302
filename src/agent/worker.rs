//! The thread of one contract: looks, and waits between two looks.
//!
//! What always holds: it never looks without a pause, and pauses longer while something is wrong, up to a limit; nothing that a
//! host says ends it, and not even a defect of a look; other contracts do not notice.

use super::admit::Served;
use super::desk::{Desk, Look};
use super::error::LookError;
use super::evaluate::Evaluations;
use super::ledger::Ledger;
use super::plan::Planned;
use super::renew::{Current, Stamp};
use super::site::Site;
use crate::blocking::Host;
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::time::Instant;

/// Longest pause, unless the usual one is longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Doublings of the pause at most.
const DOUBLINGS: u32 = 16;

/// One contract at work.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) planned: Arc<Planned>,
    /// The same, for the page.
    pub(super) current: Arc<Current>,
    /// Of the contract's file, when it was read last.
    pub(super) stamp: Option<Stamp>,
    /// What is wrong with what lies there now.
    pub(super) file_warning: Option<String>,
    pub(super) host: Host,
    pub(super) desk: Arc<Desk>,
    /// None until the memory was read.
    pub(super) ledger: Option<Ledger>,
    /// What came of evaluating open rooms.
    pub(super) evaluations: Evaluations,
    /// When all receipts were settled last.
    pub(super) whole: Option<Instant>,
}

impl Worker {
    /// Begins. `warning` says what is wrong with what lies in the contract's file.
    pub(super) fn new(planned: Arc<Planned>, served: &Served, warning: Option<String>, host: Host) -> Self {
        Self {
            stamp: planned.stamp,
            planned,
            current: Arc::clone(&served.current),
            file_warning: warning,
            host,
            desk: Arc::clone(&served.desk),
            ledger: None,
            evaluations: Evaluations::default(),
            whole: None,
        }
    }

    /// Works until the agent stops.
    pub(super) fn work(mut self, site: &Site) {
        let usual = self.planned.settings.poll();
        let mut failures = 0_u32;
        while !site.is_stopping() {
            let turn = catch_unwind(AssertUnwindSafe(|| self.turn(site)));
            let turn = turn.unwrap_or(Err(LookError::Defect));
            let (look, trouble) = match &turn {
                Ok(()) => (Look::Well, None),
                // A host's words are lines of its own nowhere.
                Err(error) => (error.look(), Some(crate::client::printable(&error.to_string()))),
            };
            if self.desk.looked(look, trouble.clone()) {
                let what = trouble
                    .map_or_else(|| "looked: all is well".into(), |trouble| format!("{}: {trouble}", look.word()));
                site.log(self.planned.signed.contract(), &what);
            }
            failures = if turn.is_ok() { 0 } else { failures.saturating_add(1) };
            self.desk.wait(pause(usual, failures));
        }
    }
}

/// How long to wait after so many looks that went wrong, one after the other.
pub(super) fn pause(usual: Duration, failures: u32) -> Duration {
    let longer = usual.saturating_mul(2_u32.saturating_pow(failures.min(DOUBLINGS)));
    longer.min(LONGEST_PAUSE.max(usual))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_while_something_is_wrong_and_never_beyond_a_minute() {
        let of = |milliseconds, failures| pause(Duration::from_millis(milliseconds), failures).as_millis();
        assert_eq!([0, 1, 2, 3].map(|failures| of(100, failures)), [100, 200, 400, 800]);
        assert_eq!([16, 17, u32::MAX].map(|failures| of(5_000, failures)), [60_000; 3]);
        assert_eq!(of(50, u32::MAX), 60_000);
        assert_eq!(of(3_600_000, 9), 3_600_000);
    }
}
