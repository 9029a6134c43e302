//! What a contract says, as typed values.
//!
//! What always holds: nothing by these values alone, anyone may make them to draft a contract. The terms inside a
//! [`Contract`](super::Contract) keep every rule of `spec/contract.md` section 3 (names are unique, owners and recipients
//! are parties, ranges are ranges, …): [`Contract::parse`](super::Contract::parse) has checked them.

use super::amends::Amends;
use crate::id::ObjectId;
use crate::identity::{EncryptionPublicKey, SigningPublicKey};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

/// All terms of a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Terms {
    /// A short name people use: 1 to 64 of `a-z 0-9 -`, beginning with a letter.
    pub name: String,
    /// Why the parties compute, in words: 1 to 1,000 characters.
    pub purpose: String,
    /// First second (Unix time) at which a run may be granted.
    pub not_before: u64,
    /// First second (Unix time) at which no run may be granted any more.
    pub expires: u64,
    /// 32 random bytes that make two equal texts two contracts.
    pub random: [u8; 32],
    /// Who signs, in the order of the text: 1 to 64.
    pub parties: Vec<Party>,
    /// The data, in the order of the text: 0 to 64.
    pub datasets: Vec<Dataset>,
    /// What is computed.
    pub program: ProgramTerms,
    /// What comes out, and for whom: 1 to 64.
    pub results: Vec<ResultTerms>,
    /// How often and how much.
    pub limits: Limits,
    /// Which enclaves may run it: 1 to 16. Any one suffices.
    pub enclaves: Vec<EnclaveTerms>,
    /// Statements about places, where the contract asks for them.
    pub cross_border: Option<CrossBorder>,
    /// Witnesses of the log of receipts, where the contract asks for their cosignatures.
    pub log: Option<LogTerms>,
    /// The predecessor that it takes the place of, where it is an amendment.
    pub amends: Option<Amends>,
}

/// One who signs the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Party {
    /// Unique: 1 to 64 of `a-z 0-9 -`, beginning with a letter.
    pub name: String,
    /// At least one, without repetition, in the order of [`Role`].
    pub roles: Vec<Role>,
    /// What the party signs with. No two parties share one.
    pub signing_key: SigningPublicKey,
    /// What is encrypted to the party. No two parties share one.
    pub encryption_key: EncryptionPublicKey,
    /// ISO 3166-1 alpha-2 code of the party's place: a statement that all signed, not a measurement.
    pub jurisdiction: Option<String>,
}

impl Party {
    /// Whether the contract gives this party that role.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

/// What a party does in a contract. Text form: [`Role::word`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(clippy::exhaustive_enums, reason = "decisions match on it; a new role is a new contract version")]
pub enum Role {
    /// Owns at least one dataset and grants every run.
    Data,
    /// Supplies the program.
    Program,
    /// Chooses arguments, where the contract leaves a choice, and grants every run.
    Request,
    /// Receives at least one result.
    Result,
    /// Sees receipts only.
    Auditor,
}

/// One table that one party brings.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dataset {
    /// Unique among datasets; same letters as a party's name.
    pub name: String,
    /// Name of the party whose data it is; that party has [`Role::Data`].
    pub owner: String,
    /// At most this many rows (1 to 2^40).
    pub maximum_rows: u64,
    /// The one object that may be brought, where the parties agreed on it before signing.
    pub object: Option<ObjectId>,
    /// The CSV's columns in order: 1 to 256.
    pub columns: Vec<Column>,
}

/// One column of a dataset or of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Column {
    /// Unique in its table: 1 to 64 of `a-z A-Z 0-9 _ -`.
    pub name: String,
    /// Its type and range.
    pub kind: ColumnKind,
    /// Whether an empty cell is allowed.
    pub null: bool,
}

/// Type and range of a column. No floating point anywhere: sums are exact and equal on every machine.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "decisions match on it; a new type is a new contract version")]
pub enum ColumnKind {
    /// Whole numbers from `minimum` to `maximum`, both allowed.
    Integer {
        /// Smallest allowed value.
        minimum: i64,
        /// Largest allowed value.
        maximum: i64,
    },
    /// Numbers with exactly up to `scale` digits after the point, held as an integer of 10^-scale units.
    Decimal {
        /// Digits after the point: 1 to 9.
        scale: u8,
        /// Smallest allowed value, in units of 10^-scale.
        minimum: i64,
        /// Largest allowed value, in units of 10^-scale.
        maximum: i64,
    },
    /// UTF-8 text of at most `maximum_length` bytes; where `values` is not empty, one of them.
    Text {
        /// 1 to 65,536 bytes.
        maximum_length: u32,
        /// The closed list of allowed values, sorted by bytes, none empty, at most 4,096; or empty for any.
        values: Vec<String>,
    },
    /// `true` or `false`.
    Boolean,
}

