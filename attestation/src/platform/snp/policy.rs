//! What a policy can demand of an SEV-SNP guest. Every field is written; there is no default.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

use super::{SigningKey, TcbVersion, guest_policy, platform_info};
use crate::anchor::{AnchorKind, TrustAnchor};
use crate::error::PolicyError;
use crate::measurement::Measurement;
use crate::policy::{Requirement, Rule};
use crate::text::is_blank;

/// The highest privilege level number that a guest has.
const LOWEST_PRIVILEGE: u32 = 3;

/// One set of values that make a guest acceptable. Debugging, migration and reports that the host asked for are refused
/// whatever stands here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::exhaustive_structs,
    reason = "complete: a policy writes every field, so a field more must break who writes one"
)]
pub struct Accept {
    /// For people; stands in every verdict. Not empty.
    pub name: String,
    /// The root (ARK). It also decides the product line, and so what the minimums below mean.
    pub trust_anchor: TrustAnchor,
    /// Report versions, of 2 to 5. Version 2 does not name the processor.
    pub report_versions: Vec<u32>,
    /// Which kinds of key may sign. Only a VCEK belongs to one chip.
    pub signing_keys: Vec<SigningKey>,
    /// Whether a current revocation list of the root is needed.
    pub revocation: Requirement,
    /// Whether a VCEK's report must show the chip's id. Skipped, a masked id is let pass; one that is shown must still agree.
    pub visible_chip_id: Requirement,
    /// What may run in it.
    pub measurements: Vec<Measurement>,
    /// The machines it may run on, by chip id (Turin: 8 bytes, then zeros). Needs VCEK alone and a visible chip id.
    #[serde(with = "crate::forms::rule_of_hex_list")]
    pub machines: Rule<Vec<[u8; 64]>>,
    /// Least firmware level of the signing key. For VCEKs this is the only revocation there is.
    pub minimum_firmware: Rule<TcbVersion>,
    /// Least firmware level when the guest was launched.
    pub minimum_launch_firmware: Rule<TcbVersion>,
    /// Whether the firmware must be committed: that is, can not be taken back to an older one without a reset.
    pub committed_firmware: Requirement,
    /// Bits of [`guest_policy`](super::guest_policy).
    #[serde(with = "written::guest_policy")]
    pub guest_policy: Bits,
    /// Least firmware ABI that the guest was started to demand: what its own policy has the processor enforce at every launch.
    pub minimum_guest_abi: Rule<GuestAbi>,
    /// Bits of [`platform_info`](super::platform_info).
    #[serde(with = "written::platform_info")]
    pub platform_info: Bits,
    /// Highest privilege level number that may ask for the report, 0 to 3. Above 0, whoever has level 0 is trusted too.
    pub maximum_vmpl: u32,
    /// What the host put in at launch.
    #[serde(with = "crate::forms::rule_of_hex_list")]
    pub host_data: Rule<Vec<[u8; 32]>>,
    /// Family and image from the ID block.
    pub images: Rule<Vec<Image>>,
    /// Least security version from the ID block.
    pub minimum_guest_svn: Rule<u32>,
    /// SHA-384 of the key that signed the ID block.
    #[serde(with = "crate::forms::rule_of_hex_list")]
    pub id_key_digests: Rule<Vec<[u8; 48]>>,
    /// SHA-384 of the key that signed the ID key.
    #[serde(with = "crate::forms::rule_of_hex_list")]
    pub author_key_digests: Rule<Vec<[u8; 48]>>,
    /// Mitigations that must be on. Only version 5 tells.
    pub mitigations: Rule<Mitigations>,
}

/// Bits that must be one and bits that must be zero; the others may be either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "complete: a bit can be demanded in two ways")]
pub struct Bits {
    /// All of these are one.
    pub set: u64,
    /// All of these are zero.
    pub clear: u64,
}

