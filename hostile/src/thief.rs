//! Who stole the platform's key: a fake enclave that passes every appraisal, proposes what it likes and signs any receipt.
//!
//! What always holds: it makes no complete receipt that anyone believes of a run that the honest party did not grant to it.

use crate::game::{Game, Proposed, pick};
use crate::host::Acted;
use crate::step::Number;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use sealroom::{SignedGrant, SignedReceipt};
use sealroom_protocol::identity::{EncryptionSecret, SigningSecret};
use sealroom_protocol::run::{
    Count, Ending, GAP_LISTED, Outcome, Output, Proposal, ProposedDataset, ProposedRequest, Receipt, SignedProposal,
};

/// See the top of this file.
#[derive(Debug)]
pub(crate) struct Thief {
    signing: SigningSecret,
    rng: ChaCha20Rng,
}

impl Thief {
    pub(crate) fn new() -> Self {
        Self { signing: SigningSecret::from_seed(&[0x7f; 32]), rng: ChaCha20Rng::from_seed([0x7e; 32]) }
    }
}

impl Game<'_> {
    pub(crate) fn thief_proposes(&mut self, run: Number, on_head: bool) -> Acted {
        let contract = self.newest_contract();
        let head = self.site.memory().state(&contract).ok().and_then(|state| state.head);
        let head = head.filter(|_| on_head);
        let names = self.world.contract.terms().datasets.iter().map(|dataset| dataset.name.clone());
        let datasets = names.zip(self.world.datasets.iter().copied());
        let fresh = self.world.requests.get(self.requests_used.min(self.world.requests.len().saturating_sub(1)));
        let announced = fresh.and_then(|request| {
            let asks =
                |party: &&sealroom_protocol::contract::Party| party.has(sealroom_protocol::contract::Role::Request);
            let requester = self.world.contract.terms().parties.iter().find(asks)?.name.clone();
            Some(ProposedRequest { requester, request: request.request, object: request.object })
        });
        let proposal = Proposal {
            contract: contract.id(),
            run: self.number(run, &contract),
            head: head.map(|head| head.receipt),
            head_run: head.map_or(0, |head| head.run),
            datasets: datasets.map(|(name, object)| ProposedDataset { name, object }).collect(),
            request: announced,
            enclave_key: self.thief.signing.public(),
            run_key: EncryptionSecret::generate(&mut self.thief.rng).public(),
        };
        self.requests_used = self.requests_used.saturating_add(1);
        let bytes = SignedProposal::sign(proposal.clone(), &self.thief.signing).encode();
        self.report.proposals = self.report.proposals.saturating_add(1);
        self.proposals.push(Proposed { bytes, id: proposal.id(), proposal, fake: true });
        Ok(true)
    }

    /// A receipt of any proposal, with every grant to it that the host has.
    pub(crate) fn forge(&mut self, proposal: u8, complete: bool) -> Acted {
        let Some(proposed) = pick(&self.proposals, proposal).cloned() else { return Ok(false) };
        let contract = &*self.contract_of(&proposed.proposal.contract);
        let to_it = |grant: &&SignedGrant| grant.allegation().proposal == proposed.id;
        let held: Vec<&SignedGrant> = self.grants.iter().map(|held| &held.grant).filter(to_it).collect();
        let by = |name: &str| {
            let key = contract.party(name)?.signing_key;
            held.iter().rfind(|grant| grant.allegation().party == name && grant.verify(&key).is_ok()).copied()
        };
        let granting = contract.granting_parties();
        let grants: Vec<&SignedGrant> = granting.iter().filter_map(|party| by(&party.name)).collect();
        let head = self.receipts.iter().map(SignedReceipt::allegation);
        let head = head.rev().find(|receipt| Some(receipt.id()) == proposed.proposal.head);
        let counts = granting.iter().map(|party| {
            let before = head.and_then(|receipt| receipt.count(&party.name)).map_or(0, |count| count.after);
            let said = by(&party.name).map_or(0, |grant| grant.allegation().count);
            let after = if complete { before.saturating_add(1).max(said) } else { before };
            Count { party: party.name.clone(), before, after }
        });
        let stolen = self.world.datasets.first().copied();
        let outputs = contract.terms().results.iter().filter(|_| complete).filter_map(|terms| {
            Some(Output { name: terms.name.clone(), recipients: terms.recipients.clone(), object: stolen? })
        });
        let proposal = &proposed.proposal;
        let receipt = Receipt {
            contract: contract.id(),
            outcome: if complete { Outcome::Complete } else { Outcome::Void },
            ending: if complete { Ending::Released } else { Ending::Abandoned },
            proposal: proposal.clone(),
            grants: grants.iter().map(|grant| grant.envelope().clone()).collect(),
            statement: None,
            stop: None,
            outputs: outputs.collect(),
            counts: counts.collect(),
            gap: (proposal.head_run.saturating_add(1)..proposal.run).take(GAP_LISTED).collect(),
            time: self.now(),
        };
        let signed = SignedReceipt::sign(receipt, &self.thief.signing);
        self.report.forged = self.report.forged.saturating_add(1);
        if complete && signed.verify(contract).is_ok() {
            self.ledger.believed(&proposed.id)?;
        }
        if !complete {
            self.ledger.lied();
        }
        self.receipts.push(signed);
        Ok(true)
    }
}
