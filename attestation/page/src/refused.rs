//! Why there is no verdict: something is wrong with the question, not with the Evidence.
//!
//! What always holds: each says which of the things that were given it is about, and what to do.

use sealroom_attestation::{DecodeError, EnvelopeError, PolicyError, PolicyTextError};
use serde_json::{Value, json};
use thiserror::Error;

use crate::request::RequestError;

/// The exit code of the command line for a failure of its own.
const LOCAL: u8 = 1;
/// The one for a file that is not what its format says.
const MALFORMED: u8 = 2;

/// A question without an answer. In the order in which it is noticed.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum Refused {
    /// The page and the Verifier inside of it do not understand each other, or too much was given.
    #[error("{0}")]
    Request(#[from] RequestError),
    /// A text that is no policy.
    #[error("the policy: {0}")]
    Policy(#[from] PolicyTextError),
    /// A file that is no Endorsement.
    #[error("no endorsement: {error}")]
    Endorsement {
        /// Which file, from 0.
        index: usize,
        /// What is wrong with it.
        error: DecodeError,
    },
    /// A bundle that does not read.
    #[error("no endorsement: {error}")]
    Bundle {
        /// Which file, from 0.
        index: usize,
        /// What is wrong with it.
        error: EnvelopeError,
    },
    /// Endorsements that do not go together.
    #[error("the endorsements that were given: {0}")]
    Given(DecodeError),
    /// The same of those that came with the Evidence.
    #[error("the endorsements that came with the evidence: {0}")]
    Brought(DecodeError),
    /// Neither a challenge nor a reason why there was none.
    #[error("neither a challenge nor a reason why there was none was given")]
    NothingAsked,
    /// A challenge that is no hexadecimal.
    #[error("the challenge \"{digits}\": expected an even number of hexadecimal digits, {error}")]
    Digits {
        /// As it was typed.
        digits: String,
        /// What is wrong with it.
        error: hex::FromHexError,
    },
    /// A challenge of a length that no platform carries, or a reason without words.
    #[error("what was asked: {0}")]
    Asked(DecodeError),
    /// A file that is no Evidence, where there is no policy to appraise it under.
    #[error("the evidence: {0}")]
    Evidence(DecodeError),
    /// A policy can not be made for it: nobody is named whom to trust.
    #[error("{}", if *.of_amd { "the report does not name its product line, so its maker's root is not known" } else { "this platform has no one maker's root, so whom to trust must be said" })]
    NoRoot {
        /// Whether its maker has one root a line of products.
        of_amd: bool,
    },
    /// No policy may say what would be needed to accept it.
    #[error("no policy could accept this evidence: {0}")]
    Unacceptable(PolicyError),
}

impl Refused {
    /// What it is about: `page`, `policy`, `endorsements`, `challenge` or `evidence`.
    #[must_use]
    pub fn about(&self) -> &'static str {
        match self {
            Self::Request(_) => "page",
            Self::Policy(_) => "policy",
            Self::Endorsement { .. } | Self::Bundle { .. } | Self::Given(_) => "endorsements",
            Self::NothingAsked | Self::Digits { .. } | Self::Asked(_) => "challenge",
            Self::Brought(_) | Self::Evidence(_) | Self::NoRoot { .. } | Self::Unacceptable(_) => "evidence",
        }
    }

    /// The exit code that the command line ends with.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Brought(_) | Self::Evidence(_) => MALFORMED,
            _ => LOCAL,
        }
    }

    /// What to do.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Request(_) => "take fewer or smaller files; if that is not it, build the page anew",
            Self::Policy(_) => "docs/policy.md has every field of every platform; nothing has a default",
            Self::Endorsement { .. } | Self::Bundle { .. } => {
                "Endorsements are certificates, revocation lists and Intel's JSON, and nothing else"
            }
            Self::Given(_) | Self::Brought(_) => {
                "give each once; several are told apart by what they certify, not by their file's name"
            }
            Self::NothingAsked => {
                "give the challenge that the Evidence must answer, or the reason why none was asked, such as \"an archive\""
            }
            Self::Digits { .. } => "give the challenge in hexadecimal, as it was sent",
            Self::Asked(_) => "give 1 to 1024 bytes in hexadecimal, or say in words why nothing was asked",
            Self::Evidence(_) => "docs/appraisal.md lists the forms that are read",
            Self::NoRoot { of_amd: true } => "give the chain of its key as Endorsements",
            Self::NoRoot { of_amd: false } => {
                "make the policy with the command line: sealroom policy new --from EVIDENCE --anchor FILE --vouched REASON"
            }
            Self::Unacceptable(_) => "Evidence of debug mode, or of no vouched key, can not be pinned",
        }
    }

    /// Which file it is about, from 0, where there are several.
    #[must_use]
    pub fn index(&self) -> Option<usize> {
        match self {
            Self::Endorsement { index, .. } | Self::Bundle { index, .. } => Some(*index),
            _ => None,
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({ "failure": {
            "exit": self.exit_code(),
            "message": self.to_string(),
            "hint": self.hint(),
            "about": self.about(),
            "index": self.index(),
        } })
    }
}
