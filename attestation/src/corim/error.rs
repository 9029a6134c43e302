//! Why a manifest is not imported, and why a policy is not exported. Each names the place and what stood there.

use alloc::string::String;
use alloc::vec::Vec;

use thiserror::Error;

use crate::cbor;
use crate::error::PolicyError;
use crate::platform::Platform;
use crate::text::{any_of, printable, utc};

/// A manifest that was not imported: nothing of it was. In the order of the checks.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CorimError {
    /// Larger than any manifest that is read.
    #[error("the manifest has {found} bytes, expected at most {limit}")]
    Size {
        /// The limit.
        limit: usize,
        /// Bytes given.
        found: usize,
    },
    /// Not what draft-ietf-rats-corim-11 says, or not in a strict form of it.
    #[error("{path}: {problem}")]
    Form {
        /// Where in the manifest, such as `tags[0].triples.reference[1]`.
        path: String,
        /// What was expected, what was found.
        problem: String,
    },
    /// A key was given and nothing is signed.
    #[error(
        "the manifest is not signed, expected the signature of the key given; say that it is not verified, if you know otherwise who wrote it"
    )]
    NotSigned,
    /// Signed in another way than the key signs.
    #[error("the manifest is signed by {found}, expected {expected}, as the key given signs")]
    Algorithm {
        /// What the key fixes.
        expected: &'static str,
        /// What the manifest says.
        found: &'static str,
    },
    /// The signature does not verify with the key given.
    #[error("the manifest's signature does not verify with the key given; bring the key of who signed it")]
    Signature,
    /// It is not valid now.
    #[error("{path}: valid {}until {}, and now is {}", since(*not_before), utc(*not_after), utc(*now))]
    Validity {
        /// Which of its dates.
        path: &'static str,
        /// Seconds since 1970.
        not_before: Option<u64>,
        /// Seconds since 1970.
        not_after: u64,
        /// Seconds since 1970, as given.
        now: u64,
    },
    /// It reads well and no policy can say it. Nothing is dropped, so nothing is imported.
    #[error("{path}: {found} can not be said in a policy: {reason}")]
    Unmappable {
        /// Where in the manifest.
        path: String,
        /// What stands there.
        found: String,
        /// Why no policy can say it.
        reason: &'static str,
    },
    /// More states than a policy has room for.
    #[error("{path}: more than {limit} states; divide the manifest")]
    States {
        /// Which tag.
        path: String,
        /// The limit.
        limit: usize,
    },
    /// There is no accept block of that name.
    #[error("the policy has no accept block \"{name}\", expected {}", any_of(named))]
    NoSuchBlock {
        /// The name given.
        name: String,
        /// Those that it has.
        named: Vec<String>,
    },
    /// A manifest gives Reference Values; whom to trust and what else to demand has to come from an accept block.
    #[error("{path}: {} of {platform} to take the values: {}", if named.is_empty() { "no accept block" } else { "more than one accept block" }, if named.is_empty() { String::from("write one, or begin with policy new") } else { any_of(named) })]
    Template {
        /// Which tag.
        path: String,
        /// The platform of its values.
        platform: Platform,
        /// The blocks that it could be, of which none was named.
        named: Vec<String>,
    },
    /// The values do not make an accept block of their platform.
    #[error("{path}: {problem}")]
    Block {
        /// Which tag.
        path: String,
        /// What is wrong.
        problem: String,
    },
    /// The accept blocks do not make a policy.
    #[error(transparent)]
    Policy(#[from] PolicyError),
}

fn since(not_before: Option<u64>) -> String {
    not_before.map(|time| alloc::format!("from {} ", utc(time))).unwrap_or_default()
}

/// A policy that was not exported. In the order of the checks.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CorimExportError {
    /// A manifest has an identifier, and nobody can choose one here.
    #[error("the manifest has no identifier; name one that is used for no other")]
    Identifier,
    /// There is no accept block of that name.
    #[error("the policy has no accept block \"{name}\", expected {}", any_of(named))]
    NoSuchBlock {
        /// The name given.
        name: String,
        /// Those that it has.
        named: Vec<String>,
    },
    /// A field that should be left out and that no block exported has.
    #[error("no accept block that is exported has a field \"{field}\" to leave out")]
    NoSuchField {
        /// The field given.
        field: String,
    },
    /// Manifests of this kind do not speak of the platform.
    #[error("accept block \"{block}\" is of {platform}, expected {expected}; export other blocks alone")]
    Platform {
        /// The block.
        block: String,
        /// Its platform.
        platform: Platform,
        /// Those that can be exported so.
        expected: String,
    },
    /// A Reference Value that manifests of this kind can not say.
    #[error(
        "accept block \"{block}\": {field} can not be said in a CoRIM: {reason}; leave it out by name, and whoever imports keeps what their own block says of it"
    )]
    Field {
        /// The block.
        block: String,
        /// The field.
        field: String,
        /// Why not.
        reason: &'static str,
    },
    /// A block without any value.
    #[error("accept block \"{block}\" has no Reference Value to export")]
    Nothing {
        /// The block.
        block: String,
    },
    /// A triple says one state, and a block of several lists says too many.
    #[error("accept block \"{block}\" accepts more than {limit} states, and a triple says one; divide it")]
    States {
        /// The block.
        block: String,
        /// The limit.
        limit: usize,
    },
}

/// Says where a sentence of the reader is about.
pub(super) trait At<T> {
    /// At this place.
    fn at(self, path: &str) -> Result<T, CorimError>;
}

impl<T> At<T> for cbor::Result<T> {
    fn at(self, path: &str) -> Result<T, CorimError> {
        self.map_err(|problem| form(path, problem))
    }
}

/// Not the form of the draft.
pub(super) fn form(path: &str, problem: impl Into<String>) -> CorimError {
    CorimError::Form { path: path.into(), problem: printable(&problem.into()) }
}

/// What no policy can say.
pub(super) fn unmappable(path: &str, found: impl Into<String>, reason: &'static str) -> CorimError {
    CorimError::Unmappable { path: path.into(), found: printable(&found.into()), reason }
}
