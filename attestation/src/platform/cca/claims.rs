//! What a token says. Not verified where the token was not appraised.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::cbor;
use crate::crypto::Crypto;
use crate::evidence::Claim;
use crate::measurement::Measurement;
use crate::text::Hex;

/// The profile that a token keeps to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_enums, reason = "decisions match on it; a profile more is a decision more")]
pub enum Profile {
    /// `http://arm.com/CCA-SSD/1.0.0`: the realm token names none, and its key is a bare point.
    #[serde(rename = "http://arm.com/CCA-SSD/1.0.0")]
    Legacy,
    /// `tag:arm.com,2023:cca_platform#1.0.0`, and `tag:arm.com,2023:realm#1.0.0` in the realm token: its key is a COSE_Key.
    #[serde(rename = "tag:arm.com,2023:cca_platform#1.0.0")]
    V1,
}

impl Profile {
    /// As the platform token writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Legacy => "http://arm.com/CCA-SSD/1.0.0",
            Self::V1 => "tag:arm.com,2023:cca_platform#1.0.0",
        }
    }

    pub(super) fn read(text: &str) -> cbor::Result<Self> {
        [Self::Legacy, Self::V1].into_iter().find(|profile| profile.as_str() == text).ok_or_else(|| {
            format!(
                "profile \"{}\" is not known here",
                text.chars().take(64).flat_map(char::escape_default).collect::<String>()
            )
        })
    }
}

/// Hash functions by their IANA text names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "decisions match on it; a function more is a decision more")]
pub enum HashAlgorithm {
    /// `sha-256`.
    Sha256,
    /// `sha-384`.
    Sha384,
    /// `sha-512`.
    Sha512,
}

impl HashAlgorithm {
    /// Such as `sha-256`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sha256 => "sha-256",
            Self::Sha384 => "sha-384",
            Self::Sha512 => "sha-512",
        }
    }

    pub(super) fn read(text: &str, what: &str) -> cbor::Result<Self> {
        let known = [Self::Sha256, Self::Sha384, Self::Sha512];
        let found = known.into_iter().find(|algorithm| algorithm.as_str() == text);
        found.ok_or_else(|| format!("{what} is not sha-256, sha-384 or sha-512"))
    }

    /// A digest of this function, which has its length.
    pub(super) fn measurement(self, digest: &[u8], what: &str) -> cbor::Result<Measurement> {
        let measurement = match self {
            Self::Sha256 => digest.try_into().ok().map(Measurement::sha256),
            Self::Sha384 => digest.try_into().ok().map(Measurement::sha384),
            Self::Sha512 => digest.try_into().ok().map(Measurement::sha512),
        };
        measurement.ok_or_else(|| format!("{what} has {} bytes, which is no {} digest", digest.len(), self.as_str()))
    }

    pub(super) fn digest(self, bytes: &[u8], crypto: &Crypto<'_>) -> Vec<u8> {
        match self {
            Self::Sha256 => crypto.sha256(bytes).to_vec(),
            Self::Sha384 => crypto.sha384(bytes).to_vec(),
            Self::Sha512 => crypto.sha512(bytes).to_vec(),
        }
    }
}

/// Claims of the platform token (DEN0137 section A7.2.3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlatformClaims {
    /// `cca-platform-profile`.
    pub profile: Profile,
    /// `cca-platform-challenge`: the digest of the realm's key. 32, 48 or 64 bytes.
    pub challenge: Vec<u8>,
    /// `cca-platform-implementation-id`.
    pub implementation_id: [u8; 32],
    /// `cca-platform-instance-id`: 0x01 and a digest of the platform's key or of what its maker chose.
    pub instance_id: [u8; 33],
    /// `cca-platform-config`: at most 1024 bytes.
    pub config: Vec<u8>,
    /// `cca-platform-lifecycle`: 0x3000 to 0x30ff is secured.
    pub lifecycle: u16,
    /// `cca-platform-sw-components`.
    pub components: Vec<SoftwareComponent>,
    /// `cca-platform-verification-service`: a hint, that nothing here follows.
    pub verification_service: Option<String>,
    /// `cca-platform-hash-algo-id`.
    pub hash_algorithm: HashAlgorithm,
}

