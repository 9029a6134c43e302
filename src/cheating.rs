//! Proof that a party cheats: two grants with one run number and different proposals (`docs/design/0002-receipts-are-the-state.md`).
//!
//! What always holds: having a [`Cheating`] means that both grants hold under the party's key in the contract and contradict
//! each other. An honest party's client never makes such a pair, whatever host or enclave do, unless its memory
//! was restored from an older copy.

use core::fmt;
use sealroom_protocol::contract::{Contract, ContractError, SignedContract};
use sealroom_protocol::dsse::Envelope;
use sealroom_protocol::run::SignedGrant;
use serde::{Deserialize, Serialize};

/// Two grants of one party that an honest party never makes.
///
/// ```compile_fail
/// fn accuse(first: sealroom::SignedGrant, second: sealroom::SignedGrant) -> sealroom::Cheating {
///     sealroom::Cheating { first, second }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cheating {
    first: SignedGrant,
    second: SignedGrant,
}

impl Cheating {
    /// The proof, if these two grants are one.
    #[must_use]
    pub fn of(contract: &Contract, first: &SignedGrant, second: &SignedGrant) -> Option<Self> {
        let (a, b) = (first.allegation(), second.allegation());
        let key = contract.party(&a.party)?.signing_key;
        let contradict = a.party == b.party && a.run == b.run && a.proposal != b.proposal;
        let here = a.contract == contract.id() && b.contract == contract.id();
        let holds = contradict && here && first.verify(&key).is_ok() && second.verify(&key).is_ok();
        holds.then(|| Self { first: first.clone(), second: second.clone() })
    }

    /// Who cheats, by name in the contract.
    #[must_use]
    pub fn party(&self) -> &str {
        &self.first.allegation().party
    }

    /// The run number that was granted twice.
    #[must_use]
    pub const fn run(&self) -> u64 {
        self.first.allegation().run
    }

    /// Both grants, to show to anyone who holds the contract.
    #[must_use]
    pub const fn grants(&self) -> (&SignedGrant, &SignedGrant) {
        (&self.first, &self.second)
    }
}

/// First words of a file with a proof.
const FORMAT: &str = "sealroom/1 cheating";
/// Largest file with a proof, in bytes: a contract and two grants or receipts.
pub(crate) const LIMIT: usize = 16 << 20;

/// How a proof is written.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format: String,
    contract: Envelope,
    grants: [Envelope; 2],
}

/// Why a file proves nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheatingError {
    /// Not such a file.
    #[error(
        "expected a file \"{FORMAT}\" or \"sealroom/1 forking\" of at most {LIMIT} bytes, found another form; have it exported again"
    )]
    Form,
    /// The contract.
    #[error("expected a contract that all parties signed, found: {0}; believe nothing of this file")]
    Contract(#[from] ContractError),
    /// The grants are no proof.
    #[error(
        "expected two grants of one party under this contract, with one run number and two proposals, each with its signature, found others; believe nothing of this file"
    )]
    NoProof,
    /// The receipts are no proof.
    #[error(
        "expected two receipts of one run by one enclave key, at least one of them complete, each of which holds under this contract, found others; believe nothing of this file"
    )]
    NoFork,
}

impl Cheating {
    /// The proof as a file: with the contract, all that anybody needs to check it offline.
    #[must_use]
    pub fn encode(&self, contract: &SignedContract) -> Vec<u8> {
        let grants = [self.first.envelope().clone(), self.second.envelope().clone()];
        let stored = Stored { format: FORMAT.into(), contract: contract.envelope().clone(), grants };
        // String keys and no floating point: writing to memory cannot fail. An empty file would be refused by decode.
        serde_json::to_vec_pretty(&stored).unwrap_or_default()
    }

    /// Reads a proof and checks all of it: the contract's signatures, both grants', and that they contradict each other.
    ///
    /// # Errors
    /// [`CheatingError`].
    pub fn decode(bytes: &[u8]) -> Result<(SignedContract, Self), CheatingError> {
        if bytes.len() > LIMIT {
            return Err(CheatingError::Form);
        }
        let stored: Stored = serde_json::from_slice(bytes).map_err(|_| CheatingError::Form)?;
        if stored.format != FORMAT {
            return Err(CheatingError::Form);
        }
        let contract = SignedContract::decode(&stored.contract.encode())?;
        let [first, second] = stored.grants.map(|grant| SignedGrant::decode(&grant.encode()));
        let (first, second) = (first.map_err(|_| CheatingError::NoProof)?, second.map_err(|_| CheatingError::NoProof)?);
        let cheating = Self::of(contract.contract(), &first, &second).ok_or(CheatingError::NoProof)?;
        Ok((contract, cheating))
    }
}

impl fmt::Display for Cheating {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (a, b) = (self.first.allegation(), self.second.allegation());
        write!(
            f,
            "{} granted run {} twice, to proposals {} and {}: this proves that it cheats",
            a.party, a.run, a.proposal, b.proposal
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Enclave, Parties, contract_of, grant_of, sign};
    use sealroom_protocol::id::ObjectId;

    #[test]
    fn a_proof_in_a_file_is_checked_by_anybody_and_an_honest_pair_is_none() {
        let parties = Parties::new();
        let contract = contract_of(&parties);
        let signed = sign(&contract, &parties);
        let object = ObjectId::from_bytes([1; 32]);
        let proposals =
            [Enclave::new(), Enclave::new()].map(|enclave| enclave.proposal(&contract, 1, [object; 2], None));
        let [first, second] = proposals.each_ref().map(|proposal| grant_of(&parties.beta, proposal, 1));
        let cheating = Cheating::of(&contract, &first, &second).unwrap();
        let file = cheating.encode(&signed);
        assert_eq!(Cheating::decode(&file).unwrap(), (signed.clone(), cheating));
        // The same grant twice, another party's, a forged one: nobody is accused by these.
        let other = grant_of(&parties.alpha, &proposals[1], 1);
        let forged = SignedGrant::sign(second.allegation().clone(), parties.alpha.signing());
        for second in [first.clone(), other, forged] {
            let made_up = Cheating { first: first.clone(), second }.encode(&signed);
            assert!(matches!(Cheating::decode(&made_up), Err(CheatingError::NoProof)));
        }
        // Of another contract, or of one that not all signed.
        let other = contract_of(&parties);
        let elsewhere = Cheating::of(&contract, &first, &second).unwrap().encode(&sign(&other, &parties));
        assert!(matches!(Cheating::decode(&elsewhere), Err(CheatingError::NoProof)));
        let text = String::from_utf8(file).unwrap();
        let unsigned: serde_json::Value = serde_json::from_str(&text).unwrap();
        let mut unsigned = unsigned;
        unsigned["contract"]["signatures"].as_array_mut().unwrap().pop();
        let unsigned = serde_json::to_vec(&unsigned).unwrap();
        assert!(matches!(
            Cheating::decode(&unsigned),
            Err(CheatingError::Contract(ContractError::SignatureMissing { .. }))
        ));
        let renamed = text.replace("sealroom/1 cheating", "sealroom/2 cheating");
        assert!(matches!(Cheating::decode(renamed.as_bytes()), Err(CheatingError::Form)));
    }
}
