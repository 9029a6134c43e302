//! Why there is no Endorsement, so that a caller can tell "no" from "not now".

use core::time::Duration;
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use httpdate::HttpDate;
use thiserror::Error;

/// Settings that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// Not an address of a service.
    #[error("{address:?} is no address of a service; expected http or https, a host and perhaps a path")]
    Address {
        /// As it was given.
        address: String,
    },
    /// The certificates for TLS, the operating system's or the given ones.
    #[error("certificates for tls: {what}; install the system's root certificates or give some")]
    Certificates {
        /// What is wrong with them.
        what: String,
    },
    /// The folder of the cache.
    #[error(transparent)]
    Cache(#[from] CacheError),
}

/// The cache's folder cannot be read or written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("cache of endorsements: {}: {what}; check the folder's owner and free space", path.display())]
#[non_exhaustive]
pub struct CacheError {
    /// The file or folder.
    pub path: PathBuf,
    /// What the operating system says.
    pub what: String,
}

/// Why one item is not there. [`FetchError::may_pass`] says whether asking later can help.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FetchError {
    /// No service has it; it comes with the Evidence or from who made the machine.
    #[error("{needed} cannot be fetched: {why}")]
    NotServed {
        /// What was asked for.
        needed: String,
        /// Why, and where it comes from instead.
        why: &'static str,
    },
    /// Asked for without the network, and the cache has none.
    #[error("{needed} is not in the cache; fetch it while there is a network")]
    NotCached {
        /// What was asked for.
        needed: String,
    },
    /// Asked for without the network, and what the cache has is not what was kept.
    #[error("{needed} is damaged in the cache: {why}; fetch it again while there is a network")]
    Damaged {
        /// What was asked for.
        needed: String,
        /// What is wrong with it.
        why: String,
    },
    /// No connection.
    #[error("{address} is unreachable: {what}; try again, or bring the file by hand")]
    Unreachable {
        /// What was asked.
        address: String,
        /// The cause, as the operating system or TLS says it.
        what: String,
    },
    /// The answer broke off.
    #[error("the answer of {address} broke off: {what}; try again")]
    Interrupted {
        /// What was asked.
        address: String,
        /// The cause.
        what: String,
    },
    /// No connection, or no whole answer, in the time allowed.
    #[error("{address} did not answer in {} s; try again, or allow more time", limit.as_secs_f32())]
    TimedOut {
        /// What was asked.
        address: String,
        /// The time allowed.
        limit: Duration,
    },
    /// The service wants fewer requests (HTTP 429).
    #[error(
        "{address} asks for fewer requests{}; share one cache between machines, or use a mirror",
        later(retry_after)
    )]
    Throttled {
        /// What was asked.
        address: String,
        /// When it may be asked again, where it says so.
        retry_after: Option<Duration>,
    },
    /// The service has no such item (HTTP 404).
    #[error("{address}: the service has no such item; is the platform as old or new as its Evidence says?")]
    NoSuchItem {
        /// What was asked.
        address: String,
    },
    /// Another status of HTTP.
    #[error("{address} answered with status {status}, expected 200; is this the service's address?")]
    Status {
        /// What was asked.
        address: String,
        /// The status.
        status: u16,
    },
    /// More bytes than such an item can have.
    #[error("{address} answered with more than {limit} bytes; is this the service's address?")]
    TooLarge {
        /// What was asked.
        address: String,
        /// The limit, in bytes.
        limit: usize,
    },
    /// An answer that does not decode, or is another item than the one asked for.
    #[error("{address} answered with something else: {what}; is this the service's address?")]
    Malformed {
        /// What was asked.
        address: String,
        /// What is wrong, without the answer's own bytes.
        what: String,
    },
    /// The service itself has only one that is no longer valid.
    #[error("{address} serves one that expired on {}, {} ago; is this machine's clock right?", date(*expired), span(*now, *expired))]
    ServedExpired {
        /// What was asked.
        address: String,
        /// Its end, in seconds since 1970.
        expired: u64,
        /// The time it was compared with.
        now: u64,
    },
    /// The cache has one that is no longer valid, and no newer one could be fetched.
    #[error("the cached one expired on {}, {} ago{}", date(*expired), span(*now, *expired), renewal_failed(renewal.as_deref()))]
    Expired {
        /// Its end, in seconds since 1970: the maker's next update, or a certificate's last second.
        expired: u64,
        /// The time it was compared with.
        now: u64,
        /// Why there is no newer one; `None` where the network was not to be used.
        renewal: Option<Box<Self>>,
    },
    /// The cache has one that its maker still allows, but older than the caller does, and no newer one could be fetched.
    #[error("the cached one is {} old, allowed are {} s{}", span(*now, *fetched), maximum_age.as_secs(), renewal_failed(renewal.as_deref()))]
    TooOld {
        /// When its maker last confirmed it, in seconds since 1970.
        fetched: u64,
        /// The time it was compared with.
        now: u64,
        /// The age allowed.
        maximum_age: Duration,
        /// Why there is no newer one; `None` where the network was not to be used.
        renewal: Option<Box<Self>>,
    },
    /// The cache cannot be read.
    #[error(transparent)]
    Cache(#[from] CacheError),
}

impl FetchError {
    /// Whether the same request may succeed later without anyone changing anything.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Interrupted { .. } | Self::TimedOut { .. } | Self::Throttled { .. } => {
                true
            }
            Self::Status { status, .. } => *status >= 500,
            Self::Expired { renewal, .. } | Self::TooOld { renewal, .. } => {
                renewal.as_ref().is_some_and(|error| error.may_pass())
            }
            Self::NotServed { .. }
            | Self::NotCached { .. }
            | Self::Damaged { .. }
            | Self::NoSuchItem { .. }
            | Self::TooLarge { .. }
            | Self::Malformed { .. }
            | Self::ServedExpired { .. }
            | Self::Cache(_) => false,
        }
    }
}

fn later(retry_after: &Option<Duration>) -> String {
    retry_after.map_or_else(String::new, |wait| format!(", again in {} s", wait.as_secs()))
}

fn renewal_failed(renewal: Option<&FetchError>) -> String {
    renewal.map_or_else(
        || "; fetch it while there is a network".into(),
        |error| format!(", and no newer one came: {error}"),
    )
}

fn date(unix_seconds: u64) -> String {
    // The type below ends with the year 9999 and panics after it.
    const LAST: u64 = 253_402_300_799;
    UNIX_EPOCH
        .checked_add(Duration::from_secs(unix_seconds.min(LAST)))
        .map_or_else(|| unix_seconds.to_string(), |time| HttpDate::from(time).to_string())
}

/// The time between two moments, for people.
fn span(later: u64, earlier: u64) -> String {
    match later.saturating_sub(earlier) {
        seconds @ ..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min", seconds / 60),
        seconds @ 7200..172_800 => format!("{} h", seconds / 3600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expired_one_is_said_to_be_expired_and_since_when() {
        let renewal = FetchError::NoSuchItem { address: "https://a.example/crl".into() };
        let error =
            FetchError::Expired { expired: 1_700_000_000, now: 1_700_010_900, renewal: Some(Box::new(renewal)) };
        assert_eq!(
            error.to_string(),
            "the cached one expired on Tue, 14 Nov 2023 22:13:20 GMT, 3 h ago, and no newer one came: \
             https://a.example/crl: the service has no such item; is the platform as old or new as its Evidence says?"
        );
        assert!(!error.may_pass());
    }

    #[test]
    fn no_date_is_too_far_to_be_shown() {
        assert_eq!(date(u64::MAX), "Fri, 31 Dec 9999 23:59:59 GMT");
    }
}
