//! Where the makers' services are, how long they are waited for, and where answers are kept.

use core::num::NonZeroU32;
use core::time::Duration;
use std::path::PathBuf;

use reqwest::Url;

use crate::error::SettingsError;

/// AMD's Key Distribution Service (AMD 57230, chapter 4).
const AMD: &str = "https://kdsintf.amd.com";
/// Intel's Provisioning Certification Service, version 4.
const INTEL: &str = "https://api.trustedservices.intel.com";
/// The revocation list of Intel's root, DER; its address stands in the root certificate.
const INTEL_ROOT_REVOCATION_LIST: &str = "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der";

/// A service of a maker, or a mirror of it. Who answers there need not be trusted: signatures decide in the appraisal.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Service {
    /// Its address without the parts of the maker's interface: `http` or `https`, a host, perhaps a path.
    pub address: String,
    /// Requests that may be under way there at once.
    pub connections: NonZeroU32,
}

/// All that a [`crate::Source`] can be told. Begin with [`Settings::new`] and change what differs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// Folder of the cache; made where it does not exist.
    pub folder: PathBuf,
    /// AMD's service. It throttles per address, so one request at a time.
    pub amd: Service,
    /// Intel's service.
    pub intel: Service,
    /// Full address of the revocation list of Intel's root.
    pub intel_root_revocation_list: String,
    /// Until a connection stands. 10 seconds.
    pub connect_timeout: Duration,
    /// From the start of one request to the last byte of its answer. 30 seconds.
    pub answer_timeout: Duration,
    /// Requests for one item, the first included, before its last failure is the answer. 4.
    pub attempts: NonZeroU32,
    /// The first wait between two; each further one is twice as long. The wait is drawn from its upper half. 1 second.
    pub first_wait: Duration,
    /// No wait is longer. A service that asks for a longer one is not asked again: its answer says when it may be. 60 seconds.
    pub longest_wait: Duration,
    /// Revocation lists, TCB info and identities are asked for again when they are older, even if their maker would allow
    /// more. `None`: until the maker's next update.
    pub maximum_age: Option<Duration>,
    /// Certificates, DER or PEM, that the services' TLS must chain to, instead of the operating system's.
    pub root_certificates: Vec<Vec<u8>>,
}

impl Settings {
    /// The makers' public services, and this folder for the cache.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        let connections = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        Self {
            folder,
            amd: Service { address: AMD.into(), connections: connections(1) },
            intel: Service { address: INTEL.into(), connections: connections(4) },
            intel_root_revocation_list: INTEL_ROOT_REVOCATION_LIST.into(),
            connect_timeout: Duration::from_secs(10),
            answer_timeout: Duration::from_secs(30),
            attempts: connections(4),
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(60),
            maximum_age: None,
            root_certificates: Vec::new(),
        }
    }

    /// Every address that is asked, parsed; for a base address without the slash at its end.
    pub(crate) fn addresses(&self) -> Result<[Url; 3], SettingsError> {
        Ok([address(&self.amd.address)?, address(&self.intel.address)?, address(&self.intel_root_revocation_list)?])
    }
}

fn address(text: &str) -> Result<Url, SettingsError> {
    let wrong = || SettingsError::Address { address: text.into() };
    let url = Url::parse(text).map_err(|_| wrong())?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if plain { Ok(url) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_http_a_host_and_perhaps_a_path() {
        for good in [AMD, INTEL, INTEL_ROOT_REVOCATION_LIST, "http://127.0.0.1:1/", "https://mirror.example/amd"] {
            assert!(address(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "kdsintf.amd.com",
            "ftp://a.example",
            "https://a.example?b",
            "https://a.example#b",
            "https://u@a.example",
        ] {
            assert_eq!(address(bad), Err(SettingsError::Address { address: bad.into() }));
        }
    }
}
