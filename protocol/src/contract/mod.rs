//! The contract: TOML text that every party signs. `spec/contract.md` says every key and rule.
//!
//! What always holds: a [`Contract`]'s terms are what its text says and keep every rule; its id is the SHA-256 of the
//! text. A [`SignedContract`] was signed by every party.
//!
//! ```
//! use sealroom_protocol::contract::*;
//! use sealroom_protocol::identity::{EncryptionSecret, SigningSecret};
//! # fn main() -> Result<(), ContractError> {
//! # // In life: `generate`, with randomness of the operating system.
//! # let key = |seed: u8| (SigningSecret::from_seed(&[seed; 32]), EncryptionSecret::from_seed(&[seed; 32]));
//! # let (hospital, institute) = (key(1), key(2));
//! # let (random, trust_anchor, measurement) = ([3; 32], [4; 32], [5; 48]);
//! let program = ProgramTerms::native("statistics").with("column", "age".into());
//! let validity = Validity { not_before: 1_767_225_600, expires: 1_782_864_000 };
//! let mut terms = Terms::new("age-study", "How old are patients?", validity, random, program, Limits::new(1, 64, 10_000));
//! terms.parties = vec![
//!     Party::new("hospital", &[Role::Data], hospital.0.public(), hospital.1.public()),
//!     Party::new("institute", &[Role::Result], institute.0.public(), institute.1.public()),
//! ];
//! terms.datasets = vec![Dataset::new("patients", "hospital", 1_000, vec![Column::integer("age", 0, 120)])];
//! let columns = vec![Column::decimal("mean", 2, 0, 12_000)];
//! terms.results = vec![ResultTerms::new("ages", &["institute"], columns, OutputRules::new(10, 1, 4_096))];
//! terms.enclaves = vec![EnclaveTerms::amd_sev_snp(trust_anchor, measurement, FirmwareLevel::new(9, 0, 23, 72))];
//!
//! let contract = Contract::parse(write(&terms).as_bytes())?;
//! let mut envelope = contract.unsigned_envelope();
//! contract.sign(&mut envelope, &hospital.0)?;
//! assert_eq!(SignedContract::verify(&envelope), Err(ContractError::SignatureMissing { party: "institute".into() }));
//! contract.sign(&mut envelope, &institute.0)?;
//! assert_eq!(SignedContract::verify(&envelope)?.contract().id(), contract.id());
//! # Ok(())
//! # }
//! ```

mod amends;
mod counted;
mod decimal;
mod decode;
mod decode_amends;
mod decode_data;
mod decode_enclave;
mod decode_log;
mod decode_program;
#[cfg(test)]
mod differential;
mod draft;
mod error;
mod explain;
mod lint;
mod position;
mod prose;
mod reader;
mod signed;
mod skeleton;
mod subset;
mod terms;
mod time;
mod write;

pub use amends::{Amends, CarriedCount, CarriedCounts, CarriedHead, CarriedLog, RUN_NUMBERS_OF_A_VERSION};
pub use decimal::{decimal_text, parse_decimal};
pub use draft::Validity;
pub use error::ContractError;
pub use explain::{Explanation, explain};
pub use lint::{Warning, WarningId, lint, lint_together};
pub use position::{Position, TEXT_LIMIT};
pub use signed::{Signatures, SignedContract};
pub use skeleton::skeleton;
pub use subset::Construct;
pub use terms::*;
pub use time::{parse_time, time_text};
pub use write::write;

use crate::id::ContractId;
use crate::identity::SigningPublicKey;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The version of the format that this code reads: the value of `sealroom_contract`.
pub const VERSION: i64 = 1;

/// A text and what it says. Whether anyone signed it, [`SignedContract`] says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    id: ContractId,
    text: String,
    terms: Terms,
}

impl Contract {
    /// The contract that this text is.
    ///
    /// # Errors
    /// [`ContractError`] names the first rule that the text breaks, and where.
    pub fn parse(text: &[u8]) -> Result<Self, ContractError> {
        let source = position::Source::new(text)?;
        let terms = decode::decode(source)?;
        let id = ContractId::from_bytes(crate::hash::sha256(text));
        Ok(Self { id, text: source.text().to_string(), terms })
    }

    /// SHA-256 of the text.
    #[must_use]
    pub const fn id(&self) -> ContractId {
        self.id
    }

    /// The text, to the byte.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What the text says.
    #[must_use]
    pub const fn terms(&self) -> &Terms {
        &self.terms
    }

    /// The party of this name.
    #[must_use]
    pub fn party(&self, name: &str) -> Option<&Party> {
        self.terms.parties.iter().find(|party| party.name == name)
    }

    /// The party that signs with this key.
    #[must_use]
    pub fn party_by_key(&self, key: &SigningPublicKey) -> Option<&Party> {
        self.terms.parties.iter().find(|party| party.signing_key == *key)
    }

    /// The dataset of this name.
    #[must_use]
    pub fn dataset(&self, name: &str) -> Option<&Dataset> {
        self.terms.datasets.iter().find(|dataset| dataset.name == name)
    }

    /// The datasets of this party, in the order of the contract.
    pub fn datasets_of<'a>(&'a self, owner: &'a str) -> impl Iterator<Item = &'a Dataset> {
        self.terms.datasets.iter().filter(move |dataset| dataset.owner == owner)
    }

    /// The result of this name.
    #[must_use]
    pub fn result(&self, name: &str) -> Option<&ResultTerms> {
        self.terms.results.iter().find(|result| result.name == name)
    }

    /// The parties that receive this result, in the order in which it names them.
    pub fn recipients<'a>(&'a self, result: &'a ResultTerms) -> impl Iterator<Item = &'a Party> {
        result.recipients.iter().filter_map(|name| self.party(name))
    }

    /// The parties with [`Role::Data`], in the order of the contract.
    pub fn data_parties(&self) -> impl Iterator<Item = &Party> {
        self.terms.parties.iter().filter(|party| party.has(Role::Data))
    }

    /// Whether a requester chooses arguments for each run.
    #[must_use]
    pub fn leaves_choices(&self) -> bool {
        !self.terms.program.choices.is_empty()
    }

    /// Everyone who must grant a run: [`Terms::granting_parties`].
    #[must_use]
    pub fn granting_parties(&self) -> Vec<&Party> {
        self.terms.granting_parties()
    }
}
