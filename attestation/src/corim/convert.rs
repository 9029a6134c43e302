//! Between an attribute of a claim and the value that a policy writes for it.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::error::{CorimError, form, unmappable};
use super::model::{Attribute, Digest, DigestAlgorithm, RegisterId};
use super::tables::{SHA256, SHA384, SHA512};
use super::vocabulary::{BitNames, Kind};
use crate::forms::{bits_of_names, names_of_bits};
use crate::text::Hex;

/// The algorithms that policies name, with the bytes of their digests.
const ALGORITHMS: [(i64, &str, usize); 3] = [(SHA256, "sha256", 32), (SHA384, "sha384", 48), (SHA512, "sha512", 64)];

/// Why a policy does not take values of another kind.
const MINIMUM_ONLY: &str = "policies have a least version (553), not an exact one";
const OTHER_ALGORITHM: &str = "the platform measures with another algorithm";
const MASK: &str = "policies compare this value as a whole";

/// The values that are accepted, of one attribute that its kind takes.
pub(super) fn read(kind: Kind, attribute: &Attribute, path: &str) -> Result<Vec<Value>, CorimError> {
    match (kind, attribute) {
        (Kind::Measurement(algorithms), Attribute::Digests(digests)) => measurements(digests, algorithms, path),
        (Kind::Digest { algorithm, bytes }, Attribute::Digests(digests)) => {
            let [digest] = digests.as_slice() else {
                return Err(unmappable(path, format!("{} digests", digests.len()), OTHER_ALGORITHM));
            };
            if digest.algorithm != DigestAlgorithm::Number(algorithm) || digest.value.len() != bytes {
                return Err(unmappable(path, describe(digest), OTHER_ALGORITHM));
            }
            Ok(Vec::from([hex(&digest.value)]))
        }
        (Kind::Raw { bytes }, Attribute::Raw { value, mask }) => {
            if mask.as_ref().is_some_and(|mask| mask.iter().any(|byte| *byte != 0xff)) {
                return Err(unmappable(path, "a mask", MASK));
            }
            match bytes {
                Some(bytes) if bytes != value.len() => {
                    Err(form(path, format!("raw-value has {} bytes, expected {bytes}", value.len())))
                }
                _ => Ok(Vec::from([hex(value)])),
            }
        }
        (Kind::Bits { bytes, names }, Attribute::Raw { value, mask }) => {
            let (value, mask) = (little_endian(value, bytes, path)?, masked(mask.as_deref(), bytes, path)?);
            let (set, clear) = (names_of_bits(value & mask, names), names_of_bits(!value & mask, names));
            Ok(Vec::from([json!({ "set": set, "clear": clear })]))
        }
        (Kind::SetBits, Attribute::Raw { value, mask }) => {
            let (value, mask) = (little_endian(value, 8, path)?, masked(mask.as_deref(), 8, path)?);
            if value & mask != mask {
                return Err(unmappable(path, "a bit that must be zero", "policies ask here for bits that are one"));
            }
            Ok(Vec::from([json!(mask)]))
        }
        (Kind::RawZero, Attribute::Raw { value, mask: None }) if *value == [0; 4] => Ok(Vec::from([json!(0)])),
        (Kind::RawZero, _) => {
            Err(unmappable(path, "a value that is not zero", "policies have a highest one, not an exact one"))
        }
        (Kind::Minimum { .. } | Kind::Pair { .. }, Attribute::Svn(svn)) => {
            Err(unmappable(path, format!("an exact svn, {svn}"), MINIMUM_ONLY))
        }
        (Kind::Minimum { largest }, Attribute::MinimumSvn(svn)) => number(*svn, largest, path),
        (Kind::Pair { low }, Attribute::MinimumSvn(svn)) => {
            let pair = u16::try_from(*svn).map_err(|_| form(path, format!("min-svn {svn}, expected at most 65535")))?;
            let [major, lower] = pair.to_be_bytes();
            Ok(Vec::from([json!({ "major": major, low: lower })]))
        }
        (Kind::Exactly { largest }, Attribute::Range { minimum: Some(minimum), maximum: Some(maximum) })
            if minimum == maximum =>
        {
            number(natural(*minimum, path)?, largest, path)
        }
        (Kind::Exactly { .. }, _) => Err(unmappable(path, "a range", "policies name one number here")),
        (Kind::AtMost { largest }, Attribute::Range { minimum, maximum: Some(maximum) })
            if minimum.is_none_or(|minimum| minimum <= 0) || *maximum == 0 =>
        {
            number(natural(*maximum, path)?, largest, path)
        }
        (Kind::AtMost { .. }, _) => {
            Err(unmappable(path, "such a range", "policies have a highest number here, and no lowest"))
        }
        (Kind::Version, Attribute::Version { version, scheme: Some(4) }) => {
            let number: u32 = version.parse().map_err(|_| form(path, "the version is no decimal number"))?;
            Ok(Vec::from([json!(number)]))
        }
        (Kind::Version, Attribute::Raw { value, mask: None }) => Ok(Vec::from([json!(little_endian(value, 4, path)?)])),
        (Kind::Version, _) => {
            Err(unmappable(path, "a version of another scheme", "policies name versions by number here"))
        }
        (Kind::NotDebug, Attribute::Flags(flags)) => match flags.as_slice() {
            // is-debug (draft-ietf-rats-corim-11 section 5.1.4.5.5): no policy accepts it anyway.
            [(3, false)] => Ok(Vec::new()),
            _ => Err(unmappable(
                path,
                "flags",
                "policies have no rule for another flag than is-debug, which they refuse",
            )),
        },
        (Kind::Component | Kind::MeasurementRegisters { .. } | Kind::Registers { .. }, _) | (_, _) => {
            Err(unmappable(path, attribute.name(), "policies have a rule of another kind for it"))
        }
    }
}

