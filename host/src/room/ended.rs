//! Why a room ended: what every one who waits for it is told.
//!
//! What always holds: a room that ended stays ended, whatever its enclave did.

/// Why a room ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Ended {
    /// A party stopped it.
    #[error("a party stopped it")]
    Stopped,
    /// The enclave process ended, or broke the message format.
    #[error("{reason}")]
    Enclave {
        /// What it did.
        reason: String,
    },
    /// The enclave did not answer in time.
    #[error("the enclave did not {what} within {seconds} seconds")]
    Timeout {
        /// What it was expected to do.
        what: &'static str,
        /// The limit.
        seconds: u64,
    },
    /// The store failed where a room cannot go on without it.
    #[error("the store of this host failed")]
    Store,
    /// The host shut down.
    #[error("this host shut down")]
    Shutdown,
}

impl Ended {
    /// The stable id that the room's status shows.
    #[must_use]
    pub const fn check(&self) -> &'static str {
        match self {
            Self::Stopped => "room.stopped",
            Self::Enclave { .. } => "room.enclave",
            Self::Timeout { .. } => "room.timeout",
            Self::Store => "host.store",
            Self::Shutdown => "host.stopping",
        }
    }

    /// The HTTP status of a request over which the room ended so.
    pub(crate) const fn status(&self) -> u16 {
        match self {
            Self::Stopped => 410,
            Self::Enclave { .. } => 502,
            Self::Timeout { .. } => 504,
            Self::Store | Self::Shutdown => 503,
        }
    }

    pub(crate) fn enclave(reason: impl Into<String>) -> Self {
        Self::Enclave { reason: reason.into() }
    }
}