/// A version of the firmware's ABI. The major version goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "complete: what a guest policy says of the ABI")]
pub struct GuestAbi {
    /// ABI_MAJOR.
    pub major: u8,
    /// ABI_MINOR.
    pub minor: u8,
}

impl GuestAbi {
    /// As a guest policy has it (AMD 56860, table GUEST_POLICY: bits 15:8 and 7:0).
    #[must_use]
    pub fn of_guest_policy(guest_policy: u64) -> Self {
        let [minor, major, ..] = guest_policy.to_le_bytes();
        Self { major, minor }
    }

    pub(super) fn is_at_least(self, minimum: Self) -> bool {
        (self.major, self.minor) >= (minimum.major, minimum.minor)
    }
}

impl fmt::Display for GuestAbi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// An image by the two ids of its ID block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "complete: what an ID block says of an image")]
pub struct Image {
    /// FAMILY_ID.
    #[serde(with = "crate::forms::hex")]
    pub family_id: [u8; 16],
    /// IMAGE_ID.
    #[serde(with = "crate::forms::hex")]
    pub image_id: [u8; 16],
}

/// Bits of the mitigation vectors that must be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "complete: a report has two vectors")]
pub struct Mitigations {
    /// Of LAUNCH_MIT_VECTOR.
    pub launch: u64,
    /// Of CURRENT_MIT_VECTOR.
    pub current: u64,
}

/// Bits as a written policy names them.
mod written {
    use super::super::{guest_policy as guest, platform_info as info};
    use super::Bits;
    use alloc::string::String;
    use alloc::vec::Vec;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Names {
        set: Vec<String>,
        clear: Vec<String>,
    }

    fn write<S: Serializer>(bits: &Bits, names: &[(u64, &str)], serializer: S) -> Result<S::Ok, S::Error> {
        let of = |bits| crate::forms::names_of_bits(bits, names);
        Names { set: of(bits.set), clear: of(bits.clear) }.serialize(serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D, names: &[(u64, &str)]) -> Result<Bits, D::Error> {
        let Names { set, clear } = Names::deserialize(deserializer)?;
        let of = |words: &[String]| crate::forms::bits_of_names(words, names).map_err(D::Error::custom);
        Ok(Bits { set: of(&set)?, clear: of(&clear)? })
    }

    pub(super) mod guest_policy {
        use super::{Bits, Deserializer, Serializer, guest, read, write};

        pub(in super::super) fn serialize<S: Serializer>(bits: &Bits, serializer: S) -> Result<S::Ok, S::Error> {
            write(bits, &guest::NAMES, serializer)
        }

        pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bits, D::Error> {
            read(deserializer, &guest::NAMES)
        }
    }

    pub(super) mod platform_info {
        use super::{Bits, Deserializer, Serializer, info, read, write};

        pub(in super::super) fn serialize<S: Serializer>(bits: &Bits, serializer: S) -> Result<S::Ok, S::Error> {
            write(bits, &info::NAMES, serializer)
        }

        pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bits, D::Error> {
            read(deserializer, &info::NAMES)
        }
    }
}

impl Accept {
    pub(crate) fn validate(&self) -> Result<(), PolicyError> {
        let impossible = |field, problem| PolicyError::Impossible { block: self.name.to_owned(), field, problem };
        if is_blank(&self.name) {
            return Err(impossible("name", "is empty"));
        }
        if matches!(self.trust_anchor.kind(), AnchorKind::Vouched { .. }) {
            return Err(impossible(
                "trust_anchor",
                "is vouched for, where AMD has roots of its own: name one, or a simulated one",
            ));
        }
        self.validate_lists()?;
        self.validate_reasons()?;
        if self.report_versions.iter().any(|version| !(2..=5).contains(version)) {
            return Err(impossible("report_versions", "names a version that is not 2 to 5"));
        }
        if self.maximum_vmpl > LOWEST_PRIVILEGE {
            return Err(impossible("maximum_vmpl", "is above 3"));
        }
        self.validate_bits()?;
        if let Rule::Require(machines) = &self.machines {
            if self.signing_keys.contains(&SigningKey::Vlek) {
                return Err(impossible(
                    "machines",
                    "are pinned, so signing_keys must be VCEK alone: a VLEK is shared by many",
                ));
            }
            if self.visible_chip_id != Requirement::Required {
                return Err(impossible("machines", "are pinned, so visible_chip_id must be required"));
            }
            if machines.contains(&[0; 64]) {
                return Err(impossible("machines", "list the id of all zeros, which is a masked one"));
            }
        }
        Ok(())
    }

