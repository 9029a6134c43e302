//! How long to wait before asking again: exponential, with jitter, and never earlier than the service allows.

use core::time::Duration;
use std::time::UNIX_EPOCH;

use crate::settings::Settings;

/// The waits between the requests for one item.
#[derive(Debug)]
pub(crate) struct BackOff {
    step: Duration,
    longest: Duration,
}

impl BackOff {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self { step: settings.first_wait.min(settings.longest_wait), longest: settings.longest_wait }
    }

    /// The next wait, where the service wants `at_least` so much; `None` where that is more than anyone waits here.
    ///
    /// The wait is at least half of the step or what the service wants, and at most half a step more.
    pub(crate) fn next(&mut self, at_least: Duration) -> Option<Duration> {
        let half = self.step / 2;
        self.step = self.step.saturating_mul(2).min(self.longest);
        if at_least > self.longest {
            return None;
        }
        Some(at_least.max(half).saturating_add(jitter(half)))
    }
}

/// From nothing up to `most`, so that clients that failed together do not come back together.
fn jitter(most: Duration) -> Duration {
    let mut bytes = [0; 4];
    // Without randomness the wait is the longest one: that harms nobody.
    if getrandom::fill(&mut bytes).is_err() {
        return most;
    }
    most.mul_f64(f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX))
}

/// Retry-After (RFC 9110 section 10.2.3): seconds, or a date. `None` where it is neither.
pub(crate) fn retry_after(value: &str, now: u64) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number beyond 64 bits is a long wait too.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    let since = date.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Some(Duration::from_secs(since.as_secs().saturating_sub(now)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn settings() -> Settings {
        let mut settings = Settings::new(PathBuf::new());
        (settings.first_wait, settings.longest_wait) = (Duration::from_secs(4), Duration::from_secs(10));
        settings
    }

    #[test]
    fn waits_double_up_to_the_longest_and_are_drawn_from_the_upper_half() {
        let mut back_off = BackOff::new(&settings());
        for step in [4, 8, 10, 10] {
            let wait = back_off.next(Duration::ZERO).unwrap();
            assert!(wait >= Duration::from_secs(step) / 2 && wait <= Duration::from_secs(step), "{step}: {wait:?}");
        }
    }

    #[test]
    fn two_clients_do_not_wait_equally_long() {
        let draw = || BackOff::new(&settings()).next(Duration::ZERO);
        let first = draw();
        // One in four billion draws is equal to the first; sixteen are not.
        assert!((0..16).any(|_| draw() != first));
    }

    #[test]
    fn a_service_is_not_asked_earlier_than_it_says_and_not_waited_for_longer_than_the_limit() {
        let wait = BackOff::new(&settings()).next(Duration::from_secs(9)).unwrap();
        assert!(wait >= Duration::from_secs(9) && wait <= Duration::from_secs(11), "{wait:?}");
        assert_eq!(BackOff::new(&settings()).next(Duration::from_secs(11)), None);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = 784_111_777; // Sun, 06 Nov 1994 08:49:37 GMT
        for (value, seconds) in [
            ("7", Some(7)),
            (" 0 ", Some(0)),
            ("99999999999999999999999", Some(u64::MAX)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            ("Sunday, 06-Nov-94 08:50:37 GMT", Some(60)),
            ("Sun, 06 Nov 1994 08:40:37 GMT", Some(0)),
            ("", None),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
        ] {
            assert_eq!(retry_after(value, now), seconds.map(Duration::from_secs), "{value}");
        }
    }
}
