//! Step 2, the platform token's claims (DEN0137 section A7.2.3.2; `cca-platform-claim-map`): each once, no other.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::claims::{HashAlgorithm, PlatformClaims, Profile, SoftwareComponent};
use crate::cbor::{self, Items, Reader, once, required};

const MAX_CLAIMS: u64 = 9;
const MAX_COMPONENTS: u64 = 64;
const MAX_CONFIG: usize = 1024;
/// Shown to people before anything is verified.
const MAX_TEXT: usize = 256;

impl PlatformClaims {
    pub(super) fn read(payload: &[u8]) -> cbor::Result<Self> {
        let mut reader = Reader::new(payload);
        let (mut profile, mut challenge, mut implementation_id, mut instance_id) = (None, None, None, None);
        let (mut config, mut lifecycle, mut components) = (None, None, None);
        let (mut service, mut hash_algorithm) = (None, None);
        let mut claims = reader.map(MAX_CLAIMS, "the platform's claims")?;
        while reader.more(&mut claims)? {
            match reader.integer("a claim's key")? {
                265 => once(&mut profile, Profile::read(reader.text("the platform's profile")?)?, "265 (profile)")?,
                10 => once(&mut challenge, digest(&mut reader, "the platform's challenge")?, "10 (challenge)")?,
                2396 => once(&mut implementation_id, reader.sized("the implementation")?, "2396 (implementation id)")?,
                256 => once(&mut instance_id, reader.sized::<33>("the instance id")?, "256 (instance id)")?,
                2401 => once(&mut config, configuration(&mut reader)?, "2401 (config)")?,
                2395 => once(&mut lifecycle, security_lifecycle(&mut reader)?, "2395 (lifecycle)")?,
                2399 => once(&mut components, software(&mut reader)?, "2399 (software components)")?,
                2400 => once(&mut service, plain_text(&mut reader, "the verification service")?, "2400 (service)")?,
                2402 => once(&mut hash_algorithm, algorithm(&mut reader)?, "2402 (hash algorithm)")?,
                other => return Err(format!("unknown claim {other} of the platform")),
            }
        }
        reader.end("the platform's claims")?;
        let instance_id = required(instance_id, "256 (instance id)")?;
        // EAT (RFC 9711) section 4.2.1: the kind of UEID that CCA uses.
        if instance_id.first() != Some(&1) {
            return Err(String::from("the instance id does not begin with 0x01"));
        }
        Ok(Self {
            profile: required(profile, "265 (profile)")?,
            challenge: required(challenge, "10 (challenge)")?,
            implementation_id: required(implementation_id, "2396 (implementation id)")?,
            instance_id,
            config: required(config, "2401 (config)")?,
            lifecycle: required(lifecycle, "2395 (lifecycle)")?,
            components: required(components, "2399 (software components)")?,
            verification_service: service,
            hash_algorithm: required(hash_algorithm, "2402 (hash algorithm)")?,
        })
    }
}

/// `cca-hash-type`.
fn digest(reader: &mut Reader<'_>, what: &str) -> cbor::Result<Vec<u8>> {
    let bytes = reader.bytes(what)?;
    match bytes.len() {
        32 | 48 | 64 => Ok(bytes.to_vec()),
        found => Err(format!("{what} has {found} bytes, expected 32, 48 or 64")),
    }
}

fn algorithm(reader: &mut Reader<'_>) -> cbor::Result<HashAlgorithm> {
    HashAlgorithm::read(reader.text("a hash algorithm")?, "a hash algorithm")
}

fn configuration(reader: &mut Reader<'_>) -> cbor::Result<Vec<u8>> {
    let bytes = reader.bytes("the configuration")?;
    match bytes.len() {
        0..=MAX_CONFIG => Ok(bytes.to_vec()),
        found => Err(format!("the configuration has {found} bytes, expected at most {MAX_CONFIG}")),
    }
}

fn security_lifecycle(reader: &mut Reader<'_>) -> cbor::Result<u16> {
    let value = reader.unsigned("the lifecycle")?;
    u16::try_from(value).map_err(|_| format!("the lifecycle is {value:#x}, expected at most 0xffff"))
}

fn plain_text(reader: &mut Reader<'_>, what: &str) -> cbor::Result<String> {
    let text = reader.text(what)?;
    if text.len() > MAX_TEXT || !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Err(format!("{what} is not at most {MAX_TEXT} printable ASCII characters"));
    }
    Ok(text.to_string())
}

fn software(reader: &mut Reader<'_>) -> cbor::Result<Vec<SoftwareComponent>> {
    let mut components = Vec::new();
    let mut items = reader.array(MAX_COMPONENTS, "the software components")?;
    while reader.more(&mut items)? {
        let fields = reader.map(5, "a software component")?;
        components.push(component(reader, fields)?);
    }
    if components.is_empty() { Err(String::from("there are no software components")) } else { Ok(components) }
}

fn component(reader: &mut Reader<'_>, mut fields: Items) -> cbor::Result<SoftwareComponent> {
    let (mut component_type, mut measurement, mut version, mut signer_id) = (None, None, None, None);
    let mut hash_algorithm = None;
    while reader.more(&mut fields)? {
        match reader.integer("a key of a software component")? {
            1 => once(&mut component_type, plain_text(reader, "a component's type")?, "1 (component type)")?,
            2 => once(&mut measurement, digest(reader, "a component's measurement")?, "2 (measurement)")?,
            4 => once(&mut version, plain_text(reader, "a component's version")?, "4 (version)")?,
            5 => once(&mut signer_id, digest(reader, "a component's signer id")?, "5 (signer id)")?,
            6 => once(&mut hash_algorithm, algorithm(reader)?, "6 (hash algorithm)")?,
            other => return Err(format!("unknown key {other} of a software component")),
        }
    }
    Ok(SoftwareComponent {
        component_type,
        measurement: required(measurement, "2 (measurement) of a software component")?,
        version,
        signer_id: required(signer_id, "5 (signer id) of a software component")?,
        hash_algorithm,
    })
}
