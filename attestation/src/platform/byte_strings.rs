//! How byte strings of any length stand in a written policy: lower-case hexadecimal, two digits a byte.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::policy::Rule;
use crate::text::{Hex, from_hex};

struct Text(Vec<u8>);

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&Hex(&self.0))
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let refused = || D::Error::custom("expected lower-case hexadecimal, two digits a byte".to_string());
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if !rest.is_empty() {
            return Err(refused());
        }
        let byte = |pair: &[u8; 2]| from_hex::<1>(core::str::from_utf8(pair).ok()?).map(|[byte]| byte);
        pairs.iter().map(byte).collect::<Option<Vec<u8>>>().map(Self).ok_or_else(refused)
    }
}

/// `#[serde(with = …)]` for `Vec<u8>`.
pub(crate) mod one {
    use super::{Deserialize, Deserializer, Serialize, Serializer, Text, Vec};

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        Text(bytes.to_vec()).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        Text::deserialize(deserializer).map(|text| text.0)
    }
}

/// `#[serde(with = …)]` for `Rule<Vec<Vec<u8>>>`.
pub(crate) mod rule_of_list {
    use super::{Deserialize, Deserializer, Rule, Serialize, Serializer, Text, Vec};

    pub(crate) fn serialize<S: Serializer>(rule: &Rule<Vec<Vec<u8>>>, serializer: S) -> Result<S::Ok, S::Error> {
        rule.clone().map(|values| values.into_iter().map(Text).collect::<Vec<_>>()).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Rule<Vec<Vec<u8>>>, D::Error> {
        let rule = Rule::<Vec<Text>>::deserialize(deserializer)?;
        Ok(rule.map(|values| values.into_iter().map(|text| text.0).collect()))
    }
}

/// `#[serde(with = …)]` for `Vec<[u8; N]>`.
pub(crate) mod list_of_digests {
    use super::{Deserialize, Deserializer, Error, Serialize, Serializer, Text, ToString, Vec};

    pub(crate) fn serialize<S: Serializer, const N: usize>(
        values: &[[u8; N]],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        values.iter().map(|value| Text(value.to_vec())).collect::<Vec<_>>().serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>, const N: usize>(
        deserializer: D,
    ) -> Result<Vec<[u8; N]>, D::Error> {
        let values = Vec::<Text>::deserialize(deserializer)?;
        let exact = |text: Text| {
            <[u8; N]>::try_from(text.0).map_err(|_| {
                D::Error::custom(alloc::format!("expected {N} bytes of lower-case hexadecimal").to_string())
            })
        };
        values.into_iter().map(exact).collect()
    }
}
