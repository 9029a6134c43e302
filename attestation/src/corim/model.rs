//! What a manifest says, decoded, before anything is made of it. Only what a policy could say is here; the decoder stops at the
//! rest.

use alloc::string::String;
use alloc::vec::Vec;

/// corim-map (draft-ietf-rats-corim-11 section 4.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Manifest {
    /// UUIDs as text.
    pub(super) id: String,
    pub(super) profile: Option<Profile>,
    pub(super) validity: Option<Validity>,
    /// Who is named as responsible; nothing is decided by it.
    pub(super) entities: Vec<String>,
    pub(super) tags: Vec<Tag>,
}

/// profile-type-choice (section 4.1.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Profile {
    Uri(String),
    /// Without tag and length (RFC 9090 section 2).
    Oid(Vec<u8>),
}

/// validity-map (section 7.3), in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Validity {
    pub(super) not_before: Option<u64>,
    pub(super) not_after: u64,
}

/// concise-mid-tag (section 5.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tag {
    /// UUIDs as text.
    pub(super) id: String,
    pub(super) triples: Vec<Triple>,
}

/// reference-triple-record (section 5.1.5): one state of one environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Triple {
    pub(super) class: Class,
    /// Of the type tagged-bytes.
    pub(super) instance: Option<Vec<u8>>,
    pub(super) claims: Vec<Claim>,
}

/// class-map (section 5.1.4.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Class {
    pub(super) id: Option<ClassId>,
    pub(super) vendor: Option<String>,
    pub(super) model: Option<String>,
}

/// class-id-type-choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ClassId {
    Oid(Vec<u8>),
    Uuid([u8; 16]),
    Bytes(Vec<u8>),
}

/// measurement-map (section 5.1.4.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Claim {
    pub(super) key: Option<Key>,
    pub(super) values: Vec<Attribute>,
}

/// measured-element-type-choice (section 5.1.4.5.1), as far as any vocabulary here has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Number(u64),
    Text(String),
}

/// An entry of measurement-values-map (section 5.1.4.5.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Attribute {
    /// 0.
    Version { version: String, scheme: Option<i64> },
    /// 1, as a number or with tag 552.
    Svn(u64),
    /// 1, with tag 553.
    MinimumSvn(u64),
    /// 2.
    Digests(Vec<Digest>),
    /// 3.
    Flags(Vec<(u64, bool)>),
    /// 4, with a mask from tag 563 or from 5.
    Raw { value: Vec<u8>, mask: Option<Vec<u8>> },
    /// 11.
    Name(String),
    /// 13, of the type tagged-bytes.
    KeyIds(Vec<Vec<u8>>),
    /// 14.
    Registers(Vec<(RegisterId, Vec<Digest>)>),
    /// 15; a single number is a range of one.
    Range { minimum: Option<i64>, maximum: Option<i64> },
}

impl Attribute {
    /// The code point (section 5.1.4.5.2).
    pub(super) fn code(&self) -> u64 {
        match self {
            Self::Version { .. } => 0,
            Self::Svn(_) | Self::MinimumSvn(_) => 1,
            Self::Digests(_) => 2,
            Self::Flags(_) => 3,
            Self::Raw { .. } => 4,
            Self::Name(_) => 11,
            Self::KeyIds(_) => 13,
            Self::Registers(_) => 14,
            Self::Range { .. } => 15,
        }
    }

    /// The draft's name of it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Version { .. } => "version",
            Self::Svn(_) => "svn",
            Self::MinimumSvn(_) => "min-svn",
            Self::Digests(_) => "digests",
            Self::Flags(_) => "flags",
            Self::Raw { .. } => "raw-value",
            Self::Name(_) => "name",
            Self::KeyIds(_) => "cryptokeys",
            Self::Registers(_) => "integrity-registers",
            Self::Range { .. } => "int-range",
        }
    }
}

/// digest (section 7.7): an algorithm of IANA's Named Information Hash Algorithm Registry, and the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Digest {
    pub(super) algorithm: DigestAlgorithm,
    pub(super) value: Vec<u8>,
}

/// By number or by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DigestAlgorithm {
    Number(i64),
    Name(String),
}

/// integrity-register-id-type-choice (section 5.1.4.7): 5 and "5" are two registers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RegisterId {
    Number(u64),
    Text(String),
}
