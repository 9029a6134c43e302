//! How a program makes terms: constructors for what must be said, public fields for the rest, and the words of the text.
//!
//! What always holds: a constructor sets what every such thing must say, and nothing that decides whom to trust by default.

use super::terms::{
    ArgumentValue, Arguments, Column, ColumnKind, CrossBorder, Dataset, EnclaveTerms, FirmwareLevel, Limits, LogTerms,
    OutputRules, Party, Platform, ProgramKind, ProgramTerms, ResultTerms, Role, Terms, WitnessTerms,
};
use crate::identity::{EncryptionPublicKey, SigningPublicKey};
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

impl Terms {
    /// Terms without parties, datasets, results and enclaves: add them to the fields.
    #[must_use]
    pub fn new(
        name: &str,
        purpose: &str,
        validity: Validity,
        random: [u8; 32],
        program: ProgramTerms,
        limits: Limits,
    ) -> Self {
        Self {
            name: name.to_string(),
            purpose: purpose.to_string(),
            not_before: validity.not_before,
            expires: validity.expires,
            random,
            parties: Vec::new(),
            datasets: Vec::new(),
            program,
            results: Vec::new(),
            limits,
            enclaves: Vec::new(),
            cross_border: None,
            log: None,
            amends: None,
        }
    }
}

/// When runs may be granted: from `not_before` on, before `expires` (Unix time in seconds).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "two arguments of one type that could be swapped, and nothing more")]
pub struct Validity {
    /// First second.
    pub not_before: u64,
    /// First second after.
    pub expires: u64,
}

impl Party {
    /// A party without a stated place.
    #[must_use]
    pub fn new(name: &str, roles: &[Role], signing_key: SigningPublicKey, encryption_key: EncryptionPublicKey) -> Self {
        let mut roles = roles.to_vec();
        roles.sort_unstable();
        roles.dedup();
        Self { name: name.to_string(), roles, signing_key, encryption_key, jurisdiction: None }
    }
}

impl Dataset {
    /// A dataset whose object the parties have not agreed on.
    #[must_use]
    pub fn new(name: &str, owner: &str, maximum_rows: u64, columns: Vec<Column>) -> Self {
        Self { name: name.to_string(), owner: owner.to_string(), maximum_rows, object: None, columns }
    }
}

impl Column {
    /// A column of any type that allows no empty cell.
    #[must_use]
    pub fn new(name: &str, kind: ColumnKind) -> Self {
        Self { name: name.to_string(), kind, null: false }
    }

    /// Whole numbers in a range.
    #[must_use]
    pub fn integer(name: &str, minimum: i64, maximum: i64) -> Self {
        Self::new(name, ColumnKind::Integer { minimum, maximum })
    }

    /// Decimal numbers in a range, in units of 10^-`scale`.
    #[must_use]
    pub fn decimal(name: &str, scale: u8, minimum: i64, maximum: i64) -> Self {
        Self::new(name, ColumnKind::Decimal { scale, minimum, maximum })
    }

    /// Any text of at most so many bytes.
    #[must_use]
    pub fn text(name: &str, maximum_length: u32) -> Self {
        Self::new(name, ColumnKind::Text { maximum_length, values: Vec::new() })
    }

    /// One of these values.
    #[must_use]
    pub fn one_of(name: &str, values: &[&str]) -> Self {
        let mut values: Vec<String> = values.iter().map(ToString::to_string).collect();
        values.sort_unstable();
        values.dedup();
        let longest = values.iter().map(String::len).max().unwrap_or(1);
        let maximum_length = u32::try_from(longest).unwrap_or(u32::MAX);
        Self::new(name, ColumnKind::Text { maximum_length, values })
    }

    /// `true` or `false`.
    #[must_use]
    pub fn boolean(name: &str) -> Self {
        Self::new(name, ColumnKind::Boolean)
    }

    /// The same column, with empty cells allowed.
    #[must_use]
    pub fn or_null(self) -> Self {
        Self { null: true, ..self }
    }
}

impl ProgramTerms {
    /// A program of the measured image, without arguments.
    #[must_use]
    pub fn native(name: &str) -> Self {
        let (arguments, choices) = (Arguments::new(), BTreeMap::new());
        Self { kind: ProgramKind::Native, name: name.to_string(), arguments, choices }
    }

