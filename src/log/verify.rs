//! Verifying a log offline: contract, checkpoint, cosignatures, every receipt and their order, Evidence.
//!
//! What always holds: a [`VerifiedLog`] is a log of which every check held; whether its enclaves were appraised it says for
//! each of them.

use super::{LogFailure, ReceiptLog};
use crate::bundle::BundleReport;
use sealroom_protocol::contract::{CarriedCounts, CarriedHead, Contract, SignedContract, WitnessTerms};
use sealroom_protocol::identity::SigningPublicKey;
use sealroom_protocol::log::{
    Cosigned, KeyUse, LogProof, Place, Quorum, SignedCheckpoint, Tree, TreeHead, VerifierKey, history_after, leaf_of,
    origin_of,
};
use sealroom_protocol::run::{Receipt, SignedReceipt};

/// What a verifier asks of a log, beside that it holds.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct LogDemand {
    /// Witnesses, and how many of them.
    pub quorum: Quorum,
    /// Checkpoints that the verifier knows from before: the log must begin with each.
    pub since: Vec<SignedCheckpoint>,
    /// The log's key, where the verifier knows it; otherwise the file's own word, which is no loss (`spec/log.md`, section 2).
    pub log_key: Option<VerifierKey>,
}

/// One receipt of a log that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogEntry {
    /// What it says.
    pub receipt: Receipt,
    /// What it is in the log.
    pub place: Place,
}

/// An enclave that signed receipts of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogEnclave {
    /// Its key.
    pub key: SigningPublicKey,
    /// The report of its first receipt, with the appraisal where the log has Evidence of it.
    pub report: BundleReport,
}

/// A log that holds. What it proves: these receipts, in this order, are what was signed for, by the log and the witnesses.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifiedLog {
    /// The contract.
    pub contract: Contract,
    /// The receipts.
    pub entries: Vec<LogEntry>,
    /// Size and root.
    pub head: TreeHead,
    /// Which of the asked witnesses cosigned, and when.
    pub cosigned: Vec<Cosigned>,
    /// The enclaves, in the order of their first receipts.
    pub enclaves: Vec<LogEnclave>,
}

impl LogDemand {
    /// What a contract asks for of its log; of one that names no witnesses nothing.
    ///
    /// # Panics
    /// Never: a contract's witnesses are distinct, and never fewer than it asks for.
    #[must_use]
    pub fn of(contract: &Contract) -> Self {
        let Some(terms) = &contract.terms().log else { return Self::new(Quorum::none()) };
        let key = |witness: &WitnessTerms| VerifierKey::new(&witness.name, KeyUse::Witness, witness.key);
        let keys: Result<Vec<VerifierKey>, _> = terms.witnesses.iter().map(key).collect();
        let needed = usize::try_from(terms.cosigned).unwrap_or(usize::MAX);
        let quorum = Quorum::new(keys.expect("names of a contract's witnesses are names of keys"), needed);
        Self::new(quorum.expect("a contract's witnesses are distinct and enough"))
    }

    /// That so many witnesses cosigned, and nothing else.
    #[must_use]
    pub const fn new(quorum: Quorum) -> Self {
        Self { quorum, since: Vec::new(), log_key: None }
    }

    /// A checkpoint is of this contract's log, signed by its key, and cosigned as asked for.
    fn verify(
        &self,
        contract: &Contract,
        own: Option<&VerifierKey>,
        checkpoint: &SignedCheckpoint,
    ) -> Result<Vec<Cosigned>, LogFailure> {
        let expected = origin_of(&contract.id());
        let said = checkpoint.allegation().origin();
        let key = self.log_key.as_ref().or(own);
        let named = key.map_or(expected.as_str(), VerifierKey::name);
        if said != expected || named != expected {
            let found = if said == expected { named } else { said };
            return Err(LogFailure::Origin { found: found.into(), expected });
        }
        if let Some(key) = key {
            key.verify(checkpoint.note()).map_err(LogFailure::Signature)?;
        }
        self.quorum.verify(checkpoint.note()).map_err(LogFailure::Witnesses)
    }

    /// Verifies that a receipt is in the log of its contract, with nothing but its proof. Where no key of the log is known, the
    /// cosignatures are all that says who saw it.
    ///
    /// # Errors
    /// [`LogFailure`].
    pub fn verify_proof(
        &self,
        contract: &Contract,
        receipt: &SignedReceipt,
        proof: &LogProof,
    ) -> Result<Vec<Cosigned>, LogFailure> {
        let held = receipt.verify(contract).map_err(|source| LogFailure::Receipt { index: 0, source })?;
        let cosigned = self.verify(contract, None, &proof.checkpoint)?;
        let head = proof.checkpoint.allegation().head();
        head.verify_inclusion(proof.index, &leaf_of(held), &proof.hashes).map_err(LogFailure::Proof)?;
        Ok(cosigned)
    }
}

impl VerifiedLog {
    /// Whether every enclave that signed was appraised and accepted. Receipts hold without: they are the parties' word then.
    #[must_use]
    pub fn appraised(&self) -> bool {
        self.enclaves.iter().all(|enclave| enclave.report.appraised)
    }

