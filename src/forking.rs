//! Proof that an enclave was forked, or was none: two receipts of one run number by one enclave key
//! (`docs/design/0002-receipts-are-the-state.md`).
//!
//! What always holds: having a [`Forking`] means that both receipts hold under the contract, are signed by one key and
//! contradict each other, and that every party that grants took that key for an enclave of the contract: at least one of the two
//! carries all of their grants. A room's run numbers only rise and it signs one receipt of each, so no room makes such a pair,
//! whatever host and parties do.

use crate::cheating::{CheatingError, LIMIT};
use core::fmt;
use sealroom_protocol::contract::{Contract, SignedContract};
use sealroom_protocol::dsse::Envelope;
use sealroom_protocol::identity::SigningPublicKey;
use sealroom_protocol::run::{Outcome, Receipt, SignedReceipt};
use serde::{Deserialize, Serialize};

/// Two receipts of one enclave key that no room makes.
///
/// ```compile_fail
/// fn accuse(first: sealroom::SignedReceipt, second: sealroom::SignedReceipt) -> sealroom::Forking {
///     sealroom::Forking { first, second }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forking {
    first: SignedReceipt,
    second: SignedReceipt,
}

impl Forking {
    /// The proof, if these two receipts are one.
    ///
    /// Two void receipts are none: anyone can sign such, with a key that nobody took for an enclave's. Nor are two runs that go on
    /// from one head: a room does that where the host withholds a receipt from it, and so do parties that never saw it.
    #[must_use]
    pub fn of(contract: &Contract, first: &SignedReceipt, second: &SignedReceipt) -> Option<Self> {
        let (a, b) = (first.allegation(), second.allegation());
        let one = a.proposal.enclave_key == b.proposal.enclave_key && a.proposal.run == b.proposal.run;
        // Without anyone who grants, a complete receipt can be made up as well.
        let granted = [a, b].iter().any(|receipt| receipt.outcome == Outcome::Complete)
            && !contract.granting_parties().is_empty();
        let contradict = one && granted && a.id() != b.id();
        let holds = contradict && first.verify(contract).is_ok() && second.verify(contract).is_ok();
        holds.then(|| Self { first: first.clone(), second: second.clone() })
    }

    /// The key that signed both.
    #[must_use]
    pub const fn enclave_key(&self) -> &SigningPublicKey {
        &self.first.allegation().proposal.enclave_key
    }

    /// The run number of both.
    #[must_use]
    pub const fn run(&self) -> u64 {
        self.first.allegation().proposal.run
    }

    /// Both receipts, to show to anyone who holds the contract.
    #[must_use]
    pub const fn receipts(&self) -> (&SignedReceipt, &SignedReceipt) {
        (&self.first, &self.second)
    }
}

/// First words of a file with a proof.
const FORMAT: &str = "sealroom/1 forking";

/// How a proof is written.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format: String,
    contract: Envelope,
    receipts: [Envelope; 2],
}

impl Forking {
    /// The proof as a file: with the contract, all that anybody needs to check it offline.
    #[must_use]
    pub fn encode(&self, contract: &SignedContract) -> Vec<u8> {
        let receipts = [self.first.envelope().clone(), self.second.envelope().clone()];
        let stored = Stored { format: FORMAT.into(), contract: contract.envelope().clone(), receipts };
        // String keys and no floating point: writing to memory cannot fail. An empty file would be refused by decode.
        serde_json::to_vec_pretty(&stored).unwrap_or_default()
    }

    /// Reads a proof and checks all of it: the contract's signatures, both receipts', every grant in them, and that they
    /// contradict each other.
    ///
    /// # Errors
    /// [`CheatingError::Form`], [`CheatingError::Contract`], [`CheatingError::NoFork`].
    pub fn decode(bytes: &[u8]) -> Result<(SignedContract, Self), CheatingError> {
        if bytes.len() > LIMIT {
            return Err(CheatingError::Form);
        }
        let stored: Stored = serde_json::from_slice(bytes).map_err(|_| CheatingError::Form)?;
        if stored.format != FORMAT {
            return Err(CheatingError::Form);
        }
        let contract = SignedContract::decode(&stored.contract.encode())?;
        let [first, second] = stored.receipts.map(|receipt| SignedReceipt::decode(&receipt.encode()));
        let (first, second) = (first.map_err(|_| CheatingError::NoFork)?, second.map_err(|_| CheatingError::NoFork)?);
        let forking = Self::of(contract.contract(), &first, &second).ok_or(CheatingError::NoFork)?;
        Ok((contract, forking))
    }
}