/// What is written for a value; `None` where the value is of another kind.
pub(super) fn write(kind: Kind, value: &Value) -> Option<Attribute> {
    match kind {
        Kind::Measurement(_) => Some(Attribute::Digests(Vec::from([measurement(value)?]))),
        Kind::Digest { algorithm, .. } => {
            let digest = Digest { algorithm: DigestAlgorithm::Number(algorithm), value: bytes(value)? };
            Some(Attribute::Digests(Vec::from([digest])))
        }
        Kind::Raw { .. } => Some(Attribute::Raw { value: bytes(value)?, mask: None }),
        Kind::Bits { bytes, names } => {
            let (set, clear) = (bits(value.get("set")?, names)?, bits(value.get("clear")?, names)?);
            let of = |number: u64| number.to_le_bytes().into_iter().take(bytes).collect();
            Some(Attribute::Raw { value: of(set), mask: Some(of(set | clear)) })
        }
        Kind::SetBits => {
            let bits = value.as_u64()?.to_le_bytes().to_vec();
            Some(Attribute::Raw { value: bits.clone(), mask: Some(bits) })
        }
        Kind::RawZero => (value.as_u64()? == 0).then(|| Attribute::Raw { value: [0; 4].to_vec(), mask: None }),
        Kind::Minimum { .. } => Some(Attribute::MinimumSvn(value.as_u64()?)),
        Kind::Pair { low } => {
            let byte = |name: &str| value.get(name)?.as_u64();
            Some(Attribute::MinimumSvn((byte("major")? << 8) | byte(low)?))
        }
        Kind::Exactly { .. } => {
            let number = value.as_i64()?;
            Some(Attribute::Range { minimum: Some(number), maximum: Some(number) })
        }
        Kind::AtMost { .. } => Some(Attribute::Range { minimum: None, maximum: Some(value.as_i64()?) }),
        Kind::Version | Kind::NotDebug | Kind::Component => None,
        Kind::MeasurementRegisters { .. } | Kind::Registers { .. } => None,
    }
}

/// The values of one register.
pub(super) fn read_register(kind: Kind, digests: &[Digest], path: &str) -> Result<Vec<Value>, CorimError> {
    match kind {
        Kind::MeasurementRegisters { algorithms, .. } => measurements(digests, algorithms, path),
        _ => read(Kind::Digest { algorithm: SHA384, bytes: 48 }, &Attribute::Digests(digests.to_vec()), path),
    }
}

/// The digest of one value of a register.
pub(super) fn write_register(kind: Kind, value: &Value) -> Option<Digest> {
    match kind {
        Kind::MeasurementRegisters { .. } => measurement(value),
        _ => Some(Digest { algorithm: DigestAlgorithm::Number(SHA384), value: bytes(value)? }),
    }
}

/// A register by its number, where it is one of these.
pub(super) fn register_number(kind: Kind, id: &RegisterId) -> Option<u64> {
    let (Kind::MeasurementRegisters { first, last, .. } | Kind::Registers { first, last }) = kind else { return None };
    match id {
        RegisterId::Number(number) => (first..=last).contains(number).then_some(*number),
        RegisterId::Text(_) => None,
    }
}