    /// Whether this is the log of the next version after `predecessor`'s: its contract amends that one, and size, root, head and
    /// counts that all parties signed are what that log says.
    ///
    /// # Errors
    /// [`LogFailure::Predecessor`]: the first part that differs.
    pub fn follows(&self, predecessor: &Self) -> Result<(), LogFailure> {
        let fails = |what| Err(LogFailure::Predecessor { what });
        let before = &predecessor.contract;
        let amends = match self.contract.amends() {
            None => return fails("the contract amends nothing"),
            Some(amends) if amends.contract != before.id() => return fails("the contract amends another one"),
            Some(amends)
                if (amends.first, amends.version) != (before.first_version(), before.version().saturating_add(1)) =>
            {
                return fails("the first version or the number of the version differs");
            }
            Some(amends) => amends,
        };
        let mut entries = predecessor.entries.as_slice();
        if let Some(named) = amends.log {
            let tree = Tree::new(entries.iter().map(|entry| leaf_of(&entry.receipt)).collect());
            if tree.head_at(named.size).is_ok_and(|head| *head.root.as_bytes() == named.root) {
                entries = entries.get(..usize::try_from(named.size).unwrap_or(usize::MAX)).unwrap_or(entries);
            } else {
                return fails("it does not begin with the size and root that all parties signed");
            }
        }
        let chain = entries.iter().filter(|entry| entry.place == Place::Next).map(|entry| &entry.receipt);
        let head = match (amends.head, amends.log) {
            (Some(head), None) => chain.clone().find(|receipt| receipt.id() == head.receipt),
            // The newest of what was there when the amendment was drafted.
            (_, _) => chain.clone().next_back(),
        };
        let found = head.map(|receipt| CarriedHead { run: receipt.proposal.run, receipt: receipt.id() });
        if found.or(before.carried_head()) != amends.head {
            return fails("its newest complete receipt is not the head that all parties signed");
        }
        let granting = self.contract.granting_parties();
        let lost = granting.iter().any(|party| {
            let counted = head.and_then(|receipt| receipt.count(&party.name)).map_or(0, |count| count.after);
            self.contract.carried_count(&party.name) < counted
        });
        if lost && amends.counts != CarriedCounts::Anew {
            return fails("it counts more runs than the amendment carries over");
        }
        Ok(())
    }
}

impl ReceiptLog {
    /// Verifies everything, offline. Certificates are judged at `now`, or at the time of each enclave's first receipt.
    ///
    /// # Errors
    /// [`LogFailure`]: the first check that does not hold. That Evidence is missing or refused is no error here, since the
    /// receipts carry the parties' grants without it: [`VerifiedLog::enclaves`] says it.
    pub fn verify(&self, demand: &LogDemand, now: Option<u64>) -> Result<VerifiedLog, LogFailure> {
        let signed = SignedContract::verify(&self.contract).map_err(LogFailure::Contract)?;
        let contract = signed.contract();
        let cosigned = demand.verify(contract, Some(&self.log_key), &self.checkpoint)?;
        let head = *self.checkpoint.allegation().head();
        let leaves = length(self.leaves.len());
        count("leaves", leaves, head.size)?;
        count("receipts", length(self.receipts.len()), leaves)?;
        let tree = Tree::new(self.leaves.clone());
        if tree.head().root != head.root {
            return Err(LogFailure::Forked { size: head.size });
        }
        for known in &demand.since {
            self.begins_with(contract, &tree, known, demand)?;
        }
        let receipts = self.hold(contract)?;
        let said: Vec<&Receipt> = receipts.iter().map(SignedReceipt::allegation).collect();
        let places = history_after(contract.carried_head(), &said).map_err(LogFailure::History)?;
        let entries = said.iter().zip(places).map(|(receipt, place)| LogEntry { receipt: (*receipt).clone(), place });
        let entries = entries.collect();
        let mut enclaves: Vec<LogEnclave> = Vec::new();
        for receipt in &receipts {
            let key = receipt.allegation().proposal.enclave_key;
            if enclaves.iter().all(|known| known.key != key) {
                enclaves.push(LogEnclave { key, report: self.bundle(&signed, receipt).verify(now) });
            }
        }
        Ok(VerifiedLog { contract: contract.clone(), entries, head, cosigned, enclaves })
    }

    /// The log begins with what a checkpoint from before says.
    fn begins_with(
        &self,
        contract: &Contract,
        tree: &Tree,
        known: &SignedCheckpoint,
        demand: &LogDemand,
    ) -> Result<(), LogFailure> {
        let none = LogDemand { quorum: Quorum::none(), since: Vec::new(), log_key: demand.log_key.clone() };
        drop(none.verify(contract, Some(&self.log_key), known)?);
        let before = known.allegation().head();
        let found = tree.head().size;
        match tree.head_at(before.size) {
            Ok(head) if head.root == before.root => Ok(()),
            Ok(_) => Err(LogFailure::Forked { size: before.size }),
            Err(_) => Err(LogFailure::Truncated { what: "receipts", found, expected: before.size }),
        }
    }

    /// Every receipt is the log's at its place, and holds under the contract.
    fn hold(&self, contract: &Contract) -> Result<Vec<SignedReceipt>, LogFailure> {
        let mut receipts = Vec::with_capacity(self.receipts.len());
        for (index, (envelope, leaf)) in self.receipts.iter().zip(&self.leaves).enumerate() {
            let decoded = SignedReceipt::decode(&envelope.encode());
            let receipt = decoded.map_err(|source| LogFailure::Form { index, source })?;
            let found = leaf_of(receipt.allegation());
            if found != *leaf {
                return Err(match self.leaves.iter().position(|leaf| *leaf == found) {
                    Some(belongs) => LogFailure::Reordered { index, belongs },
                    None => LogFailure::Edited { index },
                });
            }
            receipt.verify(contract).map_err(|source| LogFailure::Receipt { index, source })?;
            receipts.push(receipt);
        }
        Ok(receipts)
    }
}

fn count(what: &'static str, found: u64, expected: u64) -> Result<(), LogFailure> {
    match found.cmp(&expected) {
        core::cmp::Ordering::Less => Err(LogFailure::Truncated { what, found, expected }),
        core::cmp::Ordering::Equal => Ok(()),
        core::cmp::Ordering::Greater => Err(LogFailure::Surplus { what, found, expected }),
    }
}

fn length(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