    fn validate_bits(&self) -> Result<(), PolicyError> {
        let impossible = |field, problem| PolicyError::Impossible { block: self.name.to_owned(), field, problem };
        for (field, bits, known) in [
            ("guest_policy", self.guest_policy, guest_policy::KNOWN),
            ("platform_info", self.platform_info, platform_info::KNOWN),
        ] {
            if bits.set & bits.clear != 0 {
                return Err(impossible(field, "wants a bit both set and clear"));
            }
            if bits.set & !known != 0 {
                return Err(impossible(field, "wants a bit set that has no meaning"));
            }
        }
        if self.guest_policy.set & (guest_policy::DEBUG | guest_policy::MIGRATION_AGENT) != 0 {
            return Err(impossible("guest_policy", "wants debugging or migration, which is always refused"));
        }
        Ok(())
    }

    fn validate_lists(&self) -> Result<(), PolicyError> {
        fn is_empty<T>(rule: &Rule<Vec<T>>) -> bool {
            matches!(rule, Rule::Require(values) if values.is_empty())
        }
        let lists = [
            ("report_versions", self.report_versions.is_empty()),
            ("signing_keys", self.signing_keys.is_empty()),
            ("measurements", self.measurements.is_empty()),
            ("machines", is_empty(&self.machines)),
            ("host_data", is_empty(&self.host_data)),
            ("images", is_empty(&self.images)),
            ("id_key_digests", is_empty(&self.id_key_digests)),
            ("author_key_digests", is_empty(&self.author_key_digests)),
        ];
        match lists.into_iter().find(|(_, empty)| *empty) {
            Some((field, _)) => Err(PolicyError::EmptyList { block: self.name.to_owned(), field }),
            None => Ok(()),
        }
    }

    fn validate_reasons(&self) -> Result<(), PolicyError> {
        fn of<T>(rule: &Rule<T>) -> Option<&str> {
            match rule {
                Rule::Require(_) => None,
                Rule::Skip { reason } => Some(reason),
            }
        }
        fn of_requirement(requirement: &Requirement) -> Option<&str> {
            match requirement {
                Requirement::Required => None,
                Requirement::Skip { reason } => Some(reason),
            }
        }
        let reasons = [
            ("revocation", of_requirement(&self.revocation)),
            ("visible_chip_id", of_requirement(&self.visible_chip_id)),
            ("machines", of(&self.machines)),
            ("minimum_firmware", of(&self.minimum_firmware)),
            ("minimum_launch_firmware", of(&self.minimum_launch_firmware)),
            ("committed_firmware", of_requirement(&self.committed_firmware)),
            ("minimum_guest_abi", of(&self.minimum_guest_abi)),
            ("host_data", of(&self.host_data)),
            ("images", of(&self.images)),
            ("minimum_guest_svn", of(&self.minimum_guest_svn)),
            ("id_key_digests", of(&self.id_key_digests)),
            ("author_key_digests", of(&self.author_key_digests)),
            ("mitigations", of(&self.mitigations)),
        ];
        let missing = reasons.into_iter().find(|(_, reason)| reason.is_some_and(is_blank));
        match missing {
            Some((field, _)) => Err(PolicyError::ReasonMissing { block: self.name.to_owned(), field }),
            None => Ok(()),
        }
    }
}
