//! Time as a value: what expires is compared with it, and waits are its.
//!
//! Having it as a trait lets a test see each wait without waiting.

use core::fmt::Debug;
use core::future::Future;
use core::pin::Pin;
use core::time::Duration;
use std::time::{SystemTime, UNIX_EPOCH};

/// A wait under way.
pub type Wait = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The time of day, and waiting.
pub trait Clock: Debug + Send + Sync {
    /// Seconds since 1970, UTC.
    fn now(&self) -> u64;

    /// Ends after this long.
    fn wait(&self, duration: Duration) -> Wait;
}

/// The operating system's clock, and tokio's timer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> u64 {
        // A clock before 1970 is one that was never set; then nothing counts as expired, and the appraisal says so.
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
    }

    fn wait(&self, duration: Duration) -> Wait {
        Box::pin(tokio::time::sleep(duration))
    }
}
