//! How the values that TDX and SGX policies share stand in a written policy.

use alloc::string::String;
use alloc::vec::Vec;
use core::marker::PhantomData;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::policy::{Bits, TcbAge};
use super::states;
use crate::forms::{bits_of_names, names_of_bits};
use crate::policy::Rule;

/// The names of a field's bits.
pub(crate) trait Names {
    const NAMES: &'static [(u64, &'static str)];
}

/// Of XFAM and XFRM.
pub(crate) struct States;

impl Names for States {
    const NAMES: &'static [(u64, &'static str)] = &states::NAMES;
}

/// Of fields whose bits have no names here.
pub(crate) struct NoNames;

impl Names for NoNames {
    const NAMES: &'static [(u64, &'static str)] = &[];
}

/// `#[serde(with = …)]` for [`Bits`].
pub(crate) struct Named<N>(PhantomData<N>);

/// `#[serde(with = …)]` for a rule of [`Bits`].
pub(crate) struct NamedRule<N>(PhantomData<N>);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    set: Vec<String>,
    clear: Vec<String>,
}

impl Words {
    fn of(bits: Bits, names: &[(u64, &str)]) -> Self {
        Self { set: names_of_bits(bits.set, names), clear: names_of_bits(bits.clear, names) }
    }

    fn bits<E: Error>(&self, names: &[(u64, &str)]) -> Result<Bits, E> {
        let of = |words: &[String]| bits_of_names(words, names).map_err(E::custom);
        Ok(Bits { set: of(&self.set)?, clear: of(&self.clear)? })
    }
}

impl<N: Names> Named<N> {
    pub(crate) fn serialize<S: Serializer>(bits: &Bits, serializer: S) -> Result<S::Ok, S::Error> {
        Words::of(*bits, N::NAMES).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bits, D::Error> {
        Words::deserialize(deserializer)?.bits(N::NAMES)
    }
}

impl<N: Names> NamedRule<N> {
    pub(crate) fn serialize<S: Serializer>(rule: &Rule<Bits>, serializer: S) -> Result<S::Ok, S::Error> {
        rule.clone().map(|bits| Words::of(bits, N::NAMES)).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Rule<Bits>, D::Error> {
        Ok(match Rule::<Words>::deserialize(deserializer)? {
            Rule::Require(words) => Rule::Require(words.bits(N::NAMES)?),
            Rule::Skip { reason } => Rule::Skip { reason },
        })
    }
}

/// [`TcbAge`] as it is written: `{ grace_seconds = 0 }`, `{ minimum_evaluation = 18 }` or `{ skip = "why" }`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum WrittenAge {
    GraceSeconds(u64),
    MinimumEvaluation(u32),
    Skip(String),
}

impl From<WrittenAge> for TcbAge {
    fn from(written: WrittenAge) -> Self {
        match written {
            WrittenAge::GraceSeconds(seconds) => Self::Grace { seconds },
            WrittenAge::MinimumEvaluation(number) => Self::MinimumEvaluation(number),
            WrittenAge::Skip(reason) => Self::Skip { reason },
        }
    }
}

impl From<TcbAge> for WrittenAge {
    fn from(age: TcbAge) -> Self {
        match age {
            TcbAge::Grace { seconds } => Self::GraceSeconds(seconds),
            TcbAge::MinimumEvaluation(number) => Self::MinimumEvaluation(number),
            TcbAge::Skip { reason } => Self::Skip(reason),
        }
    }
}
