//! Lists and words of Intel's JSON with a limit. What is beyond it is refused while it is read, before anything is compared with
//! anything: levels and advisories are gone through once for each other, and who sends collateral is not always Intel.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};

use super::json::Text;

/// Levels of a platform, of a TDX module or of a quoting enclave. Far above any list of Intel's.
pub(super) const MAX_LEVELS: usize = 256;
/// Versions of the TDX module: as many as one byte tells apart.
pub(super) const MAX_MODULES: usize = 256;
/// Advisories of one level. Intel's oldest levels have some twenty.
pub(super) const MAX_ADVISORIES: usize = 64;
/// Bytes of an advisory's number, such as `INTEL-SA-00615`.
const MAX_ADVISORY_BYTES: usize = 64;

/// The advisories of one level.
pub(super) type Advisories = AtMost<MAX_ADVISORIES, Advisory>;

/// A list of at most `N`.
pub(super) struct AtMost<const N: usize, T>(pub(super) Vec<T>);

impl<const N: usize, T> Default for AtMost<N, T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<const N: usize, T> AtMost<N, T> {
    /// Each made into something else.
    pub(super) fn map<U>(self, into: impl FnMut(T) -> U) -> Vec<U> {
        self.0.into_iter().map(into).collect()
    }
}

impl<'de, const N: usize, T: Deserialize<'de>> Deserialize<'de> for AtMost<N, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(List::<N, T>(PhantomData))
    }
}

struct List<const N: usize, T>(PhantomData<T>);

impl<'de, const N: usize, T: Deserialize<'de>> Visitor<'de> for List<N, T> {
    type Value = AtMost<N, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {N}")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = sequence.next_element()? {
            if list.len() == N {
                return Err(A::Error::custom(format_args!("a list of more than {N}, expected at most that")));
            }
            list.push(item);
        }
        Ok(AtMost(list))
    }
}

/// An advisory's number.
pub(super) struct Advisory(pub(super) String);

impl<'de> Deserialize<'de> for Advisory {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let parse = |text: &str| (text.len() <= MAX_ADVISORY_BYTES).then(|| Self(text.into()));
        deserializer.deserialize_str(Text { expected: "an advisory's number of at most 64 bytes", parse })
    }
}
