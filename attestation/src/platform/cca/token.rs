//! Step 1: a token, decoded strictly. Two signed messages in one collection, and nothing beside them.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::claims::{PlatformClaims, RealmClaims};
use super::{checks, realm};
use crate::cbor::{self, Reader, once, required};
use crate::challenge::Answer;
use crate::check::{CheckDefinition, common};
use crate::cose::Sign1;
use crate::crypto::PublicKey;
use crate::error::DecodeError;
use crate::evidence::Claim;
use crate::measurement::Measurement;
use crate::platform::Platform;

/// DEN0137: a token is at most 4096 bytes; newer platforms list more components.
const MAX_BYTES: usize = 64 * 1024;
/// DEN0137 section A7.2.1, `cca-token`: a collection.
const COLLECTION: u64 = 399;
const PLATFORM: u64 = 44234;
const REALM: u64 = 44241;

/// A token that decodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    bytes: Vec<u8>,
    pub(super) platform_message: Sign1,
    pub(super) realm_message: Sign1,
    platform: PlatformClaims,
    realm: RealmClaims,
    pub(super) realm_key: PublicKey,
}

impl Token {
    /// Tag 399.
    pub(crate) fn sniff(bytes: &[u8]) -> bool {
        matches!(bytes, [0xd9, 0x01, 0x8f, ..])
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.len() > MAX_BYTES {
            let problem = format!("{} bytes, expected at most {MAX_BYTES}", bytes.len());
            return Err(malformed(&common::EVIDENCE_SIZE, problem));
        }
        let (platform, realm) = collection(bytes).map_err(|problem| malformed(&checks::TOKEN, problem))?;
        let signed = |bytes, whose: &str| {
            Sign1::decode(bytes).map_err(|problem| malformed(&checks::TOKEN, format!("{whose} token: {problem}")))
        };
        let (platform_message, platform_payload) = signed(platform, "platform")?;
        let (realm_message, realm_payload) = signed(realm, "realm")?;
        let platform =
            PlatformClaims::read(platform_payload).map_err(|problem| malformed(&checks::PLATFORM_CLAIMS, problem))?;
        let (realm, realm_key) = realm::read(realm_payload, platform.profile)
            .map_err(|problem| malformed(&checks::REALM_CLAIMS, problem))?;
        Ok(Self { bytes: bytes.to_vec(), platform_message, realm_message, platform, realm, realm_key })
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn platform(&self) -> &PlatformClaims {
        &self.platform
    }

    pub(crate) fn realm(&self) -> &RealmClaims {
        &self.realm
    }

    /// The realm's initial measurement.
    pub(crate) fn measurement(&self) -> Measurement {
        self.realm.initial_measurement
    }

    pub(crate) fn answer(&self) -> Answer<'_> {
        Answer { field: "realm challenge", bytes: &self.realm.challenge, fixed: true }
    }

    /// Every claim, the platform's first. Not verified.
    pub(crate) fn describe(&self) -> Vec<Claim> {
        let mut claims = self.platform.describe();
        claims.extend(self.realm.describe());
        claims
    }
}

fn malformed(check: &'static CheckDefinition, problem: String) -> DecodeError {
    DecodeError::EvidenceFormat { platform: Platform::ArmCca, check: check.id, problem }
}

fn collection(bytes: &[u8]) -> cbor::Result<(&[u8], &[u8])> {
    let mut reader = Reader::new(bytes);
    if reader.tag("the token")? != COLLECTION {
        return Err(format!("the token has another tag than {COLLECTION}"));
    }
    let (mut platform, mut realm) = (None, None);
    let mut tokens = reader.map(2, "the token")?;
    while reader.more(&mut tokens)? {
        match reader.unsigned("a key of the token")? {
            PLATFORM => once(&mut platform, reader.bytes("the platform token")?, "44234 (platform token)")?,
            REALM => once(&mut realm, reader.bytes("the realm token")?, "44241 (realm token)")?,
            other => return Err(format!("unknown key {other} of the token")),
        }
    }
    reader.end("the token")?;
    Ok((required(platform, "44234 (platform token)")?, required(realm, "44241 (realm token)")?))
}
