//! How values stand in a written policy: digests as lower-case hexadecimal, a rule as its value or `{ skip = "why" }`, bits by
//! their names. One form for each value, in TOML and JSON alike; anything else is refused where it stands.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{DeserializeSeed, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::anchor::{AnchorKind, Fingerprint, TrustAnchor};
use crate::measurement::Measurement;
use crate::policy::{Requirement, Rule};
use crate::text::{Hex, from_hex};

/// `N` bytes as lower-case hexadecimal.
#[derive(Clone, Copy)]
struct HexBytes<const N: usize>([u8; N]);

impl<const N: usize> Serialize for HexBytes<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Hex(&self.0))
    }
}

impl<'de, const N: usize> Deserialize<'de> for HexBytes<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        from_hex(&text).map(Self).ok_or_else(|| {
            D::Error::custom(format!(
                "expected {} lower-case hexadecimal digits ({N} bytes), found {} characters",
                N * 2,
                text.chars().count()
            ))
        })
    }
}

/// `#[serde(with = …)]` for `[u8; N]`.
pub(crate) mod hex {
    use super::{Deserialize, Deserializer, HexBytes, Serialize, Serializer};

    pub(crate) fn serialize<S: Serializer, const N: usize>(bytes: &[u8; N], serializer: S) -> Result<S::Ok, S::Error> {
        HexBytes(*bytes).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>, const N: usize>(deserializer: D) -> Result<[u8; N], D::Error> {
        HexBytes::deserialize(deserializer).map(|bytes| bytes.0)
    }
}

/// `#[serde(with = …)]` for `Rule<Vec<[u8; N]>>`.
pub(crate) mod rule_of_hex_list {
    use super::{Deserialize, Deserializer, HexBytes, Rule, Serialize, Serializer, Vec};

    pub(crate) fn serialize<S: Serializer, const N: usize>(
        rule: &Rule<Vec<[u8; N]>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        rule.clone().map(|list| list.into_iter().map(HexBytes).collect::<Vec<_>>()).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>, const N: usize>(
        deserializer: D,
    ) -> Result<Rule<Vec<[u8; N]>>, D::Error> {
        let rule = Rule::<Vec<HexBytes<N>>>::deserialize(deserializer)?;
        Ok(rule.map(|list| list.into_iter().map(|bytes| bytes.0).collect()))
    }
}

/// Bits by their names, those without a name as `bit-40`.
pub(crate) fn names_of_bits(bits: u64, names: &[(u64, &str)]) -> Vec<String> {
    let each = (0..64).map(|index| (index, 1_u64 << index)).filter(|(_, bit)| bits & bit != 0);
    each.map(|(index, bit)| match names.iter().find(|(known, _)| *known == bit) {
        Some((_, name)) => (*name).to_string(),
        None => format!("bit-{index}"),
    })
    .collect()
}

/// The other way round; the error names what is no bit.
pub(crate) fn bits_of_names(words: &[String], names: &[(u64, &str)]) -> Result<u64, String> {
    words.iter().try_fold(0, |bits, word| {
        let known = names.iter().find(|(_, name)| name == word).map(|(bit, _)| *bit);
        let numbered = || {
            let index: u32 = word.strip_prefix("bit-")?.parse().ok()?;
            let bit = 1_u64.checked_shl(index)?;
            // One form only: a bit that has a name is written by it.
            (names.iter().all(|(named, _)| *named != bit) && *word == format!("bit-{index}")).then_some(bit)
        };
        known.or_else(numbered).map(|bit| bits | bit).ok_or_else(|| {
            let all: Vec<_> = names.iter().map(|(_, name)| *name).collect();
            format!("unknown bit `{word}`, expected one of {}", all.join(", "))
        })
    })
}

impl Serialize for Measurement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Measurement {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            D::Error::custom("expected a measurement: sha256, sha384 or sha512, a colon, lower-case hexadecimal digits")
        })
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// An anchor as it is written: what is not said is not so.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenAnchor {
    fingerprint: Fingerprint,
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    simulated: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    vouched: Option<String>,
}

impl Serialize for TrustAnchor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let vouched = match self.kind() {
            AnchorKind::Vouched { reason } => Some(reason.clone()),
            AnchorKind::Vendor(_) | AnchorKind::Simulated => None,
        };
        WrittenAnchor { fingerprint: *self.fingerprint(), simulated: self.simulated(), vouched }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for TrustAnchor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let WrittenAnchor { fingerprint, simulated, vouched } = WrittenAnchor::deserialize(deserializer)?;
        match vouched {
            Some(_) if simulated => Err(D::Error::custom("an anchor is simulated or vouched for, not both")),
            Some(reason) => Self::vouched(fingerprint, reason).map_err(D::Error::custom),
            None => Self::new(fingerprint, simulated).map_err(D::Error::custom),
        }
    }
}

/// `{ skip = "why" }`.
#[derive(Serialize)]
struct Skipped<'a> {
    skip: &'a str,
}

impl<T: Serialize> Serialize for Rule<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Require(value) => value.serialize(serializer),
            Self::Skip { reason } => Skipped { skip: reason }.serialize(serializer),
        }
    }
}

impl Serialize for Requirement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Required => serializer.serialize_str("required"),
            Self::Skip { reason } => Skipped { skip: reason }.serialize(serializer),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Rule<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RuleVisitor(PhantomData))
    }
}

struct RuleVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for RuleVisitor<T> {
    type Value = Rule<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value, or { skip = \"why\" }")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        T::deserialize(value.into_deserializer()).map(Rule::Require)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        T::deserialize(value.into_deserializer()).map(Rule::Require)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        T::deserialize(value.into_deserializer()).map(Rule::Require)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Self::Value, E> {
        T::deserialize(value.into_deserializer()).map(Rule::Require)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, values: A) -> Result<Self::Value, A::Error> {
        T::deserialize(SeqAccessDeserializer::new(values)).map(Rule::Require)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        match map.next_key::<String>()? {
            Some(key) if key == "skip" => only_value(map).map(|reason| Rule::Skip { reason }),
            first => T::deserialize(MapAccessDeserializer::new(WithFirst { first, map })).map(Rule::Require),
        }
    }
}

impl<'de> Deserialize<'de> for Requirement {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RequirementVisitor)
    }
}

struct RequirementVisitor;

impl<'de> Visitor<'de> for RequirementVisitor {
    type Value = Requirement;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"required\", or { skip = \"why\" }")
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Self::Value, E> {
        match value {
            "required" => Ok(Requirement::Required),
            _ => Err(E::invalid_value(serde::de::Unexpected::Str(value), &self)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        match map.next_key::<String>()? {
            Some(key) if key == "skip" => only_value(map).map(|reason| Requirement::Skip { reason }),
            Some(key) => Err(A::Error::unknown_field(&key, &["skip"])),
            None => Err(A::Error::missing_field("skip")),
        }
    }
}

fn only_value<'de, A: MapAccess<'de>>(mut map: A) -> Result<String, A::Error> {
    let reason = map.next_value()?;
    match map.next_key::<String>()? {
        None => Ok(reason),
        Some(key) => Err(A::Error::unknown_field(&key, &["skip"])),
    }
}

/// A map whose first key was read already.
struct WithFirst<A> {
    first: Option<String>,
    map: A,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for WithFirst<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        match self.first.take() {
            Some(key) => seed.deserialize(key.into_deserializer()).map(Some),
            None => self.map.next_key_seed(seed),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}
