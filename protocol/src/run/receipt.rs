//! The receipt: the enclave's word on a run, checkable by a stranger with nothing but the contract.
//!
//! What always holds: a [`Receipt`] returned by [`SignedReceipt::verify`] is signed by the enclave key of its own
//! proposal; a complete one carries a valid grant of that proposal by every party that must grant, so a stolen platform
//! key alone cannot make one. Nothing in a receipt depends on data. That the enclave key was an accepted enclave's is
//! for appraisal of its Evidence, not for this module.

use super::{Proposal, RUN_NUMBER_LIMIT, SignedError, SignedGrant, decode_signed};
use crate::canonical;
use crate::contract::Contract;
use crate::dsse::{Envelope, EnvelopeError, PayloadType};
use crate::hash::labelled_sha256;
use crate::id::{ContractId, ObjectId, ReceiptId};
use crate::identity::SigningSecret;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// How many run numbers of a gap a receipt lists: enough to read, and never enough to make it long.
pub const GAP_LISTED: usize = 64;

/// What the enclave says of one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "the signed form; a new field is a new payload type")]
pub struct Receipt {
    /// The contract.
    pub contract: ContractId,
    /// Whether the run was granted by all.
    pub outcome: Outcome,
    /// How it ended.
    pub ending: Ending,
    /// What was proposed; its id is computed from it. It names the head, which is the receipt before this one.
    pub proposal: Proposal,
    /// Every grant that arrived, in its envelope, in the contract's order of parties.
    pub grants: Vec<Envelope>,
    /// Statement about the host's region, where the contract asks for one.
    pub statement: Option<Envelope>,
    /// The stop that ended it, where one did.
    pub stop: Option<Envelope>,
    /// What left, in the contract's order of results.
    pub outputs: Vec<Output>,
    /// Runs of every granting party before and after, in the contract's order.
    pub counts: Vec<Count>,
    /// Run numbers between the head's and this one for which nobody brought a receipt: the first [`GAP_LISTED`] of them.
    /// (All of them follow from the proposal's run number and its head's.)
    pub gap: Vec<u64>,
    /// The latest time the enclave was told (Unix seconds): a claim of the host and of the grants' signers.
    pub time: u64,
}

/// Whether the run was granted by all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::exhaustive_enums, reason = "decisions match on it")]
pub enum Outcome {
    /// Granted by all, however it ended: it counts.
    Complete,
    /// Not granted by all; no data byte was decrypted, the run's key is wiped: it gives every grant back.
    Void,
}

/// How a run ended. A code; nothing that depends on data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::exhaustive_enums, reason = "decisions match on it")]
pub enum Ending {
    /// Results left.
    Released,
    /// The program or an input failed; nothing left. Why stands nowhere outside, since data may decide it.
    Failed,
    /// A party stopped the room.
    Stopped,
    /// The contract or a grant expired.
    Expired,
    /// The host gave the proposal up.
    Abandoned,
}

/// One result that left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "the signed form; a new field is a new payload type")]
pub struct Output {
    /// Its name in the contract.
    pub name: String,
    /// Names of its recipients, in the contract's order.
    pub recipients: Vec<String>,
    /// Which object it is.
    pub object: ObjectId,
}

/// One party's count of runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "the signed form; a new field is a new payload type")]
pub struct Count {
    /// The party's name.
    pub party: String,
    /// Before this run.
    pub before: u64,
    /// After it: the higher of `before + 1` and what the party's grant says. Equal to `before` in a void receipt.
    pub after: u64,
}

/// Why a receipt is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptError {
    /// The enclave's signature.
    #[error("the enclave's signature: {0}")]
    Signature(EnvelopeError),
    /// Of another contract.
    #[error("the receipt is of contract {found}, expected {expected}")]
    Contract {
        /// The contract at hand.
        expected: ContractId,
        /// The contract it names.
        found: ContractId,
    },
    /// Its proposal contradicts it, itself or the contract.
    #[error("the receipt's proposal does not fit: {what}")]
    Proposal {
        /// What does not fit.
        what: &'static str,
    },
    /// A grant in it.
    #[error("the grant of {party}: {source}")]
    Grant {
        /// Whose grant.
        party: String,
        /// What is wrong with it.
        source: SignedError,
    },
    /// A grant in it names something else than this run.
    #[error("the grant of {party} is not of this run: its {what} differs")]
    GrantOfAnother {
        /// Whose grant.
        party: String,
        /// What differs.
        what: &'static str,
    },
    /// A complete receipt without this party's grant, or a grant by one who has none to give.
    #[error("expected one grant by each granting party in the contract's order; {party} is missing or out of place")]
    Grants {
        /// The first party where they differ.
        party: String,
    },
    /// Outputs that the contract does not name so.
    #[error("the receipt's outputs are not the contract's results and recipients")]
    Outputs,
    /// Counts that are not the contract's parties' or do not add up.
    #[error("the receipt's counts do not add up for {party}")]
    Counts {
        /// Whose count.
        party: String,
    },
    /// The statement or stop that it carries.
    #[error("the receipt's {what} is not one that the contract allows")]
    Attachment {
        /// `statement` or `stop`.
        what: &'static str,
    },
}

