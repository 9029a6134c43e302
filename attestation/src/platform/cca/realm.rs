//! Step 2, the realm token's claims (DEN0137 section A7.2.3.1): each once, no other; and the realm's key in its two forms.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::claims::{HashAlgorithm, Profile, RealmClaims};
use crate::cbor::{self, Reader, once, required};
use crate::crypto::PublicKey;

/// What the realm token names beside a platform token of [`Profile::V1`].
const REALM_PROFILE: &str = "tag:arm.com,2023:realm#1.0.0";
const MAX_CLAIMS: u64 = 8;
const MAX_KEY: usize = 256;
const P521: &str = "the realm's key is on P-521, which no provider here verifies";

/// The claims, and the key that they hold.
pub(super) fn read(payload: &[u8], platform: Profile) -> cbor::Result<(RealmClaims, PublicKey)> {
    let mut reader = Reader::new(payload);
    let (mut profile, mut challenge, mut personalization, mut initial, mut extensible) = (None, None, None, None, None);
    let (mut hash_algorithm, mut public_key, mut key_hash_algorithm) = (None, None, None);
    let mut claims = reader.map(MAX_CLAIMS, "the realm's claims")?;
    while reader.more(&mut claims)? {
        match reader.integer("a claim's key")? {
            265 => once(&mut profile, reader.text("the realm's profile")?, "265 (profile)")?,
            10 => once(&mut challenge, reader.sized("the realm's challenge")?, "10 (challenge)")?,
            44235 => once(&mut personalization, reader.sized("the personalization value")?, "44235 (personalization)")?,
            44238 => once(&mut initial, reader.bytes("the initial measurement")?, "44238 (initial measurement)")?,
            44239 => once(&mut extensible, measurements(&mut reader)?, "44239 (extensible measurements)")?,
            44236 => once(&mut hash_algorithm, algorithm(&mut reader)?, "44236 (hash algorithm)")?,
            44237 => once(&mut public_key, reader.bytes("the realm's key")?, "44237 (public key)")?,
            44240 => once(&mut key_hash_algorithm, algorithm(&mut reader)?, "44240 (hash algorithm of the key)")?,
            other => return Err(format!("unknown claim {other} of the realm")),
        }
    }
    reader.end("the realm's claims")?;
    match (platform, profile) {
        (Profile::Legacy, None) | (Profile::V1, Some(REALM_PROFILE)) => {}
        (Profile::Legacy, Some(_)) => {
            return Err(String::from("the realm names a profile, and its platform's has none"));
        }
        (Profile::V1, None) => return Err(String::from("265 (profile) of the realm is missing")),
        (Profile::V1, Some(_)) => return Err(format!("the realm's profile is not {REALM_PROFILE}")),
    }
    let hash_algorithm = required(hash_algorithm, "44236 (hash algorithm)")?;
    let [rem0, rem1, rem2, rem3] = required(extensible, "44239 (extensible measurements)")?;
    let extensible = |digest| hash_algorithm.measurement(digest, "an extensible measurement");
    let public_key = required(public_key, "44237 (public key)")?;
    let key = match platform {
        Profile::Legacy => bare_point(public_key)?,
        Profile::V1 => cose_key(public_key)?,
    };
    let claims = RealmClaims {
        challenge: required(challenge, "10 (challenge)")?,
        personalization_value: required(personalization, "44235 (personalization value)")?,
        initial_measurement: hash_algorithm
            .measurement(required(initial, "44238 (initial measurement)")?, "the initial measurement")?,
        extensible_measurements: [extensible(rem0)?, extensible(rem1)?, extensible(rem2)?, extensible(rem3)?],
        hash_algorithm,
        public_key: public_key.to_vec(),
        public_key_hash_algorithm: required(key_hash_algorithm, "44240 (hash algorithm of the key)")?,
    };
    Ok((claims, key))
}

fn algorithm(reader: &mut Reader<'_>) -> cbor::Result<HashAlgorithm> {
    HashAlgorithm::read(reader.text("a hash algorithm")?, "a hash algorithm")
}

fn measurements<'b>(reader: &mut Reader<'b>) -> cbor::Result<[&'b [u8]; 4]> {
    const WHAT: &str = "an extensible measurement";
    reader.array_of(4, "the extensible measurements")?;
    Ok([reader.bytes(WHAT)?, reader.bytes(WHAT)?, reader.bytes(WHAT)?, reader.bytes(WHAT)?])
}

/// SEC 1 section 2.3.3, uncompressed: the length tells the curve.
fn bare_point(bytes: &[u8]) -> cbor::Result<PublicKey> {
    if bytes.first() != Some(&4) {
        return Err(String::from("the realm's key is no uncompressed point"));
    }
    match bytes.len() {
        65 => bytes.try_into().map(|point: [u8; 65]| PublicKey::P256(Box::new(point))).map_err(|_| String::from(P521)),
        97 => bytes.try_into().map(|point: [u8; 97]| PublicKey::P384(Box::new(point))).map_err(|_| String::from(P521)),
        133 => Err(String::from(P521)),
        found => Err(format!("the realm's key has {found} bytes, expected 65 (P-256) or 97 (P-384)")),
    }
}

/// RFC 9053 section 7.1.1: key type 2 (EC2), curve, both coordinates; nothing else.
fn cose_key(bytes: &[u8]) -> cbor::Result<PublicKey> {
    if bytes.len() > MAX_KEY {
        return Err(format!("the realm's key has {} bytes, expected at most {MAX_KEY}", bytes.len()));
    }
    let mut reader = Reader::new(bytes);
    let (mut kind, mut curve, mut x, mut y) = (None, None, None, None);
    let mut fields = reader.map(4, "the realm's key")?;
    while reader.more(&mut fields)? {
        match reader.integer("a key of the realm's key")? {
            1 => once(&mut kind, reader.integer("the key's type")?, "1 (key type)")?,
            -1 => once(&mut curve, reader.integer("the key's curve")?, "-1 (curve)")?,
            -2 => once(&mut x, reader.bytes("the key's x")?, "-2 (x)")?,
            -3 => once(&mut y, reader.bytes("the key's y")?, "-3 (y)")?,
            other => return Err(format!("unknown key {other} of the realm's key")),
        }
    }
    reader.end("the realm's key")?;
    if required(kind, "1 (key type) of the realm's key")? != 2 {
        return Err(String::from("the realm's key is not of type 2 (EC2)"));
    }
    let (x, y) = (required(x, "-2 (x) of the realm's key")?, required(y, "-3 (y) of the realm's key")?);
    let size = match required(curve, "-1 (curve) of the realm's key")? {
        1 => 32,
        2 => 48,
        3 => return Err(String::from(P521)),
        other => return Err(format!("the realm's key is on curve {other}, expected 1 (P-256) or 2 (P-384)")),
    };
    if x.len() != size || y.len() != size {
        return Err(format!("the realm's key has coordinates of {} and {} bytes, expected {size}", x.len(), y.len()));
    }
    let point: Vec<u8> = [&[4][..], x, y].concat();
    bare_point(&point)
}
