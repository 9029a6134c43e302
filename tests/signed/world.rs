//! One run, signed by everyone with fixed keys: what the vectors show and the attacks change.

use core::convert::Infallible;
use rand_core::{TryCryptoRng, TryRng};
use sealroom_protocol::contract::Contract;
use sealroom_protocol::dsse::{Envelope, PayloadType};
use sealroom_protocol::encryption::encrypt_to;
use sealroom_protocol::hash::{labelled_sha256, sha256};
use sealroom_protocol::id::{GrantId, ObjectId, RequestId};
use sealroom_protocol::identity::{EncryptionSecret, SigningSecret};
use sealroom_protocol::object::DataKey;
use sealroom_protocol::run::{
    Announcement, Count, Ending, Grant, Outcome, Output, Proposal, ProposedDataset, ProposedRequest, Receipt,
    RequestKey, SignedGrant, SignedReceipt, SignedStatement, SignedStop, Statement, Stop,
};
use std::path::PathBuf;

/// The contract's parties in its order; the number is the seed of both keys.
pub(crate) const PARTIES: [(&str, u8); 4] = [("cleveland", 1), ("zurich", 2), ("institute", 3), ("overseer", 4)];
/// The time at which everything is said.
pub(crate) const NOW: u64 = 1_770_000_000;

pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

pub(crate) fn contract() -> Contract {
    let text = std::fs::read(folder().join("contract/good.toml")).expect("the good contract is there");
    Contract::parse(&text).expect("the good contract is one")
}

/// A party's signing key.
pub(crate) fn party(name: &str) -> SigningSecret {
    let number = PARTIES.iter().find(|(party, _)| *party == name).map_or(0, |(_, number)| *number);
    SigningSecret::from_seed(&[number; 32])
}

pub(crate) fn enclave() -> SigningSecret {
    SigningSecret::from_seed(&[9; 32])
}

pub(crate) fn run_secret() -> EncryptionSecret {
    EncryptionSecret::from_seed(&[8; 32])
}

fn request_id() -> RequestId {
    RequestId::from_bytes([0x52; 32])
}

fn request_object() -> ObjectId {
    ObjectId::from_bytes([0x0b; 32])
}

/// The request, announced to both data parties.
pub(crate) fn announcement() -> Announcement {
    let contract = contract();
    let keys = contract.data_parties().map(|data_party| {
        let associated_data =
            RequestKey::associated_data(&contract.id(), &request_id(), &request_object(), &data_party.name);
        let key = encrypt_to(
            &data_party.encryption_key,
            RequestKey::LABEL,
            &associated_data,
            &[0x6b; 32],
            &mut Seeded::new(1),
        );
        RequestKey { party: data_party.name.clone(), key: key.expect("the contract's keys can be encrypted to") }
    });
    Announcement {
        contract: contract.id(),
        requester: "institute".into(),
        request: request_id(),
        object: request_object(),
        keys: keys.collect(),
    }
}

pub(crate) fn proposal() -> Proposal {
    let dataset = |name: &str, byte| ProposedDataset { name: name.into(), object: ObjectId::from_bytes([byte; 32]) };
    Proposal {
        contract: contract().id(),
        run: 2,
        head: None,
        head_run: 0,
        datasets: vec![dataset("cleveland-patients", 0x0c), dataset("zurich-patients", 0x1c)],
        request: Some(ProposedRequest {
            requester: "institute".into(),
            request: request_id(),
            object: request_object(),
        }),
        enclave_key: enclave().public(),
        run_key: run_secret().public(),
    }
}

/// A grant's ciphertext: the key of the party's only object.
pub(crate) fn ciphertext(party: &str, proposal: &Proposal) -> Vec<u8> {
    let (object, byte) = match party {
        "cleveland" => (ObjectId::from_bytes([0x0c; 32]), 0xc1),
        "zurich" => (ObjectId::from_bytes([0x1c; 32]), 0xc2),
        _ => (request_object(), 0x6b),
    };
    let key = DataKey::fill_with(|bytes| bytes.fill(byte));
    let (contract, id, grant) = (proposal.contract, proposal.id(), grant_id(party));
    let keys = [(object, &key)];
    let rng = &mut Seeded::new(2);
    Grant::encrypt_keys(&contract, &id, party, &grant, &proposal.run_key, &keys, rng).expect("the run key is usable")
}