/// What Arm's profile says of a component: its digest and who signed it.
pub(super) fn read_component(digests: &[Digest], signer: &[u8], path: &str) -> Result<Vec<Value>, CorimError> {
    let one = |digest: &Digest| {
        let of = |(code, _, length): &(i64, &str, usize)| {
            digest.algorithm == DigestAlgorithm::Number(*code) && digest.value.len() == *length
        };
        if !ALGORITHMS.iter().any(of) {
            return Err(unmappable(path, describe(digest), OTHER_ALGORITHM));
        }
        Ok(json!({ "measurement": Hex(&digest.value).to_string(), "signer_id": Hex(signer).to_string() }))
    };
    digests.iter().map(one).collect()
}

/// The other way round; the algorithm is that of the digest's length, as the profile takes it.
pub(super) fn write_component(value: &Value) -> Option<(Digest, Vec<u8>)> {
    let (digest, signer) = (bytes(value.get("measurement")?)?, bytes(value.get("signer_id")?)?);
    let (code, _, _) = ALGORITHMS.iter().find(|(_, _, length)| *length == digest.len())?;
    Some((Digest { algorithm: DigestAlgorithm::Number(*code), value: digest }, signer))
}

/// Digests of one object by several algorithms: whichever the Evidence has, so each is a value.
fn measurements(digests: &[Digest], algorithms: &[i64], path: &str) -> Result<Vec<Value>, CorimError> {
    let one = |digest: &Digest| {
        let DigestAlgorithm::Number(code) = digest.algorithm else {
            return Err(unmappable(path, describe(digest), OTHER_ALGORITHM));
        };
        let known = ALGORITHMS.iter().find(|(known, _, _)| *known == code && algorithms.contains(known));
        let (_, name, length) = known.ok_or_else(|| unmappable(path, describe(digest), OTHER_ALGORITHM))?;
        if digest.value.len() != *length {
            return Err(form(path, format!("a digest of {name} with {} bytes, expected {length}", digest.value.len())));
        }
        Ok(json!(format!("{name}:{}", Hex(&digest.value))))
    };
    digests.iter().map(one).collect()
}

fn measurement(value: &Value) -> Option<Digest> {
    let (name, digits) = value.as_str()?.split_once(':')?;
    let (code, _, _) = ALGORITHMS.iter().find(|(_, known, _)| *known == name)?;
    Some(Digest { algorithm: DigestAlgorithm::Number(*code), value: bytes(&json!(digits))? })
}

fn describe(digest: &Digest) -> String {
    match &digest.algorithm {
        DigestAlgorithm::Number(code) => format!("a digest of {} bytes by algorithm {code}", digest.value.len()),
        DigestAlgorithm::Name(name) => format!("a digest of {} bytes by algorithm \"{name}\"", digest.value.len()),
    }
}

fn number(value: u64, largest: u64, path: &str) -> Result<Vec<Value>, CorimError> {
    if value > largest {
        return Err(form(path, format!("{value}, expected at most {largest}")));
    }
    Ok(Vec::from([json!(value)]))
}

fn natural(value: i64, path: &str) -> Result<u64, CorimError> {
    u64::try_from(value).map_err(|_| form(path, format!("{value}, expected 0 or more")))
}

fn little_endian(bytes: &[u8], expected: usize, path: &str) -> Result<u64, CorimError> {
    if bytes.len() != expected {
        return Err(form(path, format!("raw-value has {} bytes, expected {expected}", bytes.len())));
    }
    Ok(bytes.iter().rev().fold(0, |number, byte| (number << 8) | u64::from(*byte)))
}

fn masked(mask: Option<&[u8]>, bytes: usize, path: &str) -> Result<u64, CorimError> {
    // Section 8.2.4.4.5.5: without a mask, every bit counts.
    mask.map_or_else(|| little_endian(&alloc::vec![0xff; bytes], bytes, path), |mask| little_endian(mask, bytes, path))
}

fn bits(value: &Value, names: BitNames) -> Option<u64> {
    let words: Option<Vec<String>> =
        value.as_array()?.iter().map(|word| word.as_str().map(ToString::to_string)).collect();
    bits_of_names(&words?, names).ok()
}

fn hex(bytes: &[u8]) -> Value {
    json!(Hex(bytes).to_string())
}

/// The bytes of lower-case hexadecimal of any length.
pub(super) fn bytes(value: &Value) -> Option<Vec<u8>> {
    let (pairs, rest) = value.as_str()?.as_bytes().as_chunks::<2>();
    let byte = |pair: &[u8; 2]| crate::text::from_hex::<1>(core::str::from_utf8(pair).ok()?).map(|[byte]| byte);
    if rest.is_empty() { pairs.iter().map(byte).collect() } else { None }
}
