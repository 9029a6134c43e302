//! Logs that hold, and logs with one thing changed: each refused by its own name.

mod files;
mod refused;
mod second_opinion;
mod versions;

use super::*;
use crate::random;
use crate::testing::{Enclave, Parties, contract_with, grant_of, sign};
use sealroom_protocol::id::ObjectId;
use sealroom_protocol::identity::SigningSecret;
use sealroom_protocol::log::{Quorum, WitnessSigner};
use sealroom_protocol::run::Proposal;

/// A contract, an enclave's receipts under it, and the log's signer.
pub(super) struct World {
    pub(super) contract: SignedContract,
    pub(super) parties: Parties,
    pub(super) enclave: Enclave,
    pub(super) signer: LogSigner,
    /// Complete, void, complete, complete: runs 1 to 4.
    pub(super) receipts: Vec<SignedReceipt>,
}

impl World {
    pub(super) fn new() -> Self {
        let parties = Parties::new();
        let contract = contract_with(&parties, |terms| terms.limits.runs = 9);
        let enclave = Enclave::new();
        let first = Self::complete(&contract, &parties, &enclave, 1, None);
        let head = first.allegation();
        let proposal = Proposal { head: Some(head.id()), head_run: 1, ..enclave.proposal(&contract, 2, OBJECTS, None) };
        let void = enclave.void(&contract, &proposal, &[], 1);
        let third = Self::complete(&contract, &parties, &enclave, 3, Some(&first));
        let fourth = Self::complete(&contract, &parties, &enclave, 4, Some(&third));
        let signer = LogSigner::new(&origin_of(&contract.id()), SigningSecret::generate(&mut random())).unwrap();
        Self {
            contract: sign(&contract, &parties),
            parties,
            enclave,
            signer,
            receipts: vec![first, void, third, fourth],
        }
    }

    /// The complete receipt of a run that goes on from another.
    pub(super) fn complete(
        contract: &sealroom_protocol::contract::Contract,
        parties: &Parties,
        enclave: &Enclave,
        run: u64,
        head: Option<&SignedReceipt>,
    ) -> SignedReceipt {
        let head_run = head.map_or(0, |head| head.allegation().proposal.run);
        let proposal = Proposal {
            head: head.map(|head| head.allegation().id()),
            head_run,
            ..enclave.proposal(contract, run, OBJECTS, None)
        };
        let grants = parties.all().map(|party| grant_of(party, &proposal, 1));
        enclave.complete(contract, &proposal, &grants, head_run)
    }

    pub(super) fn next(&self, run: u64, head: &SignedReceipt) -> SignedReceipt {
        Self::complete(self.contract.contract(), &self.parties, &self.enclave, run, Some(head))
    }

    pub(super) fn log_of(&self, receipts: &[SignedReceipt]) -> ReceiptLog {
        let mut log = ReceiptLog::begin(&self.contract, &self.signer).unwrap();
        log.append(receipts, &self.signer).unwrap();
        log
    }

    pub(super) fn log(&self) -> ReceiptLog {
        self.log_of(&self.receipts)
    }
}

pub(super) const OBJECTS: [ObjectId; 2] = [ObjectId::from_bytes([1; 32]), ObjectId::from_bytes([2; 32])];

pub(super) fn nothing_asked() -> LogDemand {
    LogDemand::new(Quorum::none())
}

pub(super) fn witness(name: &str) -> WitnessSigner {
    WitnessSigner::new(name, SigningSecret::generate(&mut random())).unwrap()
}