    /// The same program, with one more fixed argument.
    #[must_use]
    pub fn with(mut self, name: &str, value: ArgumentValue) -> Self {
        self.arguments.insert(name.to_string(), value);
        self
    }

    /// The same program, with one more argument for a requester to choose.
    #[must_use]
    pub fn with_choice(mut self, name: &str, values: Vec<ArgumentValue>) -> Self {
        self.choices.insert(name.to_string(), values);
        self
    }
}

impl From<&str> for ArgumentValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_string())
    }
}

impl From<i64> for ArgumentValue {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<bool> for ArgumentValue {
    fn from(boolean: bool) -> Self {
        Self::Boolean(boolean)
    }
}

impl<T: Copy + Into<Self>> From<&[T]> for ArgumentValue {
    fn from(values: &[T]) -> Self {
        Self::List(values.iter().map(|value| (*value).into()).collect())
    }
}

impl ResultTerms {
    /// A result for these parties.
    #[must_use]
    pub fn new(name: &str, recipients: &[&str], columns: Vec<Column>, rules: OutputRules) -> Self {
        let recipients = recipients.iter().map(ToString::to_string).collect();
        Self { name: name.to_string(), recipients, columns, rules }
    }
}

impl OutputRules {
    /// Rules without rounding, and with a minimum that counts whoever's rows.
    #[must_use]
    pub const fn new(minimum_group_size: u64, maximum_rows: u64, maximum_bytes: u64) -> Self {
        Self {
            minimum_group_size,
            minimum_without_each_owner: false,
            maximum_rows,
            maximum_bytes,
            round_integers_to: 1,
        }
    }

    /// The same, where the minimum must also hold without the contributors of any one owner.
    #[must_use]
    pub const fn without_each_owner(mut self) -> Self {
        self.minimum_without_each_owner = true;
        self
    }
}

impl Limits {
    /// Limits, without a time between evaluations.
    #[must_use]
    pub const fn new(runs: u64, memory_mib: u64, work: u64) -> Self {
        Self { runs, memory_mib, work, evaluate_every: None }
    }
}

impl EnclaveTerms {
    /// An enclave on AMD SEV-SNP, on any machine and by any operator.
    #[must_use]
    pub const fn amd_sev_snp(trust_anchor: [u8; 32], measurement: [u8; 48], minimum_firmware: FirmwareLevel) -> Self {
        Self {
            platform: Platform::AmdSevSnp,
            simulated: false,
            trust_anchor,
            measurement,
            minimum_firmware,
            machines: Vec::new(),
            operator: None,
        }
    }

    /// The same, where the trust anchor is that of a simulated platform: no hardware protects anything then.
    #[must_use]
    pub fn simulated(self) -> Self {
        Self { simulated: true, ..self }
    }
}

impl FirmwareLevel {
    /// A level of a processor before Turin.
    #[must_use]
    pub const fn new(bootloader: u8, tee: u8, snp: u8, microcode: u8) -> Self {
        Self { fmc: 0, bootloader, tee, snp, microcode }
    }
}

impl CrossBorder {
    /// Statements about places, by this party.
    #[must_use]
    pub fn new(host_regions: &[&str], recipient_jurisdictions: &[&str], stated_by: &str) -> Self {
        let owned = |places: &[&str]| places.iter().map(ToString::to_string).collect();
        Self {
            host_regions: owned(host_regions),
            recipient_jurisdictions: owned(recipient_jurisdictions),
            stated_by: stated_by.to_string(),
        }
    }
}

impl LogTerms {
    /// So many of these witnesses, each a name and a key.
    #[must_use]
    pub fn new(cosigned: u64, witnesses: &[(&str, SigningPublicKey)]) -> Self {
        let witness = |(name, key): &(&str, SigningPublicKey)| WitnessTerms { name: (*name).to_string(), key: *key };
        Self { cosigned, witnesses: witnesses.iter().map(witness).collect() }
    }
}

impl Role {
    /// Its word in the text.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Program => "program",
            Self::Request => "request",
            Self::Result => "result",
            Self::Auditor => "auditor",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl ProgramKind {
    /// Its word in the text.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Native => "native",
        }
    }
}

impl Platform {
    /// Its word in the text.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::AmdSevSnp => "amd-sev-snp",
        }
    }
}
