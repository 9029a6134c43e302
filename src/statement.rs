//! What a party says on its own: a stop, and where the host stands.
//!
//! What always holds: only a party that the contract lets say it gets something signed.

use crate::contract_file::{ContractFileError, check_party};
use crate::identity::Identity;
use sealroom_protocol::contract::Contract;
use sealroom_protocol::id::ProposalId;
use sealroom_protocol::identity::{SigningPublicKey, SigningSecret};
use sealroom_protocol::run::{SignedStatement, SignedStop, Statement, Stop};

/// Longest reason of a stop, in characters.
pub const REASON_LIMIT: usize = 200;

/// Why a statement or stop is not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StatementError {
    /// The identity is not the party that the contract lists.
    #[error(transparent)]
    Party(#[from] ContractFileError),
    /// A reason that is too long, or that could steer a terminal.
    #[error("the reason has {found} characters, expected at most {REASON_LIMIT} and no control characters")]
    Reason {
        /// Characters given.
        found: usize,
    },
    /// The contract asks for no statement about places.
    #[error("the contract asks for no statement about where the host stands")]
    NotAsked,
    /// Another party states it.
    #[error("\"{expected}\" states where the host stands, not \"{found}\"")]
    OtherParty {
        /// Who states it by the contract.
        expected: String,
        /// Who would.
        found: String,
    },
    /// A region that the contract does not allow.
    #[error("the contract does not allow a host in {found:?}; it allows {}", expected.join(", "))]
    Region {
        /// The regions of the contract.
        expected: Vec<String>,
        /// The region given.
        found: String,
    },
}

/// A stop, which any party may order at any step and nobody needs to agree with. It names the contract alone and never wears
/// out: it ends every room that it is brought to, the contract's later ones too, whoever brings it. A host can keep it from a
/// room; what ends the contract for this party in any case is that it grants nothing more.
///
/// # Errors
/// [`StatementError::Party`], [`StatementError::Reason`].
pub fn stop(contract: &Contract, identity: &Identity, reason: &str, clock: u64) -> Result<SignedStop, StatementError> {
    check_party(contract, identity)?;
    let found = reason.chars().count();
    if found > REASON_LIMIT || reason.contains(char::is_control) {
        return Err(StatementError::Reason { found });
    }
    let stop = Stop { contract: contract.id(), party: identity.name().into(), reason: reason.into(), clock };
    Ok(SignedStop::sign(stop, identity.signing()))
}

/// The statement about where the host stands in one run, by the party that the contract names. It is this party's word;
/// nobody measured it.
///
/// # Errors
/// [`StatementError`].
pub fn state_region(
    contract: &Contract,
    identity: &Identity,
    proposal: &ProposalId,
    region: &str,
    clock: u64,
) -> Result<SignedStatement, StatementError> {
    check_party(contract, identity)?;
    let terms = contract.terms().cross_border.as_ref().ok_or(StatementError::NotAsked)?;
    if terms.stated_by != identity.name() {
        return Err(StatementError::OtherParty { expected: terms.stated_by.clone(), found: identity.name().into() });
    }
    if !terms.host_regions.iter().any(|allowed| allowed == region) {
        return Err(StatementError::Region { expected: terms.host_regions.clone(), found: region.into() });
    }
    let statement =
        Statement::HostRegion { contract: contract.id(), proposal: *proposal, region: region.into(), clock };
    Ok(SignedStatement::sign(statement, identity.signing()))
}

/// An operator's statement that an enclave is its own, where a contract names the operator. The operator need not be a
/// party, so it signs with a bare key.
#[must_use]
pub fn state_operator(
    contract: &Contract,
    operator: &SigningSecret,
    enclave_key: SigningPublicKey,
    site: &str,
    expires: u64,
) -> SignedStatement {
    let statement = Statement::Operator { contract: contract.id(), enclave_key, site: site.into(), expires };
    SignedStatement::sign(statement, operator)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, Parties, contract_of, contract_with};
    use sealroom_protocol::contract::CrossBorder;

    #[test]
    fn a_stop_is_signed_by_a_party_with_a_reason_that_can_be_shown() {
        let parties = Parties::new();
        let contract = contract_of(&parties);
        let signed = stop(&contract, &parties.beta, "we found an error in our data", NOW).unwrap();
        assert_eq!(signed.verify(&parties.beta.signing().public()).unwrap().party, "beta");
        for reason in ["a".repeat(201), "bell\u{7}".into()] {
            assert!(matches!(stop(&contract, &parties.beta, &reason, NOW), Err(StatementError::Reason { .. })));
        }
        let stranger = Parties::new().beta;
        assert!(matches!(stop(&contract, &stranger, "", NOW), Err(StatementError::Party(_))));
    }

    #[test]
    fn only_the_named_party_states_an_allowed_region() {
        let parties = Parties::new();
        let contract = contract_with(&parties, |terms| {
            terms.cross_border = Some(CrossBorder::new(&["CH", "HU"], &["CH"], "alpha"));
            terms.parties.iter_mut().for_each(|party| party.jurisdiction = Some("CH".into()));
        });
        let proposal = ProposalId::from_bytes([1; 32]);
        let state = |identity, region| state_region(&contract, identity, &proposal, region, NOW);
        let signed = state(&parties.alpha, "HU").unwrap();
        assert!(matches!(signed.allegation(), Statement::HostRegion { region, .. } if region == "HU"));
        assert!(matches!(state(&parties.alpha, "US"), Err(StatementError::Region { found, .. }) if found == "US"));
        assert!(
            matches!(state(&parties.beta, "CH"), Err(StatementError::OtherParty { expected, .. }) if expected == "alpha")
        );
        let without = contract_of(&parties);
        let error = state_region(&without, &parties.alpha, &proposal, "CH", NOW).unwrap_err();
        assert!(matches!(error, StatementError::NotAsked), "{error}");
    }
}