/// What is computed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProgramTerms {
    /// The kind of program.
    pub kind: ProgramKind,
    /// For a native program its name (`overlap`, `join-and-aggregate`, `statistics`).
    pub name: String,
    /// Arguments that the contract fixes: at most 64. Names: 1 to 64 of `a-z 0-9 _ -`, beginning with a letter.
    pub arguments: Arguments,
    /// Arguments that a requester chooses, each from a closed list of 1 to 256 values of one type: at most 64.
    pub choices: BTreeMap<String, Vec<ArgumentValue>>,
}

/// The kinds of program there are. SQL and Wasm come later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "decisions match on it; a new kind is a new contract version")]
pub enum ProgramKind {
    /// Built into the measured image; its code is covered by the enclave's measurement.
    Native,
}

/// Named arguments of a program.
pub type Arguments = BTreeMap<String, ArgumentValue>;

/// One argument. TOML string, integer, boolean or an array of these of one type; the same in a request's JSON.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
#[expect(clippy::exhaustive_enums, reason = "programs match on it; a new type is a new contract version")]
pub enum ArgumentValue {
    /// Text of at most 4,096 bytes.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// True or false.
    Boolean(bool),
    /// At most 256 values of one type, none of them a list.
    List(Vec<Self>),
}

/// One table that comes out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResultTerms {
    /// Unique among results; same letters as a party's name.
    pub name: String,
    /// Names of parties with [`Role::Result`], 1 to 32, in the order of the text.
    pub recipients: Vec<String>,
    /// The columns that leave, in order: 1 to 256. The program's output must have exactly these.
    pub columns: Vec<Column>,
    /// What decides on release.
    pub rules: OutputRules,
}

/// Output rules of one result. They stand outside every program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutputRules {
    /// A row built from fewer contributing rows than this is suppressed: 1 to 2^40.
    pub minimum_group_size: u64,
    /// Whether that minimum must also hold when the contributors of any one owner of data are taken out, so that no single
    /// owner, working together with a recipient, fills a group with rows of its own.
    pub minimum_without_each_owner: bool,
    /// At most this many rows leave (1 to 2^40); more, and the whole result is withheld.
    pub maximum_rows: u64,
    /// At most this many bytes of CSV leave (1 to 2^40); more, and the whole result is withheld.
    pub maximum_bytes: u64,
    /// Counts and integers are rounded to a multiple of this: 1 (not rounded) to 10^9.
    pub round_integers_to: u64,
}

/// How often and how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Runs over the contract's life: 1 to 1,000,000.
    pub runs: u64,
    /// Memory of the program's own tables in MiB: 1 to 1,048,576.
    pub memory_mib: u64,
    /// Work of one run, in units that the program counts (a row read is one): 1 to 2^63 - 1.
    pub work: u64,
    /// Seconds after which each party that grants appraises a room again, where the contract says so: 60 to 31,536,000.
    pub evaluate_every: Option<u64>,
}

/// One enclave that the parties accept: an appraisal policy in a contract's words.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EnclaveTerms {
    /// Which platform's Evidence.
    pub platform: Platform,
    /// Whether the trust anchor is a simulated platform's: no hardware protects anything then.
    pub simulated: bool,
    /// SHA-256 of the anchor's DER certificate.
    pub trust_anchor: [u8; 32],
    /// The measurement: 48 bytes (SHA-384).
    pub measurement: [u8; 48],
    /// The lowest firmware level.
    pub minimum_firmware: FirmwareLevel,
    /// Chip ids (64 bytes each), where the parties pin machines; at most 1,024; empty: any machine of the platform.
    pub machines: Vec<Vec<u8>>,
    /// An operator whose signed statement must accompany the Evidence.
    pub operator: Option<SigningPublicKey>,
}

/// Whose Evidence. Text form: `amd-sev-snp`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "decisions match on it; a new platform is a new contract version")]
pub enum Platform {
    /// AMD SEV-SNP.
    AmdSevSnp,
}

/// Firmware level of AMD SEV-SNP (AMD 56860, TCB_VERSION): one number a component, compared one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FirmwareLevel {
    /// FMC (Turin and later; 0 before).
    pub fmc: u8,
    /// Boot loader.
    pub bootloader: u8,
    /// Trusted execution environment operating system.
    pub tee: u8,
    /// SNP firmware.
    pub snp: u8,
    /// Microcode.
    pub microcode: u8,
}

/// Statements about places. They are signed by a named party and recorded a run; nobody measured them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CrossBorder {
    /// Where the host may stand, ISO 3166-1 alpha-2 codes; at least one.
    pub host_regions: Vec<String>,
    /// Where recipients may be; at least one.
    pub recipient_jurisdictions: Vec<String>,
    /// Name of the party that states, for every run, where the host stands.
    pub stated_by: String,
}

/// Who must have cosigned the log of receipts before a result is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogTerms {
    /// How many of the witnesses: more than half of them.
    pub cosigned: u64,
    /// The witnesses: 1 to 32, none with the key of another or of a party.
    pub witnesses: Vec<WitnessTerms>,
}

/// One witness (C2SP tlog-witness, `cosignature/v1`).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WitnessTerms {
    /// Its name: 1 to 128 of `a-z 0-9 - . / _`.
    pub name: String,
    /// What it cosigns with.
    pub key: SigningPublicKey,
}
