//! Counts and gaps from the chain of receipts that was brought. The receipts are the state; a room keeps none.
//!
//! What always holds: a [`Head`] is the newest of receipts that each verify under the contract and follow one another.
//! The oldest brought may have predecessors that were not: every count it needs stands in the newest. Where none is brought,
//! it is what the contract says that it begins at (`spec/contract.md`, `[amends]`).

use crate::refusal::Refusal;
use alloc::string::String;
use alloc::vec::Vec;
use sealroom_protocol::contract::Contract;
use sealroom_protocol::id::{ReceiptId, RequestId};
use sealroom_protocol::run::{Outcome, Receipt, ReceiptError, SignedReceipt};

/// Where the contract stands, by the receipts brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    /// Newest complete receipt and its run number, or what an amendment carries over.
    pub(crate) newest: Option<(ReceiptId, u64)>,
    /// The highest run number of earlier versions of the contract.
    carried_run: u64,
    /// Runs counted a granting party, in the contract's order.
    counts: Vec<(String, u64)>,
    /// Requests that were used, and in which run.
    requests: Vec<(RequestId, u64)>,
    /// The latest time in any of them.
    time: u64,
}

impl Head {
    /// The head of these receipts, oldest first.
    pub(crate) fn of(contract: &Contract, receipts: &[Vec<u8>]) -> Result<Self, Refusal> {
        let mut head = Self::begin(contract);
        for (index, bytes) in receipts.iter().enumerate() {
            let position = index.saturating_add(1);
            let signed = SignedReceipt::decode(bytes).map_err(|source| Refusal::ReceiptForm { position, source })?;
            let receipt = signed.verify(contract).map_err(|source| Refusal::Receipt { position, source })?;
            head.follow(position, receipt, index > 0)?;
        }
        Ok(head)
    }

    /// Where the contract begins.
    fn begin(contract: &Contract) -> Self {
        let counts = contract.granting_parties().into_iter();
        Self {
            newest: contract.carried_head().map(|head| (head.receipt, head.run)),
            carried_run: contract.carried_run(),
            counts: counts.map(|party| (party.name.clone(), contract.carried_count(&party.name))).collect(),
            requests: Vec::new(),
            time: 0,
        }
    }

    /// Goes on to the next receipt. The oldest one brought may stand anywhere after the contract's begin, which it was verified to.
    fn follow(&mut self, position: usize, receipt: &Receipt, chained: bool) -> Result<(), Refusal> {
        match receipt.outcome {
            Outcome::Complete => {}
            Outcome::Void => return Err(Refusal::VoidReceipt { position }),
        }
        if chained
            && let Some((expected, expected_run)) = self.newest
            && (receipt.proposal.head, receipt.proposal.head_run) != (Some(expected), expected_run)
        {
            return Err(Refusal::Chain { position, expected: Some(expected), found: receipt.proposal.head });
        }
        let broken = receipt.counts.iter().find(|count| chained && count.before != self.count(&count.party));
        if let Some(count) = broken {
            let source = ReceiptError::Counts { party: count.party.clone() };
            return Err(Refusal::Receipt { position, source });
        }
        self.time = self.time.max(receipt.time);
        self.newest = Some((receipt.id(), receipt.proposal.run));
        self.counts = receipt.counts.iter().map(|count| (count.party.clone(), count.after)).collect();
        if let Some(request) = &receipt.proposal.request {
            self.requests.push((request.request, receipt.proposal.run));
        }
        Ok(())
    }

    /// Id of the newest receipt.
    pub(crate) fn id(&self) -> Option<ReceiptId> {
        self.newest.map(|(id, _)| id)
    }

    /// Run number of the newest receipt, or 0.
    pub(crate) fn run(&self) -> u64 {
        self.newest.map_or(0, |(_, run)| run)
    }

    /// The lowest run number that is free.
    pub(crate) fn next_run(&self) -> u64 {
        self.run().max(self.carried_run).saturating_add(1)
    }

    /// The latest time in any receipt: a signed one, though it repeats what a host claimed.
    pub(crate) const fn time(&self) -> u64 {
        self.time
    }

    /// Runs counted for a party.
    pub(crate) fn count(&self, party: &str) -> u64 {
        self.counts.iter().find(|(name, _)| name == party).map_or(0, |(_, count)| *count)
    }

    /// The run that used a request.
    pub(crate) fn used_in(&self, request: &RequestId) -> Option<u64> {
        self.requests.iter().find(|(used, _)| used == request).map(|(_, run)| *run)
    }
}