fn grant_id(party: &str) -> GrantId {
    GrantId::from_bytes(sha256(party.as_bytes()))
}

pub(crate) fn grant(party: &str, proposal: &Proposal) -> Grant {
    Grant {
        contract: proposal.contract,
        proposal: proposal.id(),
        party: party.into(),
        grant: grant_id(party),
        run: proposal.run,
        count: 2,
        clock: NOW,
        expires: NOW + 3_600,
        ciphertext: hex::encode(sha256(&ciphertext(party, proposal))),
    }
}

pub(crate) fn signed_grant(name: &str, proposal: &Proposal) -> Envelope {
    SignedGrant::sign(grant(name, proposal), &party(name)).envelope().clone()
}

pub(crate) fn statement(proposal: &Proposal) -> Statement {
    let (contract, proposal) = (proposal.contract, proposal.id());
    Statement::HostRegion { contract, proposal, region: "CH".into(), clock: NOW }
}

pub(crate) fn signed_statement(proposal: &Proposal) -> Envelope {
    SignedStatement::sign(statement(proposal), &party("overseer")).envelope().clone()
}

pub(crate) fn stop() -> Stop {
    Stop { contract: contract().id(), party: "zurich".into(), reason: "a question first".into(), clock: NOW + 5 }
}

pub(crate) fn signed_stop() -> Envelope {
    SignedStop::sign(stop(), &party("zurich")).envelope().clone()
}

/// The receipt of a run that all granted. Nobody has the receipt of run 1: a gap.
pub(crate) fn complete() -> Receipt {
    let proposal = proposal();
    let granting = ["cleveland", "zurich", "institute"];
    let count = |party: &&str| Count { party: (*party).into(), before: 0, after: 2 };
    Receipt {
        contract: proposal.contract,
        outcome: Outcome::Complete,
        ending: Ending::Released,
        grants: granting.iter().map(|party| signed_grant(party, &proposal)).collect(),
        statement: Some(signed_statement(&proposal)),
        stop: None,
        outputs: vec![Output {
            name: "prevalence".into(),
            recipients: vec!["institute".into(), "zurich".into()],
            object: ObjectId::from_bytes([0x0e; 32]),
        }],
        counts: granting.iter().map(count).collect(),
        gap: vec![1],
        time: NOW + 60,
        proposal,
    }
}

/// The receipt of a run that a party stopped before all had granted.
pub(crate) fn void() -> Receipt {
    let mut receipt = complete();
    receipt.outcome = Outcome::Void;
    receipt.ending = Ending::Stopped;
    receipt.grants.pop();
    receipt.statement = None;
    receipt.stop = Some(signed_stop());
    receipt.outputs.clear();
    receipt.counts.iter_mut().for_each(|count| count.after = count.before);
    receipt
}

pub(crate) fn sign(receipt: Receipt) -> SignedReceipt {
    SignedReceipt::sign(receipt, &enclave())
}

/// The contract, signed by every party.
pub(crate) fn signed_contract() -> Envelope {
    let mut envelope = Envelope::unsigned(PayloadType::Contract, contract().text().as_bytes().to_vec());
    PARTIES.iter().for_each(|(name, _)| envelope.sign(&party(name)));
    envelope
}

/// Labelled hashes of a counter: the same bytes every time, so that a vector is too.
pub(crate) struct Seeded {
    seed: u64,
    counter: u64,
}

impl Seeded {
    pub(crate) const fn new(seed: u64) -> Self {
        Self { seed, counter: 0 }
    }
}

impl TryRng for Seeded {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for block in bytes.chunks_mut(32) {
            let fields = [self.seed.to_le_bytes(), self.counter.to_le_bytes()];
            let random = labelled_sha256("test", &[&fields[0], &fields[1]]);
            self.counter += 1;
            block.iter_mut().zip(random).for_each(|(byte, random)| *byte = random);
        }
        Ok(())
    }
}

impl TryCryptoRng for Seeded {}
