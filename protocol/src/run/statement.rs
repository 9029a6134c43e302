//! Statements and stops: what a party or an operator says on its own.
//!
//! What always holds: a statement is only someone's word, and is shown as that; a stop needs no reason to be obeyed.

use super::{SignedError, decode_signed};
use crate::canonical::{self, CanonicalError};
use crate::dsse::{Envelope, EnvelopeError, PayloadType};
use crate::id::{ContractId, ProposalId};
use crate::identity::{SigningPublicKey, SigningSecret};
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// What someone states. Nobody measured it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, tag = "statement", rename_all = "kebab-case")]
#[expect(clippy::exhaustive_enums, reason = "the signed form; a new statement is a new payload type")]
pub enum Statement {
    /// Where the host stands in one run, by the party that the contract names.
    HostRegion {
        /// The contract.
        contract: ContractId,
        /// The run, by its proposal.
        proposal: ProposalId,
        /// ISO 3166-1 alpha-2 code.
        region: String,
        /// Clock of who states it (Unix seconds).
        clock: u64,
    },
    /// That this enclave is the operator's own, by the operator whom the contract names.
    Operator {
        /// The contract.
        contract: ContractId,
        /// The enclave's signing key.
        enclave_key: SigningPublicKey,
        /// Where it stands, in the operator's words.
        site: String,
        /// First second (Unix time) at which the statement is void.
        expires: u64,
    },
}

/// Longest reason of a stop, in bytes.
pub const REASON_LIMIT: usize = 1024;

/// A party's order to end the room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "the signed form; a new field is a new payload type")]
pub struct Stop {
    /// The contract.
    pub contract: ContractId,
    /// Who stops it, by name.
    pub party: String,
    /// In words, for the others: at most [`REASON_LIMIT`] bytes, since a receipt carries it.
    pub reason: String,
    /// The party's clock (Unix seconds).
    pub clock: u64,
}

/// Why a party stopped, as far as programs need to know. A [`Stop::reason`] says it by beginning with the word, `: ` and text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the closed list of SPEC.md")]
pub enum StopCause {
    /// For reasons of its own: every reason that begins with no word of the list.
    Asked,
    /// A certificate of the platform is revoked, or that it is not could not be shown.
    PlatformRevoked,
    /// The platform's firmware is below what the party accepts.
    TcbLowered,
    /// The contract has expired.
    Expired,
}

impl StopCause {
    /// All of them, in the order of the specification.
    pub const ALL: [Self; 4] = [Self::Asked, Self::PlatformRevoked, Self::TcbLowered, Self::Expired];

    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::PlatformRevoked => "platform-revoked",
            Self::TcbLowered => "tcb-lowered",
            Self::Expired => "expired",
        }
    }
}

impl Statement {
    /// Every text in it is short or one of a contract's list.
    fn check(&self) -> Result<(), SignedError> {
        match self {
            Self::HostRegion { region, .. } => limit(region),
            Self::Operator { site, .. } => limit(site),
        }
    }
}

impl Stop {
    /// Why, by the reason's first word: the signer's word, as the rest of it.
    #[must_use]
    pub fn cause(&self) -> StopCause {
        let word = self.reason.split_once(": ").map_or(self.reason.as_str(), |(word, _)| word);
        StopCause::ALL.into_iter().find(|cause| cause.word() == word).unwrap_or(StopCause::Asked)
    }

    fn check(&self) -> Result<(), SignedError> {
        limit(&self.reason)
    }
}

/// A receipt carries statement and stop; a long text in them would make a receipt that nobody can decode.
fn limit(text: &str) -> Result<(), SignedError> {
    if text.len() > REASON_LIMIT {
        return Err(CanonicalError::TooLong { limit: REASON_LIMIT, found: text.len() }.into());
    }
    Ok(())
}

macro_rules! signed {
    ($(#[$doc:meta])* $name:ident of $value:ident, $payload_type:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name {
            envelope: Envelope,
            value: $value,
        }

        impl $name {
            /// Signs it.
            #[must_use]
            pub fn sign(value: $value, secret: &SigningSecret) -> Self {
                let envelope = Envelope::signed($payload_type, canonical::encode(&value), secret);
                Self { envelope, value }
            }

            /// Decodes it; no signature is verified.
            ///
            /// # Errors
            /// [`SignedError`] naming what is wrong with the form.
            pub fn decode(bytes: &[u8]) -> Result<Self, SignedError> {
                let (envelope, value) = decode_signed::<$value>(bytes, $payload_type)?;
                value.check()?;
                Ok(Self { envelope, value })
            }

            /// What it says, once it is known to be signed by exactly this key.
            ///
            /// # Errors
            /// [`EnvelopeError`] when it is not.
            pub fn verify(&self, key: &SigningPublicKey) -> Result<&$value, EnvelopeError> {
                self.envelope.verify_all(&[*key])?;
                Ok(&self.value)
            }

            /// What it says, whoever signed it.
            #[must_use]
            pub const fn allegation(&self) -> &$value {
                &self.value
            }

            /// The envelope, as a receipt carries it.
            #[must_use]
            pub const fn envelope(&self) -> &Envelope {
                &self.envelope
            }

            /// Its canonical bytes.
            #[must_use]
            pub fn encode(&self) -> Vec<u8> {
                self.envelope.encode()
            }
        }
    };
}

signed!(
    /// A statement in its envelope, not yet verified.
    SignedStatement of Statement, PayloadType::Statement
);
signed!(
    /// A stop in its envelope, not yet verified.
    SignedStop of Stop, PayloadType::Stop
);

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn a_reason_says_its_cause_by_its_first_word_and_every_other_is_asked_for() {
        let cause = |reason: &str| {
            let contract = ContractId::from_bytes([1; 32]);
            Stop { contract, party: "north".to_string(), reason: reason.to_string(), clock: 0 }.cause()
        };
        for expected in StopCause::ALL {
            assert_eq!(cause(expected.word()), expected);
            assert_eq!(cause(&alloc::format!("{}: run 3 is not granted", expected.word())), expected);
        }
        for reason in ["", "expired milk", "wrong column: expired", "Expired: no", "tcb-lowered:no blank"] {
            assert_eq!(cause(reason), StopCause::Asked, "{reason}");
        }
    }
}