/// A receipt in its envelope, not yet verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedReceipt {
    envelope: Envelope,
    receipt: Receipt,
}

impl Receipt {
    /// The id that the next proposal names as its head.
    #[must_use]
    pub fn id(&self) -> ReceiptId {
        ReceiptId::from_bytes(labelled_sha256("sealroom/1 receipt", &[&canonical::encode(self)]))
    }

    /// Its count of one party.
    #[must_use]
    pub fn count(&self, party: &str) -> Option<&Count> {
        self.counts.iter().find(|count| count.party == party)
    }
}

impl SignedReceipt {
    /// Signs a receipt with the key that its proposal names.
    #[must_use]
    pub fn sign(receipt: Receipt, enclave: &SigningSecret) -> Self {
        let envelope = Envelope::signed(PayloadType::Receipt, canonical::encode(&receipt), enclave);
        Self { envelope, receipt }
    }

    /// Decodes a receipt; no signature is verified.
    ///
    /// # Errors
    /// [`SignedError`] naming what is wrong with the form.
    pub fn decode(bytes: &[u8]) -> Result<Self, SignedError> {
        let (envelope, receipt) = decode_signed(bytes, PayloadType::Receipt)?;
        Ok(Self { envelope, receipt })
    }

    /// What it says, whoever signed it.
    #[must_use]
    pub const fn allegation(&self) -> &Receipt {
        &self.receipt
    }

    /// The envelope, as a proof carries it.
    #[must_use]
    pub const fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// Its canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.envelope.encode()
    }

    /// The receipt, once every signature and binding in it holds under this contract.
    ///
    /// # Errors
    /// [`ReceiptError`]: the first check that fails, in the order of its variants.
    pub fn verify(&self, contract: &Contract) -> Result<&Receipt, ReceiptError> {
        let receipt = &self.receipt;
        self.envelope.verify_all(&[receipt.proposal.enclave_key]).map_err(ReceiptError::Signature)?;
        if receipt.contract != contract.id() {
            return Err(ReceiptError::Contract { expected: contract.id(), found: receipt.contract });
        }
        verify_proposal(receipt, contract)?;
        let grants = verify_grants(receipt, contract)?;
        verify_outputs(receipt, contract)?;
        verify_counts(receipt, contract, &grants)?;
        verify_attachments(receipt, contract)?;
        Ok(receipt)
    }
}

fn verify_proposal(receipt: &Receipt, contract: &Contract) -> Result<(), ReceiptError> {
    let proposal = &receipt.proposal;
    let what = if proposal.contract != receipt.contract {
        "its contract"
    } else if proposal.run <= contract.carried_run()
        || proposal.run > RUN_NUMBER_LIMIT
        || proposal.head_run >= proposal.run
    {
        "its run number"
    } else if proposal.head.is_some() != (proposal.head_run > 0) || !goes_on(proposal, contract) {
        "its head"
    } else if !proposal.datasets.iter().map(|d| &d.name).eq(contract.terms().datasets.iter().map(|d| &d.name)) {
        "its datasets"
    } else if !receipt.gap.iter().copied().eq((proposal.head_run.saturating_add(1)..proposal.run).take(GAP_LISTED)) {
        "the gap before its run number"
    } else {
        return Ok(());
    };
    Err(ReceiptError::Proposal { what })
}

/// Whether it is a first run, which goes on from where the contract begins.
fn is_first(proposal: &Proposal, contract: &Contract) -> bool {
    let head = contract.carried_head();
    (proposal.head, proposal.head_run) == (head.map(|head| head.receipt), head.map_or(0, |head| head.run))
}

fn goes_on(proposal: &Proposal, contract: &Contract) -> bool {
    is_first(proposal, contract) || proposal.head_run > contract.carried_run()
}

