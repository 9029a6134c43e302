//! A vocabulary: which claim of a manifest says which field of a platform's accept block. Reading and writing go by one table, so
//! what is written is what is read.

use alloc::string::String;

use super::model::{Attribute, Class, ClassId, Key, Profile};
use crate::platform::Platform;

/// How manifests speak of one platform.
#[derive(Debug)]
pub(super) struct Vocabulary {
    /// For people, and by which an export chooses it.
    pub(super) name: &'static str,
    pub(super) platform: Platform,
    /// The profile's URI, and other URIs of the same one; empty where the manifest has no profile.
    pub(super) profiles: &'static [&'static str],
    pub(super) environment: Environment,
    pub(super) entries: &'static [Entry],
    /// Fields of the block that are values of Evidence, and that another vocabulary of the platform says.
    pub(super) elsewhere: &'static [&'static str],
}

/// How it names the target environment (draft-ietf-rats-corim-11 section 5.1.4.1).
#[derive(Debug)]
pub(super) enum Environment {
    /// By vendor and model.
    Named { vendor: &'static str, model: &'static str },
    /// AMD's profile: a class for each kind of signing key, the chip as instance.
    Amd,
    /// Arm's profiles: the value of this field is the class-id.
    Arm { slot: &'static str },
}

/// One line of a vocabulary: the claim with this key and an attribute of this kind is this field.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: MeasuredKey,
    pub(super) kind: Kind,
    /// The field, or a part of it after `/`. `#` stands for the register's number, or the component's name.
    pub(super) slot: &'static str,
    pub(super) written: bool,
}

/// An mkey.
#[derive(Debug)]
pub(super) enum MeasuredKey {
    Anonymous,
    Number(u64),
    Text(&'static str),
}

impl MeasuredKey {
    pub(super) fn is(&self, key: Option<&Key>) -> bool {
        match (self, key) {
            (Self::Anonymous, None) => true,
            (Self::Number(expected), Some(Key::Number(found))) => expected == found,
            (Self::Text(expected), Some(Key::Text(found))) => expected == found,
            (Self::Anonymous | Self::Number(_) | Self::Text(_), _) => false,
        }
    }

    pub(super) fn to_key(&self) -> Option<Key> {
        match self {
            Self::Anonymous => None,
            Self::Number(number) => Some(Key::Number(*number)),
            Self::Text(text) => Some(Key::Text(String::from(*text))),
        }
    }
}

/// Bits by their names, as the policy writes them.
pub(super) type BitNames = &'static [(u64, &'static str)];

/// What an attribute must be, and how the policy writes it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// Digests of these algorithms; each is a value: `sha384:…`.
    Measurement(&'static [i64]),
    /// One digest of this algorithm, of so many bytes: `9f3c…`.
    Digest { algorithm: i64, bytes: usize },
    /// A raw-value without mask, of so many bytes where it says: `9f3c…`.
    Raw { bytes: Option<usize> },
    /// A raw-value with a mask or without, little-endian, of so many bytes: `{ set = […], clear = […] }`.
    Bits { bytes: usize, names: BitNames },
    /// The same, where set bits alone can be asked for: a number.
    SetBits,
    /// A min-svn of at most this: a number.
    Minimum { largest: u64 },
    /// A min-svn of two bytes: `{ major = 1, svn = 5 }` with this name for the lower one. Such a pair compares as the number does.
    Pair { low: &'static str },
    /// An int-range of one number, at most this.
    Exactly { largest: u64 },
    /// An int-range without a minimum above 0: its maximum, at most this.
    AtMost { largest: u64 },
    /// A raw-value of four zeros: 0, where no more can be said.
    RawZero,
    /// A version in decimal digits, or a raw-value of four bytes, little-endian: a number.
    Version,
    /// Registers from `first` to `last`, each by digests as [`Kind::Measurement`] has them.
    MeasurementRegisters { algorithms: &'static [i64], first: u64, last: u64 },
    /// Registers from `first` to `last`, each by one digest of SHA-384 in bare digits.
    Registers { first: u64, last: u64 },
    /// A digest with the name of a component and the identifier of the key that signed it.
    Component,
    /// A flags-map that says no more than that debugging is off, which every policy demands.
    NotDebug,
}

impl Kind {
    /// Whether the attribute is of the sort that this kind reads.
    pub(super) fn takes(self, value: &Attribute) -> bool {
        match self {
            Self::Measurement(_) | Self::Digest { .. } | Self::Component => matches!(value, Attribute::Digests(_)),
            Self::Raw { .. } | Self::Bits { .. } | Self::SetBits | Self::RawZero => {
                matches!(value, Attribute::Raw { .. })
            }
            Self::Minimum { .. } | Self::Pair { .. } => matches!(value, Attribute::Svn(_) | Attribute::MinimumSvn(_)),
            Self::Exactly { .. } | Self::AtMost { .. } => matches!(value, Attribute::Range { .. }),
            Self::Version => matches!(value, Attribute::Version { .. } | Attribute::Raw { .. }),
            Self::MeasurementRegisters { .. } | Self::Registers { .. } => matches!(value, Attribute::Registers(_)),
            Self::NotDebug => matches!(value, Attribute::Flags(_)),
        }
    }
}

/// 1.3.6.1.4.1.3704.3.1 and .2, the classes of AMD's profile (draft-deeglaze-amd-sev-snp-corim-profile-02), without tag and
/// length as RFC 9090 has them, which is how Veraison writes them; the profile's own examples have both before it.
const AMD_CLASS: [u8; 8] = [0x2b, 0x06, 0x01, 0x04, 0x01, 0x9c, 0x78, 0x03];
const DER_HEAD: [u8; 2] = [0x06, 0x09];

/// The kinds of key by the last arc of their class.
pub(super) const AMD_KEYS: [(u8, &str); 2] = [(1, "vcek"), (2, "vlek")];

/// Which kind of key a class of AMD's profile stands for.
pub(super) fn amd_key(class: &Class) -> Option<&'static str> {
    // The profile: the rest of class-map is empty.
    let Class { id: Some(ClassId::Oid(oid)), vendor: None, model: None } = class else { return None };
    let [arcs @ .., last] = oid.strip_prefix(&DER_HEAD).unwrap_or(oid) else { return None };
    let key = AMD_KEYS.iter().find(|(code, _)| code == last)?;
    (arcs == AMD_CLASS).then_some(key.1)
}

/// The class of a kind of key.
pub(super) fn amd_class(key: &str) -> Option<Class> {
    let (code, _) = AMD_KEYS.iter().find(|(_, name)| *name == key)?;
    let mut oid = AMD_CLASS.to_vec();
    oid.push(*code);
    Some(Class { id: Some(ClassId::Oid(oid)), ..Class::default() })
}

impl Vocabulary {
    /// Whether a manifest of this profile with this class speaks it.
    pub(super) fn is(&self, profile: Option<&Profile>, class: &Class) -> bool {
        let profile = match profile {
            None => self.profiles.is_empty(),
            Some(Profile::Uri(uri)) => self.profiles.contains(&uri.as_str()),
            Some(Profile::Oid(_)) => false,
        };
        profile
            && match self.environment {
                Environment::Named { vendor, model } => {
                    class.id.is_none()
                        && class.vendor.as_deref() == Some(vendor)
                        && class.model.as_deref() == Some(model)
                }
                Environment::Amd => amd_key(class).is_some(),
                Environment::Arm { .. } => {
                    matches!(class, Class { id: Some(ClassId::Bytes(_)), vendor: None, model: None })
                }
            }
    }
}