/// One software component of the platform.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SoftwareComponent {
    /// Its role, such as `RMM`.
    pub component_type: Option<String>,
    /// Digest of the component: 32, 48 or 64 bytes.
    pub measurement: Vec<u8>,
    /// In the words of its maker.
    pub version: Option<String>,
    /// Digest of the key that signed it: 32, 48 or 64 bytes.
    pub signer_id: Vec<u8>,
    /// What the measurement was made with, where it says so.
    pub hash_algorithm: Option<HashAlgorithm>,
}

/// Claims of the realm token (DEN0137 section A7.2.3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RealmClaims {
    /// `cca-realm-challenge`.
    pub challenge: [u8; 64],
    /// `cca-realm-personalization-value`: what the host put in when it made the realm.
    pub personalization_value: [u8; 64],
    /// `cca-realm-initial-measurement` (RIM).
    pub initial_measurement: Measurement,
    /// `cca-realm-extensible-measurements` (REM0 to REM3).
    pub extensible_measurements: [Measurement; 4],
    /// `cca-realm-hash-algo-id`, of the measurements.
    pub hash_algorithm: HashAlgorithm,
    /// `cca-realm-public-key`, as it is written.
    pub public_key: Vec<u8>,
    /// `cca-realm-public-key-hash-algo-id`.
    pub public_key_hash_algorithm: HashAlgorithm,
}

impl PlatformClaims {
    /// DEN0137: bits 15 to 8 are the state.
    pub(super) fn lifecycle_name(&self) -> &'static str {
        match self.lifecycle >> 8 {
            0x00 => "unknown",
            0x10 => "assembly and test",
            0x20 => "platform root of trust being provisioned",
            0x30 => "secured",
            0x40 => "debug of what is not the platform's root of trust",
            0x50 => "recoverable debug of the platform's root of trust",
            0x60 => "decommissioned",
            _ => "a state without a meaning",
        }
    }

    pub(super) fn describe(&self) -> Vec<Claim> {
        let claim = |name, value: String| Claim { name, value };
        let mut claims = Vec::from([
            claim("platform-profile", self.profile.as_str().to_string()),
            claim("platform-challenge", Hex(&self.challenge).to_string()),
            claim("platform-implementation-id", Hex(&self.implementation_id).to_string()),
            claim("platform-instance-id", Hex(&self.instance_id).to_string()),
            claim("platform-config", Hex(&self.config).to_string()),
            claim("platform-lifecycle", format!("{:#06x} ({})", self.lifecycle, self.lifecycle_name())),
            claim("platform-hash-algo-id", self.hash_algorithm.as_str().to_string()),
            claim(
                "platform-verification-service",
                self.verification_service.clone().unwrap_or_else(|| String::from("none")),
            ),
        ]);
        claims.extend(self.components.iter().map(|component| claim("platform-sw-component", component.words())));
        claims
    }
}

impl SoftwareComponent {
    /// Its role, or nothing.
    pub(super) fn name(&self) -> &str {
        self.component_type.as_deref().unwrap_or("")
    }

    pub(super) fn words(&self) -> String {
        let version = self.version.as_deref().map_or(String::new(), |version| format!(" version {version}"));
        let name = if self.name().is_empty() { "without a name" } else { self.name() };
        format!("{name}{version} measurement {} signer {}", Hex(&self.measurement), Hex(&self.signer_id))
    }
}

impl RealmClaims {
    pub(super) fn describe(&self) -> Vec<Claim> {
        let claim = |name, value: String| Claim { name, value };
        let mut claims = Vec::from([
            claim("realm-challenge", Hex(&self.challenge).to_string()),
            claim("realm-personalization-value", Hex(&self.personalization_value).to_string()),
            claim("realm-initial-measurement", self.initial_measurement.to_string()),
        ]);
        claims.extend((0..).zip(&self.extensible_measurements).map(|(index, measurement): (u8, _)| {
            claim("realm-extensible-measurement", format!("{index} {measurement}"))
        }));
        claims.extend([
            claim("realm-hash-algo-id", self.hash_algorithm.as_str().to_string()),
            claim("realm-public-key", Hex(&self.public_key).to_string()),
            claim("realm-public-key-hash-algo-id", self.public_key_hash_algorithm.as_str().to_string()),
        ]);
        claims
    }
}