impl fmt::Display for Forking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let say = |receipt: &Receipt| {
            let outcome = match receipt.outcome {
                Outcome::Complete => "complete",
                Outcome::Void => "void",
            };
            format!("{} ({outcome})", receipt.id())
        };
        let (a, b) = (self.first.allegation(), self.second.allegation());
        write!(
            f,
            "the enclave key {} signed two receipts of run {}, {} and {}: this proves that its enclave was copied while it ran, or that whoever holds the key is no enclave of the contract",
            a.proposal.enclave_key,
            a.proposal.run,
            say(a),
            say(b)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Enclave, Parties, contract_of, contract_with, grant_of, sign};
    use sealroom_protocol::contract::ContractError;
    use sealroom_protocol::id::ObjectId;
    use sealroom_protocol::identity::EncryptionSecret;
    use sealroom_protocol::run::{Ending, Proposal, SignedGrant};

    fn grants(parties: &Parties, proposal: &Proposal) -> Vec<SignedGrant> {
        parties.all().map(|party| grant_of(party, proposal, 1)).to_vec()
    }

    #[test]
    fn two_receipts_of_one_run_by_one_key_are_a_proof_that_anybody_checks() {
        let parties = Parties::new();
        let contract = contract_of(&parties);
        let signed = sign(&contract, &parties);
        let enclave = Enclave::new();
        let proposal = enclave.proposal(&contract, 1, [ObjectId::from_bytes([1; 32]); 2], None);
        let complete = enclave.complete(&contract, &proposal, &grants(&parties, &proposal), 0);
        // Another result of the same grants; the same proposal given back; and another proposal of the same number.
        let mut other = complete.allegation().clone();
        other.outputs[0].object = ObjectId::from_bytes([0x98; 32]);
        let other = SignedReceipt::sign(other, &enclave.signing);
        let void = enclave.void(&contract, &proposal, &[], 0);
        let run_key = EncryptionSecret::generate(&mut crate::random()).public();
        let twin = Proposal { run_key, ..proposal.clone() };
        let twin =
            [enclave.complete(&contract, &twin, &grants(&parties, &twin), 0), enclave.void(&contract, &twin, &[], 0)];
        for second in [other, void].into_iter().chain(twin) {
            let forking = Forking::of(&contract, &complete, &second).unwrap();
            assert_eq!((forking.run(), forking.enclave_key()), (1, &enclave.signing.public()));
            assert_eq!(Forking::decode(&forking.encode(&signed)).unwrap(), (signed.clone(), forking));
            assert!(Forking::of(&contract, &second, &complete).is_some());
        }
    }

    #[test]
    fn what_a_host_or_a_party_can_bring_about_with_honest_enclaves_accuses_none() {
        let parties = Parties::new();
        let contract = contract_of(&parties);
        let signed = sign(&contract, &parties);
        let (enclave, another) = (Enclave::new(), Enclave::new());
        let objects = [ObjectId::from_bytes([1; 32]); 2];
        let proposal = enclave.proposal(&contract, 1, objects, None);
        let complete = enclave.complete(&contract, &proposal, &grants(&parties, &proposal), 0);
        // The next run of one room, from the same head: the receipt of the first was withheld from it.
        let next = Proposal { run: 2, ..proposal.clone() };
        let next = enclave.complete(&contract, &next, &grants(&parties, &next), 0);
        // The same number in another enclave: who granted both cheats, and neither enclave knows of the other.
        let elsewhere = another.proposal(&contract, 1, objects, None);
        let elsewhere = another.complete(&contract, &elsewhere, &grants(&parties, &elsewhere), 0);
        // One that another key signed, and one that lacks a grant.
        let forged = SignedReceipt::sign(next.allegation().clone(), &another.signing);
        let mut lacks = complete.allegation().clone();
        lacks.grants.pop();
        let lacks = SignedReceipt::sign(lacks, &enclave.signing);
        for second in [complete.clone(), next, elsewhere, forged, lacks] {
            assert_eq!(Forking::of(&contract, &complete, &second), None);
            let made_up = Forking { first: complete.clone(), second }.encode(&signed);
            assert!(matches!(Forking::decode(&made_up), Err(CheatingError::NoFork)));
        }
        // Two voids under a key that nobody granted to: anyone makes these.
        let first = enclave.void(&contract, &proposal, &[], 0);
        let mut second = first.allegation().clone();
        second.time += 1;
        let second = SignedReceipt::sign(second, &enclave.signing);
        assert_eq!(Forking::of(&contract, &first, &second), None);
    }

    #[test]
    fn a_file_of_another_contract_or_form_proves_nothing() {
        let parties = Parties::new();
        let contract = contract_of(&parties);
        let enclave = Enclave::new();
        let proposal = enclave.proposal(&contract, 1, [ObjectId::from_bytes([1; 32]); 2], None);
        let complete = enclave.complete(&contract, &proposal, &grants(&parties, &proposal), 0);
        let mut failed = complete.allegation().clone();
        failed.ending = Ending::Failed;
        failed.outputs.clear();
        let failed = SignedReceipt::sign(failed, &enclave.signing);
        let forking = Forking::of(&contract, &complete, &failed).unwrap();
        let other = sign(&contract_with(&parties, |terms| terms.name = "another".into()), &parties);
        assert!(matches!(Forking::decode(&forking.encode(&other)), Err(CheatingError::NoFork)));
        let file = String::from_utf8(forking.encode(&sign(&contract, &parties))).unwrap();
        for (from, to) in [("sealroom/1 forking", "sealroom/2 forking"), ("\"receipts\"", "\"grants\"")] {
            assert!(matches!(Forking::decode(file.replace(from, to).as_bytes()), Err(CheatingError::Form)));
        }
        let mut unsigned: serde_json::Value = serde_json::from_str(&file).unwrap();
        drop(unsigned["contract"]["signatures"].as_array_mut().unwrap().pop());
        let refused = Forking::decode(unsigned.to_string().as_bytes());
        assert!(matches!(refused, Err(CheatingError::Contract(ContractError::SignatureMissing { .. }))), "{refused:?}");
    }
}
