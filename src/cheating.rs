//! Proof that a party cheats: two grants with one run number and different proposals (`docs/design/0002-receipts-are-the-state.md`).
//!
//! What always holds: having a [`Cheating`] means that both grants hold under the party's key in the contract and contradict
//! each other. An honest party's client never makes such a pair, whatever host or enclave do.

use core::fmt;
use sealroom_protocol::contract::Contract;
use sealroom_protocol::run::SignedGrant;

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