fn verify_grants(receipt: &Receipt, contract: &Contract) -> Result<Vec<SignedGrant>, ReceiptError> {
    let proposal = receipt.proposal.id();
    let mut envelopes = receipt.grants.iter().peekable();
    let mut grants = Vec::new();
    for party in contract.granting_parties() {
        let name = || party.name.clone();
        let of_form = |source| ReceiptError::Grant { party: name(), source };
        let Some(envelope) = envelopes.peek() else {
            match receipt.outcome {
                Outcome::Complete => return Err(ReceiptError::Grants { party: name() }),
                Outcome::Void => break,
            }
        };
        let signed = SignedGrant::decode(&envelope.encode()).map_err(of_form)?;
        if signed.allegation().party != party.name {
            match receipt.outcome {
                Outcome::Complete => return Err(ReceiptError::Grants { party: name() }),
                Outcome::Void => continue,
            }
        }
        let grant = signed.verify(&party.signing_key).map_err(|error| of_form(error.into()))?;
        let what = if grant.contract != receipt.contract {
            Some("contract")
        } else if grant.proposal != proposal {
            Some("proposal")
        } else if grant.run != receipt.proposal.run {
            Some("run number")
        } else {
            None
        };
        if let Some(what) = what {
            return Err(ReceiptError::GrantOfAnother { party: name(), what });
        }
        grants.push(signed);
        envelopes.next();
    }
    match envelopes.next() {
        Some(envelope) => {
            let party = SignedGrant::decode(&envelope.encode()).map(|grant| grant.allegation().party.clone());
            Err(ReceiptError::Grants { party: party.unwrap_or_default() })
        }
        None => Ok(grants),
    }
}

fn verify_outputs(receipt: &Receipt, contract: &Contract) -> Result<(), ReceiptError> {
    let released = receipt.outcome == Outcome::Complete && receipt.ending == Ending::Released;
    let possible = match (receipt.outcome, receipt.ending) {
        (Outcome::Complete, Ending::Released | Ending::Failed | Ending::Stopped) => true,
        (Outcome::Void, Ending::Stopped | Ending::Expired | Ending::Abandoned) => true,
        (Outcome::Complete, Ending::Expired | Ending::Abandoned)
        | (Outcome::Void, Ending::Released | Ending::Failed) => false,
    };
    let as_agreed = || {
        let results = &contract.terms().results;
        receipt.outputs.len() == results.len()
            && receipt
                .outputs
                .iter()
                .zip(results)
                .all(|(output, terms)| output.name == terms.name && output.recipients == terms.recipients)
    };
    let holds = possible && if released { as_agreed() } else { receipt.outputs.is_empty() };
    if holds { Ok(()) } else { Err(ReceiptError::Outputs) }
}

fn verify_counts(receipt: &Receipt, contract: &Contract, grants: &[SignedGrant]) -> Result<(), ReceiptError> {
    let mut counts = receipt.counts.iter();
    let first = is_first(&receipt.proposal, contract);
    for party in contract.granting_parties() {
        let said = grants.iter().map(SignedGrant::allegation).find(|grant| grant.party == party.name);
        let expected = |before: u64| match receipt.outcome {
            Outcome::Void => before,
            Outcome::Complete => before.saturating_add(1).max(said.map_or(0, |grant| grant.count)),
        };
        let carried = contract.carried_count(&party.name);
        let holds = counts.next().is_some_and(|count| {
            count.party == party.name
                && count.after == expected(count.before)
                && (count.before == carried || !first && count.before > carried)
                && count.after <= contract.terms().limits.runs
        });
        if !holds {
            return Err(ReceiptError::Counts { party: party.name.clone() });
        }
    }
    match counts.next() {
        Some(extra) => Err(ReceiptError::Counts { party: extra.party.clone() }),
        None => Ok(()),
    }
}

fn verify_attachments(receipt: &Receipt, contract: &Contract) -> Result<(), ReceiptError> {
    use super::{SignedStatement, SignedStop, Statement};
    let statement_holds = match (&receipt.statement, &contract.terms().cross_border) {
        (None, None) => true,
        (None, Some(_)) => receipt.outcome == Outcome::Void,
        (Some(_), None) => false,
        (Some(envelope), Some(terms)) => {
            let signer = contract.party(&terms.stated_by).map(|party| party.signing_key);
            let signed = SignedStatement::decode(&envelope.encode()).ok();
            signed.zip(signer).is_some_and(|(signed, signer)| match signed.verify(&signer) {
                Ok(Statement::HostRegion { contract, proposal, region, .. }) => {
                    *contract == receipt.contract
                        && *proposal == receipt.proposal.id()
                        && terms.host_regions.contains(region)
                }
                Ok(Statement::Operator { .. }) | Err(_) => false,
            })
        }
    };
    if !statement_holds {
        return Err(ReceiptError::Attachment { what: "statement" });
    }
    let stop_holds = match (&receipt.stop, receipt.ending) {
        (None, ending) => ending != Ending::Stopped,
        (Some(envelope), Ending::Stopped) => SignedStop::decode(&envelope.encode()).is_ok_and(|signed| {
            let signer = contract.party(&signed.allegation().party).map(|party| party.signing_key);
            let stop = signer.and_then(|signer| signed.verify(&signer).ok());
            stop.is_some_and(|stop| stop.contract == receipt.contract)
        }),
        (Some(_), Ending::Released | Ending::Failed | Ending::Expired | Ending::Abandoned) => false,
    };
    if stop_holds { Ok(()) } else { Err(ReceiptError::Attachment { what: "stop" }) }
}
